//! SignalWire's questions about a call that is handed on: whom to dial, and what to do afterwards.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use carriers::signalwire::status::{parse_answer_request, parse_dial_result};
use carriers::signalwire::{Callback, cxml};
use domain::TransferStatus;
use domain::progress::End;

use super::signalwire::{Incoming, unreadable};
use crate::http::App;
use crate::http::error::ApiError;

/// The call left its agent: whom shall it be handed to?
pub async fn document(
    State(app): State<App>,
    incoming: Incoming,
) -> Result<impl IntoResponse, ApiError> {
    incoming.check(&app, Callback::Transfer)?;
    let (content_type, body) = incoming.content();
    parse_answer_request(content_type, body).map_err(unreadable)?;
    let document = app
        .engine
        .dialing
        .transfer_document(incoming.call())
        .await?;
    Ok(([(CONTENT_TYPE, cxml::CONTENT_TYPE)], document))
}

/// The leg to the target is over: somebody took it, or nobody did. The call ends with it.
pub async fn result(
    State(app): State<App>,
    incoming: Incoming,
) -> Result<impl IntoResponse, ApiError> {
    incoming.check(&app, Callback::TransferResult)?;
    let (content_type, body) = incoming.content();
    let event = parse_dial_result(content_type, body).map_err(unreadable)?;
    let status = match event.status.end() {
        Some(End::Completed) => TransferStatus::Completed,
        Some(_) => TransferStatus::Failed,
        None => TransferStatus::Initiated,
    };
    let dialing = &app.engine.dialing;
    dialing.note_transfer(incoming.call(), status).await?;
    Ok(([(CONTENT_TYPE, cxml::CONTENT_TYPE)], cxml::hangup()))
}
