//! A carrier that fails is left alone, the campaign shows why, and once it is back everybody is called (P4, P6).
//!
//! How often it was asked is the carrier's own record.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};
use simulator::{Behaviour, Fault, Trigger};

use crate::metrics::{every_process, sum};
use crate::support::dialer::{ADMIN_TOKEN, BREAKER_OPEN_S};
use crate::support::people::{Person, TALK_MS, alike, number};
use crate::support::promises::{Promised, assert_kept};
use crate::support::watch::Watch;
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    a_carrier_out_of_service_is_left_alone_and_then_everybody_is_called_once,
    the_campaign_shows_why_its_calls_wait,
    nobody_is_called_by_hand_while_the_carrier_is_left_alone,
    a_carrier_that_asks_for_patience_is_not_taken_for_faulty,
);

const PEOPLE: usize = 40;
const LIMIT: usize = 10;
/// Five faults open the breaker; as many calls as there are slots may be on their way meanwhile.
const ASKED_MAX: u64 = 5 + LIMIT as u64;

/// A campaign whose calls all meet `fault` from the beginning.
async fn out_of_service(stack: Stack, area: u16, fault: Fault) -> (Dialer, String, Vec<Person>) {
    let env = BTreeMap::from([("CALL_CHECK_AFTER_S", "1".to_owned())]);
    let options = Options {
        env,
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let people = alike(area, PEOPLE, &Behaviour::Answer { talk_ms: TALK_MS });
    dialer.rehearse(&people);
    dialer.simulator.faults().set(fault, Trigger::always());
    let campaign = dialer
        .api
        .create_campaign(json!({ "maxConcurrentCalls": LIMIT }))
        .await;
    dialer.api.add(&campaign, &people).await;
    dialer.api.command(&campaign, "start").await.ok();
    (dialer, campaign, people)
}

async fn shown(dialer: &Dialer, campaign: &str) -> Value {
    let path = format!("/api/campaigns/{campaign}");
    dialer.api.get(&path).await.ok()["campaign"]["heldBack"].clone()
}

async fn is_held_back(dialer: &Dialer, campaign: &str) -> Value {
    eventually("the campaign is held back", PATIENCE, async || {
        let why = shown(dialer, campaign).await;
        (why["reason"] == "carrier_faults").then_some(why)
    })
    .await
}

/// From now on the carrier is asked once per rest, and not more, until it was asked three times.
async fn is_asked_once_per_rest(dialer: &Dialer, fault: Fault) {
    let faults = dialer.simulator.faults();
    assert!(
        faults.fired(fault) <= ASKED_MAX,
        "asked {} times before",
        faults.fired(fault)
    );
    // What was on its way when it opened has been answered once the first probe has failed.
    let before = faults.fired(fault);
    let before = eventually("a probe", PATIENCE, async || {
        let asked = faults.fired(fault);
        (asked > before).then_some(asked)
    })
    .await;
    let since = Instant::now();
    eventually("three more probes", PATIENCE, async || {
        (faults.fired(fault) >= before + 3).then_some(())
    })
    .await;
    let rests = since.elapsed().as_secs() / BREAKER_OPEN_S;
    assert!(rests >= 2, "three probes within {:?}", since.elapsed());
}

async fn everybody_is_called(dialer: &Dialer, campaign: &str, people: &[Person]) {
    dialer.api.reaches(campaign, "completed", PATIENCE).await;
    let promised = Promised {
        campaign,
        people,
        limit: LIMIT,
    };
    assert_kept(dialer, &promised).await;
    for person in people {
        let mut calls = dialer.simulator.recorder().calls_to(&person.number);
        calls.retain(|call| call.sid().is_some());
        assert_eq!(calls.len(), 1, "calls to {}", person.number);
    }
}

async fn a_carrier_out_of_service_is_left_alone_and_then_everybody_is_called_once(stack: Stack) {
    let fault = Fault::CreateUnavailable;
    let (dialer, campaign, people) = out_of_service(stack, 261, fault).await;
    is_held_back(&dialer, &campaign).await;
    is_asked_once_per_rest(&dialer, fault).await;
    let contacts = dialer
        .api
        .get(&format!("/api/campaigns/{campaign}/contacts?limit=100"))
        .await
        .ok();
    let contacts = contacts["contacts"].as_array().expect("contacts");
    assert!(
        contacts.iter().all(|contact| contact["attempts"] == 0
            || contact["status"] == "calling"
            || contact["status"] == "queued"),
        "nobody is charged: {contacts:?}"
    );
    dialer.simulator.faults().unset(fault);
    everybody_is_called(&dialer, &campaign, &people).await;
    assert_eq!(shown(&dialer, &campaign).await, Value::Null);
    told_once(&dialer);
    let metrics = every_process(&dialer).await;
    let openings = r#"dialer_carrier_breaker_openings_total{carrier="signalwire"} "#;
    assert_eq!(sum(&metrics, openings), Some(1.0));
    eventually("the metrics show a closed breaker", PATIENCE, async || {
        let metrics = every_process(&dialer).await;
        let standing = r#"dialer_carrier_breaker{carrier="signalwire"} "#;
        (sum(&metrics, standing) == Some(0.0)).then_some(())
    })
    .await;
}

/// The log says once that the carrier is left alone, and once that it is well.
fn told_once(dialer: &Dialer) {
    let output = dialer.output();
    for sentence in ["it is left alone for", "is well again"] {
        assert_eq!(output.matches(sentence).count(), 1, "{sentence}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_workers_leave_it_alone_together() {
    let fault = Fault::CreateUnavailable;
    let stack = Stack::Production { workers: 3 };
    let (dialer, campaign, people) = out_of_service(stack, 262, fault).await;
    is_held_back(&dialer, &campaign).await;
    is_asked_once_per_rest(&dialer, fault).await;
    dialer.simulator.faults().unset(fault);
    everybody_is_called(&dialer, &campaign, &people).await;
    told_once(&dialer);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_while_it_tries_the_carrier_holds_nobody_up() {
    let fault = Fault::CreateUnavailable;
    let stack = Stack::Production { workers: 2 };
    let (mut dialer, campaign, people) = out_of_service(stack, 263, fault).await;
    is_held_back(&dialer, &campaign).await;
    // The next call that tries the carrier is answered after both workers are dead.
    let slow = Fault::CreateSlow;
    let faults = dialer.simulator.faults().clone();
    faults.set(slow, Trigger::times(1));
    faults.unset(fault);
    eventually("a call tries the carrier", PATIENCE, async || {
        (faults.fired(slow) > 0).then_some(())
    })
    .await;
    dialer.workers[0].kill();
    dialer.workers[1].kill();
    dialer.start_worker();
    everybody_is_called(&dialer, &campaign, &people).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_in_doubt_open_it_too_and_nobody_is_called_twice() {
    let fault = Fault::CreateRefused;
    let stack = Stack::Production { workers: 2 };
    let (dialer, campaign, people) = out_of_service(stack, 264, fault).await;
    is_held_back(&dialer, &campaign).await;
    is_asked_once_per_rest(&dialer, fault).await;
    dialer.simulator.faults().unset(fault);
    everybody_is_called(&dialer, &campaign, &people).await;
}

async fn the_campaign_shows_why_its_calls_wait(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let people = alike(265, 5, &Behaviour::Answer { talk_ms: TALK_MS });
    dialer.rehearse(&people);
    let faults = dialer.simulator.faults();
    faults.set(Fault::CreateUnavailable, Trigger::always());
    let api = &dialer.api;
    let campaign = api
        .create_campaign(json!({ "maxConcurrentCalls": 5 }))
        .await;
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    api.add(&campaign, &people).await;
    api.command(&campaign, "start").await.ok();
    let told = watch
        .until("why calls wait", |message| {
            message["liveStats"]["heldBack"]["reason"] == "carrier_faults"
        })
        .await;
    assert_eq!(
        (&told["_id"], &told["status"]),
        (&json!(campaign), &json!("active"))
    );

    let why = is_held_back(&dialer, &campaign).await;
    assert!(
        why["since"].is_string() && why["until"].is_string(),
        "{why}"
    );
    let message = why["message"].as_str().expect("a sentence");
    assert!(message.starts_with("the carrier fails"), "{message}");
    let reason = |body: &Value, path: &str| body.pointer(path).cloned();
    let held = Some(json!("carrier_faults"));
    for (path, at) in [
        ("/api/campaigns".to_owned(), "/campaigns/0/heldBack/reason"),
        (
            format!("/api/campaigns/{campaign}/debug"),
            "/debugInfo/heldBack/reason",
        ),
        (
            "/api/v1/campaigns".to_owned(),
            "/data/0/liveStats/heldBack/reason",
        ),
        (
            format!("/api/v1/campaigns/{campaign}"),
            "/data/liveStats/heldBack/reason",
        ),
    ] {
        let body = api.get(&path).await.ok();
        assert_eq!(reason(&body, at), held, "{path}: {body}");
    }
    // A paused campaign calls nobody, whatever the carrier does.
    api.command(&campaign, "pause").await.ok();
    assert_eq!(shown(&dialer, &campaign).await, Value::Null);
    api.command(&campaign, "resume").await.ok();
    let renamed = json!({ "name": "Whatever the carrier does" });
    let path = format!("/api/campaigns/{campaign}");
    let changed = api.put(&path, renamed).await.ok();
    assert_eq!(reason(&changed, "/campaign/heldBack/reason"), held);

    faults.unset(Fault::CreateUnavailable);
    watch
        .until("that calls go on", |message| {
            message["type"] == "campaign" && message["liveStats"]["heldBack"].is_null()
        })
        .await;
    api.reaches(&campaign, "completed", PATIENCE).await;
}

async fn nobody_is_called_by_hand_while_the_carrier_is_left_alone(stack: Stack) {
    let fault = Fault::CreateUnavailable;
    let (dialer, campaign, _) = out_of_service(stack, 266, fault).await;
    is_held_back(&dialer, &campaign).await;
    let wanted = json!({
        "phoneNumber": number(266, 9_000),
        "phoneId": "+12025550100",
        "agentId": "agent_demo",
    });
    // It may be the very call that tries the carrier: refused as well.
    let request = dialer
        .api
        .request(reqwest::Method::POST, "/api/v1/calls/outbound")
        .json(&wanted);
    let refused = request.send().await.expect("an answer");
    assert_eq!(refused.status(), 503);
    let wait = refused.headers()["retry-after"].to_str().expect("text");
    let wait: u64 = wait.parse().expect("seconds");
    assert!(wait <= BREAKER_OPEN_S + 1, "{wait}");
    let body: Value = refused.json().await.expect("JSON");
    assert_eq!(body["code"], "unavailable");
}

async fn a_carrier_that_asks_for_patience_is_not_taken_for_faulty(stack: Stack) {
    // Workers of few jobs do not gather: as many calls as there are slots are on their way before the first is refused, and
    // what is refused together is waited for together.
    let env = BTreeMap::from([("WORKER_CONCURRENCY", "32".to_owned())]);
    let options = Options {
        env,
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let people = alike(267, 20, &Behaviour::Answer { talk_ms: TALK_MS });
    dialer.rehearse(&people);
    let faults = dialer.simulator.faults();
    faults.set(Fault::CreateTooManyRequests, Trigger::times(12));
    let campaign = dialer
        .api
        .create_campaign(json!({ "maxConcurrentCalls": LIMIT }))
        .await;
    dialer.api.add(&campaign, &people).await;
    dialer.api.command(&campaign, "start").await.ok();
    everybody_is_called(&dialer, &campaign, &people).await;
    assert_eq!(faults.fired(Fault::CreateTooManyRequests), 12);
    let metrics = every_process(&dialer).await;
    let openings = r#"dialer_carrier_breaker_openings_total{carrier="signalwire"} "#;
    assert_eq!(sum(&metrics, openings), Some(0.0));
}
