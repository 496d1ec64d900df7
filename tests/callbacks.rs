//! Callbacks as the carrier sees them: when, how often, and before whom.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde_json::{Value, json};
use simulator::{Behaviour, RecordedCall};

use crate::support::campaign::{instant, run_with};
use crate::support::dialer::MINUTE_MS;
use crate::support::people::{Person, TALK_MS, number};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    a_time_asked_for_is_honoured_and_the_delay_where_none_was,
    where_callbacks_are_off_whoever_asks_is_not_called_again,
    whoever_always_asks_is_called_back_as_often_as_is_granted,
    a_callback_that_is_due_goes_before_a_retry_that_is_due,
    a_time_after_the_window_is_moved_to_the_next_opening,
);

/// Asks to be called back, at a time if `after_ms` real milliseconds from the hang-up are one.
const fn asks(after_ms: Option<u64>) -> Behaviour {
    Behaviour::AskForCallback {
        talk_ms: TALK_MS,
        callback_after_ms: after_ms,
    }
}

const fn person(number: String, script: Vec<Behaviour>) -> Person {
    Person { number, script }
}

const ANSWER: Behaviour = Behaviour::Answer { talk_ms: TALK_MS };

/// The end of the first call and the begin of the second, by the carrier's clock.
fn between(dialer: &Dialer, person: &Person) -> (DateTime<Utc>, DateTime<Utc>) {
    let calls = dialer.simulator.recorder().calls_to(&person.number);
    let [first, second] = &calls[..] else {
        panic!("two calls: {calls:?}")
    };
    (first.ended_at.expect("over"), second.arrived_at)
}

/// When the one person who named a time wants to be called, as the conversation's report has it.
async fn time_asked_for(dialer: &Dialer, campaign: &str) -> DateTime<Utc> {
    let path = format!("/api/campaigns/{campaign}/conversations");
    let found = dialer.api.get(&path).await.ok();
    let talks = found["conversations"].as_array().expect("a list").iter();
    let mut times = talks.filter(|talk| talk["callbackAt"].is_string());
    let asked = times.next().expect("somebody named a time");
    assert!(times.next().is_none(), "nobody else did: {found}");
    instant(&asked["callbackAt"]).to_utc()
}

async fn statistics(dialer: &Dialer, campaign: &str) -> Value {
    let path = format!("/api/campaigns/{campaign}/statistics");
    dialer.api.get(&path).await.ok()["statistics"].take()
}

/// Contacts who asked, calls in which it was asked, calls that led to a callback.
async fn asked_and_granted(dialer: &Dialer, campaign: &str) -> [Value; 3] {
    let mut found = statistics(dialer, campaign).await;
    [
        dialer.api.campaign(campaign).await["stats"]["callbackCount"].take(),
        found["outcomesMetrics"]["callbackRequests"].take(),
        found["callMetrics"]["callbacksScheduled"].take(),
    ]
}

async fn contacts(dialer: &Dialer, campaign: &str) -> Vec<Value> {
    let path = format!("/api/campaigns/{campaign}/contacts");
    let mut found = dialer.api.get(&path).await.ok();
    match found["contacts"].take() {
        Value::Array(contacts) => contacts,
        other => panic!("a list: {other}"),
    }
}

async fn a_time_asked_for_is_honoured_and_the_delay_where_none_was(stack: Stack) {
    const ASKED_MS: i64 = 3_000;
    const DELAY_MINUTES: i64 = 8;
    let dialer = Dialer::start(stack, Options::default()).await;
    let names_a_time = asks(Some(ASKED_MS.unsigned_abs()));
    let people = [
        person(number(701, 0), vec![names_a_time, ANSWER]),
        person(number(701, 1), vec![asks(None), ANSWER]),
    ];
    let callbacks = json!({ "enabled": true, "maxAttempts": 1, "delayMinutes": DELAY_MINUTES });
    let campaign = run_with(&dialer, json!({ "callbackConfig": callbacks }), &people).await;
    let delay = TimeDelta::milliseconds(DELAY_MINUTES * MINUTE_MS);
    let asked_for = time_asked_for(&dialer, &campaign).await;
    let (ended, called) = between(&dialer, &people[0]);
    let ahead = asked_for - ended;
    assert!(
        (ahead.num_milliseconds() - ASKED_MS).abs() < 1_000,
        "{ahead}"
    );
    assert!(
        asked_for <= called,
        "called back {} too early",
        asked_for - called
    );
    assert!(
        called < ended + delay,
        "the time asked for counts, not the delay"
    );
    let (ended, called) = between(&dialer, &people[1]);
    assert!(
        ended + delay <= called,
        "called back {} after the call",
        called - ended
    );
    assert_eq!(asked_and_granted(&dialer, &campaign).await, [2, 2, 2]);
}

