//! The state all parts of the pretend network share.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::SimulatorConfig;
use crate::courier::Courier;
use crate::deepgram::Listener;
use crate::elevenlabs::Platform;
use crate::exotel::Exchange;
use crate::faults::Faults;
use crate::pace::Pace;
use crate::person::People;
use crate::recorder::Recorder;
use crate::signalwire::Carrier;

/// Everything there is, once. Handlers and the tasks of calls share it.
pub(crate) struct Network {
    pub config: SimulatorConfig,
    /// Where the server really listens: `127.0.0.1:PORT`.
    pub authority: String,
    pub pace: Pace,
    pub recorder: Recorder,
    pub faults: Faults,
    pub people: People,
    pub courier: Courier,
    /// SignalWire's half.
    pub carrier: Carrier,
    /// Exotel's half.
    pub exchange: Exchange,
    /// ElevenLabs' half.
    pub platform: Platform,
    /// Deepgram's half.
    pub listener: Listener,
    pub stop: CancellationToken,
    pub tasks: TaskTracker,
}

impl Network {
    pub fn new(config: SimulatorConfig, authority: String) -> anyhow::Result<Arc<Self>> {
        let pace = Pace::new(config.time_scale);
        Ok(Arc::new(Self {
            pace,
            recorder: Recorder::default(),
            faults: Faults::new(config.seed),
            people: People::new(config.seed, config.people.clone()),
            courier: Courier::new()?,
            carrier: Carrier::new(config.calls_per_second, pace),
            exchange: Exchange::new(config.exotel.requests_per_minute),
            platform: Platform::new(config.elevenlabs_webhook_url.clone()),
            listener: Listener::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            authority,
            config,
        }))
    }

    /// Runs `task` until it is done or the simulator stops.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            stop.run_until_cancelled(task).await;
        });
    }
}
