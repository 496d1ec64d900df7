//! Takes jobs from the queue and places the calls: a thin shell around the engine.
//!
//! The same handler ([`place_call`]) runs over apalis-redis in `dialer-worker` ([`redis_worker`]) and over apalis'
//! in-memory storage inside the API ([`memory_worker`]); each is assembled concretely, as the backends' generics are
//! unreadable. [`ticks`] keeps the heartbeat and the reconciler going; [`config`] and [`service`] are how every process
//! that dials reads its configuration and builds the engine from it.

pub mod behaviour;
pub mod breaker;
pub mod config;
pub mod deepgram;
pub mod exotel;
mod flag_values;
pub mod health;
pub mod memory_worker;
pub mod place_call;
pub mod redis_worker;
mod secret_url;
pub mod service;
pub mod telemetry;
mod tick;
pub mod ticks;

pub use config::ServiceConfig;
pub use service::Service;
