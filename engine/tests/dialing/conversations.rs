//! What was said decides what comes next (P2, P4, P5).

use carriers::{
    AgentError, CampaignFault, ConversationStatus, FoundCall, LookedUp, PlaceError, Price,
};
use chrono::TimeDelta;
use domain::progress::{End, News};
use domain::{AnsweredBy, CallId};
use engine::dialing::{CallReport, CarrierSays, Learned, PriceAnswer};
use entity::call;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use crate::on_both;
use crate::stage::{Stage, at};
use crate::told_agents::conversation;

/// One person, called by an agent, who picked up and hung up.
async fn talked(stage: &mut Stage) -> call::Model {
    stage
        .change(|row| {
            row.voice_agent_id = Set(Some("agent_demo".to_owned()));
            row.callback_config = Set(Some(
                serde_json::json!({ "enabled": true, "maxAttempts": 1, "delayMinutes": 30 }),
            ));
        })
        .await;
    stage.people(1, "").await;
    stage.dial().await;
    let call = stage.live_calls().await.remove(0);
    stage.hear(&call, vec![News::Answered]).await;
    stage
        .hear(
            &call,
            vec![News::Ended {
                end: End::Completed,
                duration_s: Some(30),
            }],
        )
        .await;
    call
}

/// One person, called by an agent, of whose conversation is told while the carrier says nothing yet.
async fn reported_first(stage: &mut Stage) -> call::Model {
    stage
        .change(|row| row.voice_agent_id = Set(Some("agent_demo".to_owned())))
        .await;
    stage.people(1, "").await;
    stage.dial().await;
    let call = stage.live_calls().await.remove(0);
    let said = conversation(&call, ConversationStatus::Done);
    stage.report(&call, said).await;
    call
}

