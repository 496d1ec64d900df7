//! What somebody wants a campaign to be.

use serde_json::{Map, Value};

use crate::field::Field;

/// Every field of a campaign as a request gives it: absent fields stay as they are (or take their default), `null` clears
/// a field (or sets it back to its default). Nothing is checked yet.
#[derive(Clone, Debug, Default)]
pub struct CampaignChange {
    /// Its name.
    pub name: Field<String>,
    /// What it is for.
    pub description: Field<String>,
    /// A word of `domain::lifecycle::Status`: stands for the command that leads there.
    pub status: Field<String>,
    /// RFC 3339, or a date: the day's begin.
    pub start_date: Field<String>,
    /// RFC 3339, or a date: the day's end.
    pub end_date: Field<String>,
    /// IANA name; UTC where nobody says.
    pub timezone: Field<String>,
    /// `HH:MM`.
    pub daily_start_time: Field<String>,
    /// `HH:MM`.
    pub daily_end_time: Field<String>,
    /// The carrier's id of the caller number.
    pub phone_number_id: Field<String>,
    /// The caller number.
    pub phone_number: Field<String>,
    /// The agent that speaks.
    pub voice_agent_id: Field<String>,
    /// Kept as sent.
    pub agent_config: Field<Map<String, Value>>,
    /// From 1 on; 10 where nobody says.
    pub max_concurrent_calls: Field<i64>,
    /// 1 to 50; 3 where nobody says.
    pub call_attempts_per_contact: Field<i64>,
    /// Minutes, 0 to 10,080; 60 where nobody says.
    pub retry_delay: Field<i64>,
    /// `immediate` (where nobody says) or `scheduled`.
    pub schedule_type: Field<String>,
    /// `daysOfWeek`, `excludeDates`, `useContactTimezone`.
    pub schedule_config: Field<Map<String, Value>>,
    /// `enabled`, `maxAttempts`, `delayMinutes`.
    pub callback_config: Field<Map<String, Value>>,
    /// `enabled`, `transferTargets`.
    pub transfer_config: Field<Map<String, Value>>,
    /// Labels.
    pub tags: Field<Vec<Value>>,
    /// Kept as sent.
    pub metadata: Field<Map<String, Value>>,
    /// ISO 3166 alpha-2: whose national numbers contacts may be written in.
    pub region: Field<String>,
}
