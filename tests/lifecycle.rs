//! Pause, end, cancel and delete under load: what they promise once they have answered.

use std::time::Duration;

use serde_json::json;
use simulator::Behaviour;

use crate::support::people::{TALK_MS, alike};
use crate::support::promises::assert_counters_equal_a_recount;
use crate::support::{Dialer, Options, Stack, eventually};

/// A request that was on its way to the carrier when the command answered is there within this.
const ON_ITS_WAY: Duration = Duration::from_secs(2);
const PRODUCTION: Stack = Stack::Production { workers: 3 };

/// Starts a campaign of 2,000 people and stops it in full swing with `stop`; what the carrier saw after the answer.
async fn calls_after(
    stack: Stack,
    area: u16,
    stop: impl AsyncFn(&Dialer, &str),
) -> (Dialer, String, usize) {
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
    eventually(
        "the campaign is in full swing",
        Duration::from_secs(20),
        async || (recorder.len() > 100).then_some(()),
    )
    .await;
    stop(&dialer, &campaign).await;
    let answered_at = chrono::Utc::now();
    let begun = dialer.database().await;
    let still_live = crate::support::database::rows(
        &begun,
        "SELECT COUNT(*) AS n FROM calls WHERE placed_at IS NULL AND settled_at IS NULL",
    )
    .await[0]["n"]
        .as_u64()
        .expect("a count");
    tokio::time::sleep(ON_ITS_WAY).await;
    let after = recorder.created_since(answered_at).len();
    assert!(
        after as u64 <= still_live.max(40),
        "{after} calls after the answer, {still_live} were on their way"
    );
    let later = recorder.created_since(answered_at + ON_ITS_WAY);
    assert!(
        later.is_empty(),
        "{} calls long after the answer",
        later.len()
    );
    (dialer, campaign, after)
}

async fn pause_holds_and_resume_goes_on(stack: Stack, area: u16) {
    let (dialer, campaign, _) = calls_after(stack, area, async |dialer, campaign| {
        dialer.api.command(campaign, "pause").await.ok();
    })
    .await;
    let figures = dialer.api.campaign(&campaign).await;
    assert_eq!(figures["status"], "paused");
    let before = dialer.simulator.recorder().len();
    dialer.api.command(&campaign, "resume").await.ok();
    eventually(
        "calls go on after resume",
        Duration::from_secs(10),
        async || (dialer.simulator.recorder().len() > before + 50).then_some(()),
    )
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
    let (dialer, campaign, _) = calls_after(stack, area, async |dialer, campaign| {
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
    eventually("every contact is final", Duration::from_secs(60), async || {
        let open = crate::support::database::rows(
            &db,
            "SELECT COUNT(*) AS n FROM contacts WHERE status NOT IN ('completed', 'failed', 'do_not_call', 'canceled')",
        )
        .await;
        (open[0]["n"] == 0).then_some(())
    })
    .await;
    let calls = crate::support::database::rows(&db, "SELECT COUNT(*) AS n FROM calls").await;
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
