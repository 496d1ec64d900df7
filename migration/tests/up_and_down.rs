//! Every step can be taken, taken back and taken again, on both databases.

use migration::{Migrator, MigratorTrait};
use sea_orm_migration::sea_orm::{ConnectionTrait, Database, DatabaseConnection};

async fn up_down_up(db: &DatabaseConnection) {
    let steps = u32::try_from(Migrator::migrations().len()).expect("few");
    Migrator::up(db, None).await.expect("up");
    for step in 1..=steps {
        Migrator::down(db, Some(1))
            .await
            .unwrap_or_else(|error| panic!("down, step {step}: {error}"));
    }
    Migrator::up(db, None).await.expect("up again");
    db.execute_unprepared("SELECT check_at, transfer_status FROM calls")
        .await
        .expect("the schema is there");
}

#[tokio::test]
async fn the_schema_goes_up_and_down_on_sqlite() {
    let dir = tempfile::tempdir().expect("a folder");
    let url = format!(
        "sqlite://{}?mode=rwc",
        dir.path().join("schema.sqlite").display()
    );
    up_down_up(&Database::connect(url).await.expect("SQLite opens")).await;
}

#[tokio::test]
async fn the_schema_goes_up_and_down_on_postgres() {
    let url = std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL is set: run the tests with `make test`");
    let server = Database::connect(&url).await.expect("Postgres answers");
    let name = format!("schema_{}", std::process::id());
    server
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .expect("a database");
    let (base, _) = url.rsplit_once('/').expect("a database's address");
    up_down_up(
        &Database::connect(format!("{base}/{name}"))
            .await
            .expect("Postgres answers"),
    )
    .await;
}
