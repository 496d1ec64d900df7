//! What an agent has done during a call: handed on, called back, never called again (P2, P5).

use carriers::{CarrierError, ConversationStatus, FoundCall, LookedUp};
use chrono::{DateTime, TimeDelta, Utc};
use domain::progress::{End, News};
use domain::{CallId, TransferStatus};
use engine::dialing::{ToolAnswer, When};
use entity::{call, call_rollup};
use sea_orm::{EntityTrait, Set};
use serde_json::json;

use crate::on_both;
use crate::stage::{Stage, at};
use crate::told_agents::conversation;

/// One person, called by an agent, who picked up and talks.
pub async fn talking(stage: &mut Stage) -> call::Model {
    stage
        .change(|row| {
            row.voice_agent_id = Set(Some("agent_demo".to_owned()));
            row.callback_config = Set(Some(
                json!({ "enabled": true, "maxAttempts": 1, "delayMinutes": 30 }),
            ));
            row.transfer_config = Set(Some(json!({ "enabled": true, "transferTargets": [
                { "name": "Sales Team", "type": "phone", "number": "+18005557890" },
                { "name": "Support & Co", "type": "sip", "endpoint": "sip:support@example.com" },
            ] })));
        })
        .await;
    stage.people(1, "").await;
    stage.dial().await;
    let call = stage.live_calls().await.remove(0);
    stage.hear(&call, vec![News::Answered]).await;
    call
}

/// The person hangs up, and the conversation's report comes in.
pub async fn over(stage: &Stage, call: &call::Model) {
    stage.all_end(End::Completed).await;
    stage
        .report(call, conversation(call, ConversationStatus::Done))
        .await;
}

/// The carrier says that the call goes on.
fn going_on(call: &call::Model) -> LookedUp {
    let carrier_call_id = format!("sid-{}", call.id);
    LookedUp::Found(vec![FoundCall {
        news: vec![
            News::Accepted {
                carrier_call_id: carrier_call_id.clone(),
            },
            News::Answered,
        ],
        carrier_call_id,
        created_at: Some(call.begun_at),
        status: "in-progress".to_owned(),
        duration_s: None,
        price: None,
    }])
}

pub const fn id(call: &call::Model) -> CallId {
    CallId::from_uuid(call.id)
}

pub async fn transfer(stage: &Stage, call: &call::Model, target: &str) -> ToolAnswer {
    let answer = stage.dialing.transfer(id(call), target).await;
    answer.expect("an answer")
}

async fn call_back(stage: &Stage, call: &call::Model, when: Option<When>) -> ToolAnswer {
    let answer = stage.dialing.schedule_callback(id(call), when).await;
    answer.expect("an answer")
}

async fn note(stage: &Stage, call: &call::Model, status: TransferStatus) {
    let noted = stage.dialing.note_transfer(id(call), status).await;
    noted.expect("a note");
}

/// All sums of the campaign, added up.
async fn sums(stage: &Stage) -> call_rollup::Model {
    let rows = call_rollup::Entity::find()
        .all(stage.database.reader())
        .await;
    let mut rows = rows.expect("sums").into_iter();
    let mut all = rows.next().expect("a quarter of an hour");
    for row in rows {
        all.callbacks += row.callbacks;
        all.callbacks_scheduled += row.callbacks_scheduled;
        all.transfers += row.transfers;
        all.transfers_completed += row.transfers_completed;
    }
    all
}

fn in_minutes(stage: &Stage, minutes: i64) -> Option<When> {
    Some(When::At(stage.now() + TimeDelta::minutes(minutes)))
}

fn minutes_from(start: DateTime<Utc>, minutes: i64) -> Option<DateTime<Utc>> {
    Some(start + TimeDelta::minutes(minutes))
}

