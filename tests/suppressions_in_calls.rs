//! Who must not be called is not called: by the carrier's record.

use serde_json::{Value, json};
use simulator::Behaviour;

use crate::agent_tools::uses;
use crate::support::api::{Api, refusal};
use crate::support::dialer::User;
use crate::support::people::{Person, TALK_MS, alike, number};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks, single};

on_both_stacks!(
    whoever_says_never_again_is_left_alone_by_one_owner_and_not_by_others,
    whoever_waits_in_a_running_campaign_is_not_called_once_suppressed,
    a_callback_is_not_made_to_a_suppressed_number,
    a_retry_is_not_made_to_a_suppressed_number,
    a_single_call_to_a_suppressed_number_is_refused_until_it_is_removed,
);

const ANSWER: Behaviour = Behaviour::Answer { talk_ms: TALK_MS };

async fn suppress(api: &Api, number: &str) {
    let body = json!({ "phoneNumber": number, "reason": "by letter" });
    api.post("/api/suppressions", body).await.with(201);
}

/// The campaign's contacts in the order of import.
async fn contacts(api: &Api, campaign: &str) -> Vec<Value> {
    let path = format!("/api/campaigns/{campaign}/contacts");
    let mut listed = api.get(&path).await.ok();
    listed["contacts"]
        .as_array_mut()
        .map(std::mem::take)
        .expect("a list")
}

async fn started(api: &Api, people: &[Person], fields: Value) -> String {
    let campaign = api.create_campaign(fields).await;
    api.add(&campaign, people).await;
    api.command(&campaign, "start").await.ok();
    campaign
}

fn calls_to(dialer: &Dialer, number: &str) -> usize {
    dialer.simulator.recorder().calls_to(number).len()
}

async fn whoever_says_never_again_is_left_alone_by_one_owner_and_not_by_others(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let ann = dialer.create_user("ann", "user");
    let bob = dialer.create_user("bob", "user");
    let shy = number(381, 0);
    let person = uses(shy.clone(), "do-not-call", json!({}));
    let people = [
        person,
        Person {
            number: number(381, 1),
            script: vec![ANSWER],
        },
    ];
    dialer.rehearse(&people);
    let run = async |user: &User| {
        let campaign = started(&user.api, &people, json!({})).await;
        user.api.reaches(&campaign, "completed", PATIENCE).await;
        let status = contacts(&user.api, &campaign).await[0]["status"].take();
        (status, calls_to(&dialer, &shy))
    };
    assert_eq!(run(&ann).await, (json!("do_not_call"), 1));
    let listed = ann.api.get("/api/suppressions").await.ok();
    let [wish] = &listed["suppressions"].as_array().expect("a list")[..] else {
        panic!("one wish: {listed}")
    };
    assert_eq!(
        (&wish["phoneNumber"], &wish["source"]),
        (&json!(shy), &json!("conversation"))
    );
    assert_eq!(
        (&wish["addedBy"], &wish["userId"]),
        (&Value::Null, &json!(ann.id))
    );
    // Another campaign of hers leaves the person alone, and one of somebody else's knows nothing of it.
    assert_eq!(run(&ann).await, (json!("do_not_call"), 1));
    assert_eq!(bob.api.get("/api/suppressions").await.ok()["total"], 0);
    assert_eq!(run(&bob).await, (json!("completed"), 2));
    assert_eq!(
        calls_to(&dialer, &number(381, 1)),
        3,
        "everybody else is called by all"
    );
}

