//! One person in a call that goes on and on, and what the dialer knows of it.

use sea_orm::JsonValue;
use serde_json::json;
use simulator::{Behaviour, RecordedCall};

use super::database::rows;
use super::people::alike;
use super::{Dialer, PATIENCE, eventually};

/// Has somebody called who talks for `talk_ms`, and waits until the two talk; the call as the carrier sees it.
pub async fn begin(dialer: &Dialer, area: u16, talk_ms: u64) -> RecordedCall {
    let person = alike(area, 1, &Behaviour::Answer { talk_ms });
    dialer.rehearse(&person);
    let campaign = dialer
        .api
        .create_campaign(json!({ "callAttemptsPerContact": 1 }))
        .await;
    dialer.api.add(&campaign, &person).await;
    dialer.api.command(&campaign, "start").await.ok();
    let db = dialer.database().await;
    eventually("they talk", PATIENCE, async || {
        // The last thing that is told before the end is that no machine answered.
        let calls = rows(&db, "SELECT status, answered_by FROM calls").await;
        let call = calls.first()?;
        (call["status"] == "in-progress" && call["answered_by"] == "human").then_some(())
    })
    .await;
    dialer
        .simulator
        .recorder()
        .calls_to(&person[0].number)
        .remove(0)
}

/// Everything the dialer's books say of calls, contacts and sums, but for when it last looked.
pub async fn books(dialer: &Dialer) -> Vec<JsonValue> {
    let db = dialer.database().await;
    let mut books = Vec::new();
    for page in [
        "SELECT status, ending, outcome, carrier_call_id, carrier_status, conversation_id, answered_by, is_successful, \
         is_transferred, transfer_status, callback_requested, do_not_call, duration_s, price_micros, recording_url, recording_s, credits, agent_error, error FROM calls ORDER BY id",
        "SELECT phone_number, status, attempts, last_outcome, last_error FROM contacts ORDER BY id",
        "SELECT * FROM campaign_counters",
        "SELECT * FROM call_rollups",
        "SELECT COUNT(*) AS conversations FROM conversations",
    ] {
        books.extend(rows(&db, page).await);
    }
    books
}

/// How many webhooks were taken in.
pub async fn webhooks_taken_in(dialer: &Dialer) -> i64 {
    let db = dialer.database().await;
    let counted = rows(&db, "SELECT COUNT(*) AS n FROM webhook_inbox").await;
    counted[0]["n"].as_i64().expect("a count")
}
