//! What the tests stand on.

pub mod api;
pub mod both;
pub mod campaign;
pub mod database;
pub mod dialer;
pub mod dump;
pub mod eventually;
pub mod leaks;
pub mod listening;
pub mod people;
pub mod policy;
pub mod postgres_server;
pub mod prices;
pub mod process;
pub mod promises;
pub mod providers;
pub mod raw;
pub mod redis_server;
#[path = "../../engine/tests/database/mod.rs"]
pub mod schema;
pub mod signing;
pub mod single;
pub mod snapshot;
pub mod talk;
pub mod watch;

pub(crate) use both::on_both_stacks;
pub use dialer::{Dialer, Options, Stack};
pub use eventually::{PATIENCE, eventually};
