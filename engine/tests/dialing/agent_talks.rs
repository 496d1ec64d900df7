//! Calls that the agents' platform makes itself, and of which it tells late, or strangely, or not at all: nobody is called
//! again who may be talking (P1, P2), and no slot is held for ever (P4).

use ::carriers::{
    AgentError, CampaignFault, ConversationReport, ConversationStatus, OutboundError,
};
use anyhow::anyhow;
use chrono::TimeDelta;
use domain::CallId;
use domain::progress::End;
use entity::call;
use sea_orm::Set;
use serde_json::json;
use uuid::Uuid;

use crate::agent_route::{not_begun, set};
use crate::on_both;
use crate::stage::Stage;
use crate::told_agents::conversation;

/// Everything there is to wait for: the ring, the grace, four hours of talk, the patience after it.
const LONGEST: TimeDelta = TimeDelta::seconds(30 + 45 + 14_400 + 600);

/// Somebody is talking.
fn talking(call: &call::Model) -> ConversationReport {
    ConversationReport {
        raw: json!({ "status": "in-progress" }),
        duration_s: None,
        ..conversation(call, ConversationStatus::Open)
    }
}

/// A conversation with somebody else.
fn of_a_stranger(call: &call::Model) -> ConversationReport {
    ConversationReport {
        conversation_id: "conv_stranger".to_owned(),
        call_id: Some(CallId::from_uuid(Uuid::now_v7())),
        ..conversation(call, ConversationStatus::Done)
    }
}

/// The one call, which the platform took on.
async fn taken(stage: &mut Stage) -> call::Model {
    set(stage).await;
    assert_eq!(stage.dial().await.len(), 1);
    stage.live_calls().await.remove(0)
}

/// The one call, of which nobody knows whether the platform took it on.
async fn in_doubt(stage: &mut Stage) -> call::Model {
    let lost = OutboundError::Ambiguous(anyhow!("no answer"));
    stage.agents.outbound.lock().push_back(Err(lost));
    taken(stage).await
}

/// So much later somebody looks, and the platform has `told`.
async fn look_after(stage: &Stage, wait: TimeDelta, told: Option<ConversationReport>) {
    stage.clock.advance(wait);
    stage.agents.found.lock().extend(told);
    assert_eq!(stage.repair().await, 1, "it is looked at");
    stage.agents.found.lock().clear();
}

async fn goes_on(stage: &mut Stage) {
    assert_eq!(stage.live_calls().await.len(), 1, "it goes on");
    assert!(stage.dial().await.is_empty(), "nobody is called meanwhile");
    assert_eq!(stage.agents.called.lock().len(), 1);
}

/// How the one call stands in the books, and how often its contact was called.
async fn how_it_ended(stage: &Stage) -> (String, i32) {
    let row = stage.calls().await.remove(0);
    assert_eq!(stage.counters().await.live, 0, "its slot is free");
    (
        row.outcome.expect("an outcome"),
        stage.contact().await.attempts,
    )
}

