//! What a campaign came to, against the carrier's record of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, FixedOffset, NaiveDate, TimeDelta, Timelike, Utc};
use serde_json::{Value, json};
use simulator::recorder::EndStatus;
use simulator::{Behaviour, RecordedCall};

use super::{assert_no_calls, statistics};
use crate::support::database::rows;
use crate::support::people::{Person, mixed};
use crate::support::promises::begun_at;
use crate::support::{Dialer, Options, PATIENCE, Stack, on_both_stacks};

on_both_stacks!(the_statistics_are_what_the_carrier_saw);

const SEED: &str = include_str!("../seeds/statistics.json");
/// Set neither forward nor back: always 5:45 h ahead of UTC.
const ZONE: &str = "Asia/Kathmandu";

fn zone() -> FixedOffset {
    FixedOffset::east_opt(5 * 3_600 + 45 * 60).expect("an offset")
}

/// A call the carrier took on, and what the person did with it.
type Seen = (RecordedCall, Behaviour);

fn seen(dialer: &Dialer, people: &[Person]) -> Vec<Seen> {
    let calls_to = |person: &Person| {
        let mut calls = dialer.simulator.recorder().calls_to(&person.number);
        calls.retain(|call| call.sid().is_some());
        let script = person.script.clone();
        let did = move |index: usize| script[index.min(script.len() - 1)].clone();
        calls
            .into_iter()
            .enumerate()
            .map(move |(index, call)| (call, did(index)))
    };
    people.iter().flat_map(calls_to).collect()
}

async fn the_statistics_are_what_the_carrier_saw(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let people = mixed(260, 24);
    dialer.rehearse(&people);
    let campaign = dialer
        .api
        .create_campaign(json!({ "timezone": ZONE, "maxConcurrentCalls": 12 }))
        .await;
    dialer.api.add(&campaign, &people).await;
    dialer.api.command(&campaign, "start").await.ok();
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;

    let seen = seen(&dialer, &people);
    let all = statistics(&dialer, &campaign, &[]).await;
    assert_shape(&all);
    let contacts = json!({ "totalContacts": 24, "contactedCount": 24, "contactedPercentage": 100.0,
        "remainingCount": 0, "activeCount": 0 });
    assert_eq!(all["contactMetrics"], contacts);
    assert_calls(&all, &seen);
    assert_times(&all, &seen);
    assert_averages(&dialer, &all, &seen).await;
    assert_eq!(all["range"], json!({ "from": null, "to": null }));
    assert_eq!(all["timeMetrics"]["campaignDuration"]["total"], Value::Null);
    assert_eq!(
        all["timeMetrics"]["campaignDuration"]["remaining"],
        Value::Null
    );
    let elapsed = all["timeMetrics"]["campaignDuration"]["elapsed"].as_str();
    assert!(
        elapsed.is_some_and(|words| words.contains(" minute")),
        "{elapsed:?}"
    );
    assert_ranges(&dialer, &campaign, &all, &seen).await;
}

fn assert_calls(all: &Value, seen: &[Seen]) {
    let count = |is: &dyn Fn(&Seen) -> bool| seen.iter().filter(|call| is(call)).count();
    let ended = |(call, _): &Seen, as_what| call.end_status == Some(as_what);
    let is_completed = |call: &Seen| ended(call, EndStatus::Completed);
    let wants_callback = |(_, did): &Seen| matches!(did, Behaviour::AskForCallback { .. });
    let successful = count(&is_successful);
    assert!(successful > 10, "people were reached");
    let (calls, outcomes) = (&all["callMetrics"], &all["outcomesMetrics"]);
    assert_eq!(calls["totalCalls"], seen.len());
    assert_eq!(calls["completedCalls"], count(&is_completed));
    assert_eq!(calls["failedCalls"], count(&|call| !is_completed(call)));
    assert_eq!(
        outcomes["noAnswers"],
        count(&|call| ended(call, EndStatus::NoAnswer))
    );
    assert_eq!(
        outcomes["voicemails"],
        count(&|(_, did)| *did == Behaviour::Voicemail)
    );
    let callbacks = count(&wants_callback);
    assert!(callbacks > 0, "somebody asked to be called back");
    assert_eq!(outcomes["callbackRequests"], callbacks);
    // Everybody asks once, and one callback is granted each.
    assert_eq!(calls["callbacksScheduled"], callbacks);
    assert_eq!(outcomes["successfulOutcomes"], successful);
    assert_eq!(outcomes["conversionRate"], share(successful, seen.len()));
    for handed_on in ["transfersInitiated", "transfersCompleted"] {
        assert_eq!(calls[handed_on], 0, "nobody was handed on");
    }
    assert_eq!(outcomes["transferredToAgent"], 0);
}

/// Whether somebody was reached and agreed.
fn is_successful((call, did): &Seen) -> bool {
    let is_good = matches!(
        did,
        Behaviour::Answer { .. } | Behaviour::AskForCallback { .. }
    );
    is_good && call.end_status == Some(EndStatus::Completed)
}

