//! Which sums a question is about: whose, of which campaign, of which quarters; and how a zone's clock shows those.

use chrono::{DateTime, Utc};
use domain::{CampaignId, UserId};
use sea_orm::{DbBackend, Value};

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
    /// The condition in SQL, and the values of its places `$1`, `$2`, ….
    pub(super) fn condition(&self) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = vec![self.from.into(), self.to.into()];
        let mut condition = "bucket >= $1 AND bucket < $2".to_owned();
        // A campaign has one owner, and its rows lie together.
        if let Some(campaign) = self.campaign {
            values.push(campaign.into_uuid().into());
            condition.push_str(" AND campaign_id = $3");
        } else if let Some(owner) = self.owner {
            values.push(owner.into_uuid().into());
            condition.push_str(" AND owner_id = $3");
        }
        (condition, values)
    }
}

/// The seconds since 1970 that the zone's clock seems to show when the quarter `bucket` begins: an expression in SQL that
/// adds its values to `values`.
pub(super) fn shown_s(
    backend: DbBackend,
    shifts: &[ClockShift],
    values: &mut Vec<Value>,
) -> String {
    let epoch = if backend == DbBackend::Postgres {
        "CAST(EXTRACT(EPOCH FROM bucket) AS BIGINT)"
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
