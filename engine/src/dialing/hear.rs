//! What the carrier and the agent's provider say, written into the call's row and its sums.

use carriers::{CarrierKind, ConversationReport, ConversationStatus, Price};
use chrono::{DateTime, TimeDelta, Utc};
use domain::progress::{End, News, Progress};
use domain::voicemail::VoicemailPolicy;
use domain::{AnsweredBy, CallId, CampaignId, Direction, TransferStatus};
use entity::call;

use super::DialingConfig;
use super::books::Books;
use super::in_short;
use super::report::{CarrierSays, Transfer};
use crate::error::EngineError;
use crate::store::foreign::{ERROR_CHARS_MAX, NAME_CHARS_MAX, STATUS_CHARS_MAX, text};
use crate::store::{self, calls::progress_of};

impl Books {
    /// Lets the call learn what the carrier says.
    pub(super) fn hear(&mut self, id: CallId, says: &CarrierSays) -> Result<(), EngineError> {
        let voicemail = self.voicemail_of(id);
        let Some(call) = self.calls.get_mut(&id) else {
            return Ok(());
        };
        let is_lost = |news: &News| matches!(news, News::Ended { end: End::Lost, .. });
        let is_given_up = says.news.iter().any(is_lost);
        if is_given_up && (call.placed_at.is_some() || self.conversations.contains_key(&id)) {
            // It was looked for before the carrier spoke: there is a call after all.
            self.note_check(id);
            return Ok(());
        }
        let mut progress = progress_of(call).map_err(EngineError::internal)?;
        let is_half_told = says.is_in_short && progress.end.is_none();
        let is_new = learn_all(&mut progress, says, self.now);
        if let Some(by) = detected(&says.news) {
            call.carrier_answered_by = Some(by.to_string());
            call.answered_by_source
                .get_or_insert_with(|| "carrier".to_owned());
        }
        let is_placed = call.placed_at.is_none()
            && progress.carrier_call_id.is_some()
            && !matches!(progress.end, Some(End::Rejected | End::Lost));
        if is_placed {
            call.placed_at = Some(self.now);
        }
        let is_over = says.news.iter().any(is_end);
        if progress.end == Some(End::Lost) && !is_over {
            // Given up, and alive after all: the contact may be in another call by now.
            let whose: Option<CarrierKind> = call.carrier.parse().ok();
            call.error = Some(alive_after_all(whose).to_owned());
            let name = reported_name(&says.news);
            self.effects.hang_ups.extend(name.map(|name| (whose, name)));
        } else if progress.end.is_none()
            && detected(&says.news).is_some_and(|by| voicemail.ends_at_once(by))
            && is_ours(call)
            && !call.is_transferred
        {
            let whose = call.carrier.parse().ok();
            let name = progress.carrier_call_id.clone();
            self.effects.hang_ups.extend(name.map(|name| (whose, name)));
        }
        write_progress(call, progress);
        if call.settled_at.is_none() {
            call.checks = if is_new || is_half_told {
                0
            } else {
                call.checks + 1
            };
            let wait = if is_half_told {
                TimeDelta::zero()
            } else {
                next_look(call, &self.config)
            };
            ask_after(call, self.now, wait);
        }
        let had_recording = call.recording_url.is_some();
        let is_price_new = write_details(call, says);
        if !had_recording && call.recording_url.is_some() {
            self.may_need_words.insert(id);
        }
        let was_settled = call.settled_at.is_some();
        if is_placed {
            self.count_placed(id);
        }
        if is_price_new {
            self.count_price(id);
        }
        if is_placed && was_settled {
            // The end was told before the name: only now is it known that the carrier had taken the call on.
            self.count_ended(id);
        }
        self.touch(id);
        Ok(())
    }

    /// True where `says` tells that the carrier took the call on, under the name that is known, and nothing else: who placed
    /// it and who carries it both say so.
    pub(super) fn knows(&self, id: CallId, says: &CarrierSays) -> bool {
        self.calls.get(&id).is_some_and(|call| is_known(call, says))
    }

    /// What becomes of the call where a machine answers; of a single call the usual.
    fn voicemail_of(&self, id: CallId) -> VoicemailPolicy {
        let campaign = self.calls.get(&id).and_then(|call| call.campaign_id);
        let rules = campaign.and_then(|id| self.rules.get(&CampaignId::from_uuid(id)));
        rules.map(|rules| rules.agent.voicemail).unwrap_or_default()
    }

