//! A campaign on a stage: a database of its own, a clock that is moved by hand, a carrier that is told what to do.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use carriers::{
    AgentCall, AgentError, AgentLine, CallKey, CallingAgents, Carrier, CarrierError, CarrierKind,
    CarrierNumber, ConversationQuery, ConversationReport, ConversationStatus, KeptRecording,
    LookedUp, OutboundError, PlaceCall, PlaceError, Placed, PlacedByAgent, PlatformAgent,
    PlatformNumber, RegisterCall, Sound, VoiceAgents,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::progress::{End, News};
use domain::{CallId, CampaignId, PhoneNumber};
use engine::dialing::{CallReport, Carriers, Parts, Placed as Done};
use engine::live::Announcer;
use engine::queue::memory::{Held, MemoryCallQueue};
use engine::{Database, Dialing, DialingConfig, ManualClock};
use entity::{call, campaign, campaign_counters, contact, user};
use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use parking_lot::Mutex;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Set,
};
use tempfile::TempDir;
use tokio::sync::Notify;
use url::Url;
use uuid::Uuid;

use crate::database;

/// Monday, noon UTC.
pub const NOON: &str = "2026-06-01T12:00:00Z";

/// Which database.
#[derive(Clone, Copy, Debug)]
pub enum On {
    Sqlite,
    Postgres,
}

/// Runs one rule on both databases.
#[macro_export]
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $rule:ident($stage:ident: Stage) $body:block)+) => {$(
        mod $rule {
            use super::*;
            async fn rule($stage: Stage) $body
            #[tokio::test]
            async fn on_sqlite() { rule(Stage::set($crate::stage::On::Sqlite).await).await; }
            #[tokio::test]
            async fn on_postgres() { rule(Stage::set($crate::stage::On::Postgres).await).await; }
        }
    )+};
}

/// Everything a rule is played on.
pub struct Stage {
    pub dialing: Arc<Dialing>,
    pub database: Database,
    pub clock: ManualClock,
    pub carrier: Arc<ToldCarrier>,
    /// Another carrier, whose numbers are those that the directory says are.
    pub exotel: Arc<ToldCarrier>,
    pub agents: Arc<ToldAgents>,
    pub campaign: CampaignId,
    pub jobs: UnboundedReceiver<Held>,
    parts: Parts,
    _dir: TempDir,
}

impl Stage {
    pub async fn set(on: On) -> Self {
        let dir = TempDir::new().expect("a folder");
        let url = match on {
            On::Sqlite => database::sqlite(dir.path()).await,
            On::Postgres => database::postgres().await,
        };
        let database = Database::connect(&url, 4)
            .await
            .expect("the database answers");
        let clock = ManualClock::at(at(NOON));
        let (queue, jobs) = MemoryCallQueue::new();
        let carrier = Arc::new(ToldCarrier::default());
        let exotel = Arc::new(ToldCarrier {
            is_exotel: true,
            ..ToldCarrier::default()
        });
        let agents = Arc::new(ToldAgents::default());
        let parts = Parts {
            database: database.clone(),
            queue: Arc::new(queue),
            carriers: Carriers::of(carrier.clone()).and(exotel.clone()),
            agents: agents.clone(),
            calling_agents: agents.clone(),
            clock: Arc::new(clock.clone()),
            config: DialingConfig {
                carrier_calls_per_second: 10_000.0,
                exotel_calls_per_second: 10_000.0,
                starts_per_slot: 1_000.0,
                single_call_answer_s: 5,
                transcribes: true,
                ..DialingConfig::new("http://127.0.0.1:1".parse().expect("a URL"))
            },
            live: Announcer::silent(),
        };
        let dialing = Dialing::by_hand(parts.clone(), "stage".to_owned());
        let campaign = a_campaign(&database, clock_now(&clock)).await;
        Self {
            dialing,
            database,
            clock,
            carrier,
            exotel,
            agents,
            campaign,
            jobs,
            parts,
            _dir: dir,
        }
    }

    /// Another worker process, on the same database, queue and carrier.
    pub fn another_worker(&self) -> Arc<Dialing> {
        Dialing::by_hand(self.parts.clone(), "another".to_owned())
    }

    /// Another worker process that has nobody who listens to recordings.
    pub fn deaf_worker(&self) -> Arc<Dialing> {
        let mut parts = self.parts.clone();
        parts.config.transcribes = false;
        Dialing::by_hand(parts, "deaf".to_owned())
    }

    /// A worker process for which Exotel is not configured.
    pub fn without_exotel(&self) -> Arc<Dialing> {
        let parts = Parts {
            carriers: Carriers::of(self.carrier.clone()),
            ..self.parts.clone()
        };
        Dialing::by_hand(parts, "without".to_owned())
    }

