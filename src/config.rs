//! NOTE FOR WHOEVER WRITES THIS FILE: database, queue, providers and dialing behaviour are configured by
//! `workers::ServiceConfig` (clap `Args`, flatten it here) and built by `workers::Service::start(&config, public_url)`,
//! shared with `dialer-worker`. Only what the API alone needs belongs here: BIND_ADDR/PORT, ADMIN_TOKEN, JWT_SECRET,
//! CORS_ORIGINS, METRICS_TOKEN, MAX_CONCURRENT_CALLS_LIMIT, and the in-process simulator (set
//! `service.providers.signalwire_base_url`, credentials, signing keys and `elevenlabs_*` from the simulator's values before
//! `Service::start`). `service.work(stop)` runs worker and ticks inside `serve` when REDIS_URL is not set. Telemetry:
//! `workers::telemetry::{log, measure}`.
