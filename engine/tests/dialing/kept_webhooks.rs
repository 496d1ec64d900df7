//! Webhooks that are answered before they are in the books.

use std::borrow::Cow;

use chrono::TimeDelta;
use domain::CallId;
use domain::progress::{End, News};
use engine::dialing::coalesce::BATCH_MAX;
use engine::dialing::{CallReport, CarrierSays, Learned, Told};
use engine::store::inbox::Receipt;
use engine::store::kept_webhooks::{Kept, keep, left_behind};
use entity::call;
use futures::FutureExt;
use uuid::Uuid;

use crate::on_both;
use crate::stage::{Stage, eventually};

/// What the carrier says at the end of `call`.
fn ended(stage: &Stage, call: &call::Model) -> CallReport {
    let says = CarrierSays {
        news: vec![News::Ended {
            end: End::Busy,
            duration_s: None,
        }],
        status: Some("busy".to_owned()),
        ..CarrierSays::default()
    };
    CallReport {
        call: CallId::from_uuid(call.id),
        receipt: Some(Receipt {
            key: format!("{}:busy", call.id),
            provider: "signalwire".into(),
            kind: "status".into(),
            received_at: stage.now(),
        }),
        learned: Learned::Carrier(says),
    }
}

fn told<'a>(receipt: &'a Receipt, says: &'a CarrierSays) -> Told<'a> {
    Told {
        receipt: Cow::Borrowed(receipt),
        says: Cow::Borrowed(says),
    }
}

/// Somebody keeps what `report` tells, and dies.
async fn somebody_keeps(stage: &Stage, report: &CallReport) {
    let (Learned::Carrier(says), Some(receipt)) = (&report.learned, &report.receipt) else {
        panic!("nobody keeps that");
    };
    let told = serde_json::to_string(&told(receipt, says)).expect("JSON");
    somebody_keeps_text(stage, report.call, told).await;
}

async fn somebody_keeps_text(stage: &Stage, call: CallId, told: String) {
    let kept = Kept {
        id: Uuid::now_v7(),
        call,
        at: stage.now(),
        told,
    };
    keep(stage.database.writer(), &[kept])
        .await
        .expect("it is kept");
}

async fn kept(stage: &Stage) -> usize {
    let some_day = stage.now() + TimeDelta::days(1);
    let left = left_behind(stage.database.writer(), some_day, Uuid::nil(), 100).await;
    left.expect("what is kept").len()
}

/// As many calls as there are people.
async fn calls(stage: &mut Stage, people: usize) -> Vec<call::Model> {
    stage.people(people, "").await;
    stage.dial().await;
    let live = stage.live_calls().await;
    assert_eq!(live.len(), people);
    live
}

