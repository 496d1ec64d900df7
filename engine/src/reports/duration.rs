//! How long a campaign lasts.

use chrono::{DateTime, TimeDelta, Utc};
use entity::campaign;

use super::statistics::CampaignDuration;

/// When a campaign begins and ends.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lifetime {
    /// Its start date, else when it was first started.
    pub begin: Option<DateTime<Utc>>,
    /// Its end date.
    pub end: Option<DateTime<Utc>>,
    /// When it became final.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Lifetime {
    /// The campaign's.
    pub(super) fn of(row: &campaign::Model) -> Self {
        Self {
            begin: row.start_date.or(row.started_at),
            end: row.end_date,
            ended_at: row.ended_at,
        }
    }

    /// How much of it there is, is over and is to come at `now`.
    pub(super) fn duration(self, now: DateTime<Utc>) -> CampaignDuration {
        let stops = [self.ended_at, self.end];
        let until = stops.into_iter().flatten().fold(now, DateTime::min);
        let total = self.begin.zip(self.end).map(|(begin, end)| end - begin);
        let elapsed = self.begin.map(|begin| until - begin);
        let remaining = self.end.map(|end| match self.ended_at {
            Some(_) => TimeDelta::zero(),
            // What has not begun has all of it to come.
            None => end - self.begin.map_or(now, |begin| now.max(begin)),
        });
        CampaignDuration {
            total: total.map(words),
            elapsed: elapsed.map(words),
            remaining: remaining.map(words),
        }
    }
}

/// `span` to the nearest day; below one day to the nearest hour, below one hour to the nearest minute. The nearest, so
/// that a month which ends at 23:59:59, or in which the clock was set forward, has all of its days.
fn words(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    let [minutes, hours, days] = [60, 3_600, 86_400].map(|unit| (seconds + unit / 2) / unit);
    let (count, unit) = match (minutes, hours) {
        (..60, _) => (minutes, "minute"),
        (_, ..24) => (hours, "hour"),
        _ => (days, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn at(lifetime: Lifetime, now: &str) -> [Option<String>; 3] {
        let CampaignDuration {
            total,
            elapsed,
            remaining,
        } = lifetime.duration(utc(now));
        [total, elapsed, remaining]
    }

    fn said(parts: [&str; 3]) -> [Option<String>; 3] {
        parts.map(|part| Some(part.to_owned()))
    }

    const NEVER: Lifetime = Lifetime {
        begin: None,
        end: None,
        ended_at: None,
    };

    #[test]
    fn a_span_is_told_in_the_largest_unit_it_fills() {
        for (seconds, expected) in [
            (-5, "0 minutes"),
            (0, "0 minutes"),
            (29, "0 minutes"),
            (30, "1 minute"),
            (59 * 60 + 29, "59 minutes"),
            (59 * 60 + 30, "1 hour"),
            (5 * 3_600, "5 hours"),
            (23 * 3_600 + 1_799, "23 hours"),
            (23 * 3_600 + 1_800, "1 day"),
            (86_400, "1 day"),
            (2 * 86_400 - 1, "2 days"),
            (30 * 86_400, "30 days"),
            (31 * 86_400 - 3_600, "31 days"),
        ] {
            assert_eq!(words(TimeDelta::seconds(seconds)), expected, "{seconds} s");
        }
    }

    #[test]
    fn a_campaign_that_runs_has_some_of_its_time_behind_it() {
        let july = Lifetime {
            begin: Some(utc("2023-07-01T00:00:00Z")),
            end: Some(utc("2023-07-30T23:59:59Z")),
            ..NEVER
        };
        let seed = said(["30 days", "15 days", "15 days"]);
        assert_eq!(at(july, "2023-07-16T00:00:00Z"), seed);
        let before = said(["30 days", "0 minutes", "30 days"]);
        assert_eq!(at(july, "2023-01-01T00:00:00Z"), before);
        let after = said(["30 days", "30 days", "0 minutes"]);
        assert_eq!(at(july, "2024-01-01T00:00:00Z"), after);
    }

    #[test]
    fn a_campaign_that_ended_has_no_time_left() {
        let stopped = Lifetime {
            begin: Some(utc("2023-07-01T00:00:00Z")),
            end: Some(utc("2023-07-31T00:00:00Z")),
            ended_at: Some(utc("2023-07-02T00:00:00Z")),
        };
        let expected = said(["30 days", "1 day", "0 minutes"]);
        assert_eq!(at(stopped, "2023-07-16T00:00:00Z"), expected);
        let called_off = Lifetime {
            ended_at: Some(utc("2023-06-01T00:00:00Z")),
            ..stopped
        };
        let expected = said(["30 days", "0 minutes", "0 minutes"]);
        assert_eq!(at(called_off, "2023-07-16T00:00:00Z"), expected);
    }

    #[test]
    fn what_has_no_begin_or_no_end_has_no_total() {
        let now = "2023-07-16T00:00:00Z";
        assert_eq!(at(NEVER, now), [None, None, None]);
        let begun = Lifetime {
            begin: Some(utc("2023-07-15T19:00:00Z")),
            ..NEVER
        };
        assert_eq!(at(begun, now), [None, Some("5 hours".to_owned()), None]);
        let ends = Lifetime {
            end: Some(utc("2023-07-16T00:59:00Z")),
            ..NEVER
        };
        assert_eq!(at(ends, now), [None, None, Some("59 minutes".to_owned())]);
    }
}
