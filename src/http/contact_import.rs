//! Contacts to add, as JSON or as CSV: the same in both generations.

use axum::http::HeaderMap;
use domain::CampaignId;
use engine::contacts::{Contacts, ImportReport, RowError};
use engine::{Actor, EngineError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{content_type, unsupported};
use super::v1::example;

/// Contacts to add. The engine reads them one by one, so that a bad one does not spoil the others; this describes them.
#[derive(Deserialize, ToSchema)]
#[schema(example = example::new_contacts)]
#[expect(dead_code, reason = "describes a body that the engine reads")]
pub struct NewContacts {
    /// At most 100,000
    #[schema(max_items = 100_000)]
    contacts: Vec<NewContact>,
}

/// A contact to add. Names that are not listed here are kept with its metadata.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes a body that the engine reads")]
pub struct NewContact {
    /// E.164, or as dialled in the campaign's region
    #[schema(format = "phone-number", example = "+919812345678")]
    phone_number: String,
    #[schema(max_length = 255, example = "John Doe")]
    name: Option<String>,
    #[schema(max_length = 255, example = "John")]
    first_name: Option<String>,
    #[schema(max_length = 255, example = "Doe")]
    last_name: Option<String>,
    #[schema(format = "email", max_length = 255, example = "john.doe@example.com")]
    email: Option<String>,
    /// IANA name; absent: the campaign's
    #[schema(format = "time-zone", example = "Asia/Kolkata")]
    timezone: Option<String>,
    /// Reaches the agent; at most 16,384 bytes
    #[schema(value_type = Option<Object>, additional_properties)]
    metadata: Option<Map<String, Value>>,
}

/// Contacts to add, as a table: UTF-8, separated by commas, semicolons or tabs. The first line names the columns.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = String, format = "contacts-csv",
    example = "phoneNumber,name,plan\n+919812345678,Asha,gold\n+919812345679,Ravi,\n")]
#[expect(dead_code, reason = "describes a body that the engine reads")]
pub struct ContactsCsv(String);

/// What is wrong with a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowErrorView {
    /// The line of the file, or the place in the list, from 1 on
    row: u64,
    #[schema(example = "phoneNumber")]
    field: String,
    message: String,
}

impl From<RowError> for RowErrorView {
    fn from(error: RowError) -> Self {
        Self {
            row: error.row,
            field: error.field,
            message: error.message,
        }
    }
}

/// How a body of contacts is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Written {
    Json,
    Csv,
}

impl Written {
    /// As the request's headers say.
    ///
    /// # Errors
    /// 415 for anything else.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        match content_type(headers).as_deref() {
            Some("application/json") => Ok(Self::Json),
            Some("text/csv") => Ok(Self::Csv),
            _ => Err(unsupported("send contacts as application/json or text/csv")),
        }
    }

    /// Has `body` read and its contacts added.
    ///
    /// # Errors
    /// As [`Contacts::import`].
    pub(super) async fn import(
        self,
        contacts: &Contacts,
        actor: &Actor,
        campaign: CampaignId,
        body: &[u8],
    ) -> Result<ImportReport, EngineError> {
        match self {
            Self::Json => contacts.import_json(actor, campaign, body).await,
            Self::Csv => contacts.import_csv(actor, campaign, body).await,
        }
    }
}
