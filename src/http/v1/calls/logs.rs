//! The log of calls.

use axum::Json;
use axum::extract::State;
use engine::calls::LogPage;
use serde::Serialize;
use utoipa::ToSchema;

use super::request::CallLogQueryV1;
use super::view::CallLogView;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;
use crate::http::openapi::pages::CallPages;
use crate::http::page::{self, PageQuery};

/// A stretch of the log of calls.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallLogEnvelope {
    success: bool,
    data: CallLogPage,
}

/// A stretch of the log of calls.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallLogPage {
    /// The last begun first
    calls: Vec<CallLogView>,
    /// Calls in all, counted up to 1,000,000
    #[schema(minimum = 0, example = 1)]
    total: u64,
    /// `null` where a cursor was given
    #[schema(example = 1)]
    page: Option<u32>,
    #[schema(example = 20)]
    limit: u32,
    #[schema(minimum = 0, example = 1)]
    pages: u64,
    pagination: Pagination,
}

/// How to go on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// Calls in all, counted up to 1,000,000
    #[schema(minimum = 0, example = 1)]
    total: u64,
    /// `null` where a cursor was given
    #[schema(example = 1)]
    page: Option<u32>,
    #[schema(example = 20)]
    limit: u32,
    #[schema(minimum = 0, example = 1)]
    pages: u64,
    has_next: bool,
    has_prev: bool,
    /// The `cursor` that goes on from the last of these calls, whatever is begun meanwhile; `null` at the end
    next_cursor: Option<String>,
    /// The `cursor` that goes back from the first of these calls; `null` at the begin
    prev_cursor: Option<String>,
}

impl From<LogPage> for CallLogEnvelope {
    fn from(found: LogPage) -> Self {
        let page = Some(found.page.number).filter(|_| !found.is_by_cursor);
        let (total, limit) = (found.total, found.page.size);
        let pages = total.div_ceil(u64::from(limit));
        let pagination = Pagination {
            total,
            page,
            limit,
            pages,
            has_next: found.next.is_some(),
            has_prev: found.prev.is_some(),
            next_cursor: found.next.map(|cursor| cursor.to_string()),
            prev_cursor: found.prev.map(|cursor| cursor.to_string()),
        };
        Self {
            success: true,
            data: CallLogPage {
                calls: found.items.into_iter().map(CallLogView::from).collect(),
                total,
                page,
                limit,
                pages,
                pagination,
            },
        }
    }
}

/// The log of calls, of all campaigns and of none, the last begun first: by pages, or from a cursor on.
#[utoipa::path(get, path = "/api/v1/analytics/calls/logs", tag = "calls v1", params(CallPages, CallLogQueryV1),
    responses((status = 200, body = CallLogEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Query(page): Query<PageQuery>,
    Query(query): Query<CallLogQueryV1>,
) -> Result<Json<CallLogEnvelope>, ApiError> {
    let calls = &app.engine.calls;
    let found = calls
        .log(&actor, query.into(), page.within(page::CALLS))
        .await?;
    Ok(Json(found.into()))
}
