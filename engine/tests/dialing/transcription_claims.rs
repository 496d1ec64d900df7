//! Who listens to which recording: nobody twice at once, nobody more than there is room for (P4).

use std::time::Duration;

use carriers::{CampaignFault, TranscribeError};
use chrono::TimeDelta;
use domain::CallId;
use engine::store::transcriptions::{claim, is_claimed};
use engine::transcribing::PoolStatus;

use crate::listener::{
    ToldListener, conversations, ears, listen_after, no_capacity, recorded_talks, state,
    transcriptions,
};
use crate::on_both;
use crate::stage::Stage;

/// Whoever claims what is due, and dies; how many it claimed.
async fn die_listening(stage: &Stage) -> usize {
    let txn = stage.database.begin().await.expect("a transaction");
    let times = (stage.now(), stage.now() + TimeDelta::seconds(150));
    let claimed = claim(&txn, times, 10, 10).await.expect("a claim");
    txn.commit().await.expect("commit");
    claimed.len()
}

on_both! {
    async fn what_a_dead_worker_listened_to_is_taken_over(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.another_worker(), (&listener, 4));
        recorded_talks(&mut stage, 1, None).await;
        assert_eq!(die_listening(&stage).await, 1);
        assert_eq!(listen_after(&stage, &ears, 149).await, 0, "it may still be listened to");
        assert_eq!(listener.count(), 0);
        assert_eq!(listen_after(&stage, &ears, 1).await, 1);
        assert_eq!(conversations(&stage).await.len(), 1);
        assert_eq!(state(&stage).await, ("done".to_owned(), 1), "that was a try");
    }

    async fn a_recording_that_everybody_dies_of_is_given_up(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        recorded_talks(&mut stage, 1, None).await;
        for _ in 0..6 {
            assert_eq!(die_listening(&stage).await, 1);
            stage.clock.advance(TimeDelta::seconds(150));
        }
        assert_eq!(listen_after(&stage, &ears, 0).await, 1);
        assert_eq!((listener.count(), state(&stage).await.0), (0, "given_up".to_owned()));
        assert_eq!(listen_after(&stage, &ears, 1_000).await, 0);
    }

    async fn processes_that_listen_at_once_listen_to_each_recording_once_and_keep_to_the_room(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let (one, other) = (
            ears(&stage, &stage.dialing, (&listener, 4)),
            ears(&stage, &stage.another_worker(), (&listener, 4)),
        );
        recorded_talks(&mut stage, 20, None).await;
        listener.leave.forget_permits(usize::MAX);
        let both = async || {
            let (a, b) = tokio::join!(one.transcribe(), other.transcribe());
            a.expect("a run") + b.expect("a run")
        };
        assert_eq!(both().await, 4, "together");
        assert_eq!(both().await, 0, "until somebody is done");
        let figures = (one.figures().await.expect("figures"), other.figures().await.expect("figures"));
        assert_eq!(figures.0.in_use + figures.1.in_use, 4);
        assert_eq!((figures.0.status, figures.1.status), (PoolStatus::Critical, PoolStatus::Critical));
        // All four are on their way before any of them is done.
        let all_asked = async {
            while listener.count() < 4 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), all_asked).await.expect("four are asked for");
        listener.leave.add_permits(1_000);
        for _ in 0..50 {
            one.finish().await;
            other.finish().await;
            both().await;
        }
        one.finish().await;
        other.finish().await;
        let mut asked = listener.asked.lock().clone();
        asked.sort();
        asked.dedup();
        assert_eq!((asked.len(), listener.count(), *listener.most.lock()), (20, 20, 4));
        assert_eq!(conversations(&stage).await.len(), 20);
        let figures = one.figures().await.expect("figures");
        assert_eq!((figures.in_use, figures.status), (0, PoolStatus::Healthy));
    }

    async fn a_service_without_capacity_is_asked_for_fewer_and_later_and_no_try_is_lost(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 8));
        recorded_talks(&mut stage, 12, None).await;
        (0..8).for_each(|_| listener.will_say(no_capacity(None)));
        assert_eq!(listen_after(&stage, &ears, 0).await, 8);
        assert_eq!(ears.figures().await.expect("figures").status, PoolStatus::Critical);
        assert_eq!(listen_after(&stage, &ears, 0).await, 0, "it rests");
        (0..4).for_each(|_| listener.will_say(no_capacity(Some(7))));
        assert_eq!(listen_after(&stage, &ears, 2).await, 4, "half as many");
        assert_eq!(listen_after(&stage, &ears, 6).await, 0, "as long as it asks for");
        assert_eq!(listen_after(&stage, &ears, 1).await, 2, "half of those");
        for _ in 0..10 {
            listen_after(&stage, &ears, 0).await;
        }
        assert_eq!(conversations(&stage).await.len(), 12);
        assert!(transcriptions(&stage).await.iter().all(|row| row.tries == 0));
    }

    async fn a_refused_account_is_left_alone_for_minutes_and_no_recording_pays_for_it(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        let refused = || TranscribeError::Fault { fault: CampaignFault::Balance, reason: "no credits".to_owned() };
        recorded_talks(&mut stage, 1, None).await;
        for _ in 0..10 {
            listener.will_say(Err(refused()));
            assert_eq!(listen_after(&stage, &ears, 300).await, 1);
            assert_eq!(ears.figures().await.expect("figures").status, PoolStatus::Critical);
            assert_eq!(listen_after(&stage, &ears, 0).await, 0);
        }
        assert_eq!(listen_after(&stage, &ears, 300).await, 1, "it was repaired");
        assert_eq!(state(&stage).await, ("done".to_owned(), 0));
        assert_eq!(ears.figures().await.expect("figures").status, PoolStatus::Healthy);
    }

    async fn a_recording_that_nobody_takes_on_for_a_day_is_given_up(stage: Stage) {
        let mut stage = stage;
        let listener = ToldListener::new();
        let ears = ears(&stage, &stage.dialing, (&listener, 4));
        recorded_talks(&mut stage, 1, None).await;
        listener.will_say(no_capacity(Some(3_600)));
        assert_eq!(listen_after(&stage, &ears, 0).await, 1);
        assert_eq!(listen_after(&stage, &ears, 86_401).await, 1);
        assert_eq!((listener.count(), state(&stage).await.0), (1, "given_up".to_owned()));
    }

    async fn a_claim_opens_the_recording_for_as_long_as_it_lasts(stage: Stage) {
        let mut stage = stage;
        let call = recorded_talks(&mut stage, 1, None).await.remove(0);
        let id = CallId::from_uuid(call.id);
        let db = stage.database.reader();
        assert_eq!(die_listening(&stage).await, 1);
        let secret = transcriptions(&stage).await[0].claim.expect("a claim");
        let open = async |secret| is_claimed(db, (id, secret), stage.now()).await.expect("an answer");
        assert!(open(secret).await);
        assert!(!open(uuid::Uuid::nil()).await);
        stage.clock.advance(TimeDelta::seconds(150));
        assert!(!open(secret).await);
    }
}
