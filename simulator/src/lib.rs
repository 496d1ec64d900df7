//! A pretend phone network that speaks the providers' wire formats over HTTP.
//!
//! One HTTP server is SignalWire's Compatibility API, Exotel's Voice API, ElevenLabs' agents,
//! Deepgram's transcription, and the people who are called. It signs what it sends, does wrong what it is told to do wrong ([`Faults`]), and records
//! what it saw ([`Recorder`]). It knows nothing of the dialer but its webhook addresses.

mod config;
mod control;
mod courier;
mod deepgram;
mod elevenlabs;
mod exotel;
mod faults;
mod network;
mod pace;
mod person;
pub mod recorder;
mod server;
mod signalwire;

use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;

pub use config::{NumberProvider, OwnedNumber, PretendAgent, SimulatorConfig};
pub use deepgram::{DeepgramAccount, RecordedTranscription, Transcriptions};
pub use exotel::ExotelAccount;
pub use faults::{Fault, FaultPlan, FaultTiming, Faults, Trigger};
use network::Network;
pub use person::{Behaviour, MsRange, People, PeopleConfig, Shares};
pub use recorder::{RecordedCall, RecordedLeg, RecordedToolUse, Recorder};

/// A running pretend phone network. Dropping it stops it, [`Simulator::stop`] waits for that.
pub struct Simulator {
    network: Arc<Network>,
}

impl Simulator {
    /// Starts listening.
    ///
    /// # Errors
    /// The configuration cannot work, or the address is taken.
    pub async fn start(config: SimulatorConfig) -> anyhow::Result<Self> {
        config.check()?;
        let listener = TcpListener::bind(config.bind)
            .await
            .with_context(|| format!("the simulator cannot listen on {}", config.bind))?;
        let authority = listener.local_addr()?.to_string();
        let network = Network::new(config, authority)?;
        let router = Router::new()
            .merge(signalwire::router())
            .merge(exotel::router(&network))
            .merge(elevenlabs::router())
            .merge(deepgram::router())
            .merge(control::router())
            .with_state(Arc::clone(&network));
        network
            .tasks
            .spawn(server::serve(listener, router, Arc::clone(&network)));
        Ok(Self { network })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.network.authority)
    }

    /// What goes into `SIGNALWIRE_BASE_URL`: `…/api/laml/2010-04-01`.
    #[must_use]
    pub fn signalwire_base_url(&self) -> String {
        format!("{}/api/laml/2010-04-01", self.base_url())
    }

    /// What goes into `EXOTEL_BASE_URL`.
    #[must_use]
    pub fn exotel_base_url(&self) -> String {
        self.base_url()
    }

    /// What goes into `ELEVENLABS_BASE_URL`.
    #[must_use]
    pub fn elevenlabs_base_url(&self) -> String {
        self.base_url()
    }

    /// What goes into `DEEPGRAM_BASE_URL`.
    #[must_use]
    pub fn deepgram_base_url(&self) -> String {
        self.base_url()
    }

    /// What Deepgram was asked.
    #[must_use]
    pub fn transcriptions(&self) -> Transcriptions {
        self.network.listener.log.clone()
    }

    /// From now on ElevenLabs sends all its events to this address; `None`: to nobody.
    pub fn set_elevenlabs_webhook_url(&self, url: impl Into<Option<String>>) {
        self.network.platform.set_webhook_url(url.into());
    }

    /// What the carrier saw.
    #[must_use]
    pub fn recorder(&self) -> Recorder {
        self.network.recorder.clone()
    }

    /// What goes wrong.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.network.faults.clone()
    }

    /// Who is called.
    #[must_use]
    pub fn people(&self) -> People {
        self.network.people.clone()
    }

    /// Stops listening, breaks off every call without a word to the dialer, and waits until nothing
    /// is left running.
    pub async fn stop(self) {
        self.network.stop.cancel();
        self.network.tasks.close();
        self.network.tasks.wait().await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.network.stop.cancel();
    }
}
