//! Calls whose price is not known yet.

use chrono::{DateTime, Utc};
use entity::call::Model;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};

/// Claims calls whose price is to be asked for by `now`, longest waiting first, at most `limit`: nobody else asks for them
/// until `until`.
///
/// Waits for nobody: a call that is being changed just now is passed over.
///
/// # Errors
/// What the database says.
pub async fn claim(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Model>, DbErr> {
    // SQLite has one writer: nothing is being changed just now.
    let skip = if db.get_database_backend() == DbBackend::Postgres {
        "FOR UPDATE SKIP LOCKED"
    } else {
        ""
    };
    let sql = format!(
        "UPDATE calls SET price_check_at = $1 WHERE id IN \
         (SELECT id FROM calls WHERE price_check_at <= $2 ORDER BY price_check_at LIMIT $3 {skip}) RETURNING *"
    );
    let values: [Value; 3] = [until.into(), now.into(), i64::from(limit).into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Model::find_by_statement(statement).all(db).await
}