    /// Changes the campaign's row, as the API would.
    pub async fn change(&self, change: impl FnOnce(&mut campaign::ActiveModel)) {
        let row = self.campaign().await;
        let mut row = row.into_active_model();
        change(&mut row);
        row.updated_at = Set(clock_now(&self.clock));
        row.update(self.database.writer())
            .await
            .expect("the campaign changes");
        self.wake().await;
    }

    /// One beat of everything that repairs: how many calls were asked about.
    pub async fn repair(&self) -> usize {
        self.dialing.reconcile().await.expect("a run");
        self.dialing.check().await.expect("a look")
    }

    /// Something changed: the reconciler may look.
    pub async fn wake(&self) {
        campaign_counters::ActiveModel {
            campaign_id: Set(self.campaign.into_uuid()),
            wake_at: Set(Some(clock_now(&self.clock))),
            ..Default::default()
        }
        .update(self.database.writer())
        .await
        .expect("the counters change");
    }

    /// Adds `count` people; `timezone` empty: none of their own.
    pub async fn people(&self, count: usize, timezone: &str) {
        let now = clock_now(&self.clock);
        let known = contact::Entity::find()
            .all(self.database.reader())
            .await
            .expect("contacts")
            .len();
        for index in known..known + count {
            contact::ActiveModel {
                campaign_id: Set(self.campaign.into_uuid()),
                phone_number: Set(format!("+1202555{index:04}")),
                timezone: Set(timezone.to_owned()),
                status: Set("pending".to_owned()),
                next_attempt_at: Set(Some(now)),
                created_at: Set(now),
                updated_at: Set(now),
                ..Default::default()
            }
            .insert(self.database.writer())
            .await
            .expect("a contact");
        }
        let txn = self.database.begin().await.expect("a transaction");
        engine::store::campaigns::add_zones(&txn, self.campaign, [timezone.to_owned()])
            .await
            .expect("zones");
        txn.commit().await.expect("commit");
        self.dialing
            .recount(self.campaign)
            .await
            .expect("a recount");
        self.wake().await;
    }

    /// Tops up and lets one worker do everything that is queued; what became of each job.
    pub async fn dial(&mut self) -> Vec<Done> {
        self.dialing.top_up(self.campaign).await.expect("a top-up");
        self.work().await
    }

    /// Lets one worker do what is queued.
    pub async fn work(&mut self) -> Vec<Done> {
        let mut done = Vec::new();
        while let Some(held) = self.next_job() {
            done.push(self.dialing.place(&held.job).await.expect("a job is done"));
        }
        done
    }

    /// A job that waits, if one does.
    pub fn next_job(&mut self) -> Option<Held> {
        futures::FutureExt::now_or_never(self.jobs.next()).flatten()
    }

    /// The carrier tells how each live call ended.
    pub async fn all_end(&self, end: End) {
        for call in self.live_calls().await {
            self.hear(
                &call,
                vec![News::Ended {
                    end,
                    duration_s: Some(30),
                }],
            )
            .await;
        }
    }

    /// The carrier tells `news` of `call`.
    pub async fn hear(&self, call: &call::Model, news: Vec<News>) {
        let id = CallId::from_uuid(call.id);
        self.dialing
            .learn(CallReport::news(id, news))
            .await
            .expect("the report is taken in");
    }

    /// The agents' platform reports on a conversation.
    pub async fn report(&self, call: &call::Model, report: ConversationReport) {
        let learned = engine::dialing::Learned::Conversation(Box::new(report));
        let report = CallReport::of(CallId::from_uuid(call.id), learned);
        self.dialing
            .learn(report)
            .await
            .expect("the report is taken in");
    }

    pub async fn live_calls(&self) -> Vec<call::Model> {
        call::Entity::find()
            .filter(call::Column::SettledAt.is_null())
            .order_by_asc(call::Column::Id)
            .all(self.database.reader())
            .await
            .expect("calls")
    }

    pub async fn calls(&self) -> Vec<call::Model> {
        call::Entity::find()
            .order_by_asc(call::Column::Id)
            .all(self.database.reader())
            .await
            .expect("calls")
    }

    pub async fn contacts(&self) -> Vec<contact::Model> {
        contact::Entity::find()
            .order_by_asc(contact::Column::Id)
            .all(self.database.reader())
            .await
            .expect("contacts")
    }

    /// The one contact of a stage that has one.
    pub async fn contact(&self) -> contact::Model {
        self.contacts().await.remove(0)
    }

    pub async fn campaign(&self) -> campaign::Model {
        let found = campaign::Entity::find_by_id(self.campaign.into_uuid())
            .one(self.database.reader())
            .await;
        found.expect("a campaign").expect("the campaign")
    }