    pub(super) fn count_placed(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else {
            return;
        };
        let campaign = call.campaign_id.map(CampaignId::from_uuid);
        if let Some(row) = campaign.map(|campaign| self.counters.of(campaign)) {
            row.calls_placed += 1;
        }
        self.rollups.of(call).placed();
    }

    pub(super) fn count_price(&mut self, id: CallId) {
        let call = self.calls.get(&id);
        if let Some(call) = call
            && let (Some(micros), Some(unit)) = (call.price_micros, call.price_unit.as_deref())
        {
            self.rollups.add_price(call, micros, unit);
        }
    }

    /// Keeps the conversation's report; only the first finished one counts. What the recording alone told is no report.
    pub(super) fn note_conversation(&mut self, id: CallId, said: &ConversationReport) {
        let is_over = matches!(
            said.status,
            ConversationStatus::Done | ConversationStatus::Failed
        );
        if !is_over || self.has_report(id) {
            return self.note_check(id);
        }
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if said.status == ConversationStatus::Failed {
            let told = said.error.as_ref().or(said.end_reason.as_ref());
            let reason = told.map_or("the conversation failed", String::as_str);
            call.agent_error
                .get_or_insert_with(|| text(reason, ERROR_CHARS_MAX));
        }
        // Somebody spoke, so the carrier had taken the call on, whether or not it ever tells.
        let is_placed = call.placed_at.is_none() && said.status == ConversationStatus::Done;
        if is_placed {
            call.placed_at = Some(self.now);
        }
        let was_settled = call.settled_at.is_some();
        call.conversation_id = Some(text(&said.conversation_id, NAME_CHARS_MAX));
        call.is_successful = said.successful;
        call.credits = said
            .cost_credits
            .and_then(|credits| i64::try_from(credits).ok());
        call.error = call.error.take().or_else(|| {
            said.error
                .as_ref()
                .map(|error| text(error, ERROR_CHARS_MAX))
        });
        // Whoever listened to it knows better.
        // A fax is a machine, and more is known of it.
        let is_fax = call.answered_by.as_deref() == Some(AnsweredBy::Fax.as_str());
        if said.is_voicemail && call.false_positive_at.is_none() && !is_fax {
            call.answered_by = Some(AnsweredBy::Machine.to_string());
            call.answered_by_source = Some("agent".to_owned());
        }
        let campaign_id = call.campaign_id;
        let campaign = campaign_id.map(CampaignId::from_uuid);
        let is_successful = said.successful == Some(true);
        if let Some(row) = campaign.map(|campaign| self.counters.of(campaign)) {
            row.calls_successful += i32::from(is_successful);
        }
        let credits = call.credits.unwrap_or(0);
        self.rollups.of(call).reported(is_successful, credits);
        if is_placed {
            self.count_placed(id);
        }
        if is_placed && was_settled {
            self.count_ended(id);
        }
        if said.was_transferred {
            // By a tool of the platform's own: it says that it handed the call on, and nobody says more.
            let transfer = Transfer {
                target: None,
                status: TransferStatus::Completed,
            };
            self.note_transfer(id, &transfer);
        }
        let local = said.wish.callback_at_local;
        let mut row = store::conversations::row(id, campaign_id, said, self.now);
        row.callback_at = row.callback_at.or_else(|| self.wished_instant(id, local?));
        self.note_wish_of_report(id, &row);
        self.keep_report(id, row);
        self.may_need_words.insert(id);
        self.touch(id);
    }

    /// Somebody looked, and there was nothing new.
    pub(super) fn note_check(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        call.checks += 1;
        let patience = TimeDelta::seconds(i64::from(self.config.conversation_wait_s));
        let is_done =
            call.decided_at.is_some() && call.ended_at.is_none_or(|at| self.now >= at + patience);
        let wait = next_look(call, &self.config);
        ask_after(call, self.now, wait);
        call.check_at = call.check_at.filter(|_| !is_done);
        self.touch(id);
    }
}

fn is_known(call: &call::Model, says: &CarrierSays) -> bool {
    let CarrierSays {
        carrier: _,
        news,
        status: None,
        price: None,
        recording_url: None,
        recording_s: None,
        error: None,
        is_in_short: false,
    } = says
    else {
        return false;
    };
    let name = call.carrier_call_id.as_ref();
    let is_placed = call.placed_at.is_some() && call.ending.as_deref() != Some(End::Lost.as_str());
    is_placed
        && news.iter().all(|news| {
            matches!(news, News::Accepted { carrier_call_id } if Some(carrier_call_id) == name)
        })
}

