//! A call at once, outside any campaign.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use entity::call::Model;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::request::OutboundFields;
use super::view::names;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::campaigns::call_view::CallStatus;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract;

/// A call that was placed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacedEnvelope {
    success: bool,
    data: PlacedView,
}

/// What a call that was placed goes by. `GET /api/v1/calls/{callSid}` knows all three names.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlacedView {
    #[serde(rename = "_id")]
    id: Uuid,
    /// The carrier's name for it; our id where the carrier's answer got lost, and it is being looked up
    #[schema(example = "b3877c40-da60-4998-90ad-b792e98472ca")]
    call_sid: String,
    /// The agent provider's name for the conversation; our id until that is known
    #[schema(example = "conv_01k4f2")]
    session_id: String,
    #[schema(value_type = CallStatus, example = "initiated")]
    status: String,
}

impl From<Model> for PlacedEnvelope {
    fn from(row: Model) -> Self {
        let (call_sid, session_id) = names(&row);
        Self {
            success: true,
            data: PlacedView {
                id: row.id,
                call_sid,
                session_id,
                status: row.status,
            },
        }
    }
}

/// Calls somebody at once, outside any campaign and any calendar. Not retried. 409 where the person asked not to be called,
/// or is in a call of the same user already; 429 where too many such calls are asked for at once.
#[utoipa::path(post, path = "/api/v1/calls/outbound", tag = "calls v1", request_body = OutboundFields,
    responses((status = 201, body = PlacedEnvelope), (status = "4XX", body = ErrorBody),
        (status = 429, body = ErrorBody)))]
pub async fn place(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    extract::Json(fields): extract::Json<OutboundFields>,
) -> Result<(StatusCode, Json<PlacedEnvelope>), ApiError> {
    let placed = app.engine.calls.call_out(&actor, fields.into()).await?;
    Ok((StatusCode::CREATED, Json(placed.into())))
}
