//! The calls with one number.

use std::cmp::Reverse;

use domain::PhoneNumber;

use super::Calls;
use super::detail::LoggedCall;
use super::number::international;
use crate::actor::Actor;
use crate::error::EngineError;
use crate::field::Sieve;
use crate::page::{PageRequest, PageSize};
use crate::query::Param;
use crate::store::call_log;

/// How many calls are told.
const LENGTH: PageSize = PageSize {
    default: 10,
    max: 100,
};

/// The last calls with one number.
#[derive(Clone, Debug)]
pub struct History {
    /// The number, as it was understood.
    pub number: PhoneNumber,
    /// The calls, the last begun first.
    pub calls: Vec<LoggedCall>,
}

impl Calls {
    /// The last calls to `number`, and inbound ones from it, that `actor` may see: `limit` of them, 1 to 100, 10 where
    /// nobody says. The number is E.164, with or without its `+`.
    ///
    /// # Errors
    /// `Invalid` for what is no number, and no limit.
    pub async fn history(
        &self,
        actor: &Actor,
        number: &str,
        limit: Param,
    ) -> Result<History, EngineError> {
        let mut sieve = Sieve::default();
        let number = sieve.param("phoneNumber", &number.into(), international);
        let page = PageRequest {
            number: Param::Absent,
            size: limit,
            allowed: LENGTH,
        };
        let size = u64::from(page.read(&mut sieve).size);
        let number = sieve.done(number).map_err(EngineError::Invalid)?;
        let number = number.ok_or_else(|| EngineError::invalid("phoneNumber", "is required"))?;
        let (db, owner) = (self.database.reader(), actor.scope());
        let mut rows = call_log::last_to(db, owner, number.expose(), size).await?;
        rows.extend(call_log::last_from(db, owner, number.expose(), size).await?);
        rows.sort_by_key(|row| Reverse((row.begun_at, row.id)));
        // Somebody who calls themselves.
        rows.dedup_by_key(|row| row.id);
        rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        Ok(History {
            number,
            calls: self.dressed(rows).await?,
        })
    }
}
