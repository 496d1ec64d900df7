//! Recordings that somebody listens to, as the agents' platform told no word.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulator::{Behaviour, Fault, RecordedTranscription, SimulatorConfig, Trigger};

use super::campaign::run_with;
use super::database::rows;
use super::people::{TALK_MS, alike};
use super::{Dialer, Options, PATIENCE, Stack, eventually};

/// A dialer that has recordings listened to, soon after the agents' platform was waited for; with further `env`.
pub async fn start(stack: Stack, env: &[(&'static str, &str)]) -> Dialer {
    let key = SimulatorConfig::default().deepgram.api_key;
    let mut all = BTreeMap::from([
        ("DEEPGRAM_API_KEY", key),
        ("DEEPGRAM_RETRY_AFTER_S", "1".to_owned()),
        ("CONVERSATION_WAIT_S", "2".to_owned()),
    ]);
    all.extend(env.iter().map(|(key, value)| (*key, (*value).to_owned())));
    let options = Options {
        env: all,
        ..Options::default()
    };
    Dialer::start(stack, options).await
}

/// From now on nobody hears what was said from the agents' platform.
pub fn say_nothing(dialer: &Dialer) {
    for fault in [Fault::WebhookLost, Fault::ConversationNotFound] {
        dialer.simulator.faults().set(fault, Trigger::always());
    }
}

/// Has `count` people called who pick up and are recorded; the campaign.
pub async fn talks(dialer: &Dialer, area: u16, count: usize) -> String {
    let fields = json!({
        "agentConfig": { "record": true }, "callAttemptsPerContact": 1, "maxConcurrentCalls": 20,
    });
    let people = alike(area, count, &Behaviour::Answer { talk_ms: TALK_MS });
    run_with(dialer, fields, &people).await
}

/// What Deepgram was asked so far.
pub fn asked(dialer: &Dialer) -> Vec<RecordedTranscription> {
    dialer.simulator.transcriptions().all()
}

/// The campaign's conversations, once there are `count` that Deepgram wrote down.
pub async fn heard(dialer: &Dialer, campaign: &str, count: usize) -> Vec<Value> {
    let path = format!("/api/campaigns/{campaign}/conversations?limit=100");
    eventually("the recordings are listened to", PATIENCE, async || {
        let mut found = dialer.api.get(&path).await.ok();
        let listed: Vec<Value> =
            serde_json::from_value(found["conversations"].take()).expect("a list");
        let by_deepgram = listed
            .iter()
            .filter(|said| said["transcriptSource"] == "deepgram");
        (by_deepgram.count() == count).then_some(listed)
    })
    .await
}

/// Waits until `count` recordings stand where `status` says.
pub async fn reach(dialer: &Dialer, status: &str, count: usize) {
    let db = dialer.database().await;
    let sql = format!("SELECT COUNT(*) AS n FROM transcriptions WHERE status = '{status}'");
    eventually(status, PATIENCE, async || {
        (rows(&db, &sql).await[0]["n"] == count).then_some(())
    })
    .await;
}

/// Waits until `count` calls have recordings and conversations, and none of them is to be listened to any more.
pub async fn settle_down(dialer: &Dialer, count: usize) {
    let db = dialer.database().await;
    let recorded = "SELECT COUNT(*) AS n FROM calls JOIN conversations ON call_id = id WHERE recording_url IS NOT NULL";
    let waiting = "SELECT COUNT(*) AS n FROM transcriptions WHERE status = 'waiting'";
    eventually("nothing is left to do", PATIENCE, async || {
        let is_recorded = rows(&db, recorded).await[0]["n"] == count;
        (is_recorded && rows(&db, waiting).await[0]["n"] == 0).then_some(())
    })
    .await;
}
