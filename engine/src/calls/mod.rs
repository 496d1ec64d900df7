//! The log of calls: found one by one and in lists. Calls are written by dialing.

pub mod find;
pub mod list;

pub use list::CallQuery;

use entity::call::Model;

use crate::database::Database;

/// The use cases of the log of calls. Cheap to clone.
#[derive(Clone)]
pub struct Calls {
    database: Database,
}

impl Calls {
    /// Over `database`.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

/// A call, and who was called.
#[derive(Clone, Debug)]
pub struct CallDetail {
    /// The call.
    pub row: Model,
    /// The name of the contact, where the call has one and it has one.
    pub contact_name: Option<String>,
}
