//! The life of one campaign, and what was asked of it when.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::json;
use simulator::{People, RecordedCall, Recorder};
use tokio_util::sync::CancellationToken;

use crate::support::api::Api;
use crate::support::people::{Person, mixed};

/// Contacts of each campaign.
const PEOPLE: usize = 60;
/// The first and the last area whose numbers campaigns have; each has one for itself.
const AREAS: (u16, u16) = (203, 980);
/// Calls at once that campaigns begin with, are raised to, and lowered to.
const LIMIT: usize = 6;
const LIMIT_RAISED: usize = 9;
const LIMIT_LOWERED: usize = 3;
/// How long the longest campaign may take to its end, whatever happens to it.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often somebody looks how far a campaign is.
const LOOK: Duration = Duration::from_millis(200);
/// How long a pause lasts.
const REST: Duration = Duration::from_secs(4);

/// What becomes of campaigns, by turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Finishes,
    IsPaused,
    ChangesLimits,
    IsCanceled,
    Ends,
    IsDeleted,
}

const FATES: [Fate; 8] = [
    Fate::Finishes,
    Fate::IsPaused,
    Fate::ChangesLimits,
    Fate::IsCanceled,
    Fate::Finishes,
    Fate::ChangesLimits,
    Fate::Ends,
    Fate::IsDeleted,
];

/// A limit, and the moments between which it came into force.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub calls: usize,
    pub asked_at: DateTime<Utc>,
    pub answered_at: DateTime<Utc>,
}

/// No call may begin from the answer to a pause until somebody asks to resume, or ever again.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    pub since: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
}

/// What is known of a campaign by whoever made it.
pub struct Life {
    pub id: String,
    pub fate: Fate,
    pub people: Vec<Person>,
    pub limits: Vec<Limit>,
    pub rests: Vec<Rest>,
    /// When somebody interfered: what a slot waited for then was not the dialer alone.
    pub touched: Vec<DateTime<Utc>>,
}

impl Life {
    /// Whether some of its people may never have been called, or not to the end.
    pub fn is_cut_short(&self) -> bool {
        matches!(self.fate, Fate::IsCanceled | Fate::Ends | Fate::IsDeleted)
    }

    /// Those of `calls` that its people were called with.
    pub fn calls_among(&self, calls: &[RecordedCall]) -> Vec<RecordedCall> {
        let ours = calls.iter().filter(|call| self.has(call));
        ours.cloned().collect()
    }

    fn has(&self, call: &RecordedCall) -> bool {
        call.to.starts_with(self.prefix())
    }

    /// What all numbers of its people begin with.
    fn prefix(&self) -> &str {
        &self.people[0].number[..8]
    }
}

/// Campaigns, one after the other, until somebody says that no further one is to begin.
#[derive(Clone)]
pub struct Lane {
    pub api: Api,
    pub people: People,
    pub recorder: Recorder,
    /// How many campaigns there were.
    pub count: Arc<AtomicUsize>,
    pub is_closing: CancellationToken,
}

impl Lane {
    /// Leads campaigns from begin to end.
    pub async fn run(self) -> Vec<Life> {
        let mut lives = Vec::new();
        while !self.is_closing.is_cancelled() {
            lives.push(self.lead().await);
        }
        lives
    }

    async fn lead(&self) -> Life {
        let mut life = self.begin().await;
        match life.fate {
            Fate::Finishes => self.import(&mut life, 1).await,
            Fate::IsPaused => self.pause(&mut life).await,
            Fate::ChangesLimits => {
                self.import(&mut life, 1).await;
                self.limit(&mut life, LIMIT_RAISED).await;
                self.calls_reach(&life, PEOPLE * 3 / 4).await;
                self.limit(&mut life, LIMIT_LOWERED).await;
            }
            Fate::IsCanceled | Fate::Ends | Fate::IsDeleted => self.stop(&mut life).await,
        }
        if !life.is_cut_short() {
            self.is_completed(&life.id).await;
        }
        life
    }

