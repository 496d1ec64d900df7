//! What the fields of a campaign may hold, as the reference describes it. The engine reads them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::schema::{
    AdditionalProperties, ObjectBuilder, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Days on which is called.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"daysOfWeek": [1, 2, 3, 4, 5], "excludeDates": ["2023-12-25", "2023-12-26"]}))]
#[expect(dead_code, reason = "describes an object that the engine reads")]
pub struct ScheduleConfig {
    /// 1 Monday to 6 Saturday, 0 or 7 Sunday; absent: every day
    #[schema(inline, max_items = 14)]
    days_of_week: Option<Vec<DayOfWeek>>,
    /// Dates in the zone of the calendar on which is not called
    #[schema(max_items = 3_660)]
    exclude_dates: Option<Vec<NaiveDate>>,
    /// Whether a contact's own zone goes before the campaign's; absent: yes
    use_contact_timezone: Option<bool>,
    /// Kept as sent
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// 1 Monday to 6 Saturday, 0 or 7 Sunday.
#[derive(Deserialize, ToSchema)]
#[schema(minimum = 0, maximum = 7)]
#[expect(dead_code, reason = "describes a number that the engine reads")]
pub struct DayOfWeek(u32);

/// What becomes of a wish to be called back.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"enabled": true, "maxAttempts": 2, "delayMinutes": 30}))]
#[expect(dead_code, reason = "describes an object that the engine reads")]
pub struct CallbackConfig {
    /// Absent: no
    enabled: Option<bool>,
    /// Callbacks on top of the attempts; absent: 1
    #[schema(minimum = 0, maximum = 50)]
    max_attempts: Option<u32>,
    /// Minutes after the call, where the contact named no time; absent: 60
    #[schema(minimum = 0, maximum = 10_080)]
    delay_minutes: Option<u32>,
    /// Kept as sent
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// To whom a call may be handed.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = super::example::transfer_config)]
#[expect(dead_code, reason = "describes an object that the engine reads")]
pub struct TransferConfig {
    /// Absent: no. `false` turns all targets off
    enabled: Option<bool>,
    /// To whom; the agent's tool names one of them
    #[schema(max_items = 50)]
    transfer_targets: Option<Vec<TransferTarget>>,
    /// Kept as sent
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// Somebody to whom a call may be handed.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum TransferTarget {
    /// Somebody with a telephone number.
    Phone {
        /// Whom one talks to
        #[schema(
            min_length = 1,
            max_length = 255,
            pattern = "[^\\s\\u0085]",
            example = "Sales Team"
        )]
        name: String,
        /// E.164, or as it is dialled in the campaign's `region`
        #[schema(format = "phone-number", example = "+18005557890")]
        number: String,
        /// `false`: nobody is handed on to this target, and the agent is told so; absent: yes
        #[schema(example = true)]
        enabled: Option<bool>,
    },
    /// Somebody with a SIP address.
    Sip {
        /// Whom one talks to
        #[schema(
            min_length = 1,
            max_length = 255,
            pattern = "[^\\s\\u0085]",
            example = "Support Team"
        )]
        name: String,
        /// A SIP address
        #[schema(
            max_length = 255,
            pattern = "^sips?:",
            example = "sip:support@example.com"
        )]
        endpoint: String,
        /// `false`: nobody is handed on to this target, and the agent is told so; absent: yes
        #[schema(example = true)]
        enabled: Option<bool>,
    },
}

/// A label.
#[derive(Deserialize, ToSchema)]
#[schema(
    min_length = 1,
    max_length = 100,
    pattern = "[^\\s\\u0085]",
    example = "sales"
)]
#[expect(dead_code, reason = "describes a text that the engine reads")]
pub struct Tag(String);

/// What campaigns are sorted by.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of a campaign")]
pub enum SortField {
    Id,
    Name,
    Description,
    Status,
    StartDate,
    EndDate,
    Timezone,
    DailyStartTime,
    DailyEndTime,
    PhoneNumberId,
    PhoneNumber,
    VoiceAgentId,
    MaxConcurrentCalls,
    CallAttemptsPerContact,
    RetryDelay,
    ScheduleType,
    CreatedAt,
    UpdatedAt,
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

/// The first instant at which is called.
pub(super) fn begin() -> RefOr<Schema> {
    instant(
        "No call begins before: an instant, or a date for the begin of that day in the campaign's zone. \
         The years 1970 to 2999",
        "2023-10-01T00:00:00Z",
    )
}

/// The instant from which nobody is called.
pub(super) fn end() -> RefOr<Schema> {
    instant(
        "No call begins at or after: an instant, or a date for the end of that day in the campaign's zone. \
         The years 1970 to 2999",
        "2023-12-31T23:59:59Z",
    )
}

/// What the agent is told.
pub(super) fn agent_config() -> RefOr<Schema> {
    let description = "How calls are made; everything else in it is kept as sent. `route`: `stream`, `sip` (the carrier \
                       dials the agent over SIP) or `agent` (the agent's provider calls by itself), instead of the one \
                       that is configured. `record`: whether the carrier records them; absent: `RECORD_CALLS`. \
                       `voicemail`: what becomes of a \
                       call that a machine answers: `action` `hang_up` (the usual) or `leave_to_agent`, `retry` whether \
                       the contact is called again (the usual: true). What differs from the agent's own settings, as far \
                       as these permit it: `language` (such as `en`), `firstMessage` (at most 2,000 characters), `prompt` \
                       (at most 20,000), `voiceId` (the provider's), `maxDurationSeconds` (10 to 14,400)";
    free(description, super::example::agent_config())
}

/// The owner's own notes.
pub(super) fn metadata() -> RefOr<Schema> {
    free("Kept as sent", super::example::metadata())
}

/// What is known of a contact, and told the agent.
pub(super) fn contact_metadata() -> RefOr<Schema> {
    let description = "Takes the place of what there is; reaches the agent; at most 16,384 bytes";
    free(description, serde_json::json!({ "plan": "gold" }))
}

fn free(description: &str, example: Value) -> RefOr<Schema> {
    let object = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .description(Some(description))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .examples([example])
        .build();
    RefOr::T(Schema::Object(object))
}

/// A date, with or without a time of day and its offset; years as the engine takes them.
const INSTANT: &str = "^(19[7-9][0-9]|2[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\
    ([Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?$";

fn instant(description: &str, example: &str) -> RefOr<Schema> {
    let text = written_instant()
        .examples([example])
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(description))
        .build();
    RefOr::T(Schema::Object(text))
}

/// An end of a period, in a query.
pub struct PeriodEnd;

impl PartialSchema for PeriodEnd {
    fn schema() -> RefOr<Schema> {
        let text = written_instant().schema_type(Type::String).build();
        RefOr::T(Schema::Object(text))
    }
}

impl ToSchema for PeriodEnd {}

fn written_instant() -> ObjectBuilder {
    ObjectBuilder::new()
        .format(Some(SchemaFormat::Custom("date-time-or-date".to_owned())))
        .pattern(Some(INSTANT))
}
