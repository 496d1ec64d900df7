//! What can be done with a campaign's contacts: brought in, found, changed, taken away, carried out.

mod change;
mod csv;
mod delete;
mod export;
mod exported;
mod find;
mod import;
mod json;
mod list;
mod names;
mod reading;
mod searchable;
mod update;

use std::sync::Arc;

pub use change::{Cell, ContactChange};
pub use import::ImportedContacts;
pub use list::ContactQuery;
pub(crate) use reading::NewContact;
pub use searchable::make_searchable;

use crate::clock::Clock;
use crate::database::Database;
use crate::dialing::Dialing;

/// The use cases of contacts. Cheap to clone.
#[derive(Clone)]
pub struct Contacts {
    database: Database,
    clock: Arc<dyn Clock>,
    dialing: Arc<Dialing>,
}

impl Contacts {
    /// Over `database`; `dialing` hears of contacts that may be called.
    #[must_use]
    pub fn new(database: Database, clock: Arc<dyn Clock>, dialing: Arc<Dialing>) -> Self {
        Self {
            database,
            clock,
            dialing,
        }
    }
}
