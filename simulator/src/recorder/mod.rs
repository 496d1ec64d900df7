//! What the carrier saw: the record that tests of the dialer's promises assert on.
//!
//! A call is *live* from the acceptance of its create request to its final state. Both moments get
//! a place in one total order, under one lock, before anybody outside can learn of them; limits
//! and overlaps are therefore judged exactly, without comparing clocks.

mod analysis;
mod call;
mod record;

pub use analysis::{attempts_per_number, gaps_per_number, max_concurrent_by};
pub use call::{
    CallbackKind, CreateAnswer, CreateVerdict, Delivery, EndStatus, RecordedCall, RecordedCallback,
    RecordedLeg, RecordedToolUse, RecordedWebhook,
};
pub(crate) use record::{Arrival, Milestone};
pub use record::{RecordSummary, Recorder};
