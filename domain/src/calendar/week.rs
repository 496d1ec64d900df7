//! The windows as the wall clock shows them: hours, weekdays and excluded dates, without any zone.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};

use super::error::{CalendarError, shortened};
use super::{CalendarRules, EXCLUDED_DATES_MAX, HORIZON_DAYS};

/// The hours of one day's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hours {
    /// 00:00 to 24:00; the windows of consecutive days touch.
    AllDay,
    /// From `start` to `end` of the same day, `end` not included.
    Within { start: NaiveTime, end: NaiveTime },
    /// From `start` to `end` of the next day, `end` not included; shorter than a day.
    PastMidnight { start: NaiveTime, end: NaiveTime },
}

impl Hours {
    fn new(start: Option<NaiveTime>, end: Option<NaiveTime>) -> Self {
        // 24:00 is the next day's 00:00, so an absent end and an end at midnight are the same.
        let start = start.unwrap_or(NaiveTime::MIN);
        let end = end.unwrap_or(NaiveTime::MIN);
        match start.cmp(&end) {
            std::cmp::Ordering::Equal => Self::AllDay,
            std::cmp::Ordering::Less => Self::Within { start, end },
            std::cmp::Ordering::Greater => Self::PastMidnight { start, end },
        }
    }

    const fn start(self) -> NaiveTime {
        match self {
            Self::AllDay => NaiveTime::MIN,
            Self::Within { start, .. } | Self::PastMidnight { start, .. } => start,
        }
    }
}

/// The days on which windows start, and their hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Week {
    hours: Hours,
    /// Bit 0 is Monday, bit 6 Sunday.
    weekdays: u8,
    /// Ascending, each date once.
    excluded: Vec<NaiveDate>,
}

const EVERY_WEEKDAY: u8 = 0b111_1111;

impl Week {
    pub(super) const fn always() -> Self {
        Self {
            hours: Hours::AllDay,
            weekdays: EVERY_WEEKDAY,
            excluded: Vec::new(),
        }
    }

    pub(super) fn new(rules: CalendarRules) -> Result<Self, CalendarError> {
        let mut excluded = rules.exclude_dates;
        excluded.sort_unstable();
        excluded.dedup();
        if excluded.len() > EXCLUDED_DATES_MAX {
            return Err(CalendarError::TooManyExcludedDates {
                count: excluded.len(),
            });
        }
        let hours = Hours::new(rules.daily_start, rules.daily_end);
        Ok(Self {
            hours,
            weekdays: weekday_bits(rules.days_of_week.as_deref())?,
            excluded,
        })
    }

    /// True where `shown` lies in a window.
    pub(super) fn holds(&self, shown: NaiveDateTime) -> bool {
        self.window_of(shown).is_some()
    }

    /// The day on which the window that holds `shown` starts.
    fn window_of(&self, shown: NaiveDateTime) -> Option<NaiveDate> {
        let (today, time) = (shown.date(), shown.time());
        let day = match self.hours {
            Hours::AllDay => Some(today),
            Hours::Within { start, end } => (start <= time && time < end).then_some(today),
            Hours::PastMidnight { start, .. } if start <= time => Some(today),
            Hours::PastMidnight { end, .. } if time < end => today.pred_opt(),
            Hours::PastMidnight { .. } => None,
        };
        day.filter(|day| self.allows(*day))
    }

    /// The first moment after `shown` at which a window starts or ends, windows that touch being one; `None` where there
    /// is none within [`HORIZON_DAYS`].
    pub(super) fn next_boundary(&self, shown: NaiveDateTime) -> Option<NaiveDateTime> {
        match self.window_of(shown) {
            Some(day) => self.end_of_window(day),
            None => self.next_start(shown),
        }
    }

    fn next_start(&self, shown: NaiveDateTime) -> Option<NaiveDateTime> {
        if self.weekdays == 0 {
            return None;
        }
        days_from(shown.date())
            .filter(|day| self.allows(*day))
            .map(|day| day.and_time(self.hours.start()))
            .find(|start| *start > shown)
    }

    fn end_of_window(&self, day: NaiveDate) -> Option<NaiveDateTime> {
        match self.hours {
            Hours::Within { end, .. } => Some(day.and_time(end)),
            Hours::PastMidnight { end, .. } => Some(day.succ_opt()?.and_time(end)),
            Hours::AllDay => Some(self.next_closed_day(day)?.and_time(NaiveTime::MIN)),
        }
    }

    fn next_closed_day(&self, after: NaiveDate) -> Option<NaiveDate> {
        if self.weekdays == EVERY_WEEKDAY {
            // Only an excluded date can interrupt: no need to try ten years of days one by one.
            let next = self.excluded.partition_point(|day| *day <= after);
            return self.excluded.get(next).copied();
        }
        days_from(after).skip(1).find(|day| !self.allows(*day))
    }

    /// True where a window starts on `day`.
    fn allows(&self, day: NaiveDate) -> bool {
        let bit = 1 << day.weekday().num_days_from_monday();
        self.weekdays & bit != 0 && self.excluded.binary_search(&day).is_err()
    }
}

/// `first` and the days after it, up to the horizon.
fn days_from(first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let last = first.checked_add_days(Days::new(HORIZON_DAYS.unsigned_abs()));
    first
        .iter_days()
        .take_while(move |day| last.is_none_or(|last| *day <= last))
}

fn weekday_bits(days: Option<&[u8]>) -> Result<u8, CalendarError> {
    let Some(days) = days else {
        return Ok(EVERY_WEEKDAY);
    };
    days.iter().try_fold(0, |bits, day| match day {
        0 | 7 => Ok(bits | 1 << 6),
        1..=6 => Ok(bits | 1 << (day - 1)),
        _ => Err(CalendarError::Weekday(*day)),
    })
}

/// Reads a time of day written as `HH:MM`, two digits each, 00:00 to 23:59.
///
/// # Errors
/// [`CalendarError::TimeOfDay`] for any other text; 24:00 too, which is written 00:00.
pub fn parse_time_of_day(text: &str) -> Result<NaiveTime, CalendarError> {
    let two_digits = |part: &str| {
        let is_number = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| part.parse().ok()).flatten()
    };
    text.split_once(':')
        .and_then(|(hours, minutes)| {
            NaiveTime::from_hms_opt(two_digits(hours)?, two_digits(minutes)?, 0)
        })
        .ok_or_else(|| CalendarError::TimeOfDay {
            text: shortened(text),
        })
}
