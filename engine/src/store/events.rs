//! What happened to a campaign, for people to read.

use chrono::{DateTime, Utc};
use domain::lifecycle::Status;
use domain::{CampaignId, UserId};
use entity::campaign_event::{ActiveModel, Entity};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Set};

/// One entry of a campaign's history.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// Which campaign.
    pub campaign: CampaignId,
    /// What happened: `create`, `start`, `pause`, ….
    pub kind: &'a str,
    /// From which status to which, where it changed.
    pub change: Option<(Status, Status)>,
    /// Why, in words.
    pub reason: Option<String>,
    /// Who did it; `None`: the system.
    pub actor: Option<UserId>,
}

/// Adds `event` as of `now`.
///
/// # Errors
/// What the database says.
pub async fn append(
    db: &impl ConnectionTrait,
    event: Event<'_>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        campaign_id: Set(event.campaign.into_uuid()),
        kind: Set(event.kind.to_owned()),
        from_status: Set(event.change.map(|(from, _)| from.to_string())),
        to_status: Set(event.change.map(|(_, to)| to.to_string())),
        reason: Set(event.reason),
        actor_id: Set(event.actor.map(UserId::into_uuid)),
        created_at: Set(now),
        ..Default::default()
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}
