//! What analytics are asked about: whose calls, of which campaign, of which days, by which clock.

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::calendar::parse_zone;
use domain::{CampaignId, UserId};

use super::shifts::shifts;
use crate::access;
use crate::actor::Actor;
use crate::campaigns::find::get;
use crate::database::Database;
use crate::error::EngineError;
use crate::field::Sieve;
use crate::instant::{self, Edge};
use crate::query::Param;
use crate::reports::range::{self, Names, Range, RangeQuery};
use crate::store::rollups::day_of;
use crate::store::slice::{ClockShift, Slice};

/// The days that are covered where nobody says which, today among them.
pub const DAYS_DEFAULT: u64 = 30;
/// The longest range, in days: a leap year.
pub const DAYS_MAX: i64 = 366;

const NAMES: Names = Names {
    from: "startDate",
    to: "endDate",
};

/// A question as it stands in a query. Empty texts are as good as absent.
#[derive(Clone, Debug, Default)]
pub struct AnalyticsQuery {
    /// Only calls of this user: our id, or the dashboard's.
    pub user: Param,
    /// Only calls of this campaign.
    pub campaign: Param,
    /// From when on, and until when: at most [`DAYS_MAX`] days. Without an end today is the last day; without a begin the
    /// range has [`DAYS_DEFAULT`] days.
    pub range: RangeQuery,
    /// Whose clock tells days and hours; absent: the campaign's, or UTC where none is asked for.
    pub timezone: Param,
}

/// What was read of it.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub owner: Option<UserId>,
    pub campaign: Option<CampaignId>,
    pub covered: Covered,
    /// How the zone's clock runs in the range.
    pub shifts: Vec<ClockShift>,
    pub now: DateTime<Utc>,
}

/// What an answer covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The first quarter of an hour.
    pub from: DateTime<Utc>,
    /// The first that is not covered.
    pub to: DateTime<Utc>,
    /// Whose clock tells days and hours.
    pub zone: Tz,
}

impl Scope {
    pub(super) fn slice(&self) -> Slice {
        Slice {
            owner: self.owner,
            campaign: self.campaign,
            from: self.covered.from,
            // No call was begun in the future, and a day that is over is one row where its quarters are many.
            to: if self.covered.to > self.now {
                self.covered.to.max(day_of(self.now) + TimeDelta::days(1))
            } else {
                self.covered.to
            },
        }
    }
}

/// Reads `query` on behalf of `actor`.
///
/// # Errors
/// `Forbidden` for somebody else's user; `NotFound` for a campaign that is deleted or not to be seen; `Invalid` with
/// everything else that is wrong.
pub(super) async fn read(
    database: &Database,
    now: DateTime<Utc>,
    actor: &Actor,
    query: &AnalyticsQuery,
) -> Result<Scope, EngineError> {
    let mut sieve = Sieve::default();
    let owner = access::owner(database, &mut sieve, actor, &query.user).await?;
    // Also where that is nobody's name a campaign is looked for among those that the actor may see.
    let owner = owner.or_else(|| actor.scope());
    let asked = sieve.param("campaignId", &query.campaign, |text| {
        text.parse::<CampaignId>()
            .map_err(|_| "must be the id of a campaign".to_owned())
    });
    let mut zone = Tz::UTC;
    if let Some(id) = asked {
        let found = get(database.reader(), id, owner).await?;
        zone = parse_zone(&found.row.timezone).map_err(EngineError::internal)?;
    }
    let named = sieve.param("timezone", &query.timezone, |text| {
        parse_zone(text).map_err(|error| error.to_string())
    });
    let zone = named.unwrap_or(zone);
    let range = range::sift(&mut sieve, &query.range, NAMES, zone);
    let covered = cover(&mut sieve, range, zone, now);
    match covered {
        Some(covered) if sieve.errors.is_empty() => Ok(Scope {
            owner,
            campaign: asked,
            covered,
            shifts: shifts(&covered),
            now,
        }),
        _ => Err(EngineError::Invalid(sieve.errors)),
    }
}

/// The whole of the range, or `None` where it is too long, or something in it could not be read.
fn cover(sieve: &mut Sieve, range: Range, zone: Tz, now: DateTime<Utc>) -> Option<Covered> {
    if !sieve.errors.is_empty() {
        return None;
    }
    let today = now.with_timezone(&zone).date_naive();
    let edge = |date: chrono::NaiveDate, edge| instant::read(&date.to_string(), zone, edge).ok();
    let to = match (range.to, range.from) {
        (Some(to), _) => to,
        // What begins in the future has its first day.
        (None, from) => {
            let from = from.map(|from| from.with_timezone(&zone).date_naive());
            edge(from.map_or(today, |from| from.max(today)), Edge::End)?
        }
    };
    let from = match range.from {
        Some(from) => from,
        None => {
            let last = (to - TimeDelta::seconds(1))
                .with_timezone(&zone)
                .date_naive();
            let first = last.checked_sub_days(Days::new(DAYS_DEFAULT - 1))?;
            edge(first, Edge::Begin).unwrap_or(to - TimeDelta::days(DAYS_DEFAULT as i64))
        }
    };
    // A day may have 25 hours.
    if to - from > TimeDelta::days(DAYS_MAX) + TimeDelta::hours(1) {
        let message = format!("must be at most {DAYS_MAX} days before endDate");
        sieve.refuse(NAMES.from, message);
        return None;
    }
    Some(Covered { from, to, zone })
}