on_both! {
    async fn an_answered_contact_waits_for_the_verdict_and_its_slot_does_not(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.next_attempt_at), ("contacted", None));
        assert_eq!(stage.counters().await.live, 0);
        assert!(stage.dial().await.is_empty());
        assert_eq!(stage.campaign().await.status, "active", "not everybody is done");
        let mut said = conversation(&call, ConversationStatus::Done);
        said.successful = Some(true);
        stage.report(&call, said).await;
        assert_eq!(stage.contact().await.status, "completed");
        assert_eq!(stage.counters().await.calls_successful, 1);
        stage.counters_are_right().await;
    }

    async fn what_else_is_told_of_a_call_that_waits_for_the_verdict_leaves_its_contact_waiting(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        // Of most reports nothing but the call is read, where nobody listens to recordings.
        let deaf = stage.deaf_worker();
        let id = CallId::from_uuid(call.id);
        let price = Price::from_amount(0.0135, "USD").expect("a price");
        for told in [
            Learned::NothingNew,
            Learned::Price(PriceAnswer::Told(price)),
            Learned::Talked(7),
            Learned::Carrier(CarrierSays::default()),
        ] {
            deaf.learn(CallReport::of(id, told)).await.expect("taken in");
            assert_eq!(stage.contact().await.status, "contacted");
        }
        let said = conversation(&call, ConversationStatus::Done);
        let said = Learned::Conversation(Box::new(said));
        deaf.learn(CallReport::of(id, said.clone())).await.expect("taken in");
        assert_eq!(stage.contact().await.status, "completed");
        assert_eq!(stage.calls().await[0].price_micros, Some(13_500));
        let before = stage.calls().await;
        deaf.learn(CallReport::of(id, said)).await.expect("the same once more");
        assert_eq!(stage.calls().await[0].credits, before[0].credits);
        stage.counters_are_right().await;
    }

    async fn a_call_that_its_carrier_does_not_know_and_that_had_a_conversation_is_not_lost(stage: Stage) {
        let mut stage = stage;
        let call = reported_first(&mut stage).await;
        let lost = News::Ended { end: End::Lost, duration_s: None };
        let report = CallReport::news(CallId::from_uuid(call.id), vec![lost]);
        stage.deaf_worker().learn(report).await.expect("taken in");
        assert_eq!(stage.live_calls().await.len(), 1);
        stage.all_end(End::Completed).await;
        assert_eq!(stage.contact().await.status, "completed");
        stage.counters_are_right().await;
    }

    async fn the_report_may_come_before_the_end(stage: Stage) {
        let mut stage = stage;
        let call = reported_first(&mut stage).await;
        assert_eq!(stage.contact().await.status, "calling");
        stage.hear(&call, vec![News::Ended { end: End::Completed, duration_s: Some(30) }]).await;
        assert_eq!(stage.contact().await.status, "completed");
        stage.counters_are_right().await;
    }

    async fn a_conversation_proves_that_the_carrier_took_the_call_on(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.voice_agent_id = Set(Some("agent_demo".to_owned()))).await;
        stage.people(1, "").await;
        stage.carrier.answers.lock().push_back(Err(PlaceError::Ambiguous(anyhow::anyhow!("timed out"))));
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        assert_eq!((call.placed_at, stage.counters().await.calls_placed), (None, 0));
        let mut said = conversation(&call, ConversationStatus::Done);
        said.successful = Some(true);
        stage.report(&call, said).await;
        let counters = stage.counters().await;
        assert_eq!((counters.calls_placed, counters.calls_successful), (1, 1));
        stage.hear(&call, vec![
            News::Accepted { carrier_call_id: "late".to_owned() },
            News::Ended { end: End::Completed, duration_s: Some(30) },
        ]).await;
        let counters = stage.counters().await;
        assert_eq!((counters.calls_placed, counters.calls_completed), (1, 1));
        assert_eq!(stage.contact().await.status, "completed");
        stage.counters_are_right().await;
    }

    async fn a_conversation_that_nobody_joined_means_that_nobody_spoke(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        let announced = || conversation(&call, ConversationStatus::Announced);
        stage.agents.found.lock().push_back(announced());
        stage.pass(1);
        assert_eq!(stage.repair().await, 1);
        assert_eq!(stage.contact().await.next_attempt_at, None, "it may still begin");
        stage.agents.found.lock().push_back(announced());
        stage.pass(10);
        assert_eq!(stage.repair().await, 1);
        let contact = stage.contact().await;
        assert_eq!(contact.last_error.as_deref(), Some("no conversation took place"));
        assert_eq!(contact.status, "contacted");
        assert!(contact.next_attempt_at.is_some(), "called again");
        stage.counters_are_right().await;
    }

    async fn whoever_spoke_with_nobody_is_called_again_whatever_is_heard_before_somebody_asks(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        stage.pass(10);
        // All patience is over, and nobody has asked since: a late word of the carrier decides nothing.
        stage.hear(&call, vec![News::Detected(AnsweredBy::Human)]).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.next_attempt_at), ("contacted", None));
        assert_eq!(stage.repair().await, 1);
        let contact = stage.contact().await;
        assert_eq!(contact.last_error.as_deref(), Some("no conversation took place"));
        assert!(contact.next_attempt_at.is_some(), "called again");
        stage.counters_are_right().await;
    }

    async fn a_callback_that_was_asked_for_is_made(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        let mut said = conversation(&call, ConversationStatus::Done);
        said.wish.callback_requested = true;
        stage.report(&call, said).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.priority), ("contacted", 0));
        assert_eq!(contact.next_attempt_at, Some(stage.now() + TimeDelta::minutes(30)));
        stage.pass(30);
        assert_eq!(stage.dial().await.len(), 1);
        let contact = stage.contact().await;
        assert_eq!((contact.attempts, contact.callback_attempts), (2, 1));
        assert_eq!(stage.counters().await.callbacks, 1);
        stage.counters_are_right().await;
    }

    async fn a_callback_is_made_at_the_time_the_report_tells(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        let wished = stage.now() + TimeDelta::minutes(95);
        let mut said = conversation(&call, ConversationStatus::Done);
        said.wish.callback_requested = true;
        said.wish.callback_at = Some(wished);
        stage.report(&call, said).await;
        let contact = stage.contact().await;
        assert_eq!((contact.next_attempt_at, contact.priority), (Some(wished), 0));
        stage.pass(94);
        assert!(stage.dial().await.is_empty(), "not before");
        stage.pass(1);
        assert_eq!(stage.dial().await.len(), 1);
        assert!(stage.live_calls().await.remove(0).is_callback);
        stage.counters_are_right().await;
    }

    async fn a_time_without_a_zone_is_by_the_clock_of_the_person(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        let mut contact = stage.contact().await.into_active_model();
        contact.timezone = Set("Asia/Kolkata".to_owned());
        contact.update(stage.database.writer()).await.expect("a zone");
        let mut said = conversation(&call, ConversationStatus::Done);
        said.wish.callback_requested = true;
        said.wish.callback_at_local = Some("2026-06-02T09:00:00".parse().expect("a time"));
        stage.report(&call, said).await;
        assert_eq!(stage.contact().await.next_attempt_at, Some(at("2026-06-02T03:30:00Z")));
        stage.counters_are_right().await;
    }

    async fn a_time_at_which_nobody_is_called_is_moved_to_the_next_opening(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| {
            row.daily_start_time = Set(Some("09:00".to_owned()));
            row.daily_end_time = Set(Some("17:00".to_owned()));
        }).await;
        let call = talked(&mut stage).await;
        let mut said = conversation(&call, ConversationStatus::Done);
        said.wish.callback_requested = true;
        said.wish.callback_at = Some(at("2026-06-01T17:00:00Z"));
        stage.report(&call, said).await;
        assert_eq!(stage.contact().await.next_attempt_at, Some(at("2026-06-02T09:00:00Z")));
    }

    async fn a_time_that_cannot_be_meant_leaves_the_delay(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        let ended_at = stage.now();
        stage.pass(1);
        let mut said = conversation(&call, ConversationStatus::Done);
        said.wish.callback_requested = true;
        said.wish.callback_at = Some(at("2025-06-01T12:00:00Z"));
        stage.report(&call, said).await;
        let after_the_delay = Some(ended_at + TimeDelta::minutes(30));
        assert_eq!(stage.contact().await.next_attempt_at, after_the_delay);
    }

    async fn whoever_asks_not_to_be_called_is_not_called_in_any_campaign(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        let mut said = conversation(&call, ConversationStatus::Done);
        said.wish.do_not_call = true;
        stage.report(&call, said).await;
        assert_eq!(stage.contact().await.status, "do_not_call");
        let wanted = [(domain::UserId::from_uuid(call.owner_id), call.to_number.as_str())];
        let suppressed = engine::store::suppressions::among(stage.database.reader(), &wanted).await.expect("a list");
        assert_eq!(suppressed.len(), 1);
        stage.counters_are_right().await;
    }

    async fn a_machine_that_the_agent_spoke_to_is_voicemail(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        let mut said = conversation(&call, ConversationStatus::Done);
        said.is_voicemail = true;
        stage.report(&call, said.clone()).await;
        stage.report(&call, said).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.last_outcome.as_deref()), ("contacted", Some("voicemail")));
        assert_eq!(stage.counters().await.calls_voicemail, 1);
        stage.counters_are_right().await;
    }

    async fn a_failed_conversation_reaches_nobody(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        stage.report(&call, conversation(&call, ConversationStatus::Failed)).await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.last_outcome.as_deref()), ("contacted", Some("failed")));
        assert!(contact.next_attempt_at.is_some(), "the person is called again");
        stage.counters_are_right().await;
    }

    async fn a_person_with_whom_nobody_spoke_is_called_again(stage: Stage) {
        let mut stage = stage;
        talked(&mut stage).await;
        stage.clock.advance(TimeDelta::seconds(601));
        assert_eq!(stage.repair().await, 1);
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.last_outcome.as_deref()), ("contacted", Some("failed")));
        assert_eq!(contact.last_error.as_deref(), Some("no conversation took place"));
        stage.counters_are_right().await;
    }

    async fn a_report_that_nobody_sent_is_fetched(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        stage.agents.found.lock().push_back(conversation(&call, ConversationStatus::Done));
        stage.clock.advance(TimeDelta::seconds(5));
        assert_eq!(stage.repair().await, 1);
        assert_eq!(stage.contact().await.status, "completed");
        stage.counters_are_right().await;
    }

    async fn a_text_that_no_database_takes_does_not_hold_a_contact_up(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        let mut said = conversation(&call, ConversationStatus::Done);
        said.summary = Some("all\0good".to_owned());
        said.conversation_id = "x".repeat(400);
        said.raw = serde_json::json!({ "analysis": { "note\0": "\0" } });
        stage.report(&call, said).await;
        assert_eq!(stage.contact().await.status, "completed");
    }

    async fn an_agent_account_without_credit_pauses_the_campaign(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.voice_agent_id = Set(Some("agent_demo".to_owned()))).await;
        stage.people(2, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        let refusal = AgentError::Fault { fault: CampaignFault::Balance, reason: "quota_exceeded".to_owned() };
        stage.agents.refusals.lock().push_back(refusal);
        let document = stage.dialing.answer(domain::CallId::from_uuid(call.id)).await.expect("a document");
        assert!(document.contains("<Hangup"), "{document}");
        assert_eq!(stage.campaign().await.status, "paused");
        stage.counters_are_right().await;
    }

    async fn a_carrier_that_asks_again_after_no_agent_came_gets_none_either(stage: Stage) {
        let mut stage = stage;
        stage.change(|row| row.voice_agent_id = Set(Some("agent_demo".to_owned()))).await;
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        let refusal = AgentError::Retryable { not_before: None, source: anyhow::anyhow!("503") };
        stage.agents.refusals.lock().push_back(refusal);
        for _ in 0..2 {
            let document = stage.dialing.answer(domain::CallId::from_uuid(call.id)).await.expect("a document");
            assert!(document.contains("<Hangup"), "they would talk, and be called again: {document}");
        }
        stage.all_end(End::Completed).await;
        assert_eq!(stage.calls().await[0].outcome.as_deref(), Some("failed"));
        stage.counters_are_right().await;
    }

    async fn the_leftover_of_an_ended_campaign_is_canceled_even_if_a_retry_was_due_later(stage: Stage) {
        let mut stage = stage;
        let call = talked(&mut stage).await;
        stage.change(|row| row.status = Set("canceled".to_owned())).await;
        stage.dialing.top_up(stage.campaign).await.expect("a sweep");
        let mut said = conversation(&call, ConversationStatus::Done);
        said.is_voicemail = true;
        stage.report(&call, said).await;
        stage.repair().await;
        assert_eq!(stage.contact().await.status, "canceled");
        stage.counters_are_right().await;
    }

    async fn a_call_that_only_its_conversation_tells_of_gives_its_slot_back(stage: Stage) {
        only_the_conversation_tells(stage, true, false).await;
    }

    async fn a_call_without_a_name_that_only_its_conversation_tells_of_gives_its_slot_back(stage: Stage) {
        only_the_conversation_tells(stage, false, false).await;
    }

    async fn a_carrier_that_does_not_answer_keeps_no_slot_of_a_talk_that_is_over(stage: Stage) {
        only_the_conversation_tells(stage, true, true).await;
    }

    async fn a_failed_conversation_ends_a_call_that_nobody_else_tells_of(stage: Stage) {
        let mut stage = stage;
        let call = unreported(&mut stage, false).await;
        stage.report(&call, conversation(&call, ConversationStatus::Failed)).await;
        stage.pass(11);
        stage.repair().await;
        let row = last(&stage).await;
        assert_eq!((row.ending.as_deref(), row.outcome.as_deref()), (Some("completed"), Some("failed")));
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
    }

    async fn what_the_carrier_tells_outranks_the_conversation(stage: Stage) {
        let mut stage = stage;
        let call = unreported(&mut stage, true).await;
        stage.report(&call, conversation(&call, ConversationStatus::Done)).await;
        stage.pass(11);
        let name = call.carrier_call_id.clone().expect("a name");
        stage.carrier.look_ups.lock().push_back(LookedUp::Found(vec![FoundCall {
            carrier_call_id: name,
            created_at: None,
            status: "in-progress".to_owned(),
            news: vec![News::Answered],
            duration_s: None,
            price: None,
        }]));
        assert_eq!(stage.repair().await, 1);
        assert_eq!(stage.counters().await.live, 1, "it talks on");
    }

    async fn a_call_that_was_handed_on_may_last_longer_than_its_conversation(stage: Stage) {
        let mut stage = stage;
        let call = unreported(&mut stage, true).await;
        let mut said = conversation(&call, ConversationStatus::Done);
        said.was_transferred = true;
        stage.report(&call, said).await;
        stage.pass(60);
        stage.repair().await;
        assert_eq!(stage.counters().await.live, 1);
        stage.pass(4 * 60);
        stage.repair().await;
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
    }

    async fn a_call_whose_transfer_was_asked_for_may_last_longer_though_nobody_noted_that_it_began(stage: Stage) {
        let mut stage = stage;
        let call = unreported(&mut stage, true).await;
        let mut row = call.clone().into_active_model();
        row.transfer_status = Set(Some("requested".to_owned()));
        row.update(stage.database.writer()).await.expect("asked for");
        stage.report(&call, conversation(&call, ConversationStatus::Done)).await;
        *stage.carrier.is_silent.lock() = true;
        stage.pass(60);
        stage.repair().await;
        assert_eq!(stage.counters().await.live, 1);
        stage.pass(4 * 60);
        stage.repair().await;
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
    }
}

