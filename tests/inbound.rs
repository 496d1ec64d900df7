//! Calls to our numbers, as the carrier tells of them.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::Behaviour;

use crate::support::api::refusal;
use crate::support::campaign::run;
use crate::support::people::{TALK_MS, alike, number};
use crate::support::providers::{ids, send, send_signed};
use crate::support::single::{call, over, start};
use crate::support::talk::{begin, books};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    a_call_to_our_number_is_logged_once_whatever_the_order_of_its_news,
    an_inbound_call_belongs_to_whom_last_called_from_the_number,
    no_call_of_ours_and_no_leg_becomes_an_inbound_call,
    an_inbound_call_that_is_not_proven_is_not_believed,
    an_inbound_call_is_in_no_figure_of_outbound_calls,
    inbound_calls_are_in_the_totals_and_in_no_figure_about_those_that_went_out,
    an_inbound_call_that_nobody_reports_on_is_looked_up,
);

const INBOUND: &str = "/webhooks/signalwire/inbound";
const OURS: &str = "+12025550100";

/// What SignalWire tells of a call with `sid` from `from` to our number.
fn told<'a>(
    sid: &'a str,
    from: &'a str,
    status: &'a str,
    sequence: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("CallSid", sid),
        ("CallStatus", status),
        ("Direction", "inbound"),
        ("From", from),
        ("To", OURS),
        ("SequenceNumber", sequence),
    ];
    if status == "completed" {
        form.push(("CallDuration", "42"));
    }
    form
}

async fn tell(dialer: &Dialer, form: &[(&str, &str)]) {
    let answer = send_signed(dialer, INBOUND, form).await;
    assert_eq!(answer.status(), 200);
}

async fn logged(dialer: &Dialer, query: &str) -> Vec<Value> {
    let path = format!("/api/v1/analytics/calls/logs?{query}");
    let mut found = dialer.api.get(&path).await.ok();
    serde_json::from_value(found["data"]["calls"].take()).expect("a list")
}

async fn a_call_to_our_number_is_logged_once_whatever_the_order_of_its_news(stack: Stack) {
    let dialer = start(stack).await;
    let from = number(330, 1);
    let news = [("ringing", "0"), ("in-progress", "1"), ("completed", "2")];
    for (sid, order) in [
        ("sid-1", [0, 1, 2]),
        ("sid-2", [2, 0, 1]),
        ("sid-3", [1, 2, 2]),
    ] {
        for nth in order {
            let (status, sequence) = news[nth];
            tell(&dialer, &told(sid, &from, status, sequence)).await;
        }
    }
    // All at once, and each of them twice.
    let at_once = [0, 1, 2, 0, 1, 2].map(|nth| told("sid-4", &from, news[nth].0, news[nth].1));
    futures::future::join_all(at_once.iter().map(|form| tell(&dialer, form))).await;
    let calls = logged(&dialer, "").await;
    assert_eq!(calls.len(), 4, "{calls:?}");
    for call in &calls {
        assert_eq!(call["direction"], "inbound");
        assert_eq!(
            (&call["fromPhone"], &call["toPhone"]),
            (&json!(from), &json!(OURS))
        );
        assert_eq!(
            (&call["status"], &call["outcome"]),
            (&json!("completed"), &json!("answered"))
        );
        assert_eq!(call["durationSec"], 42);
        assert_eq!(
            (&call["agentId"], &call["contactId"]),
            (&Value::Null, &Value::Null)
        );
        assert_eq!(call["transcript"], json!([]));
        let sid = call["callSid"].as_str().expect("a name");
        let path = format!("/api/v1/calls/{sid}");
        assert_eq!(dialer.api.get(&path).await.ok()["data"]["_id"], call["_id"]);
    }
    assert_eq!(logged(&dialer, "direction=inbound").await.len(), 4);
    assert_eq!(logged(&dialer, "direction=outbound").await.len(), 0);
    for with in [from.as_str(), OURS] {
        let path = format!("/api/v1/calls/history/{with}");
        assert_eq!(
            dialer.api.get(&path).await.ok()["data"]["count"],
            4,
            "{with}"
        );
        let query = format!("phoneNumbers[]={}", with.trim_start_matches('+'));
        assert_eq!(logged(&dialer, &query).await.len(), 4, "{with}");
    }
    let db = dialer.database().await;
    let sums = "SELECT SUM(calls) AS calls, SUM(completed) AS completed, SUM(talk_s) AS talk_s FROM call_rollups";
    let sums = sums
        .replace("SUM(", "CAST(SUM(")
        .replace(") AS", ") AS BIGINT) AS");
    let sums = crate::support::database::rows(&db, &sums).await;
    assert_eq!(
        sums[0],
        json!({ "calls": 4, "completed": 4, "talk_s": 168 })
    );
}

