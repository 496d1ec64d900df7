//! Pause, end, cancel and delete under load: what they promise once they have answered.

use chrono::Utc;
use serde_json::json;
use simulator::Behaviour;

use crate::support::database::rows;
use crate::support::people::{TALK_MS, alike};
use crate::support::promises::{assert_counters_equal_a_recount, begun_at};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually};

const PRODUCTION: Stack = Stack::Production { workers: 3 };

/// Starts a campaign of 2,000 people, stops it in full swing with `stop`, and holds it to what that promises.
///
/// Our name of a call tells when it was begun, and the carrier saw it: every call that came in after the answer must have
/// been begun before it.
async fn stopped(stack: Stack, area: u16, stop: impl AsyncFn(&Dialer, &str)) -> (Dialer, String) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let people = alike(area, 2_000, &Behaviour::Answer { talk_ms: TALK_MS });
    dialer.rehearse(&people);
    let campaign = dialer
        .api
        .create_campaign(json!({ "maxConcurrentCalls": 40 }))
        .await;
    dialer.api.add(&campaign, &people).await;
    dialer.api.command(&campaign, "start").await.ok();
    let recorder = dialer.simulator.recorder();
    eventually("the campaign is in full swing", PATIENCE, async || {
        (recorder.len() > 100).then_some(())
    })
    .await;
    stop(&dialer, &campaign).await;
    let answered_at = Utc::now();
    let db = dialer.database().await;
    let unplaced = "SELECT COUNT(*) AS n FROM calls WHERE settled_at IS NULL";
    eventually("what was live is over", PATIENCE, async || {
        (rows(&db, unplaced).await[0]["n"] == 0).then_some(())
    })
    .await;
    let late: Vec<_> = recorder
        .created_since(answered_at)
        .into_iter()
        .filter(|call| begun_at(call) > answered_at)
        .collect();
    assert!(
        late.is_empty(),
        "{} calls were begun after the answer",
        late.len()
    );
    assert!(recorder.overlaps().is_empty());
    assert!(recorder.max_concurrent() <= 40);
    (dialer, campaign)
}

async fn pause_holds_and_resume_goes_on(stack: Stack, area: u16) {
    let (dialer, campaign) = stopped(stack, area, async |dialer, campaign| {
        dialer.api.command(campaign, "pause").await.ok();
    })
    .await;
    let figures = dialer.api.campaign(&campaign).await;
    assert_eq!(figures["status"], "paused");
    let before = dialer.simulator.recorder().len();
    dialer.api.command(&campaign, "resume").await.ok();
    eventually("calls go on after resume", PATIENCE, async || {
        (dialer.simulator.recorder().len() > before + 50).then_some(())
    })
    .await;
    assert!(dialer.simulator.recorder().overlaps().is_empty());
    assert!(dialer.simulator.recorder().max_concurrent() <= 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_begins_after_pause_has_answered_embedded() {
    pause_holds_and_resume_goes_on(Stack::Embedded, 210).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_begins_after_pause_has_answered_in_production() {
    pause_holds_and_resume_goes_on(PRODUCTION, 211).await;
}

async fn ends_for_good(stack: Stack, area: u16, how: &'static str) {
    let (dialer, campaign) = stopped(stack, area, async |dialer, campaign| {
        match how {
            "delete" => dialer
                .api
                .delete(&format!("/api/campaigns/{campaign}"))
                .await
                .ok(),
            "cancel" => dialer
                .api
                .post(&format!("/api/v1/campaigns/{campaign}/cancel"), json!({}))
                .await
                .ok(),
            command => dialer.api.command(campaign, command).await.ok(),
        };
    })
    .await;
    let db = dialer.database().await;
    eventually("every contact is final", PATIENCE, async || {
        let open = rows(
            &db,
            "SELECT COUNT(*) AS n FROM contacts WHERE status NOT IN ('completed', 'failed', 'do_not_call', 'canceled')",
        )
        .await;
        (open[0]["n"] == 0).then_some(())
    })
    .await;
    let calls = rows(&db, "SELECT COUNT(*) AS n FROM calls").await;
    assert!(
        calls[0]["n"].as_i64() > Some(0),
        "the calls stay as history"
    );
    assert_counters_equal_a_recount(&db, &campaign).await;
    assert!(dialer.simulator.recorder().overlaps().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn end_stops_new_calls_counts_live_ones_and_cancels_the_rest_embedded() {
    ends_for_good(Stack::Embedded, 212, "end").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn end_stops_new_calls_counts_live_ones_and_cancels_the_rest_in_production() {
    ends_for_good(PRODUCTION, 213, "end").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_stops_new_calls_embedded() {
    ends_for_good(Stack::Embedded, 214, "cancel").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_stops_new_calls_in_production() {
    ends_for_good(PRODUCTION, 215, "cancel").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_stops_an_active_campaign_and_keeps_its_calls_embedded() {
    ends_for_good(Stack::Embedded, 216, "delete").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_stops_an_active_campaign_and_keeps_its_calls_in_production() {
    ends_for_good(PRODUCTION, 217, "delete").await;
}
