//! How a run ends: nothing goes wrong any more, time moves on until everything is done, and everything is looked at once.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use domain::CallId;
use domain::lifecycle::Command;
use domain::progress::End;
use engine::Clock;
use entity::{call, campaign, contact};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QueryOrder, Statement};

use super::{LASTS_MAX, World};
use crate::faults::Faults;
use crate::network::Call;
use crate::violation::Violation;

/// Whether anything is still to be done: asked at every step, without reading everything there is.
const ANYTHING_LEFT: &str = "SELECT \
    EXISTS (SELECT 1 FROM campaigns WHERE deleted_at IS NULL AND status NOT IN ('completed', 'canceled')) \
    OR EXISTS (SELECT 1 FROM contacts WHERE status NOT IN ('completed', 'failed', 'do_not_call', 'canceled')) \
    OR EXISTS (SELECT 1 FROM calls WHERE settled_at IS NULL OR decided_at IS NULL) \
    OR EXISTS (SELECT 1 FROM kept_webhooks) AS is_left";
/// How long things may go wrong after the last change: most of them, a day.
const FAULTS_LAST: [i64; 3] = [1, 24, 240];

/// Everything there is, at the end.
struct Rows {
    campaigns: Vec<campaign::Model>,
    contacts: Vec<contact::Model>,
    calls: Vec<call::Model>,
}

impl World {
    /// True where everything is done. Asked for whenever nobody can go on.
    pub(super) fn is_over(&mut self) -> Result<bool, Violation> {
        if !self.is_ending {
            let index = usize::try_from(self.plan.seed % 3).unwrap_or(0);
            let last = self
                .plan
                .changes
                .last()
                .map_or(TimeDelta::zero(), |(at, _)| *at);
            let ends_at = self.plan.begins_at + last + TimeDelta::hours(FAULTS_LAST[index]);
            if self.changes.is_empty()
                && (self.clock.now() >= ends_at || self.is_everybody_done()?)
            {
                self.make_peace();
            }
            return Ok(false);
        }
        if self.clock.now() > self.plan.begins_at + LASTS_MAX {
            let how = format!(
                "not everybody is done after {LASTS_MAX}: {}",
                self.left_over()?
            );
            return Err(Violation::of("P4", how));
        }
        if self.network.lock().next().is_some() || !self.tasks.is_empty() {
            return Ok(false);
        }
        if !self.is_everybody_done()? {
            self.see_to_it()?;
            return Ok(false);
        }
        Ok(true)
    }

    fn make_peace(&mut self) {
        self.note("nothing goes wrong any more");
        self.is_ending = true;
        {
            let mut network = self.network.lock();
            network.faults = Faults::default();
            network.carrier_down_until = None;
            network.account_refused_until = None;
            network.queue_down_until = None;
        }
        for seat in &mut self.seats {
            seat.stopped_until = seat.stopped_until.map(|_| self.clock.now());
        }
    }

    fn rows(&self) -> Result<Rows, Violation> {
        let db = &self.store.eye;
        let read = async {
            Ok::<_, sea_orm::DbErr>(Rows {
                campaigns: campaign::Entity::find()
                    .order_by_asc(campaign::Column::Id)
                    .all(db)
                    .await?,
                contacts: contact::Entity::find()
                    .order_by_asc(contact::Column::Id)
                    .all(db)
                    .await?,
                calls: call::Entity::find()
                    .order_by_asc(call::Column::Id)
                    .all(db)
                    .await?,
            })
        };
        let read = self.runtime.block_on(read);
        read.map_err(|error| Violation::of("error", format!("the rows: {error}")))
    }

    fn is_everybody_done(&self) -> Result<bool, Violation> {
        let statement = Statement::from_string(DbBackend::Sqlite, ANYTHING_LEFT);
        let row = self
            .runtime
            .block_on(self.store.eye.query_one_raw(statement));
        row.and_then(|row| row.map_or(Ok(false), |row| row.try_get("", "is_left")))
            .map(|is_left| !is_left)
            .map_err(|error| Violation::of("error", format!("what is left: {error}")))
    }

    fn left_over(&self) -> Result<String, Violation> {
        let rows = self.rows()?;
        let campaigns = rows.campaigns.iter().filter(|row| !is_final(&row.status));
        let contacts = rows.contacts.iter().filter(|row| !is_done(&row.status));
        let calls = rows.calls.iter().filter(|row| row.decided_at.is_none());
        Ok(format!(
            "campaigns {:?}, contacts {:?}, calls {:?}, or webhooks that are kept",
            campaigns
                .map(|row| (&row.name, &row.status, &row.status_reason))
                .collect::<Vec<_>>(),
            contacts
                .map(|row| (row.id, &row.status, row.next_attempt_at))
                .collect::<Vec<_>>(),
            calls
                .map(|row| (&row.to_number, &row.status, row.check_at, row.settled_at))
                .collect::<Vec<_>>(),
        ))
    }

