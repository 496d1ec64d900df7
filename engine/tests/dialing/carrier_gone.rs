//! A carrier that was taken out of the configuration, or that one process lacks (P2, P4).

use entity::phone_number;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use crate::on_both;
use crate::stage::Stage;

/// The number of the campaign on stage.
const NUMBER: &str = "+12025550100";

/// The campaign's number is Exotel's.
async fn at_exotel(stage: &Stage) {
    let row = phone_number::Model {
        id: "exophone".to_owned(),
        provider: "exotel".to_owned(),
        number: NUMBER.to_owned(),
        label: None,
        details: None,
        fetched_at: stage.now(),
        vanished_at: None,
    };
    let row = row.into_active_model().reset_all();
    row.insert(stage.database.writer()).await.expect("a number");
}

/// How many calls were asked of the first and of the other carrier.
fn asked(stage: &Stage) -> (usize, usize) {
    let of = |carrier: &crate::stage::ToldCarrier| carrier.placed.lock().len();
    (of(&stage.carrier), of(&stage.exotel))
}

on_both! {
    async fn a_call_whose_carrier_was_taken_out_gives_its_slot_back_in_the_end(stage: Stage) {
        let mut stage = stage;
        at_exotel(&stage).await;
        stage.people(1, "").await;
        stage.dial().await;
        let without = stage.without_exotel();
        // Four hours are the longest talk, ten minutes the patience for its conversation.
        for _ in 0..249 {
            stage.pass(1);
            without.check().await.expect("a look");
        }
        assert_eq!(stage.live_calls().await.len(), 1, "somebody may still talk");
        stage.pass(6);
        without.check().await.expect("a look");
        let call = stage.calls().await.remove(0);
        assert_eq!(call.outcome.as_deref(), Some("failed"));
        let error = call.error.expect("what went wrong");
        assert!(error.contains("exotel is not configured"), "{error}");
        assert_eq!(stage.contact().await.attempts, 1, "it is charged: the phone may have rung");
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
    }

    async fn calls_that_nobody_can_be_asked_about_leave_the_others_their_turn(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(10)).await;
        stage.people(1, "").await;
        stage.dial().await;
        at_exotel(&stage).await;
        stage.people(3, "").await;
        stage.dial().await;
        assert_eq!(asked(&stage), (1, 3));
        let without = stage.without_exotel();
        *stage.carrier.is_silent.lock() = true;
        stage.pass(2);
        assert_eq!(without.check().await.expect("a look"), 4);
        stage.pass(2);
        assert_eq!(without.check().await.expect("a look"), 1);
        // Whoever carries them is there again: they are asked about, a few minutes later.
        stage.pass(4);
        assert_eq!(stage.dialing.check().await.expect("a look"), 4);
    }

    async fn an_end_that_is_told_after_all_is_not_put_off(stage: Stage) {
        let mut stage = stage;
        at_exotel(&stage).await;
        stage.people(1, "").await;
        stage.dial().await;
        let without = stage.without_exotel();
        stage.pass(2);
        without.check().await.expect("a look");
        stage.all_end(domain::progress::End::Busy).await;
        let call = stage.calls().await.remove(0);
        assert_eq!(call.outcome.as_deref(), Some("busy"));
        assert_eq!(stage.counters().await.live, 0);
    }
}
