//! How often and how soon a contact is called (P2, P6).

use domain::progress::End;
use engine::dialing::{Placed, ToppedUp};

use crate::on_both;
use crate::stage::Stage;

on_both! {
    async fn a_busy_contact_is_retried_after_its_delay(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dial().await;
        stage.pass(2);
        stage.all_end(End::Busy).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("contacted", 1));
        assert_eq!(contact.next_attempt_at, Some(stage.now() + chrono::TimeDelta::minutes(60)));
        stage.pass(59);
        assert!(stage.dial().await.is_empty());
        stage.pass(1);
        assert!(matches!(stage.dial().await[..], [Placed::Dialled(_)]));
        stage.counters_are_right().await;
    }

    async fn a_contact_is_given_up_after_its_last_attempt(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        for _ in 0..3 {
            assert_eq!(stage.dial().await.len(), 1);
            stage.all_end(End::NoAnswer).await;
            stage.pass(60);
        }
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("failed", 3));
        assert_eq!(contact.last_outcome.as_deref(), Some("no_answer"));
        assert_eq!(stage.dialing.top_up(stage.campaign).await.expect("a top-up"), ToppedUp::Finished);
        assert_eq!(stage.campaign().await.status, "completed");
        stage.counters_are_right().await;
    }

    async fn a_reached_contact_is_not_called_again(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dial().await;
        stage.all_end(End::Completed).await;
        assert_eq!(stage.contact().await.status, "completed");
        stage.pass(600);
        assert!(stage.dial().await.is_empty());
        assert_eq!(stage.carrier.placed.lock().len(), 1);
    }

    async fn a_job_delivered_twice_dials_once(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let held = stage.queued_job().await;
        let (first, second) = tokio::join!(stage.dialing.place(&held.job), stage.dialing.place(&held.job));
        let outcomes = [first.expect("done"), second.expect("done")];
        assert!(outcomes.contains(&Placed::Stale), "{outcomes:?}");
        assert_eq!(stage.carrier.placed.lock().len(), 1);
        stage.counters_are_right().await;
    }

    async fn a_number_that_the_carrier_refuses_for_good_is_not_tried_again(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let refused = carriers::PlaceError::Rejected { reason: "no such number".to_owned(), code: Some(21211) };
        stage.carrier.answers.lock().push_back(Err(refused));
        assert!(matches!(stage.dial().await[..], [Placed::Rejected(_)]));
        let contact = stage.contact().await;
        assert_eq!(contact.status, "failed");
        assert_eq!(contact.last_error.as_deref(), Some("no such number"));
        stage.counters_are_right().await;
    }

    async fn a_refusal_of_the_carrier_is_not_charged(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let busy = carriers::PlaceError::Retryable {
            not_before: Some(std::time::Duration::from_secs(60)),
            source: anyhow::anyhow!("429"),
        };
        stage.carrier.answers.lock().push_back(Err(busy));
        assert_eq!(stage.dial().await, [Placed::Undone]);
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("pending", 0));
        assert!(stage.calls().await.is_empty());
        stage.counters_are_right().await;
        stage.pass(1);
        assert!(matches!(stage.dial().await[..], [Placed::Dialled(_)]));
        stage.counters_are_right().await;
    }
}
