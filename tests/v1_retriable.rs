//! Whom it may be worth to call again: second generation.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::Behaviour;

use crate::support::api::refusal;
use crate::support::people::{Person, TALK_MS, alike, number};
use crate::support::single::{call, over, start};
use crate::support::{Dialer, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    who_was_not_reached_is_told_with_what_comes_next,
    a_candidate_is_one_until_reached_or_not_to_be_called,
    what_makes_no_sense_about_candidates_is_refused,
);

const RETRIABLE: &str = "/api/v1/calls/retriable";
const ANSWER: Behaviour = Behaviour::Answer { talk_ms: TALK_MS };

async fn candidates(dialer: &Dialer, query: &str) -> Vec<Value> {
    let mut found = dialer.api.get(&format!("{RETRIABLE}?{query}")).await.ok();
    let found = found["data"]["calls"].take();
    serde_json::from_value(found).expect("a list")
}

/// Starts a campaign with `fields` that calls `people`.
async fn campaign(dialer: &Dialer, fields: Value, people: &[Person]) -> String {
    dialer.rehearse(people);
    let campaign = dialer.api.create_campaign(fields).await;
    dialer.api.add(&campaign, people).await;
    dialer.api.command(&campaign, "start").await.ok();
    campaign
}

/// Seven calls to six people, four of whom are not reached: two that a campaign calls again, one whom it gave up, and one
/// called twice outside campaigns; their numbers.
async fn four_who_are_not_reached(dialer: &Dialer) -> [String; 4] {
    let mut people = Vec::new();
    for (index, behaviour) in [
        Behaviour::Busy,
        Behaviour::Voicemail,
        ANSWER,
        Behaviour::AskDoNotCall { talk_ms: TALK_MS },
    ]
    .into_iter()
    .enumerate()
    {
        let mut person = alike(311, index + 1, &behaviour);
        people.push(person.remove(index));
    }
    let patient = json!({ "retryDelay": 10_080, "name": "Patient" });
    campaign(dialer, patient, &people).await;
    let last_try = alike(312, 1, &Behaviour::NoAnswer);
    let once_only = json!({ "callAttemptsPerContact": 1, "name": "Once only" });
    let ended = campaign(dialer, once_only, &last_try).await;
    dialer.api.reaches(&ended, "completed", PATIENCE).await;
    let single = number(313, 1);
    for _ in 0..2 {
        let placed = call(dialer, &single, Behaviour::Failed).await;
        over(dialer, &placed["_id"]).await;
    }
    let numbers = people
        .iter()
        .chain(&last_try)
        .map(|person| person.number.clone());
    let mut numbers: Vec<String> = numbers.chain([single]).collect();
    numbers.drain(2..4);
    numbers.try_into().expect("four numbers")
}

/// The candidates, once those are all there are.
async fn four_candidates(dialer: &Dialer) -> Vec<Value> {
    eventually("four were not reached", PATIENCE, async || {
        let found = candidates(dialer, "").await;
        let logs = dialer.api.get("/api/v1/analytics/calls/logs").await.ok();
        let calls = logs["data"]["calls"].as_array().expect("a list").clone();
        let are_over = calls.iter().all(|call| call["outcome"].is_string());
        (found.len() == 4 && calls.len() == 7 && are_over).then_some(found)
    })
    .await
}