on_both! {
    async fn where_few_wait_a_webhook_is_in_the_books_when_it_is_answered(stage: Stage) {
        let mut stage = stage;
        let call = calls(&mut stage, 1).await.remove(0);
        stage.dialing.learn_soon(ended(&stage, &call)).await.expect("it is taken in");
        assert_eq!(stage.live_calls().await.len(), 0);
        assert_eq!(kept(&stage).await, 0);
    }

    async fn a_webhook_that_is_kept_is_in_the_books_soon_and_kept_no_longer(stage: Stage) {
        let mut stage = stage;
        let call = calls(&mut stage, 1).await.remove(0);
        let keeper = stage.keeper();
        keeper.learn_soon(ended(&stage, &call)).await.expect("it is kept");
        eventually("it is in the books", async || stage.live_calls().await.is_empty()).await;
        assert_eq!(kept(&stage).await, 0);
        assert_eq!(stage.calls().await[0].ending.as_deref(), Some("busy"));
        stage.counters_are_right().await;
    }

    async fn where_several_batches_wait_a_webhook_waits_as_well(stage: Stage) {
        let mut stage = stage;
        let call = calls(&mut stage, 1).await.remove(0);
        let keeper = stage.keeper();
        let unknown = CallReport::news(CallId::from_uuid(Uuid::nil()), vec![News::Ringing]);
        for _ in 0..4 * BATCH_MAX {
            // It is in the queue, and nobody waits for its answer.
            assert!(keeper.learn(unknown.clone()).now_or_never().is_none());
        }
        keeper.learn_soon(ended(&stage, &call)).await.expect("it is taken in");
        assert_eq!(stage.live_calls().await.len(), 0);
    }

    async fn who_stops_waits_until_what_was_kept_is_in_the_books(stage: Stage) {
        let mut stage = stage;
        let call = calls(&mut stage, 1).await.remove(0);
        let keeper = stage.keeper();
        keeper.learn_soon(ended(&stage, &call)).await.expect("it is kept");
        keeper.finish().await;
        assert_eq!(stage.live_calls().await.len(), 0);
        assert_eq!(kept(&stage).await, 0);
    }

    async fn what_somebody_kept_who_died_is_taken_in_by_the_reconciler(stage: Stage) {
        let mut stage = stage;
        let call = calls(&mut stage, 1).await.remove(0);
        somebody_keeps(&stage, &ended(&stage, &call)).await;
        stage.clock.advance(TimeDelta::seconds(9));
        let run = stage.dialing.reconcile().await.expect("a run");
        assert_eq!(run.webhooks, 0, "whoever keeps it may be about to take it in");
        assert_eq!(stage.live_calls().await.len(), 1);
        stage.clock.advance(TimeDelta::seconds(2));
        let run = stage.dialing.reconcile().await.expect("a run");
        assert_eq!((run.webhooks, run.failed), (1, 0));
        assert_eq!(stage.live_calls().await.len(), 0);
        assert_eq!(kept(&stage).await, 0);
        stage.counters_are_right().await;
    }

    async fn a_webhook_that_is_kept_and_comes_again_counts_once(stage: Stage) {
        let mut stage = stage;
        let call = calls(&mut stage, 1).await.remove(0);
        let report = ended(&stage, &call);
        somebody_keeps(&stage, &report).await;
        somebody_keeps(&stage, &report).await;
        stage.dialing.learn(report).await.expect("it is taken in");
        let settled = stage.calls().await;
        stage.clock.advance(TimeDelta::seconds(11));
        let run = stage.dialing.reconcile().await.expect("a run");
        assert_eq!((run.webhooks, run.failed), (2, 0));
        assert_eq!(stage.calls().await, settled);
        assert_eq!(kept(&stage).await, 0);
        stage.counters_are_right().await;
    }

    async fn what_cannot_be_read_stops_nobody_and_is_forgotten_in_the_end(stage: Stage) {
        let mut stage = stage;
        let live = calls(&mut stage, 2).await;
        somebody_keeps_text(&stage, CallId::from_uuid(live[0].id), "{".to_owned()).await;
        somebody_keeps(&stage, &ended(&stage, &live[1])).await;
        stage.clock.advance(TimeDelta::seconds(11));
        let run = stage.dialing.reconcile().await.expect("a run");
        assert_eq!(run.failed, 1, "it is tried again");
        assert_eq!(stage.live_calls().await.len(), 1);
        assert_eq!(kept(&stage).await, 1);
        stage.clock.advance(TimeDelta::hours(1));
        let run = stage.dialing.reconcile().await.expect("a run");
        assert_eq!(run.failed, 0);
        assert_eq!(kept(&stage).await, 0);
    }
}

#[test]
fn what_is_kept_is_read_as_it_was_told() {
    let receipt = Receipt {
        key: "signalwire:1".to_owned(),
        provider: "signalwire".into(),
        kind: "status".into(),
        received_at: "2026-03-02T12:00:00.123456Z".parse().expect("an instant"),
    };
    let says = CarrierSays {
        carrier: Some(carriers::CarrierKind::Exotel),
        news: vec![
            News::Accepted {
                carrier_call_id: "a".to_owned(),
            },
            News::Ringing,
            News::Answered,
            News::Detected(domain::AnsweredBy::Machine),
            News::AgentFailed {
                reason: "busy".to_owned(),
            },
            News::Ended {
                end: End::NoAnswer,
                duration_s: Some(3),
            },
        ],
        status: Some("no-answer".to_owned()),
        price: carriers::Price::from_amount(-0.0135, "USD"),
        recording_url: Some("https://carrier.example/1".to_owned()),
        recording_s: Some(2),
        error: Some("an error".to_owned()),
        is_in_short: true,
    };
    assert!(says.price.is_some());
    let text = serde_json::to_string(&told(&receipt, &says)).expect("JSON");
    let read: Told = serde_json::from_str(&text).expect("JSON");
    assert_eq!(read, told(&receipt, &says));
    let older = r#"{"receipt":{"key":"k","provider":"p","kind":"k","received_at":"2026-03-02T12:00:00Z"},"says":{}}"#;
    let read: Told = serde_json::from_str(older).expect("JSON");
    assert_eq!(*read.says, CarrierSays::default());
    // What a newer version added is not for us to drop.
    for part in ["told", "receipt", "says", "news"] {
        let mut newer: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let object = match part {
            "told" => &mut newer,
            "news" => &mut newer["says"]["news"][5]["ended"],
            part => &mut newer[part],
        };
        object["more"] = serde_json::json!(1);
        assert!(serde_json::from_value::<Told>(newer).is_err(), "{part}");
    }
}
