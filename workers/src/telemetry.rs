//! Logs and metrics of a process.

use std::io::IsTerminal;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged where nobody says: the notices of Postgres about what already exists are no news.
const FILTER: &str = "info,sqlx::postgres::notice=warn";

/// Upper bounds of the buckets of every duration, in seconds.
const BUCKETS_S: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Begins to log to standard error, as `RUST_LOG` says, or at `info`. A second call in one process changes nothing.
pub fn log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(FILTER));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let _ = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}

/// How often what was sampled is summed up.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to measure; must be called within a tokio runtime. In a process that measures already the numbers go there, and the handle shows none.
///
/// # Errors
/// Where the bounds of the buckets are unusable, which they are not.
pub fn measure() -> anyhow::Result<PrometheusHandle> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS_S)?
        .build_recorder();
    let handle = recorder.handle();
    let _ = metrics::set_global_recorder(recorder);
    describe();
    let kept = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            // Samples pile up where nobody asks for them.
            kept.run_upkeep();
        }
    });
    Ok(handle)
}

fn describe() {
    metrics::describe_gauge!("dialer_live_calls", "Calls that hold a slot");
    metrics::describe_gauge!("dialer_queue_depth", "Jobs that wait or run");
    metrics::describe_gauge!(
        "dialer_carrier_breaker",
        "0: the carrier is called; 1: one call tries it; 2: it is left alone"
    );
    metrics::describe_counter!(
        "dialer_carrier_breaker_openings_total",
        "How often this process found that the carrier is to be left alone"
    );
    metrics::describe_gauge!("dialer_live_clients", "Clients that watch at this process");
    metrics::describe_counter!(
        "dialer_live_clients_dropped_total",
        "Clients that were dropped as they were too slow"
    );
    metrics::describe_counter!("dialer_attempts_total", "Calls that ended, by outcome");
    metrics::describe_counter!("dialer_jobs_total", "Jobs that were handled, by result");
    metrics::describe_counter!(
        "dialer_jobs_pushed_total",
        "Jobs that were put into the queue"
    );
    metrics::describe_counter!(
        "dialer_overloads_total",
        "How often this process held calls back, as it could not keep up"
    );
    metrics::describe_counter!(
        "dialer_webhooks_total",
        "Webhooks that came in, by sender, kind and answer"
    );
    metrics::describe_counter!(
        "dialer_webhooks_repeated_total",
        "Webhooks that had come in before"
    );
    metrics::describe_counter!(
        "dialer_reconcile_repairs_total",
        "What the reconciler repaired, by kind"
    );
    metrics::describe_counter!(
        "dialer_prices_asked_total",
        "How often the carrier was asked what a call cost, by answer"
    );
    metrics::describe_counter!(
        "dialer_transcriptions_total",
        "Recordings that somebody was asked to listen to, by answer"
    );
    metrics::describe_gauge!(
        "dialer_transcriptions_under_way",
        "Recordings that this worker has listened to"
    );
    metrics::describe_counter!(
        "dialer_worker_restarts_total",
        "How often the worker lost Redis and started again"
    );
    metrics::describe_histogram!(
        "dialer_place_seconds",
        "From the request to the carrier until its answer"
    );
    metrics::describe_histogram!(
        "dialer_webhook_seconds",
        "From a webhook's arrival until its answer"
    );
    begin_at_zero();
}

/// A figure that is not there looks like one that is broken.
fn begin_at_zero() {
    metrics::gauge!("dialer_live_calls").set(0.0);
    metrics::gauge!("dialer_queue_depth").set(0.0);
    metrics::gauge!("dialer_live_clients").set(0.0);
    metrics::counter!("dialer_live_clients_dropped_total").increment(0);
    metrics::counter!("dialer_jobs_pushed_total").increment(0);
    metrics::counter!("dialer_overloads_total").increment(0);
    metrics::counter!("dialer_webhooks_repeated_total").increment(0);
    metrics::counter!("dialer_worker_restarts_total").increment(0);
    for carrier in carriers::CarrierKind::ALL {
        metrics::counter!("dialer_carrier_breaker_openings_total", "carrier" => carrier.as_str())
            .increment(0);
    }
    for outcome in domain::Outcome::ALL {
        metrics::counter!("dialer_attempts_total", "outcome" => outcome.as_str()).increment(0);
    }
    for answer in ["told", "not_yet", "none"] {
        metrics::counter!("dialer_prices_asked_total", "answer" => answer).increment(0);
    }
    metrics::gauge!("dialer_transcriptions_under_way").set(0.0);
    for answer in engine::transcribing::ANSWERS {
        metrics::counter!("dialer_transcriptions_total", "answer" => answer).increment(0);
    }
    for kind in [
        "job_pushed_again",
        "call_asked_about",
        "counters_corrected",
        "worker_gone",
        "failed",
    ] {
        metrics::counter!("dialer_reconcile_repairs_total", "kind" => kind).increment(0);
    }
}
