//! A campaign on a stage: a database of its own, a clock that is moved by hand, a carrier that is told what to do.

use std::sync::Arc;
use std::time::Duration;

use carriers::ConversationReport;
use chrono::{DateTime, TimeDelta, Utc};
use domain::progress::{End, News};
use domain::{CallId, CampaignId};
use engine::dialing::{CallReport, Carriers, Parts, Placed as Done};
use engine::live::Announcer;
use engine::queue::CallQueue;
use engine::queue::memory::{Held, MemoryCallQueue};
use engine::{Database, Dialing, DialingConfig, ManualClock};
use entity::{call, campaign, campaign_counters, contact, phone_number, user};
use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Set,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::database;
use crate::told_agents::ToldAgents;
use crate::told_carrier::ToldCarrier;

/// Monday, noon UTC.
pub const NOON: &str = "2026-06-01T12:00:00Z";

/// How long a condition is awaited.
pub const PATIENCE: Duration = Duration::from_secs(60);

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
                placed_patience_ms: 0,
                gather_ms: 0,
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

    /// What carries jobs between all processes.
    pub fn queue(&self) -> &dyn CallQueue {
        &*self.parts.queue
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

    /// A worker process that keeps for others, for as long as a test lasts, that a call was placed.
    pub fn patient_worker(&self) -> Arc<Dialing> {
        let mut parts = self.parts.clone();
        parts.config.placed_patience_ms = 3_600_000;
        Dialing::by_hand(parts, "patient".to_owned())
    }

    /// A process that keeps every webhook before it takes it in.
    pub fn keeper(&self) -> Arc<Dialing> {
        let mut parts = self.parts.clone();
        parts.config.keeps_webhooks_from = Some(0);
        Dialing::by_hand(parts, "keeper".to_owned())
    }

    /// A process with its background, over a queue of its own.
    pub fn running_over(&self, queue: Arc<dyn CallQueue>) -> Arc<Dialing> {
        let parts = Parts {
            queue,
            ..self.parts.clone()
        };
        Dialing::start(parts, "running".to_owned())
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

    /// The directory says that `provider` offers `number`.
    pub async fn offered(&self, provider: &str, number: &str) {
        let row = phone_number::Model {
            id: format!("{provider}-{number}"),
            provider: provider.to_owned(),
            number: number.to_owned(),
            label: None,
            details: None,
            fetched_at: self.now(),
            vanished_at: None,
        };
        let row = row.into_active_model().reset_all();
        row.insert(self.database.writer()).await.expect("a number");
    }

    /// How many calls were asked of the first and of the other carrier.
    pub fn asked(&self) -> (usize, usize) {
        let of = |carrier: &ToldCarrier| carrier.placed.lock().len();
        (of(&self.carrier), of(&self.exotel))
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

    /// Tops up; the job that is queued then.
    pub async fn queued_job(&mut self) -> Held {
        self.dialing.top_up(self.campaign).await.expect("a top-up");
        self.next_job().expect("a job")
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
        self.campaign_of(self.campaign).await
    }

    pub async fn campaign_of(&self, id: CampaignId) -> campaign::Model {
        let found = campaign::Entity::find_by_id(id.into_uuid())
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

/// Awaits `condition`.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let awaited = tokio::time::timeout(PATIENCE, async {
        while !condition().await {
            tokio::task::yield_now().await;
        }
    });
    assert!(awaited.await.is_ok(), "waited {PATIENCE:?} in vain: {what}");
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
