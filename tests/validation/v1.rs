//! The second generation's own sentences about wrong fields.

use serde_json::{Value, json};
use simulator::{Behaviour, Fault, Trigger};

use super::told;
use super::v1_fields::{
    wrong_calls_unanswered, wrong_calls_unconfigured, wrong_campaigns_v1, wrong_verdicts,
};
use super::v1_messages::wrong_messages;
use super::v1_queries::wrong_queries_v1;
use crate::support::dialer::ADMIN_TOKEN;
use crate::support::people::number;
use crate::support::watch::Watch;
use crate::support::{Dialer, Options, Stack, on_both_stacks, single};

on_both_stacks!(
    every_wrong_field_of_a_campaign_is_blamed_by_its_name_in_the_second_generation,
    every_wrong_key_of_a_query_of_the_second_generation_is_blamed_in_its_own_words,
    every_wrong_verdict_and_message_is_blamed_in_its_own_words,
    a_single_call_says_what_is_missing_where_nothing_is_configured_or_nobody_answers,
);

async fn every_wrong_field_of_a_campaign_is_blamed_by_its_name_in_the_second_generation(
    stack: Stack,
) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let before = api.campaign(&id).await;
    let path = format!("/api/v1/campaigns/{id}");
    for case in wrong_campaigns_v1() {
        let expected = [(case.field, case.message)];
        let refused = api.patch(&path, case.sent.clone()).await.with(422);
        assert_eq!(told(&refused["errors"]), expected, "changed: {}", case.sent);
        let mut new = case.sent.clone();
        new["name"] = new.get("name").cloned().unwrap_or_else(|| json!("x"));
        let refused = api.post("/api/v1/campaigns", new).await.with(422);
        assert_eq!(told(&refused["errors"]), expected, "made: {}", case.sent);
    }
    // Nothing was changed, and nothing made.
    assert_eq!(api.campaign(&id).await, before);
    assert_eq!(api.get("/api/v1/campaigns").await.ok()["total"], 1);
}

async fn every_wrong_key_of_a_query_of_the_second_generation_is_blamed_in_its_own_words(
    stack: Stack,
) {
    let dialer = single::start(stack).await;
    let api = &dialer.api;
    let campaign = api.create_campaign(json!({})).await;
    let me = api.get("/api/v1/users/me").await.ok();
    let me = me["data"]["_id"].as_str().expect("an id");
    for index in 0..2 {
        let placed = single::call(&dialer, &number(337, index), Behaviour::Busy).await;
        single::over(&dialer, &placed["_id"]).await;
    }
    let logs = api.get("/api/v1/analytics/calls/logs?limit=1").await.ok();
    let cursor = &logs["data"]["pagination"]["nextCursor"];
    let cursor = cursor.as_str().expect("a cursor");
    for case in wrong_queries_v1() {
        let path = case.path.replace("{campaign}", &campaign);
        let path = path.replace("{user}", me).replace("{cursor}", cursor);
        let refused = api.get(&path).await.with(422);
        let expected = [(case.field, case.message)];
        assert_eq!(told(&refused["errors"]), expected, "{path}");
    }
}

async fn every_wrong_verdict_and_message_is_blamed_in_its_own_words(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let nobodys = uuid::Uuid::now_v7();
    for case in wrong_verdicts() {
        let path = format!("/api/v1/calls/{nobodys}/mark-false-positive");
        let refused = dialer.api.post(&path, case.sent.clone()).await.with(422);
        let expected = [(case.field, case.message)];
        assert_eq!(told(&refused["errors"]), expected, "{}", case.sent);
    }
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    for (before, case) in wrong_messages() {
        if let Some(before) = before {
            assert_eq!(watch.ask(&before).await["type"], "subscribed");
        }
        let refused = watch.ask(&case.sent).await;
        assert_eq!(refused["type"], "error", "{}", case.sent);
        let expected = [(case.field, case.message)];
        assert_eq!(told(&refused["errors"]), expected, "{}", case.sent);
    }
}

async fn a_single_call_says_what_is_missing_where_nothing_is_configured_or_nobody_answers(
    stack: Stack,
) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let faults = dialer.simulator.faults();
    faults.set(Fault::NumbersUnavailable, Trigger::always());
    faults.set(Fault::CatalogueUnavailable, Trigger::always());
    let unanswered = wrong_calls_unanswered();
    for case in unanswered.into_iter().chain(wrong_calls_unconfigured()) {
        let path = "/api/v1/calls/outbound";
        let refused: Value = dialer.api.post(path, case.sent.clone()).await.with(422);
        let expected = (case.field, case.message);
        let told = told(&refused["errors"]);
        assert!(told.contains(&expected), "{}: {told:?}", case.sent);
    }
    assert_eq!(dialer.simulator.recorder().len(), 0, "nobody was called");
}
