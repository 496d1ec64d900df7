//! The life of a call: `top_up` chooses whom to call, `place` calls, `settle` takes in how it went, `reconcile` and
//! `check` repair what a crash, a lost message or a silent carrier left behind.
//!
//! Each step is one short transaction that may be run twice and may die anywhere: what it did not commit did not
//! happen, and what it committed is found by the reconciler, which takes no hint about what to look for.

mod agent_tools;
mod answer;
mod begin;
mod books;
mod breaker;
mod briefing;
mod caller_ids;
mod carriers;
mod check;
mod check_agents;
pub mod coalesce;
pub mod config;
mod correct;
mod decide;
mod desk;
mod ending;
mod fault;
mod give_back;
mod hear;
mod hear_agents;
mod in_short;
mod inbound;
mod keep;
mod lines;
mod obstacles;
mod overload;
pub mod pace;
mod place;
mod place_by_agent;
mod prices;
pub mod reconcile;
mod recount;
mod release;
pub mod report;
mod restored;
mod route;
mod settle;
mod single;
mod top_up;
mod topped_up;
mod transcribed;
mod transfer;
mod transfers;
mod turns;
mod unreported;
mod wishes;
mod zones;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::time::Duration;

use ::carriers::{CallingAgents, VoiceAgents};
use chrono::{DateTime, Utc};
use domain::CampaignId;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

pub use self::carriers::{Carriers, NotConfigured};
pub use agent_tools::{ToolAnswer, When};
pub use config::DialingConfig;
pub use inbound::InboundNews;
pub use keep::Told;
pub use place::Placed;
pub use report::{
    CallReport, CarrierSays, Correction, Learned, NotBegun, PersonWish, PriceAnswer, Transfer,
};
pub use restored::CaughtUp;
pub use single::SingleCall;
pub use topped_up::ToppedUp;

use crate::clock::Clock;
use crate::database::Database;
use crate::error::EngineError;
use crate::live::{Announcer, Change};
use crate::queue::{CallJob, CallQueue};
use crate::store::kept_webhooks::Kept;
use begin::Begun;
use breaker::{Heard, Tally};
use caller_ids::CallerIds;
use coalesce::Coalescer;
pub(crate) use decide::failure_of;
pub(crate) use lines::Lines;
pub(crate) use obstacles::Means;
use pace::Pace;
use settle::Reported;

/// Hints that wait to be heard at most; one beyond is dropped, as the reconciler looks by itself.
const WAKES_MAX: usize = 10_000;

/// What dialing works with.
#[derive(Clone)]
pub struct Parts {
    /// The truth.
    pub database: Database,
    /// Carries permission to dial.
    pub queue: Arc<dyn CallQueue>,
    /// Carry the calls.
    pub carriers: Carriers,
    /// Speaks in them.
    pub agents: Arc<dyn VoiceAgents>,
    /// Call by themselves, where a campaign wants that.
    pub calling_agents: Arc<dyn CallingAgents>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The figures to go by.
    pub config: DialingConfig,
    /// Where changes are announced to those who watch.
    pub live: Announcer,
}

/// The dialing engine of one process.
pub struct Dialing {
    parts: Parts,
    pace: Pace,
    begins: Coalescer<CallJob, Begun>,
    reports: Coalescer<Reported, ()>,
    /// Webhooks that go into the books later.
    keeps: Coalescer<Kept, ()>,
    /// Those that somebody else kept. Apart from what is told just now: one that cannot be taken in holds up those beside it.
    late: Coalescer<Reported, ()>,
    answers: Coalescer<Heard, DateTime<Utc>>,
    /// What the answers of the carrier came to that are not written yet.
    tally: Arc<Tally>,
    /// By what names the agents' platform knows our numbers.
    caller_ids: CallerIds,
    wakes: mpsc::Sender<CampaignId>,
    /// Single calls that are being placed, and webhooks that are kept, whoever still waits for them.
    under_way: TaskTracker,
    process: String,
    /// The half minute in which a campaign was last recounted.
    last_recount: AtomicI64,
    /// The five seconds in which webhooks were last looked for that somebody kept.
    last_look_for_kept: AtomicI64,
    /// Whether too many reports waited when somebody last looked.
    is_behind: AtomicBool,
}

