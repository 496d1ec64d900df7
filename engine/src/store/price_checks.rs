//! Calls whose price is not known yet.

use carriers::CarrierKind;
use chrono::{DateTime, Utc};
use entity::call::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    Statement, Value,
};
use uuid::Uuid;

use super::calls::columns;

/// Claims calls of `carrier` whose price is to be asked for by `now`, longest waiting first, at most `limit`: nobody else
/// asks for them until `until`.
///
/// Waits for nobody: a call that is being changed just now is passed over.
///
/// # Errors
/// What the database says.
pub async fn claim(
    db: &impl ConnectionTrait,
    carrier: CarrierKind,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
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
         (SELECT id FROM calls WHERE price_check_at <= $2 AND carrier = $3 ORDER BY price_check_at LIMIT $4 {skip}) RETURNING {}",
        columns()
    );
    let values: [Value; 4] = [
        until.into(),
        now.into(),
        carrier.as_str().into(),
        i64::from(limit).into(),
    ];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Model::find_by_statement(statement).all(db).await
}

/// Takes the call off the list: its price is not asked for again.
///
/// # Errors
/// What the database says.
pub async fn drop(db: &impl ConnectionTrait, call: Uuid) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PriceCheckAt, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Id.eq(call))
        .exec(db)
        .await?;
    Ok(())
}
