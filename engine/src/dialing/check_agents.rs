//! Asks the agents' platform about calls that it makes itself.

use carriers::{AgentError, ConversationStatus};
use chrono::{DateTime, TimeDelta, Utc};
use domain::progress::{End, News};
use domain::{CallId, CampaignId};
use entity::call;

use super::check::Told;
use super::report::{CarrierSays, Learned};
use super::{Dialing, DialingConfig, fault};
use crate::campaigns::limits::TALK_S_MAX;

/// How long after its begin a call that nobody tells the end of is given up.
struct Waits {
    /// The platform has no conversation: the call never took place.
    lost: TimeDelta,
    /// Nobody joined the conversation.
    unjoined: TimeDelta,
    /// Somebody may be talking, and nothing here can end that: the longest talk there is, and all patience after it.
    longest: TimeDelta,
}

impl Waits {
    /// A conversation that was announced may be listed late: the grace has the time of ringing on top, so that nobody is
    /// called again whose phone rings.
    fn by(config: &DialingConfig) -> Self {
        let ringing = TimeDelta::seconds(i64::from(config.ring_timeout_s));
        let patience = TimeDelta::seconds(i64::from(config.conversation_wait_s));
        let talk_s_max = i64::from(config.talk_s_max).max(i64::from(TALK_S_MAX));
        let lost = ringing + TimeDelta::seconds(i64::from(config.lost_after_s));
        Self {
            lost,
            unjoined: lost + patience,
            longest: lost + TimeDelta::seconds(talk_s_max) + patience,
        }
    }
}

impl Dialing {
    /// Asks what became of the call; `None` where nothing is to be said yet.
    ///
    /// Nobody hears of a conversation for ever: after all waits its slot is given back. Who is known to have talked was
    /// reached, and is not called again; of anybody else it is an attempt. "Lost", which costs nothing, is only a call
    /// that the platform was never heard of having.
    pub(super) async fn ask_agents_about(
        &self,
        id: CallId,
        call: &call::Model,
        now: DateTime<Utc>,
    ) -> Option<Learned> {
        let waits = Waits::by(&self.parts.config);
        let is_past = |wait: TimeDelta| now >= call.begun_at + wait;
        let (was_taken, was_answered) = (call.placed_at.is_some(), call.answered_at.is_some());
        match self.conversation_of(id, call).await {
            Ok(Told::Ours(report)) => {
                let is_open = matches!(
                    report.status,
                    ConversationStatus::Announced | ConversationStatus::Open
                );
                let has_begun = was_answered || report.status == ConversationStatus::Open;
                let wait = if has_begun {
                    waits.longest
                } else {
                    waits.unjoined
                };
                // What was never heard of before is in the books first.
                let is_given_up = is_open && was_taken && is_past(wait);
                Some(if is_given_up {
                    given_up(if has_begun {
                        End::Completed
                    } else {
                        End::Failed
                    })
                } else {
                    Learned::Conversation(report)
                })
            }
            Ok(Told::Nothing) if !was_taken => is_past(waits.lost).then(|| given_up(End::Lost)),
            silence => {
                if let Err(error) = silence {
                    self.hear_no_answer(id, call, &error).await;
                }
                let end = if was_answered {
                    End::Completed
                } else {
                    End::Failed
                };
                is_past(waits.longest).then(|| given_up(end))
            }
        }
    }

    /// The platform does not say what became of the call. Where it does not let us ask nothing would be heard of further
    /// calls either.
    async fn hear_no_answer(&self, id: CallId, call: &call::Model, error: &AgentError) {
        tracing::warn!(call.id = %id, ?error, "the agents' platform does not say what became of call {id}");
        let (AgentError::Fault { .. }, Some(campaign)) = (error, call.campaign_id) else {
            return;
        };
        let campaign = CampaignId::from_uuid(campaign);
        if let Err(error) = fault::pause(&self.parts, campaign, &error.to_string()).await {
            tracing::warn!(campaign.id = %campaign, ?error, "could not pause campaign {campaign}");
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
