//! `/_simulator/…`: the controls of the library, for a simulator that runs as a process.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::faults::{Fault, FaultPlan};
use crate::network::Network;
use crate::person::{Behaviour, PeopleConfig};
use crate::recorder::{RecordSummary, RecordedCall, RecordedWebhook};

type Refused = (StatusCode, Json<Value>);

/// The controls. No credentials: the simulator listens on loopback.
pub(crate) fn router() -> Router<Arc<Network>> {
    Router::new()
        .route("/_simulator/faults", get(faults).put(set_faults))
        .route("/_simulator/record", get(record))
        .route("/_simulator/people", get(people).put(set_people))
        .route("/_simulator/webhook", put(set_webhook))
        .route("/_simulator/transcriptions", get(transcriptions))
}

#[derive(Serialize)]
struct FaultsView {
    #[serde(flatten)]
    plan: FaultPlan,
    fired: BTreeMap<Fault, u64>,
}

async fn faults(State(network): State<Arc<Network>>) -> Json<FaultsView> {
    let faults = &network.faults;
    Json(FaultsView {
        plan: faults.plan(),
        fired: faults.fired_all(),
    })
}

async fn set_faults(
    State(network): State<Arc<Network>>,
    Json(plan): Json<FaultPlan>,
) -> Result<Json<FaultsView>, Refused> {
    network.faults.replace(plan).map_err(refused)?;
    Ok(faults(State(network)).await)
}

#[derive(Deserialize)]
struct RecordQuery {
    /// Only calls to this number.
    to: Option<String>,
    /// Only calls that arrived after this instant.
    since: Option<DateTime<Utc>>,
    #[serde(default)]
    offset: usize,
    /// How many calls at most; 0 for the summary alone.
    limit: Option<usize>,
    /// Whether to list ElevenLabs' webhooks.
    #[serde(default)]
    webhooks: bool,
}

/// The recorder, over HTTP.
#[derive(Serialize)]
struct RecordView {
    #[serde(flatten)]
    summary: RecordSummary,
    calls: Vec<RecordedCall>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_list: Option<Vec<RecordedWebhook>>,
}

async fn record(
    State(network): State<Arc<Network>>,
    Query(query): Query<RecordQuery>,
) -> Json<RecordView> {
    let limit = query.limit.unwrap_or(usize::MAX);
    let calls = network.recorder.read(|calls| {
        calls
            .iter()
            .filter(|call| query.to.as_deref().is_none_or(|to| *to == *call.to))
            .filter(|call| query.since.is_none_or(|since| call.arrived_at > since))
            .skip(query.offset)
            .take(limit)
            .cloned()
            .collect()
    });
    Json(RecordView {
        summary: network.recorder.summary(),
        calls,
        webhook_list: query.webhooks.then(|| network.recorder.webhooks()),
    })
}

/// New scripts and a new configuration for people; what is absent stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeopleChange {
    #[serde(default)]
    scripts: HashMap<String, Vec<Behaviour>>,
    config: Option<PeopleConfig>,
}

async fn people(State(network): State<Arc<Network>>) -> Json<Value> {
    Json(json!({"config": network.people.config()}))
}

async fn set_people(
    State(network): State<Arc<Network>>,
    Json(change): Json<PeopleChange>,
) -> Result<StatusCode, Refused> {
    if let Some(config) = change.config {
        network.people.configure(config).map_err(refused)?;
    }
    for (number, script) in change.scripts {
        network.people.script(&number, script);
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookChange {
    elevenlabs_webhook_url: Option<String>,
}

async fn set_webhook(
    State(network): State<Arc<Network>>,
    Json(change): Json<WebhookChange>,
) -> StatusCode {
    network
        .platform
        .set_webhook_url(change.elevenlabs_webhook_url);
    StatusCode::NO_CONTENT
}

async fn transcriptions(State(network): State<Arc<Network>>) -> Json<Value> {
    let log = &network.listener.log;
    Json(json!({"max_concurrent": log.max_concurrent(), "transcriptions": log.all()}))
}

fn refused(error: anyhow::Error) -> Refused {
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        Json(json!({"message": error.to_string()})),
    )
}