/// Whether anything in `says` was new to `progress`. An end that is told in short is kept back: the rest is asked for.
fn learn_all(progress: &mut Progress, says: &CarrierSays, now: DateTime<Utc>) -> bool {
    let is_half_told = says.is_in_short && progress.end.is_none();
    let mut is_new = false;
    for news in &says.news {
        let is_kept_back = is_half_told && is_end(news);
        is_new |= !is_kept_back && progress.learn(news, now);
    }
    is_new
}

const fn is_end(news: &News) -> bool {
    matches!(news, News::Ended { .. })
}

/// What becomes of a call of `whose` that was given up, and lives.
fn alive_after_all(whose: Option<CarrierKind>) -> &'static str {
    if whose.is_none_or(CarrierKind::can_hang_up) {
        "came to life after it was given up; hung up"
    } else {
        "came to life after it was given up; it goes on, as its carrier has no way to end a call"
    }
}

/// The name under which the carrier speaks of the call now.
fn reported_name(news: &[News]) -> Option<String> {
    news.iter().find_map(|news| match news {
        News::Accepted { carrier_call_id } => Some(carrier_call_id.clone()),
        _ => None,
    })
}

/// Who picked up, as the carrier has just found.
fn detected(news: &[News]) -> Option<AnsweredBy> {
    news.iter().find_map(|news| match news {
        News::Detected(by) => Some(*by),
        _ => None,
    })
}

/// True where we placed the call: those that came in are only watched.
pub(super) fn is_ours(call: &call::Model) -> bool {
    call.direction == Direction::Outbound.as_str()
}

/// Writes what the carrier says beside the news; true where it told the price for the first time.
fn write_details(call: &mut call::Model, says: &CarrierSays) -> bool {
    if let Some(status) = says.status.as_ref().filter(|_| call.settled_at.is_none()) {
        call.carrier_status = Some(text(status, STATUS_CHARS_MAX));
    }
    if let Some(error) = &says.error {
        call.error
            .get_or_insert_with(|| text(error, ERROR_CHARS_MAX));
    }
    if let Some(url) = says
        .recording_url
        .as_ref()
        .filter(|_| call.recording_url.is_none())
    {
        call.recording_url = Some(text(url, ERROR_CHARS_MAX));
        call.recording_s = says
            .recording_s
            .and_then(|seconds| i32::try_from(seconds).ok());
    }
    says.price
        .as_ref()
        .is_some_and(|price| write_price(call, price))
}

/// Writes the price; true where it was told for the first time.
pub(super) fn write_price(call: &mut call::Model, price: &Price) -> bool {
    if call.price_micros.is_some() {
        return false;
    }
    call.price_micros = i64::try_from(price.micros).ok();
    call.price_unit = Some(price.currency.clone());
    call.price_micros.is_some()
}

pub(super) fn write_progress(call: &mut call::Model, progress: Progress) {
    call.status = progress.status().to_string();
    call.carrier_call_id = progress
        .carrier_call_id
        .map(|name| text(&name, NAME_CHARS_MAX));
    call.ringing_at = progress.ringing_at;
    call.answered_at = progress.answered_at;
    call.answered_by = progress.answered_by.map(|by| by.to_string());
    call.agent_error = progress
        .agent_error
        .map(|reason| text(&reason, ERROR_CHARS_MAX));
    call.ended_at = progress.ended_at;
    call.ending = progress.end.map(|end| end.to_string());
    call.duration_s = progress
        .duration_s
        .and_then(|seconds| i32::try_from(seconds).ok());
}

/// Has the call asked about `wait` from now. The instant at which it is looked at stays where it is if that is sooner, and
/// still to come: then no index of the row changes, which is most of what a change costs Postgres.
pub(super) fn ask_after(call: &mut call::Model, now: DateTime<Utc>, wait: TimeDelta) {
    let due = now + wait;
    let stands = call.check_at.filter(|at| *at > now && *at < due);
    call.check_at = stands.or(Some(due));
    call.ask_at = stands.map(|_| due);
}

/// How long until the reconciler looks at the call again, if nothing is heard of it before.
pub(super) fn next_look(call: &call::Model, config: &DialingConfig) -> TimeDelta {
    if call.settled_at.is_some() {
        // The conversation's report is seconds away as a rule; a provider in trouble is not asked every second.
        return TimeDelta::seconds(2_i64 << call.checks.clamp(0, 4));
    }
    if in_short::told_end(call).is_some() {
        return TimeDelta::seconds(in_short::PAUSE_S);
    }
    let ring_s = if call.answered_at.is_none() && call.placed_at.is_some() {
        i64::from(config.ring_timeout_s)
    } else {
        0
    };
    TimeDelta::seconds(ring_s + i64::from(config.check_after_s))
}
