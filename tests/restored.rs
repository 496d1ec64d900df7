//! A backup is restored in the middle of a campaign, and does not know whom the dialer has called since.

use std::time::Duration;

use serde_json::json;
use simulator::{Behaviour, RecordedCall};
use tempfile::TempDir;

use crate::support::database::{connect, rows};
use crate::support::dump::{dump, restore};
use crate::support::people::{Person, mixed};
use crate::support::policy::{ATTEMPTS, CALLBACKS};
use crate::support::promises::{
    assert_counters_equal_a_recount, assert_never_above, assert_never_two_at_once,
    assert_no_early_retry,
};
use crate::support::schema::{empty_postgres, shared_postgres};
use crate::support::{Dialer, Options, Stack, eventually};

const PATIENCE: Duration = Duration::from_secs(150);
const PEOPLE: usize = 120;
const LIMIT: usize = 8;

/// What the carrier lists and the books at `url` do not know.
async fn unknown_calls(dialer: &Dialer, url: &str) -> usize {
    let known = "SELECT carrier_call_id FROM calls WHERE carrier_call_id IS NOT NULL";
    let known = rows(&connect(url).await, known).await;
    let calls = dialer.simulator.recorder().calls();
    let names = calls.iter().filter_map(RecordedCall::sid);
    names
        .filter(|name| {
            !known
                .iter()
                .any(|row| row["carrier_call_id"] == name.to_string())
        })
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_called_again_whom_a_restored_backup_does_not_know_of() {
    let stack = Stack::Production { workers: 2 };
    let mut dialer = Dialer::start(stack, Options::default()).await;
    let people = mixed(392, PEOPLE);
    dialer.rehearse(&people);
    let fields = json!({ "maxConcurrentCalls": LIMIT });
    let campaign = dialer.api.create_campaign(fields).await;
    dialer.api.add(&campaign, &people).await;
    dialer.api.command(&campaign, "start").await.ok();
    calls_reach(&dialer, 30).await;
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("dialer.sql");
    dump(&dialer.database_url, &file);
    calls_reach(&dialer, 80).await;
    everything_dies(&mut dialer).await;

    let url = empty_postgres(&shared_postgres()).await;
    restore(&url, &file);
    let unknown = unknown_calls(&dialer, &url).await;
    assert!(unknown >= 10, "{unknown} calls since the backup");
    dialer.stand_on(url);
    let said = taken_in(&dialer).await;
    assert_eq!(unknown_calls_of_contacts(&dialer).await, 0, "{said}");
    dialer.start_web().await;
    assert_eq!(dialer.api.campaign(&campaign).await["status"], "paused");
    dialer.start_worker();
    eventually("it refuses beside a worker", PATIENCE, async || {
        let refused = dialer.try_run(&["restored"]).err()?;
        refused.contains("stop them first").then_some(())
    })
    .await;
    dialer.api.command(&campaign, "resume").await.ok();
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;
    assert_never_above(&dialer, LIMIT);
    assert_never_two_at_once(&dialer);
    assert_no_early_retry(&dialer);
    let wrong: Vec<String> = people
        .iter()
        .filter_map(|one| called_again(&dialer, one))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let db = dialer.database().await;
    assert_counters_equal_a_recount(&db, &campaign).await;
    let open =
        "SELECT status FROM contacts WHERE status NOT IN ('completed', 'failed', 'do_not_call')";
    assert_eq!(rows(&db, open).await.len(), 0);
}

async fn calls_reach(dialer: &Dialer, count: usize) {
    let recorder = dialer.simulator.recorder();
    eventually(&format!("{count} calls"), PATIENCE, async || {
        (recorder.len() >= count).then_some(())
    })
    .await;
}

/// API and workers are killed, and the calls that were under way end at the carrier.
async fn everything_dies(dialer: &mut Dialer) {
    dialer.workers.iter_mut().for_each(|worker| worker.kill());
    dialer.workers.clear();
    dialer.web.as_mut().expect("an API").kill();
    let recorder = dialer.simulator.recorder();
    eventually("nobody talks any more", PATIENCE, async || {
        (recorder.live_now() == 0).then_some(())
    })
    .await;
}

/// Runs `dialer restored` until it is content; what it says then.
async fn taken_in(dialer: &Dialer) -> String {
    eventually("everything is taken in", PATIENCE, async || {
        match dialer.try_run(&["restored"]) {
            Ok(said) => Some(said),
            Err(said) => {
                let is_early = said.contains("run this again") || said.contains("stop them first");
                assert!(is_early, "{said}");
                None
            }
        }
    })
    .await
}

/// Calls of the carrier that are in no book, to people who may be called again.
async fn unknown_calls_of_contacts(dialer: &Dialer) -> usize {
    let db = dialer.database().await;
    let known = "SELECT carrier_call_id FROM calls WHERE carrier_call_id IS NOT NULL";
    let known = rows(&db, known).await;
    let open = "SELECT phone_number FROM contacts WHERE status IN ('pending', 'queued', 'calling', 'contacted')";
    let open = rows(&db, open).await;
    let calls = dialer.simulator.recorder().calls();
    let forgotten = calls.iter().filter(|call| {
        let name = call.sid().map(|name| name.to_string());
        let is_open = open.iter().any(|row| row["phone_number"] == *call.to);
        let is_known = |name| known.iter().any(|row| row["carrier_call_id"] == name);
        is_open && name.is_some_and(|name| !is_known(name))
    });
    forgotten.count()
}

/// Why `person` was called once too often; `None` where nobody was. What was said in calls that the backup does not know is
/// lost, so that somebody who asked for a callback may be called too seldom.
fn called_again(dialer: &Dialer, person: &Person) -> Option<String> {
    let mut calls = dialer.simulator.recorder().calls_to(&person.number);
    calls.retain(|call| call.sid().is_some());
    let is_talk = |index: usize| {
        let behaviour = &person.script[index.min(person.script.len() - 1)];
        matches!(
            behaviour,
            Behaviour::Answer { .. } | Behaviour::AskDoNotCall { .. }
        ) && calls[index].document_error.is_none()
    };
    let talk = (0..calls.len()).find(|index| is_talk(*index));
    let is_too_many = calls.len() > ATTEMPTS + CALLBACKS;
    let is_again = talk.is_some_and(|talk| talk + 1 < calls.len());
    (is_too_many || is_again).then(|| {
        format!(
            "{}: {} calls, {:?}",
            person.number,
            calls.len(),
            person.script
        )
    })
}
