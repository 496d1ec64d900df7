//! The pretend phone network, and what its record tells.

use std::path::Path;
use std::process::Command;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::api::Api;
use super::port;
use super::process::Process;
use crate::plan::Plan;

/// The key that the simulator signs SignalWire's callbacks with.
pub const SIGNING_KEY: &str = "PSK-bench";

/// How people behave who are called.
#[derive(Clone, Copy, Debug)]
pub struct People {
    /// Whether the line is engaged, or somebody picks up, talks and agrees.
    pub is_busy: bool,
    /// From the first ring to picking up.
    pub ring_ms: u64,
    /// From picking up to hanging up.
    pub talk_ms: u64,
}

impl People {
    /// Picks up at once and hangs up at once.
    pub const INSTANT: Self = Self {
        is_busy: false,
        ring_ms: 0,
        talk_ms: 0,
    };

    /// As the simulator wants it. Nothing but ringing and talking takes time.
    fn to_json(self) -> Value {
        let exactly = |ms: u64| json!({"min": ms, "max": ms});
        let others = [
            "not_interested",
            "no_answer",
            "voicemail",
            "callback",
            "do_not_call",
            "failed",
            "invalid_number",
        ];
        let mut shares: Value = others
            .iter()
            .map(|name| (name.to_string(), json!(0.0)))
            .collect();
        shares["answered"] = json!(f64::from(u8::from(!self.is_busy)));
        shares["busy"] = json!(f64::from(u8::from(self.is_busy)));
        json!({
            "shares": shares, "dial_ms": exactly(0), "ring_ms": exactly(self.ring_ms),
            "talk_ms": exactly(self.talk_ms), "detection_ms": exactly(0), "processing_ms": exactly(0),
        })
    }
}

/// A call as the carrier saw it.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// When it was asked for.
    pub arrived_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Starts the simulator, whose agents report to `api_url`. Where it is, and its process.
///
/// # Errors
/// It does not get ready.
pub async fn start(plan: &Plan, api_url: &str, folder: &Path) -> anyhow::Result<(String, Process)> {
    let address = format!("127.0.0.1:{}", port::free()?);
    let mut command = Command::new(plan.programs.join("dialer-simulator"));
    command.env_clear().envs([
        ("SIMULATOR_BIND", address.as_str()),
        ("SIMULATOR_PROJECT_ID", super::PROJECT_ID),
        ("SIMULATOR_API_TOKEN", super::PROVIDER_SECRET),
        ("SIMULATOR_SIGNING_KEY", SIGNING_KEY),
        ("SIMULATOR_ELEVENLABS_API_KEY", super::PROVIDER_SECRET),
        (
            "SIMULATOR_ELEVENLABS_WEBHOOK_SECRET",
            super::PROVIDER_SECRET,
        ),
    ]);
    let webhook = format!("{api_url}/webhooks/elevenlabs");
    command.env("SIMULATOR_ELEVENLABS_WEBHOOK_URL", webhook);
    let process = Process::spawn("simulator", &mut command, folder)?;
    let url = format!("http://{address}");
    Api::new(&url)?.is_ready("/_simulator/people").await?;
    Ok((url, process))
}

/// Teaches everybody their part.
///
/// # Errors
/// The simulator refuses it.
pub async fn rehearse(url: &str, people: People) -> anyhow::Result<()> {
    let simulator = Api::new(url)?;
    let change = json!({"config": people.to_json()});
    let request = simulator.http().put(simulator.at("/_simulator/people"));
    let answer = request.json(&change).send().await?;
    let status = answer.status();
    anyhow::ensure!(status.is_success(), "{status}: {}", answer.text().await?);
    Ok(())
}

/// The most calls that were ever live at once.
///
/// # Errors
/// The simulator does not tell.
pub async fn max_concurrent(url: &str) -> anyhow::Result<f64> {
    let record = Api::new(url)?.get("/_simulator/record?limit=0").await?;
    Ok(record["max_concurrent"].as_f64().unwrap_or(f64::NAN))
}

/// Every call so far.
///
/// # Errors
/// The simulator does not tell.
pub async fn calls(url: &str) -> anyhow::Result<Vec<Seen>> {
    let record = Api::new(url)?.get("/_simulator/record").await?;
    let instant = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
    let calls = record["calls"].as_array().into_iter().flatten();
    let seen = calls.filter_map(|call| {
        Some(Seen {
            arrived_at: instant(&call["arrived_at"])?,
            ended_at: instant(&call["ended_at"]),
        })
    });
    Ok(seen.collect())
}
