//! What becomes of a call that a machine answered, as its campaign wants it.

use domain::progress::{End, News};
use domain::{AnsweredBy, CallId};
use engine::dialing::{CallReport, Correction, Learned};
use entity::call;
use sea_orm::Set;
use serde_json::{Value, json};

use crate::on_both;
use crate::stage::Stage;
use crate::told_agents::conversation;

/// The campaign says this of machines.
async fn says(stage: &Stage, voicemail: Value) {
    stage
        .change(|row| row.agent_config = Set(Some(json!({ "voicemail": voicemail }))))
        .await;
}

/// `by` picks a call up; the call. Whether it was hung up is known once it is learned.
async fn picked_up(stage: &mut Stage, by: AnsweredBy) -> call::Model {
    stage.people(1, "").await;
    assert_eq!(stage.dial().await.len(), 1);
    let call = stage.live_calls().await.remove(0);
    stage
        .hear(&call, vec![News::Answered, News::Detected(by)])
        .await;
    call
}

/// True once the carrier was told to end `call`, false where it was told to end the one after it only.
async fn was_hung_up(stage: &mut Stage, call: &call::Model) -> bool {
    // A fax that is known to be hung up on comes last: whatever was ordered before it has been carried out by then.
    stage.change(|row| row.max_concurrent_calls = Set(9)).await;
    let last = picked_up_last(stage).await;
    let is_told = async {
        while !stage.carrier.hung_up.lock().contains(&last) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), is_told)
        .await
        .expect("it is hung up");
    let name = call.carrier_call_id.clone().expect("a name");
    stage.carrier.hung_up.lock().contains(&name)
}

async fn picked_up_last(stage: &mut Stage) -> String {
    stage.people(1, "").await;
    stage.dial().await;
    let call = stage.live_calls().await.pop().expect("a call");
    stage
        .hear(&call, vec![News::Answered, News::Detected(AnsweredBy::Fax)])
        .await;
    call.carrier_call_id.expect("a name")
}

on_both! {
    async fn a_machine_is_hung_up_on_and_called_again_where_nothing_is_said(stage: Stage) {
        let mut stage = stage;
        let call = picked_up(&mut stage, AnsweredBy::Machine).await;
        assert!(was_hung_up(&mut stage, &call).await);
        stage.all_end(End::Completed).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.last_outcome.as_deref()), ("contacted", Some("voicemail")));
        stage.pass(60);
        assert_eq!(stage.dial().await.len(), 1);
        stage.counters_are_right().await;
    }

    async fn a_machine_is_left_to_the_agent_where_the_campaign_says_so(stage: Stage) {
        let mut stage = stage;
        says(&stage, json!({ "action": "leave_to_agent" })).await;
        let call = picked_up(&mut stage, AnsweredBy::Machine).await;
        assert!(!was_hung_up(&mut stage, &call).await);
        stage.all_end(End::Completed).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.last_outcome.as_deref()), ("contacted", Some("voicemail")));
        stage.counters_are_right().await;
    }

    async fn a_machine_is_not_called_again_where_the_campaign_says_so(stage: Stage) {
        let mut stage = stage;
        says(&stage, json!({ "retry": false })).await;
        let call = picked_up(&mut stage, AnsweredBy::Machine).await;
        assert!(was_hung_up(&mut stage, &call).await);
        stage.all_end(End::Completed).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("failed", 1));
        assert_eq!(contact.last_error.as_deref(), Some("a machine answered"));
        // Other reasons are tried again.
        stage.pass(600);
        stage.people(1, "").await;
        assert_eq!(stage.dial().await.len(), 1, "only who was not called yet");
        stage.all_end(End::Busy).await;
        assert_eq!(stage.contacts().await[2].status, "contacted");
        stage.counters_are_right().await;
    }

    async fn what_the_agent_says_of_a_machine_counts_as_well(stage: Stage) {
        let mut stage = stage;
        says(&stage, json!({ "action": "leave_to_agent", "retry": false })).await;
        stage.change(|row| row.voice_agent_id = Set(Some("agent_demo".to_owned()))).await;
        let call = picked_up(&mut stage, AnsweredBy::Human).await;
        stage.hear(&call, vec![News::Ended { end: End::Completed, duration_s: Some(20) }]).await;
        let mut said = conversation(&call, carriers_done());
        said.is_voicemail = true;
        stage.report(&call, said).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.last_outcome.as_deref()), ("failed", Some("voicemail")));
        stage.counters_are_right().await;
    }

    async fn a_fax_is_hung_up_on_and_never_called_again_whatever_is_said(stage: Stage) {
        let mut stage = stage;
        says(&stage, json!({ "action": "leave_to_agent", "retry": true })).await;
        let call = picked_up(&mut stage, AnsweredBy::Fax).await;
        assert!(was_hung_up(&mut stage, &call).await);
        stage.all_end(End::Completed).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("failed", 1));
        assert_eq!(contact.last_error.as_deref(), Some("a fax answered"));
        stage.pass(600);
        assert!(stage.dial().await.is_empty());
        stage.counters_are_right().await;
    }

    async fn an_agent_that_hears_a_machine_does_not_make_a_fax_one(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.voice_agent_id = Set(Some("agent_demo".to_owned()))).await;
        let call = picked_up(&mut stage, AnsweredBy::Fax).await;
        let mut said = conversation(&call, carriers_done());
        said.is_voicemail = true;
        stage.report(&call, said).await;
        stage.hear(&call, vec![News::Ended { end: End::Completed, duration_s: Some(3) }]).await;
        let row = stage.calls().await.remove(0);
        assert_eq!((row.answered_by.as_deref(), row.answered_by_source.as_deref()), (Some("fax"), Some("carrier")));
        assert_eq!(stage.contact().await.status, "failed");
    }

    async fn somebody_whose_machine_was_a_person_after_all_is_called_again_in_spite_of_the_policy(stage: Stage) {
        let mut stage = stage;
        says(&stage, json!({ "retry": false })).await;
        let call = picked_up(&mut stage, AnsweredBy::Machine).await;
        stage.all_end(End::Completed).await;
        assert_eq!(stage.contact().await.status, "failed");
        let by = domain::UserId::from_uuid(stage.campaign().await.owner_id);
        let learned = Learned::Corrected(Correction { is_false_positive: true, by });
        let report = CallReport::of(CallId::from_uuid(call.id), learned);
        stage.dialing.learn(report).await.expect("it is taken in");
        assert_eq!(stage.contact().await.status, "contacted");
        stage.pass(60);
        assert_eq!(stage.dial().await.len(), 1);
        stage.counters_are_right().await;
    }
}

const fn carriers_done() -> ::carriers::ConversationStatus {
    ::carriers::ConversationStatus::Done
}
