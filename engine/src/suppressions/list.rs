//! Finding suppressions.

use super::{ListedSuppression, Suppressions};
use crate::access;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::field::{Sieve, text_up_to};
use crate::page::{Page, PageRequest, Paged};
use crate::query::{Param, word};
use crate::store::suppression_list::{self, Filter};

/// Characters of a search.
const SEARCH_CHARS_MAX: usize = 200;

/// Which suppressions somebody looks for, as it stands in a query.
#[derive(Clone, Debug, Default)]
pub struct SuppressionQuery {
    /// Only those of this user: our id, or the dashboard's.
    pub user: Param,
    /// Only those that came onto the list in this way.
    pub source: Param,
    /// Only those with these digits in a row in their number.
    pub search: Param,
}

impl Suppressions {
    /// The suppressions that `actor` may see and `query` asks for, one page of them, the newest first.
    ///
    /// # Errors
    /// `Invalid` with everything in `query` and `page` that is no answer to its question; `Forbidden` where it asks for
    /// somebody else's list.
    pub async fn list(
        &self,
        actor: &Actor,
        query: SuppressionQuery,
        page: PageRequest,
    ) -> Result<Paged<ListedSuppression>, EngineError> {
        let (filter, page) = self.read(actor, &query, &page).await?;
        let (rows, total) = suppression_list::list(self.database.searcher(), &filter, page).await?;
        let items = rows.into_iter().map(ListedSuppression::from).collect();
        Ok(Paged { items, total, page })
    }

    /// What `query` and `page` mean to `actor`.
    pub(super) async fn read(
        &self,
        actor: &Actor,
        query: &SuppressionQuery,
        page: &PageRequest,
    ) -> Result<(Filter, Page), EngineError> {
        let mut sieve = Sieve::default();
        let page = page.read(&mut sieve);
        let filter = Filter {
            source: sieve.param("source", &query.source, word),
            digits: sieve.param("search", &query.search, digits),
            owner: access::owner(&self.database, &mut sieve, actor, &query.user).await?,
        };
        sieve.done((filter, page)).map_err(EngineError::Invalid)
    }
}

/// The digits of part of a number, as people write it. A `+` stands for nothing: addresses may have swallowed it.
fn digits(text: &str) -> Result<String, String> {
    const BETWEEN: [char; 7] = [' ', '+', '-', '.', '/', '(', ')'];
    let text = text_up_to(text, SEARCH_CHARS_MAX)?;
    let digits = text.replace(BETWEEN, "");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("must be part of a phone number: its digits, as they are written".to_owned());
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn part_of_a_number_is_searched_for_by_its_digits() {
        for text in [
            "2025550",
            "+2025550",
            " 2025550",
            "(202) 555-0",
            "202.555/0",
        ] {
            assert_eq!(digits(text).as_deref(), Ok("2025550"));
        }
        for text in ["", "+", "call me", "202x", "٢٠٢", "20\0", &"1".repeat(201)] {
            assert!(digits(text).is_err(), "{text}");
        }
    }
}
