//! The document that an answered call gets: how the carrier connects it with the agent.

use carriers::signalwire::cxml::{self, DialSip};
use carriers::{AgentError, CarrierKind, RegisterCall};
use domain::progress::News;
use domain::{CallId, CallRoute, CampaignId, PhoneNumber};
use entity::call;

use super::report::CallReport;
use super::route::route_of;
use super::{Dialing, fault};
use crate::error::EngineError;
use crate::fail_point;
use crate::store;

impl Dialing {
    /// The document for the call `id` that was just picked up.
    ///
    /// A call that is over in our books, or not in them, is hung up: it may be one that was given up and redialled. Where
    /// the agent's provider does not answer in time the person is not kept waiting in silence either, and the call counts
    /// as failed. Safe to ask twice: each document opens a conversation of its own when it is played, and after one that hung
    /// up each does.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn answer(&self, id: CallId) -> Result<String, EngineError> {
        let Some(call) = store::calls::find(self.parts.database.reader(), id).await? else {
            return Ok(cxml::hangup());
        };
        // Once it was said that nobody speaks with the person it stays so: the call counts as failed, and is made again.
        if call.settled_at.is_some() || call.agent_error.is_some() {
            return Ok(cxml::hangup());
        }
        match route_of(&call, &self.parts.config) {
            CallRoute::Stream => self.stream(id, &call).await,
            CallRoute::Sip => self.sip(id, &call).await,
            // Nobody asked for a document.
            CallRoute::Agent => Ok(cxml::hangup()),
        }
    }

    async fn stream(&self, id: CallId, call: &call::Model) -> Result<String, EngineError> {
        let Some(agent_id) = call.agent_id.clone() else {
            return self
                .without_agent(id, "the campaign names no agent".to_owned())
                .await;
        };
        let briefing = self.briefing(call).await?;
        let request = RegisterCall {
            agent_id,
            from: PhoneNumber::from_stored(call.from_number.clone()),
            to: PhoneNumber::from_stored(call.to_number.clone()),
            call_id: id,
            dynamic_variables: briefing.variables,
            overrides: briefing.config.overrides.to_value(),
        };
        let registered = self.parts.agents.register_call(&request).await;
        fail_point!("answer.registered");
        match registered {
            Ok(document) => Ok(document),
            Err(error) => {
                tracing::warn!(call.id = %id, ?error, "no agent for call {id}");
                if let (AgentError::Fault { .. }, Some(campaign)) = (&error, call.campaign_id) {
                    fault::pause(
                        &self.parts,
                        CampaignId::from_uuid(campaign),
                        &error.to_string(),
                    )
                    .await?;
                }
                self.without_agent(id, error.to_string()).await
            }
        }
    }

    async fn without_agent(&self, id: CallId, reason: String) -> Result<String, EngineError> {
        self.learn(CallReport::news(id, vec![News::AgentFailed { reason }]))
            .await?;
        Ok(cxml::hangup())
    }

    async fn sip(&self, id: CallId, call: &call::Model) -> Result<String, EngineError> {
        let config = &self.parts.config;
        let asked_s = self.briefing(call).await?.config.overrides.max_duration_s;
        let Some(host) = &config.agent_sip_host else {
            let reason = "no address of agents over SIP is configured".to_owned();
            return self.without_agent(id, reason).await;
        };
        let mut action = config.webhook_base(CarrierKind::SignalWire, id);
        action.set_path(&format!("{}/dial-result", action.path()));
        let uri = format!("sip:{}@{host}", call.from_number);
        let caller_id = &PhoneNumber::from_stored(call.from_number.clone());
        let dial = DialSip {
            uri: &uri,
            caller_id,
            action: &action,
            time_limit_s: asked_s
                .map_or(config.talk_s_max, |asked_s| asked_s.min(config.talk_s_max)),
        };
        Ok(cxml::dial_sip(&dial))
    }
}
