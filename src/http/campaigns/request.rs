//! What the first generation's requests hold.

use engine::EngineError;
use engine::campaigns::{CampaignChange, CampaignQuery};
use engine::contacts::ContactQuery;
use engine::field::Field;
use engine::query::Param;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::{example, fields};

/// The fields of a campaign. Left out: as it is, or its default; `null`: cleared, or back to its default. Texts must not
/// contain the character NUL.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::changed_fields)]
pub struct CampaignFields {
    /// Required when creating
    #[schema(value_type = String, required = false, min_length = 1, max_length = 255, pattern = "[^\\s\\u0085]",
        example = "Q4 Sales Outreach")]
    #[serde(default)]
    pub name: Field<String>,
    /// What it is for
    #[schema(value_type = Option<String>, max_length = 10_000, example = "Sales outreach for Q4 leads")]
    #[serde(default)]
    pub description: Field<String>,
    /// Stands for the command that leads there
    #[schema(value_type = Option<super::view::CampaignStatus>, example = "draft")]
    #[serde(default)]
    pub status: Field<String>,
    /// No call begins before: an instant, or a date for the begin of that day in the campaign's zone
    #[schema(schema_with = fields::begin)]
    #[serde(default)]
    pub start_date: Field<String>,
    /// No call begins at or after: an instant, or a date for the end of that day in the campaign's zone
    #[schema(schema_with = fields::end)]
    #[serde(default)]
    pub end_date: Field<String>,
    /// IANA name; UTC where none is given
    #[schema(value_type = Option<String>, format = "time-zone", example = "America/Chicago")]
    #[serde(default)]
    pub timezone: Field<String>,
    /// HH:MM; absent: from midnight
    #[schema(value_type = Option<String>, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "09:00")]
    #[serde(default)]
    pub daily_start_time: Field<String>,
    /// HH:MM; absent: to midnight; before the start: on the next day; equal to it only where both are 00:00, the whole day
    #[schema(value_type = Option<String>, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "17:00")]
    #[serde(default)]
    pub daily_end_time: Field<String>,
    /// The carrier's id of the number to call from
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255, pattern = "[^\\s\\u0085]",
        example = "pn_123456789abcdef")]
    #[serde(default)]
    pub phone_number_id: Field<String>,
    /// The number to call from: E.164, or as it is dialled in the campaign's `region`
    #[schema(value_type = Option<String>, format = "phone-number", example = "+18005551234")]
    #[serde(default)]
    pub phone_number: Field<String>,
    /// The agent that speaks
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255, pattern = "[^\\s\\u0085]", example = "agent-456")]
    #[serde(default)]
    pub voice_agent_id: Field<String>,
    /// Kept as sent
    #[schema(schema_with = fields::agent_config)]
    #[serde(default)]
    pub agent_config: Field<Map<String, Value>>,
    /// Calls at the same time; 10 where none is given. An operator may set another maximum
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10_000, example = 10)]
    #[serde(default)]
    pub max_concurrent_calls: Field<i64>,
    /// 3 where none is given
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 50, example = 3)]
    #[serde(default)]
    pub call_attempts_per_contact: Field<i64>,
    /// Minutes; 60 where none is given
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 10_080, example = 60)]
    #[serde(default)]
    pub retry_delay: Field<i64>,
    /// `immediate` where none is given; `scheduled` needs a `startDate`
    #[schema(value_type = Option<super::view::ScheduleType>, example = "scheduled")]
    #[serde(default)]
    pub schedule_type: Field<String>,
    /// Days; further keys are kept as sent
    #[schema(value_type = Option<fields::ScheduleConfig>)]
    #[serde(default)]
    pub schedule_config: Field<Map<String, Value>>,
    /// What becomes of a wish to be called back; further keys are kept as sent
    #[schema(value_type = Option<fields::CallbackConfig>)]
    #[serde(default)]
    pub callback_config: Field<Map<String, Value>>,
    /// To whom a call may be handed; further keys are kept as sent
    #[schema(value_type = Option<fields::TransferConfig>)]
    #[serde(default)]
    pub transfer_config: Field<Map<String, Value>>,
    /// Labels
    #[schema(value_type = Option<Vec<fields::Tag>>, max_items = 100, example = json!(["sales", "outreach", "q4-2023"]))]
    #[serde(default)]
    pub tags: Field<Vec<Value>>,
    /// Kept as sent
    #[schema(schema_with = fields::metadata)]
    #[serde(default)]
    pub metadata: Field<Map<String, Value>>,
    /// ISO 3166 alpha-2: whose national numbers contacts may be written in
    #[schema(value_type = Option<String>, format = "region", pattern = "^[A-Za-z]{2}$", example = "IN")]
    #[serde(default)]
    pub region: Field<String>,
}

