//! The use cases of the dialer: what campaigns, contacts and calls can be asked to do, over a database, a queue, a
//! carrier and an agent's provider. Knows no HTTP; its errors say what the caller must do.

pub mod access;
pub mod actor;
mod anew;
pub mod calls;
pub mod campaigns;
pub mod clock;
pub mod contacts;
pub mod conversations;
pub mod database;
pub mod dialing;
pub mod directory;
pub mod engine;
pub mod error;
pub mod export;
pub mod fail_point;
pub mod field;
pub mod import;
pub mod instant;
pub mod live;
pub mod page;
pub mod period;
pub mod query;
pub mod queue;
pub mod recordings;
pub mod reports;
pub mod store;
pub mod suppressions;
pub mod transcribing;

pub use access::Access;
pub use actor::{Actor, Role};
pub use calls::Calls;
pub use campaigns::Campaigns;
pub use clock::{Clock, ManualClock, SystemClock};
pub use contacts::Contacts;
pub use conversations::Conversations;
pub use database::Database;
pub use dialing::{Dialing, DialingConfig};
pub use engine::{Engine, Settings};
pub use error::{EngineError, FieldError};
pub use live::Live;
pub use recordings::Recordings;
pub use reports::Reports;
pub use suppressions::Suppressions;
pub use transcribing::{Transcribing, TranscribingConfig};
