//! Answers, as they were agreed upon: `tests/snapshots/NAME.snap`.
//!
//! A test asks, and says the name of what must come back:
//!
//! ```ignore
//! agreed("campaign_created", api.request(Method::POST, "/api/campaigns").json(&body)).await;
//! ```
//!
//! Both stacks are held to the same file. What differs from run to run is replaced before: ids, instants, tokens, and what
//! a clock says. A new or changed answer fails and is written beside the old one; `INSTA_UPDATE=always` takes it over.

use insta::Settings;
use reqwest::{RequestBuilder, Response};
use serde_json::{Map, Value, json};

/// Headers that belong to the agreement.
const HEADERS: [&str; 4] = ["allow", "content-type", "retry-after", "www-authenticate"];

/// Fields whose values differ from run to run: how late it was, how long it took, and what follows from that.
const CHANCE: [&str; 18] = [
    "afternoon",
    "at",
    "averageCallDuration",
    "averageWaitTime",
    "contactId",
    "credits",
    "creditsConsumed",
    "date",
    "duration",
    "durationSec",
    "evening",
    "hour",
    "memory",
    "morning",
    "nextCursor",
    "prevCursor",
    "token",
    "uptime",
];

/// What an agent is told of a callback that will be made, up to when.
const PROMISE: &str = "The person will be called back on ";

/// Sends `request` and compares the answer with the snapshot `name`; the answer's body, a text where it is no JSON.
pub async fn agreed(name: &str, request: RequestBuilder) -> Value {
    answered_as_agreed(name, request.send().await.expect("an answer")).await
}

/// As [`agreed`], of an answer that came already.
pub async fn answered_as_agreed(name: &str, response: Response) -> Value {
    let status = response.status().as_u16();
    let headers: Map<String, Value> = HEADERS
        .iter()
        .filter_map(|name| {
            let value = response.headers().get(*name)?.to_str().ok()?;
            Some(((*name).to_owned(), value.into()))
        })
        .collect();
    let text = response.text().await.expect("a body");
    let kind = headers.get("content-type").and_then(Value::as_str);
    let is_table = kind.is_some_and(|kind| kind.starts_with("text/csv"));
    let (body, shown) = if is_table {
        (Value::from(text.clone()), table_without_chance(&text))
    } else {
        let body: Value = serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("{name}: {status} with a body that is no JSON: {text}"));
        (body.clone(), without_chance(body))
    };
    let answer = json!({ "status": status, "headers": headers, "body": shown });
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_json_snapshot!(name, answer));
    body
}

/// `value` with words in the place of what differs from run to run.
fn without_chance(value: Value) -> Value {
    match value {
        Value::String(text) if uuid::Uuid::parse_str(&text).is_ok() => "[id]".into(),
        Value::String(text) if is_worker(&text) => "[worker]".into(),
        Value::String(text) if is_now(&text) => "[instant]".into(),
        Value::String(text) if text.starts_with("conv_") => "[conversation]".into(),
        Value::String(text) if text.starts_with(PROMISE) => {
            format!("{PROMISE}[time], or soon after.").into()
        }
        Value::Array(list) => list.into_iter().map(without_chance).collect(),
        Value::Object(object) => object
            .into_iter()
            .map(|(name, value)| match value {
                Value::Number(_) if matches!(&*name, "id" | "_id") => (name, "[id]".into()),
                // The provider's instants are whole seconds.
                Value::String(_) if matches!(&*name, "spokenAt" | "startedAt" | "timestamp") => {
                    (name, "[instant]".into())
                }
                Value::Number(_) | Value::String(_) if CHANCE.contains(&&*name) => {
                    let word = format!("[{name}]");
                    (name, word.into())
                }
                value => (name, without_chance(value)),
            })
            .collect(),
        other => other,
    }
}

/// The lines of a table whose last column is an id, with words in the place of what differs from run to run.
fn table_without_chance(text: &str) -> Value {
    let lines = text.split_inclusive("\r\n").map(|line| {
        let cells = line.trim_end().split(',').map(|cell| match cell {
            instant if is_now(instant) => "[instant]",
            id if uuid::Uuid::parse_str(id).is_ok() => "[id]",
            cell => cell,
        });
        let mut cells: Vec<&str> = cells.collect();
        if let Some(id) = cells.last_mut().filter(|id| id.parse::<u64>().is_ok()) {
            *id = "[id]";
        }
        Value::from(format!("{}\r\n", cells.join(",")))
    });
    lines.collect()
}

/// True for the name of a worker: its process, and an id.
fn is_worker(text: &str) -> bool {
    let parts = text.split_once('-');
    parts.is_some_and(|(_, id)| uuid::Uuid::parse_str(id).is_ok())
}

/// True for an instant that the dialer made: those of a test's own are whole seconds.
fn is_now(text: &str) -> bool {
    text.contains('.') && chrono::DateTime::parse_from_rfc3339(text).is_ok()
}
