//! Numbers that their owners must not call: added, brought in, found, carried out, removed.
//!
//! What is on the list is refused by the gate, so it holds for every campaign of its owner, for retries, callbacks and
//! single calls. Contacts learn of it when their turn comes: until then they keep their status.

mod add;
mod export;
mod exported;
mod find;
mod import;
mod key;
mod list;
mod reading;
mod remove;

use std::sync::Arc;

pub use add::{Added, NewSuppression};
pub use domain::SuppressionSource as Source;
use entity::{suppression, user};
pub use import::ImportQuery;
pub use key::SuppressionKey;
pub use list::SuppressionQuery;

use crate::clock::Clock;
use crate::database::Database;

/// The use cases of suppressions. Cheap to clone.
#[derive(Clone)]
pub struct Suppressions {
    database: Database,
    clock: Arc<dyn Clock>,
}

/// A suppression, and who added it.
#[derive(Clone, Debug)]
pub struct ListedSuppression {
    /// The suppression.
    pub row: suppression::Model,
    /// Who added it by hand; `None`: nobody did, or nobody took note.
    pub added_by: Option<user::Model>,
}

impl Suppressions {
    /// Over `database`.
    #[must_use]
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }
}

impl From<(suppression::Model, Option<user::Model>)> for ListedSuppression {
    fn from((row, added_by): (suppression::Model, Option<user::Model>)) -> Self {
        Self { row, added_by }
    }
}
