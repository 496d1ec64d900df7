//! What the agents' platform asks us to wait for, cannot do, or is not to do any more: nobody is called after a pause (P3),
//! and no list is burned (P6).

use std::sync::Arc;

use ::carriers::{AgentError, CampaignFault, OutboundError};
use chrono::TimeDelta;
use domain::progress::End;
use engine::dialing::Placed;
use sea_orm::Set;
use tokio::sync::Notify;

use crate::agent_route::{not_begun, set};
use crate::on_both;
use crate::stage::Stage;

fn cannot() -> Result<carriers::PlacedByAgent, OutboundError> {
    Err(OutboundError::Failed {
        reason: "no route".to_owned(),
    })
}

/// The platform is asked for the name of the campaign's number, and a job waits for its answer; whom to tell to answer, and
/// what becomes of the job.
async fn asking(stage: &mut Stage) -> (Arc<Notify>, tokio::task::JoinHandle<Placed>) {
    let silence = Arc::new(Notify::new());
    stage
        .agents
        .number_silence
        .lock()
        .replace(Arc::clone(&silence));
    stage
        .dialing
        .top_up(stage.campaign)
        .await
        .expect("a top-up");
    let held = stage.next_job().expect("a job");
    let dialing = Arc::clone(&stage.dialing);
    let placing = async move { dialing.place(&held.job).await.expect("a job is done") };
    let placing = tokio::spawn(placing);
    while *stage.agents.numbers_asked.lock() == 0 {
        tokio::task::yield_now().await;
    }
    (silence, placing)
}

/// How the campaign stands, and how often its people were called.
async fn standing(stage: &Stage) -> (String, Vec<i32>) {
    let attempts = stage
        .contacts()
        .await
        .iter()
        .map(|contact| contact.attempts)
        .collect();
    (stage.campaign().await.status, attempts)
}

on_both! {
    async fn the_platform_is_asked_once_for_the_name_of_a_number(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        stage.people(2, "").await;
        assert_eq!(stage.dial().await.len(), 3);
        assert_eq!(*stage.agents.numbers_asked.lock(), 1);
        assert!(stage.agents.called.lock().iter().all(|call| call.number_id == "phnum_1"));
    }

    async fn a_number_is_asked_for_anew_after_the_platform_refused_to_call_with_it(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        let fault = AgentError::Fault { fault: CampaignFault::CallerNumber, reason: "gone".to_owned() };
        stage.agents.outbound.lock().push_back(Err(OutboundError::NotPlaced(fault)));
        assert_eq!(stage.dial().await, [Placed::Undone]);
        assert_eq!(standing(&stage).await, ("paused".to_owned(), vec![0]));
        stage.change(|row| row.status = Set("active".to_owned())).await;
        assert!(matches!(stage.dial().await[..], [Placed::Dialled(_)]));
        assert_eq!(*stage.agents.numbers_asked.lock(), 2);
    }

    async fn a_list_of_numbers_that_is_refused_pauses_the_campaign_and_costs_nobody(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        *stage.agents.trouble.lock() = Some(|| AgentError::Rejected { reason: "HTTP 400".to_owned() });
        assert_eq!(stage.dial().await, [Placed::Undone]);
        assert_eq!(standing(&stage).await, ("paused".to_owned(), vec![0]));
        assert_eq!(stage.contact().await.status, "pending");
    }

    async fn nobody_is_called_after_a_pause_that_came_while_the_platform_was_asked(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        let (silence, placing) = asking(&mut stage).await;
        stage.change(|row| row.status = Set("paused".to_owned())).await;
        silence.notify_one();
        assert_eq!(placing.await.expect("no panic"), Placed::Undone);
        assert!(stage.agents.called.lock().is_empty(), "nothing was sent");
        assert_eq!(stage.contact().await.status, "pending");
        assert_eq!(standing(&stage).await, ("paused".to_owned(), vec![0]));
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
    }

    async fn nobody_is_called_after_a_deletion_that_came_while_the_platform_was_asked(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        let (silence, placing) = asking(&mut stage).await;
        let now = stage.now();
        stage.change(|row| row.deleted_at = Set(Some(now))).await;
        silence.notify_one();
        assert_eq!(placing.await.expect("no panic"), Placed::Undone);
        assert!(stage.agents.called.lock().is_empty(), "nothing was sent");
    }

    async fn who_missed_the_moment_is_not_due_again_at_once(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        let (silence, placing) = asking(&mut stage).await;
        stage.clock.advance(TimeDelta::seconds(6));
        silence.notify_one();
        assert_eq!(placing.await.expect("no panic"), Placed::Undone);
        stage.agents.number_silence.lock().take();
        assert!(stage.dial().await.is_empty(), "not hammered");
        stage.clock.advance(TimeDelta::seconds(15));
        assert!(matches!(stage.dial().await[..], [Placed::Dialled(_)]));
        assert_eq!(stage.contact().await.attempts, 1);
        stage.counters_are_right().await;
    }

    async fn a_platform_that_can_place_nothing_pauses_the_campaign(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        stage.people(8, "").await;
        stage.agents.outbound.lock().extend((0..9).map(|_| cannot()));
        for _ in 0..4 {
            stage.dial().await;
        }
        assert_eq!(stage.agents.called.lock().len(), 5);
        assert_eq!(standing(&stage).await, ("paused".to_owned(), vec![1, 1, 1, 1, 1, 0, 0, 0, 0]));
        let reason = stage.campaign().await.status_reason.expect("a reason");
        assert!(reason.contains("no route"), "{reason}");
        stage.counters_are_right().await;
        // Whoever resumes has repaired it: what was before does not count.
        stage.clock.advance(TimeDelta::seconds(1));
        let now = stage.now();
        stage.change(|row| {
            row.status = Set("active".to_owned());
            row.resumed_at = Set(Some(now));
        }).await;
        stage.dial().await;
        stage.dial().await;
        assert_eq!(stage.campaign().await.status, "active");
        assert_eq!(standing(&stage).await.1, [1; 9]);
    }

    async fn a_call_that_is_taken_on_shows_that_the_others_are_to_blame(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        stage.people(8, "").await;
        for round in 0..3 {
            stage.agents.outbound.lock().extend((0..2).map(|_| cannot()));
            assert_eq!(stage.dial().await.len(), 3, "{round}");
            stage.agents.outbound.lock().clear();
            for call in stage.live_calls().await {
                not_begun(&stage, &call, End::Busy).await;
            }
        }
        assert_eq!(standing(&stage).await, ("active".to_owned(), vec![1; 9]));
    }
}