async fn an_inbound_call_belongs_to_whom_last_called_from_the_number(stack: Stack) {
    let dialer = start(stack).await;
    let (una, udo) = (
        dialer.create_user("una", "user"),
        dialer.create_user("udo", "user"),
    );
    let count = async |api: &crate::support::api::Api| {
        let found = api
            .get("/api/v1/analytics/calls/logs?direction=inbound")
            .await
            .ok();
        found["data"]["total"].clone()
    };
    // Nobody has called this person.
    let stranger = number(331, 7);
    tell(&dialer, &told("sid-1", &stranger, "completed", "0")).await;
    assert_eq!(
        (count(&una.api).await, count(&dialer.api).await),
        (json!(0), json!(1))
    );
    for (user, area) in [(&una, 331), (&udo, 332)] {
        let people = alike(area, 1, &Behaviour::Busy);
        dialer.rehearse(&people);
        let once = json!({ "callAttemptsPerContact": 1 });
        let campaign = user.api.create_campaign(once).await;
        user.api.add(&campaign, &people).await;
        user.api.command(&campaign, "start").await.ok();
        user.api.reaches(&campaign, "completed", PATIENCE).await;
    }
    // A draft has called nobody.
    una.api.create_campaign(json!({})).await;
    tell(&dialer, &told("sid-2", &stranger, "completed", "0")).await;
    assert_eq!(
        (count(&una.api).await, count(&udo.api).await),
        (json!(0), json!(1))
    );
    // Who was called calls back, whoever has called others since.
    tell(&dialer, &told("sid-3", &number(331, 0), "completed", "0")).await;
    assert_eq!(
        (count(&una.api).await, count(&udo.api).await),
        (json!(1), json!(1))
    );
    // Whose it is does not change with later news.
    tell(&dialer, &told("sid-1", &stranger, "completed", "1")).await;
    assert_eq!(
        (count(&udo.api).await, count(&dialer.api).await),
        (json!(1), json!(3))
    );
}

async fn no_call_of_ours_and_no_leg_becomes_an_inbound_call(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let talk = begin(&dialer, 332, crate::support::providers::ENDLESS_MS).await;
    let (_, sid) = ids(&talk);
    let before = books(&dialer).await;
    let from = number(332, 5);
    for (name, value) in [
        ("Direction", "outbound-api"),
        ("Direction", "outbound-dial"),
        ("Direction", ""),
        ("To", "sip:agent@example.com"),
        ("CallSid", &sid),
    ] {
        let mut form = told("sid-1", &from, "completed", "0");
        form.retain(|(known, _)| *known != name);
        form.push((name, value));
        tell(&dialer, &form).await;
    }
    let mut leg = told("sid-2", &from, "completed", "0");
    leg.push(("ParentCallSid", "sid-1"));
    tell(&dialer, &leg).await;
    assert_eq!(books(&dialer).await, before);
    assert_eq!(logged(&dialer, "").await.len(), 1);
    // Who does not show is somebody all the same.
    tell(&dialer, &told("sid-3", "anonymous", "completed", "0")).await;
    let calls = logged(&dialer, "direction=inbound").await;
    assert_eq!((calls.len(), &calls[0]["fromPhone"]), (1, &Value::Null));
}

async fn an_inbound_call_that_is_not_proven_is_not_believed(stack: Stack) {
    let dialer = start(stack).await;
    let form = told("sid-1", "+13305550001", "completed", "0");
    for signature in [None, Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA="), Some("")] {
        let answer = send(&dialer, INBOUND, &form, signature).await;
        assert_eq!(answer.status(), 403);
    }
    for form in [
        vec![],
        vec![("CallSid", "sid-1")],
        vec![("CallStatus", "completed")],
    ] {
        let answer = send_signed(&dialer, INBOUND, &form).await;
        assert_eq!(answer.status(), 400);
    }
    refusal(
        dialer.api_as(None).request(Method::GET, INBOUND),
        405,
        "method_not_allowed",
    )
    .await;
    assert!(logged(&dialer, "").await.is_empty());
}

