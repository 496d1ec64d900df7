//! Which sums a question is about: whose, of which campaign, of which quarters; and how a zone's clock shows those.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{CampaignId, UserId};
use sea_orm::{DbBackend, Value};

use super::rollups::{BUCKET_MINUTES, DAY_MINUTES, day_of};

/// Sums of the quarters that begin at or after `from` and before `to`.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// Only of this owner; `None`: everybody's.
    pub owner: Option<UserId>,
    /// Only of this campaign; `None`: of all, and of calls outside campaigns. Whoever asks was let in to it before.
    pub campaign: Option<CampaignId>,
    /// The first quarter.
    pub from: DateTime<Utc>,
    /// The first quarter that does not belong to it.
    pub to: DateTime<Utc>,
}

/// From an instant on a zone's clock is this far ahead of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockShift {
    /// The first quarter of which this holds.
    pub from: DateTime<Utc>,
    /// Seconds, positive to the east.
    pub offset_s: i32,
}

impl Slice {
    /// The rows of `call_detail_rollups` for which `of_them` holds, as a table in SQL, and the values of its places: whole
    /// days from the sums by day, and what is left of the first and the last day from those by quarter. So a question about a
    /// month reads some thirty rows where it would read thousands.
    pub(super) fn details(&self, of_them: &str) -> (String, Vec<Value>) {
        let first = day_of(self.from);
        let first = if first == self.from {
            first
        } else {
            first + TimeDelta::minutes(DAY_MINUTES)
        };
        let last = day_of(self.to);
        if last <= first {
            return self.quarters(of_them);
        }
        let (_, mut values) = self.condition();
        let whose = self.whose();
        values.extend([first.into(), last.into()]);
        let (first, last) = (values.len() - 1, values.len());
        let parts = [
            (
                BUCKET_MINUTES,
                format!("bucket >= $1 AND bucket < ${first}{whose}"),
            ),
            (
                DAY_MINUTES,
                format!("bucket >= ${first} AND bucket < ${last}{whose}"),
            ),
            (
                BUCKET_MINUTES,
                format!("bucket >= ${last} AND bucket < $2{whose}"),
            ),
        ];
        let parts = parts.map(|(span, condition)| part(span, &condition, of_them));
        (parts.join(" UNION ALL "), values)
    }

    /// As [`Self::details`], all of it from the sums by quarter.
    pub(super) fn quarters(&self, of_them: &str) -> (String, Vec<Value>) {
        let (condition, values) = self.condition();
        (part(BUCKET_MINUTES, &condition, of_them), values)
    }

    fn whose(&self) -> &'static str {
        match (self.campaign, self.owner) {
            // A campaign has one owner, and its rows lie together.
            (Some(_), _) => " AND campaign_id = $3",
            (None, Some(_)) => " AND owner_id = $3",
            (None, None) => "",
        }
    }

    /// The condition in SQL, and the values of its places `$1`, `$2`, ….
    pub(super) fn condition(&self) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = vec![self.from.into(), self.to.into()];
        if let Some(campaign) = self.campaign {
            values.push(campaign.into_uuid().into());
        } else if let Some(owner) = self.owner {
            values.push(owner.into_uuid().into());
        }
        let whose = self.whose();
        (format!("bucket >= $1 AND bucket < $2{whose}"), values)
    }
}

/// Rows of one span. What they are and how long is written out: the indexes for it are partial.
fn part(span_m: i64, condition: &str, of_them: &str) -> String {
    format!(
        "SELECT * FROM call_detail_rollups WHERE span_m = {span_m} AND {condition} AND {of_them}"
    )
}

/// The seconds since 1970 that the zone's clock seems to show when the quarter `bucket` begins: an expression in SQL that
/// adds its values to `values`.
pub(super) fn shown_s(
    backend: DbBackend,
    shifts: &[ClockShift],
    values: &mut Vec<Value>,
) -> String {
    let epoch = if backend == DbBackend::Postgres {
        // EXTRACT gives a numeric, which is slower to reckon with.
        "CAST(DATE_PART('epoch', bucket) AS BIGINT)"
    } else {
        "CAST(STRFTIME('%s', bucket) AS INTEGER)"
    };
    let mut offset = String::new();
    for pair in shifts.windows(2) {
        let [before, after] = pair else { continue };
        values.push(after.from.into());
        let place = values.len();
        offset.push_str(&format!("WHEN bucket < ${place} THEN {} ", before.offset_s));
    }
    let last = shifts.last().map_or(0, |shift| shift.offset_s);
    if offset.is_empty() {
        format!("({epoch} + ({last}))")
    } else {
        format!("({epoch} + CASE {offset} ELSE {last} END)")
    }
}
