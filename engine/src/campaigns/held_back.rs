//! Why the calls of active campaigns wait, where their carrier is left alone.

use carriers::CarrierKind;
use chrono::{DateTime, Utc};
use domain::lifecycle::Status;
use sea_orm::ConnectionTrait;

use super::{CampaignDetail, Campaigns};
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
        let carrier = self.dialing.carrier().kind();
        note(db, &mut shown, carrier, self.clock.now()).await?;
        let [campaign] = shown;
        Ok(campaign)
    }
}

/// Notes in each of `campaigns`, which call through `carrier`, why its calls wait at `now`, if they do. Those that are not
/// active call nobody, whatever the carrier does.
///
/// # Errors
/// `Unavailable` where the database does not answer.
pub(crate) async fn note(
    db: &impl ConnectionTrait,
    campaigns: &mut [CampaignDetail],
    carrier: CarrierKind,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    let is_active = |campaign: &&mut CampaignDetail| campaign.row.status == Status::Active.as_str();
    let mut active = campaigns.iter_mut().filter(is_active).peekable();
    if active.peek().is_none() {
        return Ok(());
    }
    let hold = store::breakers::find(db, carrier).await?.hold(now);
    active.for_each(|campaign| campaign.held_back = hold);
    Ok(())
}
