//! What the world outside tells us unasked.

use carriers::{CarrierKind, ConversationReport, ConversationStatus, ConversationWish};
use chrono::{DateTime, TimeDelta, Utc};
use domain::CallId;
use domain::progress::News;
use engine::dialing::{CallReport, CarrierSays, Learned, PersonWish};
use engine::store::inbox::Receipt;

use super::call::Talk;
use super::{Call, Network};
use crate::clock::millis;

/// One webhook.
#[derive(Clone, Debug)]
pub struct Post {
    /// Which call.
    pub call: CallId,
    /// The same for a repetition.
    pub key: String,
    /// What is told.
    pub told: Told,
}

/// What a webhook tells.
#[derive(Clone, Debug)]
pub enum Told {
    /// The call went on.
    News(Vec<News>, String),
    /// It was picked up: what shall be done with it?
    WhatNow,
    /// The conversation is over.
    Conversation(Box<ConversationReport>),
    /// The person asked for something, and the agent says so at once.
    Wish(PersonWish),
}

impl Post {
    /// As the dialer takes it in, at `now`.
    #[must_use]
    pub fn report(&self, now: DateTime<Utc>) -> CallReport {
        let receipt = |provider: &'static str, kind: &'static str| Receipt {
            key: self.key.clone(),
            provider: provider.into(),
            kind: kind.into(),
            received_at: now,
        };
        let (receipt, learned) = match &self.told {
            Told::News(news, status) => {
                let says = CarrierSays {
                    carrier: Some(CarrierKind::SignalWire),
                    news: news.clone(),
                    status: Some(status.clone()),
                    ..CarrierSays::default()
                };
                (
                    Some(receipt("signalwire", "status")),
                    Learned::Carrier(says),
                )
            }
            Told::WhatNow => {
                let says = CarrierSays {
                    carrier: Some(CarrierKind::SignalWire),
                    news: vec![News::Answered],
                    ..CarrierSays::default()
                };
                (
                    Some(receipt("signalwire", "answer")),
                    Learned::Carrier(says),
                )
            }
            Told::Conversation(report) => {
                let learned = Learned::Conversation(report.clone());
                (Some(receipt("elevenlabs", "post_call")), learned)
            }
            Told::Wish(wish) => (None, Learned::Wish(*wish)),
        };
        CallReport {
            call: self.call,
            receipt,
            learned,
        }
    }
}

impl Network {
    /// Sends a webhook, as reliably as there are faults.
    pub(super) fn post(&mut self, post: Post) {
        if self.chance.happens(self.faults.posts_lost) {
            return;
        }
        let copies = 1 + usize::from(self.chance.happens(self.faults.posts_doubled));
        for _ in 0..copies {
            let wait = if self.chance.happens(self.faults.posts_late) {
                millis(self.chance.between(1_000, 3_600_000))
            } else {
                millis(self.chance.between(0, 1_500))
            };
            let post = post.clone();
            self.after(wait, move |network| network.posts.push(post));
        }
    }

    /// Tells `news` of the call at `index`.
    pub(super) fn tell(&mut self, index: usize, news: News, status: &str) {
        let call = &self.calls[index];
        let accepted = News::Accepted {
            carrier_call_id: call.name.clone(),
        };
        let post = Post {
            call: call.id,
            key: format!("signalwire:{}:{status}", call.name),
            told: Told::News(vec![accepted, news], status.to_owned()),
        };
        self.post(post);
    }
}

/// What the platform says of the `talk` in `call` at `now`.
pub(super) fn conversation(call: &Call, talk: &Talk, now: DateTime<Utc>) -> ConversationReport {
    let ended_at = talk.ended_at.filter(|at| *at <= now);
    let spoke = ended_at.map(|at| at - talk.begun_at);
    let callback = talk.wish.callback;
    ConversationReport {
        conversation_id: talk.name.clone(),
        call_id: Some(call.id),
        agent_id: "agent".to_owned(),
        status: if ended_at.is_some() {
            ConversationStatus::Done
        } else {
            ConversationStatus::Open
        },
        transcript: Vec::new(),
        summary: None,
        started_at: Some(talk.begun_at),
        duration_s: spoke.and_then(|spoke| u32::try_from(spoke.num_seconds()).ok()),
        cost_credits: Some(7),
        cost: None,
        successful: Some(callback.is_none()),
        is_voicemail: talk.is_voicemail,
        was_transferred: false,
        call_result: None,
        wish: ConversationWish {
            callback_requested: callback.is_some(),
            callback_at: callback
                .flatten()
                .map(|minutes| talk.begun_at + TimeDelta::minutes(minutes)),
            callback_at_local: None,
            do_not_call: talk.wish.do_not_call,
        },
        end_reason: None,
        error: None,
        raw: serde_json::json!({}),
    }
}
