//! A call as the carrier knows it: the truth.

use carriers::{FoundCall, Price};
use chrono::{DateTime, TimeDelta, Utc};
use domain::progress::{End, News};
use domain::{AnsweredBy, CallId};

use super::person::Wish;

/// A call that the carrier took on.
#[derive(Clone, Debug)]
pub struct Call {
    /// The carrier's name for it.
    pub name: String,
    /// Our name for it.
    pub id: CallId,
    /// Whom it is to.
    pub to: String,
    /// The number shown.
    pub from: String,
    /// When the carrier took it on.
    pub created_at: DateTime<Utc>,
    /// When it rang.
    pub ringing_at: Option<DateTime<Utc>>,
    /// When somebody or something picked up.
    pub answered_at: Option<DateTime<Utc>>,
    /// Who picked up, once the carrier found out.
    pub detected: Option<(DateTime<Utc>, AnsweredBy)>,
    /// When and how it ended.
    pub ended: Option<(DateTime<Utc>, End)>,
    /// When its price is known, and what it is.
    pub price: Option<(DateTime<Utc>, u64)>,
    /// The talk with the agent, where one began.
    pub talk: Option<Talk>,
}

/// A conversation of the agents' platform.
#[derive(Clone, Debug)]
pub struct Talk {
    /// The platform's name for it.
    pub name: String,
    /// When it began.
    pub begun_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
    /// What the person wants.
    pub wish: Wish,
    /// True where the agent found that it spoke to a machine.
    pub is_voicemail: bool,
}

/// What the carrier saw.
#[derive(Clone, Debug)]
pub enum Seen {
    /// We asked for a call.
    Asked {
        /// Our name for it.
        id: CallId,
        /// Whom it is to.
        to: String,
        /// The number shown.
        from: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// It took the call on.
    Created {
        /// Our name for it.
        id: CallId,
        /// When.
        at: DateTime<Utc>,
    },
    /// The call was over.
    Ended {
        /// Our name for it.
        id: CallId,
        /// When.
        at: DateTime<Utc>,
        /// How.
        end: End,
    },
}

impl Call {
    /// Seconds of talk.
    pub(super) fn talked_s(&self) -> Option<u32> {
        let (ended_at, _) = self.ended?;
        let talk = self
            .answered_at
            .map_or(TimeDelta::zero(), |at| ended_at - at);
        u32::try_from(talk.num_seconds()).ok()
    }

    /// What the carrier's directory said about it at `at`; `None`: nothing yet.
    pub(super) fn found(&self, at: DateTime<Utc>) -> Option<FoundCall> {
        if self.created_at > at {
            return None;
        }
        let mut news = vec![News::Accepted {
            carrier_call_id: self.name.clone(),
        }];
        let mut status = "queued";
        if self.ringing_at.is_some_and(|since| since <= at) {
            news.push(News::Ringing);
            status = "ringing";
        }
        if self.answered_at.is_some_and(|since| since <= at) {
            news.push(News::Answered);
            status = "in-progress";
        }
        if let Some((_, by)) = self.detected.filter(|(since, _)| *since <= at) {
            news.push(News::Detected(by));
        }
        let ended = self.ended.filter(|(since, _)| *since <= at);
        if let Some((_, end)) = ended {
            let duration_s = self.talked_s();
            news.push(News::Ended { end, duration_s });
            status = end.as_str();
        }
        let price = self.price.filter(|(since, _)| *since <= at);
        Some(FoundCall {
            carrier_call_id: self.name.clone(),
            created_at: Some(self.created_at),
            news,
            status: status.to_owned(),
            duration_s: ended.and_then(|_| self.talked_s()),
            price: price.map(|(_, micros)| Price {
                micros,
                currency: "USD".to_owned(),
            }),
        })
    }
}
