//! SignalWire's Compatibility API, and the telephone network behind it.
//!
//! Requests come in through [`router`]; `life` leads a call from the queue to the hang-up, `talk`
//! does what the dialer's documents say, `callback` tells the dialer.

mod account;
mod auth;
mod call;
mod callback;
mod carrier;
mod create;
mod dial;
mod document;
mod error;
mod fields;
mod life;
mod list;
mod numbers;
mod pacer;
mod recording;
mod recording_list;
mod request;
mod signature;
mod talk;
mod update;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

pub(crate) use call::Call;
pub(crate) use carrier::Carrier;
pub(crate) use document::Stream;
use error::ApiError;

use crate::network::Network;

/// The API below both of its prefixes; every path works with and without `.json`.
pub(crate) fn router() -> Router<Arc<Network>> {
    let calls = get(list::list).post(create::create);
    let call = get(update::fetch).post(update::update);
    let of_call = get(recording_list::list_of_call);
    let account = Router::new()
        .route("/", get(account::fetch))
        .route("/Calls", calls.clone())
        .route("/Calls.json", calls)
        .route("/Calls/{sid}", call)
        .route("/IncomingPhoneNumbers", get(numbers::list))
        .route("/IncomingPhoneNumbers.json", get(numbers::list))
        .route("/IncomingPhoneNumbers/{sid}", get(numbers::fetch))
        .route("/Recordings", get(recording_list::list))
        .route("/Recordings.json", get(recording_list::list))
        .route("/Recordings/{sid}", get(recording::fetch))
        .route("/Calls/{sid}/Recordings", of_call.clone())
        .route("/Calls/{sid}/Recordings.json", of_call)
        .fallback(|| async { ApiError::not_found() });
    Router::new()
        .nest("/api/laml/2010-04-01/Accounts/{project}", account.clone())
        .nest("/2010-04-01/Accounts/{project}", account)
}
