//! What the wall clock of a zone shows, and when its offset from UTC changes.

use chrono::{DateTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::error::{CalendarError, shortened};

/// What the clock shows at `at`; `None` at the edge of what chrono can represent.
pub(super) fn local(zone: Tz, at: DateTime<Utc>) -> Option<NaiveDateTime> {
    at.naive_utc()
        .checked_add_offset(zone.offset_from_utc_datetime(&at.naive_utc()).fix())
}

/// `at`, or where that lies in a leap second, the last instant before it: chrono's differences with a leap second in them
/// can point backwards.
pub(super) fn outside_leap_second(at: DateTime<Utc>) -> DateTime<Utc> {
    const LAST_NANOSECOND: u32 = 999_999_999;
    at.with_nanosecond(at.nanosecond().min(LAST_NANOSECOND))
        .unwrap_or(at)
}

/// How far one look ahead for a change of the offset goes. Further than the offsets of all zones and times lie apart (32
/// hours), and less than half of the shortest time between two changes (a week), so that no change hides another.
pub(super) const LOOK_AHEAD: TimeDelta = TimeDelta::days(2);

/// The first instant after `at`, and at most `within` after it, from which the zone has another offset than at `at`.
/// `within` is at most [`LOOK_AHEAD`]; chrono-tz does not tell its transitions, so they are searched for.
pub(super) fn next_offset_change(
    zone: Tz,
    at: DateTime<Utc>,
    within: TimeDelta,
) -> Option<DateTime<Utc>> {
    debug_assert!(
        within <= LOOK_AHEAD,
        "a change within {within} may hide another"
    );
    let (low, high) = (at.timestamp(), at.checked_add_signed(within)?.timestamp());
    let before = offset_s(zone, low)?;
    if offset_s(zone, high)? == before {
        return None;
    }
    bisect(zone, before, low, high)
}

/// The second in `(low, high]` at which the offset stops being `before`, which it is at `low` and not at `high`.
fn bisect(zone: Tz, before: i32, mut low: i64, mut high: i64) -> Option<DateTime<Utc>> {
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if offset_s(zone, middle)? == before {
            low = middle;
        } else {
            high = middle;
        }
    }
    DateTime::from_timestamp(high, 0)
}

/// Seconds east of UTC at a Unix time; `None` outside of what chrono can represent.
fn offset_s(zone: Tz, unix_s: i64) -> Option<i32> {
    let at = DateTime::from_timestamp(unix_s, 0)?.naive_utc();
    Some(zone.offset_from_utc_datetime(&at).fix().local_minus_utc())
}

/// Reads an IANA time zone name such as `Asia/Kolkata`.
///
/// # Errors
/// [`CalendarError::Zone`] for any other text, with the name that was probably meant where one is close.
pub fn parse_zone(text: &str) -> Result<Tz, CalendarError> {
    text.parse().map_err(|_| CalendarError::Zone {
        text: shortened(text),
        hint: hint_for(text),
    })
}

fn hint_for(text: &str) -> String {
    let wanted = text.trim().replace(' ', "_");
    let is_city = |name: &str| {
        name.rsplit_once('/')
            .is_some_and(|(_, city)| city.eq_ignore_ascii_case(&wanted))
    };
    let close = TZ_VARIANTS
        .iter()
        .map(|zone| zone.name())
        .find(|name| name.eq_ignore_ascii_case(&wanted) || is_city(name));
    match close {
        Some(name) => format!("did you mean {name}?"),
        None => "write an IANA name such as Asia/Kolkata, America/New_York or UTC".to_owned(),
    }
}
