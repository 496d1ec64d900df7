//! Calls that the carrier does not speak of, though somebody spoke in them: their conversation is all there is.

use chrono::{DateTime, TimeDelta, Utc};
use domain::progress::{End, News};
use domain::{CallId, CallRoute};
use entity::{call, conversation};

use super::books::Books;
use super::hear::{is_ours, write_progress};
use super::in_short;
use super::report::{CarrierSays, Learned};
use super::route::route_of;
use super::{Dialing, NotConfigured, transfer};
use crate::error::EngineError;
use crate::store::{self, calls::progress_of};

/// The longest call that any carrier allows, in seconds.
pub(super) const CALL_S_MAX: u32 = 14_400;
/// How long a call that nobody can be asked about is left alone: others wait for their turn.
const NOBODY_TO_ASK_PAUSE: TimeDelta = TimeDelta::minutes(5);

impl Dialing {
    /// Why nobody can be asked about a call, where that is so: its carrier is not configured (any more).
    pub(super) fn lacks_carrier_of(&self, call: &call::Model) -> Option<NotConfigured> {
        if route_of(call, &self.parts.config) == CallRoute::Agent {
            return None;
        }
        self.parts.carriers.of_call(call).err()
    }

    /// What to make of a call that nobody can be asked about. Its end may still be told, or its conversation; where neither
    /// is, it is over once no call can last any longer.
    pub(super) async fn with_nobody_to_ask(
        &self,
        call: &call::Model,
        now: DateTime<Utc>,
        lacking: &NotConfigured,
    ) -> Option<Learned> {
        let id = CallId::from_uuid(call.id);
        if let Some(end) = in_short::told_end(call) {
            return Some(in_short::as_told(end));
        }
        tracing::error!(call.id = %id, error = %lacking, "nobody can say what became of call {id}: {lacking}");
        if let Some(learned) = self.make_of_silence(call, now, false).await {
            return Some(learned);
        }
        self.given_up_after_the_longest(call, now, || {
            format!("{lacking}: nobody can say how the call went")
        })
        .map(Learned::Carrier)
    }

    /// What the carrier answered, unless it has had all the time in the world to tell the end and has not: then that the
    /// call is over, with whatever else it said.
    pub(super) fn or_given_up(
        &self,
        call: &call::Model,
        now: DateTime<Utc>,
        learned: Option<Learned>,
    ) -> Option<Learned> {
        let is_step = |news: &News| match news {
            News::Ended { .. } => true,
            News::Answered => call.answered_at.is_none(),
            _ => false,
        };
        let is_open = match &learned {
            // Who called us holds no slot, and may talk for as long as the carrier says.
            Some(Learned::Carrier(says)) => is_ours(call) && !says.news.iter().any(is_step),
            Some(_) => false,
            None => true,
        };
        let why = || "the carrier does not tell how the call ended".to_owned();
        let given_up = is_open
            .then(|| self.given_up_after_the_longest(call, now, why))
            .flatten();
        let Some(mut given_up) = given_up else {
            return learned;
        };
        tracing::error!(call.id = %call.id, "call {} is given up: its carrier never told its end", call.id);
        if let Some(Learned::Carrier(says)) = learned {
            given_up.news.splice(0..0, says.news);
            given_up.status = says.status;
            given_up.price = says.price;
        }
        Some(Learned::Carrier(given_up))
    }

    /// The end of a call that nobody tells the end of, once no call can last any longer: nobody holds its slot, and its
    /// person, for ever. Who is known to have picked up was reached; of anybody else it is an attempt, as the phone may have
    /// rung.
    fn given_up_after_the_longest(
        &self,
        call: &call::Model,
        now: DateTime<Utc>,
        why: impl FnOnce() -> String,
    ) -> Option<CarrierSays> {
        let talk_s = i64::from(self.parts.config.talk_s_max.max(CALL_S_MAX));
        let longest = TimeDelta::seconds(talk_s) + self.patience_after_talk(call);
        if now < call.answered_at.unwrap_or(call.begun_at) + longest {
            return None;
        }
        let end = if call.answered_at.is_some() {
            End::Completed
        } else {
            End::Failed
        };
        let ended = News::Ended {
            end,
            duration_s: None,
        };
        Some(CarrierSays {
            news: vec![ended],
            error: Some(why()),
            ..CarrierSays::default()
        })
    }

