//! The number and the agent that a campaign names by ids of their providers: are they there?

use domain::PhoneNumber;
use entity::campaign::Model;
use futures::future::try_join;
use sea_orm::ConnectionTrait;

use super::limits::PROVIDER_ID_CHARS_MAX;
use super::{CampaignChange, Campaigns};
use crate::dialing::Means;
use crate::directory::Resolved;
use crate::error::EngineError;
use crate::field::{Field, words_up_to};

/// What the providers say of the ids that were looked up; nothing of what was not. Asked for before any transaction, since
/// it may take seconds.
#[derive(Debug, Default)]
pub(super) struct References {
    number: Option<Looked<PhoneNumber>>,
    agent: Option<Looked<String>>,
    means: Option<Means>,
}

#[derive(Debug)]
struct Looked<T> {
    id: String,
    resolved: Resolved<T>,
}

impl Campaigns {
    /// Of what `change` names; where `current` shall go somewhere too, of what it names already.
    pub(super) async fn references_in(
        &self,
        change: &CampaignChange,
        current: Option<&Model>,
    ) -> Result<References, EngineError> {
        let (number_of_current, agent_of_current) = current.map(named_by).unwrap_or_default();
        let number = match (&change.phone_number_id, &change.phone_number) {
            // A campaign with a number of its own needs no other.
            (_, Field::Given(_)) => None,
            (Field::Given(id), _) => Some(id.clone()),
            (Field::Absent, Field::Absent) => number_of_current,
            _ => None,
        };
        let agent = match &change.voice_agent_id {
            Field::Given(id) => Some(id.clone()),
            Field::Absent => agent_of_current,
            _ => None,
        };
        self.look_up(number, agent).await
    }

    /// Of what a campaign needs that shall begin to call.
    pub(super) async fn references_of(&self, row: &Model) -> Result<References, EngineError> {
        let (number, agent) = named_by(row);
        self.look_up(number, agent).await
    }

    /// Where there are several carriers, whose a number is must be known before it is called from.
    async fn hear_of_numbers(&self) {
        if self.dialing.carriers().kinds().len() > 1
            && let Err(error) = Box::pin(self.directory.numbers(false)).await
        {
            tracing::debug!(?error, "whose numbers are whose is what was known before");
        }
    }

    async fn look_up(
        &self,
        number: Option<String>,
        agent: Option<String>,
    ) -> Result<References, EngineError> {
        self.hear_of_numbers().await;
        // What is no id at all is refused by field, and nobody need be asked.
        let read = |id: Option<String>| words_up_to(&id?, PROVIDER_ID_CHARS_MAX).ok();
        let number = async {
            let Some(id) = read(number) else {
                return Ok(None);
            };
            let resolved = self.directory.find_number(&id).await?;
            Ok::<_, EngineError>(Some(Looked { id, resolved }))
        };
        let agent = async {
            let Some(id) = read(agent) else {
                return Ok(None);
            };
            let resolved = self.directory.find_agent(&id).await?;
            Ok(Some(Looked { id, resolved }))
        };
        let (number, agent) = Box::pin(try_join(number, agent)).await?;
        let means = Some(self.dialing.means());
        Ok(References {
            number,
            agent,
            means,
        })
    }
}

/// The ids that must be resolved before a campaign can call: of its number where it carries none itself, of its agent.
fn named_by(row: &Model) -> (Option<String>, Option<String>) {
    let number = row.phone_number_id.clone();
    (
        number.filter(|_| row.phone_number.is_none()),
        row.voice_agent_id.clone(),
    )
}

impl<T> Looked<T> {
    /// What is not sure about it, in a sentence.
    fn doubt(&self, what: &str) -> Option<String> {
        let id = &self.id;
        match self.resolved {
            Resolved::Known(_) => None,
            Resolved::Remembered(_) => Some(format!(
                "the {what} {id} is known from before; its provider does not answer now"
            )),
            Resolved::Unknown => Some(format!(
                "no provider knows the {what} {id}; the campaign cannot be started with it"
            )),
            Resolved::Unanswered => Some(format!(
                "the {what} {id} could not be looked up, its provider does not answer; the campaign cannot be started \
                 before it is"
            )),
        }
    }
}

