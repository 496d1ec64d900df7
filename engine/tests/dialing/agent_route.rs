//! Calls that the agents' platform makes itself: the same books, without a carrier's word.

use ::carriers::{AgentError, ConversationStatus, OutboundError};
use anyhow::anyhow;
use chrono::TimeDelta;
use domain::CallId;
use domain::progress::End;
use engine::dialing::{CallReport, Learned, NotBegun, Placed};
use entity::call;
use sea_orm::Set;
use serde_json::json;

use crate::on_both;
use crate::stage::Stage;
use crate::told_agents::conversation;

/// One person, to be called by the platform.
pub async fn set(stage: &Stage) {
    stage.people(1, "").await;
    let config = json!({ "route": "agent", "language": "hi" });
    stage
        .change(|row| {
            row.voice_agent_id = Set(Some("agent_demo".to_owned()));
            row.agent_config = Set(Some(config));
        })
        .await;
}

/// No conversation began, says the platform.
pub async fn not_begun(stage: &Stage, call: &call::Model, end: End) {
    let told = NotBegun {
        conversation_id: format!("conv-{}", call.id),
        reason: format!("no conversation began: {end}"),
        end,
    };
    let report = CallReport::of(CallId::from_uuid(call.id), Learned::NotBegun(told));
    stage.dialing.learn(report).await.expect("it is taken in");
}

