//! How often machines answer, and how often they were none.

use super::Reports;
use super::figures::percentage;
use super::outbound::CallsQuery;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::period::Period;
use crate::store::call_log;
use crate::store::outbound_sums::{self, HourSums};

/// How often machines answer outbound calls.
#[derive(Clone, Debug, PartialEq)]
pub struct VoicemailStats {
    /// The quarters of an hour that are covered.
    pub period: Period,
    /// Calls placed.
    pub total: i64,
    /// Answered, by whomever, and ended.
    pub answered: i64,
    /// Answered by a machine, as far as anybody knows.
    pub voicemails: i64,
    /// Answered by a person, or nobody knows better.
    pub answered_by_person: i64,
    /// `voicemails` of `answered`, percent, to one decimal.
    pub rate: f64,
    /// Taken for a machine's and marked as a person's afterwards; `voicemails` does not count them.
    pub false_positives: i64,
    /// `false_positives` of all that were taken for a machine's, percent, to one decimal.
    pub false_positive_rate: f64,
    /// Every hour of the day, UTC, on whatever day.
    pub by_hour: Vec<VoicemailHour>,
}

/// Outbound calls that were begun in one hour of the day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VoicemailHour {
    /// 0 to 23.
    pub hour: u32,
    /// Answered, by whomever, and ended.
    pub answered: i64,
    /// Answered by a machine.
    pub voicemails: i64,
    /// `voicemails` of `answered`, percent, to one decimal.
    pub rate: f64,
}

impl Reports {
    /// How often machines answer the outbound calls that `actor` may see and `query` asks for.
    ///
    /// # Errors
    /// As [`Self::outbound`].
    pub async fn voicemails(
        &self,
        actor: &Actor,
        query: &CallsQuery,
    ) -> Result<VoicemailStats, EngineError> {
        let (owner, period) = self.read(actor, query).await?;
        let db = self.database.searcher();
        let hours = outbound_sums::by_hour(db, owner, period).await?;
        let false_positives = call_log::false_positives(db, owner, period).await?;
        let false_positives = i64::try_from(false_positives).unwrap_or(i64::MAX);
        let sum = |of: fn(&HourSums) -> i64| hours.iter().map(of).sum::<i64>();
        let (answered, voicemails) = (sum(|h| h.completed), sum(|h| h.voicemail));
        Ok(VoicemailStats {
            period,
            total: sum(|h| h.calls),
            answered,
            voicemails,
            answered_by_person: (answered - voicemails).max(0),
            rate: percentage(voicemails, answered),
            false_positives,
            false_positive_rate: percentage(
                false_positives,
                voicemails.saturating_add(false_positives),
            ),
            by_hour: (0..24).map(|hour| at(hour, &hours)).collect(),
        })
    }
}

fn at(hour: u32, hours: &[HourSums]) -> VoicemailHour {
    let found = hours.iter().find(|sums| sums.hour == i64::from(hour));
    let (answered, voicemails) = found.map_or((0, 0), |sums| (sums.completed, sums.voicemail));
    VoicemailHour {
        hour,
        answered,
        voicemails,
        rate: percentage(voicemails, answered),
    }
}