/// The fields of a new campaign: those of any campaign, and a name.
#[derive(ToSchema)]
#[schema(example = example::new_campaign)]
#[expect(
    dead_code,
    reason = "describes a body that is read as the fields of any campaign"
)]
pub struct NewCampaign {
    /// What it is called
    #[schema(
        min_length = 1,
        max_length = 255,
        pattern = "[^\\s\\u0085]",
        example = "Q4 Sales Outreach"
    )]
    name: String,
    /// Everything else
    #[serde(flatten)]
    others: CampaignFields,
}

impl From<CampaignFields> for CampaignChange {
    fn from(fields: CampaignFields) -> Self {
        Self {
            name: fields.name,
            description: fields.description,
            status: fields.status,
            start_date: fields.start_date,
            end_date: fields.end_date,
            timezone: fields.timezone,
            daily_start_time: fields.daily_start_time,
            daily_end_time: fields.daily_end_time,
            phone_number_id: fields.phone_number_id,
            phone_number: fields.phone_number,
            voice_agent_id: fields.voice_agent_id,
            agent_config: fields.agent_config,
            max_concurrent_calls: fields.max_concurrent_calls,
            call_attempts_per_contact: fields.call_attempts_per_contact,
            retry_delay: fields.retry_delay,
            schedule_type: fields.schedule_type,
            schedule_config: fields.schedule_config,
            callback_config: fields.callback_config,
            transfer_config: fields.transfer_config,
            tags: fields.tags,
            metadata: fields.metadata,
            region: fields.region,
        }
    }
}

/// Which campaigns are looked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct ListQuery {
    /// Only those in this status
    #[param(value_type = Option<super::view::CampaignStatus>, example = "active")]
    pub status: Param,
    /// Only those with this text in name or description, whatever the case of its letters
    #[param(value_type = Option<String>, max_length = 200, example = "outreach")]
    pub search: Param,
    /// Only those with this tag, in this very spelling
    #[param(value_type = Option<String>, max_length = 100, example = "sales")]
    pub tag: Param,
    /// Sort field; `createdAt` where none is given
    #[param(inline, value_type = Option<fields::SortField>, example = "createdAt")]
    pub sort_by: Param,
    /// `asc`, or `desc` where none is given
    #[param(inline, value_type = Option<fields::SortDirection>, example = "desc")]
    pub sort_dir: Param,
    /// Only those of this user; administrators may name anybody
    #[param(value_type = Option<String>, format = "user-id")]
    pub user_id: Param,
}

impl From<ListQuery> for CampaignQuery {
    fn from(query: ListQuery) -> Self {
        Self {
            user: query.user_id,
            status: query.status,
            search: query.search,
            tag: query.tag,
            sort_by: query.sort_by,
            sort_dir: query.sort_dir,
        }
    }
}

/// Which contacts are looked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct ContactListQuery {
    /// Only those in this status
    #[param(value_type = Option<super::view::ContactStatus>, example = "contacted")]
    pub status: Param,
    /// Only those with this text in name, e-mail or phone number, whatever the case of its letters
    #[param(value_type = Option<String>, max_length = 200, example = "doe")]
    pub search: Param,
}

impl From<ContactListQuery> for ContactQuery {
    fn from(query: ContactListQuery) -> Self {
        Self {
            status: query.status,
            search: query.search,
        }
    }
}

/// Why a campaign is stopped.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"reason": "Holiday break"}))]
pub struct Reason {
    /// In words
    #[schema(value_type = Option<String>, example = "Holiday break", max_length = 1000)]
    #[serde(default)]
    pub reason: Field<String>,
}

impl Reason {
    /// The words, where there are any.
    ///
    /// # Errors
    /// `Invalid` for what is no text.
    pub fn words(self) -> Result<Option<String>, EngineError> {
        match self.reason {
            Field::Absent | Field::Cleared => Ok(None),
            Field::Given(words) => Ok(Some(words)),
            Field::Unreadable(message) => Err(EngineError::invalid("reason", message)),
        }
    }
}
