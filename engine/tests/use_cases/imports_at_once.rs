//! Imports beside other imports, commands, changes by hand and calls.

use std::time::Duration;

use domain::ContactId;
use engine::Database;
use engine::contacts::{ContactChange, ContactQuery};
use engine::store::counters::Ledger;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::bench::{Bench, conflict, id_of};
use crate::contacts::{first, listed};

/// How long somebody may take to begin to wait.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// An import that waits for somebody has no counters, which calls would wait for.
async fn calls_go_on_while_an_import_waits_for_whoever_is_added_by_hand(bench: Bench) {
    let id = id_of(&bench.draft(json!({})).await);
    let database = &bench.engine.database;
    let by_hand = database.begin().await.unwrap();
    let same = "INSERT INTO contacts (campaign_id, phone_number, status, created_at, updated_at) \
        SELECT id, '+12025550201', 'pending', now(), now() FROM campaigns";
    by_hand.execute_unprepared(same).await.unwrap();
    let import = bench.import(
        id,
        json!([{ "phoneNumber": "+12025550201" }, { "phoneNumber": "+12025550202" }]),
    );
    let calls = async {
        until_waiting(database, "%").await;
        let txn = database.begin().await.unwrap();
        Ledger::lock(&txn, [id]).await.unwrap();
        txn.commit().await.unwrap();
        by_hand.commit().await.unwrap();
    };
    let (report, ()) = tokio::join!(import, calls);
    assert_eq!((report.added, report.duplicates), (1, 1));
}

async fn a_campaign_that_ends_while_an_import_waits_takes_no_contacts(bench: Bench) {
    let id = id_of(&bench.draft(json!({})).await);
    let database = &bench.engine.database;
    let command = database.begin().await.unwrap();
    Ledger::lock(&command, [id]).await.unwrap();
    let contacts = &bench.engine.contacts;
    let import = contacts.import_csv(&bench.user, id, b"phone\n+12025550201\n");
    let end = async {
        until_waiting(database, "%").await;
        let cancel = "UPDATE campaigns SET status = 'canceled'";
        command.execute_unprepared(cancel).await.unwrap();
        command.commit().await.unwrap();
    };
    let (import, ()) = tokio::join!(import, end);
    assert_eq!(conflict(import).0, "campaign_is_over");
    assert_eq!(listed(&bench, id, ContactQuery::default()).await, []);
}

/// Whoever changes a number has the counters when it is written; an import has written its numbers when it asks for them.
async fn a_number_that_is_changed_during_an_import_is_held_up_by_nobody(bench: Bench) {
    let id = id_of(&bench.draft(json!({})).await);
    let known = json!([{ "phoneNumber": "+12025550201" }]);
    bench.import(id, known).await;
    let known = listed(&bench, id, ContactQuery::default()).await.remove(0);
    let database = &bench.engine.database;
    let change = ContactChange {
        phone_number: json!("+12025550202").into(),
        ..ContactChange::default()
    };
    let contacts = &bench.engine.contacts;
    let change = contacts.update(&bench.user, id, ContactId::from_i64(known.id), change);
    let import = async {
        until_waiting(database, "%").await;
        bench
            .import(id, json!([{ "phoneNumber": "+12025550202" }]))
            .await
    };
    let counters = database.begin().await.unwrap();
    Ledger::lock(&counters, [id]).await.unwrap();
    let both = async {
        until_waiting(database, "advisory").await;
        counters.commit().await.unwrap();
    };
    let (changed, report, ()) = tokio::join!(change, import, both);
    assert_eq!(changed.unwrap().phone_number, "+12025550202");
    assert_eq!((report.added, report.duplicates), (0, 1));
}

/// Until somebody waits for a lock of `kind`, as Postgres calls them; `%`: of any.
async fn until_waiting(database: &Database, kind: &str) {
    let waiting = "SELECT count(*) AS count FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event LIKE $1";
    let waiting_now = async || {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, waiting, [kind.into()]);
        // A connection of its own: those who wait have taken the others.
        let row = database.searcher().query_one_raw(statement).await.unwrap();
        row.unwrap().try_get::<i64>("", "count").unwrap()
    };
    let all = async { while waiting_now().await == 0 {} };
    tokio::time::timeout(WAIT_MAX, all)
        .await
        .expect("somebody waits");
}

async fn two_imports_of_the_same_people_at_once_add_each_once(bench: Bench) {
    let id = id_of(&bench.draft(json!({})).await);
    let people = |numbers: &mut dyn Iterator<Item = u32>| -> Value {
        numbers
            .map(|n| json!({ "phoneNumber": format!("+1202555{n:04}") }))
            .collect()
    };
    let (up, down) = (people(&mut (100..3_100)), people(&mut (100..3_100).rev()));
    let (one, other) = tokio::join!(bench.import(id, up), bench.import(id, down));
    assert_eq!(one.added + other.added, 3_000);
    assert_eq!(one.duplicates + other.duplicates, 3_000);
    let all = ContactQuery::default();
    let listed = bench.engine.contacts.list(&bench.user, id, all, first());
    let listed = listed.await.unwrap();
    assert_eq!((listed.total, listed.items.len()), (3_000, 3_000));
}

on_both![two_imports_of_the_same_people_at_once_add_each_once];

// SQLite has one writer, so nothing comes between.
on_postgres! {
    calls_go_on_while_an_import_waits_for_whoever_is_added_by_hand,
    a_campaign_that_ends_while_an_import_waits_takes_no_contacts,
    a_number_that_is_changed_during_an_import_is_held_up_by_nobody,
}