fn assert_times(all: &Value, seen: &[Seen]) {
    let mut by_hour = BTreeMap::<u32, i64>::new();
    // Calls of each day, and those of them that reached their goal.
    let mut by_day = BTreeMap::<NaiveDate, (usize, usize)>::new();
    for call in seen {
        let shown = begun_at(&call.0).with_timezone(&zone());
        *by_hour.entry(shown.hour()).or_default() += 1;
        let day = by_day.entry(shown.date_naive()).or_default();
        *day = (day.0 + 1, day.1 + usize::from(is_successful(call)));
    }
    let between = |from, to| by_hour.range(from..to).map(|(_, calls)| calls).sum::<i64>();
    let parts = json!({ "morning": between(0, 12), "afternoon": between(12, 17), "evening": between(17, 24) });
    assert_eq!(all["timeMetrics"]["callTimeDistribution"], parts);
    let mut peaks: Vec<(i64, u32)> = by_hour
        .into_iter()
        .map(|(hour, calls)| (-calls, hour))
        .collect();
    peaks.sort_unstable();
    let peaks: Vec<Value> = peaks
        .iter()
        .map(|(calls, hour)| json!({ "hour": hour, "count": -calls }))
        .collect();
    assert_eq!(all["timeMetrics"]["peakCallHours"], json!(peaks));
    let days = by_day.into_iter().map(|(date, (calls, successful))| {
        json!({ "date": date, "calls": calls, "successRate": share(successful, calls) })
    });
    assert_eq!(all["performanceTrend"], days.collect::<Value>());
}

/// Talk is told in seconds of the phone network, and kept in the calls' rows; waiting is measured by the dialer.
async fn assert_averages(dialer: &Dialer, all: &Value, seen: &[Seen]) {
    let talks = "SELECT duration_s FROM calls WHERE status = 'completed'";
    let talks = rows(&dialer.database().await, talks).await;
    let sum: f64 = talks
        .iter()
        .map(|row| row["duration_s"].as_f64().expect("seconds"))
        .sum();
    let average = (sum / talks.len() as f64).round() as i64;
    assert!(
        average >= 15,
        "people talk for 20 s, few are machines: {average}"
    );
    assert_eq!(all["callMetrics"]["averageCallDuration"], average);
    let wait = all["callMetrics"]["averageWaitTime"]
        .as_f64()
        .expect("seconds");
    // The dialer hears of an answer a little after the carrier.
    let waits = seen
        .iter()
        .filter_map(|(call, _)| Some(call.answered_at? - begun_at(call)));
    let waits: Vec<f64> = waits.map(|wait| wait.as_seconds_f64()).collect();
    let least = waits.iter().sum::<f64>() / waits.len() as f64;
    assert!(
        least - 0.06 <= wait && wait < least + 30.0,
        "{wait} s, {least} s by the carrier's clock"
    );
}

async fn assert_ranges(dialer: &Dialer, campaign: &str, all: &Value, seen: &[Seen]) {
    let begun = seen.iter().map(|(call, _)| begun_at(call));
    let (first, last) = (
        begun.clone().min().expect("a call"),
        begun.max().expect("a call"),
    );
    let day_of = |at: DateTime<Utc>| at.with_timezone(&zone()).date_naive();
    let (first_day, last_day) = (day_of(first).to_string(), day_of(last).to_string());
    let days = [("fromDate", &*first_day), ("toDate", &*last_day)];
    let (from, to) = (
        first.to_rfc3339(),
        (last + TimeDelta::seconds(1)).to_rfc3339(),
    );
    let instants = [("fromDate", &*from), ("toDate", &*to)];
    for query in [
        &days[..],
        &days[..1],
        &days[1..],
        &instants[..],
        &[("fromDate", ""), ("toDate", "")],
    ] {
        let mut found = statistics(dialer, campaign, query).await;
        found["range"] = all["range"].clone();
        // A minute may have passed.
        found["timeMetrics"]["campaignDuration"] = all["timeMetrics"]["campaignDuration"].clone();
        assert_eq!(found, *all, "{query:?}");
    }
    let covered = statistics(dialer, campaign, &instants).await["range"].take();
    for (side, at) in [("from", first), ("to", last)] {
        let edge: DateTime<Utc> = covered[side]
            .as_str()
            .expect("an instant")
            .parse()
            .expect("RFC 3339");
        assert_eq!(edge.timestamp() % 900, 0, "{covered}");
        assert!(
            (edge - at).abs() <= TimeDelta::minutes(15) + TimeDelta::seconds(1),
            "{covered}"
        );
    }
    let before = (day_of(first) - Days::new(1)).to_string();
    let after = (day_of(last) + Days::new(1)).to_string();
    for elsewhere in [("toDate", &*before), ("fromDate", &*after)] {
        let found = statistics(dialer, campaign, &[elsewhere]).await;
        assert_eq!(
            found["contactMetrics"], all["contactMetrics"],
            "contacts are as they stand"
        );
        assert_no_calls(&found);
    }
}

fn share(part: usize, whole: usize) -> f64 {
    (part as f64 * 1_000.0 / whole as f64).round() / 10.0
}

/// Exactly the fields of the seed, and the range beside them.
fn assert_shape(found: &Value) {
    let mut seed: Value = serde_json::from_str(SEED).expect("JSON");
    let mut seed = seed["statistics"].take();
    seed["range"] = json!({ "from": "", "to": "" });
    assert_eq!(fields(found), fields(&seed));
}

/// The paths of all fields; those of a list's items once.
fn fields(value: &Value) -> Vec<String> {
    let mut paths = match value {
        Value::Object(object) => object
            .iter()
            .flat_map(|(name, value)| below(name, value))
            .collect(),
        Value::Array(items) => items.iter().flat_map(|item| below("[]", item)).collect(),
        _ => vec![String::new()],
    };
    paths.sort();
    paths.dedup();
    paths
}

fn below(name: &str, value: &Value) -> Vec<String> {
    fields(value)
        .into_iter()
        .map(|path| format!("{name}.{path}"))
        .collect()
}
