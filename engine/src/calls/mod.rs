//! The log of calls: found one by one and in lists, asked for, and corrected by people who know better. Calls are written
//! by dialing.

pub mod analysis;
pub mod correct;
pub mod cursor;
pub mod detail;
pub mod find;
pub mod history;
pub mod key;
pub mod list;
pub mod log;
pub(crate) mod number;
pub mod outbound;
pub mod retriable;

use std::sync::Arc;

pub use analysis::VoicemailAnalysis;
pub use correct::Corrected;
pub use detail::{LoggedCall, LoggedDetail};
pub use key::CallKey;
pub use list::CallQuery;
pub use log::{CallLogQuery, LogPage};
pub use outbound::{OutboundDefaults, OutboundRequest};
pub use retriable::{RetriableQuery, RetryCandidate};

use entity::call::Model;

use crate::clock::Clock;
use crate::database::Database;
use crate::dialing::Dialing;
use crate::directory::Directory;

/// The use cases of the log of calls. Cheap to clone.
#[derive(Clone)]
pub struct Calls {
    database: Database,
    clock: Arc<dyn Clock>,
    dialing: Arc<Dialing>,
    directory: Directory,
    outbound: OutboundDefaults,
}

impl Calls {
    /// Over `database`, calling through `dialing`.
    #[must_use]
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        dialing: Arc<Dialing>,
        directory: Directory,
        outbound: OutboundDefaults,
    ) -> Self {
        Self {
            database,
            clock,
            dialing,
            directory,
            outbound,
        }
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