impl Dialing {
    /// Starts the engine under the name `process`, which must be unique per start. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(parts: Parts, process: String) -> Arc<Self> {
        let (wakes, hints) = mpsc::channel(WAKES_MAX);
        let dialing = Arc::new(Self::new(parts, process, wakes));
        tokio::spawn(top_up::on_wakes(Arc::downgrade(&dialing), hints));
        dialing
    }

    /// The engine without its background: hints lead nowhere, and every step is the caller's. For tests that play the
    /// steps one by one. Must be called within a tokio runtime.
    #[must_use]
    pub fn by_hand(parts: Parts, process: String) -> Arc<Self> {
        let (wakes, _) = mpsc::channel(1);
        Arc::new(Self::new(parts, process, wakes))
    }

    fn new(parts: Parts, process: String, wakes: mpsc::Sender<CampaignId>) -> Self {
        let pause = Duration::from_millis(parts.config.gather_ms);
        let begins = Coalescer::spawn(pause, {
            let (parts, process) = (parts.clone(), process.clone());
            move |jobs| begin::begin(parts.clone(), process.clone(), jobs)
        });
        let reports = Coalescer::spawn(pause, {
            let (parts, wakes) = (parts.clone(), wakes.clone());
            move |reports| settle::settle(parts.clone(), wakes.clone(), reports)
        });
        let late = Coalescer::spawn(Duration::ZERO, {
            let (parts, wakes) = (parts.clone(), wakes.clone());
            move |reports| settle::settle(parts.clone(), wakes.clone(), reports)
        });
        let keeps = Coalescer::spawn(pause, {
            let parts = parts.clone();
            move |webhooks| keep::keep(parts.clone(), webhooks)
        });
        let tally = Arc::new(Tally::default());
        let answers = Coalescer::spawn(Duration::ZERO, {
            let (parts, tally) = (parts.clone(), Arc::clone(&tally));
            move |answers| breaker::hear(parts.clone(), Arc::clone(&tally), answers)
        });
        Self {
            pace: Pace::new(&parts.config),
            caller_ids: CallerIds::new(Arc::clone(&parts.calling_agents)),
            parts,
            begins,
            reports,
            keeps,
            late,
            answers,
            tally,
            wakes,
            under_way: TaskTracker::new(),
            process,
            last_recount: AtomicI64::default(),
            last_look_for_kept: AtomicI64::default(),
            is_behind: AtomicBool::default(),
        }
    }

    /// Asks for a top-up of `campaign` soon. Never blocks and never fails: it is a hint, the reconciler also looks by itself.
    pub fn wake(&self, campaign: CampaignId) {
        let _ = self.wakes.try_send(campaign);
    }

    /// Tells those who watch that `campaign` was changed. Never blocks and never fails.
    pub fn announce(&self, campaign: CampaignId) {
        self.parts.live.tell([Change::Campaign(campaign)]);
    }

    /// Takes `report` into the books; returns after the commit, so that whoever told us may forget it.
    ///
    /// Safe to run twice and in any order. A report of a call that does not exist is accepted and changes nothing.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer: nothing was taken in.
    pub async fn learn(&self, report: CallReport) -> Result<(), EngineError> {
        self.reports.submit(report.into()).await
    }

    /// The limiters of this process.
    #[must_use]
    pub const fn pace(&self) -> &Pace {
        &self.pace
    }

    /// The name this process goes by.
    #[must_use]
    pub fn process(&self) -> &str {
        &self.process
    }

    /// The figures dialing goes by.
    #[must_use]
    pub const fn config(&self) -> &DialingConfig {
        &self.parts.config
    }

    /// The queue.
    #[must_use]
    pub fn queue(&self) -> &Arc<dyn CallQueue> {
        &self.parts.queue
    }

    /// Where changes are announced to those who watch.
    #[must_use]
    pub const fn live(&self) -> &Announcer {
        &self.parts.live
    }

    /// The carriers.
    #[must_use]
    pub const fn carriers(&self) -> &Carriers {
        &self.parts.carriers
    }

    /// The voice agents.
    #[must_use]
    pub fn agents(&self) -> &Arc<dyn VoiceAgents> {
        &self.parts.agents
    }
}
