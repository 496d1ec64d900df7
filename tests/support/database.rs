//! A database of a test's own, and what its rows say.

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, JsonValue, QueryResult,
    Statement,
};

/// The Redis that all tests share.
pub fn shared_redis() -> String {
    std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL is set: run the tests with `make test`")
}

/// A connection of the test's own.
pub async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url.to_owned());
    options.max_connections(2).sqlx_logging(false);
    Database::connect(options)
        .await
        .expect("the database answers")
}

/// The rows of a query, as JSON: numbers, booleans and texts; anything else is null.
pub async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<JsonValue> {
    let statement = Statement::from_string(db.get_database_backend(), sql.to_owned());
    let found = db
        .query_all_raw(statement)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    found
        .iter()
        .map(|row| {
            row.column_names()
                .iter()
                .map(|name| (name.clone(), value(row, name)))
                .collect()
        })
        .collect()
}

/// SQLite does not tell the type of an expression, so each is tried.
fn value(row: &QueryResult, name: &str) -> JsonValue {
    let integer = row
        .try_get::<i64>("", name)
        .or_else(|_| row.try_get::<i32>("", name).map(i64::from));
    let number = integer
        .or_else(|_| row.try_get::<i16>("", name).map(i64::from))
        .map(JsonValue::from);
    let text = || row.try_get::<String>("", name).map(JsonValue::from);
    let truth = || row.try_get::<bool>("", name).map(JsonValue::from);
    number
        .or_else(|_| truth())
        .or_else(|_| text())
        .unwrap_or(JsonValue::Null)
}