on_both! {
    async fn whoever_talks_for_hours_is_not_called_meanwhile_and_was_reached(stage: Stage) {
        let mut stage = stage;
        let call = taken(&mut stage).await;
        look_after(&stage, TimeDelta::minutes(80), Some(talking(&call))).await;
        goes_on(&mut stage).await;
        look_after(&stage, TimeDelta::minutes(160), Some(talking(&call))).await;
        goes_on(&mut stage).await;
        // Nobody hears of the end for ever.
        look_after(&stage, LONGEST - TimeDelta::minutes(240), Some(talking(&call))).await;
        assert_eq!(how_it_ended(&stage).await, ("answered".to_owned(), 1));
        look_after(&stage, TimeDelta::minutes(10), None).await;
        assert_eq!(stage.contact().await.status, "completed");
        stage.counters_are_right().await;
    }

    async fn a_report_that_is_never_finished_counts_as_a_talk(stage: Stage) {
        let mut stage = stage;
        let call = taken(&mut stage).await;
        let analysed = || Some(ConversationReport {
            raw: json!({ "status": "processing" }),
            ..conversation(&call, ConversationStatus::Open)
        });
        look_after(&stage, LONGEST - TimeDelta::seconds(1), analysed()).await;
        goes_on(&mut stage).await;
        look_after(&stage, TimeDelta::minutes(2), analysed()).await;
        look_after(&stage, TimeDelta::minutes(10), None).await;
        assert_eq!(how_it_ended(&stage).await, ("answered".to_owned(), 1));
        assert_eq!(stage.contact().await.status, "completed");
    }

    async fn a_conversation_that_nobody_joins_is_given_up_as_an_attempt(stage: Stage) {
        let mut stage = stage;
        let call = taken(&mut stage).await;
        let announced = || Some(conversation(&call, ConversationStatus::Announced));
        look_after(&stage, TimeDelta::seconds(674), announced()).await;
        goes_on(&mut stage).await;
        look_after(&stage, TimeDelta::minutes(2), announced()).await;
        assert_eq!(how_it_ended(&stage).await, ("failed".to_owned(), 1));
        stage.counters_are_right().await;
    }

    async fn no_talk_is_longer_than_the_longest_there_is(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        for (asked_s, sent_s) in [(7_200, 3_600), (60, 60)] {
            let config = json!({ "route": "agent", "maxDurationSeconds": asked_s });
            stage.change(|row| row.agent_config = Set(Some(config))).await;
            stage.people(1, "").await;
            stage.dial().await;
            let overrides = stage.agents.called.lock().pop().expect("a call").overrides;
            assert_eq!(overrides, Some(json!({ "conversation": { "max_duration_seconds": sent_s } })));
        }
    }

    async fn a_conversation_that_was_seen_once_is_not_forgotten(stage: Stage) {
        let mut stage = stage;
        let call = in_doubt(&mut stage).await;
        look_after(&stage, TimeDelta::seconds(30), Some(talking(&call))).await;
        let row = stage.live_calls().await.remove(0);
        assert_eq!(row.conversation_id, Some(format!("conv-{}", call.id)));
        assert!(row.placed_at.is_some() && row.answered_at.is_some());
        // From then on it is asked for by its name.
        *stage.agents.is_unlisted.lock() = true;
        look_after(&stage, TimeDelta::minutes(2), Some(talking(&call))).await;
        goes_on(&mut stage).await;
        // And not found for a while.
        look_after(&stage, TimeDelta::minutes(2), None).await;
        goes_on(&mut stage).await;
        look_after(&stage, TimeDelta::minutes(2), Some(conversation(&call, ConversationStatus::Done))).await;
        assert_eq!(how_it_ended(&stage).await, ("answered".to_owned(), 1));
        assert_eq!(stage.counters().await.calls_placed, 1);
        stage.counters_are_right().await;
    }

    async fn a_conversation_that_names_nobody_keeps_its_call_and_not_its_name(stage: Stage) {
        let mut stage = stage;
        let call = in_doubt(&mut stage).await;
        let nameless = ConversationReport { call_id: None, ..talking(&call) };
        look_after(&stage, TimeDelta::seconds(30), Some(nameless)).await;
        assert_eq!(stage.live_calls().await.remove(0).conversation_id, None);
        look_after(&stage, TimeDelta::minutes(2), None).await;
        goes_on(&mut stage).await;
    }

    async fn a_strangers_conversation_is_no_sign_that_ours_did_not_take_place(stage: Stage) {
        let mut stage = stage;
        let call = in_doubt(&mut stage).await;
        for _ in 0..3 {
            look_after(&stage, TimeDelta::minutes(2), Some(of_a_stranger(&call))).await;
            goes_on(&mut stage).await;
        }
        look_after(&stage, TimeDelta::minutes(2), Some(conversation(&call, ConversationStatus::Done))).await;
        assert_eq!(how_it_ended(&stage).await, ("answered".to_owned(), 1));
        stage.counters_are_right().await;
    }

    async fn a_call_in_doubt_that_rang_in_vain_is_in_the_statistics(stage: Stage) {
        let mut stage = stage;
        let call = in_doubt(&mut stage).await;
        not_begun(&stage, &call, End::Busy).await;
        let counters = stage.counters().await;
        assert_eq!((counters.calls_placed, counters.calls_busy), (1, 1));
        assert_eq!(stage.contact().await.attempts, 1);
        stage.counters_are_right().await;
    }

    async fn what_the_platform_does_not_answer_for_ever_holds_no_slot_for_ever(stage: Stage) {
        let mut stage = stage;
        let _call = taken(&mut stage).await;
        *stage.agents.trouble.lock() = Some(|| AgentError::Unreadable(anyhow!("no JSON")));
        look_after(&stage, LONGEST - TimeDelta::seconds(1), None).await;
        goes_on(&mut stage).await;
        look_after(&stage, TimeDelta::minutes(2), None).await;
        assert_eq!(how_it_ended(&stage).await, ("failed".to_owned(), 1));
        stage.counters_are_right().await;
    }

    async fn a_call_in_doubt_that_nobody_answers_about_is_never_taken_for_lost(stage: Stage) {
        let mut stage = stage;
        let _call = in_doubt(&mut stage).await;
        *stage.agents.trouble.lock() = Some(|| AgentError::Rejected { reason: "no".to_owned() });
        look_after(&stage, TimeDelta::minutes(30), None).await;
        goes_on(&mut stage).await;
        look_after(&stage, LONGEST, None).await;
        assert_eq!(how_it_ended(&stage).await, ("failed".to_owned(), 1));
    }

    async fn a_platform_that_does_not_let_us_ask_pauses_the_campaign(stage: Stage) {
        let mut stage = stage;
        let _call = taken(&mut stage).await;
        *stage.agents.trouble.lock() = Some(|| AgentError::Fault {
            fault: CampaignFault::Credentials,
            reason: "the key may not read".to_owned(),
        });
        look_after(&stage, TimeDelta::minutes(2), None).await;
        let campaign = stage.campaign().await;
        assert_eq!(campaign.status, "paused");
        assert!(campaign.status_reason.is_some_and(|reason| reason.contains("the key may not read")));
        goes_on(&mut stage).await;
    }
}
