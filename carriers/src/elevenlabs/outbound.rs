//! Calls that ElevenLabs makes itself: over a SIP trunk, or by its own connection to Exotel.
//!
//! Never by its connection to Twilio: that dials with a Twilio account stored at ElevenLabs.

use anyhow::anyhow;
use async_trait::async_trait;
use domain::progress::{End, News};
use domain::{AnsweredBy, PhoneNumber};
use reqwest::Method;
use serde_json::Value;

use super::ElevenLabs;
use super::errors;
use super::wire::{OutboundCallAnswer, OutboundCallBody};
use crate::agent::{AgentError, ConversationReport, ConversationStatus};
use crate::http::{self, Answer, NoAnswer};
use crate::outbound::{AgentCall, AgentLine, CallingAgents, OutboundError, PlacedByAgent};
use crate::redact;

/// Longest answer read, in bytes.
const ANSWER_MAX: usize = 64 * 1024;

/// ElevenLabs' word for a line, in a number.
pub(super) const fn provider(line: AgentLine) -> &'static str {
    match line {
        AgentLine::SipTrunk => "sip_trunk",
        AgentLine::Exotel => "exotel",
    }
}

/// The part of the address that stands for a line.
const fn segment(line: AgentLine) -> &'static str {
    match line {
        AgentLine::SipTrunk => "sip-trunk",
        AgentLine::Exotel => "exotel",
    }
}

#[async_trait]
impl CallingAgents for ElevenLabs {
    async fn place_call(&self, call: &AgentCall) -> Result<PlacedByAgent, OutboundError> {
        let request = self
            .request(
                Method::POST,
                self.url([segment(call.line), "outbound-call"]),
            )
            .json(&OutboundCallBody::from(call));
        let answer = http::exchange(request, ANSWER_MAX)
            .await
            .map_err(|error| match error {
                NoAnswer::NeverSent(source) => OutboundError::NotPlaced(AgentError::Retryable {
                    not_before: None,
                    source,
                }),
                NoAnswer::Unknown(source) => OutboundError::Ambiguous(source),
            })?;
        if answer.status.is_success() {
            placed(answer)
        } else {
            Err(errors::not_called(&answer))
        }
    }

    async fn number_id(
        &self,
        line: AgentLine,
        number: &PhoneNumber,
    ) -> Result<Option<String>, AgentError> {
        let numbers = self.all_numbers(Some(line)).await?;
        let mut ours = numbers
            .into_iter()
            .filter(|known| known.is_outbound && known.number == *number);
        Ok(ours.next().map(|known| known.number_id))
    }
}

/// A call was placed where ElevenLabs says so and names its conversation. Where it says only one of the two, nobody knows.
fn placed(answer: Answer) -> Result<PlacedByAgent, OutboundError> {
    let body = answer
        .body
        .map_err(|e| OutboundError::Ambiguous(e.into_source()))?;
    let answer: OutboundCallAnswer =
        serde_json::from_slice(&body).map_err(|e| OutboundError::Ambiguous(e.into()))?;
    let conversation_id = answer.conversation_id.filter(|id| !id.is_empty());
    match (answer.success, conversation_id) {
        (true, Some(conversation_id)) => Ok(PlacedByAgent { conversation_id }),
        (false, None) => Err(OutboundError::Failed {
            reason: match &answer.message {
                Some(message) => redact::sentence(message),
                None => "ElevenLabs gave no reason".to_owned(),
            },
        }),
        (true, None) => Err(OutboundError::Ambiguous(anyhow!(
            "ElevenLabs took the call on without naming its conversation"
        ))),
        (false, Some(_)) => Err(OutboundError::Ambiguous(anyhow!(
            "ElevenLabs named a conversation of a call that it says it did not place"
        ))),
    }
}

/// What a conversation teaches about the call that ElevenLabs made for it, in the order in which it must have happened:
/// whether it was picked up, by whom, and how it ended.
#[must_use]
pub fn call_news(report: &ConversationReport) -> Vec<News> {
    let mut news = Vec::new();
    let status = report.raw.get("status").and_then(Value::as_str);
    if report.status == ConversationStatus::Open && status == Some("in-progress") {
        news.push(News::Answered);
    }
    if report.is_voicemail {
        news.push(News::Detected(AnsweredBy::Machine));
    }
    let is_over = matches!(
        report.status,
        ConversationStatus::Done | ConversationStatus::Failed
    );
    if is_over {
        let end = end(report);
        let duration_s = report.duration_s.filter(|_| end == End::Completed);
        news.push(News::Ended { end, duration_s });
    }
    news
}

/// How the call ended: by ElevenLabs' word for it, else by whether there was a conversation.
fn end(report: &ConversationReport) -> End {
    let word = report.call_result.as_deref().unwrap_or_default();
    match word.to_ascii_lowercase().replace('-', "_").as_str() {
        "answered" | "voicemail" => End::Completed,
        "busy" => End::Busy,
        "no_answer" => End::NoAnswer,
        "failed" => End::Failed,
        // Whoever talked was there, also where it broke off.
        _ if report.status == ConversationStatus::Done || report.duration_s > Some(0) => {
            End::Completed
        }
        _ => End::Failed,
    }
}
