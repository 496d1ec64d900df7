//! Deepgram's pre-recorded transcription: by address, answered when everything was heard.

mod account;
mod error;
mod listen;
mod log;
mod talk;

use std::sync::Arc;

use axum::Router;
use axum::routing::post;

pub use account::DeepgramAccount;
pub(crate) use log::Listener;
pub use log::{RecordedTranscription, Transcriptions};

use crate::network::Network;

/// The one address there is.
pub(crate) fn router() -> Router<Arc<Network>> {
    Router::new().route("/v1/listen", post(listen::listen))
}
