//! Somebody says that it was no machine: the figures follow, and the person is called once more (P2, P5).

use carriers::ConversationStatus;
use domain::progress::{End, News};
use domain::{AnsweredBy, CallId, UserId};
use engine::dialing::{CallReport, Correction, Learned};
use entity::{call, call_rollup};
use sea_orm::{EntityTrait, Set};

use crate::on_both;
use crate::stage::Stage;
use crate::told_agents::conversation;

/// One person, whose only attempt was taken for a machine.
async fn hung_up_on(stage: &mut Stage) -> call::Model {
    stage
        .change(|row| row.call_attempts_per_contact = Set(1))
        .await;
    stage.people(1, "").await;
    stage.dial().await;
    let call = stage.live_calls().await.remove(0);
    let detected = News::Detected(AnsweredBy::Machine);
    stage.hear(&call, vec![News::Answered, detected]).await;
    stage.all_end(End::Completed).await;
    assert_eq!(stage.contact().await.status, "failed");
    call
}

async fn mark(stage: &Stage, call: &call::Model, is_false_positive: bool) {
    let correction = Correction {
        is_false_positive,
        by: UserId::from_uuid(call.owner_id),
    };
    let report = CallReport::of(CallId::from_uuid(call.id), Learned::Corrected(correction));
    stage.dialing.learn(report).await.expect("taken in");
}

async fn voicemails(stage: &Stage) -> (i32, i64) {
    let rows = call_rollup::Entity::find()
        .all(stage.database.reader())
        .await;
    let sum = rows.expect("sums").iter().map(|row| row.voicemail).sum();
    (stage.counters().await.calls_voicemail, sum)
}

on_both! {
    async fn a_person_taken_for_a_machine_is_called_again_if_the_policy_allows(stage: Stage) {
        let mut stage = stage;
        let call = hung_up_on(&mut stage).await;
        assert_eq!(voicemails(&stage).await, (1, 1));
        stage.change(|row| row.call_attempts_per_contact = Set(2)).await;
        for _ in 0..2 {
            mark(&stage, &call, true).await;
        }
        assert_eq!(voicemails(&stage).await, (0, 0));
        let row = stage.calls().await.remove(0);
        assert_eq!((row.outcome.as_deref(), row.answered_by.as_deref()), (Some("answered"), Some("human")));
        assert_eq!(row.answered_by_source.as_deref(), Some("user"));
        assert_eq!(row.carrier_answered_by.as_deref(), Some("machine"));
        assert_eq!((row.false_positive_at, row.false_positive_by), (Some(stage.now()), Some(call.owner_id)));
        assert_eq!(stage.contact().await.status, "contacted");
        stage.counters_are_right().await;
        assert!(stage.dial().await.is_empty(), "not before the delay is over");
        stage.pass(60);
        assert_eq!(stage.dial().await.len(), 1);
        stage.all_end(End::Completed).await;
        assert_eq!(stage.contact().await.attempts, 2);
        stage.counters_are_right().await;
    }

    async fn a_mark_that_is_taken_back_leaves_everything_as_it_was(stage: Stage) {
        let mut stage = stage;
        let call = hung_up_on(&mut stage).await;
        stage.change(|row| row.call_attempts_per_contact = Set(2)).await;
        let before = stage.calls().await.remove(0);
        mark(&stage, &call, false).await;
        mark(&stage, &call, true).await;
        mark(&stage, &call, false).await;
        assert_eq!(voicemails(&stage).await, (1, 1));
        assert_eq!(stage.calls().await.remove(0), before);
        assert_eq!(stage.contact().await.status, "failed");
        assert!(stage.dial().await.is_empty());
        stage.counters_are_right().await;
    }

    async fn a_mark_taken_back_stops_the_call_that_is_queued(stage: Stage) {
        let mut stage = stage;
        let call = hung_up_on(&mut stage).await;
        stage.change(|row| row.call_attempts_per_contact = Set(2)).await;
        mark(&stage, &call, true).await;
        stage.pass(60);
        stage.dialing.top_up(stage.campaign).await.expect("a top-up");
        assert_eq!(stage.contact().await.status, "queued");
        mark(&stage, &call, false).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.queued_at), ("failed", None));
        stage.work().await;
        assert_eq!(stage.carrier.placed.lock().len(), 1);
        stage.counters_are_right().await;
    }

    async fn without_an_attempt_left_only_the_figures_are_corrected(stage: Stage) {
        let mut stage = stage;
        let call = hung_up_on(&mut stage).await;
        mark(&stage, &call, true).await;
        assert_eq!(voicemails(&stage).await, (0, 0));
        assert_eq!(stage.contact().await.status, "failed");
        assert!(stage.dial().await.is_empty());
        stage.counters_are_right().await;
    }

    async fn a_mark_taken_back_too_late_does_not_disturb_the_next_call(stage: Stage) {
        let mut stage = stage;
        let call = hung_up_on(&mut stage).await;
        stage.change(|row| row.call_attempts_per_contact = Set(2)).await;
        mark(&stage, &call, true).await;
        stage.pass(60);
        stage.dial().await;
        mark(&stage, &call, false).await;
        assert_eq!(stage.contact().await.status, "calling");
        assert_eq!(stage.live_calls().await.len(), 1);
        assert_eq!(voicemails(&stage).await, (1, 1));
        stage.counters_are_right().await;
    }

    async fn a_report_that_comes_after_a_mark_does_not_outrank_it(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.voice_agent_id = Set(Some("agent_demo".to_owned()))).await;
        let call = hung_up_on(&mut stage).await;
        mark(&stage, &call, true).await;
        let mut said = conversation(&call, ConversationStatus::Done);
        said.is_voicemail = true;
        said.cost_credits = Some(77);
        stage.report(&call, said).await;
        let row = stage.calls().await.remove(0);
        assert_eq!(row.credits, Some(77), "the report was taken in");
        assert_eq!((row.outcome.as_deref(), row.answered_by.as_deref()), (Some("answered"), Some("human")));
        assert_eq!(row.answered_by_source.as_deref(), Some("user"));
        assert_eq!(voicemails(&stage).await, (0, 0));
        stage.counters_are_right().await;
        // Taken back, it counts as what it was taken for.
        mark(&stage, &call, false).await;
        assert_eq!(voicemails(&stage).await, (1, 1));
        stage.counters_are_right().await;
    }

    async fn what_was_no_machine_cannot_be_marked(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.call_attempts_per_contact = Set(2)).await;
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        mark(&stage, &call, true).await;
        stage.hear(&call, vec![News::Answered]).await;
        stage.all_end(End::Completed).await;
        stage.report(&call, conversation(&call, ConversationStatus::Done)).await;
        mark(&stage, &call, true).await;
        let row = stage.calls().await.remove(0);
        assert_eq!(row.false_positive_at, None);
        assert_eq!(stage.contact().await.status, "completed");
        stage.counters_are_right().await;
    }
}
