//! What the second generation tells of contacts.

use chrono::{DateTime, Utc};
use engine::contacts::ImportedContacts;
use engine::page::Paged;
use entity::contact;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::example;
use crate::http::campaigns::view::ContactStatus;
use crate::http::import::RowErrorView;

/// A contact.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactV1 {
    #[serde(rename = "_id")]
    id: i64,
    phone_number: String,
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    #[schema(value_type = ContactStatus)]
    status: String,
    attempts: i32,
    last_error: Option<String>,
    last_outcome: Option<String>,
    next_attempt_at: Option<DateTime<Utc>>,
    last_attempt_at: Option<DateTime<Utc>>,
    /// IANA name; `null`: the campaign's
    timezone: Option<String>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<contact::Model> for ContactV1 {
    fn from(row: contact::Model) -> Self {
        Self {
            id: row.id,
            phone_number: row.phone_number,
            name: row.name,
            first_name: row.first_name,
            last_name: row.last_name,
            email: row.email,
            status: row.status,
            attempts: row.attempts,
            last_error: row.last_error,
            last_outcome: row.last_outcome,
            next_attempt_at: row.next_attempt_at,
            last_attempt_at: row.last_attempt_at,
            timezone: Some(row.timezone).filter(|zone| !zone.is_empty()),
            metadata: row.metadata,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// One page of contacts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::contact_page)]
pub struct ContactPageV1 {
    success: bool,
    data: ContactsV1,
}

/// One page of contacts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactsV1 {
    contacts: Vec<ContactV1>,
    /// Contacts on all pages
    total: u64,
    page: u32,
    limit: u32,
    pages: u64,
}

impl From<Paged<contact::Model>> for ContactPageV1 {
    fn from(found: Paged<contact::Model>) -> Self {
        Self {
            success: true,
            data: ContactsV1 {
                total: found.total,
                page: found.page.number,
                limit: found.page.size,
                pages: found.pages(),
                contacts: found.items.into_iter().map(ContactV1::from).collect(),
            },
        }
    }
}

/// What an import did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::import_envelope)]
pub struct ImportEnvelope {
    success: bool,
    data: ImportView,
}

/// What an import did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportView {
    /// Contacts that are new
    added: u64,
    /// Rows whose number the campaign has already
    duplicates: u64,
    /// Of these rows those whose number the campaign's owner must not call: they are in the campaign and not called
    suppressed: u64,
    /// Rows that were refused
    error_count: u64,
    /// What was wrong with them; the first 1,000
    errors: Vec<RowErrorView>,
}

impl From<ImportedContacts> for ImportEnvelope {
    fn from(imported: ImportedContacts) -> Self {
        let report = imported.report;
        Self {
            success: true,
            data: ImportView {
                added: report.added,
                duplicates: report.duplicates,
                suppressed: imported.suppressed,
                error_count: report.refused,
                errors: report.errors.into_iter().map(RowErrorView::from).collect(),
            },
        }
    }
}
