//! What is asked about calls.

use engine::calls::{CallLogQuery, OutboundRequest, RetriableQuery};
use engine::field::Field;
use engine::query::{Param, Params};
use engine::reports::CallsQuery;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::http::campaigns::call_view::{CallOutcome, CallStatus, Direction};
use crate::http::campaigns::fields::PeriodEnd;
use crate::http::v1::example;

/// A call to be placed at once, outside any campaign.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(example = example::new_call)]
#[serde(rename_all = "camelCase")]
pub struct OutboundFields {
    /// Whom to call: E.164, or as written in `region`
    #[schema(value_type = String, required = true, format = "phone-number", example = "+18005551234")]
    #[serde(default)]
    pub phone_number: Field<String>,
    /// Where a number without `+` belongs to: two letters of ISO 3166
    #[schema(value_type = Option<String>, format = "region", pattern = "^[A-Za-z]{2}$", example = "US")]
    #[serde(default)]
    pub region: Field<String>,
    /// What the agent is told, as its dynamic variables; at most 16 kB as JSON. Lists and objects reach it as JSON in a text
    #[schema(value_type = Option<Object>, example = json!({ "name": "John", "order": 7 }))]
    #[serde(default)]
    pub custom_parameters: Field<Map<String, Value>>,
    /// The carrier's id of the number to call from, or the number itself; absent: `OUTBOUND_PHONE_NUMBER`
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255, pattern = "[^\\s\\u0085]",
        example = "pn_123456789abcdef")]
    #[serde(default)]
    pub phone_id: Field<String>,
    /// Who speaks; absent: `OUTBOUND_AGENT_ID`
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255, pattern = "[^\\s\\u0085]", example = "agent-456")]
    #[serde(default)]
    pub agent_id: Field<String>,
    /// Whether the carrier records the call; absent: `RECORD_CALLS`
    #[schema(value_type = Option<bool>, example = true)]
    #[serde(default)]
    pub record: Field<bool>,
}

impl From<OutboundFields> for OutboundRequest {
    fn from(fields: OutboundFields) -> Self {
        Self {
            phone_number: fields.phone_number,
            region: fields.region,
            custom_parameters: fields.custom_parameters,
            phone_id: fields.phone_id,
            agent_id: fields.agent_id,
            record: fields.record,
        }
    }
}

/// Whose calls of which days are summed up.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct CallsQueryV1 {
    /// Only those of this user; administrators may name anybody
    #[param(value_type = Option<String>, format = "user-id")]
    pub user_id: Param,
    /// Only those begun at this instant or later; a date means the begin of that day, UTC
    #[param(inline, value_type = Option<PeriodEnd>, example = "2026-01-01")]
    pub start_date: Param,
    /// Only those begun before this instant; a date means the end of that day, UTC
    #[param(inline, value_type = Option<PeriodEnd>, example = "2026-01-31")]
    pub end_date: Param,
}

impl From<CallsQueryV1> for CallsQuery {
    fn from(query: CallsQueryV1) -> Self {
        Self {
            user: query.user_id,
            start_date: query.start_date,
            end_date: query.end_date,
        }
    }
}

/// Which retry candidates are looked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct RetriableQueryV1 {
    /// Only those of this user; administrators may name anybody
    #[param(value_type = Option<String>, format = "user-id")]
    pub user_id: Param,
    /// Only those whose last call ended like this; machines that answered are `completed`
    #[param(value_type = Option<CallStatus>, example = "completed")]
    pub status: Param,
    /// Only those whose last call came to this
    #[param(value_type = Option<CallOutcome>, example = "voicemail")]
    pub outcome: Param,
    /// `outbound`; of `inbound` there are none
    #[param(value_type = Option<Direction>, example = "outbound")]
    pub direction: Param,
    /// Only those whose last call was begun at this instant or later; a date means the begin of that day, UTC. Absent: 30
    /// days before the end
    #[param(inline, value_type = Option<PeriodEnd>, example = "2026-01-01")]
    pub start_date: Param,
    /// Only those whose last call was begun before this instant; a date means the end of that day, UTC. Absent: now
    #[param(inline, value_type = Option<PeriodEnd>, example = "2026-01-31")]
    pub end_date: Param,
}

impl From<RetriableQueryV1> for RetriableQuery {
    fn from(query: RetriableQueryV1) -> Self {
        Self {
            user: query.user_id,
            status: query.status,
            outcome: query.outcome,
            direction: query.direction,
            start_date: query.start_date,
            end_date: query.end_date,
        }
    }
}

/// A number in a query.
#[derive(ToSchema)]
#[schema(value_type = String, format = "phone-number", example = "+18005551234")]
#[expect(dead_code, reason = "describes a query that is read as any text")]
pub struct NumberText(String);

/// Which calls of the log are looked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct CallLogQueryV1 {
    /// Only those in this status
    #[param(value_type = Option<CallStatus>, example = "completed")]
    pub status: Param,
    /// Only those that went this way
    #[param(value_type = Option<Direction>, example = "outbound")]
    pub direction: Param,
    /// Only those to one of these numbers, and inbound ones from one of them: E.164, the `+` may be missing. At most 500;
    /// repeated, or separated by commas
    #[serde(rename = "phoneNumbers[]")]
    #[param(inline, value_type = Option<Vec<NumberText>>, max_items = 500, example = json!(["+18005551234"]))]
    pub phone_numbers_list: Params,
    /// As `phoneNumbers[]`
    #[param(inline, value_type = Option<Vec<NumberText>>, max_items = 500, example = json!(["+18005551234"]))]
    pub phone_numbers: Params,
    /// Only those begun at this instant or later; a date means the begin of that day, UTC
    #[param(inline, value_type = Option<PeriodEnd>, example = "2026-01-01")]
    pub start_date: Param,
    /// Only those begun before this instant; a date means the end of that day, UTC
    #[param(inline, value_type = Option<PeriodEnd>, example = "2026-01-31")]
    pub end_date: Param,
    /// Only those of this user; administrators may name anybody
    #[param(value_type = Option<String>, format = "user-id")]
    pub user_id: Param,
    /// Only those of this campaign
    #[param(value_type = Option<uuid::Uuid>)]
    pub campaign_id: Param,
    /// Only those with this text in a number or in the contact's name, whatever the case of its letters
    #[param(value_type = Option<String>, max_length = 200, example = "doe")]
    pub search: Param,
    /// `nextCursor` or `prevCursor` of an earlier answer to the same question, instead of `page`
    #[param(value_type = Option<String>, format = "cursor")]
    pub cursor: Param,
}

impl From<CallLogQueryV1> for CallLogQuery {
    fn from(query: CallLogQueryV1) -> Self {
        Self {
            user: query.user_id,
            status: query.status,
            direction: query.direction,
            campaign: query.campaign_id,
            numbers: query.phone_numbers_list.and(query.phone_numbers),
            start_date: query.start_date,
            end_date: query.end_date,
            search: query.search,
            cursor: query.cursor,
        }
    }
}
