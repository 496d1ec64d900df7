//! The history of a campaign: what was done to it, by whom, why, and what it did by itself.

use serde_json::{Value, json};
use simulator::Behaviour;

use crate::support::campaign::{each, page_by_page, run};
use crate::support::people::{TALK_MS, alike};
use crate::support::{Dialer, Options, PATIENCE, Stack, on_both_stacks};

on_both_stacks!(
    every_command_is_in_the_history_with_its_reason_and_who_gave_it,
    a_campaign_that_completed_by_itself_says_so,
    a_fault_of_the_carrier_is_in_the_history,
    the_history_comes_in_pages_and_to_its_owner_only,
);

async fn history(dialer: &Dialer, campaign: &str) -> Vec<Value> {
    let path = format!("/api/campaigns/{campaign}/events?limit=100");
    let mut found = dialer.api.get(&path).await.ok();
    assert_eq!(found["campaignId"], *campaign);
    serde_json::from_value(found["events"].take()).expect("a list")
}

async fn every_command_is_in_the_history_with_its_reason_and_who_gave_it(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let (uli, ada) = (
        dialer.create_user("uli", "user"),
        dialer.create_user("ada", "admin"),
    );
    // Nobody is called before the test is over.
    let later = json!({ "startDate": "2099-01-01T00:00:00Z" });
    let campaign = uli.api.create_campaign(later.clone()).await;
    uli.api
        .add(&campaign, &alike(260, 1, &Behaviour::Busy))
        .await;
    let path = format!("/api/campaigns/{campaign}");
    uli.api.put(&path, json!({ "name": "Renamed" })).await.ok();
    let submitted = json!({ "status": "waiting_for_approval" });
    uli.api.put(&path, submitted).await.ok();
    ada.api.put(&path, json!({ "status": "active" })).await.ok();
    let post = async |api: &crate::support::api::Api, command: &str, reason: &str| {
        let path = format!("{path}/{command}");
        api.post(&path, json!({ "reason": reason })).await.ok();
    };
    post(&uli.api, "pause", "Holiday break").await;
    uli.api.command(&campaign, "resume").await.ok();
    post(&ada.api, "end", "Campaign goals met").await;
    let expected = [
        json!(["end", "active", "completed", "Campaign goals met", "ada"]),
        json!(["resume", "paused", "active", null, "uli"]),
        json!(["pause", "active", "paused", "Holiday break", "uli"]),
        json!(["approve", "waiting_for_approval", "active", null, "ada"]),
        json!(["submit", "draft", "waiting_for_approval", null, "uli"]),
        json!(["update", null, null, null, "uli"]),
        json!(["create", null, null, null, "uli"]),
    ];
    let events = history(&dialer, &campaign).await;
    assert_eq!(told(&events), expected);
    assert_eq!(events[0]["actor"]["id"], ada.id);
    assert_eq!(events[0]["actor"]["email"], "ada@example.com");
    assert_eq!(events[1]["actor"]["id"], uli.id);
    let ids: Vec<i64> = events
        .iter()
        .filter_map(|event| event["id"].as_i64())
        .collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "{ids:?}");
    assert!(events.iter().all(|event| event["createdAt"].is_string()));

    let other = uli.api.create_campaign(later).await;
    uli.api.add(&other, &alike(261, 1, &Behaviour::Busy)).await;
    uli.api.command(&other, "start").await.ok();
    let cancel = format!("/api/v1/campaigns/{other}/cancel");
    uli.api.post(&cancel, json!({})).await.ok();
    let events = history(&dialer, &other).await;
    assert_eq!(
        told(&events)[0],
        json!(["cancel", "active", "canceled", null, "uli"])
    );
    assert_eq!(
        told(&events)[1],
        json!(["start", "draft", "active", null, "uli"])
    );
}

/// What happened, from where to where, why, and who did it.
fn told(events: &[Value]) -> Vec<Value> {
    let tell = |event: &Value| {
        json!([
            event["type"],
            event["fromStatus"],
            event["toStatus"],
            event["reason"],
            event["actor"]["name"]
        ])
    };
    events.iter().map(tell).collect()
}

async fn a_campaign_that_completed_by_itself_says_so(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let campaign = run(
        &dialer,
        &alike(262, 1, &Behaviour::Answer { talk_ms: TALK_MS }),
    )
    .await;
    let events = history(&dialer, &campaign).await;
    assert_eq!(each(&events, "type"), ["finish", "start", "create"]);
    by_itself(&events[0], "active", "completed");
}

/// The event has a reason and no actor.
#[track_caller]
fn by_itself(event: &Value, from: &str, to: &str) {
    assert_eq!(event["actor"], Value::Null, "{event}");
    assert_eq!(event["fromStatus"], from, "{event}");
    assert_eq!(event["toStatus"], to, "{event}");
    let reason = event["reason"].as_str();
    assert!(reason.is_some_and(|reason| reason.len() > 5), "{event}");
}

async fn a_fault_of_the_carrier_is_in_the_history(stack: Stack) {
    let mut options = Options::default();
    let wrong = "not-the-token-of-the-account".to_owned();
    options.env.insert("SIGNALWIRE_API_TOKEN", wrong.clone());
    let dialer = Dialer::start(stack, options).await;
    let campaign = dialer.api.create_campaign(json!({})).await;
    dialer
        .api
        .add(&campaign, &alike(263, 3, &Behaviour::Busy))
        .await;
    dialer.api.command(&campaign, "start").await.ok();
    dialer.api.reaches(&campaign, "paused", PATIENCE).await;
    let events = history(&dialer, &campaign).await;
    assert_eq!(each(&events, "type"), ["pause", "start", "create"]);
    by_itself(&events[0], "active", "paused");
    assert!(!events[0].to_string().contains(&wrong));
    assert_eq!(
        events[0]["reason"],
        dialer.api.campaign(&campaign).await["statusReason"]
    );
}

async fn the_history_comes_in_pages_and_to_its_owner_only(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let (uli, una) = (
        dialer.create_user("uli", "user"),
        dialer.create_user("una", "user"),
    );
    let campaign = uli.api.create_campaign(json!({})).await;
    for index in 0..24 {
        let name = json!({ "name": format!("name {index}") });
        let path = format!("/api/campaigns/{campaign}");
        uli.api.put(&path, name).await.ok();
    }
    let path = format!("/api/campaigns/{campaign}/events");
    let first = uli.api.get(&path).await.ok();
    assert_eq!(
        (&first["count"], &first["total"], &first["pages"]),
        (&json!(20), &json!(25), &json!(2))
    );
    let all = page_by_page(&uli.api, &path, "events", 7).await;
    assert_eq!(all, history(&dialer, &campaign).await);
    let hidden = una.api.get(&path).await.with(404);
    assert_eq!(hidden["code"], "campaign_not_found");
    uli.api
        .delete(&format!("/api/campaigns/{campaign}"))
        .await
        .ok();
    uli.api.get(&path).await.with(404);
}
