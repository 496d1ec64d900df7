//! The whole dialer from outside: real processes, real HTTP, real Postgres and Redis, a pretend phone network.
//!
//! What happened is asserted on what the carrier saw ([`simulator::Recorder`]), not on what the dialer believes.

mod support;

mod access;
mod crash;
mod dashboard;
mod lifecycle;
mod metrics;
mod whole_campaign;
