//! ElevenLabs' client and readers against the network's ElevenLabs.

use std::time::Duration;

use carriers::elevenlabs::DataCollectionIds;
use carriers::elevenlabs::outbound::call_news;
use carriers::elevenlabs::signature;
use carriers::elevenlabs::webhook::{WebhookEvent, parse};
use carriers::{
    AgentCall, AgentError, AgentLine, AgentOverrides, CallingAgents, CampaignFault,
    ConversationQuery, ConversationReport, ConversationStatus, ElevenLabs, ElevenLabsConfig,
    OutboundError, RegisterCall, VoiceAgents,
};
use chrono::Utc;
use domain::AnsweredBy;
use domain::progress::{End, News};
use secrecy::SecretString;
use serde_json::{Map, json};
use simulator::{
    Behaviour, Fault, NumberProvider, OwnedNumber, Simulator, SimulatorConfig, Trigger,
};

use crate::stage::{CALL_ID, Inbox, call_id, eventually, fast, number};

const TO: &str = "+12025550123";
const SIP: &str = "+12025550100";
const EXOTEL: &str = "+918047112200";
const ANSWER: Behaviour = Behaviour::Answer { talk_ms: 30_000 };

struct Stage {
    simulator: Simulator,
    inbox: Inbox,
    agents: ElevenLabs,
}

impl Stage {
    async fn set(config: SimulatorConfig, behaviour: Behaviour) -> Self {
        let numbers = vec![
            OwnedNumber::new(SIP),
            OwnedNumber {
                provider: NumberProvider::Exotel,
                ..OwnedNumber::new(EXOTEL)
            },
        ];
        let config = SimulatorConfig { numbers, ..config };
        let agents = ElevenLabsConfig {
            base_url: "http://127.0.0.1:1".parse().unwrap(),
            api_key: config.elevenlabs_api_key.clone().into(),
            register_timeout: Duration::from_secs(3),
            request_timeout: Duration::from_secs(15),
            data_ids: DataCollectionIds::default(),
        };
        let inbox = Inbox::open().await;
        let simulator = Simulator::start(config).await.unwrap();
        simulator.set_elevenlabs_webhook_url(inbox.url.to_string());
        simulator.people().script(TO, vec![behaviour]);
        let agents = ElevenLabs::new(ElevenLabsConfig {
            base_url: simulator.elevenlabs_base_url().parse().unwrap(),
            ..agents
        })
        .unwrap();
        Self {
            simulator,
            inbox,
            agents,
        }
    }

    async fn call(&self, line: AgentLine) -> AgentCall {
        let from = match line {
            AgentLine::SipTrunk => SIP,
            AgentLine::Exotel => EXOTEL,
        };
        let number_id = self.agents.number_id(line, &number(from)).await.unwrap();
        let overrides = AgentOverrides {
            language: Some("en".to_owned()),
            ..AgentOverrides::default()
        };
        AgentCall {
            line,
            agent_id: "agent_demo".to_owned(),
            number_id: number_id.unwrap(),
            to: number(TO),
            call_id: call_id(),
            ring_timeout_s: 30,
            dynamic_variables: Map::from_iter([("first_name".to_owned(), json!("Ann"))]),
            overrides: overrides.to_value(),
        }
    }

    /// The first webhook, if one of the keys signed it.
    async fn webhook(&self) -> WebhookEvent {
        let arrived = self.inbox.wait_for(1).await.remove(0);
        let secret = SecretString::from(SimulatorConfig::default().elevenlabs_webhook_secret);
        let header = arrived.header(signature::HEADER);
        signature::verify(&[secret], header, &arrived.body, Utc::now()).unwrap();
        parse(&arrived.body, self.agents.data_ids()).unwrap()
    }

    async fn finished(&self, conversation_id: &str) -> ConversationReport {
        eventually("the end of the conversation", || async {
            let report = self.agents.conversation(conversation_id).await.unwrap();
            let is_over = !matches!(
                report.status,
                ConversationStatus::Open | ConversationStatus::Announced
            );
            is_over.then_some(report)
        })
        .await
    }
}

