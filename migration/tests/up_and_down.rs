//! Every step can be taken, taken back and taken again, on both databases.

use migration::{Migrator, MigratorTrait};
use sea_orm_migration::sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;

async fn up_down_up(db: &DatabaseConnection) {
    let steps = u32::try_from(Migrator::migrations().len()).expect("few");
    Migrator::up(db, None).await.expect("up");
    for step in 1..=steps {
        Migrator::down(db, Some(1))
            .await
            .unwrap_or_else(|error| panic!("down, step {step}: {error}"));
    }
    Migrator::up(db, None).await.expect("up again");
    db.execute_unprepared("SELECT check_at, transfer_status, route FROM calls")
        .await
        .expect("the schema is there");
}

/// A step that adds columns to `calls`, and then makes this index of it.
const STEP: &str = "m20261121_000008_single_calls";
const INDEX: &str = "calls_live_single_key";

/// A step dies half-way: its first half is taken back as well, so that it can be taken again from its begin.
async fn all_or_nothing(db: &DatabaseConnection) {
    let mut steps = Migrator::migrations().into_iter();
    let before = steps.position(|step| step.name() == STEP);
    let before = u32::try_from(before.expect("the step")).expect("few");
    Migrator::up(db, Some(before)).await.expect("up");
    let in_the_way = format!("CREATE INDEX {INDEX} ON calls (owner_id)");
    db.execute_unprepared(&in_the_way).await.expect("an index");
    let error = Migrator::up(db, None).await.expect_err("it is in the way");
    assert!(error.to_string().contains(INDEX), "{error}");
    let first_half = "SELECT carrier_answered_by FROM calls";
    db.execute_unprepared(first_half)
        .await
        .expect_err("taken back");
    let away = format!("DROP INDEX {INDEX}");
    db.execute_unprepared(&away).await.expect("it is gone");
    Migrator::up(db, None).await.expect("up from where it was");
    db.execute_unprepared(first_half)
        .await
        .expect("the schema is there");
}

/// A database of its own, and the folder it is in.
async fn sqlite() -> (DatabaseConnection, TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("schema.sqlite");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let db = Database::connect(url).await.expect("SQLite opens");
    (db, dir)
}

/// A database of its own, by `name`.
async fn postgres(name: &str) -> DatabaseConnection {
    let url = std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL is set: run the tests with `make test`");
    let server = Database::connect(&url).await.expect("Postgres answers");
    let name = format!("{name}_{}", std::process::id());
    server
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .expect("a database");
    let (base, _) = url.rsplit_once('/').expect("a database's address");
    let db = Database::connect(format!("{base}/{name}")).await;
    db.expect("Postgres answers")
}

#[tokio::test]
async fn the_schema_goes_up_and_down_on_sqlite() {
    let (db, _dir) = sqlite().await;
    up_down_up(&db).await;
}

#[tokio::test]
async fn the_schema_goes_up_and_down_on_postgres() {
    up_down_up(&postgres("schema").await).await;
}

#[tokio::test]
async fn a_step_that_dies_half_way_is_taken_again_on_sqlite() {
    let (db, _dir) = sqlite().await;
    all_or_nothing(&db).await;
}

#[tokio::test]
async fn a_step_that_dies_half_way_is_taken_again_on_postgres() {
    all_or_nothing(&postgres("half").await).await;
}
