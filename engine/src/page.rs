//! One page of a list.

use crate::error::FieldError;
use crate::field::Sieve;

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

impl Page {
    /// Reads `page` and `limit` as they stand in a query.
    ///
    /// # Errors
    /// Every one of the two that is not a whole number from 1 on, or a `limit` above the longest.
    pub fn read(
        number: Option<&str>,
        size: Option<&str>,
        allowed: PageSize,
    ) -> Result<Self, Vec<FieldError>> {
        let mut sieve = Sieve::default();
        let number = whole(&mut sieve, "page", number, u32::MAX).unwrap_or(1);
        let size = whole(&mut sieve, "limit", size, allowed.max).unwrap_or(allowed.default);
        if sieve.errors.is_empty() {
            Ok(Self { number, size })
        } else {
            Err(sieve.errors)
        }
    }

    /// How many items come before it.
    #[must_use]
    pub fn offset(self) -> u64 {
        u64::from(self.number.saturating_sub(1)) * u64::from(self.size)
    }
}

fn whole(sieve: &mut Sieve, name: &str, text: Option<&str>, max: u32) -> Option<u32> {
    let text = text.filter(|text| !text.is_empty())?;
    match text.parse() {
        Ok(number) if (1..=max).contains(&number) => Some(number),
        _ if max == u32::MAX => {
            sieve.refuse(name, "must be a whole number from 1 on");
            None
        }
        _ => {
            sieve.refuse(name, format!("must be a whole number from 1 to {max}"));
            None
        }
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
