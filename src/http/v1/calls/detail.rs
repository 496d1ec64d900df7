//! One call.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use engine::calls::{CallKey, LoggedDetail};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::view::CallLogView;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::campaigns::call_view::TransferStatus;
use crate::http::campaigns::conversation_view::ConversationStatus;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Id;

/// One call.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallDetailEnvelope {
    success: bool,
    data: CallDetailView,
}

/// A call with everything that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallDetailView {
    #[serde(flatten)]
    call: CallLogView,
    /// Whether the conversation reached its goal; `null` where nobody judged
    successful: Option<bool>,
    /// When the carrier had taken it on
    placed_at: Option<DateTime<Utc>>,
    ringing_at: Option<DateTime<Utc>>,
    /// Which try to reach the contact, from 1 on; 0 for a call that came in
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
    /// It was taken for a machine's, and somebody knew better
    is_false_positive: bool,
    #[schema(value_type = Option<ConversationStatus>)]
    conversation_status: Option<String>,
    /// In a few sentences
    #[schema(example = "The person wants to be called back tomorrow.")]
    summary: Option<String>,
    /// Why the conversation ended
    end_reason: Option<String>,
    /// What the agent's provider made of it, as it was sent
    #[schema(value_type = Option<Object>)]
    analysis: Option<Value>,
    updated_at: DateTime<Utc>,
}

impl From<LoggedDetail> for CallDetailEnvelope {
    fn from(detail: LoggedDetail) -> Self {
        let row = &detail.call.row;
        let said = detail.said;
        let data = CallDetailView {
            successful: row.is_successful,
            placed_at: row.placed_at,
            ringing_at: row.ringing_at,
            attempt: row.attempt,
            is_callback: row.is_callback,
            is_transferred: row.is_transferred,
            transfer_target: row.transfer_target.clone(),
            transfer_status: row.transfer_status.clone(),
            callback_requested: row.callback_requested,
            callback_at: row.callback_at,
            do_not_call: row.do_not_call,
            is_false_positive: row.false_positive_at.is_some(),
            conversation_status: said.as_ref().map(|said| said.status.clone()),
            summary: said.as_ref().and_then(|said| said.summary.clone()),
            end_reason: said.as_ref().and_then(|said| said.end_reason.clone()),
            analysis: said.and_then(|said| said.analysis),
            updated_at: row.updated_at,
            call: detail.call.into(),
        };
        Self {
            success: true,
            data,
        }
    }
}

/// One call: by our id, by the carrier's name for it, or by the agent provider's name for its conversation.
#[utoipa::path(get, path = "/api/v1/calls/{callSid}", tag = "calls v1",
    params(("callSid" = String, Path, max_length = 255, example = "5b1c6d0e-3f2a-4c8b-9d7e-1a2b3c4d5e6f")),
    responses((status = 200, body = CallDetailEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(key): Id<CallKey>,
) -> Result<Json<CallDetailEnvelope>, ApiError> {
    let found = app.engine.calls.detail(&actor, &key).await?;
    Ok(Json(found.into()))
}
