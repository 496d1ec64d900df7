//! What can be wrong with the rules of a calendar.

use chrono::{DateTime, Utc};

use super::EXCLUDED_DATES_MAX;

/// Why rules are not a calendar. Each `Display` is a sentence for the person who wrote them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// A weekday outside 0 to 7.
    #[error("{0} is not a day of the week; use 1 for Monday to 6 for Saturday, 0 or 7 for Sunday")]
    Weekday(u8),
    /// The last instant is not after the first.
    #[error("the end date {end} is not after the start date {start}")]
    EndsBeforeStart {
        /// The first instant allowed.
        start: DateTime<Utc>,
        /// The instant from which nothing is allowed.
        end: DateTime<Utc>,
    },
    /// More excluded dates than [`EXCLUDED_DATES_MAX`].
    #[error("{count} excluded dates are too many; at most {EXCLUDED_DATES_MAX} are allowed")]
    TooManyExcludedDates {
        /// How many different dates were given.
        count: usize,
    },
    /// A text that is not `HH:MM`.
    #[error("{text:?} is not a time of day; write hours and minutes as HH:MM, from 00:00 to 23:59")]
    TimeOfDay {
        /// What was given, shortened.
        text: String,
    },
    /// A name that is no IANA time zone.
    #[error("{text:?} is not a time zone; {hint}")]
    Zone {
        /// What was given, shortened.
        text: String,
        /// What to write instead.
        hint: String,
    },
}

/// As much of a stranger's text as an error repeats.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 40;
    text.chars().take(SHOWN_CHARS_MAX).collect()
}
