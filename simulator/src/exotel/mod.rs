//! Exotel's Voice API, version 1, and the telephone network behind it.
//!
//! A call goes to one person, who is connected with a flow once they pick up. Nothing is signed, dates have no zone,
//! numbers come back in national form, durations and prices are texts and come late.

mod account;
mod auth;
mod book;
mod call;
mod callback;
mod connect;
mod error;
mod fields;
mod life;
mod limit;
mod list;
mod numbers;
mod recording;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::time::Instant;

pub use account::ExotelAccount;
pub(crate) use book::Exchange;
pub(crate) use call::Call;
use error::ApiError;

use crate::faults::Fault;
use crate::network::Network;

/// The API; every path of version 1 answers in XML, and in JSON with `.json` behind it.
pub(crate) fn router(network: &Arc<Network>) -> Router<Arc<Network>> {
    let v1 = Router::new()
        .route("/Calls", get(list::list))
        .route("/Calls.json", get(list::list))
        .route("/Calls/connect", post(connect::connect))
        .route("/Calls/connect.json", post(connect::connect))
        .route("/Calls/{sid}", get(list::fetch))
        .fallback(|format: error::Format| async move { ApiError::not_found().answer(format) });
    Router::new()
        .nest("/v1/Accounts/{account}", v1)
        .route(
            "/v2_beta/Accounts/{account}/IncomingPhoneNumbers",
            get(numbers::list),
        )
        .layer(from_fn_with_state(Arc::clone(network), count))
        .route(
            "/_simulator/exotel/recordings/{name}",
            get(recording::fetch),
        )
}

/// Counts every request against the limit of the account, before anything else looks at it.
async fn count(
    State(network): State<Arc<Network>>,
    format: error::Format,
    request: Request,
    next: Next,
) -> Response {
    let is_refused = network.faults.strikes(Fault::ExotelTooManyRequests)
        || !network.exchange.limit.admits(Instant::now());
    if is_refused {
        return ApiError::too_many_requests().answer(format).into_response();
    }
    next.run(request).await
}
