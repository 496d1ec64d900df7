//! Calls, as the user interface shows them.

use serde_json::{Value, json};

use super::campaigns::ATTEMPTS;
use super::walker::Walker;
use super::{People, around_today};
use crate::support::api::answer;
use crate::support::campaign::each;
use crate::support::{Dialer, PATIENCE, eventually, single};

/// All calls: those to the one who is busy, and one of the one who answers, two to the machine, one of the one who talks
/// on, and one outside the campaign.
pub const CALLS: usize = ATTEMPTS + 5;

/// One call outside the campaign, found by each of its names once it is over.
pub async fn called_by_hand(dialer: &Dialer, walker: &mut Walker, people: &People) -> Value {
    let body = json!({ "phoneNumber": people.alone, "customParameters": { "name": "John" } });
    let placed = walker.send("POST /api/v1/calls/outbound", "", body).await["data"].take();
    // Whoever is quick has picked up by the time of the answer.
    let status = placed["status"].as_str().expect("a status");
    assert!(["initiated", "in-progress"].contains(&status), "{placed}");
    let found = single::over(dialer, &placed["callSid"]).await;
    for name in ["_id", "callSid", "sessionId"] {
        let key = found[name].as_str().expect("a name");
        let same = walker.ask("GET /api/v1/calls/{}", key, &[]).await["data"].take();
        assert_eq!(same["_id"], found["_id"], "{name}");
        for (one, other) in [("duration", "durationSec"), ("startedAt", "startTime")] {
            assert!(!same[one].is_null() && same[one] == same[other], "{same}");
        }
        for turn in same["transcript"].as_array().expect("a list") {
            assert_eq!(
                (&turn["speaker"], &turn["text"]),
                (&turn["role"], &turn["content"])
            );
        }
    }
    found
}

/// Waits until nobody but the one who talks and talks is left.
pub async fn everybody_was_called(walker: &mut Walker, people: &People) {
    let all = ATTEMPTS.to_string();
    let talks_on =
        |call: &Value| call["toPhone"] == people.talks && call["status"] == "in-progress";
    for (number, calls) in [
        (&people.busy, ATTEMPTS),
        (&people.machine, 2),
        (&people.answers, 1),
        (&people.talks, 1),
    ] {
        eventually("everybody was called", PATIENCE, async || {
            let history = walker.request("GET /api/v1/calls/history/{}", number);
            let history = answer(history.query(&[("limit", &all)])).await;
            let history = history.ok()["data"]["calls"].take();
            let history = history.as_array().expect("a list");
            let is_over = |call: &Value| {
                let is_reported = call["outcome"] == "busy" || call["transcript"][0].is_object();
                talks_on(call) || (call["outcome"].is_string() && is_reported)
            };
            (history.len() == calls && history.iter().all(is_over)).then_some(())
        })
        .await;
    }
}

pub async fn shown(walker: &mut Walker, people: &People, single: &Value, me: &str) {
    let history = "GET /api/v1/calls/history/{}";
    let latest = walker.ask(history, &people.busy, &[]).await["data"]["calls"].take();
    assert_eq!(latest.as_array().map(Vec::len), Some(10), "the default");
    let all = walker.ask(history, &people.busy, &[("limit", "12")]).await["data"]["calls"].take();
    assert_eq!(all.as_array().map(Vec::len), Some(ATTEMPTS));
    assert_eq!(
        all.as_array().map(|all| &all[..10]),
        latest.as_array().map(Vec::as_slice)
    );
    let one = walker.ask(history, &people.alone, &[]).await;
    assert_eq!(one["data"]["calls"][0]["_id"], single["_id"]);

    // The endless talk goes on: it is placed and no more.
    let sums = walker
        .ask("GET /api/v1/calls/outbound/stats", "", &[])
        .await["data"]
        .take();
    for (figure, count) in [
        ("total", CALLS),
        ("busy", ATTEMPTS),
        ("completed", 4),
        ("inProgress", 1),
    ] {
        assert_eq!(sums[figure], count, "{figure}: {sums}");
    }
    let (yesterday, tomorrow) = around_today();
    let query = [
        ("userId", me),
        ("status", "busy"),
        ("direction", "outbound"),
        ("startDate", &yesterday),
        ("endDate", &tomorrow),
    ];
    let again = walker.ask("GET /api/v1/calls/retriable", "", &query).await["data"]["calls"].take();
    let again = again.as_array().expect("a list");
    assert_eq!(each(again, "phoneNumber"), [&people.busy]);
}

pub async fn machines_shown(walker: &mut Walker, people: &People, me: &str) {
    let calls = walker
        .ask("GET /api/v1/calls/history/{}", &people.machine, &[])
        .await;
    let calls = calls["data"]["calls"].as_array().expect("a list").clone();
    assert_eq!(each(&calls, "outcome"), ["answered", "voicemail"]);
    let id = calls[1]["_id"].as_str().expect("an id");
    let (yesterday, tomorrow) = around_today();
    let query = [
        ("userId", me),
        ("startDate", &*yesterday),
        ("endDate", &tomorrow),
    ];
    let stats = "GET /api/v1/calls/voicemail-stats";
    assert_eq!(walker.ask(stats, "", &query).await["data"]["voicemails"], 1);
    let analysis = "GET /api/v1/calls/{}/voicemail-analysis";
    let before = walker.ask(analysis, id, &[]).await["data"].take();
    assert_eq!(
        (&before["result"], &before["override"]),
        (&json!("machine"), &Value::Null)
    );
    let mark = json!({ "isFalsePositive": true });
    let marked = walker
        .send("POST /api/v1/calls/{}/mark-false-positive", id, mark)
        .await;
    assert_eq!(marked["success"], true);
    let after = walker.ask(analysis, id, &[]).await["data"].take();
    assert_eq!(
        (&after["result"], after["override"].is_object()),
        (&json!("human"), true)
    );
    assert_eq!(walker.ask(stats, "", &query).await["data"]["voicemails"], 0);
}

pub async fn log_shown(walker: &mut Walker, people: &People, me: &str) {
    let logs = "GET /api/v1/analytics/calls/logs";
    let all = CALLS;
    let (yesterday, tomorrow) = around_today();
    let both = [
        ("phoneNumbers[]", &*people.busy),
        ("phoneNumbers[]", &*people.alone),
    ];
    let none = [("startDate", &*tomorrow)];
    for (query, total) in [
        (&[][..], all),
        (&[("status", "busy")], ATTEMPTS),
        (&[("direction", "outbound")], all),
        (&both, ATTEMPTS + 1),
        (&[("startDate", &*yesterday), ("endDate", &tomorrow)], all),
        (&[("userId", me)], all),
    ] {
        let found = walker.ask(logs, "", query).await["data"].take();
        assert_eq!(
            (&found["total"], &found["pagination"]["total"]),
            (&json!(total), &json!(total)),
            "{query:?}"
        );
    }
    let nobody = walker.request(logs, "").query(&none);
    let nobody = answer(nobody).await.ok();
    assert_eq!(nobody["data"]["total"], 0, "tomorrow");
    let second = walker.ask(logs, "", &[("page", "2"), ("limit", "5")]).await["data"].take();
    for (field, value) in [("page", 2), ("limit", 5), ("pages", all.div_ceil(5))] {
        assert_eq!(second[field], value, "{field}");
        assert_eq!(second["pagination"][field], value, "{field}");
    }
    assert_eq!(second["calls"].as_array().map(Vec::len), Some(5));
}
