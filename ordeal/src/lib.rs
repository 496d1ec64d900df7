//! The whole dialer in one process, through an ordeal that a seed decides.
//!
//! The engine is the real one: its use cases, its SQL, its coalescers and limiters. Around it everything is played: several
//! processes that are stopped, frozen and killed between any two statements ([`process`]), a clock that is moved from one
//! interesting moment to the next ([`clock`]), a carrier, an agents' platform and a queue that misbehave within what they
//! are allowed ([`network`]), and people who change their minds ([`plan`]). What the carrier sees is judged by a
//! [`model`] that shares nothing with the dialer, what the database says by a recount ([`books`]).
//!
//! One seed decides everything: the same seed is the same run, line for line.

pub mod affinity;
pub mod books;
pub mod brake;
pub mod chance;
pub mod clock;
pub mod faults;
pub mod gate;
pub mod model;
pub mod network;
pub mod plan;
pub mod process;
pub mod rest;
pub mod shrink;
pub mod store;
pub mod trace;
pub mod violation;
pub mod world;

pub use plan::Plan;
pub use store::Template;
pub use violation::Violation;
pub use world::{Done, World};
