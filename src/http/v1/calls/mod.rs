//! Calls of all campaigns, and of those outside any.

pub mod detail;
pub mod history;
pub mod logs;
pub mod outbound;
pub mod request;
pub mod retriable;
pub mod stats;
pub mod view;
pub mod voicemail;
