//! Every sentence about a wrong field, seen once: which field it blames, and its words.

mod campaign_fields;
mod config_fields;
mod contact_changes;
mod contact_fields;
mod query_fields;
mod sentences;
mod suppression_fields;
mod tool_fields;
mod v1;
mod v1_fields;
mod v1_messages;
mod v1_queries;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulator::SimulatorConfig;

use crate::contacts::{added, seen};
use crate::support::api::answer;
use crate::support::{Dialer, Options, Stack, on_both_stacks, single};
use campaign_fields::wrong_campaigns;
use contact_changes::wrong_changes;
use contact_fields::{wrong_contacts, wrong_tables};
use query_fields::wrong_queries;
use suppression_fields::{wrong_suppression_queries, wrong_suppression_rows, wrong_suppressions};
use tool_fields::wrong_tools;
use v1_fields::{wrong_calls, wrong_keys, wrong_users};

on_both_stacks!(
    every_wrong_field_of_a_campaign_is_blamed_in_its_own_words,
    everything_wrong_is_told_in_one_answer,
    every_wrong_row_of_an_import_is_reported_in_its_own_words,
    every_wrong_field_of_a_contact_is_blamed_in_its_own_words,
    every_wrong_field_of_an_agents_tool_is_blamed_in_its_own_words,
    every_wrong_key_of_a_query_is_blamed_in_its_own_words,
    every_wrong_field_of_a_user_a_key_and_a_single_call_is_blamed_in_its_own_words,
    every_wrong_field_of_a_suppression_is_blamed_in_its_own_words,
);

/// Something wrong: what is sent, the field that is blamed, and the sentence.
pub struct Wrong {
    pub sent: Value,
    pub field: String,
    pub message: String,
}

pub fn wrong(sent: Value, field: &str, message: &str) -> Wrong {
    Wrong {
        sent,
        field: field.to_owned(),
        message: message.to_owned(),
    }
}

/// What an answer says about fields.
fn told(errors: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let errors = errors.as_array().expect("errors").iter();
    errors
        .map(|error| (text(&error["field"]), text(&error["message"])))
        .collect()
}

async fn every_wrong_field_of_a_campaign_is_blamed_in_its_own_words(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let before = api.campaign(&id).await;
    let path = format!("/api/campaigns/{id}");
    for case in wrong_campaigns() {
        let expected = vec![(case.field, case.message)];
        let refused = api.put(&path, case.sent.clone()).await.with(422);
        assert_eq!(told(&refused["errors"]), expected, "changed: {}", case.sent);
        let mut new = case.sent.clone();
        new["name"] = match new.get("name") {
            Some(name) => name.clone(),
            None => json!("x"),
        };
        let refused = api.post("/api/campaigns", new).await.with(422);
        assert_eq!(told(&refused["errors"]), expected, "made: {}", case.sent);
    }
    let nameless = api.post("/api/campaigns", json!({})).await.with(422);
    let required = ("name".to_owned(), "is required".to_owned());
    assert_eq!(told(&nameless["errors"]), [required]);
    // Nothing was changed, and nothing made.
    assert_eq!(api.campaign(&id).await, before);
    assert_eq!(api.get("/api/campaigns").await.ok()["total"], 1);
}

/// One request with something wrong in each field: whatever stands in the table about a field of its own.
async fn everything_wrong_is_told_in_one_answer(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let mut body = json!({});
    let mut expected = BTreeMap::new();
    for case in wrong_campaigns() {
        let fields = case.sent.as_object().expect("fields");
        let mut names = fields.keys();
        // Of those that are about one field alone the last, so that each is there once.
        if let (Some(name), None) = (names.next(), names.next()) {
            expected.retain(|field: &String, _| !is_within(field, name));
            body[name] = fields[name].clone();
            expected.insert(case.field, case.message);
        }
    }
    assert!(expected.len() > 20, "{expected:?}");
    for refused in [
        api.post("/api/campaigns", body.clone()).await.with(422),
        api.put(
            &format!("/api/campaigns/{}", api.create_campaign(json!({})).await),
            body,
        )
        .await
        .with(422),
    ] {
        let told: BTreeMap<String, String> = told(&refused["errors"]).into_iter().collect();
        assert_eq!(told, expected);
        let sentence = refused["message"].as_str().expect("a sentence");
        for (field, message) in &expected {
            assert!(
                sentence.contains(&format!("{field}: {message}")),
                "{sentence}"
            );
        }
    }
}

