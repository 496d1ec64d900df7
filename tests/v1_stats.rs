//! What goes on now, for whoever asks.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use serde_json::{Value, json};
use simulator::Behaviour;
use uuid::Uuid;

use crate::support::api::Api;
use crate::support::people::alike;
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    live_figures_show_what_goes_on_to_whom_it_belongs,
    a_call_outside_campaigns_counts_as_active,
);

const PATH: &str = "/api/v1/stats";
/// Longer than any of these tests.
const TALK_MS: u64 = 100_000_000;

async fn figures(api: &Api) -> Value {
    let mut shown = api.get(PATH).await.ok();
    assert_eq!(shown["success"], true);
    let data = shown["data"].take();
    for (name, value) in data.as_object().expect("figures") {
        assert_eq!(shown[name], *value, "{name} stands above as well");
    }
    data
}

async fn live_figures_show_what_goes_on_to_whom_it_belongs(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let ann = dialer.create_user("ann", "user").api;
    let bob = dialer.create_user("bob", "user").api;
    let talkers = alike(271, 5, &Behaviour::Answer { talk_ms: TALK_MS });
    dialer.rehearse(&talkers);
    let nothing = figures(&ann).await;
    assert_eq!(nothing["activeCalls"], 0);
    assert_eq!(nothing["queueLength"], 0);
    let campaign = ann
        .create_campaign(json!({ "maxConcurrentCalls": 3 }))
        .await;
    ann.add(&campaign, &talkers).await;
    ann.command(&campaign, "start").await.ok();
    eventually("three of five are called", PATIENCE, async || {
        (figures(&ann).await["activeCalls"] == 3).then_some(())
    })
    .await;
    assert_eq!(figures(&bob).await["activeCalls"], 0);
    let all = figures(&dialer.api).await;
    assert_eq!(all["activeCalls"], 3);
    let shown = dialer.api.get("/api/v1/campaigns").await.ok();
    let queued = &shown["campaigns"][0]["liveStats"]["queueLength"];
    assert_eq!(all["queueLength"], *queued);
    assert_eq!(all["totalConnections"], 0);
    assert!(all["uptime"].as_u64().is_some_and(|s| s < 600), "{all}");
    let memory = all["memory"].as_u64().expect("bytes");
    assert!((1 << 20..1 << 32).contains(&memory), "{memory}");
    assert!(all.get("deepgramPool").is_none(), "it is not used");
    is_alive(&all["workers"]);
}

/// One worker, that has lately given a sign of life.
fn is_alive(workers: &Value) {
    let workers = workers.as_array().expect("workers");
    assert_eq!(workers.len(), 1, "{workers:?}");
    assert!(
        workers[0]["name"]
            .as_str()
            .is_some_and(|name| name.len() > 30)
    );
    let instant = |field: &str| -> DateTime<Utc> {
        let text = workers[0][field].as_str().expect("an instant");
        text.parse().expect("an instant")
    };
    assert!(instant("since") <= instant("lastSeen"));
    assert!(Utc::now() - instant("lastSeen") < TimeDelta::seconds(10));
}

async fn a_call_outside_campaigns_counts_as_active(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let ann = dialer.create_user("ann", "user");
    let bob = dialer.create_user("bob", "user");
    let db = dialer.database().await;
    let id = Uuid::now_v7();
    single_call(&db, id, ann.id.parse().expect("an id")).await;
    assert_eq!(figures(&ann.api).await["activeCalls"], 1);
    assert_eq!(figures(&bob.api).await["activeCalls"], 0);
    assert_eq!(figures(&dialer.api).await["activeCalls"], 1);
    let over = format!(
        "UPDATE calls SET settled_at = begun_at WHERE id = {}",
        key(&db, id)
    );
    db.execute_unprepared(&over).await.expect("written");
    assert_eq!(figures(&ann.api).await["activeCalls"], 0);
}

/// A call that somebody made by hand.
async fn single_call(db: &DatabaseConnection, id: Uuid, owner: Uuid) {
    let (id, owner) = (key(db, id), key(db, owner));
    let now = Utc::now().to_rfc3339();
    let sql = format!(
        "INSERT INTO calls (id, owner_id, attempt, direction, carrier, from_number, to_number, status, begun_at, \
         created_at, updated_at) VALUES ({id}, {owner}, 1, 'outbound', 'signalwire', '+12025550100', \
         '+12025550199', 'in-progress', '{now}', '{now}', '{now}')"
    );
    db.execute_unprepared(&sql).await.expect("written");
}

/// A key as each database writes it.
fn key(db: &DatabaseConnection, id: Uuid) -> String {
    match db.get_database_backend() {
        DbBackend::Sqlite => format!("X'{}'", id.simple()),
        _ => format!("'{id}'"),
    }
}
