//! W8: ten thousand status callbacks per second, offered for half a minute whether or not they are taken.
//!
//! A callback has its moment; how long it took is counted from then, not from when a connection was free for it. One that
//! is answered with 503 is sent again after `Retry-After`, as a carrier does.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::future::try_join_all;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::StatusCode;
use serde_json::json;
use sha1::Sha1;
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

use crate::figures::Figures;
use crate::plan::Plan;
use crate::stage::network::SIGNING_KEY;
use crate::stage::{Api, Meter, Stage, Wanted, rows, usage};
use crate::target::Target;

const PER_SECOND: u32 = 10_000;
const SECONDS: usize = 30;
const SENDERS: usize = 512;
const EVENTS: [&str; 4] = ["initiated", "ringing", "in-progress", "completed"];
/// How often a callback is sent again that was answered with 503, or not at all.
const TRIES_MAX: usize = 20;
/// How long the books may take for what was answered, once nothing more comes.
const BOOKS_MAX: Duration = Duration::from_secs(60);

pub const TARGETS: &[Target] = &[
    Target::at_most("taken_p99_ms", 50.0),
    Target::at_most("lost", 0.0),
    Target::at_most("answered_503_without_retry_after", 0.0),
    Target::at_most("unanswered", 0.0),
];

/// What came of the callbacks of one sender.
#[derive(Default)]
struct Heard {
    taken_ms: Vec<f64>,
    busy: usize,
    busy_without_retry_after: usize,
    refused: usize,
    unanswered: usize,
}

/// A callback, signed.
struct Callback {
    url: String,
    body: String,
    signature: String,
}

/// Runs it once.
///
/// # Errors
/// Something does not start.
pub async fn run(plan: &Plan) -> anyhow::Result<Figures> {
    // Nobody asks the carrier about calls that it never had.
    let wanted = Wanted {
        env: vec![("CALL_CHECK_AFTER_S", "3600".to_owned())],
        ..Wanted::default()
    };
    Stage::play(plan, wanted, async |stage| offer(plan, stage).await).await
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
async fn offer(plan: &Plan, stage: &Stage) -> anyhow::Result<Figures> {
    let calls = plan.size(PER_SECOND as usize * SECONDS / EVENTS.len(), 1_000);
    let campaign = stage.api.campaign(calls, json!({})).await?;
    let ids = rows::live_calls(stage, &campaign, calls).await?;
    let callbacks = ids.iter().flat_map(|id| callbacks(&stage.api, *id));
    let callbacks: Arc<Vec<Callback>> = Arc::new(callbacks.collect());
    usage::forget_peak(stage.web.id());
    let meter = Meter::start(stage);
    let begin = Instant::now() + Duration::from_millis(200);
    let senders = (0..SENDERS).map(|sender| {
        let (api, callbacks) = (stage.api.clone(), Arc::clone(&callbacks));
        tokio::spawn(async move { send(&api, &callbacks, sender, begin).await })
    });
    let mut all = Heard::default();
    for heard in try_join_all(senders).await? {
        let heard = heard?;
        all.taken_ms.extend(heard.taken_ms);
        all.busy += heard.busy;
        all.busy_without_retry_after += heard.busy_without_retry_after;
        all.refused += heard.refused;
        all.unanswered += heard.unanswered;
    }
    let seconds = begin.elapsed().as_secs_f64();
    nobody_is_kept(stage).await?;
    let known = "SELECT count(*) FROM webhook_inbox";
    let known: i64 = stage.database.figure(known).await?;
    let mut figures = Figures::default();
    figures.count("callbacks", callbacks.len());
    figures.add("taken_per_s", all.taken_ms.len() as f64 / seconds);
    figures.spread("taken", all.taken_ms);
    figures.count("answered_503", all.busy);
    figures.count(
        "answered_503_without_retry_after",
        all.busy_without_retry_after,
    );
    figures.count("answered_otherwise", all.refused);
    figures.count("unanswered", all.unanswered);
    figures.add("lost", callbacks.len() as f64 - known as f64);
    figures.extend(meter.figures(stage));
    Ok(figures)
}

/// Waits until what was answered is in the books.
async fn nobody_is_kept(stage: &Stage) -> anyhow::Result<()> {
    let begin = Instant::now();
    let kept = "SELECT count(*) FROM kept_webhooks";
    while stage.database.figure::<i64>(kept).await? > 0 {
        ensure!(
            begin.elapsed() < BOOKS_MAX,
            "webhooks are kept that nobody takes into the books"
        );
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Sends every `SENDERS`th callback from the place `sender` on, each at its moment.
async fn send(
    api: &Api,
    callbacks: &[Callback],
    sender: usize,
    begin: Instant,
) -> anyhow::Result<Heard> {
    let mut heard = Heard::default();
    for (place, callback) in callbacks.iter().enumerate().skip(sender).step_by(SENDERS) {
        let moment = begin + Duration::from_secs(1) * u32::try_from(place)? / PER_SECOND;
        sleep_until(moment).await;
        for _ in 0..TRIES_MAX {
            let request = api.http().post(&callback.url);
            let request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .header("x-signalwire-signature", &callback.signature)
                .body(callback.body.clone());
            let Ok(answer) = request.send().await else {
                heard.unanswered += 1;
                sleep(Duration::from_secs(1)).await;
                continue;
            };
            let status = answer.status();
            let pause = answer.headers().get("retry-after");
            let pause = pause.and_then(|pause| pause.to_str().ok()?.parse().ok());
            let _ = answer.bytes().await;
            if status == StatusCode::SERVICE_UNAVAILABLE {
                heard.busy += 1;
                heard.busy_without_retry_after += usize::from(pause.is_none());
                sleep(Duration::from_secs(pause.unwrap_or(1))).await;
                continue;
            }
            if status.is_success() {
                heard
                    .taken_ms
                    .push(moment.elapsed().as_secs_f64() * 1_000.0);
            } else {
                heard.refused += 1;
            }
            break;
        }
    }
    Ok(heard)
}

/// What a carrier reports of a call that is picked up.
fn callbacks(api: &Api, call: Uuid) -> impl Iterator<Item = Callback> {
    let url = api.at(&format!("/webhooks/signalwire/calls/{call}/status"));
    EVENTS
        .into_iter()
        .enumerate()
        .map(move |(sequence, status)| {
            let sequence = sequence.to_string();
            let sid = rows::carrier_call_id(call);
            // Sorted by name, as the signature wants them.
            let form = [
                ("CallDuration", "3"),
                ("CallSid", sid.as_str()),
                ("CallStatus", status),
                ("SequenceNumber", sequence.as_str()),
            ];
            let mut body = url::form_urlencoded::Serializer::new(String::new());
            body.extend_pairs(form);
            Callback {
                body: body.finish(),
                signature: signature(&url, &form),
                url: url.clone(),
            }
        })
}

/// SignalWire's signature: HMAC-SHA1 over the address and each name with its value.
fn signature(url: &str, form: &[(&str, &str)]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha1>::new_from_slice(SIGNING_KEY.as_bytes()).expect("a key");
    mac.update(url.as_bytes());
    for (name, value) in form {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}