async fn an_inbound_call_is_in_no_figure_of_outbound_calls(stack: Stack) {
    let dialer = start(stack).await;
    let answer = Behaviour::Answer { talk_ms: TALK_MS };
    run(&dialer, &alike(333, 2, &answer)).await;
    let placed = call(&dialer, &number(333, 7), answer).await;
    over(&dialer, &placed["_id"]).await;
    let figures = async |path: &str| dialer.api.get(path).await.ok()["data"].take();
    let before = figures("/api/v1/calls/outbound/stats").await;
    let voicemail = figures("/api/v1/calls/voicemail-stats").await;
    assert_eq!(
        (&before["total"], &before["completed"]),
        (&json!(3), &json!(3))
    );
    for (sid, status) in [
        ("sid-1", "completed"),
        ("sid-2", "busy"),
        ("sid-3", "no-answer"),
        ("sid-4", "in-progress"),
        ("sid-5", "failed"),
    ] {
        tell(&dialer, &told(sid, &number(333, 8), status, "0")).await;
    }
    assert_eq!(logged(&dialer, "direction=inbound").await.len(), 5);
    assert_eq!(figures("/api/v1/calls/outbound/stats").await, before);
    assert_eq!(figures("/api/v1/calls/voicemail-stats").await, voicemail);
    assert_eq!(figures("/api/v1/calls/retriable").await["total"], 0);
}

async fn inbound_calls_are_in_the_totals_and_in_no_figure_about_those_that_went_out(stack: Stack) {
    let dialer = start(stack).await;
    let answer = Behaviour::Answer { talk_ms: TALK_MS };
    run(&dialer, &alike(334, 3, &answer)).await;
    dialer.api.get("/api/v1/phone-numbers").await.ok();
    let side = async |side: &str| {
        let path = format!("/api/v1/analytics/{side}");
        dialer.api.get(&path).await.ok()["data"].take()
    };
    let about_ours = async || {
        json!([
            only(
                &side("performance").await,
                &[
                    "answerRate",
                    "reachRate",
                    "averageConnectTime",
                    "connectTimePercentiles",
                    "durationPercentiles",
                    "byAgent",
                    "byNumber"
                ]
            ),
            only(&side("calls").await, &["byOutcome"]),
            only(
                &side("retry").await,
                &["byAttempt", "retries", "averageAttemptsUntilReached"]
            ),
            only(
                &side("voicemail").await,
                &["voicemails", "voicemailRate", "falsePositives"]
            ),
        ])
    };
    let before = about_ours().await;
    let agent = &before[0]["byAgent"][0];
    assert_eq!(
        (&agent["agentId"], &agent["agentName"]),
        (&json!("agent_demo"), &json!("Demo agent"))
    );
    let ours = &before[0]["byNumber"][0];
    assert_eq!(
        (&ours["number"], &ours["label"]),
        (&json!(OURS), &json!(format!("Number {OURS}")))
    );
    for (nth, status) in ["completed", "completed", "busy", "no-answer", "failed"]
        .iter()
        .enumerate()
    {
        let (sid, from) = (format!("sid-{nth}"), number(334, 50 + nth));
        for (sequence, status) in ["in-progress", status]
            .iter()
            .enumerate()
            .skip(usize::from(nth > 1))
        {
            tell(&dialer, &told(&sid, &from, status, &sequence.to_string())).await;
        }
    }
    assert_eq!(about_ours().await, before);
    let found = side("dashboard").await;
    assert_eq!(found["byDirection"], json!({ "inbound": 5, "outbound": 3 }));
    assert_eq!(
        (&found["totalCalls"], &found["completedCalls"]),
        (&json!(8), &json!(5))
    );
    let by_status = json!({ "completed": 5, "failed": 1, "no-answer": 1, "busy": 1 });
    assert_eq!(found["byStatus"], by_status);
}

/// The `fields` of an answer.
#[track_caller]
fn only(found: &Value, fields: &[&str]) -> Value {
    let of = |field: &&str| {
        let value = found
            .get(field)
            .unwrap_or_else(|| panic!("no {field}: {found}"));
        ((*field).to_owned(), value.clone())
    };
    Value::Object(fields.iter().map(of).collect())
}

async fn an_inbound_call_that_nobody_reports_on_is_looked_up(stack: Stack) {
    let dialer = start(stack).await;
    let from = number(334, 1);
    tell(
        &dialer,
        &told(
            "00000000-0000-4000-8000-000000000001",
            &from,
            "in-progress",
            "0",
        ),
    )
    .await;
    // Who talks to us is not called at the same time.
    let body = json!({ "phoneNumber": from });
    let request = dialer
        .api
        .request(Method::POST, "/api/v1/calls/outbound")
        .json(&body);
    refusal(request, 409, "call_in_progress").await;
    eventually("the carrier knows of no such call", PATIENCE, async || {
        let calls = logged(&dialer, "direction=inbound").await;
        (calls[0]["status"] == "failed").then_some(())
    })
    .await;
    assert_eq!(dialer.simulator.recorder().len(), 0);
}
