//! What outbound calls come to: those of all campaigns, and those outside any.

use domain::UserId;

use super::Reports;
use super::figures::{percentage, rounded};
use crate::access;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::field::Sieve;
use crate::period::Period;
use crate::query::Param;
use crate::store::outbound_sums::{self, HourSums};

/// Whose calls of which days somebody asks about, as it stands in a query.
#[derive(Clone, Debug, Default)]
pub struct CallsQuery {
    /// Only those of this user: our id, or the dashboard's.
    pub user: Param,
    /// Only those begun at this instant or later; a date means the begin of that day, UTC.
    pub start_date: Param,
    /// Only those begun before this instant; a date means the end of that day, UTC.
    pub end_date: Param,
}

/// What outbound calls come to.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboundStats {
    /// The quarters of an hour that are covered.
    pub period: Period,
    /// Calls placed.
    pub total: i64,
    /// Answered, by whomever, and ended.
    pub completed: i64,
    /// Could not be carried.
    pub failed: i64,
    /// Busy.
    pub busy: i64,
    /// Rang out.
    pub no_answer: i64,
    /// Answered by a machine; `completed` counts them too.
    pub voicemail: i64,
    /// Placed and not ended.
    pub in_progress: i64,
    /// Reached their goal.
    pub successful: i64,
    /// `successful` of `total`, percent, to one decimal.
    pub success_rate: f64,
    /// `completed` of `total`, percent, to one decimal.
    pub answer_rate: f64,
    /// Calls in which a callback was asked for.
    pub callback_requests: i64,
    /// Handed on, whether or not anybody took it.
    pub transfers: i64,
    /// Seconds of talk of a completed call on average, whole.
    pub average_duration_s: i64,
    /// Seconds of talk.
    pub total_duration_s: i64,
    /// The carriers' prices as far as they are known, millionths.
    pub cost_micros: i64,
    /// The agent provider's credits.
    pub credits: i64,
}

impl Reports {
    /// What the outbound calls that `actor` may see and `query` asks for come to. The period is widened to whole quarters of
    /// an hour.
    ///
    /// # Errors
    /// `Invalid` with everything in `query` that is no answer to its question; `Forbidden` where it asks for somebody
    /// else's calls.
    pub async fn outbound(
        &self,
        actor: &Actor,
        query: &CallsQuery,
    ) -> Result<OutboundStats, EngineError> {
        let (owner, period) = self.read(actor, query).await?;
        let hours = outbound_sums::by_hour(self.database.searcher(), owner, period).await?;
        let sum = |of: fn(&HourSums) -> i64| hours.iter().map(of).sum::<i64>();
        let (total, completed) = (sum(|h| h.calls), sum(|h| h.completed));
        let (failed, busy) = (sum(|h| h.failed), sum(|h| h.busy));
        let (no_answer, successful) = (sum(|h| h.no_answer), sum(|h| h.successful));
        let talk_s = sum(|h| h.talk_s);
        Ok(OutboundStats {
            period,
            total,
            completed,
            failed,
            busy,
            no_answer,
            voicemail: sum(|h| h.voicemail),
            in_progress: (total - completed - failed - busy - no_answer).max(0),
            successful,
            success_rate: percentage(successful, total),
            answer_rate: percentage(completed, total),
            callback_requests: sum(|h| h.callbacks),
            transfers: sum(|h| h.transfers),
            average_duration_s: rounded(talk_s, completed),
            total_duration_s: talk_s,
            cost_micros: sum(|h| h.price_micros),
            credits: sum(|h| h.credits),
        })
    }

    /// Whose calls are asked for, and the quarters of an hour in which they were begun.
    pub(super) async fn read(
        &self,
        actor: &Actor,
        query: &CallsQuery,
    ) -> Result<(Option<UserId>, Period), EngineError> {
        let mut sieve = Sieve::default();
        let owner = access::owner(&self.database, &mut sieve, actor, &query.user).await?;
        let period = Period::of_dates(&mut sieve, &query.start_date, &query.end_date);
        let read = (owner, period.in_quarters());
        sieve.done(read).map_err(EngineError::Invalid)
    }
}
