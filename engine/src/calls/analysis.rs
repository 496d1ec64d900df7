//! Who or what picked up a call, who says so, and how sure that is.

use chrono::{DateTime, Utc};
use domain::detection::Findings;
use domain::{AnsweredBy, UserId};
use entity::call::Model;

use super::detail::LoggedDetail;
use super::{CallKey, Calls};
use crate::actor::Actor;
use crate::error::EngineError;
use crate::store::users;

/// What is known of who picked up.
#[derive(Clone, Debug)]
pub struct VoicemailAnalysis {
    /// The call, and what was said.
    pub detail: LoggedDetail,
    /// What all together come to; `None`: nobody picked up, or nobody looked.
    pub answered_by: Option<AnsweredBy>,
    /// How sure that is, in percent, by our own fixed weights; `None`: nobody looked.
    pub confidence_percent: Option<u8>,
    /// The carrier's detection.
    pub carrier: Option<AnsweredBy>,
    /// Whether the agent heard a machine.
    pub agent_heard_machine: Option<bool>,
    /// What a person says.
    pub correction: Option<CorrectedBy>,
}

/// Who corrected the detection.
#[derive(Clone, Debug)]
pub struct CorrectedBy {
    /// Who.
    pub user: Option<UserId>,
    /// Their name.
    pub name: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Calls {
    /// What is known of who picked up the call that goes by `key`.
    ///
    /// # Errors
    /// `NotFound` for another user's call too.
    pub async fn voicemail_analysis(
        &self,
        actor: &Actor,
        key: &CallKey,
    ) -> Result<VoicemailAnalysis, EngineError> {
        let detail = self.detail(actor, key).await?;
        let row = &detail.call.row;
        let correction = self.corrected_by(row).await?;
        let answered_by = word(row.answered_by.as_deref());
        // A conversation that broke off tells nothing, nor one in which no agent is known to have listened.
        let said = detail.said.as_ref();
        let said = said.filter(|said| said.status == "done" && said.is_reported);
        let findings = Findings {
            carrier: carrier(row),
            agent_heard_machine: said.map(|said| said.is_voicemail),
            // Only one verdict is kept: that it was no machine.
            person_heard_machine: correction.as_ref().map(|_| false),
        };
        let is_machine = answered_by.is_some_and(AnsweredBy::is_machine);
        Ok(VoicemailAnalysis {
            answered_by: answered_by.or(heard(&findings)),
            confidence_percent: findings.confidence_percent(is_machine),
            carrier: findings.carrier,
            agent_heard_machine: findings.agent_heard_machine,
            correction,
            detail,
        })
    }

    async fn corrected_by(&self, row: &Model) -> Result<Option<CorrectedBy>, EngineError> {
        let Some(at) = row.false_positive_at else {
            return Ok(None);
        };
        let user = row.false_positive_by.map(UserId::from_uuid);
        let known = match user {
            Some(user) => users::find(self.database.reader(), user).await?,
            None => None,
        };
        let name = known.map(|user| user.name);
        Ok(Some(CorrectedBy { user, name, at }))
    }
}

/// The carrier's own finding. Calls from before it was kept apart have it where nobody else spoke.
fn carrier(row: &Model) -> Option<AnsweredBy> {
    let alone = || {
        let is_alone = row.answered_by_source.as_deref() == Some("carrier");
        row.answered_by.as_deref().filter(|_| is_alone)
    };
    word(row.carrier_answered_by.as_deref().or_else(alone))
}

/// The agent that heard no machine heard a person; the books say nothing of that.
fn heard(findings: &Findings) -> Option<AnsweredBy> {
    findings.agent_heard_machine.map(|heard| {
        if heard {
            AnsweredBy::Machine
        } else {
            AnsweredBy::Human
        }
    })
}

fn word(text: Option<&str>) -> Option<AnsweredBy> {
    text.and_then(|word| word.parse().ok())
}
