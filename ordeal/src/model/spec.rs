//! A campaign's settings, as the people who made it meant them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use engine::campaigns::CampaignChange;
use engine::field::Field;
use serde_json::{Map, Value, json};

/// What is promised about a campaign depends on these.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// True where calls may begin, windows and slots aside.
    pub is_active: bool,
    /// Calls at once.
    pub limit: i64,
    /// Calls to one contact.
    pub attempts: i64,
    /// Minutes from the end of a call to the next.
    pub retry_minutes: i64,
    /// Callbacks on top, and the minutes until one; `None`: there are none.
    pub callbacks: Option<(i64, i64)>,
    /// The campaign's zone.
    pub zone: Tz,
    /// Whether a contact's own zone outranks it.
    pub uses_contact_zone: bool,
    /// Daily hours, by the clock on the wall; `None`: all day.
    pub hours: Option<(NaiveTime, NaiveTime)>,
    /// Days on which hours begin, 0 for Sunday; `None`: every day.
    pub days: Option<Vec<u32>>,
    /// Dates on which none begin.
    pub without: Vec<NaiveDate>,
    /// The first instant allowed.
    pub start_date: Option<DateTime<Utc>>,
    /// The first instant not allowed any more.
    pub end_date: Option<DateTime<Utc>>,
}

impl Spec {
    /// May somebody in `zone` be called at `at`? Read off the clock on the wall, minute for minute what people expect of
    /// "from nine to five": nothing of it is shared with the dialer's calendar.
    #[must_use]
    pub fn is_open(&self, zone: Option<Tz>, at: DateTime<Utc>) -> bool {
        let has_begun = self.start_date.is_none_or(|start| at >= start);
        let is_over = self.end_date.is_some_and(|end| at >= end);
        if !has_begun || is_over {
            return false;
        }
        let zone = zone.filter(|_| self.uses_contact_zone).unwrap_or(self.zone);
        let shown = at.with_timezone(&zone).naive_local();
        let (today, time) = (shown.date(), shown.time());
        let Some((from, to)) = self.hours.filter(|(from, to)| from != to) else {
            return self.is_day(today);
        };
        if from < to {
            return self.is_day(today) && from <= time && time < to;
        }
        let yesterday = today - TimeDelta::days(1);
        (self.is_day(today) && from <= time) || (self.is_day(yesterday) && time < to)
    }

    fn is_day(&self, date: NaiveDate) -> bool {
        let weekday = date.weekday().num_days_from_sunday();
        let is_named = self
            .days
            .as_ref()
            .is_none_or(|days| days.contains(&weekday));
        is_named && !self.without.contains(&date)
    }

    /// As a request says it.
    #[must_use]
    pub fn change(&self) -> CampaignChange {
        let time = |time: NaiveTime| Field::Given(time.format("%H:%M").to_string());
        let (from, to) = self
            .hours
            .map_or((Field::Cleared, Field::Cleared), |(from, to)| {
                (time(from), time(to))
            });
        let instant = |at: Option<DateTime<Utc>>| {
            at.map_or(Field::Cleared, |at| Field::Given(at.to_rfc3339()))
        };
        let (most, minutes) = self.callbacks.unwrap_or((0, 0));
        let dates: Vec<String> = self.without.iter().map(ToString::to_string).collect();
        CampaignChange {
            start_date: instant(self.start_date),
            end_date: instant(self.end_date),
            timezone: Field::Given(self.zone.name().to_owned()),
            daily_start_time: from,
            daily_end_time: to,
            max_concurrent_calls: Field::Given(self.limit),
            call_attempts_per_contact: Field::Given(self.attempts),
            retry_delay: Field::Given(self.retry_minutes),
            schedule_config: Field::Given(object(json!({
                "daysOfWeek": self.days, "excludeDates": dates, "useContactTimezone": self.uses_contact_zone,
            }))),
            callback_config: Field::Given(object(json!({
                "enabled": self.callbacks.is_some(), "maxAttempts": most, "delayMinutes": minutes,
            }))),
            ..CampaignChange::default()
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
