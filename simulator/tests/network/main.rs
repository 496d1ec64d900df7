//! The pretend network as a dialer sees it: real HTTP both ways.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its harness too"
)]

mod callbacks;
mod conversations;
mod create_faults;
mod deepgram;
mod dialer;
mod documents;
mod exotel;
mod lists;
mod lives;
mod outbound;
mod process;
mod queue;
mod record;
mod recordings;
