//! Starting and stopping campaigns.

use chrono::TimeDelta;
use domain::lifecycle::Command;
use engine::EngineError;
use engine::dialing::ToppedUp;
use engine::store::counters::Ledger;
use entity::campaign_event;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

use crate::bench::{Bench, at, conflict, id_of};

async fn command(
    bench: &Bench,
    detail: &engine::campaigns::CampaignDetail,
    command: Command,
) -> Result<engine::campaigns::CampaignDetail, EngineError> {
    bench
        .engine
        .campaigns
        .command(&bench.user, id_of(detail), command, Some("why not"))
        .await
}

async fn each_command_leaves_its_instant_its_reason_and_an_entry_in_the_history(bench: Bench) {
    let made = bench.draft(json!({})).await;
    let mut instants = Vec::new();
    for step in [
        Command::Start,
        Command::Pause,
        Command::Resume,
        Command::Pause,
        Command::End,
    ] {
        bench.clock.advance(TimeDelta::minutes(1));
        instants.push(bench.engine.clock.now());
        command(&bench, &made, step).await.unwrap();
    }
    let row = bench
        .engine
        .campaigns
        .get(&bench.user, id_of(&made))
        .await
        .unwrap()
        .row;
    assert_eq!(row.status, "completed");
    assert_eq!(row.status_reason.as_deref(), Some("why not"));
    assert_eq!(row.started_at, Some(instants[0]));
    assert_eq!(
        (row.paused_at, row.resumed_at),
        (Some(instants[3]), Some(instants[2]))
    );
    assert_eq!(row.ended_at, Some(instants[4]));
    let events = campaign_event::Entity::find()
        .order_by_asc(campaign_event::Column::Id)
        .all(bench.engine.database.reader())
        .await
        .unwrap();
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["create", "start", "pause", "resume", "pause", "end"]
    );
    assert!(
        events
            .iter()
            .all(|event| event.actor_id == Some(bench.user.id.into_uuid()))
    );
}

async fn a_command_that_the_status_does_not_allow_names_both(bench: Bench) {
    let made = bench.draft(json!({})).await;
    let (code, message) = conflict(command(&bench, &made, Command::Pause).await);
    assert_eq!(code, "illegal_transition");
    assert!(
        message.contains("draft") && message.contains("paused"),
        "{message}"
    );
}

async fn a_campaign_that_could_not_call_is_not_started_and_the_answer_says_why(bench: Bench) {
    for (fields, code) in [
        (
            json!({ "endDate": "2026-05-31T00:00:00Z" }),
            "end_date_passed",
        ),
        (
            json!({ "scheduleConfig": { "daysOfWeek": [] } }),
            "calendar_never_opens",
        ),
        (json!({ "phoneNumber": null }), "no_caller_number"),
        (
            json!({ "phoneNumber": null, "phoneNumberId": "pn_unknown" }),
            "no_caller_number",
        ),
        (json!({ "voiceAgentId": null }), "no_voice_agent"),
    ] {
        let made = bench.draft(fields).await;
        let (found, message) = conflict(command(&bench, &made, Command::Start).await);
        assert_eq!(found, code, "{message}");
        let row = bench
            .engine
            .campaigns
            .get(&bench.user, id_of(&made))
            .await
            .unwrap()
            .row;
        assert_eq!((row.status.as_str(), row.started_at), ("draft", None));
    }
}

async fn a_status_in_a_change_is_the_command_of_that_name(bench: Bench) {
    let made = bench.draft(json!({ "maxConcurrentCalls": 5 })).await;
    let id = id_of(&made);
    let row = bench
        .update(id, json!({ "status": "active", "maxConcurrentCalls": 15 }))
        .await
        .unwrap()
        .row;
    assert_eq!(
        (row.status.as_str(), row.max_concurrent_calls),
        ("active", 15)
    );
    assert!(row.started_at.is_some());
    let (code, _) = conflict(
        bench
            .update(id, json!({ "status": "draft", "name": "kept?" }))
            .await,
    );
    assert_eq!(code, "illegal_transition");
    let row = bench
        .engine
        .campaigns
        .get(&bench.user, id)
        .await
        .unwrap()
        .row;
    assert_eq!(row.name, "A campaign", "all of a change, or nothing");
    let (code, _) = conflict(
        bench
            .create(json!({ "name": "x", "status": "paused" }))
            .await,
    );
    assert_eq!(code, "illegal_transition");
}

async fn an_active_campaign_cannot_be_changed_into_one_that_calls_nobody(bench: Bench) {
    let made = bench.draft(json!({ "status": "active" })).await;
    let id = id_of(&made);
    let (code, _) = conflict(bench.update(id, json!({ "phoneNumber": null })).await);
    assert_eq!(code, "no_caller_number");
    let (code, _) = conflict(
        bench
            .update(id, json!({ "endDate": "2026-06-01T11:00:00Z" }))
            .await,
    );
    assert_eq!(code, "end_date_passed");
    let both = json!({ "endDate": "2026-06-01T11:00:00Z", "status": "completed" });
    assert_eq!(
        bench.update(id, both).await.unwrap().row.status,
        "completed"
    );
}

