//! `POST …/Calls/connect`: a call is asked for.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use tokio::time::sleep;
use uuid::Uuid;

use super::auth::Authorized;
use super::call::Call;
use super::error::{ApiError, Format, Refused};
use super::fields::{ConnectRequest, Fields};
use super::{life, view};
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

/// Creates a call, unless a fault or the request itself prevents it. Whatever happens is recorded, but for what the
/// limit of requests turned away at the door.
pub(crate) async fn connect(
    State(network): State<Arc<Network>>,
    format: Format,
    authorized: Result<Authorized, Refused>,
    body: Bytes,
) -> Response {
    let fields = Fields::parse(&body);
    let account = &network.config.exotel;
    let written = |name| {
        let text: &str = fields.get(name).unwrap_or_default();
        account.e164(text).unwrap_or_else(|| text.to_owned())
    };
    let (to, from) = (written("From"), written("CallerId"));
    let arrival = Arrival {
        to: &to,
        from: &from,
        call_id: fields.call_id(),
        at: Utc::now(),
    };
    let judged = authorized
        .map_err(|refused| Refusal::from(refused.error))
        .and_then(|_| judge(&network, &fields));
    match judged {
        Ok((request, person)) => accept(&network, format, &arrival, request, person).await,
        Err(refusal) => refuse(&network, format, &arrival, refusal),
    }
}

fn judge(network: &Network, fields: &Fields) -> Result<(ConnectRequest, Person), Refusal> {
    strike(network)?;
    let request = ConnectRequest::read(fields, &network.config.exotel)?;
    if network.faults.strikes(Fault::CreateDoNotDisturb) {
        let number = network.config.exotel.national(&request.to);
        let message =
            format!("Call to [{number}] can not be made because of TRAI NDNC regulations");
        return Err(ApiError::new(StatusCode::FORBIDDEN, message).into());
    }
    let person = network.people.next_call(&request.to);
    if person.behaviour == Behaviour::InvalidNumber {
        let message = format!("Invalid From number {}", request.to);
        return Err(ApiError::invalid(message).into());
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
        ApiError::too_many_requests()
    } else if strikes(Fault::CreateInternalError) {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
    } else if strikes(Fault::CreateUnavailable) {
        ApiError::unavailable()
    } else if strikes(Fault::CreateNoBalance) {
        ApiError::new(StatusCode::PAYMENT_REQUIRED, "Insufficient balance")
    } else {
        return Ok(());
    };
    Err(error.into())
}

fn refuse(network: &Network, format: Format, arrival: &Arrival<'_>, refusal: Refusal) -> Response {
    let rejected = |status: u16, why: &str| CreateVerdict::Rejected {
        status,
        code: None,
        why: why.into(),
    };
    let (verdict, answer, response) = match refusal {
        Refusal::Close => (
            rejected(0, "connection closed"),
            CreateAnswer::Closed,
            closed_connection(),
        ),
        Refusal::Answer(error) => {
            let status = error.status.as_u16();
            let verdict = rejected(status, &error.message);
            let response = error.answer(format).into_response();
            (verdict, CreateAnswer::Status(status), response)
        }
    };
    let recorded = network.recorder.rejected(arrival, verdict);
    network.recorder.answered(recorded, answer);
    response
}

async fn accept(
    network: &Arc<Network>,
    format: Format,
    arrival: &Arrival<'_>,
    request: ConnectRequest,
    person: Person,
) -> Response {
    let sid = Uuid::new_v4();
    // Recorded first: nothing the call does may precede its acceptance in the record.
    let recorded = network.recorder.accepted(arrival, sid);
    let numbers = (request.to.into(), request.from.into());
    let call = Call::new(sid, numbers, request.settings, recorded);
    let call = network.exchange.open(call);
    let body = view::envelope(view::call(network, &call, false));
    network.spawn(life::live(Arc::clone(network), Arc::clone(&call), person));

    // From here on the call lives; the client may go away while its answer is held back.
    let faults = &network.faults;
    if faults.strikes(Fault::CreateSlow) {
        sleep(Duration::from_millis(faults.timing().create_slow_ms)).await;
    }
    if faults.strikes(Fault::CreateAfterCallbacks) {
        let count = faults.timing().create_after_callbacks;
        call.outbox.wait_for(count).await;
    }
    let (answer, response) = if faults.strikes(Fault::CreateUnanswered) {
        (CreateAnswer::Closed, closed_connection())
    } else if faults.strikes(Fault::CreateErrorAfterAccept) {
        let error = ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error");
        let response = error.answer(format).into_response();
        (CreateAnswer::Status(500), response)
    } else {
        let response = format.write(StatusCode::OK, &body);
        (CreateAnswer::Status(200), response)
    };
    network.recorder.answered(recorded, answer);
    response
}
