//! In which zones of a campaign's contacts calling is allowed now, and when it will be elsewhere.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::DatabaseTransaction;

use crate::campaigns::rules::Rules;
use crate::error::EngineError;
use crate::store;

/// How long contacts wait whose zone nobody here knows: another process may have newer rules of the world's clocks.
const UNKNOWN_PAUSE: TimeDelta = TimeDelta::seconds(60);

/// The zones of a campaign's contacts, and which of them may be called now.
pub(super) struct Zones {
    open: Vec<(String, Tz)>,
    closed: Vec<(String, Option<DateTime<Utc>>)>,
}

impl Zones {
    /// Those called `names`, by the calendar of `rules` at `now`; of none, the campaign's own. In a zone that nobody here
    /// knows it is no hour to call, as far as anybody can tell; everybody else is called.
    pub(super) fn of(names: &[String], rules: &Rules, now: DateTime<Utc>) -> Self {
        let own = [String::new()];
        let names = if names.is_empty() { &own } else { names };
        let mut zones = Self {
            open: Vec::new(),
            closed: Vec::new(),
        };
        for name in names {
            let Ok(zone) = rules.zone_of(name) else {
                tracing::error!(campaign.id = %rules.id, "nobody in the zone {name:?} of campaign {} is called: it is not known here", rules.id);
                let may_call = rules.calendar.end_date().is_none_or(|end| now < end);
                let next = may_call.then_some(now + UNKNOWN_PAUSE);
                zones.closed.push((name.clone(), next));
                continue;
            };
            match rules.calendar.next_open(zone, now) {
                Some(at) if at <= now => zones.open.push((name.clone(), zone)),
                next => zones.closed.push((name.clone(), next)),
            }
        }
        zones
    }

    pub(super) fn never_open_again(&self) -> bool {
        self.open.is_empty() && self.closed.iter().all(|(_, next)| next.is_none())
    }

    pub(super) fn open_names(&self) -> Vec<&str> {
        self.open.iter().map(|(name, _)| name.as_str()).collect()
    }

    pub(super) fn zone_of(&self, name: &str) -> Option<Tz> {
        self.open
            .iter()
            .find(|(open, _)| open == name)
            .map(|(_, zone)| *zone)
    }

    /// The earliest instant at which another look may find something: a contact falls due, a window opens, or the
    /// campaign ends. A call that ends, an import or a change says so itself.
    pub(super) async fn next_chance(
        &self,
        txn: &DatabaseTransaction,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, EngineError> {
        let mut chances: Vec<DateTime<Utc>> =
            self.closed.iter().filter_map(|(_, next)| *next).collect();
        chances.extend(rules.calendar.end_date());
        let due = store::contacts::next_due(txn, rules.id, &self.open_names()).await?;
        chances.extend(due.map(|due| due.max(now)));
        Ok(chances.into_iter().min())
    }
}
