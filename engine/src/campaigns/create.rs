//! Making a campaign.

use domain::CampaignId;
use domain::lifecycle::{Status, command_for};
use entity::campaign::Model;
use serde_json::json;

use super::command::{Order, carry_out};
use super::limits::{ATTEMPTS_DEFAULT, CONCURRENT_CALLS_DEFAULT, RETRY_DELAY_MINUTES_DEFAULT};
use super::reading::{SCHEDULE_TYPE_DEFAULT, ZONE_DEFAULT};
use super::{CampaignChange, CampaignDetail, Campaigns, reading};
use crate::actor::Actor;
use crate::error::EngineError;
use crate::store;
use crate::store::counters::Ledger;
use crate::store::events::Event;

impl Campaigns {
    /// Makes a campaign that belongs to `actor`: a draft, unless the request names a status that a draft can go to. An id
    /// of a number or an agent that its provider does not know is kept, with a warning; such a campaign cannot be started.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong; `Conflict` where the named status is out of a draft's reach. Nothing is
    /// made then.
    pub async fn create(
        &self,
        actor: &Actor,
        mut new: CampaignChange,
    ) -> Result<CampaignDetail, EngineError> {
        new.name = new.name.asked_for();
        let references = self.references_in(&new, None).await?;
        let blank = self.blank(actor);
        let number = references.number(&new, &blank);
        let wanted = reading::read(blank, new, number, self.limits)?;
        let mut row = wanted.row;
        let command = match wanted.status {
            Some(target) => command_for(target, Status::INITIAL)?,
            None => None,
        };
        let now = row.created_at;
        let id = CampaignId::from_uuid(row.id);
        let txn = self.database.begin().await?;
        store::campaigns::insert(&txn, row.clone()).await?;
        store::counters::insert(&txn, id).await?;
        let mut ledger = Ledger::lock(&txn, [id]).await?;
        let event = Event {
            campaign: id,
            kind: "create",
            change: None,
            reason: None,
            actor: Some(actor.id),
        };
        store::events::append(&txn, event, now).await?;
        if let Some(command) = command {
            let order = Order {
                actor,
                command,
                reason: None,
                references: &references,
            };
            carry_out(&txn, &mut ledger, &mut row, order, now).await?;
        }
        let warnings = references.warnings(&txn, &row).await?;
        let made = self.finish(txn, ledger, row).await?;
        Ok(CampaignDetail { warnings, ..made })
    }

    fn blank(&self, actor: &Actor) -> Model {
        let now = self.clock.now();
        let slots = CONCURRENT_CALLS_DEFAULT.unsigned_abs();
        let slots = slots.min(self.limits.max_concurrent_calls);
        Model {
            id: self.clock.new_id(),
            owner_id: actor.id.into_uuid(),
            name: String::new(),
            description: None,
            status: Status::INITIAL.to_string(),
            status_reason: None,
            start_date: None,
            end_date: None,
            timezone: ZONE_DEFAULT.to_owned(),
            daily_start_time: None,
            daily_end_time: None,
            phone_number_id: None,
            phone_number: None,
            voice_agent_id: None,
            agent_config: None,
            max_concurrent_calls: i32::try_from(slots).unwrap_or(CONCURRENT_CALLS_DEFAULT),
            call_attempts_per_contact: ATTEMPTS_DEFAULT,
            retry_delay_minutes: RETRY_DELAY_MINUTES_DEFAULT,
            schedule_type: SCHEDULE_TYPE_DEFAULT.to_owned(),
            schedule_config: None,
            callback_config: None,
            transfer_config: None,
            tags: json!([]),
            metadata: None,
            region: None,
            started_at: None,
            paused_at: None,
            resumed_at: None,
            ended_at: None,
            deleted_at: None,
            created_at: now,
            updated_at: now,
        }
    }
}