async fn who_was_not_reached_is_told_with_what_comes_next(stack: Stack) {
    let dialer = start(stack).await;
    let [busy, machine, given_up, single] = four_who_are_not_reached(&dialer).await;
    let found = four_candidates(&dialer).await;
    let of = |number: &str| {
        let candidate = found.iter().find(|found| found["phoneNumber"] == number);
        candidate.unwrap_or_else(|| panic!("no {number}: {found:?}"))
    };
    for (number, nth, why, status) in [
        (&busy, 0, "the line was busy", "busy"),
        (&machine, 1, "a machine answered", "completed"),
    ] {
        let waiting = of(number);
        assert_eq!(waiting["retriable"], "automatic");
        assert_eq!(waiting["lastError"], why);
        assert_eq!(waiting["status"], status);
        assert_eq!(
            (&waiting["attempts"], &waiting["attemptsLeft"]),
            (&json!(1), &json!(2))
        );
        assert!(waiting["nextAttemptAt"].is_string(), "{waiting}");
        assert_eq!(waiting["campaignName"], "Patient");
        assert_eq!(waiting["contactStatus"], "contacted");
        assert_eq!(waiting["contactName"], format!("Person {nth}"));
    }
    let given_up = of(&given_up);
    assert_eq!(given_up["retriable"], "manual");
    assert_eq!(given_up["lastError"], "nobody answered");
    assert_eq!(
        (&given_up["attempts"], &given_up["attemptsLeft"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(given_up["nextAttemptAt"], Value::Null);
    let by_hand = of(&single);
    assert_eq!(by_hand["retriable"], "manual");
    assert_eq!(
        (&by_hand["attempts"], &by_hand["attemptsLeft"]),
        (&json!(2), &Value::Null)
    );
    assert!(by_hand["lastError"].is_string(), "{by_hand}");
}

async fn a_candidate_is_one_until_reached_or_not_to_be_called(stack: Stack) {
    let dialer = start(stack).await;
    let [busy, _, _, single] = four_who_are_not_reached(&dialer).await;
    four_candidates(&dialer).await;
    for (query, count) in [
        ("status=busy", 1),
        ("status=no-answer", 1),
        ("status=failed", 1),
        ("status=completed", 1),
        ("outcome=voicemail", 1),
        ("direction=outbound", 4),
        ("direction=inbound", 0),
        ("startDate=2020-01-01", 4),
        ("endDate=2020-01-01", 0),
        ("limit=3", 3),
        ("limit=3&page=2", 1),
    ] {
        assert_eq!(candidates(&dialer, query).await.len(), count, "{query}");
    }
    // Reached after all.
    let placed = call(&dialer, &single, ANSWER).await;
    over(&dialer, &placed["_id"]).await;
    assert_eq!(candidates(&dialer, "").await.len(), 3);
    // Not to be called any more.
    let db = dialer.database().await;
    let contacts =
        crate::support::database::rows(&db, "SELECT id, phone_number FROM contacts").await;
    let contact = contacts
        .iter()
        .find(|row| row["phone_number"] == busy)
        .expect("a contact");
    let campaigns = dialer.api.get("/api/campaigns?search=patient").await.ok();
    let campaign = campaigns["campaigns"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("/api/campaigns/{campaign}/contacts/{}", contact["id"]);
    dialer
        .api
        .put(&path, json!({ "status": "do_not_call" }))
        .await
        .ok();
    assert_eq!(candidates(&dialer, "").await.len(), 2);
    // Of a campaign that is gone nobody is left.
    dialer
        .api
        .delete(&format!("/api/campaigns/{campaign}"))
        .await
        .ok();
    let left = candidates(&dialer, "").await;
    assert_eq!(
        (left.len(), &left[0]["campaignName"]),
        (1, &json!("Once only"))
    );
}

async fn what_makes_no_sense_about_candidates_is_refused(stack: Stack) {
    let dialer = start(stack).await;
    for (query, fields) in [
        ("limit=1000&page=11", &["page"][..]),
        ("status=voicemail", &["status"]),
        ("outcome=no-answer", &["outcome"]),
        ("direction=sideways", &["direction"]),
        ("limit=0&page=x", &["page", "limit"]),
        ("status=busy&status=failed", &["status"]),
        ("startDate=2999-12-31&endDate=1970-01-01", &["endDate"]),
    ] {
        let request = dialer
            .api
            .request(Method::GET, &format!("{RETRIABLE}?{query}"));
        let refused = refusal(request, 422, "invalid").await;
        let named = refused["errors"].as_array().expect("a list");
        assert_eq!(
            crate::support::campaign::each(named, "field"),
            fields,
            "{query}"
        );
    }
    // As far as can be asked.
    for query in ["endDate=1970-01-01", "startDate=2999-12-31"] {
        assert!(candidates(&dialer, query).await.is_empty(), "{query}");
    }
}