#[tokio::test]
async fn elevenlabs_calls_somebody_over_either_line_and_reports_the_conversation() {
    for line in [AgentLine::SipTrunk, AgentLine::Exotel] {
        let stage = Stage::set(fast(), ANSWER).await;
        let call = stage.call(line).await;
        let placed = stage.agents.place_call(&call).await.unwrap();
        let WebhookEvent::Conversation { report, .. } = stage.webhook().await else {
            panic!("a conversation")
        };
        assert_eq!(report.conversation_id, placed.conversation_id);
        assert_eq!(report.call_id, Some(call_id()));
        let expected = [News::Ended {
            end: End::Completed,
            duration_s: Some(30),
        }];
        assert_eq!(call_news(&report), expected);
        let raw = &report.raw["conversation_initiation_client_data"];
        assert_eq!(raw["dynamic_variables"]["first_name"], "Ann");
        assert_eq!(
            raw["conversation_config_override"]["agent"]["language"],
            "en"
        );
        let asked = stage.finished(&placed.conversation_id).await;
        assert_eq!(call_news(&asked), expected);
        assert_eq!(asked.transcript, report.transcript);
        let recorded = stage.simulator.recorder().calls_to(TO).remove(0);
        assert_eq!(recorded.call_id.unwrap().to_string(), CALL_ID);
    }
}

#[tokio::test]
async fn a_call_that_became_no_conversation_is_reported_and_can_be_asked_for() {
    for (behaviour, end) in [
        (Behaviour::Busy, End::Busy),
        (Behaviour::NoAnswer, End::NoAnswer),
        (Behaviour::Failed, End::Failed),
        (Behaviour::InvalidNumber, End::Failed),
    ] {
        let stage = Stage::set(fast(), behaviour).await;
        let call = stage.call(AgentLine::SipTrunk).await;
        let placed = stage.agents.place_call(&call).await.unwrap();
        let WebhookEvent::InitiationFailure(failure) = stage.webhook().await else {
            panic!("a failure")
        };
        assert_eq!(
            (failure.conversation_id.as_str(), failure.end),
            (placed.conversation_id.as_str(), end)
        );
        assert!(failure.sip_status_code.is_some());
        let report = stage.finished(&placed.conversation_id).await;
        let duration_s = None;
        assert_eq!(call_news(&report), [News::Ended { end, duration_s }]);
    }
}

#[tokio::test]
async fn a_machine_that_picked_up_is_told_from_a_person() {
    let stage = Stage::set(fast(), Behaviour::Voicemail).await;
    let call = stage.call(AgentLine::Exotel).await;
    let placed = stage.agents.place_call(&call).await.unwrap();
    let report = stage.finished(&placed.conversation_id).await;
    let news = call_news(&report);
    assert_eq!(news[0], News::Detected(AnsweredBy::Machine));
}

#[tokio::test]
async fn a_webhook_that_overtakes_the_answer_names_the_same_conversation() {
    let stage = Stage::set(fast(), Behaviour::Busy).await;
    let faults = stage.simulator.faults();
    faults.set(Fault::OutboundAfterWebhook, Trigger::always());
    let call = stage.call(AgentLine::SipTrunk).await;
    let placed = stage.agents.place_call(&call).await.unwrap();
    assert_eq!(stage.inbox.arrived().len(), 1, "before the answer");
    let WebhookEvent::InitiationFailure(failure) = stage.webhook().await else {
        panic!("a failure")
    };
    assert_eq!(failure.conversation_id, placed.conversation_id);
}

