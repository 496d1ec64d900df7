//! Why the calls of a campaign wait.

use chrono::{DateTime, Utc};
use domain::breaker::Hold;
use serde::Serialize;
use utoipa::ToSchema;

use super::example;

/// Why the calls of an active campaign wait: its carrier is left alone. Nobody is charged for it.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(example = example::held_back)]
pub struct HeldBack {
    #[schema(value_type = HeldBackReason)]
    reason: &'static str,
    /// A sentence for people; it may change
    message: &'static str,
    /// When the carrier was first left alone; `null`: it asked for patience
    since: Option<DateTime<Utc>>,
    /// No call begins before. It may have passed: then one call tries the carrier, or is about to
    until: DateTime<Utc>,
}

/// What holds calls back.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum HeldBackReason {
    /// The carrier failed too often. It is left alone, then tried with one call at a time.
    CarrierFaults,
    /// The carrier asked for patience.
    CarrierBusy,
}

impl From<Hold> for HeldBack {
    fn from(hold: Hold) -> Self {
        Self {
            reason: hold.cause.as_str(),
            message: hold.cause.sentence(),
            since: hold.since,
            until: hold.until,
        }
    }
}
