//! The HTTP API: two generations over one engine, webhooks, and what operators look at.
//!
//! Handlers parse, make one call into the engine, and dress the answer. What is shared lies here: who asks ([`auth`]), how
//! requests are read ([`extract`]), how errors look ([`error`]), what wraps every request ([`layers`]).

pub mod accept;
pub mod agent_tools;
pub mod around;
pub mod auth;
pub mod body_within;
pub mod campaigns;
pub mod connections;
pub mod contact_import;
pub mod contact_list;
pub mod counted;
pub mod csv;
pub mod error;
pub mod extract;
pub mod health;
pub mod hear_out;
pub mod import;
pub mod layers;
pub mod metrics;
pub mod openapi;
pub mod page;
mod query;
pub mod router;
pub mod suppressions;
pub mod v1;
pub mod webhooks;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use engine::Engine;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::assembly::Assembly;
use metrics::MetricsAccess;
use v1::ws::origin::Origins;
use webhooks::Trust;

/// What handlers work with: one for all requests, which hold on to it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] consists of.
pub struct Parts {
    /// The use cases.
    pub engine: Engine,
    /// Whose webhooks are believed.
    pub trust: Trust,
    /// Who may read the metrics.
    pub metrics: MetricsAccess,
    /// Who may watch, and for how long in silence.
    pub watching: Watching,
    /// True where nobody is really called.
    pub is_simulated: bool,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// How clients watch over a WebSocket.
#[derive(Clone, Debug)]
pub struct Watching {
    /// Whose pages may.
    pub origins: Origins,
    /// A client of which nothing was heard for so long is gone.
    pub silence: Duration,
}

impl App {
    /// Over what was put together; `metrics` shows what the process counts.
    #[must_use]
    pub fn new(assembly: &Assembly, metrics: PrometheusHandle) -> Self {
        let service = &assembly.config.service;
        let accounts = &service.providers;
        Self(Arc::new(Parts {
            engine: assembly.engine.clone(),
            trust: Trust {
                signalwire_keys: service.signalwire_keys(),
                exotel_tokens: accounts.exotel.exotel_webhook_token.clone(),
                exotel_region: accounts.exotel.exotel_region,
                elevenlabs_secrets: service.elevenlabs_secrets(),
                agent_tools_token: accounts.elevenlabs_tools_token.clone(),
            },
            metrics: MetricsAccess {
                handle: metrics,
                token: assembly.config.metrics_token.clone(),
            },
            watching: Watching {
                origins: Origins::new(
                    &assembly.config.cors_origins,
                    assembly.config.service.public_url.as_ref(),
                ),
                silence: Duration::from_secs(u64::from(assembly.config.live_silence_s)),
            },
            is_simulated: assembly.simulator.is_some(),
        }))
    }
}
