//! Which contacts are asked for, and how they are to be told: the same in both generations.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use engine::contacts::ContactQuery;
use engine::page::PageRequest;
use utoipa::ToSchema;

use super::accept::is_csv_preferred;
use super::campaigns;
use super::campaigns::request::ContactListQuery;
use super::error::ApiError;
use super::extract::Query;
use super::page::{self, PageQuery};

/// A campaign's contacts as a table: UTF-8, separated by commas, lines end with CR LF. The first line names the columns.
#[derive(ToSchema)]
#[schema(value_type = String, example = campaigns::example::contact::file)]
#[expect(dead_code, reason = "describes a file that the engine writes")]
pub struct ContactsFile(String);

/// A request for a campaign's contacts.
#[derive(Clone, Debug)]
pub struct ContactsWanted {
    /// Which.
    pub query: ContactQuery,
    /// The page that is named, or none.
    pub page: PageRequest,
    /// True where a CSV file is wanted: without a page, of everybody.
    pub as_csv: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for ContactsWanted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(page) = Query::<PageQuery>::from_request_parts(parts, state).await?;
        let Query(query) = Query::<ContactListQuery>::from_request_parts(parts, state).await?;
        Ok(Self {
            query: query.into(),
            page: page.within(page::CONTACTS),
            as_csv: is_csv_preferred(&parts.headers),
        })
    }
}
