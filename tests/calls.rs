//! The log of a campaign's calls, held against the carrier's record.

use std::cmp::Reverse;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use simulator::{Behaviour, RecordedCall};
use uuid::Uuid;

use crate::support::campaign::{each, instant, page_by_page, run, run_with};
use crate::support::people::{TALK_MS, alike, mixed};
use crate::support::{Dialer, Options, Stack, on_both_stacks, prices};

on_both_stacks!(
    the_log_of_calls_is_the_carriers_record,
    calls_are_found_by_status_outcome_contact_and_date,
    a_date_is_a_day_of_the_campaigns_zone,
    nobody_reads_anothers_calls,
);

async fn all(dialer: &Dialer, campaign: &str) -> Vec<Value> {
    let path = format!("/api/campaigns/{campaign}/calls?limit=1000");
    let mut found = dialer.api.get(&path).await.ok();
    assert_eq!(found["campaignId"], *campaign);
    serde_json::from_value(found["calls"].take()).expect("a list")
}

async fn the_log_of_calls_is_the_carriers_record(stack: Stack) {
    let dialer = Dialer::start(stack, prices::asked_early()).await;
    let people = mixed(264, 8);
    let campaign = run(&dialer, &people).await;
    let mut record = dialer.simulator.recorder().calls();
    record.retain(|call| call.sid().is_some());
    prices::are_told(&dialer).await;
    let calls = all(&dialer, &campaign).await;
    assert_eq!(calls.len(), record.len());
    let begun = each(&calls, "startedAt");
    assert!(
        begun.is_sorted_by_key(|at| Reverse(instant(at))),
        "{begun:?}"
    );
    for call in &calls {
        let id: Uuid = call["id"].as_str().expect("an id").parse().expect("a UUID");
        let seen = record.iter().find(|seen| seen.call_id == Some(id));
        is_as_seen(call, seen.expect("the carrier saw it"));
        assert_eq!(call["campaignId"], *campaign);
        let nth = people
            .iter()
            .position(|person| call["phoneNumber"] == *person.number);
        let name = format!("Person {}", nth.expect("somebody we know"));
        assert_eq!(call["contactName"], name);
        let path = format!("/api/campaigns/{campaign}/calls/{id}");
        let mut one = dialer.api.get(&path).await.ok()["call"].take();
        // The reconciler may have looked at it in between.
        one["updatedAt"] = call["updatedAt"].clone();
        assert_eq!(one, *call);
    }
    for person in &people {
        let mut attempts: Vec<i64> = calls
            .iter()
            .filter(|call| call["phoneNumber"] == *person.number)
            .map(|call| call["attempt"].as_i64().expect("a number"))
            .collect();
        attempts.reverse();
        let expected: Vec<i64> = (1..).take(attempts.len()).collect();
        assert_eq!(attempts, expected, "{}", person.number);
    }
    assert!(calls.iter().any(|call| call["isCallback"] == true));
}

/// What we say of `call` is what the carrier saw of it.
#[track_caller]
fn is_as_seen(call: &Value, seen: &RecordedCall) {
    let sid = seen.sid().expect("a name").to_string();
    assert_eq!(call["callSid"], sid);
    assert_eq!(call["phoneNumber"], *seen.to);
    assert_eq!(call["fromNumber"], *seen.from);
    assert_eq!(call["direction"], "outbound");
    assert_eq!(call["carrier"], "signalwire");
    assert_eq!(call["agentId"], "agent_demo");
    let end = seen.end_status.expect("it is over").as_str();
    assert_eq!(call["status"], end, "{call}");
    let is_answered = seen.answered_at.is_some();
    assert_eq!(call["answeredAt"].is_string(), is_answered, "{call}");
    assert_eq!(call["conversationId"].is_string(), is_answered, "{call}");
    assert!(call["endedAt"].is_string(), "{call}");
    if is_answered {
        assert_eq!(call["currency"], "USD", "{call}");
        let price = prices::of(call["duration"].as_i64().expect("seconds"));
        assert_eq!(call["price"], price, "{call}");
        assert!(
            call["credits"].as_i64().is_some_and(|credits| credits > 0),
            "{call}"
        );
        assert!(
            call["duration"].as_i64().is_some_and(|seconds| seconds > 0),
            "{call}"
        );
    }
    let outcome = match (end, call["answeredBy"].as_str()) {
        ("completed", Some("machine")) => "voicemail",
        ("completed", _) => "answered",
        ("no-answer", _) => "no_answer",
        (other, _) => other,
    };
    assert_eq!(call["outcome"], outcome, "{call}");
    let is_judged = call["successful"].is_boolean();
    assert_eq!(is_judged, is_answered, "{call}");
}

/// Whether a call is what a question asks for.
type Fits<'a> = &'a dyn Fn(&Value) -> bool;

