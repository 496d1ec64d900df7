//! All SQL is here: free functions over a connection or a transaction, races settled by the database.
//!
//! Every transaction that changes where a campaign's contacts stand, or what is counted of its calls, locks the campaign's
//! counter row before it commits: [`counters::Ledger::lock`], or [`counter_changes::CounterChanges::add_to`] at the end. So
//! what is read under that lock is the truth until the commit. Rows are locked in one order, each kind by its key: webhooks
//! that are kept; receipts; calls that are reported on and their own contacts; people ([`people::decide_alone`], which orders the campaigns of one
//! owner); breakers; counters; other contacts; sums.

pub mod active_campaigns;
pub mod agents;
mod any_of;
pub mod api_keys;
pub mod arrays;
pub mod batch_insert;
pub mod batch_update;
pub mod breakers;
pub mod bucket_sums;
pub mod call_checks;
pub mod call_list;
pub mod call_log;
pub mod call_names;
pub mod call_sums;
pub mod calls;
pub mod calls_within;
pub mod campaign_list;
pub mod campaigns;
pub mod candidates;
pub mod contact_by_id;
pub mod contact_export;
pub mod contact_import;
pub mod contact_list;
pub mod contact_names;
pub mod contact_texts;
pub mod contacts;
pub mod conversation_list;
pub mod conversations;
pub mod counter_changes;
pub mod counters;
pub mod detail_sums;
pub mod due_contacts;
pub mod event_list;
pub mod events;
pub mod foreign;
pub mod histogram;
pub mod hour_sums;
pub mod in_call;
pub mod inbound_calls;
pub mod inbox;
pub mod kept_webhooks;
pub mod leases;
pub mod live;
pub mod live_calls;
pub mod outbound_sums;
mod padded;
pub mod people;
pub mod phone_numbers;
pub mod price_checks;
pub mod price_sums;
pub mod quarter_sums;
pub mod recount;
pub mod restored;
pub mod retry_candidates;
pub mod rollup_corrections;
pub mod rollup_rows;
pub mod rollups;
mod rows_by_key;
mod search;
pub mod slice;
pub mod suppression_list;
pub mod suppressions;
mod texts_by_size;
pub mod transcriptions;
pub mod transcripts;
pub mod unplaced_calls;
pub mod users;
pub mod workers;
