//! Machines that were none, and how sure that is: second generation.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::Behaviour;

use crate::support::api::refusal;
use crate::support::people::{Person, TALK_MS, alike, number};
use crate::support::providers::ENDLESS_MS;
use crate::support::single::{call, once, over, start};
use crate::support::{Dialer, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    a_person_taken_for_a_machine_is_called_again,
    a_mark_is_taken_back_and_only_machines_are_marked,
    who_picked_up_is_told_with_who_says_so,
);

const ANSWER: Behaviour = Behaviour::Answer { talk_ms: TALK_MS };

/// A campaign of one attempt that goes on with somebody who never stops talking, and the call of it to `number`, who was
/// taken for a machine.
async fn taken_for_a_machine(dialer: &Dialer, number: &str) -> (String, Value) {
    let mut people = vec![Person {
        number: number.to_owned(),
        script: vec![Behaviour::Voicemail, ANSWER],
    }];
    people.extend(alike(
        314,
        1,
        &Behaviour::Answer {
            talk_ms: ENDLESS_MS,
        },
    ));
    let once_only = json!({ "callAttemptsPerContact": 1 });
    dialer.rehearse(&people);
    let campaign = dialer.api.create_campaign(once_only).await;
    dialer.api.add(&campaign, &people).await;
    dialer.api.command(&campaign, "start").await.ok();
    let call = eventually("a machine is found", PATIENCE, async || {
        let path = format!("/api/v1/calls/history/{number}");
        let found = dialer.api.get(&path).await.ok();
        let found = found["data"]["calls"].get(0)?.clone();
        let contacts = format!("/api/campaigns/{campaign}/contacts?status=failed");
        let is_given_up = dialer.api.get(&contacts).await.ok()["total"] == 1;
        (found["outcome"] == "voicemail" && is_given_up).then_some(found)
    })
    .await;
    (campaign, over(dialer, &call["_id"]).await)
}

fn path_of(call: &Value, what: &str) -> String {
    format!(
        "/api/v1/calls/{}/{what}",
        call["_id"].as_str().expect("an id")
    )
}

async fn mark(dialer: &Dialer, call: &Value, is_false_positive: bool) -> Value {
    let body = json!({ "isFalsePositive": is_false_positive });
    let path = path_of(call, "mark-false-positive");
    dialer.api.post(&path, body).await.ok()["data"].take()
}

async fn analysis(dialer: &Dialer, call: &Value) -> Value {
    let path = path_of(call, "voicemail-analysis");
    dialer.api.get(&path).await.ok()["data"].take()
}

