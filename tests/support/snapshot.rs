//! Answers, as they were agreed upon: `tests/snapshots/NAME.snap`.
//!
//! A test asks, and says the name of what must come back:
//!
//! ```ignore
//! agreed("campaign_created", api.request(Method::POST, "/api/campaigns").json(&body)).await;
//! ```
//!
//! Both stacks are held to the same file. What differs from run to run is replaced before: ids, instants, tokens. A new
//! or changed answer fails and is written beside the old one; `INSTA_UPDATE=always` takes it over.

use insta::Settings;
use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};

/// Headers that belong to the agreement.
const HEADERS: [&str; 4] = ["allow", "content-type", "retry-after", "www-authenticate"];

/// Sends `request` and compares the answer with the snapshot `name`; the answer's body.
pub async fn agreed(name: &str, request: RequestBuilder) -> Value {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let headers: Map<String, Value> = HEADERS
        .iter()
        .filter_map(|name| {
            let value = response.headers().get(*name)?.to_str().ok()?;
            Some(((*name).to_owned(), value.into()))
        })
        .collect();
    let text = response.text().await.expect("a body");
    let body: Value = serde_json::from_str(&text)
        .unwrap_or_else(|_| panic!("{name}: {status} with a body that is no JSON: {text}"));
    let answer =
        json!({ "status": status, "headers": headers, "body": without_chance(body.clone()) });
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
        Value::String(text) if is_now(&text) => "[instant]".into(),
        Value::Array(list) => list.into_iter().map(without_chance).collect(),
        Value::Object(object) => object
            .into_iter()
            .map(|(name, value)| match value {
                Value::Number(_) if matches!(name.as_str(), "id" | "_id") => (name, "[id]".into()),
                value => (name, without_chance(value)),
            })
            .collect(),
        other => other,
    }
}

/// True for an instant that the dialer made: those of a test's own are whole seconds.
fn is_now(text: &str) -> bool {
    text.contains('.') && chrono::DateTime::parse_from_rfc3339(text).is_ok()
}
