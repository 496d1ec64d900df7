//! What is changed on a running campaign holds at once, as the carrier sees it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use simulator::{Behaviour, RecordedCall, Recorder};

use crate::support::people::{Person, alike, number};
use crate::support::promises::begun_at;
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    a_raised_limit_is_used_and_a_lowered_one_kept_at_once,
    a_window_that_closes_stops_new_calls_and_one_that_opens_begins_them,
    a_contact_is_called_by_its_own_clock,
);

/// Talks of half a second: many calls end, and begin, in a second.
const SHORT_MS: u64 = 20_000;
/// Talks of two seconds: even a machine that is busy with other things begins many calls before the first of them ends.
const LONG_MS: u64 = 80_000;

/// A campaign that has far more people than it will call here, each of whom talks for `talk_ms`.
async fn running(
    stack: Stack,
    area: u16,
    talk_ms: u64,
    fields: Value,
) -> (Dialer, String, Recorder) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let people = alike(area, 3_000, &Behaviour::Answer { talk_ms });
    dialer.rehearse(&people);
    let campaign = dialer.api.create_campaign(fields).await;
    dialer.api.add(&campaign, &people).await;
    dialer.api.command(&campaign, "start").await.ok();
    let recorder = dialer.simulator.recorder();
    (dialer, campaign, recorder)
}

/// Changes the campaign; when that was answered.
async fn change(dialer: &Dialer, campaign: &str, fields: Value) -> DateTime<Utc> {
    let path = format!("/api/campaigns/{campaign}");
    dialer.api.put(&path, fields).await.ok();
    Utc::now()
}

async fn a_raised_limit_is_used_and_a_lowered_one_kept_at_once(stack: Stack) {
    let (dialer, campaign, recorder) =
        running(stack, 280, LONG_MS, json!({ "maxConcurrentCalls": 4 })).await;
    let uses = async |limit: usize, patience: Duration| {
        let what = format!("{limit} calls at once");
        eventually(&what, patience, async || {
            (recorder.max_concurrent() >= limit).then_some(())
        })
        .await;
        assert_eq!(recorder.max_concurrent(), limit);
    };
    uses(4, PATIENCE).await;
    change(&dialer, &campaign, json!({ "maxConcurrentCalls": 20 })).await;
    uses(20, PATIENCE).await;

    // By the other generation this time.
    let path = format!("/api/v1/campaigns/{campaign}");
    let lowered = json!({ "settings": { "concurrentCallsLimit": 3 } });
    dialer.api.patch(&path, lowered).await.ok();
    let lowered_at = Utc::now();
    // What was on its way to the carrier may still arrive; whatever is begun now finds room below the new limit.
    let later = eventually("calls begin under the new limit", PATIENCE, async || {
        let mut later = recorder.created_since(lowered_at);
        later.retain(|call| begun_at(call) > lowered_at);
        (later.len() > 9).then_some(later)
    })
    .await;
    let most = later.iter().map(|call| call.live_at_acceptance).max();
    assert_eq!(most, Some(3), "the limit is kept, and used");
    uses(20, PATIENCE).await;
    assert!(recorder.overlaps().is_empty());
}

/// A daily window of two hours that begins `hours` from now, by the clock of UTC.
fn window(hours: i64) -> Value {
    let time = |hours| {
        let at = Utc::now() + TimeDelta::hours(hours);
        at.format("%H:%M").to_string()
    };
    json!({ "timezone": "UTC", "dailyStartTime": time(hours), "dailyEndTime": time(hours + 2) })
}

async fn a_window_that_closes_stops_new_calls_and_one_that_opens_begins_them(stack: Stack) {
    let mut fields = window(-1);
    fields["maxConcurrentCalls"] = json!(20);
    let (dialer, campaign, recorder) = running(stack, 281, SHORT_MS, fields).await;
    let swing = async |from: usize| {
        eventually("calls are made", PATIENCE, async || {
            (recorder.len() > from + 60).then_some(())
        })
        .await;
    };
    // The window of the day, and the first day itself.
    let tomorrow = json!({ "startDate": Utc::now() + TimeDelta::days(1) });
    for (closed, open) in [
        (window(3), window(-1)),
        (tomorrow, json!({ "startDate": null })),
    ] {
        swing(recorder.len()).await;
        let closed_at = change(&dialer, &campaign, closed).await;
        eventually("nothing is live or waits", PATIENCE, async || {
            let figures = dialer.api.figures(&campaign).await;
            let is_quiet = figures["activeCallsCount"] == 0 && figures["queueLength"] == 0;
            (is_quiet && recorder.live_now() == 0).then_some(())
        })
        .await;
        let is_late = |call: &RecordedCall| begun_at(call) > closed_at;
        let late = recorder
            .created_since(closed_at)
            .into_iter()
            .filter(is_late)
            .count();
        assert_eq!(late, 0, "calls begun after the answer");
        assert_eq!(dialer.api.campaign(&campaign).await["status"], "active");
        let before = recorder.len();
        change(&dialer, &campaign, open).await;
        eventually("a call begins", PATIENCE, async || {
            (recorder.len() > before).then_some(())
        })
        .await;
    }
    assert!(recorder.overlaps().is_empty());
    assert!(recorder.max_concurrent() <= 20);
}

async fn a_contact_is_called_by_its_own_clock(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let mut fields = window(-1);
    fields["maxConcurrentCalls"] = json!(10);
    let campaign = dialer.api.create_campaign(fields).await;
    // Where neither the same hour nor the next is shown as in UTC.
    let zones = [
        "",
        "Asia/Kolkata",
        "Pacific/Honolulu",
        "Atlantic/Reykjavik",
        "Asia/Tokyo",
        "UTC",
    ];
    let person = |index: usize| Person {
        number: number(282, index),
        script: vec![Behaviour::Answer { talk_ms: SHORT_MS }],
    };
    let people: Vec<Person> = (0..24).map(person).collect();
    dialer.rehearse(&people);
    let zone = |index: usize| zones[index % zones.len()];
    let is_open = |index: usize| matches!(zone(index), "" | "UTC" | "Atlantic/Reykjavik");
    let contacts: Vec<Value> = people
        .iter()
        .enumerate()
        .map(|(index, person)| json!({ "phoneNumber": person.number, "timezone": zone(index) }))
        .collect();
    let path = format!("/api/v1/campaigns/{campaign}/contacts");
    dialer
        .api
        .post(&path, json!({ "contacts": contacts }))
        .await
        .ok();
    dialer.api.command(&campaign, "start").await.ok();
    let recorder = dialer.simulator.recorder();
    eventually("whose window is open is reached", PATIENCE, async || {
        let done = dialer.api.figures(&campaign).await;
        (done["processedNumbers"] == 12).then_some(())
    })
    .await;
    for (index, person) in people.iter().enumerate() {
        let calls = recorder.calls_to(&person.number).len();
        assert_eq!(
            calls,
            usize::from(is_open(index)),
            "{} in {:?}",
            person.number,
            zone(index)
        );
    }
    let waiting = dialer.api.get(&format!("{path}?status=pending")).await.ok();
    assert_eq!(waiting["data"]["total"], 12);
    assert_eq!(dialer.api.campaign(&campaign).await["status"], "active");
    // Unless the campaign's own clock is what counts.
    let own_clock = json!({ "scheduleConfig": { "useContactTimezone": false } });
    change(&dialer, &campaign, own_clock).await;
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;
    assert_eq!(recorder.len(), 24);
}
