//! What calls come to by the time of the day or of the week.

use crate::reports::figures::percentage;
use crate::store::bucket_sums::BucketSums;

/// Calls begun in one hour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PerHour {
    /// 0 to 23: the hour from this time on.
    pub hour: u32,
    /// Placed.
    pub calls: i64,
    /// Answered and ended.
    pub completed: i64,
    /// Answered by a machine.
    pub voicemails: i64,
    /// Reached their goal.
    pub successful: i64,
    /// `completed` of `calls`, percent, to one decimal.
    pub answer_rate: f64,
    /// `successful` of `calls`, percent, to one decimal.
    pub success_rate: f64,
    /// `voicemails` of `completed`, percent, to one decimal.
    pub voicemail_rate: f64,
}

impl PerHour {
    pub(super) fn of(hour: u32, sums: &BucketSums) -> Self {
        Self {
            hour,
            calls: sums.calls,
            completed: sums.completed,
            voicemails: sums.voicemail,
            successful: sums.successful,
            answer_rate: percentage(sums.completed, sums.calls),
            success_rate: percentage(sums.successful, sums.calls),
            voicemail_rate: percentage(sums.voicemail, sums.completed),
        }
    }

    /// One per hour of the day.
    pub(super) fn all_of(hours: &[BucketSums; 24]) -> Vec<Self> {
        let numbered = (0..).zip(hours);
        numbered.map(|(hour, sums)| Self::of(hour, sums)).collect()
    }
}
