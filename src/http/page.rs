//! Pages of a list.

use engine::EngineError;
use engine::field::Sieve;
use engine::page::{Page, PageRequest, PageSize};
use engine::query::Param;
use serde::Deserialize;

/// Which page is asked for. Kept as it came until it is read, so that everything wrong with a query is told at once.
/// The reference describes it list by list: [`super::openapi::pages`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PageQuery {
    /// Page number; 1 where none is given
    pub page: Param,
    /// Items per page
    pub limit: Param,
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
/// Calls.
pub const CALLS: PageSize = PageSize {
    default: 20,
    max: 1_000,
};
/// Conversations.
pub const CONVERSATIONS: PageSize = PageSize {
    default: 20,
    max: 100,
};
/// What happened to a campaign.
pub const EVENTS: PageSize = PageSize {
    default: 20,
    max: 100,
};

/// Suppressions.
pub const SUPPRESSIONS: PageSize = PageSize {
    default: 20,
    max: 10_000,
};

/// Users, and their keys.
pub const USERS: PageSize = PageSize {
    default: 20,
    max: 100,
};

impl PageQuery {
    /// The page as the engine takes it that reads all of a query.
    #[must_use]
    pub fn within(self, allowed: PageSize) -> PageRequest {
        PageRequest {
            number: self.page,
            size: self.limit,
            allowed,
        }
    }

    /// The page, for a list that can be asked nothing else.
    ///
    /// # Errors
    /// `Invalid` for what is no page.
    pub fn read(&self, allowed: PageSize) -> Result<Page, EngineError> {
        let mut sieve = Sieve::default();
        let page = self.clone().within(allowed).read(&mut sieve);
        sieve.done(page).map_err(EngineError::Invalid)
    }

    /// True where the query names a page.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.page.is_given() || self.limit.is_given()
    }
}
