//! What an agent calls during a call. Every answer is a 200 with a sentence that the agent understands, also where the
//! answer is no; only a request that proves nothing or cannot be read is refused.

mod auth;
mod request;
mod view;

use axum::Json;
use axum::extract::State;

use self::auth::FromAgent;
use self::request::{CallbackRequest, OfCall, TransferRequest};
use self::view::{ContactAnswer, ToolAnswerView};
use super::App;
use super::error::{ApiError, ErrorBody};
use super::extract;

/// Hands the call on to a target of the campaign. An unknown target is answered with those there are; the talk goes on.
#[utoipa::path(post, path = "/webhooks/elevenlabs/tools/transfer", tag = "agent tools", request_body = TransferRequest,
    security(("agent_tools" = [])),
    responses((status = 200, body = ToolAnswerView),
        (status = 403, body = ErrorBody, description = "The tools are off: ELEVENLABS_TOOLS_TOKEN is not set"),
        (status = "4XX", body = ErrorBody)))]
pub async fn transfer(
    State(app): State<App>,
    _: FromAgent,
    extract::Json(body): extract::Json<TransferRequest>,
) -> Result<Json<ToolAnswerView>, ApiError> {
    let (call, target) = body.read()?;
    let answer = app.engine.dialing.transfer(call, &target).await?;
    Ok(Json(answer.into()))
}

/// Notes that the person wants to be called back; the answer says when that will be.
#[utoipa::path(post, path = "/webhooks/elevenlabs/tools/schedule-callback", tag = "agent tools",
    request_body = CallbackRequest, security(("agent_tools" = [])),
    responses((status = 200, body = ToolAnswerView),
        (status = 403, body = ErrorBody, description = "The tools are off: ELEVENLABS_TOOLS_TOKEN is not set"),
        (status = "4XX", body = ErrorBody)))]
pub async fn schedule_callback(
    State(app): State<App>,
    _: FromAgent,
    extract::Json(body): extract::Json<CallbackRequest>,
) -> Result<Json<ToolAnswerView>, ApiError> {
    let (call, when) = body.read(app.engine.clock.now())?;
    let answer = app.engine.dialing.schedule_callback(call, when).await?;
    Ok(Json(answer.into()))
}

/// Notes that the person never wants to be called again, by any campaign of this owner.
#[utoipa::path(post, path = "/webhooks/elevenlabs/tools/do-not-call", tag = "agent tools", request_body = OfCall,
    security(("agent_tools" = [])),
    responses((status = 200, body = ToolAnswerView),
        (status = 403, body = ErrorBody, description = "The tools are off: ELEVENLABS_TOOLS_TOKEN is not set"),
        (status = "4XX", body = ErrorBody)))]
pub async fn do_not_call(
    State(app): State<App>,
    _: FromAgent,
    extract::Json(body): extract::Json<OfCall>,
) -> Result<Json<ToolAnswerView>, ApiError> {
    let answer = app.engine.dialing.do_not_call(body.read()?).await?;
    Ok(Json(answer.into()))
}

/// Who is on the line: name and metadata.
#[utoipa::path(post, path = "/webhooks/elevenlabs/tools/get-contact", tag = "agent tools", request_body = OfCall,
    security(("agent_tools" = [])),
    responses((status = 200, body = ContactAnswer),
        (status = 403, body = ErrorBody, description = "The tools are off: ELEVENLABS_TOOLS_TOKEN is not set"),
        (status = 404, body = ErrorBody, description = "There is no such call in progress"),
        (status = "4XX", body = ErrorBody)))]
pub async fn get_contact(
    State(app): State<App>,
    _: FromAgent,
    extract::Json(body): extract::Json<OfCall>,
) -> Result<Json<ContactAnswer>, ApiError> {
    let found = app.engine.dialing.contact_of(body.read()?).await?;
    Ok(Json(found.into()))
}
