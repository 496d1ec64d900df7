//! What the second generation tells of campaigns.

use axum::response::Response;
use chrono::{DateTime, Utc};
use domain::CampaignId;
use engine::campaigns::{CampaignDetail, CampaignOverview, LiveFigures};
use engine::contacts::Contacts;
use engine::page::Paged;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::example;
use super::summary::{ListedCampaignV1, list_with_contacts};
use crate::http::campaigns::held_back::HeldBack;
use crate::http::campaigns::view::CampaignStatus;

/// A campaign, as lists and changes show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::campaign)]
pub struct CampaignV1 {
    #[serde(rename = "_id")]
    id: Uuid,
    name: String,
    description: Option<String>,
    #[schema(value_type = CampaignStatus)]
    status: String,
    agent_id: Option<String>,
    phone_id: Option<String>,
    user_id: Uuid,
    settings: SettingsView,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    live_stats: LiveStats,
}

/// The limits of a campaign.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// Calls at the same time
    concurrent_calls_limit: i32,
}

/// A campaign's live figures.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveStats {
    /// Contacts that are done
    processed: i32,
    /// Contacts
    total_numbers: i32,
    /// Contacts that are not done
    remaining: i32,
    /// Calls that hold a slot
    active_calls: i32,
    /// Contacts whose call waits for a worker
    queue_length: i32,
    /// Contacts reached
    completed: i32,
    /// Contacts given up
    failed: i32,
    /// Why calls wait, where the carrier is left alone
    held_back: Option<HeldBack>,
}

impl From<LiveFigures> for LiveStats {
    fn from(figures: LiveFigures) -> Self {
        Self {
            processed: figures.processed,
            total_numbers: figures.total,
            remaining: figures.remaining,
            active_calls: figures.live,
            queue_length: figures.queued,
            completed: figures.completed,
            failed: figures.failed,
            held_back: figures.held_back.map(HeldBack::from),
        }
    }
}

impl CampaignV1 {
    /// Its id.
    pub(super) const fn id(&self) -> CampaignId {
        CampaignId::from_uuid(self.id)
    }
}

impl From<CampaignDetail> for CampaignV1 {
    fn from(detail: CampaignDetail) -> Self {
        let figures = LiveFigures::from(&detail);
        let row = detail.row;
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            status: row.status,
            agent_id: row.voice_agent_id,
            phone_id: row.phone_number_id.or(row.phone_number),
            user_id: row.owner_id,
            settings: SettingsView {
                concurrent_calls_limit: row.max_concurrent_calls,
            },
            created_at: row.created_at,
            updated_at: row.updated_at,
            live_stats: figures.into(),
        }
    }
}

/// A campaign that was made or changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::campaign_envelope)]
pub struct CampaignEnvelopeV1 {
    success: bool,
    data: CampaignV1,
    /// Which ids of numbers and agents could not be confirmed; the campaign keeps them
    #[schema(example = json!(["no provider knows the voice agent agent-456; the campaign cannot be started with it"]))]
    warnings: Vec<String>,
}

impl From<CampaignDetail> for CampaignEnvelopeV1 {
    fn from(mut detail: CampaignDetail) -> Self {
        Self {
            success: true,
            warnings: std::mem::take(&mut detail.warnings),
            data: detail.into(),
        }
    }
}

/// Campaigns; the same list twice, for readers of either name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::campaign_list)]
pub struct CampaignListV1 {
    success: bool,
    /// Campaigns on all pages
    total: u64,
    page: u32,
    pages: u64,
    #[schema(value_type = Vec<ListedCampaignV1>)]
    data: Vec<CampaignV1>,
    #[schema(value_type = Vec<ListedCampaignV1>)]
    campaigns: Vec<CampaignV1>,
}

impl CampaignListV1 {
    /// The same, each campaign with its contacts.
    pub(super) fn with_contacts(self, contacts: &Contacts) -> Response {
        let Self {
            total, page, pages, ..
        } = self;
        let head = format!(r#""success":true,"total":{total},"page":{page},"pages":{pages}"#);
        list_with_contacts(contacts, &head, self.campaigns)
    }
}

impl From<Paged<CampaignDetail>> for CampaignListV1 {
    fn from(found: Paged<CampaignDetail>) -> Self {
        let (total, page, pages) = (found.total, found.page.number, found.pages());
        let campaigns: Vec<CampaignV1> = found.items.into_iter().map(CampaignV1::from).collect();
        Self {
            success: true,
            total,
            page,
            pages,
            data: campaigns.clone(),
            campaigns,
        }
    }
}

/// A campaign with everything its page shows.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::overview)]
pub struct CampaignOverviewV1 {
    #[serde(rename = "_id")]
    id: Uuid,
    name: String,
    description: Option<String>,
    #[schema(value_type = CampaignStatus)]
    status: String,
    agent_id: Option<AgentRef>,
    phone_id: Option<PhoneRef>,
    user_id: Option<UserRef>,
    settings: SettingsView,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The numbers of the contacts, in the order of import; the first 10,000
    phone_numbers: Vec<String>,
    stats: ContactStats,
    live_stats: LiveStats,
    /// Calls answered and ended
    completed_calls: i32,
    /// Calls ended otherwise
    failed_calls: i32,
    /// Calls placed
    total_calls: i32,
}

/// An agent.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgentRef {
    #[serde(rename = "_id")]
    id: String,
    /// Where we know it
    name: Option<String>,
}

/// A number to call from.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhoneRef {
    /// Its provider's id of it, where the campaign names one
    #[serde(rename = "_id")]
    id: Option<String>,
    /// E.164; `null` where no provider knows the id
    number: Option<String>,
}

/// Somebody who owns campaigns.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserRef {
    #[serde(rename = "_id")]
    id: Uuid,
    name: String,
    email: Option<String>,
}

/// How contacts ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactStats {
    /// Contacts reached
    completed: i32,
    /// Contacts given up
    failed: i32,
}

impl From<CampaignOverview> for CampaignOverviewV1 {
    fn from(overview: CampaignOverview) -> Self {
        let figures = LiveFigures::from(&overview.campaign);
        let row = overview.campaign.row;
        let has_number = row.phone_number_id.is_some() || row.phone_number.is_some();
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            status: row.status,
            agent_id: row.voice_agent_id.map(|id| AgentRef {
                id,
                name: overview.agent_name,
            }),
            phone_id: has_number.then_some(PhoneRef {
                id: row.phone_number_id,
                number: overview.caller_number,
            }),
            user_id: overview.owner.map(|owner| UserRef {
                id: owner.id,
                name: owner.name,
                email: owner.email,
            }),
            settings: SettingsView {
                concurrent_calls_limit: row.max_concurrent_calls,
            },
            created_at: row.created_at,
            updated_at: row.updated_at,
            phone_numbers: overview.phone_numbers,
            stats: ContactStats {
                completed: figures.completed,
                failed: figures.failed,
            },
            live_stats: figures.into(),
            completed_calls: figures.calls_completed,
            failed_calls: figures.calls_failed,
            total_calls: figures.calls,
        }
    }
}

/// A campaign with everything its page shows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::overview_envelope)]
pub struct OverviewEnvelopeV1 {
    success: bool,
    data: CampaignOverviewV1,
}

impl From<CampaignOverview> for OverviewEnvelopeV1 {
    fn from(overview: CampaignOverview) -> Self {
        Self {
            success: true,
            data: overview.into(),
        }
    }
}
