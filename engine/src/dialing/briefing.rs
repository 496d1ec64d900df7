//! What an agent is told of a call, whichever way it reaches it.

use domain::{CampaignId, ContactId};
use entity::{call, contact};
use serde_json::{Map, Value};

use super::Dialing;
use super::single::PARAMETERS;
use crate::campaigns::AgentConfig;
use crate::error::EngineError;
use crate::store;

/// What an agent is told of a call.
pub(super) struct Briefing {
    /// What it may say: dynamic variables.
    pub variables: Map<String, Value>,
    /// What the campaign says of its agent; of a single call nothing.
    pub config: AgentConfig,
}

impl Dialing {
    /// Reads what the agent of `call` is to be told.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub(super) async fn briefing(&self, call: &call::Model) -> Result<Briefing, EngineError> {
        let db = self.parts.database.reader();
        let contact = match call.contact_id.map(ContactId::from_i64) {
            Some(id) => store::contacts::find_all(db, [id]).await?.remove(&id),
            None => None,
        };
        let campaign = match call.campaign_id.map(CampaignId::from_uuid) {
            Some(id) => store::campaigns::find_all(db, [id]).await?.remove(&id),
            None => None,
        };
        Ok(Briefing {
            variables: variables(call, contact.as_ref()),
            config: campaign.as_ref().map(AgentConfig::of).unwrap_or_default(),
        })
    }
}

/// What the agent may say: the contact's names and metadata, or what a single call was given, and which attempt it is.
/// Names of ours win over the contact's metadata.
fn variables(call: &call::Model, contact: Option<&contact::Model>) -> Map<String, Value> {
    let mut variables = Map::new();
    if let Some(contact) = contact {
        if let Some(Value::Object(metadata)) = &contact.metadata {
            let scalars = metadata
                .iter()
                .filter(|(_, value)| !value.is_object() && !value.is_array());
            variables.extend(scalars.map(|(key, value)| (key.clone(), value.clone())));
        }
        let texts = [
            ("name", &contact.name),
            ("first_name", &contact.first_name),
            ("last_name", &contact.last_name),
            ("email", &contact.email),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                variables.insert(key.to_owned(), Value::from(text.as_str()));
            }
        }
    }
    let given = call
        .metadata
        .as_ref()
        .and_then(|known| known.get(PARAMETERS));
    if let Some(Value::Object(given)) = given {
        variables.extend(
            given
                .iter()
                .map(|(key, value)| (key.clone(), scalar(value))),
        );
    }
    variables.insert("attempt".to_owned(), Value::from(call.attempt));
    variables.insert("is_callback".to_owned(), Value::from(call.is_callback));
    variables
}

/// Prompts know no lists and objects: they travel as the JSON that they are.
fn scalar(value: &Value) -> Value {
    match value {
        Value::Array(_) | Value::Object(_) => Value::from(value.to_string()),
        value => value.clone(),
    }
}
