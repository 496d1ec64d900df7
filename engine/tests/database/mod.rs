//! Databases of a test's own. The schema is made once and copied for each test: making it costs more than most tests.

use std::path::Path;

use engine::Database;
use sea_orm::{ConnectOptions, ConnectionTrait};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// The Postgres that all tests share.
pub fn shared_postgres() -> String {
    std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL is set: run the tests with `make test`")
}

/// The address of a new database in the server at `server`, with nothing in it.
pub async fn empty_postgres(server: &str) -> String {
    let name = format!("t_{}", Uuid::now_v7().simple());
    create(server, &name, &format!("CREATE DATABASE {name}")).await
}

/// As [`empty_postgres`], brought up to date.
pub async fn migrated_postgres(server: &str) -> String {
    let url = empty_postgres(server).await;
    migrate(&url).await;
    url
}

/// The address of a new database with the schema, in the server that all tests share.
pub async fn postgres() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE
        .get_or_init(async || {
            let url = migrated_postgres(&shared_postgres()).await;
            let (_, name) = url.rsplit_once('/').expect("a database's address");
            name.to_owned()
        })
        .await;
    let name = format!("t_{}", Uuid::now_v7().simple());
    let copy = format!("CREATE DATABASE {name} TEMPLATE {template}");
    create(&shared_postgres(), &name, &copy).await
}

/// The address of a new database with the schema, a file in `folder`.
pub async fn sqlite(folder: &Path) -> String {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let url = |file: &Path| format!("sqlite://{}?mode=rwc", file.display());
    let template = TEMPLATE
        .get_or_init(async || {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("template.sqlite");
            migrate(&url(&file)).await;
            std::fs::read(&file).expect("the schema")
        })
        .await;
    let file = folder.join("dialer.sqlite");
    std::fs::write(&file, template).expect("a copy");
    url(&file)
}

async fn migrate(url: &str) {
    let database = Database::connect(url, 2).await.expect("a database");
    database.migrate().await.expect("the schema");
    // A template may have no guests, and a file no journal beside it.
    for pool in [database.reader(), database.searcher(), database.writer()] {
        pool.clone().close().await.expect("closed");
    }
}

async fn create(server: &str, name: &str, statement: &str) -> String {
    let mut options = ConnectOptions::new(server.to_owned());
    options.max_connections(1).sqlx_logging(false);
    let db = sea_orm::Database::connect(options)
        .await
        .expect("Postgres answers");
    db.execute_unprepared(statement).await.expect("a database");
    db.close().await.expect("closed");
    let (address, _) = server.rsplit_once('/').expect("a database's address");
    format!("{address}/{name}")
}
