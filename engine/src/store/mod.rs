//! All SQL is here: free functions over a connection or a transaction, races settled by the database.
//!
//! Every transaction that touches a campaign's contacts or calls first locks the campaign's counter row
//! ([`counters::Ledger::lock`]), in the order of ids. That one lock orders everything that happens to a campaign, so the
//! rows read after it are the truth until the commit, and batches cannot deadlock.

pub mod batch_update;
pub mod calls;
pub mod campaigns;
pub mod contacts;
pub mod conversations;
pub mod counters;
pub mod events;
pub mod inbox;
pub mod leases;
pub mod rollups;
pub mod suppressions;
pub mod workers;
