//! A carrier that was taken out of the configuration, or that one process lacks (P2, P4).

use domain::{PhoneNumber, UserId};
use engine::EngineError;
use engine::dialing::SingleCall;
use sea_orm::Set;
use serde_json::Map;

use crate::on_both;
use crate::stage::Stage;

/// The number of the campaign on stage.
const NUMBER: &str = "+12025550100";

on_both! {
    async fn a_call_whose_carrier_was_taken_out_gives_its_slot_back_in_the_end(stage: Stage) {
        let mut stage = stage;
        stage.offered("exotel", NUMBER).await;
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
        stage.offered("exotel", NUMBER).await;
        stage.people(3, "").await;
        stage.dial().await;
        assert_eq!(stage.asked(), (1, 3));
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
        stage.offered("exotel", NUMBER).await;
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

    async fn a_number_whose_carrier_a_process_lacks_is_asked_of_nobody_else(stage: Stage) {
        let mut stage = stage;
        stage.offered("exotel", NUMBER).await;
        stage.people(1, "").await;
        let without = stage.without_exotel();
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        let job = stage.next_job().expect("a job").job.clone();
        let done = without.place(&job).await.expect("a job is done");
        assert_eq!(done.as_str(), "carrier_not_configured");
        stage.pass(2);
        stage.wake().await;
        without.top_up(stage.campaign).await.expect("a top-up");
        assert!(stage.next_job().is_none(), "nobody is queued where nobody can be called");
        assert_eq!(stage.asked(), (0, 0));
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("pending", 0));
        assert_eq!(stage.campaign().await.status, "active");
        stage.dial().await;
        assert_eq!(stage.asked(), (0, 1), "another process can");
        stage.counters_are_right().await;
    }

    async fn a_single_call_from_a_number_whose_carrier_is_lacking_is_refused(stage: Stage) {
        stage.offered("exotel", NUMBER).await;
        let wanted = SingleCall {
            owner: UserId::from_uuid(stage.campaign().await.owner_id),
            to: PhoneNumber::parse("+12025550155", None).expect("a number"),
            from: PhoneNumber::parse(NUMBER, None).expect("a number"),
            agent_id: "agent_demo".to_owned(),
            parameters: Map::new(),
            record: None,
        };
        match stage.without_exotel().call_once(wanted).await {
            Err(EngineError::Conflict { code, .. }) => assert_eq!(code, "carrier_not_configured"),
            other => panic!("{other:?}"),
        }
        assert_eq!(stage.asked(), (0, 0));
        assert_eq!(stage.calls().await.len(), 0);
    }
}