/// Somebody new is called, and the carrier says nothing more than the call's name, if that.
async fn unreported(stage: &mut Stage, is_named: bool) -> call::Model {
    stage
        .change(|row| row.voice_agent_id = Set(Some("agent_demo".to_owned())))
        .await;
    stage.people(1, "").await;
    if !is_named {
        let doubt = PlaceError::Ambiguous(anyhow::anyhow!("timed out"));
        stage.carrier.answers.lock().push_back(Err(doubt));
    }
    stage.dial().await;
    last(stage).await
}

async fn last(stage: &Stage) -> call::Model {
    stage.calls().await.pop().expect("a call")
}

async fn only_the_conversation_tells(mut stage: Stage, is_named: bool, is_silent: bool) {
    let call = unreported(&mut stage, is_named).await;
    let (began_at, talk_s) = (stage.now() + TimeDelta::seconds(8), 30);
    stage.pass(1);
    let mut said = conversation(&call, ConversationStatus::Done);
    said.started_at = Some(began_at);
    stage.report(&call, said).await;
    *stage.carrier.is_silent.lock() = is_silent;
    for _ in 0..9 {
        stage.pass(1);
        stage.repair().await;
        assert_eq!(stage.counters().await.live, 1, "the carrier may still tell");
    }
    stage.pass(2);
    assert_eq!(stage.repair().await, 1);
    *stage.carrier.is_silent.lock() = false;
    let row = last(&stage).await;
    assert_eq!(
        (row.ending.as_deref(), row.outcome.as_deref()),
        (Some("completed"), Some("answered"))
    );
    assert_eq!(
        (row.answered_at, row.duration_s),
        (Some(began_at), Some(talk_s))
    );
    assert_eq!(row.ended_at, Some(began_at + TimeDelta::seconds(30)));
    assert!(row.placed_at.is_some());
    assert_eq!(stage.counters().await.live, 0);
    let contact = stage.contacts().await.pop().expect("a contact");
    assert_eq!(contact.status, "completed");
    stage.counters_are_right().await;
}