async fn only_administrators_approve(bench: Bench) {
    let made = bench.draft(json!({})).await;
    let id = id_of(&made);
    bench
        .update(id, json!({ "status": "waiting_for_approval" }))
        .await
        .unwrap();
    for refused in [
        command(&bench, &made, Command::Approve).await,
        bench.update(id, json!({ "status": "active" })).await,
    ] {
        assert!(
            matches!(refused, Err(EngineError::Forbidden(_))),
            "{refused:?}"
        );
    }
    let approved = bench
        .engine
        .campaigns
        .command(&bench.admin, id, Command::Approve, None)
        .await;
    assert_eq!(approved.unwrap().row.status, "active");
}

/// Starts a campaign and queues some of its contacts.
async fn in_swing(bench: &Bench) -> engine::campaigns::CampaignDetail {
    let made = bench.draft(json!({ "maxConcurrentCalls": 4 })).await;
    let people: Vec<_> = (0..10)
        .map(|n| json!({ "phoneNumber": format!("+120255502{n:02}") }))
        .collect();
    bench.import(id_of(&made), people.into()).await;
    command(bench, &made, Command::Start).await.unwrap();
    // The hint that start gave may have been followed already.
    bench.engine.dialing.top_up(id_of(&made)).await.unwrap();
    let swinging = bench
        .engine
        .campaigns
        .get(&bench.user, id_of(&made))
        .await
        .unwrap();
    assert!(swinging.counters.queued > 0);
    swinging
}

async fn nothing_stays_queued_in_a_campaign_that_is_paused(bench: Bench) {
    let campaign = in_swing(&bench).await;
    let paused = command(&bench, &campaign, Command::Pause)
        .await
        .unwrap()
        .counters;
    assert_eq!((paused.queued, paused.pending, paused.total), (0, 10, 10));
    let idle = bench.engine.dialing.top_up(id_of(&campaign)).await.unwrap();
    assert_eq!(idle, ToppedUp::Idle);
    let resumed = command(&bench, &campaign, Command::Resume).await.unwrap();
    assert!(resumed.counters.wake_at <= Some(bench.engine.clock.now()));
}

async fn what_an_ended_campaign_leaves_is_canceled(bench: Bench) {
    for end in [Command::End, Command::Cancel] {
        let campaign = in_swing(&bench).await;
        command(&bench, &campaign, end).await.unwrap();
        bench.engine.dialing.top_up(id_of(&campaign)).await.unwrap();
        let left = bench
            .engine
            .campaigns
            .get(&bench.user, id_of(&campaign))
            .await
            .unwrap()
            .counters;
        assert_eq!((left.queued, left.pending, left.canceled), (0, 0, 10));
    }
}

async fn a_deleted_campaign_is_stopped_and_out_of_sight(bench: Bench) {
    let campaign = in_swing(&bench).await;
    let id = id_of(&campaign);
    bench
        .engine
        .campaigns
        .delete(&bench.user, id)
        .await
        .unwrap();
    assert!(bench.engine.campaigns.get(&bench.admin, id).await.is_err());
    assert!(bench.engine.campaigns.live_figures(id).await.is_err());
    assert!(
        bench
            .engine
            .campaigns
            .delete(&bench.user, id)
            .await
            .is_err()
    );
    bench.engine.dialing.top_up(id).await.unwrap();
    let txn = bench.engine.database.begin().await.unwrap();
    let ledger = Ledger::lock(&txn, [id]).await.unwrap();
    assert_eq!(
        ledger
            .get(id)
            .map(|counters| (counters.queued, counters.canceled)),
        Some((0, 10))
    );
}

async fn changed_hours_are_looked_at_at_once(bench: Bench) {
    let made = bench
        .draft(json!({ "status": "active", "startDate": "2026-06-02T00:00:00Z" }))
        .await;
    let id = id_of(&made);
    bench
        .import(id, json!([{ "phoneNumber": "+12025550201" }]))
        .await;
    assert_eq!(
        bench.engine.dialing.top_up(id).await.unwrap(),
        ToppedUp::Queued(0)
    );
    let opened = bench
        .update(id, json!({ "startDate": null }))
        .await
        .unwrap();
    assert_eq!(opened.row.start_date, None);
    assert!(
        opened
            .counters
            .wake_at
            .is_some_and(|wake| wake <= at("2026-06-01T12:00:00Z"))
    );
}

on_both![
    each_command_leaves_its_instant_its_reason_and_an_entry_in_the_history,
    a_command_that_the_status_does_not_allow_names_both,
    a_campaign_that_could_not_call_is_not_started_and_the_answer_says_why,
    a_status_in_a_change_is_the_command_of_that_name,
    an_active_campaign_cannot_be_changed_into_one_that_calls_nobody,
    only_administrators_approve,
    nothing_stays_queued_in_a_campaign_that_is_paused,
    a_deleted_campaign_is_stopped_and_out_of_sight,
    changed_hours_are_looked_at_at_once,
    what_an_ended_campaign_leaves_is_canceled,
];
