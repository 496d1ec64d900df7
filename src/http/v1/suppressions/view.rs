//! Suppressions, as the second generation answers.

use chrono::{DateTime, Utc};
use engine::import::ImportReport;
use engine::page::Paged;
use engine::suppressions::ListedSuppression;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::campaigns::events::ActorView;
use crate::http::import::RowErrorView;
use crate::http::suppressions::view::SuppressionSource;

/// A number that its owner must not call.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuppressionV1 {
    #[serde(rename = "_id")]
    id: Uuid,
    /// E.164
    #[schema(example = "+18005551234")]
    phone_number: String,
    /// In words, where there are any
    #[schema(example = "Asked by letter")]
    reason: Option<String>,
    #[schema(value_type = SuppressionSource, example = "api")]
    source: String,
    /// Whose list
    user_id: Uuid,
    /// `null`: nobody did by hand, or nobody took note
    added_by: Option<ActorView>,
    created_at: DateTime<Utc>,
}

impl From<ListedSuppression> for SuppressionV1 {
    fn from(listed: ListedSuppression) -> Self {
        Self {
            id: listed.row.id,
            phone_number: listed.row.phone_number,
            reason: listed.row.reason,
            source: listed.row.source,
            user_id: listed.row.owner_id,
            added_by: listed.added_by.map(ActorView::from),
            created_at: listed.row.created_at,
        }
    }
}

/// One suppression.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuppressionEnvelopeV1 {
    success: bool,
    data: SuppressionV1,
}

impl From<ListedSuppression> for SuppressionEnvelopeV1 {
    fn from(listed: ListedSuppression) -> Self {
        Self {
            success: true,
            data: listed.into(),
        }
    }
}

/// One page of suppressions.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuppressionListV1 {
    success: bool,
    /// The newest first
    data: Vec<SuppressionV1>,
    /// Suppressions on this page
    count: usize,
    /// Suppressions on all pages
    total: u64,
    page: u32,
    pages: u64,
}

impl From<Paged<ListedSuppression>> for SuppressionListV1 {
    fn from(found: Paged<ListedSuppression>) -> Self {
        Self {
            success: true,
            count: found.items.len(),
            total: found.total,
            page: found.page.number,
            pages: found.pages(),
            data: found.items.into_iter().map(SuppressionV1::from).collect(),
        }
    }
}

/// A suppression that was removed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedSuppressionV1 {
    success: bool,
}

impl RemovedSuppressionV1 {
    pub(super) const fn new() -> Self {
        Self { success: true }
    }
}

/// What an import of suppressions did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedSuppressionsEnvelopeV1 {
    success: bool,
    data: ImportedSuppressionsV1,
}

/// What an import of suppressions did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportedSuppressionsV1 {
    /// Numbers that are new
    added: u64,
    /// Rows whose number is on the list already
    duplicates: u64,
    /// Rows that were refused
    error_count: u64,
    /// What was wrong with them; the first 1,000
    errors: Vec<RowErrorView>,
}

impl From<ImportReport> for ImportedSuppressionsEnvelopeV1 {
    fn from(report: ImportReport) -> Self {
        Self {
            success: true,
            data: ImportedSuppressionsV1 {
                added: report.added,
                duplicates: report.duplicates,
                error_count: report.refused,
                errors: report.errors.into_iter().map(RowErrorView::from).collect(),
            },
        }
    }
}
