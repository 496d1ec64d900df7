//! The engine of one process, built from its configuration.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use carriers::elevenlabs::DataCollectionIds;
use carriers::{
    CallingAgents, Carrier, Deepgram, DeepgramConfig, ElevenLabs, ElevenLabsConfig, SignalWire,
    SignalWireConfig, Transcriber, VoiceAgents,
};
use engine::dialing::{Carriers, DialingConfig, Parts};
use engine::directory::Directory;
use engine::live::memory::MemoryNotices;
use engine::live::redis::RedisNotices;
use engine::live::{Announcer, Notices};
use engine::queue::CallQueue;
use engine::queue::memory::{Held, MemoryCallQueue};
use engine::queue::redis::{RedisCallQueue, RedisQueueConfig};
use engine::{Clock, Database, Dialing, SystemClock, Transcribing};
use futures::channel::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use crate::config::{CarrierChoice, ServiceConfig};
use crate::ticks::Ticker;
use crate::{memory_worker, redis_worker};

/// What a process dials with.
#[derive(Clone)]
pub struct Service {
    /// The truth.
    pub database: Database,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Carries permission to dial.
    pub queue: Arc<dyn CallQueue>,
    /// Carry the calls.
    pub carriers: Carriers,
    /// Speaks in them.
    pub agents: Arc<dyn VoiceAgents>,
    /// The engine.
    pub dialing: Arc<Dialing>,
    /// Its part in listening to recordings, where there is somebody to ask.
    pub transcribing: Option<Arc<Transcribing>>,
    concurrency: usize,
    source: Arc<parking_lot::Mutex<Option<Source>>>,
}

/// Where a worker of this process takes its jobs from.
enum Source {
    Redis(RedisQueueConfig),
    Memory(UnboundedReceiver<Held>),
}

impl Service {
    /// Connects to database and queue and starts the engine; `public_url` where none is configured.
    ///
    /// # Errors
    /// [`ConfigError`](crate::config::ConfigError) for what cannot be; what database or queue say where they cannot be reached.
    pub async fn start(config: &ServiceConfig, public_url: Url) -> anyhow::Result<Self> {
        let dialing = config.dialing(public_url)?;
        let Providers { carriers, agents } = providers(config)?;
        let listener = transcriber(config)?;
        let database = Database::connect(
            config.database_url.expose(),
            config.database_max_connections,
        )
        .await
        .context("DATABASE_URL: the database cannot be reached")?;
        let live = Announcer::start(notices(config).await?);
        let (queue, source): (Arc<dyn CallQueue>, Source) = match config.redis() {
            Some(redis) => (
                Arc::new(
                    RedisCallQueue::connect(&redis)
                        .await
                        .context("REDIS_URL: Redis cannot be reached")?,
                ),
                Source::Redis(redis),
            ),
            None => {
                let (queue, jobs) = MemoryCallQueue::new();
                (Arc::new(queue), Source::Memory(jobs))
            }
        };
        let parts = Parts {
            database,
            queue,
            carriers,
            calling_agents: Arc::clone(&agents) as Arc<dyn CallingAgents>,
            agents,
            clock: Arc::new(SystemClock),
            config: dialing,
            live,
        };
        let mut service = Self::over(parts, source, config.worker_concurrency as usize);
        service.transcribing = listener.map(|transcriber| {
            let store = (service.database.clone(), Arc::clone(&service.clock));
            let dialing = Arc::clone(&service.dialing);
            Transcribing::new(store, dialing, transcriber, config.transcribing())
        });
        Ok(service)
    }

    fn over(parts: Parts, source: Source, concurrency: usize) -> Self {
        let process = format!("{}-{}", std::process::id(), Uuid::now_v7().simple());
        Self {
            database: parts.database.clone(),
            clock: Arc::clone(&parts.clock),
            queue: Arc::clone(&parts.queue),
            carriers: parts.carriers.clone(),
            agents: Arc::clone(&parts.agents),
            dialing: Dialing::start(parts, process),
            transcribing: None,
            concurrency,
            source: Arc::new(parking_lot::Mutex::new(Some(source))),
        }
    }

    /// The figures dialing goes by.
    #[must_use]
    pub fn config(&self) -> &DialingConfig {
        self.dialing.config()
    }

