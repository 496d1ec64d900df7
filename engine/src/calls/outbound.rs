//! One call outside any campaign, as somebody asks for it.

use domain::{PhoneNumber, Region};
use entity::call::Model;
use serde_json::{Map, Value};

use super::Calls;
use crate::actor::Actor;
use crate::campaigns::limits::PROVIDER_ID_CHARS_MAX;
use crate::dialing::SingleCall;
use crate::directory::Resolved;
use crate::error::EngineError;
use crate::field::{Field, Sieve, object_has_nul, words_up_to};

/// Bytes of what an agent is told, as JSON.
const PARAMETERS_BYTES_MAX: usize = 16 * 1024;

/// Which number and which agent calls outside campaigns have where nobody says.
#[derive(Clone, Debug, Default)]
pub struct OutboundDefaults {
    /// The caller number, E.164.
    pub phone_number: Option<String>,
    /// The agent that speaks.
    pub agent_id: Option<String>,
}

/// A call that somebody asks for.
#[derive(Clone, Debug, Default)]
pub struct OutboundRequest {
    /// Whom to call: E.164, or as written in `region`.
    pub phone_number: Field<String>,
    /// Where a number without `+` belongs to: two letters of ISO 3166.
    pub region: Field<String>,
    /// What the agent is told.
    pub custom_parameters: Field<Map<String, Value>>,
    /// The carrier's id of the caller number, or the number itself; absent: as configured.
    pub phone_id: Field<String>,
    /// Who speaks; absent: as configured.
    pub agent_id: Field<String>,
    /// Whether the carrier records it; absent: as configured.
    pub record: Field<bool>,
}

impl Calls {
    /// Calls whom `request` names, on behalf of `actor`; the call's row once the carrier has answered.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong with `request`; as [`crate::Dialing::call_once`] for the call itself.
    pub async fn call_out(
        &self,
        actor: &Actor,
        request: OutboundRequest,
    ) -> Result<Model, EngineError> {
        let mut sieve = Sieve::default();
        let read = |text: String| text.parse::<Region>().map_err(|error| error.to_string());
        let region = sieve.optional("region", request.region, read).flatten();
        let to = called(&mut sieve, request.phone_number, region);
        let parameters = sieve.optional("customParameters", request.custom_parameters, bounded);
        let record = sieve.optional("record", request.record, Ok).flatten();
        let from = self.caller(&mut sieve, request.phone_id).await?;
        let agent = self.agent(&mut sieve, request.agent_id).await?;
        let Some(((to, from), agent_id)) = sieve
            .done(to.zip(from).zip(agent))
            .map_err(EngineError::Invalid)?
        else {
            return Err(EngineError::internal(anyhow::anyhow!(
                "a field is missing and nobody said so"
            )));
        };
        let wanted = SingleCall {
            owner: actor.id,
            to,
            from,
            agent_id,
            parameters: parameters.flatten().unwrap_or_default(),
            record,
        };
        self.dialing.call_once(wanted).await
    }

    async fn caller(
        &self,
        sieve: &mut Sieve,
        given: Field<String>,
    ) -> Result<Option<PhoneNumber>, EngineError> {
        const KEY: &str = "phoneId";
        let read = |text: String| words_up_to(&text, PROVIDER_ID_CHARS_MAX);
        let is_given = given.is_mentioned();
        let wanted = match sieve.optional(KEY, given, read) {
            Some(Some(id)) => Some(id),
            // Something was wrong with it, which is noted.
            None if is_given => return Ok(None),
            Some(None) | None => self.outbound.phone_number.clone(),
        };
        let Some(id) = wanted else {
            sieve.refuse(
                KEY,
                "is required: no caller number is configured for single calls",
            );
            return Ok(None);
        };
        let found = self.directory.find_number(&id).await?;
        let number = found.value().cloned();
        if number.is_none() {
            sieve.refuse(KEY, unresolved(&found, "number"));
        }
        Ok(number)
    }

    async fn agent(
        &self,
        sieve: &mut Sieve,
        given: Field<String>,
    ) -> Result<Option<String>, EngineError> {
        const KEY: &str = "agentId";
        let read = |text: String| words_up_to(&text, PROVIDER_ID_CHARS_MAX);
        let is_given = given.is_mentioned();
        let wanted = match sieve.optional(KEY, given, read) {
            Some(Some(id)) => Some(id),
            None if is_given => return Ok(None),
            Some(None) | None => self.outbound.agent_id.clone(),
        };
        let Some(id) = wanted else {
            sieve.refuse(KEY, "is required: no agent is configured for single calls");
            return Ok(None);
        };
        let found = self.directory.find_agent(&id).await?;
        if found.value().is_none() {
            sieve.refuse(KEY, unresolved(&found, "agent"));
            return Ok(None);
        }
        Ok(Some(id))
    }
}

/// Why an id stands for nothing.
fn unresolved<T>(found: &Resolved<T>, what: &str) -> String {
    match found {
        Resolved::Unanswered => {
            format!("cannot be looked up: the provider of this {what} does not answer now")
        }
        _ => format!("is not known: its provider has no such {what}"),
    }
}

fn called(sieve: &mut Sieve, given: Field<String>, region: Option<Region>) -> Option<PhoneNumber> {
    let read = |text: String| PhoneNumber::parse(&text, region).map_err(|error| error.to_string());
    sieve.required("phoneNumber", given.asked_for(), read)
}

fn bounded(parameters: Map<String, Value>) -> Result<Map<String, Value>, String> {
    if object_has_nul(&parameters) {
        return Err("must not contain the character NUL".to_owned());
    }
    let bytes = serde_json::to_vec(&parameters).map_or(usize::MAX, |json| json.len());
    if bytes > PARAMETERS_BYTES_MAX {
        let message = format!("must not have more than {PARAMETERS_BYTES_MAX} bytes as JSON");
        return Err(message);
    }
    Ok(parameters)
}
