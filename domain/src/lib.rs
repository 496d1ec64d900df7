//! The rules of dialing, without clock, dice or I/O.
//!
//! Everything here is a pure function of its arguments: `now`, the zone and the rows are handed in. What may be
//! dialled when ([`calendar`], [`gate`], [`breaker`]), what a campaign may do next ([`lifecycle`]), what a call's news mean
//! ([`progress`], [`outcome`]) and what comes after it ([`retry`]) is decided here and nowhere else.

pub mod breaker;
pub mod by_hand;
pub mod calendar;
pub mod detection;
pub mod gate;
pub mod ids;
pub mod lifecycle;
pub mod outcome;
pub mod phone;
pub mod progress;
pub mod retry;
pub mod route;
pub mod suppression;
pub mod voicemail;

pub use calendar::Calendar;
pub use ids::{ApiKeyId, CallId, CampaignId, ContactId, SuppressionId, UserId};
pub use outcome::{AnsweredBy, CallStatus, ContactStatus, Direction, Outcome, TransferStatus};
pub use phone::{PhoneNumber, Region};
pub use route::CallRoute;
pub use suppression::SuppressionSource;
