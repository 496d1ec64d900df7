//! A carrier that fails is left alone, by all workers at once, and nobody is charged or lost for it (P4, P6).
//!
//! Five faults within a minute, and at least half of all answers, are a burst; then half a minute of rest.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use carriers::{CampaignFault, CarrierKind, FoundCall, LookedUp, PlaceError};
use chrono::TimeDelta;
use domain::breaker::{Admission, Standing};
use domain::gate::Why;
use domain::progress::{End, News};
use engine::EngineError;
use engine::dialing::{Placed, SingleCall};
use entity::contact;
use sea_orm::{ActiveModelTrait, Set};
use tokio::sync::Notify;

use crate::on_both;
use crate::stage::{On, Stage};

const HELD_BACK: Placed = Placed::Returned(Why::HeldBack);

fn unavailable() -> PlaceError {
    PlaceError::Retryable {
        not_before: None,
        source: anyhow::anyhow!("503"),
    }
}

fn too_many(wait_s: u64) -> PlaceError {
    PlaceError::Busy {
        not_before: Some(Duration::from_secs(wait_s)),
        source: anyhow::anyhow!("429"),
    }
}

fn asked(stage: &Stage) -> usize {
    stage.carrier.placed.lock().len()
}

async fn standing(stage: &Stage) -> Standing {
    let db = stage.database.reader();
    let breaker = engine::store::breakers::find(db, CarrierKind::SignalWire).await;
    breaker.expect("a breaker").standing(stage.now())
}

/// The carrier fails so many times from now on.
fn fails(stage: &Stage, times: usize) {
    let faults = (0..times).map(|_| Err(unavailable()));
    stage.carrier.answers.lock().extend(faults);
}

/// Ten people, and a carrier that was asked five times and failed each time.
async fn opened(stage: &mut Stage) {
    stage.people(10, "").await;
    fails(stage, 5);
    while standing(stage).await == Standing::Closed {
        assert!(!stage.dial().await.is_empty(), "nobody is due");
    }
    assert_eq!(asked(stage), 5);
}

fn rest(stage: &Stage) {
    stage.clock.advance(TimeDelta::seconds(30));
}

async fn everybody_is_called_once(stage: &mut Stage, already: usize) {
    let before = asked(stage) - already;
    for _ in 0..40 {
        stage.dial().await;
        stage.all_end(End::Completed).await;
        stage.clock.advance(TimeDelta::seconds(1));
        stage.repair().await;
    }
    let contacts = stage.contacts().await;
    assert!(
        contacts
            .iter()
            .all(|contact| (contact.status.as_str(), contact.attempts) == ("completed", 1)),
        "{contacts:?}"
    );
    let placed = stage.carrier.placed.lock()[before..].to_vec();
    let called: BTreeSet<&str> = placed.iter().map(|call| call.to.expose()).collect();
    assert_eq!((placed.len(), called.len()), (10, 10), "each of them once");
    stage.counters_are_right().await;
}

async fn wanted(stage: &Stage) -> SingleCall {
    SingleCall {
        owner: domain::UserId::from_uuid(stage.campaign().await.owner_id),
        to: domain::PhoneNumber::from_stored("+12025559000".to_owned()),
        from: domain::PhoneNumber::from_stored("+12025550100".to_owned()),
        agent_id: "agent_demo".to_owned(),
        parameters: serde_json::Map::new(),
        record: None,
    }
}

/// Seconds pass, and somebody asks for prices; for how many calls.
async fn ask_after(stage: &Stage, seconds: i64) -> usize {
    stage.clock.advance(TimeDelta::seconds(seconds));
    stage.dialing.ask_prices().await.expect("a run")
}

