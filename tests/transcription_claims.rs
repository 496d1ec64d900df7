//! Who listens to recordings: never more than there is room for, and whoever dies is stood in for.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use simulator::{Fault, Trigger};

use crate::support::database::rows;
use crate::support::dialer::ADMIN_TOKEN;
use crate::support::listening::{asked, heard, say_nothing, start, talks};
use crate::support::watch::Watch;
use crate::support::{Dialer, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    the_room_is_never_exceeded_and_is_shown_while_it_is_used,
    what_a_dead_worker_listened_to_is_listened_to_by_another,
    a_refused_account_is_shown,
    the_doctor_asks_whether_deepgram_lets_us_in,
);

/// How slow Deepgram is from now on.
fn slow(dialer: &Dialer, ms: u64) {
    let faults = dialer.simulator.faults();
    let mut timing = faults.plan().timing;
    timing.deepgram_slow_ms = ms;
    faults.set_timing(timing);
    faults.set(Fault::DeepgramSlow, Trigger::always());
}

async fn pool(dialer: &Dialer) -> Value {
    dialer.api.get("/api/v1/stats").await.ok()["data"]["deepgramPool"].take()
}

async fn the_room_is_never_exceeded_and_is_shown_while_it_is_used(stack: Stack) {
    let mut dialer = start(stack, &[("DEEPGRAM_MAX_CONNECTIONS", "2")]).await;
    if stack != Stack::Embedded {
        dialer.start_worker();
    }
    eventually("the room is shown", PATIENCE, async || {
        (pool(&dialer).await == json!({ "status": "healthy", "utilization": 0.0 })).then_some(())
    })
    .await;
    say_nothing(&dialer);
    // Longer than the two seconds between two pictures.
    slow(&dialer, 2_600);
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let campaign = talks(&dialer, 718, 6).await;
    let full = watch
        .until("all room is taken", |news| {
            news["type"] == "stats" && news["deepgramPool"]["utilization"] == 1.0
        })
        .await;
    assert_eq!(full["deepgramPool"]["status"], "critical", "{full}");
    heard(&dialer, &campaign, 6).await;
    assert_eq!(dialer.simulator.transcriptions().max_concurrent(), 2);
    assert_eq!(asked(&dialer).len(), 6, "each once");
    eventually("the room is free", PATIENCE, async || {
        (pool(&dialer).await == json!({ "status": "healthy", "utilization": 0.0 })).then_some(())
    })
    .await;
}

async fn what_a_dead_worker_listened_to_is_listened_to_by_another(stack: Stack) {
    let mut dialer = start(stack, &[]).await;
    say_nothing(&dialer);
    slow(&dialer, 60_000);
    let campaign = talks(&dialer, 719, 1).await;
    let db = dialer.database().await;
    eventually("somebody listens", PATIENCE, async || {
        let claimed = "SELECT COUNT(*) AS n FROM transcriptions WHERE claim IS NOT NULL";
        (rows(&db, claimed).await[0]["n"] == 1).then_some(())
    })
    .await;
    match stack {
        Stack::Embedded => dialer.web.as_mut().expect("the API").kill(),
        Stack::Production { .. } => dialer.workers.iter_mut().for_each(|worker| worker.kill()),
    }
    dialer.simulator.faults().unset(Fault::DeepgramSlow);
    // Its time passes.
    db.execute_unprepared("UPDATE transcriptions SET due_at = created_at")
        .await
        .expect("written");
    match stack {
        Stack::Embedded => dialer.start_web().await,
        Stack::Production { .. } => dialer.start_worker(),
    }
    heard(&dialer, &campaign, 1).await;
    let row = rows(&db, "SELECT status, tries FROM transcriptions")
        .await
        .remove(0);
    assert_eq!(row, json!({ "status": "done", "tries": 1 }));
}

async fn a_refused_account_is_shown(stack: Stack) {
    let dialer = start(stack, &[("DEEPGRAM_API_KEY", "another-key")]).await;
    say_nothing(&dialer);
    talks(&dialer, 720, 2).await;
    let shown = eventually("it is critical", PATIENCE, async || {
        let shown = pool(&dialer).await;
        (shown["status"] == "critical").then_some(shown)
    })
    .await;
    assert_eq!(shown["utilization"], 0.0);
    let asked = asked(&dialer);
    assert!(asked.iter().all(|asked| asked.status == 401), "{asked:?}");
    assert!(asked.len() <= 2, "nobody asks any more: {asked:?}");
}

async fn the_doctor_asks_whether_deepgram_lets_us_in(stack: Stack) {
    let dialer = start(stack, &[]).await;
    let found = dialer.run(&["doctor"]);
    assert!(
        found.contains("ok     transcriptions: Deepgram accepts the key"),
        "{found}"
    );
    let asked = asked(&dialer);
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked[0].status, 400,
        "nothing was listened to, so nothing is paid"
    );
}
