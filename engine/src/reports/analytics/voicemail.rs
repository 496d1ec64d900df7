//! How often machines answer.

use super::dashboard::Dashboard;
use super::per_hour::PerHour;
use super::query::AnalyticsQuery;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::reports::Reports;
use crate::reports::figures::percentage;
use crate::store::detail_sums::{self, By};

/// Calls that machines answered.
#[derive(Clone, Debug, PartialEq)]
pub struct VoicemailAnalytics {
    /// The calls at a glance.
    pub dashboard: Dashboard,
    /// Calls that a machine answered.
    pub voicemails: i64,
    /// `voicemails` of the completed calls, percent, to one decimal.
    pub rate: f64,
    /// Calls taken for a machine's and marked as a person's afterwards; `voicemails` does not count them.
    pub false_positives: i64,
    /// `false_positives` of all that were taken for a machine's, percent, to one decimal.
    pub false_positive_rate: f64,
    /// By the hour of the day.
    pub by_hour: Vec<PerHour>,
}

impl Reports {
    /// How often machines answer.
    ///
    /// # Errors
    /// As [`Self::dashboard`].
    pub async fn voicemail_analytics(
        &self,
        actor: &Actor,
        query: &AnalyticsQuery,
    ) -> Result<VoicemailAnalytics, EngineError> {
        let (db, scope) = self.scope(actor, query).await?;
        let (dashboard, tally) = self.glance(&scope).await?;
        let sums = detail_sums::by(db, &scope.slice(), By::Nothing, 1).await?;
        let false_positives = sums.first().map_or(0, |sums| sums.false_positives);
        let voicemails = tally.all.voicemail;
        Ok(VoicemailAnalytics {
            rate: percentage(voicemails, tally.all.completed - tally.inbound.completed),
            dashboard,
            voicemails,
            false_positives,
            false_positive_rate: percentage(false_positives, voicemails + false_positives),
            by_hour: PerHour::all_of(&tally.by_hour),
        })
    }
}
