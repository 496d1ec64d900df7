//! What clients are told. Every message is an object with a `type`.

use chrono::{DateTime, Utc};
use domain::{CallId, CampaignId};
use engine::EngineError;
use engine::live::{CallSeen, News, Wanted};
use serde::Serialize;
use uuid::Uuid;

use crate::http::error::{ErrorBody, WrongField};
use crate::http::v1::stats::view::StatsView;
use crate::http::v1::view::CampaignV1;

/// A message.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) enum Told {
    /// The live figures of what one may see.
    Stats(StatsView),
    /// A campaign changed, or what it comes to: as lists show it.
    Campaign(Box<CampaignV1>),
    /// A campaign is gone.
    CampaignDeleted {
        #[serde(rename = "_id")]
        id: CampaignId,
    },
    /// A call changed.
    Call(Box<CallV1>),
    /// A call was begun and taken back: there was none.
    #[serde(rename_all = "camelCase")]
    CallUndone {
        #[serde(rename = "_id")]
        id: CallId,
        campaign_id: Option<CampaignId>,
    },
    /// What one is told of from now on.
    Subscribed(Subscription),
    /// The answer to `ping`.
    Pong,
    /// What was asked for cannot be done.
    Error(ErrorBody),
}

impl Told {
    /// The message as it travels.
    pub(super) fn to_text(&self) -> String {
        // Names are texts and values are plain: nothing in it can fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<&News> for Told {
    fn from(news: &News) -> Self {
        match news {
            News::Stats(stats) => Self::Stats(stats.into()),
            News::Campaign(campaign) => {
                Self::Campaign(Box::new(CampaignV1::from(campaign.as_ref().clone())))
            }
            News::CampaignDeleted { id, .. } => Self::CampaignDeleted { id: *id },
            News::Call(call) => Self::Call(Box::new(CallV1::from(call.as_ref().clone()))),
            News::CallUndone(undone) => Self::CallUndone {
                id: undone.call,
                campaign_id: undone.campaign,
            },
        }
    }
}

/// A call, as a live page shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CallV1 {
    #[serde(rename = "_id")]
    id: Uuid,
    /// The carrier's name for it.
    call_sid: Option<String>,
    campaign_id: Option<Uuid>,
    contact_id: Option<i64>,
    attempt: i32,
    is_callback: bool,
    status: String,
    outcome: Option<String>,
    direction: String,
    /// Whom it is with.
    phone_number: String,
    from_phone: String,
    to_phone: String,
    agent_id: Option<String>,
    answered_by: Option<String>,
    is_successful: Option<bool>,
    is_transferred: bool,
    started_at: DateTime<Utc>,
    ringing_at: Option<DateTime<Utc>>,
    answered_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    /// Seconds of talk.
    duration: Option<i32>,
    error: Option<String>,
}

impl From<CallSeen> for CallV1 {
    fn from(call: CallSeen) -> Self {
        let phone_number = if call.direction == "inbound" {
            call.from_number.clone()
        } else {
            call.to_number.clone()
        };
        Self {
            id: call.id,
            call_sid: call.carrier_call_id,
            campaign_id: call.campaign_id,
            contact_id: call.contact_id,
            attempt: call.attempt,
            is_callback: call.is_callback,
            status: call.status,
            outcome: call.outcome,
            direction: call.direction,
            phone_number,
            from_phone: call.from_number,
            to_phone: call.to_number,
            agent_id: call.agent_id,
            answered_by: call.answered_by,
            is_successful: call.is_successful,
            is_transferred: call.is_transferred,
            started_at: call.begun_at,
            ringing_at: call.ringing_at,
            answered_at: call.answered_at,
            ended_at: call.ended_at,
            duration: call.duration_s,
            error: call.error,
        }
    }
}

/// What somebody is told of beside the figures.
#[derive(Debug, Serialize)]
pub(super) struct Subscription {
    campaigns: Campaigns,
    /// Those that are left out of all.
    except: Vec<CampaignId>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Campaigns {
    All(&'static str),
    These(Vec<CampaignId>),
}

impl From<Wanted> for Subscription {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::AllBut(but) => Self {
                campaigns: Campaigns::All("all"),
                except: but.into_iter().collect(),
            },
            Wanted::Only(these) => Self {
                campaigns: Campaigns::These(these.into_iter().collect()),
                except: Vec::new(),
            },
        }
    }
}

/// Errors look as they do everywhere; only their status has no place here.
impl From<EngineError> for Told {
    fn from(error: EngineError) -> Self {
        let message = error.to_string();
        let mut body = match &error {
            EngineError::Invalid(_) => ErrorBody::new("invalid", message),
            EngineError::Unreadable(_) => ErrorBody::new("unreadable", message),
            EngineError::TooLarge(_) => ErrorBody::new("too_large", message),
            EngineError::Unavailable { .. } => ErrorBody::new("unavailable", message),
            other => {
                tracing::error!(error = ?other, "a message could not be answered");
                ErrorBody::new("internal", message)
            }
        };
        if let EngineError::Invalid(fields) = error {
            body.errors = fields.into_iter().map(WrongField::from).collect();
        }
        Self::Error(body)
    }
}
