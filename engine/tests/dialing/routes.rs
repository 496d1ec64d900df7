//! How a call reaches its agent: as its campaign chooses, else as is configured.

use domain::CallId;
use domain::progress::{End, News};
use engine::dialing::CallReport;
use entity::call;
use sea_orm::Set;
use serde_json::{Value, json};

use crate::on_both;
use crate::stage::Stage;

/// The campaign says this of its agent.
async fn says(stage: &Stage, config: Value) {
    stage
        .change(|row| {
            row.voice_agent_id = Set(Some("agent_demo".to_owned()));
            row.agent_config = Set(Some(config));
        })
        .await;
}

/// What the carrier is told once somebody picks the call up.
async fn document(stage: &Stage, call: &call::Model) -> String {
    let document = stage.dialing.answer(CallId::from_uuid(call.id)).await;
    document.expect("a document")
}

const OVER_SIP: &str = "sip:+12025550100@sip.rtc.elevenlabs.io:5060;transport=tcp";

on_both! {
    async fn a_campaign_chooses_how_its_calls_reach_their_agent(stage: Stage) {
        let mut stage = stage;
        stage.people(2, "").await;
        stage.change(|row| row.max_concurrent_calls = Set(1)).await;
        says(&stage, json!({ "route": "sip" })).await;
        stage.dial().await;
        let over_sip = stage.live_calls().await.remove(0);
        assert_eq!(over_sip.route.as_deref(), Some("sip"));
        // A call stays with what it was begun with, whatever its campaign chooses meanwhile.
        says(&stage, json!({ "route": "stream" })).await;
        let told = document(&stage, &over_sip).await;
        assert!(told.contains(OVER_SIP), "{told}");
        assert!(stage.agents.registered.lock().is_empty());
        stage.all_end(End::Busy).await;

        stage.dial().await;
        let streamed = stage.live_calls().await.remove(0);
        assert_eq!(streamed.route.as_deref(), Some("stream"));
        assert_eq!(document(&stage, &streamed).await, "<Response/>");
        assert_eq!(stage.agents.registered.lock().len(), 1);
    }

    async fn where_a_campaign_says_nothing_that_is_a_route_the_configuration_decides(stage: Stage) {
        let mut stage = stage;
        stage.people(2, "").await;
        // Kept from when nothing in there meant anything.
        for config in [json!({ "voice": "male-professional" }), json!({ "route": 7 })] {
            says(&stage, config).await;
            stage.dial().await;
            for call in stage.live_calls().await {
                assert_eq!(call.route.as_deref(), Some("stream"));
                assert_eq!(document(&stage, &call).await, "<Response/>");
            }
            stage.all_end(End::Busy).await;
            stage.pass(60);
        }
        // Calls from before there was a choice.
        let mut old = stage.calls().await.remove(0);
        old.route = None;
        old.settled_at = None;
        let mut row: call::ActiveModel = old.clone().into();
        row.route = Set(None);
        row.settled_at = Set(None);
        sea_orm::ActiveModelTrait::update(row, stage.database.writer()).await.expect("the call changes");
        assert_eq!(document(&stage, &old).await, "<Response/>");
    }

    async fn only_over_sip_is_a_leg_that_nobody_took_the_agents(stage: Stage) {
        let mut stage = stage;
        stage.people(2, "").await;
        stage.change(|row| row.max_concurrent_calls = Set(1)).await;
        for (route, error) in [("sip", Some("nobody took it")), ("stream", None)] {
            says(&stage, json!({ "route": route })).await;
            stage.dial().await;
            let call = stage.live_calls().await.remove(0);
            let report = CallReport::news(CallId::from_uuid(call.id), vec![News::Answered]);
            let taken_in = stage.dialing.learn_of_leg(report, Some("nobody took it".to_owned())).await;
            taken_in.expect("the report is taken in");
            let call = stage.live_calls().await.remove(0);
            assert!(call.answered_at.is_some());
            assert_eq!(call.agent_error.as_deref(), error, "{route}");
            stage.all_end(End::Completed).await;
        }
        stage.counters_are_right().await;
    }

    async fn what_a_campaign_says_of_its_agent_reaches_it_with_each_call(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        let config = json!({
            "voice": "male-professional", "languages": ["en-US"], "language": "hi",
            "firstMessage": "Namaste", "prompt": "Sell tea.", "voiceId": "voice_7", "maxDurationSeconds": 240.0,
        });
        says(&stage, config).await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        document(&stage, &call).await;
        let told = stage.agents.registered.lock().remove(0);
        let expected = json!({
            "agent": { "language": "hi", "first_message": "Namaste", "prompt": { "prompt": "Sell tea." } },
            "tts": { "voice_id": "voice_7" },
            "conversation": { "max_duration_seconds": 240 },
        });
        assert_eq!(told.overrides, Some(expected));
        assert_eq!(told.call_id, CallId::from_uuid(call.id));
    }

    async fn where_a_campaign_says_nothing_of_its_agent_nothing_differs_from_its_settings(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        // What was kept from before, and means nothing that can be done.
        says(&stage, json!({ "voice": "male-professional", "language": 5, "prompt": " ", "maxDurationSeconds": -1 })).await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        document(&stage, &call).await;
        assert_eq!(stage.agents.registered.lock().remove(0).overrides, None);
    }

    async fn over_sip_the_longest_talk_that_a_campaign_asks_for_is_the_carriers_to_keep(stage: Stage) {
        let mut stage = stage;
        stage.people(1, "").await;
        says(&stage, json!({ "route": "sip", "maxDurationSeconds": 240 })).await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        let told = document(&stage, &call).await;
        assert!(told.contains("timeLimit=\"240\""), "{told}");
        // Not more than is configured.
        says(&stage, json!({ "route": "sip", "maxDurationSeconds": 14_400 })).await;
        let told = document(&stage, &call).await;
        assert!(told.contains("timeLimit=\"3600\""), "{told}");
    }
}
