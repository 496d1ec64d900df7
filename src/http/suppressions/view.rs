//! Suppressions, as the first generation answers.

use chrono::{DateTime, Utc};
use engine::import::ImportReport;
use engine::page::Paged;
use engine::suppressions::{Added, ListedSuppression};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::example;
use crate::http::campaigns::events::ActorView;
use crate::http::import::RowErrorView;

/// How a number came onto the list.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum SuppressionSource {
    /// The person said so in a call.
    Conversation,
    /// Somebody added it, or set a contact to `do_not_call`.
    Api,
    /// It came with many others.
    Import,
}

/// A number that its owner must not call.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::suppression)]
pub struct SuppressionView {
    id: Uuid,
    /// E.164
    phone_number: String,
    /// In words, where there are any
    reason: Option<String>,
    #[schema(value_type = SuppressionSource)]
    source: String,
    /// Whose list
    user_id: Uuid,
    /// `null`: nobody did by hand, or nobody took note
    added_by: Option<ActorView>,
    created_at: DateTime<Utc>,
}

impl From<ListedSuppression> for SuppressionView {
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

/// One page of suppressions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::page)]
pub struct SuppressionPage {
    success: bool,
    /// Suppressions on this page
    count: usize,
    /// Suppressions on all pages
    total: u64,
    page: u32,
    pages: u64,
    /// The newest first
    suppressions: Vec<SuppressionView>,
}

impl From<Paged<ListedSuppression>> for SuppressionPage {
    fn from(found: Paged<ListedSuppression>) -> Self {
        Self {
            success: true,
            count: found.items.len(),
            total: found.total,
            page: found.page.number,
            pages: found.pages(),
            suppressions: found.items.into_iter().map(SuppressionView::from).collect(),
        }
    }
}

/// One suppression.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::envelope)]
pub struct SuppressionEnvelope {
    success: bool,
    suppression: SuppressionView,
}

impl From<ListedSuppression> for SuppressionEnvelope {
    fn from(listed: ListedSuppression) -> Self {
        Self {
            success: true,
            suppression: listed.into(),
        }
    }
}

/// A number that is on the list now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::added)]
pub struct AddedSuppressionEnvelope {
    success: bool,
    #[schema(example = "Suppression added successfully")]
    message: &'static str,
    suppression: SuppressionView,
}

impl From<Added> for AddedSuppressionEnvelope {
    fn from(added: Added) -> Self {
        let message = if added.is_new {
            "Suppression added successfully"
        } else {
            "The number was suppressed already"
        };
        Self {
            success: true,
            message,
            suppression: added.suppression.into(),
        }
    }
}

/// What an import did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::imported)]
pub struct ImportedSuppressionsEnvelope {
    success: bool,
    #[schema(example = "Suppressions added: 2, known already: 1, refused: 0")]
    message: String,
    /// Numbers that are new
    added: u64,
    /// Rows whose number is on the list already
    duplicates: u64,
    /// Rows that were refused
    error_count: u64,
    /// What was wrong with them; the first 1,000
    errors: Vec<RowErrorView>,
}

impl From<ImportReport> for ImportedSuppressionsEnvelope {
    fn from(report: ImportReport) -> Self {
        Self {
            success: true,
            message: format!(
                "Suppressions added: {}, known already: {}, refused: {}",
                report.added, report.duplicates, report.refused
            ),
            added: report.added,
            duplicates: report.duplicates,
            error_count: report.refused,
            errors: report.errors.into_iter().map(RowErrorView::from).collect(),
        }
    }
}
