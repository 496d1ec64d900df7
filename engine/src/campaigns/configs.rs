//! The JSON objects of a campaign. What dialing acts on is checked; everything else in them is kept as sent.

use std::str::FromStr;

use chrono::NaiveDate;
use domain::calendar::EXCLUDED_DATES_MAX;
use domain::outcome::UnknownWord;
use domain::voicemail::VoicemailAction;
use domain::{CallRoute, PhoneNumber, Region};
use entity::campaign::Model;
use serde_json::{Map, Value};

use super::agent_config;
use super::limits::{
    ATTEMPTS_MAX, DELAY_MINUTES_MAX, FIRST_MESSAGE_CHARS_MAX, NAME_CHARS_MAX, PROMPT_CHARS_MAX,
    PROVIDER_ID_CHARS_MAX, TAG_CHARS_MAX, TAGS_MAX, TALK_S_MAX, TALK_S_MIN, TRANSFER_TARGETS_MAX,
};
use crate::field::{Field, Kind, Sieve, object_has_nul, words_up_to};

type Object = Map<String, Value>;

/// The longest code of a language.
const LANGUAGE_CHARS_MAX: usize = 35;

pub(super) fn agent(sieve: &mut Sieve, row: &mut Model, config: Field<Object>) {
    let Some(config) = object(sieve, "agentConfig", config) else {
        return;
    };
    row.agent_config = config.map(|mut config| {
        let mut known = Known::of(sieve, "agentConfig", &mut config);
        known.one(agent_config::ROUTE, word::<CallRoute>);
        known.one(agent_config::LANGUAGE, language);
        for (key, chars_max) in [
            (agent_config::FIRST_MESSAGE, FIRST_MESSAGE_CHARS_MAX),
            (agent_config::PROMPT, PROMPT_CHARS_MAX),
            (agent_config::VOICE_ID, PROVIDER_ID_CHARS_MAX),
        ] {
            known.one(key, |text: String| {
                words_up_to(&text, chars_max).map(|_| ())
            });
        }
        known.one(agent_config::MAX_DURATION, |n| {
            within(n, TALK_S_MIN, TALK_S_MAX)
        });
        known.one(agent_config::RECORD, |_: bool| Ok(()));
        known.one(agent_config::VOICEMAIL, |_: Object| Ok(()));
        if let Some(Value::Object(policy)) = config.get_mut(agent_config::VOICEMAIL) {
            let mut known = Known::of(sieve, "agentConfig.voicemail", policy);
            known.one(agent_config::ACTION, word::<VoicemailAction>);
            known.one(agent_config::RETRY, |_: bool| Ok(()));
        }
        Value::Object(config)
    });
}

pub(super) fn metadata(sieve: &mut Sieve, row: &mut Model, metadata: Field<Object>) {
    if let Some(metadata) = sieve.optional("metadata", metadata, as_sent) {
        row.metadata = metadata;
    }
}

pub(super) fn tags(sieve: &mut Sieve, row: &mut Model, tags: Field<Vec<Value>>) {
    let Some(tags) = sieve.optional("tags", tags, bounded(TAGS_MAX)) else {
        return;
    };
    let mut kept = Vec::new();
    for (at, tag) in tags.unwrap_or_default().into_iter().enumerate() {
        let tag = Field::from(tag);
        // Kept as sent: they are the owner's words, not ours.
        let read = |text: String| words_up_to(&text, TAG_CHARS_MAX).map(|_| text);
        kept.extend(sieve.required(&format!("tags[{at}]"), tag, read));
    }
    row.tags = kept.into();
}

