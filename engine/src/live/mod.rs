//! Watching live: who changes something says so after its commit, and every process that has clients reads what changed
//! once, and tells those who may see it and want it.
//!
//! * [`announcer`]: committers say what changed; it never keeps them waiting.
//! * [`notices`]: carries that to every process, [in memory](memory) or [over Redis](redis). Ids only.
//! * `feed`: reads the rows, a batch at a time, where somebody wants them.
//! * [`audience`]: passes news on to each [`Watcher`], whose queue is bounded.
//! * `beat`: every two seconds the figures, which heal whatever a lost notice left out.
//!
//! Nothing here is the truth, and nothing of the life of a call depends on it.

pub mod announcer;
pub mod audience;
mod beat;
mod feed;
pub mod figures;
pub mod memory;
pub mod notice;
pub mod notices;
mod others;
pub mod redis;
mod resident;
pub mod update;
pub mod wanted;
pub mod watcher;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{CallId, CampaignId};
use moka::sync::Cache;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;

pub use announcer::Announcer;
pub use figures::{LiveStats, PoolSeen, WorkerSeen};
pub use notice::{Change, UndoneCall};
pub use notices::Notices;
pub use update::{CallSeen, News, Update};
pub use wanted::{Wanted, Which};
pub use watcher::{Batch, Ended, Watcher};

use crate::access::{Access, Pass};
use crate::actor::Actor;
use crate::clock::Clock;
use crate::database::Database;
use crate::dialing::{Dialing, Means};
use crate::error::{EngineError, FieldError};
use crate::store;
use audience::{Audience, Seated};
use figures::Picture;
use others::Others;

/// Calls and campaigns of which is remembered what was told.
const TOLD_MAX: u64 = 10_000;
/// How long it is remembered after it was told last.
const TOLD_FOR: Duration = Duration::from_secs(3_600);
/// How long a stop waits for clients to go.
const LEAVE_MAX: Duration = Duration::from_secs(3);

/// How far watching may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveLimits {
    /// Clients of one process.
    pub clients_max: u32,
}

impl Default for LiveLimits {
    fn default() -> Self {
        Self { clients_max: 5_000 }
    }
}

/// Lets people watch. Cheap to clone.
#[derive(Clone)]
pub struct Live {
    desk: Arc<Desk>,
}

/// Figures, and when they were read.
type Latest = (Instant, Arc<Picture>);

/// What the parts of watching share.
struct Desk {
    database: Database,
    clock: Arc<dyn Clock>,
    access: Access,
    notices: Arc<dyn Notices>,
    /// How campaigns call.
    means: Means,
    audience: Arc<Audience>,
    others: Others,
    /// Room for clients; closed once the process stops.
    room: Arc<Semaphore>,
    limits: LiveLimits,
    started: Instant,
    /// The figures as last read, and when.
    latest: Mutex<Option<Latest>>,
    /// What was last told of a call.
    told_calls: Cache<CallId, CallSeen>,
    /// Campaigns that were told of.
    told_campaigns: Cache<CampaignId, ()>,
}

impl Live {
    /// Watches over `database` whatever the notices of `dialing` say. Must be called within a tokio runtime; its background
    /// ends with the last clone.
    #[must_use]
    pub fn start(
        database: Database,
        clock: Arc<dyn Clock>,
        access: Access,
        dialing: &Dialing,
        limits: LiveLimits,
    ) -> Self {
        let notices = Arc::clone(dialing.live().notices());
        let heard = notices.hear();
        let desk = Arc::new(Desk {
            database,
            clock,
            access,
            notices,
            means: dialing.means(),
            audience: Arc::default(),
            others: Others::default(),
            room: Arc::new(Semaphore::new(limits.clients_max as usize)),
            limits,
            started: Instant::now(),
            latest: Mutex::default(),
            told_calls: remembered(),
            told_campaigns: remembered(),
        });
        tokio::spawn(feed::follow(Arc::downgrade(&desk), heard));
        tokio::spawn(beat::tell_figures(Arc::downgrade(&desk)));
        tokio::spawn(beat::tell_presence(Arc::downgrade(&desk)));
        tokio::spawn(beat::check_passes(Arc::downgrade(&desk)));
        Self { desk }
    }

    /// The live figures of what `actor` may see, as they are now.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn stats(&self, actor: &Actor) -> Result<LiveStats, EngineError> {
        let desk = &self.desk;
        let scope = actor.scope();
        let picture = Picture::read(&desk.database, desk.clock.as_ref(), scope).await?;
        Ok(picture.stats(scope, desk.total_connections(), desk.uptime_s()))
    }

    /// Lets `actor` watch what it may see, by the right of `pass`: first the figures, then whatever happens.
    ///
    /// # Errors
    /// `Unavailable` where as many watch as may, the process stops, or the database does not answer.
    pub async fn watch(&self, actor: &Actor, pass: Pass) -> Result<Watcher, EngineError> {
        let desk = &self.desk;
        let permit = Arc::clone(&desk.room).try_acquire_owned().map_err(|_| {
            let most = desk.limits.clients_max;
            EngineError::unavailable(anyhow::anyhow!("{most} clients watch already, or we stop"))
        })?;
        let scope = actor.scope();
        let picture = desk.glance().await?;
        // The one that is about to sit down counts as well.
        let total = desk.total_connections() + 1;
        let first = Update::stats(picture.stats(scope, total, desk.uptime_s()), scope);
        let Seated {
            seat,
            waiting,
            ended,
        } = desk.audience.take_seat(scope, pass, Arc::new([first]));
        Ok(Watcher {
            seat,
            audience: Arc::clone(&desk.audience),
            waiting,
            ended,
            _permit: permit,
        })
    }

    /// Lets `watcher` hear of `which` as well, on behalf of `actor`; what it is told from now on.
    ///
    /// # Errors
    /// `Invalid` with every campaign that is not there for `actor`, and for more than may be named: nothing is changed then.
    pub async fn subscribe(
        &self,
        actor: &Actor,
        watcher: &Watcher,
        which: Which,
    ) -> Result<Wanted, EngineError> {
        if let Which::These(ids) = &which {
            self.check(actor, ids).await?;
        }
        let wanted = watcher.wanted().with(which)?;
        watcher.want(wanted.clone());
        Ok(wanted)
    }

    /// Ends every connection, so that clients go elsewhere, and waits a moment until they have gone. Nobody is let in any
    /// more.
    pub async fn stop(&self) {
        let desk = &self.desk;
        let everybody = Arc::clone(&desk.room).acquire_many_owned(desk.limits.clients_max);
        desk.audience.end_all(Ended::Stopping);
        if timeout(LEAVE_MAX, everybody).await.is_err() {
            tracing::debug!("some clients did not take their leave in time");
        }
        desk.room.close();
    }

    async fn check(&self, actor: &Actor, ids: &BTreeSet<CampaignId>) -> Result<(), EngineError> {
        let db = self.desk.database.reader();
        let visible = store::live::visible(db, ids, actor.scope()).await?;
        let unknown: Vec<FieldError> = ids
            .difference(&visible)
            .map(|id| FieldError::new("campaigns", format!("there is no campaign {id}")))
            .collect();
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(EngineError::Invalid(unknown))
        }
    }
}

impl Desk {
    fn total_connections(&self) -> u64 {
        self.audience.count() as u64 + self.others.clients()
    }

    fn uptime_s(&self) -> u64 {
        self.started.elapsed().as_secs()
    }
}

fn remembered<K, V>() -> Cache<K, V>
where
    K: std::hash::Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder()
        .max_capacity(TOLD_MAX)
        .time_to_live(TOLD_FOR)
        .build()
}