async fn whoever_waits_in_a_running_campaign_is_not_called_once_suppressed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let mut people = alike(382, 6, &ANSWER);
    // Long enough to put the others onto the list meanwhile.
    people[0].script = vec![Behaviour::Answer { talk_ms: 120_000 }];
    dialer.rehearse(&people);
    let campaign = started(api, &people, json!({ "maxConcurrentCalls": 1 })).await;
    eventually("the first is called", PATIENCE, async || {
        (calls_to(&dialer, &people[0].number) == 1).then_some(())
    })
    .await;
    suppress(api, &people[1].number).await;
    let rows = json!({ "suppressions": [{ "phoneNumber": people[2].number }, { "phoneNumber": people[3].number }] });
    api.post("/api/v1/suppressions/import", rows).await.ok();
    // Whoever is taken off again before the turn comes is called.
    let back = format!("/api/suppressions/{}", people[3].number);
    api.delete(&back).await.ok();
    let waiting = contacts(api, &campaign).await;
    assert_ne!(waiting[1]["status"], "do_not_call", "the gate decides");
    api.reaches(&campaign, "completed", PATIENCE).await;
    let calls: Vec<usize> = people
        .iter()
        .map(|person| calls_to(&dialer, &person.number))
        .collect();
    assert_eq!(calls, [1, 0, 0, 1, 1, 1]);
    for (contact, calls) in contacts(api, &campaign).await.iter().zip(calls) {
        let expected = if calls == 0 {
            "do_not_call"
        } else {
            "completed"
        };
        assert_eq!(contact["status"], expected, "{contact}");
        assert_eq!(contact["attempts"], calls);
    }
    // A removal brings nobody back whom the gate has decided on.
    api.delete(&format!("/api/v1/suppressions/{}", people[1].number))
        .await
        .ok();
    assert_eq!(contacts(api, &campaign).await[1]["status"], "do_not_call");
}

/// Runs the one person until another call is due, suppresses the number and lets the campaign end.
async fn is_called_once(stack: Stack, area: u16, first: Behaviour) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let person = Person {
        number: number(area, 0),
        script: vec![first, ANSWER],
    };
    dialer.rehearse(std::slice::from_ref(&person));
    // Minutes are seconds here: time enough to look.
    let callback = json!({ "enabled": true, "maxAttempts": 1, "delayMinutes": 4 });
    let fields = json!({ "retryDelay": 4, "callbackConfig": callback });
    let campaign = started(api, std::slice::from_ref(&person), fields).await;
    eventually("another call is due", PATIENCE, async || {
        let contact = contacts(api, &campaign).await.remove(0);
        (contact["status"] == "contacted" && contact["nextAttemptAt"].is_string()).then_some(())
    })
    .await;
    suppress(api, &person.number).await;
    api.reaches(&campaign, "completed", PATIENCE).await;
    assert_eq!(calls_to(&dialer, &person.number), 1);
    let contact = contacts(api, &campaign).await.remove(0);
    assert_eq!(
        (&contact["status"], &contact["nextAttemptAt"]),
        (&json!("do_not_call"), &Value::Null)
    );
    assert_eq!(contact["lastError"], "the number must not be called");
}

async fn a_callback_is_not_made_to_a_suppressed_number(stack: Stack) {
    let asks = Behaviour::AskForCallback {
        talk_ms: TALK_MS,
        callback_after_ms: None,
    };
    is_called_once(stack, 383, asks).await;
}

async fn a_retry_is_not_made_to_a_suppressed_number(stack: Stack) {
    is_called_once(stack, 384, Behaviour::Busy).await;
}

async fn a_single_call_to_a_suppressed_number_is_refused_until_it_is_removed(stack: Stack) {
    let dialer = single::start(stack).await;
    let api = &dialer.api;
    let person = number(385, 0);
    dialer.rehearse(&alike(385, 1, &ANSWER));
    suppress(api, &person).await;
    let outbound = "/api/v1/calls/outbound";
    let request = api.request(reqwest::Method::POST, outbound);
    let request = request.json(&json!({ "phoneNumber": person }));
    refusal(request, 409, "number_suppressed").await;
    assert_eq!(calls_to(&dialer, &person), 0);
    api.delete(&format!("/api/suppressions/{person}"))
        .await
        .ok();
    api.post(outbound, json!({ "phoneNumber": person }))
        .await
        .with(201);
    assert_eq!(calls_to(&dialer, &person), 1);
}
