//! The use cases of the dialer: what campaigns, contacts and calls can be asked to do, over a database, a queue, a
//! carrier and an agent's provider. Knows no HTTP; its errors say what the caller must do.

pub mod actor;
pub mod campaigns;
pub mod clock;
pub mod database;
pub mod dialing;
pub mod error;
pub mod queue;
pub mod store;

pub use actor::{Actor, Role};
pub use clock::{Clock, ManualClock, SystemClock};
pub use database::Database;
pub use dialing::{Dialing, DialingConfig};
pub use error::{EngineError, FieldError};
