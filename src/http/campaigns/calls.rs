//! The log of a campaign's calls.

use axum::Json;
use axum::extract::State;
use domain::{CallId, CampaignId};
use engine::calls::{CallDetail, CallQuery};
use engine::page::Paged;
use engine::query::Param;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call_view::{CallOutcome, CallStatus, CallView};
use super::{example, fields};
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{Id, Ids, Query};
use crate::http::openapi::pages::CallPages;
use crate::http::page::{self, PageQuery};

/// Which calls are looked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct CallListQuery {
    /// Only those in this status
    #[param(value_type = Option<CallStatus>, example = "completed")]
    pub status: Param,
    /// Only those that are over with this outcome
    #[param(value_type = Option<CallOutcome>, example = "answered")]
    pub outcome: Param,
    /// Only those to this contact
    #[param(value_type = Option<i64>, minimum = 1, example = 1)]
    pub contact_id: Param,
    /// Only those begun at this instant or later; a date means the begin of that day in the campaign's zone
    #[param(inline, value_type = Option<fields::PeriodEnd>, example = "2023-07-01")]
    pub from_date: Param,
    /// Only those begun before this instant; a date means the end of that day in the campaign's zone
    #[param(inline, value_type = Option<fields::PeriodEnd>, example = "2023-07-31T18:00:00Z")]
    pub to_date: Param,
}

impl From<CallListQuery> for CallQuery {
    fn from(query: CallListQuery) -> Self {
        Self {
            status: query.status,
            outcome: query.outcome,
            contact: query.contact_id,
            from_date: query.from_date,
            to_date: query.to_date,
        }
    }
}

/// One page of a campaign's calls.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::call::page)]
pub struct CallPage {
    success: bool,
    #[schema(value_type = Uuid)]
    campaign_id: CampaignId,
    /// Calls on this page
    count: usize,
    /// Calls on all pages
    total: u64,
    page: u32,
    pages: u64,
    calls: Vec<CallView>,
}

impl CallPage {
    fn new(campaign_id: CampaignId, found: Paged<CallDetail>) -> Self {
        Self {
            success: true,
            campaign_id,
            count: found.items.len(),
            total: found.total,
            page: found.page.number,
            pages: found.pages(),
            calls: found.items.into_iter().map(CallView::from).collect(),
        }
    }
}

/// One call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::call::envelope)]
pub struct CallEnvelope {
    success: bool,
    call: CallView,
}

/// One page of a campaign's calls, the last begun first.
#[utoipa::path(get, path = "/api/campaigns/{id}/calls", tag = "campaigns",
    params(("id" = Uuid, Path), CallPages, CallListQuery),
    responses((status = 200, body = CallPage), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    Query(page): Query<PageQuery>,
    Query(query): Query<CallListQuery>,
) -> Result<Json<CallPage>, ApiError> {
    let found = app
        .engine
        .calls
        .list_of_campaign(&actor, id, query.into(), page.within(page::CALLS))
        .await?;
    Ok(Json(CallPage::new(id, found)))
}

/// One call of a campaign.
#[utoipa::path(get, path = "/api/campaigns/{id}/calls/{callId}", tag = "campaigns",
    params(("id" = Uuid, Path), ("callId" = Uuid, Path)),
    responses((status = 200, body = CallEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Ids(id, call): Ids<CampaignId, CallId>,
) -> Result<Json<CallEnvelope>, ApiError> {
    let found = app.engine.calls.get(&actor, id, call).await?;
    Ok(Json(CallEnvelope {
        success: true,
        call: found.into(),
    }))
}
