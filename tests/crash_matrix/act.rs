//! One dialer in which one process dies at a step.

use std::time::{Duration, Instant};

use reqwest::Method;
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};

use super::figures::Figure;
use super::rows::{Case, Row, Then, Who};
use crate::support::database::rows;
use crate::support::people::Person;
use crate::support::promises::{Promised, assert_kept};
use crate::support::{Dialer, Options, Stack, eventually};

/// The longest claim is a minute, and a few cases share the machine.
pub const PATIENCE: Duration = Duration::from_secs(180);
/// Slots of every campaign.
pub const LIMIT: usize = 6;

/// Whatever is under way at a moment: calls that hold a slot, and contacts that wait for their job's turn.
const UNDER_WAY: &str = "SELECT 'call ' || CAST(id AS text) AS name FROM calls WHERE settled_at IS NULL \
    UNION ALL SELECT 'contact ' || id || ' under ticket ' || ticket FROM contacts WHERE status = 'queued'";

/// A dialer, one process of which is to die.
pub struct Act {
    pub case: Case,
    pub dialer: Dialer,
    pub db: DatabaseConnection,
    pub people: Vec<Person>,
    pub campaign: String,
}

impl Act {
    /// A dialer without workers, and a campaign of `people`.
    pub async fn set(case: Case, people: Vec<Person>, fields: Value, options: Options) -> Self {
        let dialer = Dialer::start(Stack::Production { workers: 0 }, options).await;
        dialer.rehearse(&people);
        if let Some((fault, trigger)) = case.row.fault {
            dialer.simulator.faults().set(fault, trigger);
        }
        let mut fields = fields;
        fields["maxConcurrentCalls"] = LIMIT.into();
        let campaign = dialer.api.create_campaign(fields).await;
        Self {
            case,
            db: dialer.database().await,
            dialer,
            people,
            campaign,
        }
    }

    /// Starts whoever is to die, and a worker that is not where another is to go on.
    pub async fn cast(&mut self) {
        let Row {
            point, nth, who, ..
        } = self.case.row;
        match who {
            Who::Api => {
                self.dialer.start_worker();
                self.start_armed_api(&format!("{point}:{nth}")).await;
            }
            Who::Worker => {
                self.start_armed_worker(&format!("{point}:{nth}"));
                if self.case.then == Then::Other {
                    self.somebody_reconciles().await;
                    self.dialer.start_worker();
                }
            }
        }
    }

    /// Waits until whoever is to die reconciles: another that came first would do it all alone.
    async fn somebody_reconciles(&self) {
        let held = "SELECT holder FROM leases";
        eventually("somebody reconciles", PATIENCE, async || {
            (!rows(&self.db, held).await.is_empty()).then_some(())
        })
        .await;
    }

    /// In the place of the API that runs, one that dies at `point`.
    pub async fn start_armed_api(&mut self, point: &str) {
        self.dialer.web.as_mut().expect("an API").kill();
        self.dialer.die_at(Some(point.to_owned()));
        self.dialer.start_web().await;
        self.dialer.die_at(None);
    }

    fn start_armed_worker(&mut self, point: &str) {
        self.dialer.die_at(Some(point.to_owned()));
        self.dialer.start_worker();
        self.dialer.die_at(None);
    }

    /// Asks for what may kill the API: there may be no answer.
    pub async fn ask(&self, path: &str, body: Value) -> Option<Value> {
        let request = self.dialer.api.request(Method::POST, path).json(&body);
        let response = request.send().await.ok()?;
        assert!(response.status().is_success(), "{}", response.status());
        response.json().await.ok()
    }

    /// Starts the campaign: there may be no answer, but it is started.
    pub async fn start_campaign(&self) {
        let start = format!("/api/campaigns/{}/start", self.campaign);
        self.ask(&start, json!({})).await;
        let is_started = format!(
            "SELECT id FROM campaigns WHERE status <> 'draft' AND CAST(id AS text) = '{}'",
            self.campaign
        );
        let started = rows(&self.db, &is_started).await;
        assert!(!started.is_empty(), "{}: it is not started", self.case);
    }

    /// Waits until whoever is to die has died, by SIGKILL.
    pub async fn somebody_has_died(&mut self) {
        let process = match self.case.row.who {
            Who::Api => self.dialer.web.as_mut().expect("an API"),
            Who::Worker => &mut self.dialer.workers[0],
        };
        let code = process.gone(PATIENCE).await;
        assert_eq!(code, None, "{}: it ended by itself", self.case);
    }

    /// Waits for the death, lets somebody go on, and measures how long it takes until all is as it should be.
    pub async fn dies_and_others_go_on(&mut self) -> Figure {
        self.somebody_has_died().await;
        let died = Instant::now();
        let calls = self.dialer.simulator.recorder().len();
        let left = rows(&self.db, UNDER_WAY).await;
        match (self.case.then, self.case.row.who) {
            (Then::Other, _) => {}
            (Then::Again, Who::Worker) => self.dialer.start_worker(),
            (Then::Again, Who::Api) => self.dialer.start_web().await,
        }
        let (next_call, all_right) =
            tokio::join!(self.next_call(calls, died), self.moves_on(&left, died));
        Figure {
            case: self.case,
            next_call,
            all_right,
        }
    }

    async fn next_call(&self, calls: usize, died: Instant) -> Option<Duration> {
        let recorder = self.dialer.simulator.recorder();
        let over = format!(
            "SELECT id FROM campaigns WHERE status = 'completed' AND CAST(id AS text) = '{}'",
            self.campaign
        );
        eventually("the next call, or the end", PATIENCE, async || {
            if recorder.len() > calls {
                return Some(Some(died.elapsed()));
            }
            (!rows(&self.db, &over).await.is_empty()).then_some(None)
        })
        .await
    }

    /// Waits until nothing of what was `left` stands as it did.
    pub async fn moves_on(&self, left: &[Value], died: Instant) -> Duration {
        eventually("what was under way has moved on", PATIENCE, async || {
            let now = rows(&self.db, UNDER_WAY).await;
            let stands = left.iter().any(|one| now.contains(one));
            (!stands).then(|| died.elapsed())
        })
        .await
    }

    /// The campaign comes to its end, and all that was promised was kept.
    pub async fn everything_is_kept(&self) {
        let api = &self.dialer.api;
        api.reaches(&self.campaign, "completed", PATIENCE).await;
        let promised = Promised {
            campaign: &self.campaign,
            people: &self.people,
            limit: LIMIT,
        };
        assert_kept(&self.dialer, &promised).await;
        if let Some((fault, _)) = self.case.row.fault {
            let fired = self.dialer.simulator.faults().fired(fault);
            assert!(fired > 0, "{}: {fault:?} never struck", self.case);
        }
    }
}
