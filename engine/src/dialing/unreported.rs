//! Calls that the carrier does not speak of, though somebody spoke in them: their conversation is all there is.

use chrono::{DateTime, TimeDelta, Utc};
use domain::CallId;
use domain::progress::{End, News};
use entity::{call, conversation};

use super::books::Books;
use super::hear::write_progress;
use super::report::Learned;
use super::{Dialing, transfer};
use crate::error::EngineError;
use crate::store::{self, calls::progress_of};

impl Dialing {
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
