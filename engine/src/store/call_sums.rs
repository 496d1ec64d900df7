//! What one call adds to the sums: each fact once, into the sums of its quarter and into those of its like.

use domain::progress::End;
use domain::{Outcome, TransferStatus};
use entity::{call, call_detail_rollup, call_rollup};

use super::histogram::{talks_like, waits_like};

/// The sums that one call belongs to. Made by [`Rollups::of`](super::rollups::Rollups::of).
#[derive(Debug)]
pub struct CallSums<'a> {
    pub(super) call: &'a call::Model,
    pub(super) all: &'a mut call_rollup::Model,
    pub(super) detail: &'a mut call_detail_rollup::Model,
}

/// How a call that the carrier took on ended: one of these is 1, the others are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Answered.
    pub completed: i32,
    /// Could not be carried.
    pub failed: i32,
    /// Busy.
    pub busy: i32,
    /// Rang out.
    pub no_answer: i32,
}

impl Ended {
    /// How the call ended, as its row tells; all 0 where it has not.
    #[must_use]
    pub fn of(call: &call::Model) -> Self {
        let end: Option<End> = call.ending.as_deref().and_then(|word| word.parse().ok());
        let is = |wanted: &[End]| i32::from(end.is_some_and(|end| wanted.contains(&end)));
        Self {
            completed: is(&[End::Completed]),
            failed: is(&[End::Failed, End::Canceled, End::Rejected, End::Lost]),
            busy: is(&[End::Busy]),
            no_answer: is(&[End::NoAnswer]),
        }
    }
}

impl CallSums<'_> {
    /// The carrier took the call on.
    pub fn placed(&mut self) {
        self.all.calls += 1;
        self.detail.calls += 1;
    }

    /// The call is over and the carrier had taken it on: how it ended, who answered, how long that took and how long was
    /// talked. Its row says all of it.
    pub fn ended(&mut self) {
        let ended = Ended::of(self.call);
        self.all.completed += i64::from(ended.completed);
        self.all.failed += i64::from(ended.failed);
        self.all.busy += i64::from(ended.busy);
        self.all.no_answer += i64::from(ended.no_answer);
        self.detail.completed += ended.completed;
        self.detail.failed += ended.failed;
        self.detail.busy += ended.busy;
        self.detail.no_answer += ended.no_answer;
        self.came_out(self.call.outcome.as_deref(), 1);
        if ended.completed == 1 {
            self.talked();
        }
    }

    fn talked(&mut self) {
        let talk_s = i64::from(self.call.duration_s.unwrap_or(0));
        self.all.talk_s += talk_s;
        self.detail.talk_s += talk_s;
        *talks_like(self.detail, talk_s) += 1;
        if let Some(answered_at) = self.call.answered_at {
            let wait_ms = (answered_at - self.call.begun_at).num_milliseconds().max(0);
            self.all.waits += 1;
            self.all.wait_ms += wait_ms;
            self.detail.waits += 1;
            self.detail.wait_ms += wait_ms;
            *waits_like(self.detail, wait_ms) += 1;
        }
    }

    /// The call, which [`ended`](Self::ended) has counted as completed without a talk, had one: its row says how long.
    pub fn talked_after_all(&mut self) {
        let talk_s = i64::from(self.call.duration_s.unwrap_or(0));
        self.all.talk_s += talk_s;
        self.detail.talk_s += talk_s;
        *talks_like(self.detail, 0) -= 1;
        *talks_like(self.detail, talk_s) += 1;
    }

    /// The call, which [`ended`](Self::ended) has counted, came to something else than `was`: its row says what.
    pub fn corrected(&mut self, was: Option<&str>) {
        self.came_out(was, -1);
        self.came_out(self.call.outcome.as_deref(), 1);
    }

    /// The call was counted as answered by a machine and turns out to have been answered by a person: one voicemail less,
    /// one person reached and one false positive more. `is_false_positive` false takes that back.
    ///
    /// To be called once per change of mind, for a call that was placed and settled with the outcome `voicemail`, in the
    /// transaction that writes the mark. How long the call waited and talked stays counted as it is: the histograms are
    /// those of all completed calls, whoever listened. A recount expects the row's `outcome` to become `answered` (and
    /// `voicemail` again); `campaign_counters.calls_voicemail` is the caller's to change.
    pub fn marked(&mut self, is_false_positive: bool) {
        let sign = if is_false_positive { 1 } else { -1 };
        self.came_out(Some(Outcome::Voicemail.as_str()), -sign);
        self.came_out(Some(Outcome::Answered.as_str()), sign);
        self.detail.false_positives += sign;
    }

    /// Everything that the call's row tells, at once: what the facts above come to that its news were counted as. That it led
    /// to a callback is in no row, and left out; so is its price, see [`Rollups::count`](super::rollups::Rollups::count).
    pub fn all_told(&mut self) {
        if self.call.placed_at.is_some() {
            self.placed();
            if self.call.settled_at.is_some() {
                self.ended();
            }
            self.detail.false_positives += i32::from(self.call.false_positive_at.is_some());
        }
        let credits = self.call.credits.unwrap_or(0);
        self.reported(self.call.is_successful == Some(true), credits);
        if self.call.callback_requested {
            self.asked_back();
        }
        let taken = Some(TransferStatus::Completed.as_str());
        let is_taken = self.call.transfer_status.as_deref() == taken;
        self.transferred(self.call.is_transferred, is_taken);
    }

    fn came_out(&mut self, outcome: Option<&str>, sign: i32) {
        let is = |wanted: Outcome| i32::from(outcome == Some(wanted.as_str())) * sign;
        let (voicemail, reached) = (is(Outcome::Voicemail), is(Outcome::Answered));
        self.all.voicemail += i64::from(voicemail);
        self.detail.voicemail += voicemail;
        self.detail.reached += reached;
        if !self.call.is_callback {
            self.detail.reached_first += reached;
        }
    }

    /// The conversation's report came: what it cost, and whether it reached its goal.
    pub fn reported(&mut self, is_successful: bool, credits: i64) {
        self.all.successful += i64::from(is_successful);
        self.detail.successful += i32::from(is_successful);
        self.all.credits += credits;
        self.detail.credits += credits;
    }

    /// The person asked to be called back.
    pub fn asked_back(&mut self) {
        self.all.callbacks += 1;
    }

    /// The call led to a callback.
    pub fn called_back(&mut self) {
        self.all.callbacks_scheduled += 1;
    }

    /// The call was handed on, for the first time where `is_new`, and to somebody who took it where `is_taken`.
    pub fn transferred(&mut self, is_new: bool, is_taken: bool) {
        self.all.transfers += i64::from(is_new);
        self.all.transfers_completed += i64::from(is_taken);
    }
}