async fn calls_are_found_by_status_outcome_contact_and_date(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let campaign = run(&dialer, &mixed(265, 8)).await;
    let calls = all(&dialer, &campaign).await;
    let path = format!("/api/campaigns/{campaign}/calls");
    let paged = page_by_page(&dialer.api, &path, "calls", 3).await;
    assert_eq!(each(&paged, "id"), each(&calls, "id"));
    let middle = calls[calls.len() / 2].clone();
    let is = |field: &'static str, value: Value| move |call: &Value| call[field] == value;
    let begun = instant(&middle["startedAt"]);
    let since = |call: &Value| instant(&call["startedAt"]) >= begun;
    let before = |call: &Value| instant(&call["startedAt"]) < begun;
    let by_contact = format!("contactId={}", middle["contactId"]);
    let text = middle["startedAt"].as_str().expect("an instant");
    let (from, to) = (format!("fromDate={text}"), format!("toDate={text}"));
    let nothing = |_: &Value| false;
    let everything = |_: &Value| true;
    let questions: [(&str, Fits<'_>); 11] = [
        ("status=busy", &is("status", json!("busy"))),
        ("status=no-answer", &is("status", json!("no-answer"))),
        ("outcome=voicemail", &is("outcome", json!("voicemail"))),
        ("outcome=answered", &is("outcome", json!("answered"))),
        (&by_contact, &is("contactId", middle["contactId"].clone())),
        (&from, &since),
        (&to, &before),
        ("fromDate=2020-01-01&toDate=2900-01-01", &everything),
        ("toDate=2020-01-01", &nothing),
        ("status=in-progress", &nothing),
        ("contactId=9223372036854775807", &nothing),
    ];
    for (question, fits) in questions {
        let found = dialer
            .api
            .get(&format!("{path}?limit=1000&{question}"))
            .await
            .ok();
        let found = found["calls"].as_array().expect("a list").clone();
        let expected: Vec<Value> = calls.iter().filter(|call| fits(call)).cloned().collect();
        assert_eq!(each(&found, "id"), each(&expected, "id"), "{question}");
        let is_empty = ["toDate=2020-01-01", "status=in-progress"].contains(&question)
            || question.starts_with("contactId=9");
        assert_eq!(found.is_empty(), is_empty, "{question}");
    }
    let both = format!("{path}?status=busy&{by_contact}&outcome=answered");
    assert_eq!(dialer.api.get(&both).await.ok()["total"], 0);
}

async fn a_date_is_a_day_of_the_campaigns_zone(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let in_india = json!({ "timezone": "Asia/Kolkata" });
    let person = alike(271, 1, &Behaviour::Answer { talk_ms: TALK_MS });
    let campaign = run_with(&dialer, in_india, &person).await;
    let db = dialer.database().await;
    for (begun_at, day_before, day_after) in [
        ("2026-01-30T18:29:59.999999+00:00", 1, 0),
        ("2026-01-30T18:30:00+00:00", 0, 1),
    ] {
        let moved = format!("UPDATE calls SET begun_at = '{begun_at}'");
        db.execute_unprepared(&moved).await.expect("a moved call");
        for list in ["calls", "conversations"] {
            for (question, total) in [
                ("toDate=2026-01-30", day_before),
                ("fromDate=2026-01-31", day_after),
                ("fromDate=2026-01-30&toDate=2026-01-31", 1),
                ("fromDate=2026-01-30T18:30:00Z", day_after),
                ("toDate=2026-01-31T00:00:00%2B05:30", day_before),
            ] {
                let path = format!("/api/campaigns/{campaign}/{list}?{question}");
                let found = dialer.api.get(&path).await.ok();
                assert_eq!(found["total"], total, "{begun_at} {list}?{question}");
            }
        }
    }
}

async fn nobody_reads_anothers_calls(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let campaign = run(
        &dialer,
        &alike(266, 1, &Behaviour::Answer { talk_ms: TALK_MS }),
    )
    .await;
    let call = all(&dialer, &campaign).await[0]["id"].clone();
    let call = call.as_str().expect("an id");
    let una = dialer.create_user("una", "user");
    for path in [
        format!("/api/campaigns/{campaign}/calls"),
        format!("/api/campaigns/{campaign}/calls/{call}"),
    ] {
        let hidden = una.api.get(&path).await.with(404);
        assert_eq!(hidden["code"], "campaign_not_found");
        dialer.api_as(None).get(&path).await.with(401);
    }
    let other = una.api.create_campaign(json!({})).await;
    assert_eq!(
        una.api
            .get(&format!("/api/campaigns/{other}/calls"))
            .await
            .ok()["total"],
        0
    );
    for (campaign, call, code) in [
        (other.as_str(), call, "call_not_found"),
        (&campaign, &Uuid::now_v7().to_string(), "call_not_found"),
        (&campaign, "one", "call_not_found"),
        (&campaign, "%00", "call_not_found"),
        (&campaign, "%ff", "call_not_found"),
        ("none", call, "campaign_not_found"),
        (&Uuid::now_v7().to_string(), call, "campaign_not_found"),
    ] {
        let path = format!("/api/campaigns/{campaign}/calls/{call}");
        assert_eq!(api.get(&path).await.with(404)["code"], code, "{path}");
    }
}
