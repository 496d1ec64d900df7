//! What the first generation's requests hold.

use engine::campaigns::{CampaignChange, CampaignQuery};
use engine::contacts::ContactQuery;
use engine::field::Field;
use engine::query::Param;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

/// The fields of a campaign. Left out: as it is, or its default; `null`: cleared, or back to its default.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CampaignFields {
    /// Required when creating; 1 to 255 characters
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255, example = "Q4 Sales Outreach")]
    #[serde(default)]
    pub name: Field<String>,
    /// What it is for
    #[schema(value_type = Option<String>, example = "Sales outreach for Q4 leads")]
    #[serde(default)]
    pub description: Field<String>,
    /// Stands for the command that leads there
    #[schema(value_type = Option<super::view::CampaignStatus>, example = "draft")]
    #[serde(default)]
    pub status: Field<String>,
    /// No call begins before: an instant, or a date for the begin of that day in the campaign's zone
    #[schema(value_type = Option<String>, format = DateTime, example = "2030-10-01T00:00:00Z")]
    #[serde(default)]
    pub start_date: Field<String>,
    /// No call begins at or after: an instant, or a date for the end of that day in the campaign's zone
    #[schema(value_type = Option<String>, format = DateTime, example = "2030-12-31T23:59:59Z")]
    #[serde(default)]
    pub end_date: Field<String>,
    /// IANA name; UTC where none is given
    #[schema(value_type = Option<String>, example = "America/Chicago")]
    #[serde(default)]
    pub timezone: Field<String>,
    /// HH:MM; absent: from midnight
    #[schema(value_type = Option<String>, example = "09:00")]
    #[serde(default)]
    pub daily_start_time: Field<String>,
    /// HH:MM; absent: to midnight; before the start: on the next day
    #[schema(value_type = Option<String>, example = "17:00")]
    #[serde(default)]
    pub daily_end_time: Field<String>,
    /// The carrier's id of the number to call from
    #[schema(value_type = Option<String>, example = "pn_123456789abcdef")]
    #[serde(default)]
    pub phone_number_id: Field<String>,
    /// The number to call from, E.164
    #[schema(value_type = Option<String>, example = "+18005551234")]
    #[serde(default)]
    pub phone_number: Field<String>,
    /// The agent that speaks
    #[schema(value_type = Option<String>, example = "agent-456")]
    #[serde(default)]
    pub voice_agent_id: Field<String>,
    /// Kept as sent
    #[schema(value_type = Option<Object>)]
    #[serde(default)]
    pub agent_config: Field<Map<String, Value>>,
    /// Calls at the same time; 10 where none is given
    #[schema(value_type = Option<u32>, minimum = 1, example = 10)]
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
    /// `daysOfWeek` (1 Monday to 6 Saturday, 0 or 7 Sunday), `excludeDates`, `useContactTimezone`
    #[schema(value_type = Option<Object>, example = json!({"daysOfWeek": [1, 2, 3, 4, 5], "excludeDates": ["2030-12-25"]}))]
    #[serde(default)]
    pub schedule_config: Field<Map<String, Value>>,
    /// `enabled`, `maxAttempts`, `delayMinutes`
    #[schema(value_type = Option<Object>, example = json!({"enabled": true, "maxAttempts": 2, "delayMinutes": 30}))]
    #[serde(default)]
    pub callback_config: Field<Map<String, Value>>,
    /// `enabled`, `transferTargets`: each with `name` and `type`, a `phone` with `number`, a `sip` with `endpoint`
    #[schema(value_type = Option<Object>)]
    #[serde(default)]
    pub transfer_config: Field<Map<String, Value>>,
    /// Labels
    #[schema(value_type = Option<Vec<String>>, example = json!(["sales", "outreach"]))]
    #[serde(default)]
    pub tags: Field<Vec<Value>>,
    /// Kept as sent
    #[schema(value_type = Option<Object>)]
    #[serde(default)]
    pub metadata: Field<Map<String, Value>>,
    /// ISO 3166 alpha-2: whose national numbers contacts may be written in
    #[schema(value_type = Option<String>, min_length = 2, max_length = 2, example = "IN")]
    #[serde(default)]
    pub region: Field<String>,
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
    #[param(value_type = Option<super::view::CampaignStatus>)]
    pub status: Param,
    /// Only those with this text in name or description, whatever the case of its letters
    #[param(value_type = Option<String>, max_length = 200)]
    pub search: Param,
    /// Only those with this tag, in this very spelling
    #[param(value_type = Option<String>, max_length = 100, example = "sales")]
    pub tag: Param,
    /// Sort field: `id`, `name`, `description`, `status`, `startDate`, `endDate`, `timezone`, `dailyStartTime`,
    /// `dailyEndTime`, `phoneNumberId`, `phoneNumber`, `voiceAgentId`, `maxConcurrentCalls`, `callAttemptsPerContact`,
    /// `retryDelay`, `scheduleType`, `createdAt` (where none is given) or `updatedAt`
    #[param(value_type = Option<String>, example = "createdAt")]
    pub sort_by: Param,
    /// `asc`, or `desc` where none is given
    #[param(inline, value_type = Option<SortDirection>)]
    pub sort_dir: Param,
    /// Only those of this user; administrators may name anybody
    #[param(value_type = Option<String>)]
    pub user_id: Param,
}

/// Up or down.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum SortDirection {
    /// The least first.
    Asc,
    /// The greatest first.
    Desc,
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
    #[param(value_type = Option<super::view::ContactStatus>)]
    pub status: Param,
    /// Only those with this text in name, e-mail or phone number, whatever the case of its letters
    #[param(value_type = Option<String>, max_length = 200)]
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
pub struct Reason {
    /// In words
    #[schema(example = "Holiday break", max_length = 1000)]
    pub reason: Option<String>,
}
