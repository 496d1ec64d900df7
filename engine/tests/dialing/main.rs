//! Dialing step by step: the clock stands still, the carrier does as it is told, every step is a call of its own.
//!
//! Each rule is held on SQLite and on Postgres (`TEST_POSTGRES_URL`; `make test` sets it).

#[path = "../database/mod.rs"]
mod database;
mod listener;
mod stage;
mod told_agents;
mod told_carrier;

mod agent_faults;
mod agent_route;
mod agent_talks;
mod agent_tools;
mod analytics;
mod attempts;
mod breaker;
mod by_hand;
mod carrier_gone;
mod carriers;
mod claims;
mod coalesce;
mod conversations;
mod corrections;
mod details;
mod history;
mod in_short;
mod inbound;
mod kept_webhooks;
mod limits;
mod log;
mod meanwhile;
mod news;
mod older_version;
mod outlook;
mod overload;
mod owed_callbacks;
mod pacing;
mod prices;
mod recounts;
mod repairs;
mod restored;
mod routes;
mod silence;
mod single;
mod statistics;
mod suppressions;
mod talks;
mod transcription_claims;
mod transcriptions;
mod transcripts;
mod transfer_targets;
mod two_campaigns;
mod voicemail;
mod windows;
