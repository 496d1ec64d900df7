//! What those who watch are told.

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use domain::{CallId, CampaignId, UserId};
use entity::call;
use uuid::Uuid;

use super::figures::LiveStats;
use super::notice::UndoneCall;
use crate::campaigns::CampaignDetail;

/// News for those who watch.
#[derive(Clone, Debug)]
pub enum News {
    /// The figures of all that one may see, every two seconds.
    Stats(LiveStats),
    /// A campaign, or what it comes to, changed.
    Campaign(Box<CampaignDetail>),
    /// A campaign is not to be seen any more.
    CampaignDeleted {
        /// The campaign.
        id: CampaignId,
        /// Whose it was.
        owner: UserId,
    },
    /// A call changed.
    Call(Box<CallSeen>),
    /// A call was begun and taken back: the carrier did not take it on.
    CallUndone(UndoneCall),
}

/// What is shown of a call while it goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct CallSeen {
    /// The call.
    pub id: Uuid,
    /// Whose.
    pub owner_id: Uuid,
    /// Which campaign; none: a single call.
    pub campaign_id: Option<Uuid>,
    /// Which contact; none: a single call.
    pub contact_id: Option<i64>,
    /// 1 for the first charged call to the contact.
    pub attempt: i32,
    /// True where the contact had asked for it.
    pub is_callback: bool,
    /// `outbound` or `inbound`.
    pub direction: String,
    /// The carrier's name for it, once known.
    pub carrier_call_id: Option<String>,
    /// E.164.
    pub from_number: String,
    /// E.164.
    pub to_number: String,
    /// Who speaks.
    pub agent_id: Option<String>,
    /// A word of `domain::CallStatus`.
    pub status: String,
    /// A word of `domain::Outcome`, once over.
    pub outcome: Option<String>,
    /// A word of `domain::AnsweredBy`.
    pub answered_by: Option<String>,
    /// Whether the conversation reached its goal.
    pub is_successful: Option<bool>,
    /// True once handed on.
    pub is_transferred: bool,
    /// When the slot was taken.
    pub begun_at: DateTime<Utc>,
    /// When the phone rang.
    pub ringing_at: Option<DateTime<Utc>>,
    /// When it was picked up.
    pub answered_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
    /// True once its slot is given back.
    pub is_settled: bool,
    /// Seconds of talk.
    pub duration_s: Option<i32>,
    /// What went wrong.
    pub error: Option<String>,
}

impl From<call::Model> for CallSeen {
    fn from(row: call::Model) -> Self {
        Self {
            id: row.id,
            owner_id: row.owner_id,
            campaign_id: row.campaign_id,
            contact_id: row.contact_id,
            attempt: row.attempt,
            is_callback: row.is_callback,
            direction: row.direction,
            carrier_call_id: row.carrier_call_id,
            from_number: row.from_number,
            to_number: row.to_number,
            agent_id: row.agent_id,
            status: row.status,
            outcome: row.outcome,
            answered_by: row.answered_by,
            is_successful: row.is_successful,
            is_transferred: row.is_transferred,
            begun_at: row.begun_at,
            ringing_at: row.ringing_at,
            answered_at: row.answered_at,
            ended_at: row.ended_at,
            is_settled: row.settled_at.is_some(),
            duration_s: row.duration_s,
            error: row.error.or(row.agent_error),
        }
    }
}

impl CallSeen {
    /// The call.
    #[must_use]
    pub const fn id(&self) -> CallId {
        CallId::from_uuid(self.id)
    }
}

/// News, made into text once for all who are told.
#[derive(Debug)]
pub struct Update {
    /// The news.
    pub news: News,
    /// Whose figures these are, for [`News::Stats`]: `None`, everybody's.
    scope: Option<UserId>,
    text: OnceLock<Arc<str>>,
}

impl Update {
    /// News of something that somebody owns.
    #[must_use]
    pub fn new(news: News) -> Arc<Self> {
        Arc::new(Self {
            news,
            scope: None,
            text: OnceLock::new(),
        })
    }

    /// The figures of all that `scope` may see.
    #[must_use]
    pub fn stats(stats: LiveStats, scope: Option<UserId>) -> Arc<Self> {
        Arc::new(Self {
            news: News::Stats(stats),
            scope,
            text: OnceLock::new(),
        })
    }

    /// The news as text: made by `render` for whoever asks first, and the same for everybody after.
    pub fn text(&self, render: impl FnOnce(&News) -> String) -> &Arc<str> {
        self.text.get_or_init(|| render(&self.news).into())
    }

    /// True where somebody who may see what belongs to `scope` (`None`: everything) may be told.
    #[must_use]
    pub fn is_for(&self, scope: Option<UserId>) -> bool {
        let owner = match &self.news {
            News::Stats(_) => return self.scope == scope,
            News::Campaign(campaign) => UserId::from_uuid(campaign.row.owner_id),
            News::CampaignDeleted { owner, .. } => *owner,
            News::Call(call) => UserId::from_uuid(call.owner_id),
            News::CallUndone(undone) => undone.owner,
        };
        scope.is_none_or(|scope| scope == owner)
    }

    /// Which campaign the news are about; `None`: no single one.
    #[must_use]
    pub fn campaign(&self) -> Option<CampaignId> {
        match &self.news {
            News::Stats(_) => None,
            News::Campaign(campaign) => Some(CampaignId::from_uuid(campaign.row.id)),
            News::CampaignDeleted { id, .. } => Some(*id),
            News::Call(call) => call.campaign_id.map(CampaignId::from_uuid),
            News::CallUndone(undone) => undone.campaign,
        }
    }
}
