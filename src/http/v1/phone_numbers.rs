//! Numbers to call from.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use engine::directory::{OfferedNumber, Offers};
use serde::Serialize;
use utoipa::ToSchema;

use super::refresh::RefreshQuery;
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::Query;

/// A number to call from.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PhoneNumberV1 {
    /// What a campaign's `phoneId` names it by: the carrier's id, or the agents' provider's where the carrier has none
    #[serde(rename = "_id")]
    #[schema(example = "7d1f2c3a-0000-4000-8000-00000000c001")]
    id: String,
    /// Each provider that knows the number, with its id there; all of them can be a campaign's `phoneId`
    #[schema(example = json!({"signalwire": "7d1f2c3a-0000-4000-8000-00000000c001", "elevenlabs": "phnum_3k"}))]
    provider_ids: BTreeMap<String, String>,
    /// E.164
    #[schema(example = "+18005551234")]
    number: String,
    #[schema(example = "Main line")]
    label: Option<String>,
    /// Whose `_id` it is
    #[schema(example = "signalwire")]
    provider: String,
    /// False where its provider says that nobody can be called with it
    has_voice: bool,
    /// When it was last seen there
    fetched_at: DateTime<Utc>,
    /// Since when no provider offers it any more; `null`: it is there
    vanished_at: Option<DateTime<Utc>>,
}

impl From<OfferedNumber> for PhoneNumberV1 {
    fn from(offered: OfferedNumber) -> Self {
        Self {
            id: offered.id,
            provider_ids: offered.provider_ids,
            number: offered.number,
            label: offered.label,
            provider: offered.provider,
            has_voice: offered.has_voice,
            fetched_at: offered.fetched_at,
            vanished_at: offered.vanished_at,
        }
    }
}

/// Numbers to call from.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhoneNumberListV1 {
    success: bool,
    /// By number; those that are gone come last
    data: Vec<PhoneNumberV1>,
    count: usize,
    /// Which providers did not answer; of theirs `data` has what was known before
    #[schema(example = json!([]))]
    warnings: Vec<String>,
}

impl From<Offers<OfferedNumber>> for PhoneNumberListV1 {
    fn from(offers: Offers<OfferedNumber>) -> Self {
        Self {
            success: true,
            count: offers.items.len(),
            data: offers.items.into_iter().map(PhoneNumberV1::from).collect(),
            warnings: offers.warnings,
        }
    }
}

/// The numbers that the providers offer, each once. They are asked where that was more than five minutes ago.
#[utoipa::path(get, path = "/api/v1/phone-numbers", tag = "directory v1", params(RefreshQuery),
    responses((status = 200, body = PhoneNumberListV1), (status = "4XX", body = ErrorBody),
        (status = 503, body = ErrorBody, description = "No provider answers, and nothing is known")))]
pub async fn list(
    State(app): State<App>,
    _actor: Authenticated,
    Query(query): Query<RefreshQuery>,
) -> Result<Json<PhoneNumberListV1>, ApiError> {
    let offers = app.engine.directory.numbers(query.read()?).await?;
    Ok(Json(offers.into()))
}