on_both! {
    async fn a_burst_of_faults_stops_all_calls_and_charges_nobody(stage: Stage) {
        let mut stage = stage;
        opened(&mut stage).await;
        for _ in 0..29 {
            stage.clock.advance(TimeDelta::seconds(1));
            stage.repair().await;
            stage.dial().await;
        }
        assert_eq!(asked(&stage), 5, "the carrier is left alone");
        assert!(stage.contacts().await.iter().all(|contact| (contact.status.as_str(), contact.attempts) == ("pending", 0)));
        assert!(stage.calls().await.is_empty());
        let counters = stage.counters().await;
        assert_eq!((counters.live, counters.queued, counters.calling), (0, 0, 0));
        assert_eq!(stage.campaign().await.status, "active");
        stage.counters_are_right().await;
    }

    async fn jobs_that_wait_already_are_given_back_before_they_take_a_slot(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(10)).await;
        stage.people(10, "").await;
        fails(&stage, 5);
        let done = stage.dial().await;
        let undone = done.iter().filter(|done| **done == Placed::Undone).count();
        let held_back = done.iter().filter(|done| **done == HELD_BACK).count();
        assert_eq!((undone, held_back), (5, 5));
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
    }

    async fn after_its_rest_one_call_at_a_time_tries_the_carrier(stage: Stage) {
        let mut stage = stage;
        opened(&mut stage).await;
        for round in 1..=3 {
            rest(&stage);
            fails(&stage, 1);
            assert_eq!(stage.dial().await, [Placed::Undone]);
            assert!(stage.dial().await.is_empty());
            assert_eq!(asked(&stage), 5 + round);
        }
        stage.counters_are_right().await;
    }

    async fn who_tries_in_vain_does_not_try_next_time_even_if_first_in_line(stage: Stage) {
        let mut stage = stage;
        opened(&mut stage).await;
        let callbacks = serde_json::json!({ "enabled": true, "maxAttempts": 2, "delayMinutes": 30 });
        stage.change(|row| row.callback_config = Set(Some(callbacks))).await;
        let callback = contact::ActiveModel {
            id: Set(stage.contact().await.id),
            priority: Set(0),
            next_attempt_at: Set(Some(stage.now())),
            ..Default::default()
        };
        callback.update(stage.database.writer()).await.expect("a callback");
        rest(&stage);
        fails(&stage, 1);
        assert_eq!(stage.dial().await, [Placed::Undone]);
        rest(&stage);
        assert!(matches!(stage.dial().await[..], [Placed::Dialled(_)]));
        let called = stage.carrier.placed.lock()[5..].to_vec();
        assert_eq!(called[0].to.expose(), stage.contact().await.phone_number);
        assert_ne!(called[0].to.expose(), called[1].to.expose());
    }

    async fn two_workers_let_one_call_through_between_them(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(10)).await;
        stage.people(10, "").await;
        let workers = [Arc::clone(&stage.dialing), stage.another_worker()];
        fails(&stage, 5);
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        let first: Vec<_> = (0..5).map(|_| stage.next_job().expect("a job")).collect();
        for held in first {
            assert_eq!(stage.dialing.place(&held.job).await.expect("done"), Placed::Undone);
        }
        rest(&stage);
        stage.carrier.silence.lock().replace(Arc::default());
        let asked_before = asked(&stage);
        let mut jobs = Vec::new();
        while let Some(held) = stage.next_job() {
            jobs.push(held.job.clone());
        }
        assert_eq!(jobs.len(), 5);
        let tasks: Vec<_> = jobs
            .into_iter()
            .enumerate()
            .map(|(index, job)| {
                let worker = Arc::clone(&workers[index % 2]);
                tokio::spawn(async move { worker.place(&job).await.expect("done") })
            })
            .collect();
        // All but the one that the carrier does not answer are done.
        while tasks.iter().filter(|task| task.is_finished()).count() < 4 {
            tokio::task::yield_now().await;
        }
        while asked(&stage) == asked_before {
            tokio::task::yield_now().await;
        }
        let mut waiting = 0;
        for task in tasks {
            if task.is_finished() {
                assert_eq!(task.await.expect("done"), HELD_BACK);
            } else {
                task.abort();
                waiting += 1;
            }
        }
        assert_eq!((waiting, asked(&stage) - asked_before), (1, 1));
        assert_eq!(standing(&stage).await, Standing::HalfOpen);
    }

    async fn a_rest_that_ends_while_locks_are_waited_for_still_lets_one_call_through(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(10)).await;
        stage.people(10, "").await;
        fails(&stage, 5);
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        for _ in 0..5 {
            let held = stage.next_job().expect("a job");
            assert_eq!(stage.dialing.place(&held.job).await.expect("done"), Placed::Undone);
        }
        // A worker that asked when the rest was not over, and decides when it is.
        let held = stage.next_job().expect("a job");
        stage.clock.advance(TimeDelta::seconds(29));
        stage.clock.jump_at_reading(2, TimeDelta::seconds(2));
        assert_eq!(stage.dialing.place(&held.job).await.expect("done"), HELD_BACK);
        assert_eq!(asked(&stage), 5);
        let held = stage.next_job().expect("a job");
        assert!(matches!(stage.dialing.place(&held.job).await.expect("done"), Placed::Dialled(_)));
        stage.counters_are_right().await;
    }

    async fn once_the_carrier_is_back_everybody_is_called_once(stage: Stage) {
        let mut stage = stage;
        opened(&mut stage).await;
        rest(&stage);
        assert!(matches!(stage.dial().await[..], [Placed::Dialled(_)]));
        assert_eq!(standing(&stage).await, Standing::Closed);
        everybody_is_called_once(&mut stage, 1).await;
        assert_eq!(stage.campaign().await.status, "completed");
    }

    async fn a_worker_that_dies_with_the_probe_costs_its_time_and_no_contact(stage: Stage) {
        let mut stage = stage;
        opened(&mut stage).await;
        rest(&stage);
        let held = stage.queued_job().await;
        stage.carrier.silence.lock().replace(Arc::default());
        let dying = tokio::spawn({
            let worker = stage.another_worker();
            async move { worker.place(&held.job).await }
        });
        while asked(&stage) == 5 {
            tokio::task::yield_now().await;
        }
        dying.abort();
        assert!(dying.await.is_err(), "it died");
        stage.carrier.silence.lock().take();
        stage.clock.advance(TimeDelta::seconds(29));
        assert!(stage.dial().await.is_empty());
        assert_eq!(standing(&stage).await, Standing::HalfOpen);
        stage.clock.advance(TimeDelta::seconds(1));
        assert!(matches!(stage.dial().await[..], [Placed::Dialled(_)]));
        for call in stage.live_calls().await.iter().filter(|call| call.carrier_call_id.is_some()) {
            stage.hear(call, vec![News::Ended { end: End::Completed, duration_s: Some(30) }]).await;
        }
        // The carrier does not know the dead worker's call: its contact is called again, uncharged.
        stage.clock.advance(TimeDelta::seconds(60));
        stage.repair().await;
        assert_eq!(stage.counters().await.live, 0);
        everybody_is_called_once(&mut stage, 1).await;
    }

    async fn a_probe_that_is_not_sent_leaves_its_place_to_the_next(stage: Stage) {
        let mut stage = stage;
        opened(&mut stage).await;
        rest(&stage);
        let held = stage.queued_job().await;
        // Frozen between the decision and the request.
        stage.clock.jump_at_reading(3, TimeDelta::seconds(6));
        assert_eq!(stage.dialing.place(&held.job).await.expect("done"), Placed::Undone);
        assert_eq!(asked(&stage), 5);
        assert!(matches!(stage.dial().await[..], [Placed::Dialled(_)]));
        stage.counters_are_right().await;
    }

    async fn doubt_counts_as_a_fault_and_calls_in_doubt_are_looked_up_meanwhile(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(10)).await;
        stage.people(10, "").await;
        let doubt = || Err(PlaceError::Ambiguous(anyhow::anyhow!("timed out")));
        stage.carrier.answers.lock().extend((0..5).map(|_| doubt()));
        stage.dial().await;
        assert_eq!((asked(&stage), standing(&stage).await), (5, Standing::Open));
        assert_eq!(stage.counters().await.live, 5);
        stage.clock.advance(TimeDelta::seconds(30));
        let name = "sid-found".to_owned();
        let found = FoundCall {
            carrier_call_id: name.clone(),
            created_at: Some(stage.now() - TimeDelta::seconds(30)),
            news: vec![
                News::Accepted { carrier_call_id: name },
                News::Ended { end: End::Completed, duration_s: Some(20) },
            ],
            status: "completed".to_owned(),
            duration_s: Some(20),
            price: None,
        };
        stage.carrier.look_ups.lock().push_back(LookedUp::Found(vec![found]));
        assert_eq!(stage.repair().await, 5, "all of them are asked about");
        assert_eq!(stage.counters().await.live, 4);
        stage.counters_are_right().await;
    }

    async fn live_calls_go_on_and_give_their_slots_back(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(8)).await;
        stage.people(12, "").await;
        stage.carrier.answers.lock().extend((0..3).map(|index| Ok(carriers::Placed {
            carrier_call_id: format!("sid-{index}"),
        })));
        fails(&stage, 5);
        stage.dial().await;
        assert_eq!((standing(&stage).await, stage.counters().await.live), (Standing::Open, 3));
        stage.all_end(End::Completed).await;
        assert_eq!(stage.counters().await.live, 0);
        assert_eq!(stage.counters().await.completed, 3);
        stage.counters_are_right().await;
    }

    async fn refusals_of_numbers_and_accounts_are_no_faults(stage: Stage) {
        let mut stage = stage;
        stage.people(9, "").await;
        let rejected = || PlaceError::Rejected { reason: "no such number".to_owned(), code: Some(21211) };
        stage.carrier.answers.lock().extend((0..9).map(|_| Err(rejected())));
        for _ in 0..3 {
            stage.dial().await;
        }
        assert_eq!((asked(&stage), standing(&stage).await), (9, Standing::Closed));
    }

    async fn an_account_refused_while_the_carrier_is_tried_pauses_the_campaign_and_ends_the_wait(stage: Stage) {
        let mut stage = stage;
        opened(&mut stage).await;
        rest(&stage);
        let fault = PlaceError::Fault { fault: CampaignFault::Credentials, reason: "20003".to_owned() };
        stage.carrier.answers.lock().push_back(Err(fault));
        assert_eq!(stage.dial().await, [Placed::Undone]);
        assert_eq!(standing(&stage).await, Standing::Closed);
        assert_eq!(stage.campaign().await.status, "paused");
        stage.counters_are_right().await;
    }

    async fn a_carrier_that_asks_for_patience_gets_it_from_all_workers_and_is_not_taken_for_faulty(stage: Stage) {
        let mut stage = stage;
        stage.people(10, "").await;
        let first = stage.queued_job().await;
        stage.carrier.answers.lock().push_back(Err(too_many(60)));
        assert_eq!(stage.dialing.place(&first.job).await.expect("done"), Placed::Undone);
        let other = stage.another_worker();
        while let Some(held) = stage.next_job() {
            assert_eq!(other.place(&held.job).await.expect("done"), HELD_BACK);
        }
        stage.clock.advance(TimeDelta::seconds(59));
        stage.repair().await;
        assert!(stage.dial().await.is_empty());
        assert_eq!((asked(&stage), standing(&stage).await), (1, Standing::Closed));
        stage.clock.advance(TimeDelta::seconds(1));
        assert_eq!(stage.dial().await.len(), 3, "all of them at once, not one at a time");
        everybody_is_called_once(&mut stage, 3).await;
    }

    async fn what_went_well_at_other_workers_counts_within_a_second(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(20)).await;
        stage.people(30, "").await;
        let other = stage.another_worker();
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        for _ in 0..10 {
            let held = stage.next_job().expect("a job");
            other.place(&held.job).await.expect("done");
        }
        other.watch_carrier().await.expect("a look");
        fails(&stage, 9);
        stage.work().await;
        assert_eq!((asked(&stage), standing(&stage).await), (20, Standing::Closed), "nine of twenty");
    }

    async fn nobody_is_called_by_hand_while_the_carrier_is_left_alone(stage: Stage) {
        let mut stage = stage;
        opened(&mut stage).await;
        let refused = stage.dialing.call_once(wanted(&stage).await).await.expect_err("refused");
        let EngineError::Unavailable { retry_after, .. } = refused else { panic!("{refused:?}") };
        assert_eq!(retry_after, Duration::from_secs(30));
        assert!(stage.calls().await.is_empty());
        assert_eq!(asked(&stage), 5);
        // It may as well be the call that tries the carrier.
        rest(&stage);
        stage.dialing.call_once(wanted(&stage).await).await.expect("a call");
        assert_eq!((asked(&stage), standing(&stage).await), (6, Standing::Closed));
    }

    async fn who_hangs_up_on_the_call_that_tries_the_carrier_does_not_keep_others_waiting(stage: Stage) {
        let mut stage = stage;
        opened(&mut stage).await;
        rest(&stage);
        let silence = Arc::new(Notify::new());
        stage.carrier.silence.lock().replace(Arc::clone(&silence));
        let asking = {
            let (dialing, wanted) = (Arc::clone(&stage.dialing), wanted(&stage).await);
            tokio::spawn(async move { dialing.call_once(wanted).await })
        };
        while asked(&stage) == 5 {
            tokio::task::yield_now().await;
        }
        assert_eq!(standing(&stage).await, Standing::HalfOpen);
        asking.abort();
        assert!(asking.await.expect_err("aborted").is_cancelled());
        silence.notify_one();
        stage.dialing.finish().await;
        assert_eq!((asked(&stage), standing(&stage).await), (6, Standing::Closed));
    }

    async fn nobody_asks_for_prices_while_the_carrier_is_left_alone_or_asks_for_patience(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(8)).await;
        stage.people(12, "").await;
        stage.carrier.answers.lock().extend((0..3).map(|index| Ok(carriers::Placed {
            carrier_call_id: format!("sid-{index}"),
        })));
        fails(&stage, 5);
        stage.dial().await;
        stage.all_end(End::Completed).await;
        assert_eq!(ask_after(&stage, 29).await, 0, "they are due after 20 s");
        assert_eq!(ask_after(&stage, 1).await, 3, "nobody need be due who could try the carrier");
        stage.carrier.answers.lock().push_back(Err(too_many(200)));
        stage.wake().await;
        assert_eq!(stage.dial().await, [Placed::Undone]);
        assert_eq!(ask_after(&stage, 199).await, 0, "they are due again after 2 min");
        assert_eq!(ask_after(&stage, 1).await, 3);
    }

    async fn a_campaign_ends_in_time_while_the_carrier_is_left_alone(stage: Stage) {
        let mut stage = stage;
        opened(&mut stage).await;
        let end = stage.now() + TimeDelta::seconds(10);
        stage.change(|row| row.end_date = Set(Some(end))).await;
        stage.repair().await;
        stage.clock.advance(TimeDelta::seconds(10));
        for _ in 0..3 {
            stage.repair().await;
        }
        assert_eq!(stage.campaign().await.status, "completed");
        assert!(stage.contacts().await.iter().all(|contact| (contact.status.as_str(), contact.attempts) == ("canceled", 0)));
        stage.counters_are_right().await;
    }
}

/// On Postgres alone: SQLite has one writer, and everybody waits for it.
#[tokio::test]
async fn whoever_asks_nothing_of_the_carrier_does_not_wait_for_who_tries_it() {
    let mut stage = Stage::set(On::Postgres).await;
    opened(&mut stage).await;
    rest(&stage);
    let config = serde_json::json!({ "route": "agent" });
    stage
        .change(|row| {
            row.voice_agent_id = Set(Some("agent_demo".to_owned()));
            row.agent_config = Set(Some(config));
        })
        .await;
    let txn = stage.database.begin().await.expect("a transaction");
    let locked = engine::store::breakers::lock(&txn, CarrierKind::SignalWire).await;
    let admission = locked.expect("the lock").admits(stage.now());
    assert_eq!(admission, Admission::Probe);
    let dialled = tokio::time::timeout(Duration::from_secs(20), stage.dial()).await;
    let dialled = dialled.expect("nobody waits for the lock");
    assert!(matches!(dialled[..], [Placed::Dialled(_), ..]));
    drop(txn);
}