pub(super) fn schedule(sieve: &mut Sieve, row: &mut Model, config: Field<Object>) {
    let Some(config) = object(sieve, "scheduleConfig", config) else {
        return;
    };
    row.schedule_config = config.map(|mut config| {
        let mut known = Known::of(sieve, "scheduleConfig", &mut config);
        known.each("daysOfWeek", DAYS_MAX, |day: i64| {
            let is_day = (0..=7).contains(&day);
            let help =
                "must be a day of the week: 1 for Monday to 6 for Saturday, 0 or 7 for Sunday";
            is_day.then_some(()).ok_or_else(|| help.to_owned())
        });
        known.each("excludeDates", EXCLUDED_DATES_MAX, |date: String| {
            let help = "must be a date such as 2026-12-25";
            let is_date = date.len() == 10 && date.parse::<NaiveDate>().is_ok();
            is_date.then_some(()).ok_or_else(|| help.to_owned())
        });
        known.one("useContactTimezone", |_: bool| Ok(()));
        Value::Object(config)
    });
}

pub(super) fn callback(sieve: &mut Sieve, row: &mut Model, config: Field<Object>) {
    let Some(config) = object(sieve, "callbackConfig", config) else {
        return;
    };
    row.callback_config = config.map(|mut config| {
        let mut known = Known::of(sieve, "callbackConfig", &mut config);
        known.one("enabled", |_: bool| Ok(()));
        known.one("maxAttempts", |n| within(n, 0, ATTEMPTS_MAX));
        known.one("delayMinutes", |n| within(n, 0, DELAY_MINUTES_MAX));
        Value::Object(config)
    });
}

pub(super) fn transfer(
    sieve: &mut Sieve,
    row: &mut Model,
    config: Field<Object>,
    region: Option<Region>,
) {
    let Some(config) = object(sieve, "transferConfig", config) else {
        return;
    };
    row.transfer_config = config.map(|mut config| {
        let mut known = Known::of(sieve, "transferConfig", &mut config);
        known.one("enabled", |_: bool| Ok(()));
        known.each("transferTargets", TRANSFER_TARGETS_MAX, |_: Object| Ok(()));
        let targets = config
            .get_mut("transferTargets")
            .and_then(Value::as_array_mut);
        for (at, target) in targets.into_iter().flatten().enumerate() {
            if let Value::Object(target) = target {
                transfer_target(
                    sieve,
                    &format!("transferConfig.transferTargets[{at}]"),
                    target,
                    region,
                );
            }
        }
        Value::Object(config)
    });
}

/// Checks one target, and writes its number in the form in which it is dialled.
fn transfer_target(sieve: &mut Sieve, path: &str, target: &mut Object, region: Option<Region>) {
    let mut text = |name: &str, is_needed: bool| -> Option<String> {
        let field = match target.get(name) {
            None | Some(Value::Null) => Field::Absent,
            Some(value) => Field::from(value.clone()),
        };
        let field = if is_needed { field.asked_for() } else { field };
        let read = |text: String| words_up_to(&text, NAME_CHARS_MAX);
        sieve.required(&format!("{path}.{name}"), field, read)
    };
    text("name", true);
    let kind = text("type", true);
    let number = text("number", kind.as_deref() == Some("phone"));
    let endpoint = text("endpoint", kind.as_deref() == Some("sip"));
    if kind.is_some_and(|kind| kind != "phone" && kind != "sip") {
        sieve.refuse(format!("{path}.type"), "must be phone or sip");
    }
    match number.map(|number| PhoneNumber::parse(&number, region)) {
        Some(Ok(number)) => {
            target.insert("number".to_owned(), number.into_string().into());
        }
        Some(Err(error)) => sieve.refuse(format!("{path}.number"), error.to_string()),
        None => {}
    }
    let is_sip = |endpoint: &str| endpoint.starts_with("sip:") || endpoint.starts_with("sips:");
    if endpoint.is_some_and(|endpoint| !is_sip(&endpoint)) {
        let help = "must be a SIP address such as sip:support@example.com";
        sieve.refuse(format!("{path}.endpoint"), help);
    }
    Known::of(sieve, path, target).one("enabled", |_: bool| Ok(()));
}

