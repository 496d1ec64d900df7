//! Agents that speak.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use engine::directory::Offers;
use entity::agent;
use serde::Serialize;
use utoipa::ToSchema;

use super::refresh::RefreshQuery;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;

/// An agent that speaks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentV1 {
    /// Its provider's id: what a campaign's `agentId` names it by
    #[serde(rename = "_id")]
    #[schema(example = "agent_7x")]
    id: String,
    #[schema(example = "Sales, English")]
    name: String,
    #[schema(example = "elevenlabs")]
    provider: String,
    /// When it was last seen there
    fetched_at: DateTime<Utc>,
    /// Since when its provider does not offer it any more; `null`: it is there
    vanished_at: Option<DateTime<Utc>>,
}

impl From<agent::Model> for AgentV1 {
    fn from(row: agent::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            provider: row.provider,
            fetched_at: row.fetched_at,
            vanished_at: row.vanished_at,
        }
    }
}

/// Agents that speak.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentListV1 {
    success: bool,
    /// By name; those that are gone come last
    data: Vec<AgentV1>,
    count: usize,
    /// Whether their provider did not answer; `data` has what was known before
    #[schema(example = json!([]))]
    warnings: Vec<String>,
}

impl From<Offers<agent::Model>> for AgentListV1 {
    fn from(offers: Offers<agent::Model>) -> Self {
        Self {
            success: true,
            count: offers.items.len(),
            data: offers.items.into_iter().map(AgentV1::from).collect(),
            warnings: offers.warnings,
        }
    }
}

/// The agents that the provider offers. It is asked where that was more than five minutes ago.
#[utoipa::path(get, path = "/api/v1/agents", tag = "directory v1", params(RefreshQuery),
    responses((status = 200, body = AgentListV1), (status = "4XX", body = ErrorBody),
        (status = 503, body = ErrorBody, description = "The provider does not answer, and nothing is known")))]
pub async fn list(
    State(app): State<App>,
    _actor: Authenticated,
    Query(query): Query<RefreshQuery>,
) -> Result<Json<AgentListV1>, ApiError> {
    let offers = app.engine.directory.agents(query.read()?).await?;
    Ok(Json(offers.into()))
}
