//! What the reconciler mends (P2, P4, P6).

use carriers::{FoundCall, LookedUp, PlaceError};
use chrono::TimeDelta;
use domain::progress::{End, News};
use engine::dialing::Placed;

use crate::on_both;
use crate::stage::Stage;

fn in_doubt() -> PlaceError {
    PlaceError::Ambiguous(anyhow::anyhow!("the connection died"))
}

on_both! {
    async fn a_call_in_doubt_is_looked_up_and_not_placed_again(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.carrier.answers.lock().push_back(Err(in_doubt()));
        assert!(matches!(stage.dial().await[..], [Placed::InDoubt(_)]));
        stage.clock.advance(TimeDelta::seconds(31));
        let found = FoundCall {
            carrier_call_id: "sid".to_owned(),
            created_at: Some(stage.now() - TimeDelta::seconds(31)),
            news: vec![News::Accepted { carrier_call_id: "sid".to_owned() }, News::Ended { end: End::Busy, duration_s: None }],
            status: "busy".to_owned(),
            duration_s: None,
            price: None,
        };
        stage.carrier.look_ups.lock().push_back(LookedUp::Found(vec![found]));
        assert_eq!(stage.repair().await, 1);
        assert_eq!(stage.contact().await.last_outcome.as_deref(), Some("busy"));
        assert_eq!(stage.carrier.placed.lock().len(), 1);
        stage.counters_are_right().await;
    }

    async fn a_call_that_the_carrier_never_heard_of_is_given_up_after_its_grace_and_not_charged(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.carrier.answers.lock().push_back(Err(in_doubt()));
        stage.dial().await;
        stage.clock.advance(TimeDelta::seconds(31));
        stage.repair().await;
        assert_eq!(stage.contact().await.status, "calling", "within the grace it may still be on its way");
        stage.clock.advance(TimeDelta::seconds(31));
        stage.repair().await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("queued", 0), "due again at once");
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
        assert!(matches!(stage.work().await[..], [Placed::Dialled(_)]));
        assert_eq!(stage.contact().await.attempts, 1);
    }

    async fn a_call_that_comes_to_life_after_it_was_given_up_is_hung_up(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.carrier.answers.lock().push_back(Err(in_doubt()));
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        for _ in 0..2 {
            stage.clock.advance(TimeDelta::seconds(31));
            stage.repair().await;
        }
        stage.hear(&call, vec![News::Accepted { carrier_call_id: "late".to_owned() }, News::Ringing]).await;
        while stage.carrier.hung_up.lock().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(*stage.carrier.hung_up.lock(), ["late"]);
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
    }

    async fn a_lost_job_is_pushed_again_under_the_same_name(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        let lost = stage.next_job().expect("a job").job.id();
        stage.clock.advance(TimeDelta::seconds(6));
        assert_eq!(stage.dialing.reconcile().await.expect("a run").requeued, 1);
        let again = stage.next_job().expect("the job again");
        assert_eq!(again.job.id(), lost);
        assert!(matches!(stage.dialing.place(&again.job).await.expect("done"), Placed::Dialled(_)));
        stage.counters_are_right().await;
    }

    async fn wrong_counters_are_corrected(stage: Stage) {
        let stage = stage;
        stage.people(2, "").await;
        let mut row: entity::campaign_counters::ActiveModel = stage.counters().await.into();
        row.live = sea_orm::Set(7);
        sea_orm::ActiveModelTrait::update(row, stage.database.writer()).await.expect("a mistake");
        assert!(stage.dialing.recount(stage.campaign).await.expect("a recount"));
        assert_eq!(stage.counters().await.live, 0);
    }

    async fn bad_credentials_pause_the_campaign_instead_of_burning_its_contacts(stage: Stage) {
        let mut stage = stage;
        stage.people(5, "").await;
        let fault = PlaceError::Fault { fault: carriers::CampaignFault::Credentials, reason: "20003".to_owned() };
        stage.carrier.answers.lock().push_back(Err(fault));
        let done = stage.dial().await;
        assert_eq!(done[0], Placed::Undone);
        let campaign = stage.campaign().await;
        assert_eq!(campaign.status, "paused");
        assert!(campaign.status_reason.is_some_and(|why| why.contains("credentials")));
        assert_eq!(stage.carrier.placed.lock().len(), 1);
        assert!(stage.contacts().await.iter().all(|contact| contact.attempts == 0));
        stage.counters_are_right().await;
    }
}
