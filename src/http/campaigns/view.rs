//! What the first generation's answers hold.

use chrono::{DateTime, Utc};
use engine::campaigns::CampaignDetail;
use engine::page::Paged;
use entity::{campaign_counters, contact};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::example;
use super::held_back::HeldBack;

/// Where a campaign stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum CampaignStatus {
    /// Being put together.
    Draft,
    /// Handed in for approval.
    WaitingForApproval,
    /// Calls whenever its calendar is open.
    Active,
    /// Stopped for now.
    Paused,
    /// Done.
    Completed,
    /// Called off.
    Canceled,
}

/// Where a contact stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ContactStatus {
    /// Never called.
    Pending,
    /// Its call waits for a worker.
    Queued,
    /// In a call.
    Calling,
    /// Called, with more to come.
    Contacted,
    /// Reached.
    Completed,
    /// Given up.
    Failed,
    /// Not to be called.
    DoNotCall,
    /// Taken out, or the campaign ended before.
    Canceled,
}

/// When a campaign begins.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub enum ScheduleType {
    /// When it is started, but not before its `startDate`, if it has one.
    Immediate,
    /// At its `startDate`.
    Scheduled,
}

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::campaign)]
pub struct CampaignView {
    id: Uuid,
    name: String,
    /// What it is for
    description: Option<String>,
    #[schema(value_type = CampaignStatus)]
    status: String,
    /// Why it stands where it stands
    status_reason: Option<String>,
    /// Why its calls wait though it is active, where the carrier is left alone
    held_back: Option<HeldBack>,
    /// No call begins before
    start_date: Option<DateTime<Utc>>,
    /// No call begins at or after
    end_date: Option<DateTime<Utc>>,
    /// IANA name
    timezone: String,
    /// HH:MM; `null`: from midnight
    daily_start_time: Option<String>,
    /// HH:MM; `null`: to midnight
    daily_end_time: Option<String>,
    /// The carrier's id of the number to call from
    phone_number_id: Option<String>,
    /// E.164: the number to call from
    phone_number: Option<String>,
    /// The agent that speaks
    voice_agent_id: Option<String>,
    /// As it was sent
    #[schema(value_type = Option<Object>)]
    agent_config: Option<Value>,
    /// Calls at the same time
    max_concurrent_calls: i32,
    /// Attempts, callbacks not counted
    call_attempts_per_contact: i32,
    /// Minutes
    retry_delay: i32,
    #[schema(value_type = ScheduleType)]
    schedule_type: String,
    /// As it was sent
    #[schema(value_type = Option<Object>)]
    schedule_config: Option<Value>,
    /// As it was sent
    #[schema(value_type = Option<Object>)]
    callback_config: Option<Value>,
    /// As it was sent, numbers in E.164
    #[schema(value_type = Option<Object>)]
    transfer_config: Option<Value>,
    /// Labels, as they were sent
    #[schema(value_type = Vec<String>)]
    tags: Value,
    /// As it was sent
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    /// ISO 3166 alpha-2: whose national numbers contacts may be written in
    region: Option<String>,
    /// When it was first started
    started_at: Option<DateTime<Utc>>,
    /// When it was last paused
    paused_at: Option<DateTime<Utc>>,
    /// When it was last resumed
    resumed_at: Option<DateTime<Utc>>,
    /// When it was over
    ended_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<CampaignDetail> for CampaignView {
    fn from(detail: CampaignDetail) -> Self {
        let row = detail.row;
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            status: row.status,
            status_reason: row.status_reason,
            held_back: detail.held_back.map(HeldBack::from),
            start_date: row.start_date,
            end_date: row.end_date,
            timezone: row.timezone,
            daily_start_time: row.daily_start_time,
            daily_end_time: row.daily_end_time,
            phone_number_id: row.phone_number_id,
            phone_number: row.phone_number,
            voice_agent_id: row.voice_agent_id,
            agent_config: row.agent_config,
            max_concurrent_calls: row.max_concurrent_calls,
            call_attempts_per_contact: row.call_attempts_per_contact,
            retry_delay: row.retry_delay_minutes,
            schedule_type: row.schedule_type,
            schedule_config: row.schedule_config,
            callback_config: row.callback_config,
            transfer_config: row.transfer_config,
            tags: row.tags,
            metadata: row.metadata,
            region: row.region,
            started_at: row.started_at,
            paused_at: row.paused_at,
            resumed_at: row.resumed_at,
            ended_at: row.ended_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// What a campaign comes to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CampaignStats {
    /// Contacts
    total_contacts: i32,
    /// Contacts with at least one call placed; a number that the carrier refuses for good counts as called
    contacted_count: i32,
    /// Contacts reached
    completed_count: i32,
    /// Contacts given up
    failed_count: i32,
    /// Contacts that asked for a callback
    callback_count: i32,
    /// Calls handed on
    transfer_count: i32,
}

impl From<&campaign_counters::Model> for CampaignStats {
    fn from(row: &campaign_counters::Model) -> Self {
        Self {
            total_contacts: row.total,
            contacted_count: row.reached,
            completed_count: row.completed,
            failed_count: row.failed,
            callback_count: row.callbacks,
            transfer_count: row.transfers,
        }
    }
}

/// A campaign and what it comes to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::campaign_detail)]
pub struct CampaignDetailView {
    #[serde(flatten)]
    campaign: CampaignView,
    stats: CampaignStats,
}

impl From<CampaignDetail> for CampaignDetailView {
    fn from(detail: CampaignDetail) -> Self {
        Self {
            stats: CampaignStats::from(&detail.counters),
            campaign: detail.into(),
        }
    }
}

/// One page of campaigns.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::campaign_page)]
pub struct CampaignPage {
    success: bool,
    /// Campaigns on this page
    count: usize,
    /// Campaigns on all pages
    total: u64,
    page: u32,
    pages: u64,
    campaigns: Vec<CampaignView>,
}

impl From<Paged<CampaignDetail>> for CampaignPage {
    fn from(found: Paged<CampaignDetail>) -> Self {
        Self {
            success: true,
            count: found.items.len(),
            total: found.total,
            page: found.page.number,
            pages: found.pages(),
            campaigns: found.items.into_iter().map(CampaignView::from).collect(),
        }
    }
}

/// One campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::campaign_envelope)]
pub struct CampaignEnvelope {
    success: bool,
    campaign: CampaignDetailView,
}

impl From<CampaignDetail> for CampaignEnvelope {
    fn from(detail: CampaignDetail) -> Self {
        Self {
            success: true,
            campaign: detail.into(),
        }
    }
}

/// One campaign, and what was done to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::changed_envelope)]
pub struct ChangedEnvelope {
    success: bool,
    #[schema(example = "Campaign updated successfully")]
    message: &'static str,
    campaign: CampaignDetailView,
    /// Which ids of numbers and agents could not be confirmed; the campaign keeps them
    #[schema(example = json!(["no provider knows the voice agent agent-456; the campaign cannot be started with it"]))]
    warnings: Vec<String>,
}

impl ChangedEnvelope {
    pub(super) fn new(message: &'static str, mut detail: CampaignDetail) -> Self {
        Self {
            success: true,
            message,
            warnings: std::mem::take(&mut detail.warnings),
            campaign: detail.into(),
        }
    }
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"success": true, "message": "Campaign deleted successfully"}))]
pub struct Done {
    success: bool,
    #[schema(example = "Campaign deleted successfully")]
    message: &'static str,
}