    /// Made, filled with half of its people, and started; called by the time this returns is a quarter.
    async fn begin(&self) -> Life {
        let index = self.count.fetch_add(1, Ordering::Relaxed);
        let areas = usize::from(AREAS.1 - AREAS.0);
        assert!(index < areas, "there are numbers for {areas} campaigns");
        let area = AREAS.0 + u16::try_from(index).expect("small");
        let people = mixed(area, PEOPLE);
        for person in &people {
            self.people.script(&person.number, person.script.clone());
        }
        let asked_at = Utc::now();
        let name = format!("Campaign {index}");
        let fields = json!({ "name": name, "maxConcurrentCalls": LIMIT });
        let id = self.api.create_campaign(fields).await;
        let mut life = Life {
            id,
            fate: FATES[index % FATES.len()],
            people,
            limits: Vec::new(),
            rests: Vec::new(),
            touched: Vec::new(),
        };
        note_limit(&mut life, LIMIT, asked_at);
        self.import(&mut life, 0).await;
        self.api.command(&life.id, "start").await.ok();
        self.calls_reach(&life, PEOPLE / 4).await;
        life
    }

    /// Brings in one half of the people.
    async fn import(&self, life: &mut Life, half: usize) {
        let part = &life.people[half * PEOPLE / 2..(half + 1) * PEOPLE / 2];
        self.api.add(&life.id, part).await;
        life.touched.push(Utc::now());
    }

    async fn pause(&self, life: &mut Life) {
        self.api.command(&life.id, "pause").await.ok();
        let since = Utc::now();
        self.import(life, 1).await;
        tokio::time::sleep(REST).await;
        let until = Some(Utc::now());
        self.api.command(&life.id, "resume").await.ok();
        life.rests.push(Rest { since, until });
        life.touched.extend([since, Utc::now()]);
    }

    async fn limit(&self, life: &mut Life, calls: usize) {
        let asked_at = Utc::now();
        // The first by the first generation of the API, the second by the other.
        if life.limits.len() == 1 {
            let path = format!("/api/campaigns/{}", life.id);
            self.api
                .put(&path, json!({ "maxConcurrentCalls": calls }))
                .await
                .ok();
        } else {
            let path = format!("/api/v1/campaigns/{}", life.id);
            let fields = json!({ "settings": { "concurrentCallsLimit": calls } });
            self.api.patch(&path, fields).await.ok();
        }
        note_limit(life, calls, asked_at);
    }

    async fn stop(&self, life: &mut Life) {
        let id = &life.id;
        match life.fate {
            Fate::IsCanceled => {
                let path = format!("/api/v1/campaigns/{id}/cancel");
                self.api.post(&path, json!({})).await.ok();
            }
            Fate::IsDeleted => drop(self.api.delete(&format!("/api/campaigns/{id}")).await.ok()),
            _ => drop(self.api.command(id, "end").await.ok()),
        }
        let since = Utc::now();
        life.rests.push(Rest { since, until: None });
        life.touched.push(since);
    }

    /// Waits until the carrier was asked for so many calls of the campaign.
    async fn calls_reach(&self, life: &Life, count: usize) {
        let patience = Patience::begin();
        let asked = || {
            self.recorder
                .read(|calls| calls.iter().filter(|call| life.has(call)).count())
        };
        while asked() < count {
            patience
                .wait(&format!("{count} calls of {}", life.id))
                .await;
        }
    }

    async fn is_completed(&self, id: &str) {
        let patience = Patience::begin();
        let path = format!("/api/campaigns/{id}");
        while self.api.get(&path).await.ok()["campaign"]["status"] != "completed" {
            patience.wait(&format!("the end of {id}")).await;
        }
    }
}

fn note_limit(life: &mut Life, calls: usize, asked_at: DateTime<Utc>) {
    let answered_at = Utc::now();
    life.limits.push(Limit {
        calls,
        asked_at,
        answered_at,
    });
    life.touched.push(answered_at);
}

/// How long somebody has waited.
struct Patience(Instant);

impl Patience {
    fn begin() -> Self {
        Self(Instant::now())
    }

    /// Waits a moment more for `what`.
    async fn wait(&self, what: &str) {
        assert!(
            self.0.elapsed() < PATIENCE,
            "waited {PATIENCE:?} in vain for {what}"
        );
        tokio::time::sleep(LOOK).await;
    }
}
