//! What callers get to see of a campaign.

use domain::breaker::Hold;
use entity::{campaign, campaign_counters, user};

use crate::store::campaign_list::WithCounters;

/// A campaign and what it comes to.
#[derive(Clone, Debug)]
pub struct CampaignDetail {
    /// Its row.
    pub row: campaign::Model,
    /// Its counters, as of the same instant.
    pub counters: campaign_counters::Model,
    /// Why its calls wait, where it is active and its carrier is left alone. Looked up where the campaign is shown.
    pub held_back: Option<Hold>,
    /// Sentences for whoever has just made or changed it: which of its ids could not be confirmed. Empty otherwise.
    pub warnings: Vec<String>,
}

impl From<WithCounters> for CampaignDetail {
    fn from((row, counters): WithCounters) -> Self {
        Self {
            row,
            counters,
            held_back: None,
            warnings: Vec::new(),
        }
    }
}

/// A campaign with everything its page shows.
#[derive(Clone, Debug)]
pub struct CampaignOverview {
    /// The campaign.
    pub campaign: CampaignDetail,
    /// Whose it is.
    pub owner: Option<user::Model>,
    /// The name of its agent, where we know it.
    pub agent_name: Option<String>,
    /// Its caller number: its own, else what we know of the id it names.
    pub caller_number: Option<String>,
    /// The numbers of its contacts, in the order of import; at most [`OVERVIEW_NUMBERS_MAX`].
    pub phone_numbers: Vec<String>,
}

/// Numbers in an overview; a longer list is read page by page.
pub const OVERVIEW_NUMBERS_MAX: u32 = 10_000;

/// A campaign's live figures, derived from its counters, and why they stand still where its calls wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveFigures {
    /// Contacts.
    pub total: i32,
    /// Contacts that are done, one way or another.
    pub processed: i32,
    /// Contacts that are not done.
    pub remaining: i32,
    /// Contacts reached.
    pub completed: i32,
    /// Contacts given up.
    pub failed: i32,
    /// Contacts whose call waits for a worker.
    pub queued: i32,
    /// Calls that hold a slot.
    pub live: i32,
    /// Calls the carrier accepted.
    pub calls: i32,
    /// Calls answered and ended.
    pub calls_completed: i32,
    /// Calls ended otherwise.
    pub calls_failed: i32,
    /// Why calls wait, where they are held back.
    pub held_back: Option<Hold>,
}

impl From<&CampaignDetail> for LiveFigures {
    fn from(campaign: &CampaignDetail) -> Self {
        let row = &campaign.counters;
        let processed = row.completed + row.failed + row.do_not_call + row.canceled;
        Self {
            total: row.total,
            processed,
            remaining: row.total - processed,
            completed: row.completed,
            failed: row.failed,
            queued: row.queued,
            live: row.live,
            calls: row.calls_placed,
            calls_completed: row.calls_completed,
            calls_failed: row.calls_failed + row.calls_busy + row.calls_no_answer,
            held_back: campaign.held_back,
        }
    }
}