impl Done {
    pub(in crate::http) const fn new(message: &'static str) -> Self {
        Self {
            success: true,
            message,
        }
    }
}

/// A contact.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::contact::contact)]
pub struct ContactView {
    id: i64,
    first_name: Option<String>,
    last_name: Option<String>,
    name: Option<String>,
    /// E.164
    phone_number: String,
    email: Option<String>,
    #[schema(value_type = ContactStatus)]
    status: String,
    /// Calls so far, callbacks included; one that never took place is not counted
    attempts: i32,
    /// What went wrong last
    last_error: Option<String>,
    /// How its last call ended
    last_outcome: Option<String>,
    /// When it is due; `null`: what became of its last call is not known yet, or there is no next
    next_attempt_at: Option<DateTime<Utc>>,
    /// When its last call began
    last_attempt_at: Option<DateTime<Utc>>,
    /// IANA name; `null`: the campaign's
    timezone: Option<String>,
    /// What the agent is told
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<contact::Model> for ContactView {
    fn from(row: contact::Model) -> Self {
        Self {
            id: row.id,
            first_name: row.first_name,
            last_name: row.last_name,
            name: row.name,
            phone_number: row.phone_number,
            email: row.email,
            status: row.status,
            attempts: row.attempts,
            last_error: row.last_error,
            last_outcome: row.last_outcome,
            next_attempt_at: row.next_attempt_at,
            last_attempt_at: row.last_attempt_at,
            timezone: Some(row.timezone).filter(|zone| !zone.is_empty()),
            metadata: row.metadata,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
