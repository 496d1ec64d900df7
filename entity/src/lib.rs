//! The tables, one file each: columns and what they mean, nothing else.
//!
//! Words (statuses, outcomes) are stored as text and spelled as `domain` spells them. Instants are UTC.

pub mod agent;
pub mod api_key;
pub mod call;
pub mod call_detail_rollup;
pub mod call_rollup;
pub mod campaign;
pub mod campaign_counters;
pub mod campaign_event;
pub mod campaign_zone;
pub mod carrier_breaker;
pub mod contact;
pub mod contact_text;
pub mod contact_text_due;
pub mod conversation;
pub mod kept_webhook;
pub mod lease;
pub mod phone_number;
pub mod suppression;
pub mod transcription;
pub mod user;
pub mod webhook;
pub mod worker;
