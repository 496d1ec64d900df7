//! Single calls, and what is asked about calls one by one: second generation.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use simulator::Behaviour;
use uuid::Uuid;

use crate::support::api::refusal;
use crate::support::campaign::{each, instant};
use crate::support::people::{Person, TALK_MS, alike, number};
use crate::support::providers::ENDLESS_MS;
use crate::support::single::{call, conversation, once, over, start};
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    somebody_is_called_at_once_and_the_agent_is_told_about_them,
    everything_wrong_with_a_single_call_is_told_at_once,
    whom_to_call_from_and_who_speaks_must_be_known,
    who_must_not_be_called_or_talks_already_is_not_called,
    too_many_single_calls_at_once_are_sent_away,
    a_call_is_found_by_each_of_its_names,
    nobody_reads_or_corrects_anothers_calls,
    the_history_of_a_number_is_told_newest_first,
);

const OUTBOUND: &str = "/api/v1/calls/outbound";
const ANSWER: Behaviour = Behaviour::Answer { talk_ms: TALK_MS };

async fn somebody_is_called_at_once_and_the_agent_is_told_about_them(stack: Stack) {
    let dialer = start(stack).await;
    let to = number(301, 1);
    let person = Person {
        number: to.clone(),
        script: vec![ANSWER],
    };
    dialer.rehearse(&[person]);
    let body = json!({
        "phoneNumber": "(301) 555-0001",
        "region": "US",
        "customParameters": { "name": "John", "order": 7, "items": ["a", { "b": true }] },
    });
    let placed = dialer.api.post(OUTBOUND, body).await.with(201);
    assert_eq!(placed["success"], true);
    let placed = &placed["data"];
    // Whoever is quick has picked up by the time of the answer.
    let status = placed["status"].as_str().expect("a status");
    assert!(["initiated", "in-progress"].contains(&status), "{placed}");
    let seen = dialer.simulator.recorder().calls_to(&to).remove(0);
    let id = seen.call_id.expect("our id").to_string();
    assert_eq!(placed["_id"], id);
    assert_eq!(placed["callSid"], seen.sid().expect("a name").to_string());
    assert_eq!(placed["sessionId"], id);
    assert_eq!(*seen.from, *"+12025550100");
    let call = over(&dialer, &placed["callSid"]).await;
    assert_eq!(call["status"], "completed");
    assert_eq!(call["outcome"], "answered");
    assert_eq!(call["campaignId"], Value::Null);
    assert_eq!(call["campaignName"], Value::Null);
    let told = &call["metadata"]["customParameters"];
    assert_eq!(told["order"], 7, "{call}");
    let heard = conversation(&dialer, &call["sessionId"]).await;
    let heard = &heard["conversation_initiation_client_data"]["dynamic_variables"];
    assert_eq!(heard["name"], "John", "{heard}");
    assert_eq!(heard["order"], 7);
    assert_eq!(heard["items"], r#"["a",{"b":true}]"#);
}

async fn everything_wrong_with_a_single_call_is_told_at_once(stack: Stack) {
    let dialer = start(stack).await;
    let long = "x".repeat(16 * 1024);
    let to = number(302, 1);
    for (body, fields) in [
        (json!({}), &["phoneNumber"][..]),
        (json!({ "phoneNumber": null }), &["phoneNumber"]),
        (json!({ "phoneNumber": 7 }), &["phoneNumber"]),
        (json!({ "phoneNumber": "3025550001" }), &["phoneNumber"]),
        (
            json!({ "phoneNumber": "+1302\u{0}5550001" }),
            &["phoneNumber"],
        ),
        (
            json!({ "phoneNumber": "x", "region": "Mars", "customParameters": [], "agentId": 1, "phoneId": {} }),
            &[
                "region",
                "phoneNumber",
                "customParameters",
                "phoneId",
                "agentId",
            ],
        ),
        (
            json!({ "phoneNumber": to, "customParameters": { "a": { "b": ["\u{0}"] } } }),
            &["customParameters"],
        ),
        (
            json!({ "phoneNumber": to, "customParameters": { "\u{0}": 1 }, "agentId": "a\u{0}" }),
            &["customParameters", "agentId"],
        ),
        (
            json!({ "phoneNumber": to, "customParameters": { "a": long } }),
            &["customParameters"],
        ),
        (
            json!({ "phoneNumber": to, "phoneId": "none of ours", "agentId": "" }),
            &["phoneId", "agentId"],
        ),
        (
            json!({ "phoneNumber": to, "phoneId": "\u{0}" }),
            &["phoneId"],
        ),
    ] {
        let request = dialer.api.request(Method::POST, OUTBOUND).json(&body);
        let refused = refusal(request, 422, "invalid").await;
        let named = refused["errors"].as_array().expect("a list");
        assert_eq!(each(named, "field"), fields, "{body}");
    }
    assert_eq!(dialer.simulator.recorder().len(), 0, "nobody was called");
    // The carrier knows that there is no such number.
    dialer.rehearse(&alike(302, 1, &Behaviour::InvalidNumber));
    let body = json!({ "phoneNumber": number(302, 0), "customParameters": null });
    let answer = dialer.api.post(OUTBOUND, body).await;
    assert!([201, 422].contains(&answer.status.as_u16()), "{answer:?}");
}

async fn whom_to_call_from_and_who_speaks_must_be_known(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let to = number(303, 0);
    dialer.rehearse(&alike(303, 1, &ANSWER));
    let body = json!({ "phoneNumber": to });
    let refused = dialer.api.post(OUTBOUND, body).await.with(422);
    let named = refused["errors"].as_array().expect("a list");
    assert_eq!(each(named, "field"), ["phoneId", "agentId"]);
    let body = json!({ "phoneNumber": to, "phoneId": "+12025550100", "agentId": "agent_demo" });
    let placed = dialer.api.post(OUTBOUND, body).await.with(201);
    let call = over(&dialer, &placed["data"]["_id"]).await;
    assert_eq!(call["agentId"], "agent_demo");
    assert_eq!(call["fromPhone"], "+12025550100");
}

async fn who_must_not_be_called_or_talks_already_is_not_called(stack: Stack) {
    let dialer = start(stack).await;
    let (shy, busy) = (number(304, 1), number(304, 2));
    let placed = call(&dialer, &shy, Behaviour::AskDoNotCall { talk_ms: TALK_MS }).await;
    over(&dialer, &placed["_id"]).await;
    let talk = call(
        &dialer,
        &busy,
        Behaviour::Answer {
            talk_ms: ENDLESS_MS,
        },
    )
    .await;
    once(&dialer, &talk["_id"], |call| {
        call["status"] == "in-progress"
    })
    .await;
    for (to, code) in [(shy, "number_suppressed"), (busy, "call_in_progress")] {
        let request = dialer.api.request(Method::POST, OUTBOUND);
        let request = request.json(&json!({ "phoneNumber": to }));
        refusal(request, 409, code).await;
        assert_eq!(dialer.simulator.recorder().calls_to(&to).len(), 1);
    }
}

async fn too_many_single_calls_at_once_are_sent_away(stack: Stack) {
    let dialer = start(stack).await;
    dialer.rehearse(&alike(305, 40, &Behaviour::Busy));
    let calls = (0..40).map(|index| {
        let request = dialer.api.request(Method::POST, OUTBOUND);
        request
            .json(&json!({ "phoneNumber": number(305, index) }))
            .send()
    });
    let mut placed = 0;
    for answer in join_all(calls).await {
        let answer = answer.expect("an answer");
        if answer.status() == 201 {
            placed += 1;
            continue;
        }
        assert_eq!(answer.status(), 429);
        let wait = answer.headers()["retry-after"].to_str().expect("a text");
        assert!(
            wait.parse::<u64>().is_ok_and(|seconds| seconds > 0),
            "{wait}"
        );
    }
    assert!((1..40).contains(&placed), "{placed} of 40");
    assert_eq!(dialer.simulator.recorder().len(), placed);
}

async fn a_call_is_found_by_each_of_its_names(stack: Stack) {
    let dialer = start(stack).await;
    let to = number(306, 1);
    let placed = call(&dialer, &to, ANSWER).await;
    let found = over(&dialer, &placed["_id"]).await;
    for (one, other) in [("duration", "durationSec"), ("startedAt", "startTime")] {
        assert_eq!(found[one], found[other]);
        assert!(!found[one].is_null(), "{found}");
    }
    let turns = found["transcript"].as_array().expect("a list");
    assert!(!turns.is_empty(), "{found}");
    for turn in turns {
        assert_eq!(turn["speaker"], turn["role"]);
        assert_eq!(turn["text"], turn["content"]);
        assert!(turn["text"].as_str().is_some_and(|text| !text.is_empty()));
        instant(&turn["timestamp"]);
    }
    assert_eq!(found["toPhone"], to);
    assert_eq!(found["direction"], "outbound");
    assert_eq!(found["exotelCallSid"], Value::Null);
    assert_eq!(found["metadata"]["carrier"], "signalwire");
    assert_eq!(found["metadata"]["carrierStatus"], "completed");
    assert_eq!(found["successful"], true);
    assert!(
        found["summary"].is_string() && found["analysis"].is_object(),
        "{found}"
    );
    assert_ne!(found["callSid"], found["_id"]);
    assert_ne!(found["sessionId"], found["_id"]);
    for name in ["_id", "callSid", "sessionId"] {
        let path = format!("/api/v1/calls/{}", found[name].as_str().expect("a name"));
        let mut same = dialer.api.get(&path).await.ok()["data"].take();
        // The reconciler may have looked at it in between.
        same["updatedAt"] = found["updatedAt"].clone();
        assert_eq!(same, found, "{name}");
    }
}

async fn nobody_reads_or_corrects_anothers_calls(stack: Stack) {
    let dialer = start(stack).await;
    let to = number(307, 1);
    let placed = call(&dialer, &to, ANSWER).await;
    let found = over(&dialer, &placed["_id"]).await;
    let una = dialer.create_user("una", "user");
    let mut keys = ["_id", "callSid", "sessionId"]
        .map(|name| found[name].clone())
        .to_vec();
    keys.extend([
        json!(Uuid::now_v7()),
        json!("nobody"),
        json!("%00"),
        json!("%ff"),
        json!("x".repeat(300)),
    ]);
    for key in &keys {
        let path = format!("/api/v1/calls/{}", key.as_str().expect("a name"));
        for (method, path) in [
            (Method::GET, path.clone()),
            (Method::GET, format!("{path}/voicemail-analysis")),
            (Method::POST, format!("{path}/mark-false-positive")),
        ] {
            let body = json!({ "isFalsePositive": true });
            let request = una.api.request(method.clone(), &path).json(&body);
            refusal(request, 404, "call_not_found").await;
            let request = dialer.api_as(None).request(method, &path).json(&body);
            refusal(request, 401, "unauthenticated").await;
        }
    }
    let none = una
        .api
        .get(&format!("/api/v1/calls/history/{to}"))
        .await
        .ok();
    assert_eq!(none["data"]["calls"], json!([]));
    for path in ["outbound/stats", "retriable", "voicemail-stats"] {
        let path = format!("/api/v1/calls/{path}");
        let own = una.api.get(&path).await.ok();
        assert_eq!(own["data"]["total"], 0, "{path}");
        let admin = dialer
            .api
            .get(&format!("{path}?userId={}", una.id))
            .await
            .ok();
        assert_eq!(admin["data"]["total"], 0, "{path}");
        let nobody = dialer.api.get(&format!("{path}?userId=nobody")).await;
        assert_eq!(nobody.with(422)["errors"][0]["field"], "userId");
        dialer.api_as(None).get(&path).await.with(401);
        let theirs = format!("{path}?userId={}", dialer.create_user("udo", "user").id);
        una.api.get(&theirs).await.with(403);
    }
}

async fn the_history_of_a_number_is_told_newest_first(stack: Stack) {
    let dialer = start(stack).await;
    let to = number(308, 1);
    let mut ids = Vec::new();
    for _ in 0..3 {
        let placed = call(&dialer, &to, Behaviour::Busy).await;
        ids.insert(0, over(&dialer, &placed["_id"]).await["_id"].clone());
    }
    call(&dialer, &number(308, 2), Behaviour::Busy).await;
    let digits = to.trim_start_matches('+');
    for spelled in [to.clone(), format!("%2B{digits}"), digits.to_owned()] {
        let path = format!("/api/v1/calls/history/{spelled}");
        let found = dialer.api.get(&path).await.ok()["data"].take();
        assert_eq!(found["phoneNumber"], to);
        assert_eq!(found["count"], 3);
        let calls = found["calls"].as_array().expect("a list");
        assert_eq!(each(calls, "_id"), ids.iter().collect::<Vec<_>>());
        let one = dialer.api.get(&format!("{path}?limit=1")).await.ok();
        assert_eq!(one["data"]["calls"], json!([calls[0]]));
    }
    for (path, field) in [
        (format!("{to}?limit=0"), "limit"),
        (format!("{to}?limit=101"), "limit"),
        (format!("{to}?limit=1&limit=2"), "limit"),
        ("nobody".to_owned(), "phoneNumber"),
        ("%00".to_owned(), "phoneNumber"),
        ("123".to_owned(), "phoneNumber"),
    ] {
        let path = format!("/api/v1/calls/history/{path}");
        let refused = dialer.api.get(&path).await.with(422);
        assert_eq!(refused["errors"][0]["field"], field, "{path}");
    }
    dialer.api.get("/api/v1/calls/history/%ff").await.with(400);
}
