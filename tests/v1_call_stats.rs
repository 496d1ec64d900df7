//! What calls come to: second generation.

use serde_json::json;
use simulator::Behaviour;

use crate::support::campaign::{instant, run};
use crate::support::people::{TALK_MS, mixed, number};
use crate::support::providers::ENDLESS_MS;
use crate::support::single::{call, once, over, start};
use crate::support::{Stack, on_both_stacks};

on_both_stacks!(
    outbound_stats_are_the_sum_of_the_calls,
    machines_that_answer_are_counted_hour_by_hour,
    what_makes_no_sense_about_sums_is_refused,
);

const ANSWER: Behaviour = Behaviour::Answer { talk_ms: TALK_MS };

async fn outbound_stats_are_the_sum_of_the_calls(stack: Stack) {
    let dialer = start(stack).await;
    run(&dialer, &mixed(309, 8)).await;
    let placed = call(&dialer, &number(310, 1), ANSWER).await;
    over(&dialer, &placed["_id"]).await;
    let talk = call(
        &dialer,
        &number(310, 2),
        Behaviour::Answer {
            talk_ms: ENDLESS_MS,
        },
    )
    .await;
    once(&dialer, &talk["_id"], |call| {
        call["status"] == "in-progress"
    })
    .await;
    let logs = dialer
        .api
        .get("/api/v1/analytics/calls/logs?limit=1000")
        .await
        .ok();
    let calls = logs["data"]["calls"].as_array().expect("a list");
    let count = |field: &str, value: &str| calls.iter().filter(|call| call[field] == value).count();
    let sum = |field: &str| {
        calls
            .iter()
            .filter_map(|call| call[field].as_i64())
            .sum::<i64>()
    };
    let stats = dialer.api.get("/api/v1/calls/outbound/stats").await.ok()["data"].take();
    let today = chrono::Utc::now().date_naive();
    let path = format!("/api/v1/calls/outbound/stats?startDate=2020-01-01&endDate={today}");
    let same = dialer.api.get(&path).await.ok()["data"].take();
    for (name, value) in stats.as_object().expect("an object") {
        assert!(name == "period" || same[name] == *value, "{name}");
    }
    assert_eq!(stats["total"], calls.len());
    for (field, status) in [
        ("completed", "completed"),
        ("failed", "failed"),
        ("busy", "busy"),
        ("noAnswer", "no-answer"),
        ("inProgress", "in-progress"),
    ] {
        assert_eq!(stats[field], count("status", status), "{field}");
        assert!(count("status", status) > 0, "{field}");
    }
    assert_eq!(stats["voicemail"], count("outcome", "voicemail"));
    assert_eq!(stats["totalDuration"], sum("durationSec"));
    assert_eq!(stats["totalCredits"], sum("creditsConsumed"));
    let completed = i64::try_from(count("status", "completed")).expect("few");
    let average = (sum("durationSec") + completed / 2) / completed;
    assert_eq!(stats["averageDuration"], average);
    let rate = stats["successful"].as_f64().expect("a number") / calls.len() as f64 * 100.0;
    let told = stats["successRate"].as_f64().expect("a number");
    assert!((told - rate).abs() <= 0.05, "{told} {rate}");
    let before = "/api/v1/calls/outbound/stats?endDate=2020-01-01";
    assert_eq!(dialer.api.get(before).await.ok()["data"]["total"], 0);
}

async fn machines_that_answer_are_counted_hour_by_hour(stack: Stack) {
    let dialer = start(stack).await;
    let mut machines = Vec::new();
    for index in 0..3 {
        let placed = call(&dialer, &number(317, index), Behaviour::Voicemail).await;
        machines.push(over(&dialer, &placed["_id"]).await);
    }
    let placed = call(&dialer, &number(317, 3), ANSWER).await;
    over(&dialer, &placed["_id"]).await;
    let id = machines[0]["_id"].as_str().expect("an id");
    let path = format!("/api/v1/calls/{id}/mark-false-positive");
    let verdict = json!({ "isFalsePositive": true });
    dialer.api.post(&path, verdict).await.ok();
    let stats = dialer.api.get("/api/v1/calls/voicemail-stats").await.ok()["data"].take();
    for (field, value) in [
        ("total", json!(4)),
        ("answered", json!(4)),
        ("voicemails", json!(2)),
        ("answeredByPerson", json!(2)),
        ("voicemailRate", json!(50.0)),
        ("falsePositives", json!(1)),
        ("falsePositiveRate", json!(33.3)),
    ] {
        assert_eq!(stats[field], value, "{field}: {stats}");
    }
    let hours = stats["byHour"].as_array().expect("a list");
    let order: Vec<u64> = hours
        .iter()
        .filter_map(|hour| hour["hour"].as_u64())
        .collect();
    assert_eq!(order, (0..24).collect::<Vec<u64>>());
    let sum = |field: &str| {
        hours
            .iter()
            .filter_map(|hour| hour[field].as_i64())
            .sum::<i64>()
    };
    assert_eq!((sum("answered"), sum("voicemails")), (4, 2));
    let begun = instant(&machines[1]["startedAt"]);
    let hour: usize = begun.format("%H").to_string().parse().expect("an hour");
    assert!(
        hours[hour]["voicemails"]
            .as_i64()
            .is_some_and(|count| count > 0),
        "{stats}"
    );
    let before = "/api/v1/calls/voicemail-stats?endDate=2020-01-01";
    assert_eq!(dialer.api.get(before).await.ok()["data"]["answered"], 0);
}

async fn what_makes_no_sense_about_sums_is_refused(stack: Stack) {
    let dialer = start(stack).await;
    for (query, field) in [
        ("startDate=never", "startDate"),
        ("startDate=2026-02-02&endDate=2026-02-01", "endDate"),
        ("userId=%00", "userId"),
    ] {
        for path in ["outbound/stats", "voicemail-stats", "retriable"] {
            let path = format!("/api/v1/calls/{path}?{query}");
            let refused = dialer.api.get(&path).await.with(422);
            assert_eq!(refused["errors"][0]["field"], field, "{path}");
        }
    }
}