#[tokio::test]
async fn a_call_in_doubt_is_found_by_our_name_for_it() {
    let stage = Stage::set(fast(), ANSWER).await;
    let query = ConversationQuery {
        call_id: call_id(),
        agent_id: "agent_demo".to_owned(),
        since: Utc::now(),
    };
    let before = stage.agents.find_conversation(&query).await.unwrap();
    assert_eq!(before, None);
    let call = stage.call(AgentLine::SipTrunk).await;
    let placed = stage.agents.place_call(&call).await.unwrap();
    let found = stage.agents.find_conversation(&query).await.unwrap();
    assert_eq!(found, Some(placed.conversation_id));
}

#[tokio::test]
async fn refusals_of_the_networks_elevenlabs_say_what_to_do() {
    let stage = Stage::set(fast(), ANSWER).await;
    let call = stage.call(AgentLine::SipTrunk).await;
    let refused = async |fault| {
        stage.simulator.faults().set(fault, Trigger::times(1));
        stage.agents.place_call(&call).await.unwrap_err()
    };
    let error = refused(Fault::RateLimitExceeded).await;
    assert!(
        matches!(
            error,
            OutboundError::NotPlaced(AgentError::Retryable { .. })
        ),
        "{error:?}"
    );
    let error = refused(Fault::TooManyConcurrentRequests).await;
    assert!(
        matches!(
            error,
            OutboundError::NotPlaced(AgentError::NoCapacity { .. })
        ),
        "{error:?}"
    );
    let error = refused(Fault::OutboundRefused).await;
    assert!(matches!(error, OutboundError::Failed { .. }), "{error:?}");
    let error = refused(Fault::QuotaExceeded).await;
    let balance = CampaignFault::Balance;
    assert!(
        matches!(error, OutboundError::NotPlaced(AgentError::Fault { fault, .. }) if fault == balance),
        "{error:?}"
    );
    // A number of another line, and an agent that is not there.
    let wrong_line = AgentCall {
        line: AgentLine::Exotel,
        ..call.clone()
    };
    let no_agent = AgentCall {
        agent_id: "agent_none".to_owned(),
        ..call.clone()
    };
    for (call, expected) in [
        (wrong_line, CampaignFault::CallerNumber),
        (no_agent, CampaignFault::Configuration),
    ] {
        match stage.agents.place_call(&call).await {
            Err(OutboundError::NotPlaced(AgentError::Fault { fault, .. })) => {
                assert_eq!(fault, expected);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(stage.simulator.recorder().summary().accepted, 0);
}

#[tokio::test]
async fn beyond_the_workspaces_conversations_there_is_no_capacity() {
    let config = SimulatorConfig {
        concurrent_conversations: Some(1),
        ..SimulatorConfig::default()
    };
    let stage = Stage::set(config, ANSWER).await;
    let call = stage.call(AgentLine::SipTrunk).await;
    stage.agents.place_call(&call).await.unwrap();
    let error = stage.agents.place_call(&call).await.unwrap_err();
    assert!(
        matches!(
            error,
            OutboundError::NotPlaced(AgentError::NoCapacity { .. })
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn agents_and_numbers_are_listed_by_line_and_a_call_is_registered() {
    let stage = Stage::set(fast(), ANSWER).await;
    let agents = &stage.agents;
    assert_eq!(agents.list_agents().await.unwrap().len(), 1);
    assert_eq!(agents.list_numbers().await.unwrap().len(), 2);
    let on = async |line, digits| agents.number_id(line, &number(digits)).await.unwrap();
    assert!(on(AgentLine::SipTrunk, SIP).await.is_some());
    assert!(on(AgentLine::Exotel, EXOTEL).await.is_some());
    assert_eq!(on(AgentLine::SipTrunk, EXOTEL).await, None);
    let document = agents
        .register_call(&RegisterCall {
            agent_id: "agent_demo".to_owned(),
            from: number(SIP),
            to: number(TO),
            call_id: call_id(),
            dynamic_variables: Map::new(),
            overrides: None,
        })
        .await
        .unwrap();
    assert!(
        document.contains("<Connect><Stream url=\"wss://"),
        "{document}"
    );
}
