//! What the second generation's requests hold.

use engine::campaigns::{CampaignChange, CampaignQuery};
use engine::field::Field;
use engine::query::Param;
use engine::{EngineError, FieldError};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::example;
use crate::http::campaigns::request::CampaignFields;
use crate::http::campaigns::view::CampaignStatus;

/// The fields of a campaign by the second generation's names; those of the first are understood as well.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::changed_fields)]
pub struct CampaignFieldsV1 {
    /// The agent that speaks
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255, pattern = "[^\\s\\u0085]", example = "agent-456")]
    #[serde(default)]
    pub agent_id: Field<String>,
    /// The carrier's id of the number to call from, or the number itself; `null`: none
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255, pattern = "[^\\s\\u0085]",
        example = "pn_123456789abcdef")]
    #[serde(default)]
    pub phone_id: Field<String>,
    /// `concurrentCallsLimit`: calls at the same time
    #[schema(value_type = Option<Settings>)]
    #[serde(default)]
    pub settings: Field<Map<String, Value>>,
    /// Everything else
    #[serde(flatten)]
    pub others: CampaignFields,
}

/// The limits of a campaign.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes an object of the request")]
pub struct Settings {
    /// Calls at the same time
    #[schema(minimum = 1, maximum = 10_000, example = 10)]
    concurrent_calls_limit: Option<u32>,
}

/// The fields of a new campaign: those of any campaign, and a name.
#[derive(ToSchema)]
#[schema(example = example::new_campaign)]
#[expect(
    dead_code,
    reason = "describes a body that is read as the fields of any campaign"
)]
pub struct NewCampaignV1 {
    /// What it is called
    #[schema(
        min_length = 1,
        max_length = 255,
        pattern = "[^\\s\\u0085]",
        example = "Diwali offer"
    )]
    name: String,
    /// Everything else
    #[serde(flatten)]
    others: CampaignFieldsV1,
}

impl From<CampaignFieldsV1> for CampaignChange {
    fn from(fields: CampaignFieldsV1) -> Self {
        let mut change = Self::from(fields.others);
        if fields.agent_id.is_mentioned() {
            change.voice_agent_id = fields.agent_id;
        }
        // This generation has one field for both: where it is cleared, nothing is left of the number either.
        if fields.phone_id == Field::Cleared && !change.phone_number.is_mentioned() {
            change.phone_number = Field::Cleared;
        }
        if fields.phone_id.is_mentioned() {
            change.phone_number_id = fields.phone_id;
        }
        match fields.settings {
            Field::Given(mut settings) => {
                if let Some(limit) = settings.remove("concurrentCallsLimit") {
                    change.max_concurrent_calls = limit.into();
                }
            }
            Field::Unreadable(message) => {
                change.max_concurrent_calls = Field::Unreadable(format!("settings {message}"));
            }
            Field::Absent | Field::Cleared => {}
        }
        change
    }
}

/// Fields that have another name here.
const RENAMED: [(&str, &str); 3] = [
    ("voiceAgentId", "agentId"),
    ("phoneNumberId", "phoneId"),
    ("maxConcurrentCalls", "settings.concurrentCallsLimit"),
];

/// `error`, speaking of fields as this generation calls them.
pub(super) fn in_own_words(error: EngineError) -> EngineError {
    let errors = match error {
        EngineError::Invalid(errors) => errors,
        EngineError::Conflict { code, message } => {
            return EngineError::conflict(code, advised_in_own_words(&message));
        }
        other => return other,
    };
    let rename = |error: FieldError| {
        let renamed = RENAMED.iter().find(|(theirs, _)| *theirs == error.field);
        let field = renamed.map_or(error.field, |(_, ours)| (*ours).to_owned());
        FieldError { field, ..error }
    };
    EngineError::Invalid(errors.into_iter().map(rename).collect())
}

/// `message` with this generation's names in what it says is to be done: what follows the last semicolon. Whatever an id
/// is made of, which comes before, stays as it is.
fn advised_in_own_words(message: &str) -> String {
    let (told, advice) = message.split_at(message.rfind(';').unwrap_or(message.len()));
    let renamed = RENAMED.iter();
    let advice = renamed.fold(advice.to_owned(), |advice, (theirs, ours)| {
        advice.replace(theirs, ours)
    });
    format!("{told}{advice}")
}

/// Which campaigns are looked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct ListQueryV1 {
    /// Only those in this status
    #[param(value_type = Option<CampaignStatus>, example = "active")]
    pub status: Param,
    /// Only those with this text in name or description, whatever the case of its letters
    #[param(value_type = Option<String>, max_length = 200, example = "offer")]
    pub search: Param,
    /// Only those with this tag, in this very spelling
    #[param(value_type = Option<String>, max_length = 100, example = "sales")]
    pub tag: Param,
    /// Only those of this user; administrators may name anybody
    #[param(value_type = Option<String>, format = "user-id")]
    pub user_id: Param,
}

/// How a list of campaigns is told.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct ShapeQuery {
    /// Whether each campaign comes with the numbers and names of its contacts
    #[param(value_type = Option<bool>, example = false)]
    pub include_contacts: Param,
}

impl From<ListQueryV1> for CampaignQuery {
    fn from(query: ListQueryV1) -> Self {
        Self {
            user: query.user_id,
            status: query.status,
            search: query.search,
            tag: query.tag,
            ..Self::default()
        }
    }
}
