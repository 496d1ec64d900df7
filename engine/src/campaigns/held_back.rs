//! Why the calls of active campaigns wait, where their carrier is left alone.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::lifecycle::Status;
use sea_orm::ConnectionTrait;

use super::{CampaignDetail, Campaigns};
use crate::dialing::Means;
use crate::error::EngineError;
use crate::store;

impl Campaigns {
    /// `campaign`, and why its calls wait just now, if they do.
    pub(super) async fn with_hold(
        &self,
        db: &impl ConnectionTrait,
        campaign: CampaignDetail,
    ) -> Result<CampaignDetail, EngineError> {
        let mut shown = [campaign];
        note(db, &mut shown, &self.dialing.means(), self.clock.now()).await?;
        let [campaign] = shown;
        Ok(campaign)
    }
}

/// Notes in each of `campaigns` why its calls wait at `now`, if they do: the carrier that its number is from is left alone.
/// Those that are not active call nobody, whatever the carrier does.
///
/// # Errors
/// `Unavailable` where the database does not answer.
pub(crate) async fn note(
    db: &impl ConnectionTrait,
    campaigns: &mut [CampaignDetail],
    means: &Means,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    let is_active = |campaign: &&mut CampaignDetail| campaign.row.status == Status::Active.as_str();
    let active: Vec<&mut CampaignDetail> = campaigns.iter_mut().filter(is_active).collect();
    if active.is_empty() {
        return Ok(());
    }
    let asked = means
        .asked_by(db, active.iter().map(|campaign| &campaign.row))
        .await?;
    let mut holds = BTreeMap::new();
    for carrier in asked.iter().flatten() {
        if !holds.contains_key(carrier) {
            holds.insert(
                *carrier,
                store::breakers::find(db, *carrier).await?.hold(now),
            );
        }
    }
    for (campaign, carrier) in active.into_iter().zip(asked) {
        campaign.held_back = carrier.and_then(|carrier| *holds.get(&carrier)?);
    }
    Ok(())
}