/// The keys of an object that mean something to us.
struct Known<'a> {
    sieve: &'a mut Sieve,
    path: &'a str,
    object: &'a mut Object,
}

/// Every day of the week twice is more than anybody means.
const DAYS_MAX: usize = 14;

impl<'a> Known<'a> {
    fn of(sieve: &'a mut Sieve, path: &'a str, object: &'a mut Object) -> Self {
        Self {
            sieve,
            path,
            object,
        }
    }

    /// Checks one key; `null` is as good as absent, and taken out.
    fn one<T: Kind>(&mut self, name: &str, check: impl FnOnce(T) -> Result<(), String>) {
        let field = match self.object.get(name) {
            None => return,
            Some(Value::Null) => {
                self.object.remove(name);
                return;
            }
            Some(value) => Field::from(value.clone()),
        };
        self.sieve
            .required(&format!("{}.{name}", self.path), field, check);
    }

    /// Checks one key that holds a list, and each of its entries.
    fn each<T: Kind>(
        &mut self,
        name: &str,
        entries_max: usize,
        check: impl Fn(T) -> Result<(), String>,
    ) {
        let mut entries = Vec::new();
        self.one(name, |list: Vec<Value>| {
            entries = bounded(entries_max)(list)?;
            Ok(())
        });
        for (at, entry) in entries.into_iter().enumerate() {
            let path = format!("{}.{name}[{at}]", self.path);
            self.sieve.required(&path, Field::from(entry), &check);
        }
    }
}

/// The object to be checked, if the request mentions one that can be kept at all.
fn object(sieve: &mut Sieve, name: &str, config: Field<Object>) -> Option<Option<Object>> {
    sieve.optional(name, config, |object| {
        let mut object = without_nul(object)?;
        object.values_mut().for_each(write_whole_numbers_whole);
        Ok(object)
    })
}

fn as_sent(object: Object) -> Result<Value, String> {
    without_nul(object).map(Value::Object)
}

fn without_nul(object: Object) -> Result<Object, String> {
    if object_has_nul(&object) {
        return Err("must not contain the character NUL".to_owned());
    }
    Ok(object)
}

/// 10.0 is the number 10, whoever wrote it; dialing reads integers.
fn write_whole_numbers_whole(value: &mut Value) {
    match value {
        Value::Number(number) if !number.is_i64() => {
            if let Some(whole) = <i64 as Kind>::read(value.clone()) {
                *value = whole.into();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(write_whole_numbers_whole),
        Value::Object(object) => object.values_mut().for_each(write_whole_numbers_whole),
        _ => {}
    }
}

/// A text that must be one of the words of a list.
fn word<T: FromStr<Err = UnknownWord>>(text: String) -> Result<(), String> {
    let read: Result<T, UnknownWord> = text.parse();
    read.map(|_| ()).map_err(|error| error.to_string())
}

/// As BCP 47 writes them: which of them an agent speaks is its provider's to say.
fn language(code: String) -> Result<(), String> {
    let mut parts = code.split('-');
    let is_plain = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let is_language = parts.next().is_some_and(|first| {
        (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic())
    });
    let is_code = is_language && parts.all(is_plain) && code.len() <= LANGUAGE_CHARS_MAX;
    is_code
        .then_some(())
        .ok_or_else(|| "must be a language such as en or pt-BR".to_owned())
}

fn bounded(entries_max: usize) -> impl FnOnce(Vec<Value>) -> Result<Vec<Value>, String> {
    move |list| {
        if list.len() > entries_max {
            return Err(format!("must not have more than {entries_max} entries"));
        }
        Ok(list)
    }
}

fn within(number: i64, min: i32, max: i32) -> Result<(), String> {
    let is_within = (i64::from(min)..=i64::from(max)).contains(&number);
    is_within
        .then_some(())
        .ok_or_else(|| format!("must be a whole number from {min} to {max}"))
}
