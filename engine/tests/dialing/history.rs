//! Calls of several days as they may go, by chance that is the same in every run.

use carriers::{ConversationStatus, PlaceError};
use chrono::TimeDelta;
use chrono_tz::Tz;
use domain::progress::{End, News};
use domain::{AnsweredBy, CallId, TransferStatus};
use entity::call;
use rand::RngExt;
use rand::rngs::StdRng;
use sea_orm::Set;

use crate::stage::Stage;
use crate::told_agents::conversation;

/// A campaign in `zone` with people to call.
pub async fn prepare(stage: &Stage, zone: Tz) {
    let callbacks = serde_json::json!({ "enabled": true, "maxAttempts": 2, "delayMinutes": 30 });
    stage
        .change(|row| {
            row.timezone = Set(zone.name().to_owned());
            row.voice_agent_id = Set(Some("agent_demo".to_owned()));
            row.callback_config = Set(Some(callbacks));
            row.max_concurrent_calls = Set(6);
            row.call_attempts_per_contact = Set(4);
        })
        .await;
    stage.people(60, "").await;
}

/// Calls are placed, or refused, and some of those that are live or over go on.
pub async fn some_hours(stage: &mut Stage, chance: &mut StdRng) {
    let refusal = match chance.random_range(0..12) {
        0 => Some(PlaceError::Rejected {
            reason: "no such number".to_owned(),
            code: Some(21211),
        }),
        1 => Some(PlaceError::Ambiguous(anyhow::anyhow!("no answer"))),
        2 => Some(PlaceError::Retryable {
            not_before: None,
            source: anyhow::anyhow!("too many requests"),
        }),
        _ => None,
    };
    stage.carrier.answers.lock().extend(refusal.map(Err));
    stage.dial().await;
    stage.carrier.answers.lock().clear();
    stage
        .clock
        .advance(TimeDelta::milliseconds(chance.random_range(100..20_000)));
    for call in in_order(stage.live_calls().await) {
        if chance.random_bool(0.8) {
            ends(stage, &call, chance).await;
        }
    }
    for call in without_report(stage).await {
        if chance.random_bool(0.7) {
            is_reported_on(stage, &call, chance).await;
        }
    }
    stage
        .clock
        .advance(TimeDelta::seconds(chance.random_range(60..12_000)));
    stage.wake().await;
    stage.repair().await;
}

/// In an order that is the same in every run: ids are made by chance.
fn in_order(mut calls: Vec<call::Model>) -> Vec<call::Model> {
    calls.sort_by_key(|call| (call.begun_at, call.contact_id));
    calls
}

/// The carrier tells of an end; of an answer it may tell before, and now and then it tells twice. A call in doubt gets its
/// name before or after that, or never.
async fn ends(stage: &Stage, call: &call::Model, chance: &mut StdRng) {
    let ends = [
        End::Completed,
        End::Completed,
        End::Completed,
        End::Busy,
        End::NoAnswer,
        End::Failed,
        End::Canceled,
    ];
    let end = ends[chance.random_range(0..ends.len())];
    let talk_s = chance.random_range(0..300);
    let carrier_call_id = format!("sid-{}", call.id);
    let name = News::Accepted { carrier_call_id };
    let is_in_doubt = call.placed_at.is_none();
    if is_in_doubt && chance.random_bool(0.4) {
        stage.hear(call, vec![name.clone()]).await;
    }
    if end == End::Completed && chance.random_bool(0.8) {
        stage.hear(call, vec![News::Answered]).await;
        if chance.random_bool(0.2) {
            stage
                .hear(call, vec![News::Detected(AnsweredBy::Machine)])
                .await;
        }
        if chance.random_bool(0.2) {
            is_handed_on(stage, call, chance).await;
        }
        stage.clock.advance(TimeDelta::seconds(talk_s));
    }
    let ended = News::Ended {
        end,
        duration_s: chance
            .random_bool(0.9)
            .then_some(talk_s.unsigned_abs() as u32),
    };
    for _ in 0..chance.random_range(1..3) {
        stage.hear(call, vec![ended.clone()]).await;
    }
    if is_in_doubt && chance.random_bool(0.5) {
        stage.hear(call, vec![name]).await;
    }
}

/// The agent hands the call on; somebody takes it, or nobody does, or the carrier never says.
async fn is_handed_on(stage: &Stage, call: &call::Model, chance: &mut StdRng) {
    let ends = [
        None,
        Some(TransferStatus::Failed),
        Some(TransferStatus::Completed),
    ];
    let end = ends[chance.random_range(0..ends.len())];
    let id = CallId::from_uuid(call.id);
    for status in [Some(TransferStatus::Initiated), end].into_iter().flatten() {
        for _ in 0..chance.random_range(1..3) {
            let noted = stage.dialing.note_transfer(id, status).await;
            noted.expect("a note");
        }
    }
}

/// Completed calls whose conversation nobody reported on.
async fn without_report(stage: &Stage) -> Vec<call::Model> {
    let mut calls = in_order(stage.calls().await);
    let completed = Some(End::Completed.as_str());
    calls.retain(|call| call.ending.as_deref() == completed && call.credits.is_none());
    calls
}

async fn is_reported_on(stage: &Stage, call: &call::Model, chance: &mut StdRng) {
    let status = if chance.random_bool(0.1) {
        ConversationStatus::Failed
    } else {
        ConversationStatus::Done
    };
    let mut said = conversation(call, status);
    said.successful = [None, Some(false), Some(true), Some(true)][chance.random_range(0..4)];
    said.is_voicemail = chance.random_bool(0.15);
    said.was_transferred = chance.random_bool(0.3);
    said.wish.callback_requested = chance.random_bool(0.3);
    said.wish.do_not_call = chance.random_bool(0.05);
    for _ in 0..chance.random_range(1..3) {
        stage.report(call, said.clone()).await;
    }
}
