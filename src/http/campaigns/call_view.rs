//! How a call looks.

use chrono::{DateTime, Utc};
use engine::calls::CallDetail;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a call stands.
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub enum CallStatus {
    /// Begun, queued or ringing.
    Initiated,
    /// Answered and going on.
    InProgress,
    /// Answered and ended.
    Completed,
    /// Could not be carried.
    Failed,
    /// Rang out.
    NoAnswer,
    /// The line was busy.
    Busy,
}

/// What came of a call that is over.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum CallOutcome {
    /// A person, or nobody knows better, spoke with the agent.
    Answered,
    /// A machine or a fax answered.
    Voicemail,
    /// The line was busy.
    Busy,
    /// It rang out.
    NoAnswer,
    /// It could not be carried this time.
    Failed,
    /// The carrier refuses the number for good.
    Rejected,
    /// It was called off before an answer.
    Canceled,
    /// It never took place.
    Lost,
}

/// Who or what picked up.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum AnsweredBy {
    /// A person.
    Human,
    /// An answering machine or voicemail.
    Machine,
    /// A fax.
    Fax,
    /// It could not be told.
    Unknown,
}

/// What became of handing a call on.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum TransferStatus {
    /// Asked for; the carrier has not begun.
    Requested,
    /// The carrier dials the target.
    Initiated,
    /// Nobody took it.
    Failed,
    /// Somebody took it.
    Completed,
}

/// Who called whom.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum Direction {
    /// We called.
    Outbound,
    /// We were called.
    Inbound,
}

/// A call.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallView {
    id: Uuid,
    campaign_id: Option<Uuid>,
    /// `null` where the contact was taken off the campaign
    contact_id: Option<i64>,
    #[schema(example = "John Doe")]
    contact_name: Option<String>,
    #[schema(value_type = Direction)]
    direction: String,
    /// Who carries it
    #[schema(example = "signalwire")]
    carrier: String,
    /// The carrier's name for it, once known
    call_sid: Option<String>,
    /// The carrier's own word for where it stands; `not-found` where it says that it does not know the call any more
    carrier_status: Option<String>,
    /// The agent provider's name for what was said
    #[schema(example = "conv_01k4f2")]
    conversation_id: Option<String>,
    #[schema(example = "agent-456")]
    agent_id: Option<String>,
    /// Who is called
    #[schema(example = "+18005551234")]
    phone_number: String,
    /// The number that is shown
    #[schema(example = "+12025550100")]
    from_number: String,
    #[schema(value_type = CallStatus, example = "completed")]
    status: String,
    /// `null` until it is over
    #[schema(value_type = Option<CallOutcome>, example = "answered")]
    outcome: Option<String>,
    #[schema(value_type = Option<AnsweredBy>)]
    answered_by: Option<String>,
    /// Whether the conversation reached its goal; `null` where nobody judged
    successful: Option<bool>,
    /// Which try to reach the contact, from 1 on
    attempt: i32,
    /// The contact had asked for it
    is_callback: bool,
    /// It was handed on, whether or not anybody took it
    is_transferred: bool,
    /// The name of the target it was last handed to
    transfer_target: Option<String>,
    #[schema(value_type = Option<TransferStatus>)]
    transfer_status: Option<String>,
    /// The person asked to be called back
    callback_requested: bool,
    /// When, if they said
    callback_at: Option<DateTime<Utc>>,
    /// The person asked not to be called again
    do_not_call: bool,
    /// When it was begun
    started_at: DateTime<Utc>,
    /// When the carrier had taken it on
    placed_at: Option<DateTime<Utc>>,
    ringing_at: Option<DateTime<Utc>>,
    answered_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    /// Seconds of talk
    duration: Option<i32>,
    /// What the carrier charges, in `currency`: a decimal number as text, to the millionth
    #[schema(example = "0.013500")]
    price: Option<String>,
    /// ISO 4217
    #[schema(example = "USD")]
    currency: Option<String>,
    /// What the agent's provider charges
    credits: Option<i64>,
    /// Where the carrier keeps the recording: it asks for the account's credentials; `null`: none was asked for, or it is
    /// not there yet
    recording_url: Option<String>,
    /// How long the recording is, in seconds
    recording_duration: Option<i32>,
    /// What went wrong
    error: Option<String>,
    /// Why no agent could speak, where none could
    agent_error: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<CallDetail> for CallView {
    fn from(detail: CallDetail) -> Self {
        let row = detail.row;
        Self {
            id: row.id,
            campaign_id: row.campaign_id,
            contact_id: row.contact_id,
            contact_name: detail.contact_name,
            direction: row.direction,
            carrier: row.carrier,
            call_sid: row.carrier_call_id,
            carrier_status: row.carrier_status,
            conversation_id: row.conversation_id,
            agent_id: row.agent_id,
            phone_number: row.to_number,
            from_number: row.from_number,
            status: row.status,
            outcome: row.outcome,
            answered_by: row.answered_by,
            successful: row.is_successful,
            attempt: row.attempt,
            is_callback: row.is_callback,
            is_transferred: row.is_transferred,
            transfer_target: row.transfer_target,
            transfer_status: row.transfer_status,
            callback_requested: row.callback_requested,
            callback_at: row.callback_at,
            do_not_call: row.do_not_call,
            started_at: row.begun_at,
            placed_at: row.placed_at,
            ringing_at: row.ringing_at,
            answered_at: row.answered_at,
            ended_at: row.ended_at,
            duration: row.duration_s,
            price: row.price_micros.map(decimal),
            currency: row.price_unit,
            credits: row.credits,
            recording_url: row.recording_url,
            recording_duration: row.recording_s,
            error: row.error,
            agent_error: row.agent_error,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Millionths as a decimal number: a float would not add up.
pub(in crate::http) fn decimal(micros: i64) -> String {
    const ONE: u64 = 1_000_000;
    let sign = if micros < 0 { "-" } else { "" };
    let micros = micros.unsigned_abs();
    format!("{sign}{}.{:06}", micros / ONE, micros % ONE)
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn millionths_are_written_out() {
        assert_eq!(decimal(13_500), "0.013500");
        assert_eq!(decimal(-2_000_001), "-2.000001");
        assert_eq!(decimal(i64::MIN), "-9223372036854.775808");
    }
}
