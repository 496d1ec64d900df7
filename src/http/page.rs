//! Pages of a list.

use engine::page::{Page, PageSize};
use engine::{EngineError, FieldError};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which page is asked for. Kept as text until it is read, so that everything wrong with a query is told at once.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Page number; 1 where none is given
    #[param(value_type = Option<u32>, minimum = 1, example = 1)]
    pub page: Option<String>,
    /// Items per page
    #[param(value_type = Option<u32>, minimum = 1, example = 20)]
    pub limit: Option<String>,
}

/// Campaigns.
pub const CAMPAIGNS: PageSize = PageSize {
    default: 20,
    max: 100,
};
/// Contacts.
pub const CONTACTS: PageSize = PageSize {
    default: 20,
    max: 10_000,
};

impl PageQuery {
    /// The page.
    ///
    /// # Errors
    /// `Invalid` for what is no page.
    pub fn read(&self, allowed: PageSize) -> Result<Page, EngineError> {
        Page::read(self.page.as_deref(), self.limit.as_deref(), allowed)
            .map_err(|errors: Vec<FieldError>| EngineError::Invalid(errors))
    }

    /// True where the query names a page.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.page.is_some() || self.limit.is_some()
    }
}