async fn where_callbacks_are_off_whoever_asks_is_not_called_again(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let off = json!({ "enabled": false, "maxAttempts": 5, "delayMinutes": 0 });
    for (index, callbacks) in [off, Value::Null].into_iter().enumerate() {
        let people = [person(number(702, index), vec![asks(Some(500)), ANSWER])];
        let campaign = run_with(&dialer, json!({ "callbackConfig": callbacks }), &people).await;
        // The campaign is completed: nobody is called any more.
        let calls = dialer.simulator.recorder().calls_to(&people[0].number);
        assert_eq!(calls.len(), 1, "{callbacks}");
        let contact = contacts(&dialer, &campaign).await.remove(0);
        assert_eq!(
            (&contact["status"], &contact["attempts"]),
            (&json!("completed"), &json!(1))
        );
        assert_eq!(contact["nextAttemptAt"], Value::Null);
        assert_eq!(asked_and_granted(&dialer, &campaign).await, [1, 1, 0]);
    }
}

async fn whoever_always_asks_is_called_back_as_often_as_is_granted(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    // On top of the attempts, however many of those there are.
    for (index, (granted, attempts)) in [(0, 3), (1, 3), (1, 1), (2, 1)].into_iter().enumerate() {
        let people = [person(number(703, index), vec![asks(None)])];
        let fields = json!({
            "callAttemptsPerContact": attempts,
            "callbackConfig": { "enabled": true, "maxAttempts": granted, "delayMinutes": 1 },
        });
        let campaign = run_with(&dialer, fields, &people).await;
        let calls = dialer.simulator.recorder().calls_to(&people[0].number);
        assert_eq!(calls.len(), 1 + granted, "{granted} on top of {attempts}");
        let contact = contacts(&dialer, &campaign).await.remove(0);
        assert_eq!(contact["status"], "completed", "was reached: {contact}");
        let figures = asked_and_granted(&dialer, &campaign).await;
        assert_eq!(figures, [1, 1 + granted, granted]);
    }
}

async fn a_callback_that_is_due_goes_before_a_retry_that_is_due(stack: Stack) {
    const CALLBACK_MINUTES: i64 = 3;
    const LONG_TALK_MS: u64 = 280_000;
    let dialer = Dialer::start(stack, Options::default()).await;
    let talks_long = Behaviour::Answer {
        talk_ms: LONG_TALK_MS,
    };
    let people = [
        person(number(704, 0), vec![Behaviour::Busy, ANSWER]),
        person(number(704, 1), vec![asks(None), ANSWER]),
        person(number(704, 2), vec![talks_long]),
    ];
    let fields = json!({
        "maxConcurrentCalls": 1, "retryDelay": 1,
        "callbackConfig": { "enabled": true, "maxAttempts": 1, "delayMinutes": CALLBACK_MINUTES },
    });
    run_with(&dialer, fields, &people).await;
    let calls = dialer.simulator.recorder().calls();
    let called: Vec<&str> = calls.iter().map(|call| &*call.to).collect();
    let order = [0, 1, 2, 1, 0].map(|who: usize| &*people[who].number);
    assert_eq!(called, order, "the callback before the retry");
    // Both were due while the third person talked, the retry for longer.
    let ended = |call: &RecordedCall| call.ended_at.expect("over");
    let retry_due = ended(&calls[0]) + TimeDelta::milliseconds(MINUTE_MS);
    let callback_due = ended(&calls[1]) + TimeDelta::milliseconds(CALLBACK_MINUTES * MINUTE_MS);
    assert!(retry_due < callback_due && callback_due < ended(&calls[2]));
}

/// The minute that is `hours` from now.
fn minute(hours: i64) -> DateTime<Utc> {
    let at = Utc::now() + TimeDelta::hours(hours);
    at.duration_trunc(TimeDelta::minutes(1)).expect("a minute")
}

async fn a_time_after_the_window_is_moved_to_the_next_opening(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let three_hours_ms = 3 * 3_600_000;
    let people = [person(
        number(705, 0),
        vec![asks(Some(three_hours_ms)), ANSWER],
    )];
    dialer.rehearse(&people);
    let (opened, closes) = (minute(-1), minute(1));
    let time = |at: DateTime<Utc>| at.format("%H:%M").to_string();
    let fields = json!({
        "timezone": "UTC", "dailyStartTime": time(opened), "dailyEndTime": time(closes),
    });
    let campaign = dialer.api.create_campaign(fields).await;
    dialer.api.add(&campaign, &people).await;
    dialer.api.command(&campaign, "start").await.ok();
    let contact = eventually("the callback is noted", PATIENCE, async || {
        let contact = contacts(&dialer, &campaign).await.remove(0);
        (contact["status"] == "contacted" && contact["nextAttemptAt"].is_string())
            .then_some(contact)
    })
    .await;
    let opens = opened + TimeDelta::days(1);
    assert_eq!(instant(&contact["nextAttemptAt"]), opens);
    assert_eq!(asked_and_granted(&dialer, &campaign).await, [1, 1, 1]);
    let calls = dialer.simulator.recorder().calls_to(&people[0].number);
    assert_eq!(calls.len(), 1);
}
