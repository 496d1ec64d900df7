//! When calling is allowed: daily hours, weekdays, excluded dates, and the campaign's first and last instant.
//!
//! The rules speak of the wall clock; the zone is an argument, because a contact's own zone outranks the campaign's.
//!
//! **What open means.** An instant is open iff it is not before `start_date`, is before `end_date`, and the wall clock
//! of the zone shows at that instant a time inside the window `[daily_start, daily_end)` of an allowed day. Everything
//! else follows from this one sentence:
//!
//! * A window that crosses midnight (22:00 to 02:00) belongs to the day on which it starts: that day's weekday and date
//!   decide, also about the hours after midnight.
//! * A start that daylight saving skips opens when the gap ends. A window that lies in the gap does not open that day.
//! * Where the clock goes back, both passes of a time inside the window are open. A start shown twice opens at both
//!   passes, and in between the window is closed from the moment the clock is back before the start. An end shown twice
//!   closes at both, and in between the window is open again from the moment the clock is back before the end.
//! * Of a date that the zone skips (Pacific/Apia, 2011-12-30) only the hours exist that a window crossing midnight has
//!   on the next date.

mod error;
mod wall_clock;
mod week;

#[cfg(test)]
mod brute_force;
#[cfg(test)]
mod daylight_saving;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

pub use error::CalendarError;
pub use wall_clock::parse_zone;
pub use week::parse_time_of_day;

use wall_clock::LOOK_AHEAD;
use week::Week;

/// How far ahead [`Calendar::next_open`] and [`Calendar::closes_at`] look: ten years, in days.
pub const HORIZON_DAYS: i64 = 3_660;

/// The most dates a calendar may exclude: every day of ten years.
pub const EXCLUDED_DATES_MAX: usize = 3_660;

/// The rules of when calling is allowed, in whatever zone they are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarRules {
    /// Wall-clock time at which calling begins each day; absent: 00:00.
    pub daily_start: Option<NaiveTime>,
    /// Wall-clock time at which calling ends, itself no longer allowed; absent: 24:00. Before `daily_start`: the window
    /// crosses midnight and ends on the next day. Equal to it: the whole day, 00:00 to 24:00.
    pub daily_end: Option<NaiveTime>,
    /// Weekdays on which windows start: 1 Monday to 6 Saturday, 0 and 7 Sunday. Absent: every day. Empty: never open.
    pub days_of_week: Option<Vec<u8>>,
    /// Dates, in the zone asked for, on which no window starts. At most [`EXCLUDED_DATES_MAX`].
    pub exclude_dates: Vec<NaiveDate>,
    /// The first instant allowed; absent: no beginning.
    pub start_date: Option<DateTime<Utc>>,
    /// The instant from which nothing is allowed any more; absent: no end.
    pub end_date: Option<DateTime<Utc>>,
}

/// Rules that were checked, ready to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    week: Week,
    start_date: Option<DateTime<Utc>>,
    end_date: Option<DateTime<Utc>>,
}

impl Calendar {
    /// Checks `rules`. A calendar that never opens is legal: an empty list of weekdays, or every date excluded.
    ///
    /// # Errors
    /// [`CalendarError::Weekday`] for a number above 7; [`CalendarError::EndsBeforeStart`] where `end_date` is not after
    /// `start_date`; [`CalendarError::TooManyExcludedDates`] above [`EXCLUDED_DATES_MAX`].
    pub fn new(rules: CalendarRules) -> Result<Self, CalendarError> {
        let CalendarRules {
            start_date,
            end_date,
            ..
        } = rules;
        if let (Some(start), Some(end)) = (start_date, end_date)
            && end <= start
        {
            return Err(CalendarError::EndsBeforeStart { start, end });
        }
        Ok(Self {
            week: Week::new(rules)?,
            start_date,
            end_date,
        })
    }

    /// The calendar without any rule: open round the clock, for ever.
    #[must_use]
    pub fn always() -> Self {
        Self {
            week: Week::always(),
            start_date: None,
            end_date: None,
        }
    }

    /// The first instant allowed, where there is one.
    #[must_use]
    pub const fn start_date(&self) -> Option<DateTime<Utc>> {
        self.start_date
    }

    /// The instant from which nothing is allowed any more, where there is one.
    #[must_use]
    pub const fn end_date(&self) -> Option<DateTime<Utc>> {
        self.end_date
    }

    /// True where calling is allowed at `at`, exact to the nanosecond.
    #[must_use]
    pub fn is_open(&self, zone: Tz, at: DateTime<Utc>) -> bool {
        self.start_date.is_none_or(|start| start <= at)
            && self.end_date.is_none_or(|end| at < end)
            && self.shows_open(zone, at)
    }

    /// The first instant at or after `after` at which calling is allowed; `after` itself where it is open.
    ///
    /// `None`: never again, or not within [`HORIZON_DAYS`] of `after` and `start_date`, whichever is later.
    #[must_use]
    pub fn next_open(&self, zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let from = self.start_date.map_or(after, |start| start.max(after));
        self.first_where(zone, from, true)
            .filter(|at| self.end_date.is_none_or(|end| *at < end))
    }

    /// The first instant after `at` at which calling is no longer allowed. Windows that touch, such as whole days, are
    /// one.
    ///
    /// `None` where it is not open at `at`. `None` while [`Calendar::is_open`] says true: it stays open for at least
    /// [`HORIZON_DAYS`].
    #[must_use]
    pub fn closes_at(&self, zone: Tz, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if !self.is_open(zone, at) {
            return None;
        }
        let by_clock = self.first_where(zone, at, false);
        // An end date beyond the horizon says nothing about what the clock does before it.
        let by_date = self.end_date.filter(|end| Some(*end) <= horizon(at));
        by_clock.into_iter().chain(by_date).min()
    }

    /// True where the wall clock shows an allowed time; knows nothing of the first and last instant.
    fn shows_open(&self, zone: Tz, at: DateTime<Utc>) -> bool {
        wall_clock::local(zone, at).is_some_and(|shown| self.week.holds(shown))
    }

    /// The first instant from `from` on at which [`Self::shows_open`] is `wanted`.
    fn first_where(&self, zone: Tz, from: DateTime<Utc>, wanted: bool) -> Option<DateTime<Utc>> {
        let until = horizon(from)?;
        let mut at = from;
        // Each step goes to the next boundary of a window or the next change of the zone's offset: a few per day at most.
        while at <= until {
            if self.shows_open(zone, at) == wanted {
                return Some(at);
            }
            // Whatever a zone comes up with: no step that does not advance.
            at = self.next_change(zone, at).filter(|next| *next > at)?;
        }
        None
    }

    /// An instant after `at` such that [`Self::shows_open`] does not change before it.
    fn next_change(&self, zone: Tz, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let at = wall_clock::outside_leap_second(at);
        let shown = wall_clock::local(zone, at)?;
        let ahead = self
            .week
            .next_boundary(shown)
            .map_or(TimeDelta::days(HORIZON_DAYS + 1), |boundary| {
                boundary - shown
            });
        // A clock that is a look ahead away from the last boundary cannot be set back to it, and one that far from the
        // next cannot be set forward to it: in between, the offset may change as it likes.
        let step = if ahead <= LOOK_AHEAD {
            ahead
        } else {
            LOOK_AHEAD.max(ahead - LOOK_AHEAD)
        };
        wall_clock::next_offset_change(zone, at, step.min(LOOK_AHEAD))
            .or_else(|| at.checked_add_signed(step))
    }
}

fn horizon(from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    from.checked_add_signed(TimeDelta::days(HORIZON_DAYS))
}
