//! What is asked of ElevenLabs.

use anyhow::Context as _;
use carriers::elevenlabs::DataCollectionIds;
use carriers::{
    AgentCall, AgentLine, AgentOverrides, CallingAgents as _, ConversationQuery, ElevenLabs,
    ElevenLabsConfig, RegisterCall, VoiceAgents as _,
};
use chrono::DateTime;
use serde_json::{Map, Value, json};
use simulator::SimulatorConfig;

use crate::{Intent, RING_TIMEOUT_S, call_id, from, to};

/// The agent that speaks.
const AGENT: &str = "agent_demo";

/// Seconds since 1970: conversations before it, less a minute for clocks that differ, do not count.
const SINCE_UNIX: i64 = 1_700_000_060;

/// Does what is asked for; `false`: that is none of ElevenLabs'.
pub(crate) async fn fulfil(intent: &Intent) -> anyhow::Result<bool> {
    let client = client(intent)?;
    match intent.name.as_str() {
        "register-call" => drop(client.register_call(&announcement()?).await?),
        "call-over-sip-trunk" => {
            let call = call(AgentLine::SipTrunk, intent.id()?)?;
            drop(client.place_call(&call).await?);
        }
        "call-over-exotel" => {
            let call = call(AgentLine::Exotel, intent.id()?)?;
            drop(client.place_call(&call).await?);
        }
        "get-conversation" => drop(client.conversation(intent.id()?).await?),
        "find-conversation" => drop(client.find_conversation(&query()?).await?),
        "list-agents" => drop(client.list_agents().await?),
        "list-phone-numbers" => drop(client.list_numbers().await?),
        "find-phone-number" => drop(client.number_id(AgentLine::SipTrunk, &from()?).await?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn client(intent: &Intent) -> anyhow::Result<ElevenLabs> {
    ElevenLabs::new(ElevenLabsConfig {
        base_url: intent.base.clone(),
        api_key: SimulatorConfig::default().elevenlabs_api_key.into(),
        register_timeout: ElevenLabsConfig::REQUEST_TIMEOUT,
        request_timeout: ElevenLabsConfig::REQUEST_TIMEOUT,
        data_ids: DataCollectionIds::default(),
    })
    .context("the client of ElevenLabs")
}

/// One variable of each kind.
fn dynamic_variables() -> Map<String, Value> {
    let variables = [
        ("first_name", json!("Ann")),
        ("visits", json!(3)),
        ("is_member", json!(true)),
    ];
    let named = variables.map(|(name, value)| (name.to_owned(), value));
    named.into_iter().collect()
}

/// Everything that can differ for one call.
fn overrides() -> Option<Value> {
    AgentOverrides {
        language: Some("en".to_owned()),
        first_message: Some("Hello Ann.".to_owned()),
        prompt: Some("You are kind.".to_owned()),
        voice_id: Some("voice_demo".to_owned()),
        max_duration_s: Some(600),
    }
    .to_value()
}

fn announcement() -> anyhow::Result<RegisterCall> {
    Ok(RegisterCall {
        agent_id: AGENT.to_owned(),
        from: from()?,
        to: to()?,
        call_id: call_id()?,
        dynamic_variables: dynamic_variables(),
        overrides: overrides(),
    })
}

fn call(line: AgentLine, number_id: &str) -> anyhow::Result<AgentCall> {
    Ok(AgentCall {
        line,
        agent_id: AGENT.to_owned(),
        number_id: number_id.to_owned(),
        to: to()?,
        call_id: call_id()?,
        ring_timeout_s: RING_TIMEOUT_S,
        dynamic_variables: dynamic_variables(),
        overrides: overrides(),
    })
}

fn query() -> anyhow::Result<ConversationQuery> {
    Ok(ConversationQuery {
        call_id: call_id()?,
        agent_id: AGENT.to_owned(),
        since: DateTime::from_timestamp(SINCE_UNIX, 0).context("no such time")?,
    })
}
