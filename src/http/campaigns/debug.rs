//! A campaign's live figures, for anybody who knows its id.

use axum::Json;
use axum::extract::State;
use domain::CampaignId;
use engine::campaigns::LiveFigures;
use serde::Serialize;
use utoipa::ToSchema;

use super::held_back::HeldBack;
use crate::http::App;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Id;

/// Live figures.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = super::example::debug_envelope)]
pub struct DebugEnvelope {
    success: bool,
    debug_info: DebugInfo,
}

/// Live figures.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DebugInfo {
    stats: DebugStats,
    /// Why calls wait, where the carrier is left alone
    held_back: Option<HeldBack>,
}

/// Live figures.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DebugStats {
    /// Calls that hold a slot
    active_calls_count: i32,
    /// Contacts whose call waits for a worker
    queue_length: i32,
    /// Calls answered and ended
    completed_calls: i32,
    /// Calls ended otherwise
    failed_calls: i32,
    /// Contacts that are done
    processed_numbers: i32,
    /// Contacts that are not done
    remaining_numbers: i32,
    /// Contacts
    total_numbers: i32,
}

impl From<LiveFigures> for DebugEnvelope {
    fn from(figures: LiveFigures) -> Self {
        Self {
            success: true,
            debug_info: DebugInfo {
                stats: DebugStats {
                    active_calls_count: figures.live,
                    queue_length: figures.queued,
                    completed_calls: figures.calls_completed,
                    failed_calls: figures.calls_failed,
                    processed_numbers: figures.processed,
                    remaining_numbers: figures.remaining,
                    total_numbers: figures.total,
                },
                held_back: figures.held_back.map(HeldBack::from),
            },
        }
    }
}

/// A campaign's live figures. Asks for no token: there are no names and no numbers in it.
#[utoipa::path(get, path = "/api/campaigns/{id}/debug", tag = "campaigns", params(("id" = uuid::Uuid, Path)),
    security(()), responses((status = 200, body = DebugEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn debug(
    State(app): State<App>,
    Id(id): Id<CampaignId>,
) -> Result<Json<DebugEnvelope>, ApiError> {
    Ok(Json(app.engine.campaigns.live_figures(id).await?.into()))
}
