//! One contact of a campaign: seen, changed, taken away.

use axum::Json;
use axum::extract::State;
use domain::{CampaignId, ContactId};
use engine::contacts::{Cell, ContactChange};
use engine::field::Field;
use entity::contact;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::{ContactView, Done};
use super::{example, fields};
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract;
use crate::http::extract::Ids;

/// What a contact can be set to by hand.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum SettableStatus {
    /// Put back; only who was canceled before the first call.
    Pending,
    /// Taken out of the campaign.
    Canceled,
    /// Taken out for good: no campaign of the owner calls the number again.
    DoNotCall,
}

/// The fields of a contact. Left out: as it is; `null`, or an empty text: cleared. Texts must not contain the character
/// NUL.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::contact::changed_fields)]
pub struct ContactFields {
    /// E.164, or as it is dialled in the campaign's `region`. Cannot be cleared, nor change while the contact is queued or
    /// in a call
    #[schema(value_type = String, required = false, format = "phone-number", example = "+12025550123")]
    #[serde(default)]
    pub phone_number: Field<Cell>,
    /// Follows the first and the last name where none is given
    #[schema(value_type = Option<String>, max_length = 255, example = "John Doe")]
    #[serde(default)]
    pub name: Field<Cell>,
    /// First name
    #[schema(value_type = Option<String>, max_length = 255, example = "John")]
    #[serde(default)]
    pub first_name: Field<Cell>,
    /// Last name
    #[schema(value_type = Option<String>, max_length = 255, example = "Doe")]
    #[serde(default)]
    pub last_name: Field<Cell>,
    /// E-mail
    #[schema(value_type = Option<String>, format = "email", max_length = 255, example = "john.doe@example.com")]
    #[serde(default)]
    pub email: Field<Cell>,
    /// IANA name; `null`: the campaign's
    #[schema(value_type = Option<String>, format = "time-zone", example = "Asia/Kolkata")]
    #[serde(default)]
    pub timezone: Field<Cell>,
    /// Takes the place of what there is; reaches the agent; at most 16,384 bytes
    #[schema(schema_with = fields::contact_metadata)]
    #[serde(default)]
    pub metadata: Field<Cell>,
    /// Cannot change while the contact is in a call; the one it has already, whatever it is, changes nothing
    #[schema(value_type = SettableStatus, required = false, example = "do_not_call")]
    #[serde(default)]
    pub status: Field<String>,
}

impl From<ContactFields> for ContactChange {
    fn from(fields: ContactFields) -> Self {
        Self {
            phone_number: fields.phone_number,
            name: fields.name,
            first_name: fields.first_name,
            last_name: fields.last_name,
            email: fields.email,
            timezone: fields.timezone,
            metadata: fields.metadata,
            status: fields.status,
        }
    }
}

/// One contact.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::contact::envelope)]
pub struct ContactEnvelope {
    success: bool,
    contact: ContactView,
}

/// One contact, and what was done to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::contact::changed_envelope)]
pub struct ChangedContactEnvelope {
    success: bool,
    #[schema(example = "Contact updated successfully")]
    message: &'static str,
    contact: ContactView,
}

impl From<contact::Model> for ContactEnvelope {
    fn from(row: contact::Model) -> Self {
        Self {
            success: true,
            contact: row.into(),
        }
    }
}

/// One contact of a campaign.
#[utoipa::path(get, path = "/api/campaigns/{id}/contacts/{contactId}", tag = "campaigns",
    params(("id" = uuid::Uuid, Path), ("contactId" = i64, Path)),
    responses((status = 200, body = ContactEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Ids(campaign, id): Ids<CampaignId, ContactId>,
) -> Result<Json<ContactEnvelope>, ApiError> {
    let found = app.engine.contacts.get(&actor, campaign, id).await?;
    Ok(Json(found.into()))
}

/// Changes what the body mentions, also while the campaign runs. A status takes the contact out, or puts it back.
#[utoipa::path(put, path = "/api/campaigns/{id}/contacts/{contactId}", tag = "campaigns",
    params(("id" = uuid::Uuid, Path), ("contactId" = i64, Path)),
    request_body = ContactFields,
    responses((status = 200, body = ChangedContactEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn update(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Ids(campaign, id): Ids<CampaignId, ContactId>,
    extract::Json(fields): extract::Json<ContactFields>,
) -> Result<Json<ChangedContactEnvelope>, ApiError> {
    let contacts = &app.engine.contacts;
    let changed = contacts.update(&actor, campaign, id, fields.into()).await?;
    Ok(Json(ChangedContactEnvelope {
        success: true,
        message: "Contact updated successfully",
        contact: changed.into(),
    }))
}

/// Takes a contact away that is in no call; its calls stay in the books.
#[utoipa::path(delete, path = "/api/campaigns/{id}/contacts/{contactId}", tag = "campaigns",
    params(("id" = uuid::Uuid, Path), ("contactId" = i64, Path)),
    responses((status = 200, body = Done, example = example::contact::deleted),
        (status = 409, body = ErrorBody), (status = "4XX", body = ErrorBody)))]
pub async fn delete(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Ids(campaign, id): Ids<CampaignId, ContactId>,
) -> Result<Json<Done>, ApiError> {
    app.engine.contacts.delete(&actor, campaign, id).await?;
    Ok(Json(Done::new("Contact deleted successfully")))
}
