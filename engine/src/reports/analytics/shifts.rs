//! How far a zone's clock is ahead of UTC, quarter by quarter.

use chrono::{DateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::query::Covered;
use crate::store::rollups::BUCKET_MINUTES;
use crate::store::slice::ClockShift;

/// The offsets of the zone in the range, the first from its begin on; at most a few a year.
///
/// Only days that end with another offset than they began with are looked at quarter by quarter: no zone changes its clock
/// and changes it back within a day.
pub(super) fn shifts(covered: &Covered) -> Vec<ClockShift> {
    let mut found = vec![ClockShift {
        from: covered.from,
        offset_s: offset_s(covered.zone, covered.from),
    }];
    let mut at = covered.from;
    while at < covered.to {
        let end = at + TimeDelta::days(1);
        if offset_s(covered.zone, at) != offset_s(covered.zone, end) {
            changes(covered.zone, at, end, &mut found);
        }
        at = end;
    }
    found.retain(|shift| shift.from < covered.to);
    found
}

fn changes(zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>, found: &mut Vec<ClockShift>) {
    let mut at = from;
    while at < to {
        at += TimeDelta::minutes(BUCKET_MINUTES);
        let offset_s = offset_s(zone, at);
        if found.last().is_none_or(|last| last.offset_s != offset_s) {
            found.push(ClockShift { from: at, offset_s });
        }
    }
}

fn offset_s(zone: Tz, at: DateTime<Utc>) -> i32 {
    let offset = zone.offset_from_utc_datetime(&at.naive_utc());
    offset.fix().local_minus_utc()
}
