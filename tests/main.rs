//! The whole dialer from outside: real processes, real HTTP, real Postgres and Redis, a pretend phone network.
//!
//! What happened is asserted on what the carrier saw ([`simulator::Recorder`]), not on what the dialer believes.

mod support;

mod access;
mod agent_tools;
mod answers;
mod as_documented;
mod bad_requests;
mod callbacks;
mod calls;
mod campaigns;
mod configuration;
mod contact_files;
mod contacts;
mod conversations;
mod crash;
mod dashboard;
mod events;
mod forged_webhooks;
mod http_limits;
mod import;
mod inbound;
mod lifecycle;
mod lists;
mod metrics;
mod parity;
mod parity_of_imports;
mod prices;
mod queries;
mod recordings;
mod refused_changes;
mod running_changes;
mod secrets;
mod seed_walk;
mod statistics;
mod taken_out;
mod transfer_targets;
mod v1_analytics;
mod v1_call_logs;
mod v1_call_stats;
mod v1_calls;
mod v1_campaigns;
mod v1_directory;
mod v1_false_positives;
mod v1_live_processes;
mod v1_retriable;
mod v1_stats;
mod v1_summary;
mod v1_users;
mod v1_ws;
mod v1_ws_access;
mod v1_ws_clients;
mod validation;
mod webhooks;
mod whole_campaign;
