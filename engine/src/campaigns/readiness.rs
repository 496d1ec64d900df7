//! May a campaign begin to call? Asked before it becomes active, and before an active one is changed.

use chrono::{DateTime, TimeDelta, Utc};
use domain::CampaignId;
use entity::campaign::Model;
use sea_orm::ConnectionTrait;

use super::references::References;
use super::rules::Rules;
use crate::error::EngineError;
use crate::store;

/// Refuses a campaign that could not place a single call from `now` on, with a sentence that says what to change.
/// `references`: what the providers say of its number and its agent.
///
/// # Errors
/// `Conflict` with the code `end_date_passed`, `calendar_never_opens`, `no_caller_number`, `no_voice_agent`,
/// `carrier_not_configured` or `route_not_available`.
pub(super) async fn check(
    db: &impl ConnectionTrait,
    row: &Model,
    references: &References,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    if let Some(end) = row.end_date.filter(|end| *end <= now) {
        let message = format!("the campaign's endDate {end} has passed; set a later one first");
        return Err(EngineError::conflict("end_date_passed", message));
    }
    check_calendar(db, row, now).await?;
    references.check(row)?;
    references.check_way(db, row).await
}

/// The calendar must open once in some zone in which it will be asked: those of the contacts, or the campaign's own.
async fn check_calendar(
    db: &impl ConnectionTrait,
    row: &Model,
    now: DateTime<Utc>,
) -> Result<(), EngineError> {
    let rules = Rules::of(row.clone(), TimeDelta::minutes(1))?;
    let mut zones = store::campaigns::zones(db, CampaignId::from_uuid(row.id)).await?;
    zones.push(String::new());
    for zone in &zones {
        if rules
            .calendar
            .next_open(rules.zone_of(zone)?, now)
            .is_some()
        {
            return Ok(());
        }
    }
    let message = "the campaign's calendar never opens again; look at dailyStartTime, dailyEndTime, endDate and \
                   scheduleConfig";
    Err(EngineError::conflict("calendar_never_opens", message))
}
