//! The recorder's figures, and the controls over HTTP.

use serde_json::{Value, json};
use simulator::recorder::max_concurrent_by;
use simulator::{Behaviour, Fault, RecordedCall, SimulatorConfig, Trigger};

use crate::dialer::{Dialer, FROM, TO, eventually, fast};

const LONG: Behaviour = Behaviour::Answer { talk_ms: 3_600_000 };

#[tokio::test]
async fn the_highest_number_of_live_calls_is_exact() {
    let dialer = Dialer::start(SimulatorConfig::default()).await;
    let recorder = dialer.simulator.recorder();
    let mut sids = Vec::new();
    for n in 0..6 {
        let number = format!("+1202555{n:04}");
        dialer.simulator.people().script(&number, vec![LONG]);
        sids.push(dialer.accepted(&number).await.1);
    }
    assert_eq!((recorder.live_now(), recorder.live_from(FROM)), (6, 6));
    for sid in &sids[..4] {
        assert_eq!(dialer.update(*sid, &[("Status", "completed")]).await.0, 200);
    }
    let between = chrono::Utc::now();
    dialer.simulator.people().script(TO, vec![LONG]);
    dialer.accepted(TO).await;
    assert_eq!((recorder.live_now(), recorder.max_concurrent()), (3, 6));
    let at_acceptance: Vec<_> = recorder
        .calls()
        .iter()
        .map(|call| call.live_from_at_acceptance)
        .collect();
    assert_eq!(at_acceptance, [1, 2, 3, 4, 5, 6, 3]);
    assert_eq!(recorder.max_concurrent_from(FROM), 6);
    assert_eq!(recorder.created_since(between).len(), 1);
    // A key of the caller's own: even and odd numbers.
    let groups = recorder.max_concurrent_by(|call| call.to.bytes().last().map(|digit| digit % 2));
    assert_eq!((groups[&0], groups[&1]), (3, 3));
    assert!(recorder.overlaps().is_empty());
}

#[tokio::test]
async fn two_live_calls_to_one_number_are_an_overlap() {
    let dialer = Dialer::start(SimulatorConfig::default()).await;
    dialer.simulator.people().script(TO, vec![LONG]);
    let (_, first) = dialer.accepted(TO).await;
    let (_, second) = dialer.accepted(TO).await;
    let recorder = dialer.simulator.recorder();
    assert_eq!(recorder.overlaps(), [(first, second)]);
    for sid in [first, second] {
        dialer.update(sid, &[("Status", "completed")]).await;
    }
    dialer.accepted(TO).await;
    assert_eq!(recorder.overlaps().len(), 1, "one after the other is none");
    assert_eq!(recorder.attempts_per_number()[TO], 3);
    let gaps = &recorder.gaps_per_number()[TO];
    assert!(
        gaps.last().unwrap().num_microseconds().unwrap() >= 0,
        "{gaps:?}"
    );
    assert!(
        gaps[0].num_microseconds().unwrap() < 0,
        "the overlap is a negative gap: {gaps:?}"
    );
}

#[tokio::test]
async fn a_call_is_found_by_the_dialers_own_id() {
    let dialer = Dialer::with(Behaviour::Busy).await;
    let (call_id, sid) = dialer.accepted(TO).await;
    let found = dialer.simulator.recorder().calls_of(call_id);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].sid(), Some(sid));
}

async fn control(dialer: &Dialer, path: &str) -> Value {
    let url = format!("{}/_simulator/{path}", dialer.simulator.base_url());
    dialer
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

async fn put(dialer: &Dialer, path: &str, body: Value) -> u16 {
    let url = format!("{}/_simulator/{path}", dialer.simulator.base_url());
    dialer
        .http
        .put(url)
        .json(&body)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn everything_can_be_driven_and_read_over_http() {
    let dialer = Dialer::start(fast()).await;
    let script = json!([{"answer": {"talk_ms": 2000}}, "busy"]);
    assert_eq!(
        put(&dialer, "people", json!({"scripts": {TO: script}})).await,
        204
    );
    let plan = json!({
        "triggers": {"create_too_many_requests": {"times": 1}, "callback_dropped": {"share": 0.0}},
        "timing": {"create_slow_ms": 5},
    });
    assert_eq!(put(&dialer, "faults", plan).await, 200);
    assert_eq!(dialer.call(TO).await.1.unwrap().0, 429);
    for _ in 0..2 {
        dialer.accepted(TO).await;
        let recorder = dialer.simulator.recorder();
        eventually("the end", || async {
            (recorder.live_now() == 0).then_some(())
        })
        .await;
    }
    let faults = control(&dialer, "faults").await;
    assert_eq!(faults["fired"], json!({"create_too_many_requests": 1}));
    assert_eq!(faults["triggers"]["create_too_many_requests"]["times"], 0);

    let record = control(&dialer, "record?webhooks=true").await;
    assert_eq!(
        (&record["requests"], &record["accepted"]),
        (&3.into(), &2.into())
    );
    assert_eq!(record["max_concurrent"], 1);
    assert_eq!(record["max_concurrent_by_from"], json!({FROM: 1}));
    assert_eq!(record["ended"], json!({"completed": 1, "busy": 1}));
    assert_eq!(record["overlaps"], json!([]));
    let calls: Vec<RecordedCall> = serde_json::from_value(record["calls"].clone()).unwrap();
    assert_eq!(
        max_concurrent_by(&calls, |call| call.sid().map(|_| ()))[&()],
        1
    );
    let offset = control(&dialer, "record?offset=1&limit=1").await;
    assert_eq!(offset["calls"].as_array().unwrap().len(), 1);
    assert_eq!(control(&dialer, "record?limit=0").await["calls"], json!([]));
    assert_eq!(
        control(&dialer, "record?to=%2B13035550100").await["calls"],
        json!([])
    );

    assert_eq!(
        put(&dialer, "faults", json!({"triggers": {"nonsense": {}}})).await,
        422
    );
    let bad = json!({"triggers": {"create_slow": {"share": 7.0}}});
    assert_eq!(put(&dialer, "faults", bad).await, 422);
    let bad = json!({"config": {"ring_ms": {"min": 5, "max": 1}}});
    assert_eq!(put(&dialer, "people", bad).await, 422);
    assert_eq!(
        put(&dialer, "webhook", json!({"elevenlabs_webhook_url": null})).await,
        204
    );
}

#[tokio::test]
async fn lookups_and_updates_can_be_made_unavailable() {
    let dialer = Dialer::start(SimulatorConfig::default()).await;
    dialer.simulator.people().script(TO, vec![LONG]);
    let (_, sid) = dialer.accepted(TO).await;
    let faults = dialer.simulator.faults();
    faults.set(Fault::LookupUnavailable, Trigger::times(2));
    assert_eq!(dialer.get(&format!("/Calls/{sid}")).await.0, 503);
    assert_eq!(dialer.get("/Calls").await.0, 503);
    assert_eq!(dialer.get("/Calls").await.0, 200);
    faults.set(Fault::UpdateUnavailable, Trigger::times(1));
    assert_eq!(dialer.update(sid, &[("Status", "completed")]).await.0, 503);
    assert_eq!(dialer.simulator.recorder().live_now(), 1);
}
