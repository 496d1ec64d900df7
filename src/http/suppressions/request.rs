//! What is asked about suppressions: the same in both generations.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use engine::field::Field;
use engine::import::ImportReport;
use engine::page::PageRequest;
use engine::query::Param;
use engine::suppressions::{ImportQuery, NewSuppression, SuppressionQuery};
use engine::{Actor, Suppressions};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::example;
use super::view::SuppressionSource;
use crate::http::accept::is_csv_preferred;
use crate::http::error::ApiError;
use crate::http::extract::Query;
use crate::http::import::Written;
use crate::http::page::{self, PageQuery};

/// Which suppressions are looked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct SuppressionListQuery {
    /// Only those that came onto the list in this way
    #[param(value_type = Option<SuppressionSource>, example = "conversation")]
    pub source: Param,
    /// Only those with these digits in a row in their number; spaces, dashes, dots, slashes, parentheses and a `+` are
    /// passed over
    #[param(value_type = Option<String>, format = "phone-number-part", max_length = 200, example = "800-555")]
    pub search: Param,
    /// Only those of this user's list; administrators may name anybody
    #[param(value_type = Option<String>, format = "user-id")]
    pub user_id: Param,
}

impl From<SuppressionListQuery> for SuppressionQuery {
    fn from(query: SuppressionListQuery) -> Self {
        Self {
            user: query.user_id,
            source: query.source,
            search: query.search,
        }
    }
}

/// Whose list is meant.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct OwnerQuery {
    /// Whose list; one's own where nobody is named. Administrators may name anybody
    #[param(value_type = Option<String>, format = "user-id")]
    pub user_id: Param,
}

/// How the rows of an import are to be read.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct SuppressionImportQuery {
    /// Onto whose list; one's own where nobody is named. Administrators may name anybody
    #[param(value_type = Option<String>, format = "user-id")]
    pub user_id: Param,
    /// ISO 3166: where numbers without `+` belong to whose row names no `region`
    #[param(value_type = Option<String>, format = "region", min_length = 2, max_length = 2, example = "IN")]
    pub region: Param,
}

impl From<SuppressionImportQuery> for ImportQuery {
    fn from(query: SuppressionImportQuery) -> Self {
        Self {
            user: query.user_id,
            region: query.region,
        }
    }
}

/// A number that must not be called.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(example = example::new_suppression)]
#[serde(rename_all = "camelCase")]
pub struct SuppressionFields {
    /// Required; E.164, or as dialled in `region`
    #[schema(required = true, value_type = String, format = "phone-number", example = "+18005551234")]
    #[serde(default)]
    pub phone_number: Field<String>,
    /// ISO 3166: where a number without `+` belongs to
    #[schema(value_type = Option<String>, format = "region", min_length = 2, max_length = 2, example = "US")]
    #[serde(default)]
    pub region: Field<String>,
    /// Why, in words
    #[schema(value_type = Option<String>, max_length = 1000, example = "Asked by letter")]
    #[serde(default)]
    pub reason: Field<String>,
}

impl From<SuppressionFields> for NewSuppression {
    fn from(fields: SuppressionFields) -> Self {
        Self {
            phone_number: fields.phone_number,
            region: fields.region,
            reason: fields.reason,
        }
    }
}

/// Numbers to add. The engine reads them one by one, so that a bad one does not spoil the others; this describes them.
#[derive(Deserialize, ToSchema)]
#[schema(example = example::new_suppressions)]
#[expect(dead_code, reason = "describes a body that the engine reads")]
pub struct NewSuppressions {
    /// At most 100,000
    #[schema(max_items = 100_000)]
    suppressions: Vec<SuppressionFields>,
}

/// Numbers to add, as a table: UTF-8, separated by commas, semicolons or tabs. The first line names the columns.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = String, format = "contacts-csv",
    example = "phoneNumber,reason\n+18005551234,Asked by letter\n+18005551235,\n")]
#[expect(dead_code, reason = "describes a body that the engine reads")]
pub struct SuppressionsCsv(String);

/// Suppressions as a table: UTF-8, separated by commas, lines end with CR LF. The first line names the columns.
#[derive(ToSchema)]
#[schema(value_type = String, example = example::file)]
#[expect(dead_code, reason = "describes a file that the engine writes")]
pub struct SuppressionsFile(String);

/// A request for suppressions.
#[derive(Clone, Debug)]
pub struct SuppressionsWanted {
    /// Which.
    pub query: SuppressionQuery,
    /// The page that is named, or none.
    pub page: PageRequest,
    /// True where a CSV file is wanted: without a page, of all of them.
    pub as_csv: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for SuppressionsWanted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(page) = Query::<PageQuery>::from_request_parts(parts, state).await?;
        let Query(query) = Query::<SuppressionListQuery>::from_request_parts(parts, state).await?;
        Ok(Self {
            query: query.into(),
            page: page.within(page::SUPPRESSIONS),
            as_csv: is_csv_preferred(&parts.headers),
        })
    }
}

/// Has `body` read as `headers` say, and its numbers added.
///
/// # Errors
/// As [`Suppressions::import_json`]; 415 for another content type.
pub(in crate::http) async fn import(
    list: &Suppressions,
    actor: &Actor,
    query: SuppressionImportQuery,
    (headers, body): (&HeaderMap, &[u8]),
) -> Result<ImportReport, ApiError> {
    let query = query.into();
    let report = match Written::of(headers, "suppressions")? {
        Written::Json => list.import_json(actor, query, body).await?,
        Written::Csv => list.import_csv(actor, query, body).await?,
    };
    Ok(report)
}
