//! Contacts to add, as JSON or as CSV: the same in both generations.

use axum::http::HeaderMap;
use domain::CampaignId;
use engine::Actor;
use engine::contacts::{Contacts, ImportedContacts};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::error::ApiError;
use super::import::Written;
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

/// Has `body` read as `headers` say, and its contacts added.
///
/// # Errors
/// As [`Contacts::import`]; 415 for another content type.
pub(super) async fn import(
    contacts: &Contacts,
    actor: &Actor,
    campaign: CampaignId,
    (headers, body): (&HeaderMap, &[u8]),
) -> Result<ImportedContacts, ApiError> {
    let imported = match Written::of(headers, "contacts")? {
        Written::Json => contacts.import_json(actor, campaign, body).await?,
        Written::Csv => contacts.import_csv(actor, campaign, body).await?,
    };
    Ok(imported)
}
