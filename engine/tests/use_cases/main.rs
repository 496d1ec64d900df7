//! What campaigns, contacts and users may be asked to do, on both databases, with a clock that stands still and a carrier
//! that carries nothing.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be unwrapped fails the test"
)]

#[macro_use]
mod bench;
#[path = "../database/mod.rs"]
mod database;

mod access;
mod campaigns;
mod contacts;
mod directory;
mod exports;
mod imports_at_once;
mod lifecycle;
mod listing;
mod migrations;
mod providers;
mod searches;
mod sorting;
mod suppressions;
mod upgrade;
mod users;
mod ways;