fn is_within(path: &str, name: &str) -> bool {
    path.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

async fn every_wrong_row_of_an_import_is_reported_in_its_own_words(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let path = format!("/api/v1/campaigns/{id}/contacts");
    let cases = wrong_contacts();
    let rows: Vec<&Value> = cases.iter().map(|case| &case.sent).collect();
    let report = api.post(&path, json!({ "contacts": rows })).await.with(200);
    assert_eq!(report["data"]["added"], 0);
    assert_eq!(report["data"]["errorCount"], cases.len());
    let told = told(&report["data"]["errors"]);
    assert_eq!(told.len(), cases.len(), "{told:?}");
    for (told, case) in told.into_iter().zip(cases) {
        assert_eq!(told, (case.field, case.message), "{}", case.sent);
    }
    for (text, field, message) in wrong_tables() {
        let request = api.request(reqwest::Method::POST, &path);
        let request = request.header("content-type", "text/csv").body(text);
        let answer = crate::support::api::answer(request).await;
        let errors = match answer.status.as_u16() {
            200 => &answer.body["data"]["errors"],
            422 => &answer.body["errors"],
            other => panic!("{other}: {}", answer.body),
        };
        let expected = [(field.to_owned(), message.to_owned())];
        assert_eq!(self::told(errors), expected);
    }
}

async fn every_wrong_field_of_a_contact_is_blamed_in_its_own_words(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let path = added(api, &id, json!({ "phoneNumber": "+12125550009" })).await;
    let before = seen(api, &path).await;
    for case in wrong_changes() {
        let refused = api.put(&path, case.sent.clone()).await.with(422);
        let expected = [(case.field, case.message)];
        assert_eq!(told(&refused["errors"]), expected, "{}", case.sent);
    }
    assert_eq!(seen(api, &path).await, before);
}

async fn every_wrong_field_of_an_agents_tool_is_blamed_in_its_own_words(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = dialer.api_as(Some(&SimulatorConfig::default().agent_tools_token));
    for (tool, case) in wrong_tools() {
        let path = format!("/webhooks/elevenlabs/tools/{tool}");
        let refused = api.post(&path, case.sent.clone()).await.with(422);
        let expected = [(case.field, case.message)];
        assert_eq!(told(&refused["errors"]), expected, "{tool}: {}", case.sent);
    }
}

async fn every_wrong_key_of_a_query_is_blamed_in_its_own_words(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    for case in wrong_queries() {
        let base = match case.list {
            "" => "/api/campaigns".to_owned(),
            list => format!("/api/campaigns/{id}{list}"),
        };
        let path = format!("{base}?{}", case.query);
        let refused = api.get(&path).await.with(422);
        let expected = [(case.field.to_owned(), case.message)];
        assert_eq!(told(&refused["errors"]), expected, "{path}");
    }
}

async fn every_wrong_field_of_a_user_a_key_and_a_single_call_is_blamed_in_its_own_words(
    stack: Stack,
) {
    let dialer = single::start(stack).await;
    let api = &dialer.api;
    let users = "/api/v1/users";
    let me = api.get("/api/v1/users/me").await.ok();
    let keys = format!(
        "{users}/{}/api-keys",
        me["data"]["_id"].as_str().expect("an id")
    );
    let logs = "/api/v1/analytics/calls/logs";
    let before = [api.get(users).await.ok(), api.get(&keys).await.ok()];
    for (path, cases) in [
        (users, wrong_users()),
        (&keys, wrong_keys()),
        ("/api/v1/calls/outbound", wrong_calls()),
    ] {
        for case in cases {
            let refused = api.post(path, case.sent.clone()).await.with(422);
            let expected = [(case.field, case.message)];
            assert_eq!(told(&refused["errors"]), expected, "{path}: {}", case.sent);
        }
    }
    // Nobody was made, nothing opens more than before, and nobody was called.
    assert_eq!(
        [api.get(users).await.ok(), api.get(&keys).await.ok()],
        before
    );
    assert_eq!(api.get(logs).await.ok()["data"]["total"], 0);
}

async fn every_wrong_field_of_a_suppression_is_blamed_in_its_own_words(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    for list in ["/api/suppressions", "/api/v1/suppressions"] {
        for case in wrong_suppressions() {
            let refused = api.post(list, case.sent.clone()).await.with(422);
            let expected = [(case.field, case.message)];
            assert_eq!(told(&refused["errors"]), expected, "{list}: {}", case.sent);
        }
        let rows: Vec<Wrong> = wrong_suppression_rows();
        let sent: Vec<&Value> = rows.iter().map(|case| &case.sent).collect();
        let body = json!({ "suppressions": sent });
        let report = api.post(&format!("{list}/import"), body).await.ok();
        let report = report.get("data").unwrap_or(&report);
        let expected = rows
            .iter()
            .map(|case| (case.field.clone(), case.message.clone()));
        assert_eq!(told(&report["errors"]), expected.collect::<Vec<_>>());
        assert_eq!(
            (&report["added"], &report["errorCount"]),
            (&json!(0), &json!(rows.len()))
        );
        for (method, path, field, message) in wrong_suppression_queries() {
            let request = api.request(method, &format!("{list}{path}"));
            let refused = answer(request.json(&json!({ "suppressions": [] })))
                .await
                .with(422);
            let told = told(&refused["errors"]);
            let blamed = told.iter().find(|(blamed, _)| blamed == field);
            assert_eq!(
                blamed.map(|(_, told)| told.as_str()),
                Some(message),
                "{path}"
            );
        }
        assert_eq!(api.get(list).await.ok()["total"], 0);
    }
}
