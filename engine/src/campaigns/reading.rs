//! From what was sent to the row that is kept: the one place where a campaign's fields are checked, whoever sent them.

use chrono::{DateTime, Utc};
use domain::calendar::{Calendar, CalendarRules, parse_time_of_day, parse_zone};
use domain::lifecycle::Status;
use domain::outcome::UnknownWord;
use domain::{PhoneNumber, Region};
use entity::campaign::Model;

use super::change::CampaignChange;
use super::configs;
use super::limits::{
    ATTEMPTS_DEFAULT, ATTEMPTS_MAX, CONCURRENT_CALLS_DEFAULT, DELAY_MINUTES_MAX,
    DESCRIPTION_CHARS_MAX, Limits, NAME_CHARS_MAX, PROVIDER_ID_CHARS_MAX,
    RETRY_DELAY_MINUTES_DEFAULT,
};
use crate::error::EngineError;
use crate::field::{Field, Sieve, text_up_to, words_up_to};
use crate::instant::{self, Edge};

/// The zone of a campaign that names none.
pub(super) const ZONE_DEFAULT: &str = "UTC";
/// How a campaign is scheduled that does not say.
pub(super) const SCHEDULE_TYPE_DEFAULT: &str = "immediate";

/// What a request comes to.
pub(super) struct Wanted {
    /// The campaign as it shall be. Its status is still the old one: that changes by commands.
    pub row: Model,
    /// The status it shall have, where the request names one.
    pub status: Option<Status>,
}

/// `row` with what `change` says, all of it checked, alone and together. `number` is the one that the carrier has for the
/// `phoneNumberId` in `change`: it comes along where the request does not give a number itself.
///
/// # Errors
/// `Invalid` with everything that is wrong; field names are those of the first generation's wire format.
pub(super) fn read(
    row: Model,
    change: CampaignChange,
    number: Option<PhoneNumber>,
    limits: Limits,
) -> Result<Wanted, EngineError> {
    let mut reading = Reading {
        sieve: Sieve::default(),
        row,
        limits,
    };
    let status = reading.status(change.status);
    reading.texts(change.name, change.description);
    // The region first: it says how the caller number is to be read. The zone first: it says when a date begins.
    reading.region(change.region);
    reading.caller(change.phone_number_id, change.phone_number, number);
    reading.agent(change.voice_agent_id);
    reading.zone(change.timezone);
    reading.dates(change.start_date, change.end_date);
    reading.hours(change.daily_start_time, change.daily_end_time);
    reading.figures(
        change.max_concurrent_calls,
        change.call_attempts_per_contact,
        change.retry_delay,
    );
    reading.schedule_type(change.schedule_type);
    let sieve = &mut reading.sieve;
    let row = &mut reading.row;
    let region = region_of(row);
    configs::agent(sieve, row, change.agent_config);
    configs::schedule(sieve, row, change.schedule_config);
    configs::callback(sieve, row, change.callback_config);
    configs::transfer(sieve, row, change.transfer_config, region);
    configs::tags(sieve, row, change.tags);
    configs::metadata(sieve, row, change.metadata);
    let row = reading.finish()?;
    Ok(Wanted { row, status })
}

/// The region in which a campaign's national numbers are read, where it names one.
pub(crate) fn region_of(row: &Model) -> Option<Region> {
    row.region.as_deref().and_then(|region| region.parse().ok())
}

struct Reading {
    sieve: Sieve,
    row: Model,
    limits: Limits,
}

impl Reading {
    fn status(&mut self, status: Field<String>) -> Option<Status> {
        let read = |word: String| word.parse().map_err(|e: UnknownWord| e.to_string());
        self.sieve.optional("status", status, read).flatten()
    }

    fn texts(&mut self, name: Field<String>, description: Field<String>) {
        let (sieve, row) = (&mut self.sieve, &mut self.row);
        let read = |text: String| words_up_to(&text, NAME_CHARS_MAX);
        if let Some(name) = sieve.required("name", name, read) {
            row.name = name;
        }
        let read = |text: String| text_up_to(&text, DESCRIPTION_CHARS_MAX);
        if let Some(text) = sieve.optional("description", description, read) {
            row.description = text;
        }
    }

    fn region(&mut self, region: Field<String>) {
        let read = |text: String| text.parse::<Region>().map_err(|e| e.to_string());
        if let Some(region) = self.sieve.optional("region", region, read) {
            self.row.region = region.map(String::from);
        }
    }

    fn caller(
        &mut self,
        id: Field<String>,
        number: Field<String>,
        number_of_id: Option<PhoneNumber>,
    ) {
        let (sieve, row) = (&mut self.sieve, &mut self.row);
        let (is_given, is_named) = (matches!(number, Field::Given(_)), id.is_mentioned());
        let (old_id, old_number) = (row.phone_number_id.clone(), row.phone_number.clone());
        let read = |text: String| words_up_to(&text, PROVIDER_ID_CHARS_MAX);
        if let Some(id) = sieve.optional("phoneNumberId", id, read) {
            row.phone_number_id = id;
        }
        let region = region_of(row);
        let read = |text: String| PhoneNumber::parse(&text, region).map_err(|e| e.to_string());
        if let Some(number) = sieve.optional("phoneNumber", number, read) {
            row.phone_number = number.map(PhoneNumber::into_string);
        }
        if is_given && !is_named && row.phone_number != old_number {
            // The id stood for the number before.
            row.phone_number_id = None;
        }
        let is_other = row.phone_number_id.is_some() && row.phone_number_id != old_id;
        if !is_given && (is_other || row.phone_number.is_none()) {
            row.phone_number = number_of_id.map(PhoneNumber::into_string);
        }
    }

