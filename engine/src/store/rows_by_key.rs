//! Whole rows by their keys, read by a statement whose text is made once.
//!
//! To write down seventy columns takes longer than to read a row of them.

use std::sync::OnceLock;

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Statement, Value, sea_query::LockType,
};

use super::any_of::any_of;
use super::padded::{padded, planned};
use super::texts_by_size::TextsBySize;

/// Reads rows of one table.
#[derive(Debug)]
pub struct RowsByKey<E: EntityTrait> {
    key: E::Column,
    is_locked: bool,
    /// The statement for Postgres, which takes an array of keys.
    of_array: OnceLock<String>,
    /// Those for SQLite, by the number of keys.
    of_lists: TextsBySize,
}

impl<E: EntityTrait> RowsByKey<E> {
    /// Reads the rows that `key` names.
    pub const fn new(key: E::Column) -> Self {
        Self::of(key, false)
    }

    /// Locks them until the transaction ends, in the order of their keys; rows that refer to them may still be added.
    pub const fn locked(key: E::Column) -> Self {
        Self::of(key, true)
    }

    const fn of(key: E::Column, is_locked: bool) -> Self {
        Self {
            key,
            is_locked,
            of_array: OnceLock::new(),
            of_lists: TextsBySize::new(),
        }
    }

    /// The rows of those of `keys` that exist.
    ///
    /// # Errors
    /// What the database says.
    pub async fn all<T>(
        &self,
        db: &impl ConnectionTrait,
        keys: impl IntoIterator<Item = T>,
    ) -> Result<Vec<E::Model>, DbErr>
    where
        T: Clone + Into<Value>,
        Value: From<Vec<T>>,
    {
        let keys: Vec<T> = keys.into_iter().collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let backend = db.get_database_backend();
        let (sql, values) = if backend == DbBackend::Postgres {
            let keys = planned(keys);
            let sql = self
                .of_array
                .get_or_init(|| self.sql(backend, keys.clone()));
            (sql.clone(), vec![Value::from(keys)])
        } else {
            let keys = padded(keys);
            let make = || self.sql(backend, keys.clone());
            let sql = self.of_lists.get(keys.len(), make);
            (sql, keys.into_iter().map(Into::into).collect())
        };
        let statement = Statement::from_sql_and_values(backend, sql, values);
        E::Model::find_by_statement(statement).all(db).await
    }

    fn sql<T>(&self, backend: DbBackend, keys: Vec<T>) -> String
    where
        T: Clone + Into<Value>,
        Value: From<Vec<T>>,
    {
        let rows = E::find().filter(any_of(backend, self.key, keys));
        let rows = if self.is_locked {
            rows.order_by_asc(self.key).lock(LockType::NoKeyUpdate)
        } else {
            rows
        };
        rows.build(backend).sql
    }
}