async fn a_person_taken_for_a_machine_is_called_again(stack: Stack) {
    let dialer = start(stack).await;
    let number = number(315, 1);
    let (campaign, call) = taken_for_a_machine(&dialer, &number).await;
    let before = analysis(&dialer, &call).await;
    assert_eq!(before["isVoicemail"], true);
    assert_eq!(before["result"], "machine");
    assert_eq!(before["detections"]["carrier"], "machine", "{before}");
    assert_eq!(before["override"], Value::Null);
    let sure = before["confidence"].as_f64().expect("a share");
    assert!((0.5..1.0).contains(&sure), "{before}");
    assert_eq!(before["basedOn"][0], "carrier");
    // No attempt is left: only the figures are corrected.
    let marked = mark(&dialer, &call, true).await;
    assert_eq!(
        (&marked["requeued"], &marked["isFalsePositive"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(marked["contactStatus"], "failed");
    assert_eq!(mark(&dialer, &call, false).await["isFalsePositive"], false);
    assert_eq!(analysis(&dialer, &call).await, before);
    let more = json!({ "callAttemptsPerContact": 2 });
    dialer
        .api
        .put(&format!("/api/campaigns/{campaign}"), more)
        .await
        .ok();
    let marked = mark(&dialer, &call, true).await;
    assert_eq!(marked["requeued"], true, "{marked}");
    assert_eq!(
        (&marked["outcome"], &marked["answeredBy"]),
        (&json!("answered"), &json!("human"))
    );
    let after = analysis(&dialer, &call).await;
    assert_eq!(
        (&after["isVoicemail"], &after["confidence"]),
        (&json!(false), &json!(1.0))
    );
    assert_eq!(after["override"]["markedAt"], marked["markedAt"]);
    assert!(after["override"]["markedBy"]["name"].is_string(), "{after}");
    assert_eq!(
        after["basedOn"].as_array().and_then(|list| list.last()),
        Some(&json!("user"))
    );
    eventually("they are called again", PATIENCE, async || {
        let calls = dialer.simulator.recorder().calls_to(&number);
        (calls.len() == 2).then_some(())
    })
    .await;
    eventually("and reached", PATIENCE, async || {
        let path = format!("/api/campaigns/{campaign}/contacts?status=completed");
        (dialer.api.get(&path).await.ok()["total"] == 1).then_some(())
    })
    .await;
    let stats = dialer.api.get("/api/v1/calls/voicemail-stats").await.ok()["data"].take();
    assert_eq!(
        (&stats["voicemails"], &stats["falsePositives"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(stats["falsePositiveRate"], 100.0);
}

async fn a_mark_is_taken_back_and_only_machines_are_marked(stack: Stack) {
    let dialer = start(stack).await;
    let talk = call(
        &dialer,
        &number(316, 1),
        Behaviour::Answer {
            talk_ms: ENDLESS_MS,
        },
    )
    .await;
    let talk = once(&dialer, &talk["_id"], |call| {
        call["status"] == "in-progress"
    })
    .await;
    let person = call(&dialer, &number(316, 2), ANSWER).await;
    let person = over(&dialer, &person["_id"]).await;
    let busy = call(&dialer, &number(316, 3), Behaviour::Busy).await;
    let busy = over(&dialer, &busy["_id"]).await;
    let machine = call(&dialer, &number(316, 4), Behaviour::Voicemail).await;
    let machine = over(&dialer, &machine["_id"]).await;
    for (call, code) in [
        (&talk, "call_not_decided"),
        (&person, "not_taken_for_machine"),
        (&busy, "not_taken_for_machine"),
    ] {
        for verdict in [true, false] {
            let path = path_of(call, "mark-false-positive");
            let request = dialer.api.request(Method::POST, &path);
            let request = request.json(&json!({ "isFalsePositive": verdict }));
            refusal(request, 409, code).await;
        }
    }
    for body in [
        json!({}),
        json!({ "isFalsePositive": null }),
        json!({ "isFalsePositive": "yes" }),
    ] {
        let path = path_of(&machine, "mark-false-positive");
        let refused = dialer.api.post(&path, body).await.with(422);
        assert_eq!(refused["errors"][0]["field"], "isFalsePositive");
    }
    // Nobody waits for a single call to be repeated.
    for _ in 0..2 {
        let marked = mark(&dialer, &machine, true).await;
        assert_eq!(
            (&marked["requeued"], &marked["contactStatus"]),
            (&json!(false), &Value::Null)
        );
        assert_eq!(marked["outcome"], "answered");
    }
    for _ in 0..2 {
        let back = mark(&dialer, &machine, false).await;
        assert_eq!(
            (&back["isFalsePositive"], &back["outcome"]),
            (&json!(false), &json!("voicemail"))
        );
    }
}

async fn who_picked_up_is_told_with_who_says_so(stack: Stack) {
    let dialer = start(stack).await;
    let person = call(&dialer, &number(318, 2), ANSWER).await;
    let person = over(&dialer, &person["_id"]).await;
    let busy = call(&dialer, &number(318, 3), Behaviour::Busy).await;
    let busy = over(&dialer, &busy["_id"]).await;
    let nobody = analysis(&dialer, &busy).await;
    assert_eq!(
        (&nobody["result"], &nobody["confidence"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(nobody["basedOn"], json!([]));
    let heard = analysis(&dialer, &person).await;
    assert_eq!(
        (&heard["result"], &heard["isVoicemail"]),
        (&json!("human"), &json!(false))
    );
    assert_eq!(heard["confidence"], 0.95, "{heard}");
    assert!(
        heard["transcript"]
            .as_array()
            .is_some_and(|turns| !turns.is_empty())
    );
    assert!(heard["summary"].is_string());
}
