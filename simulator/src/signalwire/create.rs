//! `POST …/Calls`: a call is asked for.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use tokio::time::sleep;
use uuid::Uuid;

use super::auth::Authorized;
use super::call::{Live, NewCall};
use super::callback::Outbox;
use super::error::ApiError;
use super::fields::Fields;
use super::life::Newborn;
use super::request::{CreateRequest, call_id};
use super::wire;
use crate::faults::Fault;
use crate::network::Network;
use crate::person::{Behaviour, Person};
use crate::recorder::{Arrival, CreateAnswer, CreateVerdict};
use crate::server::closed_connection;

/// Why a create request comes to nothing.
enum Refusal {
    Answer(ApiError),
    Close,
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Answer(error)
    }
}

/// Creates a call, unless a fault or the request itself prevents it. Whatever happens is recorded.
pub(crate) async fn create(
    State(network): State<Arc<Network>>,
    authorized: Result<Authorized, ApiError>,
    body: Bytes,
) -> Response {
    let fields = Fields::parse(&body);
    let arrival = Arrival {
        to: fields.get("To").unwrap_or_default(),
        from: fields.get("From").unwrap_or_default(),
        call_id: call_id(&fields),
        at: Utc::now(),
    };
    let judged = authorized
        .map_err(Refusal::from)
        .and_then(|_| judge(&network, &fields));
    match judged {
        Ok((request, person)) => accept(&network, &arrival, request, person).await,
        Err(refusal) => refuse(&network, &arrival, refusal),
    }
}

fn judge(network: &Network, fields: &Fields) -> Result<(CreateRequest, Person), Refusal> {
    strike(network)?;
    let request = CreateRequest::read(fields, &network.config)?;
    if network.carrier.pacer.is_full() {
        let message = "The 'From' number has too many queued calls";
        return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, 21611, message).into());
    }
    let person = network.people.next_call(&request.to);
    if person.behaviour == Behaviour::InvalidNumber {
        let message = format!("The 'To' number {} is not a valid phone number", request.to);
        return Err(ApiError::invalid(21211, message).into());
    }
    Ok((request, person))
}

/// The faults that prevent a call.
fn strike(network: &Network) -> Result<(), Refusal> {
    let strikes = |fault| network.faults.strikes(fault);
    if strikes(Fault::CreateRefused) {
        return Err(Refusal::Close);
    }
    let error = if strikes(Fault::CreateUnauthorized) {
        ApiError::unauthorized()
    } else if strikes(Fault::CreateTooManyRequests) {
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, 20429, "Too many requests")
    } else if strikes(Fault::CreateInternalError) {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            20504,
            "Internal server error",
        )
    } else if strikes(Fault::CreateUnavailable) {
        ApiError::unavailable()
    } else if strikes(Fault::CreateNoBalance) {
        ApiError::new(StatusCode::PAYMENT_REQUIRED, 4001, "Insufficient balance")
    } else {
        return Ok(());
    };
    Err(error.into())
}

fn refuse(network: &Network, arrival: &Arrival<'_>, refusal: Refusal) -> Response {
    let (verdict, answer, response) = match refusal {
        Refusal::Close => {
            let why = "connection closed".into();
            let verdict = CreateVerdict::Rejected {
                status: 0,
                code: None,
                why,
            };
            (verdict, CreateAnswer::Closed, closed_connection())
        }
        Refusal::Answer(error) => {
            let (status, code) = (error.status.as_u16(), Some(error.code));
            let why = error.message.as_str().into();
            let verdict = CreateVerdict::Rejected { status, code, why };
            (verdict, CreateAnswer::Status(status), error.into_response())
        }
    };
    let recorded = network.recorder.rejected(arrival, verdict);
    network.recorder.answered(recorded, answer);
    response
}

async fn accept(
    network: &Arc<Network>,
    arrival: &Arrival<'_>,
    request: CreateRequest,
    person: Person,
) -> Response {
    let sid = Uuid::new_v4();
    // Recorded first: nothing the call does may precede its acceptance in the record.
    let recorded = network.recorder.accepted(arrival, sid);
    let outbox = Outbox::new(recorded);
    let (live, redirected) = Live::new(request.settings, person, outbox, network);
    let call = network.carrier.open(NewCall {
        sid,
        to: request.to.into(),
        from: request.from.into(),
        parent_sid: None,
        recorded: Some(recorded),
        live: Some(Arc::clone(&live)),
    });
    let body = wire::call_object(network, &call);
    let ticket = network.carrier.pacer.join();
    let newborn = Newborn {
        call,
        live: Arc::clone(&live),
        ticket,
        redirected,
    };
    network.spawn(newborn.live(Arc::clone(network)));

    // From here on the call lives; the client may go away while its answer is held back.
    let (answer, response) = answer(network, &live, body).await;
    network.recorder.answered(recorded, answer);
    response
}

/// The answer to a create request that was accepted, and the faults that befall it.
async fn answer(
    network: &Network,
    live: &Live,
    body: serde_json::Value,
) -> (CreateAnswer, Response) {
    let faults = &network.faults;
    if faults.strikes(Fault::CreateSlow) {
        sleep(Duration::from_millis(faults.timing().create_slow_ms)).await;
    }
    if faults.strikes(Fault::CreateAfterCallbacks) {
        live.outbox
            .wait_for(faults.timing().create_after_callbacks)
            .await;
    }
    if faults.strikes(Fault::CreateUnanswered) {
        return (CreateAnswer::Closed, closed_connection());
    }
    if faults.strikes(Fault::CreateErrorAfterAccept) {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let error = ApiError::new(status, 20504, "Internal server error");
        return (CreateAnswer::Status(500), error.into_response());
    }
    (CreateAnswer::Status(200), Json(body).into_response())
}
