//! What can be done with campaigns: made, changed, started, stopped, found.
//!
//! Each use case is one transaction under the lock of the campaign's counters, the same lock under which a call is begun:
//! once it has answered, no call begins that did not see it.

pub(crate) mod agent_config;
pub mod change;
pub(crate) mod command;
mod configs;
mod create;
mod delete;
pub mod detail;
pub mod events;
pub(crate) mod find;
pub(crate) mod held_back;
pub mod limits;
mod list;
mod readiness;
pub(crate) mod reading;
mod references;
pub mod rules;
pub mod transfer;
mod update;

use std::sync::Arc;

pub use agent_config::AgentConfig;
pub use change::CampaignChange;
pub use detail::{CampaignDetail, CampaignOverview, LiveFigures};
pub use events::CampaignEvent;
pub use limits::Limits;
pub use list::CampaignQuery;

use crate::clock::Clock;
use crate::database::Database;
use crate::dialing::Dialing;
use crate::directory::Directory;

/// The use cases of campaigns. Cheap to clone.
#[derive(Clone)]
pub struct Campaigns {
    database: Database,
    clock: Arc<dyn Clock>,
    dialing: Arc<Dialing>,
    directory: Directory,
    limits: Limits,
}

impl Campaigns {
    /// Over `database`; `dialing` hears of everything that may let a call begin.
    #[must_use]
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        dialing: Arc<Dialing>,
        directory: Directory,
        limits: Limits,
    ) -> Self {
        Self {
            database,
            clock,
            dialing,
            directory,
            limits,
        }
    }
}
