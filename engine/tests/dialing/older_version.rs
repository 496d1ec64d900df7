//! What an older version left behind is taken up where it stands (P4, P5).

use chrono::TimeDelta;
use domain::progress::{End, News};
use entity::{call, call_rollup, conversation};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::json;

use crate::on_both;
use crate::stage::Stage;

/// What a person said in a call whose report an older version took in.
#[derive(Clone, Copy)]
enum Said {
    CallMeBack,
    NeverAgain,
}

/// One person who talks with an agent, and whose report is in already. The older version kept what it says of wishes in
/// the conversation, counted a wish for a callback, and wrote nothing of it into the call.
async fn reported(stage: &mut Stage, said: Said) -> call::Model {
    stage
        .change(|row| {
            row.voice_agent_id = Set(Some("agent_demo".to_owned()));
            let callbacks = json!({ "enabled": true, "maxAttempts": 1, "delayMinutes": 30 });
            row.callback_config = Set(Some(callbacks));
        })
        .await;
    stage.people(1, "").await;
    stage.dial().await;
    let call = stage.live_calls().await.remove(0);
    stage.hear(&call, vec![News::Answered]).await;
    let wants_callback = matches!(said, Said::CallMeBack);
    let at = stage.now() + TimeDelta::minutes(90);
    let report = conversation::ActiveModel {
        call_id: Set(call.id),
        campaign_id: Set(call.campaign_id),
        conversation_id: Set(format!("conv-{}", call.id)),
        status: Set("done".to_owned()),
        transcript: Set(json!([])),
        is_voicemail: Set(false),
        callback_requested: Set(wants_callback),
        callback_at: Set(wants_callback.then_some(at)),
        do_not_call: Set(!wants_callback),
        created_at: Set(stage.now()),
        ..Default::default()
    };
    let report = report.insert(stage.database.writer()).await;
    report.expect("a report");
    let sums = sums(stage).await;
    let callbacks = sums.callbacks + i64::from(wants_callback);
    let mut sums = sums.into_active_model();
    sums.callbacks = Set(callbacks);
    let summed = sums.update(stage.database.writer()).await;
    summed.expect("a sum");
    call
}

/// The sums of the one quarter of an hour in which there were calls.
async fn sums(stage: &Stage) -> call_rollup::Model {
    let rows = call_rollup::Entity::find().all(stage.database.reader());
    let mut rows = rows.await.expect("sums");
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

on_both! {
    async fn a_callback_that_an_older_version_heard_of_is_made_and_counted_once(stage: Stage) {
        let mut stage = stage;
        let call = reported(&mut stage, Said::CallMeBack).await;
        let agreed = stage.now() + TimeDelta::minutes(90);
        stage.all_end(End::Completed).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.priority), ("contacted", 0));
        assert_eq!(contact.next_attempt_at, Some(agreed));
        let row = stage.calls().await.remove(0);
        assert_eq!((row.id, row.callback_requested, row.callback_at), (call.id, true, Some(agreed)));
        let sums = sums(&stage).await;
        assert_eq!((sums.callbacks, sums.callbacks_scheduled), (1, 1));
        assert_eq!(stage.counters().await.callbacks, 1);
        stage.counters_are_right().await;
    }

    async fn a_wish_not_to_be_called_that_an_older_version_heard_of_is_kept(stage: Stage) {
        let mut stage = stage;
        let call = reported(&mut stage, Said::NeverAgain).await;
        stage.all_end(End::Completed).await;
        assert_eq!(stage.contact().await.status, "do_not_call");
        assert!(stage.calls().await.remove(0).do_not_call);
        let wanted = [(domain::UserId::from_uuid(call.owner_id), call.to_number.as_str())];
        let suppressed = engine::store::suppressions::among(stage.database.reader(), &wanted).await;
        assert_eq!(suppressed.expect("a list").len(), 1);
        stage.counters_are_right().await;
    }
}
