//! `GET /Accounts/{project}`: the cheapest way to ask whether credentials are good.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::auth::Authorized;
use super::wire::PREFIX;
use crate::network::Network;

/// The project itself.
pub(crate) async fn fetch(State(network): State<Arc<Network>>, _: Authorized) -> Json<Value> {
    let project = &network.config.project_id;
    let uri = format!("{PREFIX}/Accounts/{project}");
    Json(json!({
        "sid": project,
        "friendly_name": "Simulator",
        "status": "active",
        "type": "Full",
        "owner_account_sid": project,
        "uri": uri,
        "subresource_uris": {"calls": format!("{uri}/Calls")},
    }))
}