on_both! {
    async fn the_platform_calls_and_its_report_settles_the_call(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        assert!(matches!(stage.dial().await[..], [Placed::Dialled(_)]));
        assert!(stage.carrier.placed.lock().is_empty());
        let asked = stage.agents.called.lock().remove(0);
        let call = stage.live_calls().await.remove(0);
        assert_eq!(asked.call_id, CallId::from_uuid(call.id));
        assert_eq!((asked.agent_id.as_str(), asked.number_id.as_str()), ("agent_demo", "phnum_1"));
        assert_eq!(asked.overrides, Some(json!({ "agent": { "language": "hi" } })));
        assert_eq!(asked.dynamic_variables["attempt"], 1);
        assert_eq!(call.route.as_deref(), Some("agent"));
        let name = format!("conv-{}", call.id);
        assert_eq!(call.conversation_id.as_deref(), Some(name.as_str()));
        assert!(call.placed_at.is_some());
        assert_eq!(stage.counters().await.live, 1);

        stage.report(&call, conversation(&call, ConversationStatus::Done)).await;
        let row = stage.calls().await.remove(0);
        assert_eq!((row.status.as_str(), row.outcome.as_deref(), row.duration_s), ("completed", Some("answered"), Some(30)));
        assert_eq!(stage.contact().await.status, "completed");
        assert_eq!(stage.counters().await.live, 0);
        // The same once more, late.
        stage.report(&call, conversation(&call, ConversationStatus::Done)).await;
        stage.counters_are_right().await;
    }

    async fn nobody_is_called_whose_moment_passed_while_the_platform_was_asked_for_the_number(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        // The time is asked for the decision, before the number is asked for, and before the call is.
        stage.clock.jump_at_reading(5, TimeDelta::seconds(6));
        assert!(matches!(stage.dial().await[..], [Placed::Undone]));
        assert!(stage.agents.called.lock().is_empty(), "nothing was sent");
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("pending", 0));
        assert_eq!(stage.counters().await.live, 0);
    }

    async fn a_report_that_overtakes_the_platforms_answer_counts_once(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        stage.agents.outbound.lock().push_back(Err(OutboundError::Ambiguous(anyhow!("no answer"))));
        assert!(matches!(stage.dial().await[..], [Placed::InDoubt(_)]));
        let call = stage.live_calls().await.remove(0);
        stage.report(&call, conversation(&call, ConversationStatus::Done)).await;
        let learned = Learned::TakenByAgent(format!("conv-{}", call.id));
        let report = CallReport::of(CallId::from_uuid(call.id), learned);
        stage.dialing.learn(report).await.expect("it is taken in");
        assert_eq!(stage.contact().await.status, "completed");
        assert_eq!(stage.counters().await.calls_placed, 1);
        stage.counters_are_right().await;
    }

    async fn a_line_that_is_busy_is_tried_again_after_its_delay(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        for (end, outcome) in [(End::Busy, "busy"), (End::NoAnswer, "no_answer"), (End::Failed, "failed")] {
            assert_eq!(stage.dial().await.len(), 1);
            let call = stage.live_calls().await.remove(0);
            not_begun(&stage, &call, end).await;
            let contact = stage.contact().await;
            assert_eq!(contact.last_outcome.as_deref(), Some(outcome));
            stage.pass(60);
        }
        assert_eq!(stage.contact().await.status, "failed");
        assert_eq!(stage.counters().await.live, 0);
        stage.counters_are_right().await;
    }

    async fn a_call_of_which_nobody_tells_is_asked_for_and_never_made_twice(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        stage.agents.outbound.lock().push_back(Err(OutboundError::Ambiguous(anyhow!("no answer"))));
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        // The platform has it, and it still rings.
        stage.agents.found.lock().extend([conversation(&call, ConversationStatus::Announced)]);
        stage.clock.advance(TimeDelta::seconds(40));
        assert_eq!(stage.repair().await, 1);
        assert_eq!(stage.live_calls().await.len(), 1);
        assert!(stage.dial().await.is_empty());
        stage.agents.found.lock().extend([conversation(&call, ConversationStatus::Done)]);
        stage.pass(2);
        assert_eq!(stage.repair().await, 1);
        assert_eq!(stage.contact().await.status, "completed");
        assert_eq!(stage.agents.called.lock().len(), 1);
        stage.counters_are_right().await;
    }

    async fn a_call_that_the_platform_never_had_is_not_charged(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        stage.agents.outbound.lock().push_back(Err(OutboundError::Ambiguous(anyhow!("no answer"))));
        stage.dial().await;
        // Its phone may still ring.
        stage.clock.advance(TimeDelta::seconds(60));
        stage.repair().await;
        assert_eq!(stage.live_calls().await.len(), 1);
        stage.clock.advance(TimeDelta::seconds(60));
        stage.repair().await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("pending", 0));
        stage.counters_are_right().await;
    }

    async fn a_platform_without_room_keeps_nobody_from_being_called_later(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        let reason = "too many at once".to_owned();
        let full = OutboundError::NotPlaced(AgentError::NoCapacity { reason });
        stage.agents.outbound.lock().push_back(Err(full));
        assert!(matches!(stage.dial().await[..], [Placed::Undone]));
        assert_eq!(stage.contact().await.attempts, 0);
        assert!(stage.dial().await.is_empty(), "not hammered");
        stage.clock.advance(TimeDelta::seconds(15));
        assert!(matches!(stage.dial().await[..], [Placed::Dialled(_)]));
        stage.counters_are_right().await;
    }

    async fn a_number_that_the_platform_was_not_told_of_pauses_the_campaign(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        stage.agents.unknown_numbers.lock().push("+12025550100".to_owned());
        assert!(matches!(stage.dial().await[..], [Placed::Undone]));
        let campaign = stage.campaign().await;
        assert_eq!(campaign.status, "paused");
        let reason = campaign.status_reason.expect("a reason");
        assert!(reason.contains("cannot call with the campaign's number"), "{reason}");
        assert_eq!(stage.contact().await.attempts, 0);
        assert!(stage.agents.called.lock().is_empty());
        stage.counters_are_right().await;
    }

    async fn what_the_platform_could_not_place_is_an_attempt(stage: Stage) {
        let mut stage = stage;
        set(&stage).await;
        let reason = "no route".to_owned();
        stage.agents.outbound.lock().push_back(Err(OutboundError::Failed { reason }));
        stage.dial().await;
        let contact = stage.contact().await;
        assert_eq!((contact.status.as_str(), contact.attempts), ("contacted", 1));
        assert_eq!(contact.last_error.as_deref(), Some("no route"));
        stage.counters_are_right().await;
    }
}
