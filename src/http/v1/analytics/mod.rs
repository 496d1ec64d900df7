//! Calls seen from eight sides. One file per side: what it answers, and how it is asked.

pub mod calls;
pub mod cost;
pub mod dashboard;
pub mod performance;
pub mod request;
pub mod retry;
pub mod scheduling;
pub mod trends;
pub mod voicemail;

use serde::Serialize;
use utoipa::ToSchema;

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnalyticsEnvelope<T: ToSchema> {
    success: bool,
    data: T,
}

impl<T: ToSchema> AnalyticsEnvelope<T> {
    fn new(data: impl Into<T>) -> Self {
        Self {
            success: true,
            data: data.into(),
        }
    }
}
