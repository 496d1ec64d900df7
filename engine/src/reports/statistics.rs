//! What the statistics of a campaign hold.

use chrono::NaiveDate;

use super::range::Range;

/// What a campaign comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// The calls that are counted were begun in here.
    pub range: Range,
    /// How long the campaign lasts, whatever the range.
    pub campaign_duration: CampaignDuration,
    /// The contacts as they stand now, whatever the range.
    pub contacts: ContactMetrics,
    /// The calls.
    pub calls: CallFigures,
}

/// How long a campaign lasts, in words such as `30 days`: whole days, below one of them hours, below one of those minutes,
/// rounded to the nearest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignDuration {
    /// From its begin to its end date; none where it lacks one of them.
    pub total: Option<String>,
    /// From its begin until now, or until it ended; none where it has no begin.
    pub elapsed: Option<String>,
    /// From now on until its end date, nothing once it has ended; none where it has no end date.
    pub remaining: Option<String>,
}

/// What became of the contacts so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContactMetrics {
    /// Contacts.
    pub total: i64,
    /// Called at least once.
    pub contacted: i64,
    /// `contacted` of `total`, percent, to one decimal.
    pub contacted_percentage: f64,
    /// Never called.
    pub remaining: i64,
    /// Queued or in a call.
    pub active: i64,
}

/// What became of the calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallFigures {
    /// Placed.
    pub total: i64,
    /// Answered and ended.
    pub completed: i64,
    /// Ended otherwise: not carried, busy, or not answered.
    pub failed: i64,
    /// Rang out.
    pub no_answers: i64,
    /// Answered by a machine.
    pub voicemails: i64,
    /// Conversations that reached their goal.
    pub successful: i64,
    /// `successful` of `total`, percent, to one decimal.
    pub conversion_rate: f64,
    /// Calls in which a callback was asked for.
    pub callback_requests: i64,
    /// Calls that led to a callback.
    pub callbacks_scheduled: i64,
    /// Handed on, whether or not anybody took it.
    pub transfers_initiated: i64,
    /// Handed on to somebody who took it.
    pub transfers_completed: i64,
    /// Seconds of talk of a completed call, rounded.
    pub average_duration_s: i64,
    /// Seconds from begun to answered of a completed call, to one decimal.
    pub average_wait_s: f64,
    /// At which time of the day, by the clock of the campaign's zone.
    pub distribution: TimeDistribution,
    /// The busiest hours of the day in the campaign's zone, at most [`PEAK_HOURS_MAX`]: most calls first, then the earlier
    /// hour. Only hours with calls.
    pub peak_hours: Vec<PeakHour>,
    /// The days in the campaign's zone on which there were calls, in order.
    pub trend: Vec<Day>,
}

/// Hours among the busiest.
pub const PEAK_HOURS_MAX: usize = 5;

/// Calls placed by the time of the day at which they were begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeDistribution {
    /// Before 12:00.
    pub morning: i64,
    /// From 12:00, before 17:00.
    pub afternoon: i64,
    /// From 17:00.
    pub evening: i64,
}

/// One hour of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeakHour {
    /// 0 to 23: the hour from this time on.
    pub hour: u32,
    /// Calls placed, on whatever day.
    pub calls: i64,
}

/// One day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    /// Which.
    pub date: NaiveDate,
    /// Calls placed.
    pub calls: i64,
    /// Those among them that reached their goal, percent, to one decimal.
    pub success_rate: f64,
}