impl References {
    /// The number behind the id that `change` names, or else behind the one that `row` has; not behind one that the
    /// campaign had when it was looked up.
    pub fn number(&self, change: &CampaignChange, row: &Model) -> Option<PhoneNumber> {
        let id = match &change.phone_number_id {
            Field::Given(id) => Some(id.trim()),
            _ => row.phone_number_id.as_deref(),
        };
        self.number_behind(id?)
    }

    /// The number behind `id`, if that is what was looked up.
    pub fn number_behind(&self, id: &str) -> Option<PhoneNumber> {
        let looked = self.number.as_ref().filter(|looked| looked.id == id)?;
        looked.resolved.value().cloned()
    }

    /// One sentence for each id of `row` that could not be confirmed, and for what its calls cannot do. A number that the
    /// campaign carries itself needs no confirmation.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn warnings(
        &self,
        db: &impl ConnectionTrait,
        row: &Model,
    ) -> Result<Vec<String>, EngineError> {
        let mut warnings = self.doubts(row);
        if let Some(means) = &self.means {
            let obstacle = means.obstacle(db, row).await?;
            warnings.extend(obstacle.map(|obstacle| obstacle.message));
            warnings.extend(means.unheard(db, row).await?);
            warnings.extend(means.untold(db, row).await?);
        }
        Ok(warnings)
    }

    /// Refuses a campaign that chooses a route which leads nowhere, or whose number is from a carrier that is not
    /// configured.
    ///
    /// # Errors
    /// `Conflict` with the code `route_not_available` or `carrier_not_configured`.
    pub async fn check_way(
        &self,
        db: &impl ConnectionTrait,
        row: &Model,
    ) -> Result<(), EngineError> {
        let Some(means) = &self.means else {
            return Ok(());
        };
        match means.obstacle(db, row).await? {
            Some(obstacle) => Err(EngineError::conflict(obstacle.code, obstacle.message)),
            None => Ok(()),
        }
    }

    fn doubts(&self, row: &Model) -> Vec<String> {
        let number = self.number.as_ref();
        let number =
            number.filter(|looked| looked.resolved.value().is_some() || row.phone_number.is_none());
        let number = number.and_then(|looked| looked.doubt("phone number"));
        let agent = self.agent.as_ref();
        let agent = agent.and_then(|looked| looked.doubt("voice agent"));
        number.into_iter().chain(agent).collect()
    }

    /// Refuses a campaign whose caller number is missing, or whose agent is known to be missing. What was not looked up is
    /// taken as it is.
    ///
    /// # Errors
    /// `Conflict` with the code `no_caller_number` or `no_voice_agent`.
    pub fn check(&self, row: &Model) -> Result<(), EngineError> {
        if row.phone_number.is_none() {
            let message = self.why_no_number(row.phone_number_id.as_deref());
            return Err(EngineError::conflict("no_caller_number", message));
        }
        let Some(id) = row.voice_agent_id.as_deref() else {
            let message = "the campaign has no voice agent; set voiceAgentId";
            return Err(EngineError::conflict("no_voice_agent", message));
        };
        let looked = self.agent.as_ref().filter(|looked| looked.id == id);
        let message = match looked.map(|looked| &looked.resolved) {
            Some(Resolved::Unknown) => {
                format!("no provider knows the voice agent {id}; set another voiceAgentId")
            }
            Some(Resolved::Unanswered) => format!(
                "the voice agent {id} could not be looked up, its provider does not answer; try again in a moment"
            ),
            _ => return Ok(()),
        };
        Err(EngineError::conflict("no_voice_agent", message))
    }

    fn why_no_number(&self, id: Option<&str>) -> String {
        let Some(id) = id else {
            return "the campaign has no number to call from; set phoneNumber or phoneNumberId"
                .to_owned();
        };
        let looked = self.number.as_ref().filter(|looked| looked.id == id);
        match looked.map(|looked| &looked.resolved) {
            Some(Resolved::Unanswered) => format!(
                "the phone number {id} could not be looked up, its provider does not answer; try again in a moment, \
                 or set phoneNumber"
            ),
            _ => format!(
                "no provider knows the phone number {id}; set phoneNumber, or another phoneNumberId"
            ),
        }
    }
}