    /// What people would do at the end: resume what was paused, drop what was never started.
    fn see_to_it(&mut self) -> Result<(), Violation> {
        let rows = self.rows()?;
        for (index, id) in self.campaigns.clone().into_iter().enumerate() {
            let of_campaign = |row: &&campaign::Model| row.id == id.into_uuid();
            let Some(row) = rows.campaigns.iter().find(of_campaign) else {
                continue;
            };
            let is_asked = self.model.campaigns[index].eras.is_asked_for();
            match row.status.as_str() {
                "draft" if !is_asked => self.command(index, Command::Cancel),
                // Refused where the calendar has nothing left to offer.
                "paused"
                    if !is_asked && row.end_date.is_some_and(|end| end <= self.clock.now()) =>
                {
                    self.command(index, Command::End);
                }
                "paused" if !is_asked => self.command(index, Command::Resume),
                _ => {}
            }
        }
        Ok(())
    }

    /// P4, P5 and P6 once more, over everything there is.
    pub(super) fn last_look(&mut self) -> Result<(), Violation> {
        let (runtime, eye) = (Arc::clone(&self.runtime), self.store.eye.clone());
        runtime.block_on(self.books.check_anew(&eye))?;
        runtime.block_on(self.books.check_sums(&eye))?;
        let rows = self.rows()?;
        self.calls_are_told_as_they_were(&rows.calls)?;
        for row in &rows.contacts {
            self.contact_is_done_for_a_reason(row, &rows)?;
        }
        Ok(())
    }

    fn calls_are_told_as_they_were(&self, rows: &[call::Model]) -> Result<(), Violation> {
        let network = self.network.lock();
        let by_id: HashMap<CallId, &call::Model> = rows
            .iter()
            .map(|row| (CallId::from_uuid(row.id), row))
            .collect();
        for call in &network.calls {
            let Some(row) = by_id.get(&call.id) else {
                let how = format!(
                    "the carrier's call {} to {} is in no book",
                    call.name, call.to
                );
                return Err(Violation::of("P4", how));
            };
            if !is_told_rightly(call, row) {
                let how = format!(
                    "call {} ended as {:?}, the books say {:?}",
                    call.name, call.ended, row.ending
                );
                return Err(Violation::of("P4", how));
            }
        }
        let placed = rows.iter().filter(|row| row.placed_at.is_some()).count();
        if placed != network.calls.len() {
            let how = format!(
                "the carrier took {} calls on, the books say {placed}",
                network.calls.len()
            );
            return Err(Violation::of("P4", how));
        }
        Ok(())
    }

    fn contact_is_done_for_a_reason(
        &self,
        row: &contact::Model,
        rows: &Rows,
    ) -> Result<(), Violation> {
        let of_contact = |id: &domain::CampaignId| id.into_uuid() == row.campaign_id;
        let Some(index) = self.campaigns.iter().position(of_contact) else {
            return Ok(());
        };
        let number = &row.phone_number;
        let calls = self.model.calls_to(index, number);
        let refused = rows.calls.iter().filter(|call| {
            call.contact_id == Some(row.id) && call.outcome.as_deref() == Some("rejected")
        });
        let charged = calls + refused.count();
        if usize::try_from(row.attempts).ok() != Some(charged) {
            let how = format!(
                "{number} was called {charged} times and charged {}",
                row.attempts
            );
            return Err(Violation::of("P6", how));
        }
        let campaign = rows
            .campaigns
            .iter()
            .find(|known| known.id == row.campaign_id);
        let network = self.network.lock();
        let mut theirs = network.calls.iter().filter(|call| call.to == *number);
        let is_reasonable = match row.status.as_str() {
            "completed" => theirs.any(|call| call.answered_at.is_some()),
            "do_not_call" => {
                self.model.suppressed.contains_key(number)
                    || theirs
                        .any(|call| call.talk.as_ref().is_some_and(|talk| talk.wish.do_not_call))
            }
            "canceled" => campaign.is_some_and(|campaign| is_final(&campaign.status)),
            "failed" => {
                let eras = &self.model.campaigns[index].eras;
                let fewest = eras.since(0).map(|spec| spec.attempts).min().unwrap_or(0);
                let is_used_up = i64::try_from(calls).is_ok_and(|calls| calls >= fewest);
                let is_cut_off = eras.since(0).any(|spec| spec.end_date.is_some());
                row.last_error.is_some() && (is_used_up || is_cut_off || charged > calls)
            }
            _ => false,
        };
        if !is_reasonable {
            let how = format!(
                "{number} is {} after {calls} calls: {:?}",
                row.status, row.last_error
            );
            return Err(Violation::of("P4", how));
        }
        Ok(())
    }
}

fn is_final(status: &str) -> bool {
    matches!(status, "completed" | "canceled")
}

fn is_done(status: &str) -> bool {
    matches!(status, "completed" | "failed" | "do_not_call" | "canceled")
}

fn is_told_rightly(call: &Call, row: &call::Model) -> bool {
    let Some((_, end)) = call.ended else {
        return false;
    };
    let told = row.ending.as_deref();
    let name_fits = row
        .carrier_call_id
        .as_deref()
        .is_none_or(|name| name == call.name);
    let is_answered = (end == End::Completed) == (told == Some(End::Completed.as_str()));
    name_fits && is_answered && told == Some(end.as_str())
}