    /// Takes jobs and ticks until `stop`; returns when everything in flight is finished, or its patience is over. A second
    /// call in one process only ticks: there is one worker in a process.
    ///
    /// # Errors
    /// Where a part ends before it was told to: a process that ticks but takes no jobs must not look alive.
    pub async fn work(&self, stop: CancellationToken) -> anyhow::Result<()> {
        self.learn_lines().await;
        let mut parts = JoinSet::new();
        let source = self.source.lock().take();
        let (dialing, concurrency) = (Arc::clone(&self.dialing), self.concurrency);
        match source {
            Some(Source::Redis(queue)) => {
                drop(parts.spawn(redis_worker::run(queue, dialing, concurrency, stop.clone())));
            }
            Some(Source::Memory(jobs)) => {
                drop(parts.spawn(memory_worker::run(jobs, dialing, concurrency, stop.clone())));
            }
            None => {}
        }
        let ticker = Ticker {
            database: self.database.clone(),
            clock: Arc::clone(&self.clock),
            dialing: Arc::clone(&self.dialing),
            transcribing: self.transcribing.clone(),
            concurrency,
            started_at: self.clock.now(),
        };
        drop(parts.spawn(ticker.run(stop.clone())));
        while let Some(ended) = parts.join_next().await {
            ended.context("a part of the worker panicked")?;
            ensure!(stop.is_cancelled(), "a part of the worker ended by itself");
        }
        Ok(())
    }

    /// Before the first job: through whom it is placed rests on whose its number is.
    async fn learn_lines(&self) {
        let directory = Directory::new(
            self.database.clone(),
            Arc::clone(&self.clock),
            self.carriers.clone(),
            Arc::clone(&self.agents),
        );
        if let Err(error) = directory.learn_lines().await {
            tracing::warn!(
                ?error,
                "could not learn which number is whose; what was known before counts"
            );
        }
    }
}

/// What carries changes to those who watch.
async fn notices(config: &ServiceConfig) -> anyhow::Result<Arc<dyn Notices>> {
    let Some(redis) = config.redis() else {
        return Ok(Arc::new(MemoryNotices::new()));
    };
    let notices = RedisNotices::connect(&redis).await;
    Ok(Arc::new(
        notices.context("REDIS_URL: Redis cannot be reached")?,
    ))
}

/// The clients of the providers.
pub struct Providers {
    /// Who carries the calls.
    pub carriers: Carriers,
    /// Who speaks in them.
    pub agents: Arc<ElevenLabs>,
}

/// Makes the clients of the providers.
///
/// # Errors
/// [`ConfigError`](crate::config::ConfigError) names every key that is missing.
pub fn providers(config: &ServiceConfig) -> anyhow::Result<Providers> {
    config.check_accounts()?;
    let accounts = &config.providers;
    let mut clients: Vec<Arc<dyn Carrier>> = Vec::new();
    if config.has_signalwire() {
        clients.push(Arc::new(SignalWire::new(SignalWireConfig {
            base_url: config.signalwire_base_url()?,
            project_id: accounts.signalwire_project_id.clone().unwrap_or_default(),
            api_token: accounts.signalwire_api_token.clone().unwrap_or_default(),
            place_timeout: SignalWireConfig::PLACE_TIMEOUT,
            request_timeout: SignalWireConfig::REQUEST_TIMEOUT,
        })?));
    }
    if config.has_exotel() {
        let exotel = accounts.exotel.client(config.behaviour.talk_s_max)?;
        clients.push(Arc::new(exotel));
    }
    if config.carrier() == CarrierChoice::Exotel {
        clients.reverse();
    }
    let mut clients = clients.into_iter();
    let first = clients.next().context("no carrier is configured")?;
    let carriers = clients.fold(Carriers::of(first), Carriers::and);
    let elevenlabs = ElevenLabs::new(ElevenLabsConfig {
        base_url: accounts.elevenlabs_base_url.clone(),
        api_key: accounts.elevenlabs_api_key.clone().unwrap_or_default(),
        register_timeout: ElevenLabsConfig::REGISTER_TIMEOUT,
        request_timeout: ElevenLabsConfig::REQUEST_TIMEOUT,
        data_ids: DataCollectionIds::default(),
    })?;
    Ok(Providers {
        carriers,
        agents: Arc::new(elevenlabs),
    })
}

/// Who listens to recordings, where there is an account for that.
///
/// # Errors
/// [`ConfigError`](crate::config::ConfigError) where the account cannot work.
pub fn transcriber(config: &ServiceConfig) -> anyhow::Result<Option<Arc<dyn Transcriber>>> {
    let accounts = &config.deepgram;
    accounts.check()?;
    let Some(api_key) = accounts.deepgram_api_key.clone() else {
        return Ok(None);
    };
    let deepgram = Deepgram::new(DeepgramConfig {
        base_url: accounts.deepgram_base_url.clone(),
        api_key,
        model: accounts.deepgram_model.clone(),
        timeout: Duration::from_secs(u64::from(accounts.deepgram_timeout_s)),
    });
    Ok(Some(Arc::new(deepgram.context("DEEPGRAM_BASE_URL")?)))
}
