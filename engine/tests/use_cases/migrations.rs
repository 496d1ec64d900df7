//! The schema is changed while calls go on.

use std::time::Duration;

use engine::Database;
use migration::big_index::BigIndex;
use migration::{Migrator, MigratorTrait, SchemaManager};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use tempfile::TempDir;

use crate::database::{empty_postgres, shared_postgres};

const INDEX: BigIndex = BigIndex {
    name: "calls_of_a_test_idx",
    is_unique: false,
    on: "calls (worker) WHERE worker IS NOT NULL",
};

/// How many wait for a lock on the table `calls`.
const WAITING: &str =
    "SELECT COUNT(*) AS n FROM pg_locks WHERE NOT granted AND relation = 'calls'::regclass";

async fn count(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

/// Waits until `sql` counts something, or nothing.
async fn until(db: &impl ConnectionTrait, sql: &str, is_any: bool) {
    let wait = async {
        while (count(db, sql).await > 0) != is_any {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let done = tokio::time::timeout(Duration::from_secs(20), wait).await;
    done.unwrap_or_else(|_| panic!("in vain: {sql}"));
}

/// As the dialler does it: with its patience for locks.
async fn write(database: &Database) {
    let touch = "UPDATE calls SET checks = checks + 1";
    database.writer().execute_unprepared(touch).await.unwrap();
}

/// Somebody else's connection, who may be idle for as long as they like.
async fn stranger(url: &str) -> DatabaseConnection {
    sea_orm::Database::connect(url).await.unwrap()
}

#[tokio::test]
async fn a_step_that_cannot_have_its_lock_lets_calls_go_on_and_is_taken_later() {
    let url = empty_postgres(&shared_postgres()).await;
    let database = Database::connect(&url, 4).await.unwrap();
    // Everything before a step that locks the table of calls against writers.
    let steps = Migrator::migrations();
    let is_step = |name: &str| name == "m20261121_000010_index_calls";
    let before = steps.iter().position(|step| is_step(step.name())).unwrap();
    let before = u32::try_from(before).unwrap();
    Migrator::up(database.writer(), Some(before)).await.unwrap();
    let other = stranger(&url).await;
    let talk = other.begin().await.unwrap();
    talk.execute_unprepared("UPDATE calls SET checks = 1")
        .await
        .unwrap();
    let migrating = tokio::spawn({
        let database = database.clone();
        async move { database.migrate().await }
    });
    until(database.reader(), WAITING, true).await;
    // It stands behind the step, which steps back.
    write(&database).await;
    talk.commit().await.unwrap();
    migrating.await.unwrap().unwrap();
    assert_eq!(database.pending_migrations().await.unwrap(), 0);
}

#[tokio::test]
async fn an_index_of_a_big_table_holds_no_writer_up() {
    let url = empty_postgres(&shared_postgres()).await;
    let database = Database::connect(&url, 4).await.unwrap();
    database.migrate().await.unwrap();
    let other = stranger(&url).await;
    let talk = other.begin().await.unwrap();
    talk.execute_unprepared("UPDATE calls SET checks = 1")
        .await
        .unwrap();
    let making = tokio::spawn({
        let connection = stranger(&url).await;
        async move { INDEX.create(&SchemaManager::new(&connection)).await }
    });
    let at_work = "SELECT COUNT(*) AS n FROM pg_stat_activity \
                   WHERE datname = current_database() AND query LIKE 'CREATE INDEX CONCURRENTLY%' \
                   AND wait_event_type = 'Lock'";
    until(database.reader(), at_work, true).await;
    write(&database).await;
    assert!(!making.is_finished());
    talk.commit().await.unwrap();
    making.await.unwrap().unwrap();
    assert_eq!(count(database.reader(), VALID).await, 1);
}

const VALID: &str = "SELECT COUNT(*) AS n FROM pg_index \
                     WHERE indexrelid = to_regclass('calls_of_a_test_idx') AND indisvalid";

#[tokio::test]
async fn an_index_that_was_left_half_made_is_made_anew() {
    let url = empty_postgres(&shared_postgres()).await;
    let database = Database::connect(&url, 4).await.unwrap();
    database.migrate().await.unwrap();
    let db = stranger(&url).await;
    let schema = SchemaManager::new(&db);
    INDEX.create(&schema).await.unwrap();
    // What a run that died leaves behind.
    let half = "UPDATE pg_index SET indisvalid = false \
                WHERE indexrelid = 'calls_of_a_test_idx'::regclass";
    db.execute_unprepared(half).await.unwrap();
    assert_eq!(count(&db, VALID).await, 0);
    INDEX.create(&schema).await.unwrap();
    assert_eq!(count(&db, VALID).await, 1);
    INDEX.create(&schema).await.unwrap();
    INDEX.drop(&schema).await.unwrap();
    INDEX.drop(&schema).await.unwrap();
    assert_eq!(count(&db, VALID).await, 0);
}

#[tokio::test]
async fn an_index_of_a_big_table_is_made_on_sqlite_as_well() {
    let dir = TempDir::new().unwrap();
    let url = format!("sqlite://{}/db.sqlite?mode=rwc", dir.path().display());
    let database = Database::connect(&url, 2).await.unwrap();
    database.migrate().await.unwrap();
    let schema = SchemaManager::new(database.writer());
    let has = async || schema.has_index("calls", INDEX.name).await.unwrap();
    for _ in 0..2 {
        INDEX.create(&schema).await.unwrap();
        assert!(has().await);
    }
    INDEX.drop(&schema).await.unwrap();
    assert!(!has().await);
}