on_both! {
    async fn a_call_is_handed_on_to_a_target_by_its_name(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        let answer = transfer(&stage, &call, " sales TEAM ").await;
        assert!(answer.is_done, "{answer:?}");
        let sid = format!("sid-{}", call.id);
        let document = format!("http://127.0.0.1:1/webhooks/signalwire/calls/{}/transfer", call.id);
        assert_eq!(*stage.carrier.redirected.lock(), [(sid, document)]);
        // What the carrier has not begun is not counted.
        assert_eq!(stage.counters().await.transfers, 0);
        let xml = stage.dialing.transfer_document(id(&call)).await.expect("a document");
        assert!(xml.contains("<Number>+18005557890</Number>"), "{xml}");
        assert!(xml.contains("callerId=\"+12025550100\""), "{xml}");
        assert!(xml.contains(&format!("{}/transfer-result", call.id)), "{xml}");
        note(&stage, &call, TransferStatus::Initiated).await;
        let row = stage.calls().await.remove(0);
        assert_eq!(row.transfer_target.as_deref(), Some("Sales Team"));
        assert_eq!((row.transfer_status.as_deref(), row.is_transferred), (Some("initiated"), true));
        note(&stage, &call, TransferStatus::Completed).await;
        over(&stage, &call).await;
        let sums = sums(&stage).await;
        assert_eq!((sums.transfers, sums.transfers_completed), (1, 1));
        assert_eq!(stage.counters().await.transfers, 1);
        assert_eq!(stage.contact().await.status, "completed");
        stage.counters_are_right().await;
    }

    async fn a_target_over_sip_is_dialled_over_sip(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        assert!(transfer(&stage, &call, "support & co").await.is_done);
        let xml = stage.dialing.transfer_document(id(&call)).await.expect("a document");
        assert!(xml.contains("<Sip>sip:support@example.com</Sip>"), "{xml}");
    }

    async fn news_of_a_transfer_count_once_in_any_order(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        transfer(&stage, &call, "Sales Team").await;
        for status in [
            TransferStatus::Completed,
            TransferStatus::Initiated,
            TransferStatus::Completed,
            TransferStatus::Failed,
        ] {
            note(&stage, &call, status).await;
        }
        let mut said = conversation(&call, ConversationStatus::Done);
        said.was_transferred = true;
        stage.report(&call, said).await;
        let sums = sums(&stage).await;
        assert_eq!((sums.transfers, sums.transfers_completed), (1, 1));
        let row = stage.calls().await.remove(0);
        assert_eq!(row.transfer_status.as_deref(), Some("completed"));
        assert_eq!(row.transfer_target.as_deref(), Some("Sales Team"));
    }

    async fn a_transfer_that_nobody_took_is_begun_and_not_completed(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        transfer(&stage, &call, "Sales Team").await;
        note(&stage, &call, TransferStatus::Failed).await;
        let sums = sums(&stage).await;
        assert_eq!((sums.transfers, sums.transfers_completed), (1, 0));
    }

    async fn a_transfer_whose_target_is_gone_is_hung_up_and_not_counted(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        assert!(transfer(&stage, &call, "Sales Team").await.is_done);
        stage.change(|row| row.transfer_config = Set(Some(json!({ "enabled": true, "transferTargets": [
            { "name": "Support & Co", "type": "sip", "endpoint": "sip:support@example.com" },
        ] })))).await;
        let xml = stage.dialing.transfer_document(id(&call)).await.expect("a document");
        assert!(xml.contains("<Hangup/>"), "{xml}");
        over(&stage, &call).await;
        let sums = sums(&stage).await;
        assert_eq!((sums.transfers, sums.transfers_completed), (0, 0));
        assert_eq!(stage.counters().await.transfers, 0);
        let row = stage.calls().await.remove(0);
        assert_eq!((row.transfer_status.as_deref(), row.is_transferred), (Some("requested"), false));
        stage.counters_are_right().await;
    }

    async fn a_transfer_by_the_platforms_own_tool_counts_as_completed(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        let mut said = conversation(&call, ConversationStatus::Done);
        said.was_transferred = true;
        stage.report(&call, said).await;
        let sums = sums(&stage).await;
        assert_eq!((sums.transfers, sums.transfers_completed), (1, 1));
        assert_eq!(stage.counters().await.transfers, 1);
    }

    async fn a_colleague_may_talk_for_longer_than_an_agent(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        transfer(&stage, &call, "Sales Team").await;
        note(&stage, &call, TransferStatus::Initiated).await;
        stage.carrier.look_ups.lock().extend([going_on(&call), going_on(&call)]);
        stage.pass(61);
        stage.repair().await;
        assert!(stage.carrier.hung_up.lock().is_empty());
        stage.pass(240);
        stage.repair().await;
        assert_eq!(stage.carrier.hung_up.lock().len(), 1);
    }

    async fn an_unknown_target_is_answered_with_those_there_are_and_the_call_goes_on(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        let answer = transfer(&stage, &call, "Billing").await;
        assert!(!answer.is_done);
        assert_eq!(
            answer.message,
            "There is no transfer target \"Billing\". There are: Sales Team, Support & Co. Go on talking."
        );
        stage.change(|row| row.transfer_config = Set(Some(json!({ "enabled": false, "transferTargets": [
            { "name": "Sales Team", "type": "phone", "number": "+18005557890" },
        ] })))).await;
        let answer = transfer(&stage, &call, "Sales Team").await;
        assert!(!answer.is_done);
        assert_eq!(answer.message, "Calls of this campaign cannot be handed on. Go on talking.");
        assert!(stage.carrier.redirected.lock().is_empty());
        assert!(stage.carrier.hung_up.lock().is_empty());
        assert_eq!(stage.live_calls().await.len(), 1);
    }

    async fn a_carrier_that_refuses_to_hand_on_leaves_the_talk_going(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        let failed = CarrierError::Retryable { not_before: None, source: anyhow::anyhow!("503") };
        stage.carrier.redirects.lock().extend([Err(failed), Ok(false)]);
        let answer = transfer(&stage, &call, "Sales Team").await;
        assert!(!answer.is_done && answer.message.contains("Go on talking"), "{answer:?}");
        let answer = transfer(&stage, &call, "Sales Team").await;
        assert!(!answer.is_done && answer.message.contains("no such call"), "{answer:?}");
        let row = stage.calls().await.remove(0);
        assert_eq!((row.transfer_status.as_deref(), row.is_transferred), (Some("requested"), false));
        assert_eq!(sums(&stage).await.transfers, 0);
        // The second wish may be for somebody else.
        assert!(transfer(&stage, &call, "Support & Co").await.is_done);
        let row = stage.calls().await.remove(0);
        assert_eq!(row.transfer_target.as_deref(), Some("Support & Co"));
    }

    async fn nothing_is_done_in_a_call_that_is_over_or_unknown(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        over(&stage, &call).await;
        let stranger = CallId::from_uuid(uuid::Uuid::now_v7());
        for id in [id(&call), stranger] {
            let answers = [
                stage.dialing.transfer(id, "Sales Team").await.expect("an answer"),
                stage.dialing.schedule_callback(id, None).await.expect("an answer"),
            ];
            for answer in answers {
                assert_eq!(answer.message, "There is no such call in progress.");
                assert!(!answer.is_done);
            }
            assert!(stage.dialing.contact_of(id).await.is_err());
            let xml = stage.dialing.transfer_document(id).await.expect("a document");
            assert!(xml.contains("<Hangup/>"), "{xml}");
        }
        let answer = stage.dialing.do_not_call(stranger).await.expect("an answer");
        assert_eq!(answer.message, "There is no such call in progress.");
        assert!(stage.carrier.redirected.lock().is_empty());
        assert_eq!(stage.contact().await.status, "completed");
        assert_eq!(sums(&stage).await.callbacks, 0);
    }

    async fn what_is_told_in_the_moment_of_the_hang_up_counts(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        stage.all_end(End::Completed).await;
        assert!(call_back(&stage, &call, in_minutes(&stage, 90)).await.is_done);
        stage.report(&call, conversation(&call, ConversationStatus::Done)).await;
        assert_eq!(stage.contact().await.next_attempt_at, minutes_from(stage.now(), 90));
        stage.counters_are_right().await;
    }

    async fn a_wish_never_to_be_called_again_is_never_too_late(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        over(&stage, &call).await;
        assert_eq!(stage.contact().await.status, "completed");
        assert!(stage.dialing.do_not_call(id(&call)).await.expect("an answer").is_done);
        assert_eq!(stage.contact().await.status, "do_not_call");
        let wanted = [(domain::UserId::from_uuid(call.owner_id), call.to_number.as_str())];
        let suppressed = engine::store::suppressions::among(stage.database.reader(), &wanted).await;
        assert_eq!(suppressed.expect("a list").len(), 1);
        stage.counters_are_right().await;
    }

    async fn a_late_wish_never_to_be_called_again_outlives_the_verdict_on_a_newer_call(stage: Stage) {
        let mut stage = stage;
        let first = talking(&mut stage).await;
        assert!(call_back(&stage, &first, None).await.is_done);
        over(&stage, &first).await;
        stage.pass(30);
        stage.dial().await;
        let second = stage.live_calls().await.remove(0);
        stage.hear(&second, vec![News::Answered]).await;
        stage.all_end(End::Completed).await;
        assert_eq!(stage.contact().await.status, "contacted", "the report of the second call is awaited");
        assert!(stage.dialing.do_not_call(id(&first)).await.expect("an answer").is_done);
        assert_eq!(stage.contact().await.status, "do_not_call");
        stage.report(&second, conversation(&second, ConversationStatus::Done)).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.last_outcome.as_deref()), ("do_not_call", Some("answered")));
        stage.counters_are_right().await;
    }

    async fn whoever_talks_with_a_colleague_was_reached(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        transfer(&stage, &call, "Sales Team").await;
        note(&stage, &call, TransferStatus::Initiated).await;
        stage.hear(&call, vec![News::Detected(domain::AnsweredBy::Machine)]).await;
        assert!(stage.carrier.hung_up.lock().is_empty(), "they talk");
        note(&stage, &call, TransferStatus::Completed).await;
        stage.all_end(End::Completed).await;
        stage.report(&call, conversation(&call, ConversationStatus::Failed)).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.last_outcome.as_deref()), ("completed", Some("answered")));
        assert_eq!(stage.counters().await.calls_voicemail, 0);
        stage.counters_are_right().await;
    }

    async fn a_callback_agreed_in_the_call_is_made_at_the_time_agreed(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        let now = stage.now();
        let answer = call_back(&stage, &call, in_minutes(&stage, 90)).await;
        assert_eq!(
            answer.message,
            "The person will be called back on Monday, 1 June 2026, 13:30 UTC, or soon after."
        );
        assert!(answer.is_done);
        stage.pass(5);
        // What the report heard out of the talk afterwards does not move what was agreed.
        let mut said = conversation(&call, ConversationStatus::Done);
        said.wish.callback_requested = true;
        said.wish.callback_at = minutes_from(now, 600);
        stage.all_end(End::Completed).await;
        stage.report(&call, said).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.priority), ("contacted", 0));
        assert_eq!(contact.next_attempt_at, minutes_from(now, 90));
        let sums = sums(&stage).await;
        assert_eq!((sums.callbacks, sums.callbacks_scheduled), (1, 1));
        assert_eq!(stage.counters().await.callbacks, 1);
        stage.counters_are_right().await;
    }

    async fn a_callback_without_a_time_is_made_after_the_delay_and_moved_into_the_window(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.daily_end_time = Set(Some("12:20".to_owned()))).await;
        let call = talking(&mut stage).await;
        let answer = call_back(&stage, &call, None).await;
        assert_eq!(
            answer.message,
            "The person will be called back on Tuesday, 2 June 2026, 00:00 UTC, or soon after."
        );
        over(&stage, &call).await;
        assert_eq!(stage.contact().await.next_attempt_at, Some(at("2026-06-02T00:00:00Z")));
    }

    async fn a_local_time_is_meant_by_the_persons_own_clock(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        let contact = stage.contact().await;
        let mut contact = sea_orm::IntoActiveModel::into_active_model(contact);
        contact.timezone = Set("Asia/Kolkata".to_owned());
        sea_orm::ActiveModelTrait::update(contact, stage.database.writer()).await.expect("a zone");
        let local = "2026-06-02T09:00:00".parse().expect("a time");
        let answer = call_back(&stage, &call, Some(When::Local(local))).await;
        assert_eq!(
            answer.message,
            "The person will be called back on Tuesday, 2 June 2026, 09:00 IST, or soon after."
        );
        over(&stage, &call).await;
        assert_eq!(stage.contact().await.next_attempt_at, Some(at("2026-06-02T03:30:00Z")));
    }

    async fn a_time_that_has_passed_or_is_far_ahead_is_refused_and_changes_nothing(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        for (minutes, words) in [(0, "passed"), (-60, "passed"), (366 * 24 * 60, "more than a year")] {
            let answer = call_back(&stage, &call, in_minutes(&stage, minutes)).await;
            assert!(!answer.is_done && answer.message.contains(words), "{answer:?}");
        }
        over(&stage, &call).await;
        assert_eq!(stage.contact().await.status, "completed");
        assert_eq!(sums(&stage).await.callbacks, 0);
    }

    async fn where_callbacks_are_off_the_wish_is_counted_and_the_contact_is_finished(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        stage.change(|row| row.callback_config = Set(Some(json!({ "enabled": false })))).await;
        let answer = call_back(&stage, &call, in_minutes(&stage, 90)).await;
        assert!(!answer.is_done && answer.message.contains("Do not promise"), "{answer:?}");
        over(&stage, &call).await;
        assert_eq!(stage.contact().await.status, "completed");
        assert_eq!(stage.counters().await.callbacks, 1);
        let sums = sums(&stage).await;
        assert_eq!((sums.callbacks, sums.callbacks_scheduled), (1, 0));
    }

    async fn no_more_callbacks_are_made_than_are_granted_on_top_of_the_attempts(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.call_attempts_per_contact = Set(1)).await;
        let call = talking(&mut stage).await;
        assert!(call_back(&stage, &call, None).await.is_done);
        over(&stage, &call).await;
        stage.pass(30);
        stage.dial().await;
        let second = stage.live_calls().await.remove(0);
        assert!(second.is_callback);
        stage.hear(&second, vec![News::Answered]).await;
        let answer = call_back(&stage, &second, None).await;
        assert!(!answer.is_done && answer.message.contains("no further callback"), "{answer:?}");
        over(&stage, &second).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts, contact.callback_attempts), ("completed", 2, 1));
        // Two calls asked, one led to a callback, one contact asked.
        let sums = sums(&stage).await;
        assert_eq!((sums.callbacks, sums.callbacks_scheduled), (2, 1));
        assert_eq!(stage.counters().await.callbacks, 1);
        stage.counters_are_right().await;
    }

    async fn callbacks_go_before_ordinary_retries(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.max_concurrent_calls = Set(1)).await;
        let call = talking(&mut stage).await;
        assert!(call_back(&stage, &call, in_minutes(&stage, 90)).await.is_done);
        over(&stage, &call).await;
        let first = stage.contact().await.id;
        stage.people(1, "").await;
        // The other one has been due for longer.
        stage.pass(100);
        stage.dial().await;
        assert_eq!(stage.live_calls().await.remove(0).contact_id, Some(first));
    }

    async fn whoever_says_never_again_is_suppressed_while_still_on_the_line(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        for _ in 0..2 {
            assert!(stage.dialing.do_not_call(id(&call)).await.expect("an answer").is_done);
        }
        let wanted = [(domain::UserId::from_uuid(call.owner_id), call.to_number.as_str())];
        let suppressed = engine::store::suppressions::among(stage.database.reader(), &wanted).await;
        assert_eq!(suppressed.expect("a list").len(), 1);
        assert_eq!(stage.contact().await.status, "calling");
        over(&stage, &call).await;
        assert_eq!(stage.contact().await.status, "do_not_call");
        stage.counters_are_right().await;
    }

    async fn the_agent_learns_who_is_on_the_line(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        let found = stage.dialing.contact_of(id(&call)).await.expect("an answer");
        assert_eq!(found.expect("a contact").phone_number, call.to_number);
    }
}
