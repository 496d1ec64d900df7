//! Asks the agents' platform about calls that it makes itself.

use carriers::{AgentError, ConversationStatus};
use chrono::{DateTime, TimeDelta, Utc};
use domain::CallId;
use domain::progress::{End, News};
use entity::call;

use super::Dialing;
use super::report::{CarrierSays, Learned};

impl Dialing {
    /// Asks what became of the call; `None` where the platform does not say, or where saying "lost" would be a guess.
    ///
    /// A conversation that was announced may be listed late: the grace has the time of ringing on top, so that nobody is
    /// called again whose phone rings.
    pub(super) async fn ask_agents_about(
        &self,
        id: CallId,
        call: &call::Model,
        now: DateTime<Utc>,
    ) -> Option<Learned> {
        let config = &self.parts.config;
        let ringing = TimeDelta::seconds(i64::from(config.ring_timeout_s));
        let lost_after = ringing + TimeDelta::seconds(i64::from(config.lost_after_s));
        let patience = TimeDelta::seconds(i64::from(config.conversation_wait_s));
        let talk_max = TimeDelta::seconds(i64::from(config.talk_s_max));
        let is_past = |wait: TimeDelta| now >= call.begun_at + wait;
        match self.conversation_of(id, call).await {
            Ok(Some(report)) => {
                let has_begun = report.status != ConversationStatus::Announced;
                // Nobody hears of a conversation for ever: its slot is given back.
                let longest = if has_begun {
                    talk_max
                } else {
                    TimeDelta::zero()
                };
                let is_open = !matches!(
                    report.status,
                    ConversationStatus::Done | ConversationStatus::Failed
                );
                if is_open && is_past(lost_after + longest + patience) {
                    return Some(given_up(End::Failed));
                }
                Some(Learned::Conversation(Box::new(report)))
            }
            Ok(None) | Err(AgentError::NotFound) if is_past(lost_after) => {
                let was_taken = call.placed_at.is_some();
                Some(given_up(if was_taken { End::Failed } else { End::Lost }))
            }
            Ok(None) | Err(AgentError::NotFound) => None,
            Err(error) => {
                tracing::warn!(call.id = %id, ?error, "the agents' platform does not say what became of call {id}");
                None
            }
        }
    }
}

fn given_up(end: End) -> Learned {
    let error = "the agents' platform does not say how the call went";
    Learned::Carrier(CarrierSays {
        news: vec![News::Ended {
            end,
            duration_s: None,
        }],
        error: Some(error.to_owned()),
        ..CarrierSays::default()
    })
}
