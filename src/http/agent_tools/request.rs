//! What an agent sends with a tool. Models fill in what they hear, so a field that makes no sense is answered with what
//! would.

use carriers::elevenlabs::conversation::time;
use chrono::{DateTime, TimeDelta, Utc};
use domain::CallId;
use engine::EngineError;
use engine::dialing::When;
use engine::field::{Field, Sieve, text_up_to, words_up_to};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Minutes from now to a callback, at most: a year.
const MINUTES_MAX: i64 = 365 * 24 * 60;
/// Characters of a target's name.
const TARGET_CHARS_MAX: usize = 255;
/// Characters of a time.
const TIME_CHARS_MAX: usize = 64;

/// Which call an agent speaks of.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"call_id": "0189f0a2-41c7-7d55-9f0e-2a6b8c1d4e93"}))]
pub struct OfCall {
    /// The dynamic variable `call_id`
    #[schema(value_type = uuid::Uuid, required = true)]
    #[serde(default)]
    call_id: Field<String>,
}

/// Whom to hand a call on to.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"call_id": "0189f0a2-41c7-7d55-9f0e-2a6b8c1d4e93", "target": "Sales Team"}))]
pub struct TransferRequest {
    /// The dynamic variable `call_id`
    #[schema(value_type = uuid::Uuid, required = true)]
    #[serde(default)]
    call_id: Field<String>,
    /// The name of a target of the campaign's `transferConfig`, whatever the case of its letters
    #[schema(value_type = String, required = true, min_length = 1, max_length = 255, pattern = "[^\\s\\u0085]",
        example = "Sales Team")]
    #[serde(default)]
    target: Field<String>,
}

/// When to call back.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"call_id": "0189f0a2-41c7-7d55-9f0e-2a6b8c1d4e93", "at": "2030-06-03T15:30"}))]
pub struct CallbackRequest {
    /// The dynamic variable `call_id`
    #[schema(value_type = uuid::Uuid, required = true)]
    #[serde(default)]
    call_id: Field<String>,
    /// An instant, or a time by the clock of the person called; absent or empty: after `callbackConfig.delayMinutes`
    #[schema(value_type = Option<String>, format = "date-time-or-local", max_length = 64,
        pattern = "^([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?)?$",
        example = "2030-06-03T15:30")]
    #[serde(default)]
    at: Field<String>,
    /// Minutes from now, instead of `at`: must be left out where `at` is given
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 525_600, example = 90)]
    #[serde(default)]
    in_minutes: Field<i64>,
}

impl OfCall {
    /// Which call.
    pub(super) fn read(self) -> Result<CallId, EngineError> {
        let mut sieve = Sieve::default();
        let call = call_id(&mut sieve, self.call_id);
        call.ok_or(EngineError::Invalid(sieve.errors))
    }
}

impl TransferRequest {
    /// Which call, and the name of the target.
    pub(super) fn read(self) -> Result<(CallId, String), EngineError> {
        let mut sieve = Sieve::default();
        let call = call_id(&mut sieve, self.call_id);
        let read = |name: String| words_up_to(&name, TARGET_CHARS_MAX);
        let target = sieve.required("target", self.target.asked_for(), read);
        match (call, target) {
            (Some(call), Some(target)) => Ok((call, target)),
            _ => Err(EngineError::Invalid(sieve.errors)),
        }
    }
}

impl CallbackRequest {
    /// Which call, and when the person wants to be called.
    pub(super) fn read(self, now: DateTime<Utc>) -> Result<(CallId, Option<When>), EngineError> {
        let mut sieve = Sieve::default();
        let call = call_id(&mut sieve, self.call_id);
        let at = sieve.optional("at", self.at, read_time).flatten().flatten();
        let soon = sieve.optional("in_minutes", self.in_minutes, |minutes| {
            let help = format!("must be a number from 1 to {MINUTES_MAX}");
            let is_some_time = (1..=MINUTES_MAX).contains(&minutes);
            is_some_time
                .then(|| When::At(now + TimeDelta::minutes(minutes)))
                .ok_or(help)
        });
        if at.is_some() && matches!(soon, Some(Some(_))) {
            sieve.refuse("in_minutes", "must be left out where `at` is given");
        }
        match call {
            Some(call) if sieve.errors.is_empty() => Ok((call, at.or(soon.flatten()))),
            _ => Err(EngineError::Invalid(sieve.errors)),
        }
    }
}

/// An empty text is as good as none: models send it for what they were not told.
fn read_time(text: String) -> Result<Option<When>, String> {
    let text = text_up_to(&text, TIME_CHARS_MAX)?;
    if text.is_empty() {
        return Ok(None);
    }
    match time(&Value::from(text)) {
        (Some(at), _) => Ok(Some(When::At(at))),
        (_, Some(local)) => Ok(Some(When::Local(local))),
        _ => Err("must be a time such as 2030-06-03T15:30".to_owned()),
    }
}

fn call_id(sieve: &mut Sieve, field: Field<String>) -> Option<CallId> {
    sieve.required("call_id", field.asked_for(), |text| {
        text.parse()
            .map_err(|_| "must be the dynamic variable call_id".to_owned())
    })
}
