//! Rows that one of many values names.

use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbBackend, Value};

use super::padded::{padded, planned};

/// True of rows whose `column` has one of `values`. On Postgres these are one value, an array, so that the statement, and
/// its plan, are the same for every number of them.
pub fn any_of<T>(
    backend: DbBackend,
    column: impl ColumnTrait,
    values: impl IntoIterator<Item = T>,
) -> Expr
where
    T: Clone + Into<Value>,
    Value: From<Vec<T>>,
{
    if backend == DbBackend::Postgres {
        let values: Vec<T> = planned(values);
        let name = Expr::col(column.as_column_ref());
        return name.eq(PgFunc::any(Value::from(values)));
    }
    column.is_in(padded(values))
}
