//! Somebody listened, and knows better than the detection.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use engine::calls::{CallKey, Corrected};
use engine::field::Field;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::campaigns::call_view::{AnsweredBy, CallOutcome};
use crate::http::campaigns::view::ContactStatus;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{self, Id};
use crate::http::v1::calls::view::names;

/// A verdict on a call that was taken for a machine's.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// True: a person had picked up. False: it was a machine after all
    #[schema(value_type = bool, required = true, example = true)]
    #[serde(default)]
    pub is_false_positive: Field<bool>,
}

/// What came of a verdict.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectedEnvelope {
    success: bool,
    data: CorrectedView,
}

/// The call as it stands now, and its contact.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CorrectedView {
    #[serde(rename = "_id")]
    id: Uuid,
    #[schema(example = "b3877c40-da60-4998-90ad-b792e98472ca")]
    call_sid: String,
    is_false_positive: bool,
    /// The contact waits for another attempt because of it. False where the policy allows none, more was to come anyway, the
    /// campaign is over, or the call has no contact
    requeued: bool,
    #[schema(value_type = Option<CallOutcome>, example = "answered")]
    outcome: Option<String>,
    #[schema(value_type = Option<AnsweredBy>, example = "human")]
    answered_by: Option<String>,
    /// When it was marked
    marked_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<ContactStatus>, example = "contacted")]
    contact_status: Option<String>,
    /// When the contact is due again, if it is
    next_attempt_at: Option<DateTime<Utc>>,
}

impl From<Corrected> for CorrectedEnvelope {
    fn from(found: Corrected) -> Self {
        let row = found.row;
        let (call_sid, _) = names(&row);
        let data = CorrectedView {
            id: row.id,
            call_sid,
            is_false_positive: row.false_positive_at.is_some(),
            requeued: found.is_requeued,
            outcome: row.outcome,
            answered_by: row.answered_by,
            marked_at: row.false_positive_at,
            contact_status: found.contact_status,
            next_attempt_at: found.next_attempt_at,
        };
        Self {
            success: true,
            data,
        }
    }
}

/// Says that a person had picked up where a machine was found, or takes that back. The figures follow, and the contact is
/// called once more if the policy still allows it. The same verdict again changes nothing. 409 where the call was not taken
/// for a machine's, or what came of it is not known yet.
#[utoipa::path(post, path = "/api/v1/calls/{callLogId}/mark-false-positive", tag = "calls v1",
    params(("callLogId" = String, Path, description = "As for one call", max_length = 255)),
    request_body = Verdict,
    responses((status = 200, body = CorrectedEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn mark(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(key): Id<CallKey>,
    extract::Json(verdict): extract::Json<Verdict>,
) -> Result<Json<CorrectedEnvelope>, ApiError> {
    let calls = &app.engine.calls;
    let corrected = calls
        .correct(&actor, &key, verdict.is_false_positive)
        .await?;
    Ok(Json(corrected.into()))
}
