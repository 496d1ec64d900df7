//! What becomes of callbacks that are owed once the campaign grants no more of them (P4).

use carriers::{FoundCall, ListedCall, PlaceError};
use chrono::TimeDelta;
use domain::gate::Why;
use domain::progress::{End, News};
use domain::{CallId, PhoneNumber};
use engine::dialing::{Placed, When};
use sea_orm::Set;
use serde_json::json;

use crate::agent_tools::{over, talking};
use crate::on_both;
use crate::stage::Stage;

/// Somebody was reached, asked to be called back and is owed that: half an hour later, twice if need be.
async fn whoever_asked(stage: &mut Stage) {
    let call = talking(stage).await;
    grant(
        stage,
        json!({ "enabled": true, "maxAttempts": 2, "delayMinutes": 30 }),
    )
    .await;
    let call_id = CallId::from_uuid(call.id);
    let asked = stage.dialing.schedule_callback(call_id, None).await;
    assert!(asked.expect("an answer").is_done);
    over(stage, &call).await;
}

async fn grant(stage: &Stage, callbacks: serde_json::Value) {
    stage
        .change(|row| row.callback_config = Set(Some(callbacks)))
        .await;
}

async fn is_off(stage: &Stage) {
    grant(stage, json!({ "enabled": false })).await;
}

/// The carrier's list tells of a busy call to `number` that nobody knows any more.
fn forgotten(stage: &Stage, number: String) -> ListedCall {
    let carrier_call_id = "sid-forgotten".to_owned();
    let ended = News::Ended {
        end: End::Busy,
        duration_s: None,
    };
    let accepted = News::Accepted {
        carrier_call_id: carrier_call_id.clone(),
    };
    ListedCall {
        people: vec![PhoneNumber::from_stored(number)],
        shown: None,
        found: FoundCall {
            carrier_call_id,
            created_at: Some(stage.now()),
            news: vec![accepted, ended],
            status: "busy".to_owned(),
            duration_s: None,
            price: None,
        },
    }
}

on_both! {
    async fn whoever_is_owed_a_callback_that_did_not_reach_them_is_tried_again_without_callbacks(stage: Stage) {
        let mut stage = stage;
        whoever_asked(&mut stage).await;
        stage.pass(30);
        stage.dial().await;
        assert!(stage.live_calls().await.remove(0).is_callback);
        stage.all_end(End::Busy).await;
        is_off(&stage).await;
        stage.pass(60);
        stage.dial().await;
        let attempt = stage.live_calls().await.remove(0);
        assert!(!attempt.is_callback);
        assert_eq!(stage.carrier.placed.lock().len(), 3);
        let contact = stage.contact().await;
        assert_eq!((contact.attempts, contact.callback_attempts), (3, 1));
        // It counts as one: of three attempts, one is left.
        for _ in 0..2 {
            stage.all_end(End::Busy).await;
            stage.pass(60);
            stage.dial().await;
        }
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("failed", 4));
        stage.counters_are_right().await;
    }

    async fn no_attempt_in_place_of_a_callback_is_made_before_the_delay_has_passed(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        let wished = When::At(stage.now() + TimeDelta::minutes(5));
        let asked = stage.dialing.schedule_callback(CallId::from_uuid(call.id), Some(wished)).await;
        assert!(asked.expect("an answer").is_done);
        stage.all_end(End::Failed).await;
        let ended_at = stage.now();
        assert_eq!(stage.contact().await.next_attempt_at, Some(ended_at + TimeDelta::minutes(5)));
        is_off(&stage).await;
        stage.pass(5);
        assert!(matches!(stage.dial().await[..], [Placed::Returned(Why::TooSoon)]));
        assert_eq!(stage.contact().await.next_attempt_at, Some(ended_at + TimeDelta::minutes(60)));
        stage.pass(55);
        stage.dial().await;
        assert!(!stage.live_calls().await.remove(0).is_callback);
        assert_eq!(stage.carrier.placed.lock().len(), 2);
        stage.counters_are_right().await;
    }

    async fn a_forgotten_call_to_whoever_was_owed_a_callback_counts_as_the_attempt_it_was(stage: Stage) {
        let mut stage = stage;
        whoever_asked(&mut stage).await;
        stage.pass(30);
        stage.dial().await;
        stage.all_end(End::Busy).await;
        is_off(&stage).await;
        stage.pass(60);
        let number = stage.contact().await.phone_number;
        stage.carrier.listed.lock().push(forgotten(&stage, number));
        stage.dialing.catch_up(Some(stage.now())).await.expect("it is asked");
        let contact = stage.contact().await;
        assert_eq!((contact.attempts, contact.callback_attempts), (3, 1));
        let calls = stage.calls().await;
        let known = calls.iter().find(|call| call.carrier_call_id.as_deref() == Some("sid-forgotten"));
        assert!(known.is_some_and(|call| !call.is_callback), "{calls:?}");
        stage.counters_are_right().await;
    }

    async fn whoever_was_reached_and_is_owed_a_callback_is_done_without_callbacks(stage: Stage) {
        let mut stage = stage;
        whoever_asked(&mut stage).await;
        is_off(&stage).await;
        stage.pass(30);
        stage.dial().await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("completed", 1));
        assert_eq!(stage.carrier.placed.lock().len(), 1);
        stage.counters_are_right().await;
    }

    async fn whoever_was_reached_and_whose_callback_was_lost_is_done_without_callbacks(stage: Stage) {
        let mut stage = stage;
        whoever_asked(&mut stage).await;
        stage.pass(30);
        let in_doubt = PlaceError::Ambiguous(anyhow::anyhow!("timed out"));
        stage.carrier.answers.lock().push_back(Err(in_doubt));
        stage.dial().await;
        is_off(&stage).await;
        stage.all_end(End::Lost).await;
        stage.dial().await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("completed", 1));
        stage.counters_are_right().await;
    }
}