    /// Leaves a call that nobody can be asked about alone for a while.
    pub(super) async fn put_off(&self, call: &call::Model, now: DateTime<Utc>) {
        let db = self.parts.database.writer();
        let until = now + NOBODY_TO_ASK_PAUSE;
        if let Err(error) = store::call_checks::put_off(db, call.id, until).await {
            tracing::warn!(call.id = %call.id, ?error, "could not put off looking at call {}", call.id);
        }
    }

    /// What to make of a call that is not over and that the carrier does not speak of, as it does not know the call
    /// (`is_unknown`) or does not answer.
    ///
    /// Where its conversation is over, so is the call, after the patience there is for conversations (a colleague to whom
    /// it was handed on may talk for longer). Where there is no conversation, a call that the carrier does not know never
    /// took place; of one that the carrier does not answer about nothing is said.
    pub(super) async fn make_of_silence(
        &self,
        call: &call::Model,
        now: DateTime<Utc>,
        is_unknown: bool,
    ) -> Option<Learned> {
        let id = CallId::from_uuid(call.id);
        let said = store::conversations::find_all(self.parts.database.reader(), [id]).await;
        let said = match said {
            Ok(mut found) => found.remove(&id),
            Err(error) => {
                tracing::warn!(call.id = %id, ?error, "cannot read the conversation of call {id}");
                return None;
            }
        };
        match said {
            Some(said) => {
                let patience = self.patience_after_talk(call);
                (now >= said.created_at + patience).then_some(Learned::CarrierSilent)
            }
            None if is_unknown => self.give_up(call, now),
            None => None,
        }
    }

    fn patience_after_talk(&self, call: &call::Model) -> TimeDelta {
        let handed_on_s = if call.is_transferred || call.transfer_status.is_some() {
            transfer::TALK_S_MAX
        } else {
            0
        };
        let wait_s = i64::from(self.parts.config.conversation_wait_s);
        TimeDelta::seconds(wait_s + i64::from(handed_on_s))
    }
}

impl Books {
    /// Ends a call by what its conversation tells. The carrier may have spoken since, which outranks it.
    pub(super) fn end_by_conversation(&mut self, id: CallId) -> Result<(), EngineError> {
        let said = self.conversations.get(&id);
        let Some((call, said)) = self.calls.get_mut(&id).zip(said) else {
            self.note_check(id);
            return Ok(());
        };
        if call.ending.is_some() {
            self.note_check(id);
            return Ok(());
        }
        let mut progress = progress_of(call).map_err(EngineError::internal)?;
        let (began_at, ended_at) = talk_of(call, said);
        if let Some(began_at) = began_at {
            progress.learn(&News::Answered, began_at);
        }
        let ended = News::Ended {
            end: End::Completed,
            duration_s: said.duration_s.and_then(|seconds| seconds.try_into().ok()),
        };
        progress.learn(&ended, ended_at);
        write_progress(call, progress);
        let is_placed = call.placed_at.is_none();
        call.placed_at.get_or_insert(self.now);
        if is_placed {
            self.count_placed(id);
        }
        self.touch(id);
        Ok(())
    }
}

/// When the talk began, where that can be believed, and when it was over.
fn talk_of(
    call: &call::Model,
    said: &conversation::Model,
) -> (Option<DateTime<Utc>>, DateTime<Utc>) {
    let possible = call.begun_at..=said.created_at;
    let began_at = said.started_at.filter(|at| possible.contains(at));
    let talk = TimeDelta::seconds(said.duration_s.unwrap_or(0).max(0).into());
    let ended_at = began_at.map_or(said.created_at, |at| (at + talk).min(said.created_at));
    (began_at, ended_at)
}