    pub async fn counters(&self) -> campaign_counters::Model {
        let found = campaign_counters::Entity::find_by_id(self.campaign.into_uuid())
            .one(self.database.reader())
            .await;
        found.expect("counters").expect("the counters")
    }

    /// P5: the counters are what a recount says.
    pub async fn counters_are_right(&self) {
        let were_wrong = self
            .dialing
            .recount(self.campaign)
            .await
            .expect("a recount");
        assert!(!were_wrong, "the counters differ from the rows");
    }

    pub fn pass(&self, minutes: i64) {
        self.clock.advance(TimeDelta::minutes(minutes));
    }

    pub fn now(&self) -> DateTime<Utc> {
        clock_now(&self.clock)
    }
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn clock_now(clock: &ManualClock) -> DateTime<Utc> {
    engine::Clock::now(clock)
}

async fn a_campaign(database: &Database, now: DateTime<Utc>) -> CampaignId {
    let owner = Uuid::now_v7();
    user::ActiveModel {
        id: Set(owner),
        name: Set("Owner".to_owned()),
        role: Set("admin".to_owned()),
        created_at: Set(now),
        ..Default::default()
    }
    .insert(database.writer())
    .await
    .expect("a user");
    let id = Uuid::now_v7();
    campaign::ActiveModel {
        id: Set(id),
        owner_id: Set(owner),
        name: Set("On stage".to_owned()),
        status: Set("active".to_owned()),
        timezone: Set("UTC".to_owned()),
        phone_number: Set(Some("+12025550100".to_owned())),
        max_concurrent_calls: Set(3),
        call_attempts_per_contact: Set(3),
        retry_delay_minutes: Set(60),
        schedule_type: Set("immediate".to_owned()),
        tags: Set(serde_json::json!([])),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
    .insert(database.writer())
    .await
    .expect("a campaign");
    let id = CampaignId::from_uuid(id);
    engine::store::counters::insert(database.writer(), id)
        .await
        .expect("counters");
    id
}

/// A carrier that does as it is told, and takes every call on where it is told nothing.
#[derive(Default)]
pub struct ToldCarrier {
    pub is_exotel: bool,
    /// True: it has no way to end a call.
    pub lets_calls_run: Mutex<bool>,
    pub answers: Mutex<VecDeque<Result<Placed, PlaceError>>>,
    pub placed: Mutex<Vec<PlaceCall>>,
    pub look_ups: Mutex<VecDeque<LookedUp>>,
    /// The calls that were looked up by its own names for them.
    pub asked_about: Mutex<Vec<String>>,
    /// True: it answers no look-up.
    pub is_silent: Mutex<bool>,
    pub hung_up: Mutex<Vec<String>>,
    /// Holds its answers to requests for calls back until told otherwise.
    pub silence: Mutex<Option<Arc<Notify>>>,
    /// What it says to new documents for its calls; nothing: it takes them.
    pub redirects: Mutex<VecDeque<Result<bool, CarrierError>>>,
    pub redirected: Mutex<Vec<(String, String)>>,
}

#[async_trait]
impl Carrier for ToldCarrier {
    fn kind(&self) -> CarrierKind {
        if self.is_exotel {
            CarrierKind::Exotel
        } else {
            CarrierKind::SignalWire
        }
    }

    async fn place(&self, call: &PlaceCall) -> Result<Placed, PlaceError> {
        self.placed.lock().push(call.clone());
        let silence = self.silence.lock().clone();
        if let Some(silence) = silence {
            silence.notified().await;
        }
        let told = self.answers.lock().pop_front();
        told.unwrap_or_else(|| {
            Ok(Placed {
                carrier_call_id: format!("sid-{}", call.call_id),
            })
        })
    }

    async fn look_up(&self, key: &CallKey) -> Result<LookedUp, CarrierError> {
        self.asked_about.lock().extend(key.carrier_call_id.clone());
        if *self.is_silent.lock() {
            let source = anyhow::anyhow!("no answer");
            return Err(CarrierError::Retryable {
                not_before: None,
                source,
            });
        }
        Ok(self
            .look_ups
            .lock()
            .pop_front()
            .unwrap_or(LookedUp::NotFound))
    }

    fn can_hang_up(&self) -> bool {
        !*self.lets_calls_run.lock()
    }

    async fn hang_up(&self, carrier_call_id: &str) -> Result<(), CarrierError> {
        self.hung_up.lock().push(carrier_call_id.to_owned());
        Ok(())
    }

    async fn redirect(&self, carrier_call_id: &str, document: &Url) -> Result<bool, CarrierError> {
        let asked = (carrier_call_id.to_owned(), document.to_string());
        self.redirected.lock().push(asked);
        self.redirects.lock().pop_front().unwrap_or(Ok(true))
    }

    async fn open_recording(&self, _: &KeptRecording) -> Result<Option<Sound>, CarrierError> {
        Ok(None)
    }

    async fn list_numbers(&self) -> Result<Vec<CarrierNumber>, CarrierError> {
        Ok(Vec::new())
    }
}

/// An agents' platform that knows what it is told.
#[derive(Default)]
pub struct ToldAgents {
    /// What it says of conversations it is asked for by call; nothing: there is none.
    pub found: Mutex<VecDeque<ConversationReport>>,
    /// Refuses to announce calls with this, once each.
    pub refusals: Mutex<VecDeque<AgentError>>,
    pub registered: Mutex<Vec<RegisterCall>>,
    /// What it says to calls that it is to make itself; nothing: it takes them on.
    pub outbound: Mutex<VecDeque<Result<PlacedByAgent, OutboundError>>>,
    pub called: Mutex<Vec<AgentCall>>,
    /// Numbers that it was not told of.
    pub unknown_numbers: Mutex<Vec<String>>,
    /// How often it was asked for the name of a number.
    pub numbers_asked: Mutex<usize>,
    /// Holds its answers to that back until told otherwise.
    pub number_silence: Mutex<Option<Arc<Notify>>>,
    /// True: no conversation is in its list, though it knows each by its name.
    pub is_unlisted: Mutex<bool>,
    /// What it says to every question for a conversation, or for a number, instead of an answer.
    pub trouble: Mutex<Option<fn() -> AgentError>>,
}

#[async_trait]
impl CallingAgents for ToldAgents {
    async fn place_call(&self, call: &AgentCall) -> Result<PlacedByAgent, OutboundError> {
        self.called.lock().push(call.clone());
        let told = self.outbound.lock().pop_front();
        told.unwrap_or_else(|| {
            Ok(PlacedByAgent {
                conversation_id: format!("conv-{}", call.call_id),
            })
        })
    }

    async fn number_id(
        &self,
        _: AgentLine,
        number: &PhoneNumber,
    ) -> Result<Option<String>, AgentError> {
        *self.numbers_asked.lock() += 1;
        let silence = self.number_silence.lock().clone();
        if let Some(silence) = silence {
            silence.notified().await;
        }
        if let Some(trouble) = *self.trouble.lock() {
            return Err(trouble());
        }
        let is_unknown = self
            .unknown_numbers
            .lock()
            .contains(&number.expose().to_owned());
        Ok((!is_unknown).then(|| "phnum_1".to_owned()))
    }
}

#[async_trait]
impl VoiceAgents for ToldAgents {
    async fn register_call(&self, call: &RegisterCall) -> Result<String, AgentError> {
        self.registered.lock().push(call.clone());
        match self.refusals.lock().pop_front() {
            Some(refusal) => Err(refusal),
            None => Ok("<Response/>".to_owned()),
        }
    }

    async fn conversation(&self, _: &str) -> Result<ConversationReport, AgentError> {
        if let Some(trouble) = *self.trouble.lock() {
            return Err(trouble());
        }
        self.found.lock().pop_front().ok_or(AgentError::NotFound)
    }

    async fn find_conversation(&self, _: &ConversationQuery) -> Result<Option<String>, AgentError> {
        if let Some(trouble) = *self.trouble.lock() {
            return Err(trouble());
        }
        if *self.is_unlisted.lock() {
            return Ok(None);
        }
        Ok(self
            .found
            .lock()
            .front()
            .map(|report| report.conversation_id.clone()))
    }

    async fn list_agents(&self) -> Result<Vec<PlatformAgent>, AgentError> {
        Ok(Vec::new())
    }

    async fn list_numbers(&self) -> Result<Vec<PlatformNumber>, AgentError> {
        Ok(Vec::new())
    }
}

/// A conversation's report in which nothing happened yet.
pub fn conversation(call: &call::Model, status: ConversationStatus) -> ConversationReport {
    ConversationReport {
        conversation_id: format!("conv-{}", call.id),
        call_id: Some(CallId::from_uuid(call.id)),
        agent_id: "agent_demo".to_owned(),
        status,
        transcript: Vec::new(),
        summary: None,
        started_at: None,
        duration_s: Some(30),
        cost_credits: Some(12),
        cost: None,
        successful: None,
        is_voicemail: false,
        was_transferred: false,
        call_result: None,
        wish: carriers::ConversationWish::default(),
        end_reason: None,
        error: None,
        raw: serde_json::json!({}),
    }
}