    fn agent(&mut self, agent: Field<String>) {
        let read = |text: String| words_up_to(&text, PROVIDER_ID_CHARS_MAX);
        if let Some(id) = self.sieve.optional("voiceAgentId", agent, read) {
            self.row.voice_agent_id = id;
        }
    }

    fn zone(&mut self, zone: Field<String>) {
        let read = |text: String| {
            let zone = parse_zone(&text).map_err(|e| e.to_string())?;
            Ok(zone.name().to_owned())
        };
        if let Some(zone) = self.sieve.optional("timezone", zone, read) {
            self.row.timezone = zone.unwrap_or_else(|| ZONE_DEFAULT.to_owned());
        }
    }

    fn dates(&mut self, start: Field<String>, end: Field<String>) {
        let zone = parse_zone(&self.row.timezone).unwrap_or_default();
        let read = |edge| move |text: String| instant::read(&text, zone, edge);
        let is_mentioned = start.is_mentioned() || end.is_mentioned();
        if let Some(start) = self.sieve.optional("startDate", start, read(Edge::Begin)) {
            self.row.start_date = start;
        }
        if let Some(end) = self.sieve.optional("endDate", end, read(Edge::End)) {
            self.row.end_date = end;
        }
        let (start, end) = (self.row.start_date, self.row.end_date);
        if is_mentioned && let Err(message) = in_order(start, end) {
            self.sieve.refuse("endDate", message);
        }
    }

    fn hours(&mut self, start: Field<String>, end: Field<String>) {
        let read = |text: String| {
            let time = parse_time_of_day(&text).map_err(|e| e.to_string())?;
            Ok(time.format("%H:%M").to_string())
        };
        let is_mentioned = start.is_mentioned() || end.is_mentioned();
        if let Some(start) = self.sieve.optional("dailyStartTime", start, read) {
            self.row.daily_start_time = start;
        }
        if let Some(end) = self.sieve.optional("dailyEndTime", end, read) {
            self.row.daily_end_time = end;
        }
        let times = (&self.row.daily_start_time, &self.row.daily_end_time);
        if let (Some(start), Some(end)) = times
            && is_mentioned
            && start == end
            && start != "00:00"
        {
            // Whoever writes so means a moment or a day: nobody is called at night on a guess.
            let message = "must differ from dailyStartTime; 00:00 for both means the whole day";
            self.sieve.refuse("dailyEndTime", message);
        }
    }

    fn figures(&mut self, limit: Field<i64>, attempts: Field<i64>, delay: Field<i64>) {
        let slots_max = i32::try_from(self.limits.max_concurrent_calls).unwrap_or(i32::MAX);
        let (sieve, row) = (&mut self.sieve, &mut self.row);
        let slots = |n| within(n, 1, slots_max);
        if let Some(slots) = sieve.optional("maxConcurrentCalls", limit, slots) {
            row.max_concurrent_calls = slots.unwrap_or(CONCURRENT_CALLS_DEFAULT.min(slots_max));
        }
        let tries = |n| within(n, 1, ATTEMPTS_MAX);
        if let Some(tries) = sieve.optional("callAttemptsPerContact", attempts, tries) {
            row.call_attempts_per_contact = tries.unwrap_or(ATTEMPTS_DEFAULT);
        }
        let minutes = |n| within(n, 0, DELAY_MINUTES_MAX);
        if let Some(minutes) = sieve.optional("retryDelay", delay, minutes) {
            row.retry_delay_minutes = minutes.unwrap_or(RETRY_DELAY_MINUTES_DEFAULT);
        }
    }

    fn schedule_type(&mut self, schedule_type: Field<String>) {
        let read = |text: String| match text.as_str() {
            "immediate" | "scheduled" => Ok(text),
            _ => Err("must be immediate or scheduled".to_owned()),
        };
        if let Some(word) = self.sieve.optional("scheduleType", schedule_type, read) {
            self.row.schedule_type = word.unwrap_or_else(|| SCHEDULE_TYPE_DEFAULT.to_owned());
        }
    }

    /// What only shows when everything is read.
    fn finish(mut self) -> Result<Model, EngineError> {
        let has = |errors: &Sieve, name: &str| errors.errors.iter().any(|e| e.field == name);
        let is_scheduled = self.row.schedule_type == "scheduled";
        if is_scheduled && self.row.start_date.is_none() && !has(&self.sieve, "startDate") {
            self.sieve
                .refuse("startDate", "is required where scheduleType is scheduled");
        }
        if self.sieve.errors.is_empty() {
            Ok(self.row)
        } else {
            Err(EngineError::Invalid(self.sieve.errors))
        }
    }
}

fn in_order(start: Option<DateTime<Utc>>, end: Option<DateTime<Utc>>) -> Result<(), String> {
    let rules = CalendarRules {
        start_date: start,
        end_date: end,
        ..CalendarRules::default()
    };
    Calendar::new(rules).map(|_| ()).map_err(|e| e.to_string())
}

fn within(number: i64, min: i32, max: i32) -> Result<i32, String> {
    i32::try_from(number)
        .ok()
        .filter(|number| (min..=max).contains(number))
        .ok_or_else(|| format!("must be a whole number from {min} to {max}"))
}
