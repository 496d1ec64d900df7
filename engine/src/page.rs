//! One page of a list.

use crate::field::Sieve;
use crate::query::Param;

/// Which page, and how long one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// 1 for the first.
    pub number: u32,
    /// Items per page.
    pub size: u32,
}

/// How long pages are where nobody says, and how long they may be.
#[derive(Clone, Copy, Debug)]
pub struct PageSize {
    /// Where nobody says.
    pub default: u32,
    /// At most.
    pub max: u32,
}

/// Which page a query asks for, not read yet: what is wrong with it is told together with the rest of the query.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// `page`.
    pub number: Param,
    /// `limit`.
    pub size: Param,
    /// How long a page may be.
    pub allowed: PageSize,
}

impl PageRequest {
    /// True where the query names a page.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.number.is_given() || self.size.is_given()
    }

    /// The page. Whichever of the two is no whole number from 1 on, or a `limit` above the longest, is noted in `sieve`.
    pub fn read(&self, sieve: &mut Sieve) -> Page {
        let number = sieve.param("page", &self.number, |text| whole(text, u32::MAX));
        let size = sieve.param("limit", &self.size, |text| whole(text, self.allowed.max));
        Page {
            number: number.unwrap_or(1),
            size: size.unwrap_or(self.allowed.default),
        }
    }
}

impl Page {
    /// How many items come before it.
    #[must_use]
    pub fn offset(self) -> u64 {
        u64::from(self.number.saturating_sub(1)) * u64::from(self.size)
    }
}

fn whole(text: &str, max: u32) -> Result<u32, String> {
    match text.parse() {
        Ok(number) if (1..=max).contains(&number) => Ok(number),
        _ if max == u32::MAX => Err("must be a whole number from 1 on".to_owned()),
        _ => Err(format!("must be a whole number from 1 to {max}")),
    }
}

/// The items of one page.
#[derive(Clone, Debug)]
pub struct Paged<T> {
    /// In order.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
    /// Which page this is.
    pub page: Page,
}

impl<T> Paged<T> {
    /// How many pages there are.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.total.div_ceil(u64::from(self.page.size.max(1)))
    }
}
