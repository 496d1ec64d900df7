//! Many rows, each with values of its own, changed by one statement.

use std::sync::OnceLock;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityTrait, IdenStatic, Statement, Value};

use super::arrays::{self, BatchColumn, array_source, array_value, columns_of, list_source};
use super::padded::padded;
use super::texts_by_size::TextsBySize;

/// Beside the key.
const COLUMNS_MAX: usize = arrays::COLUMNS_MAX - 1;

/// Rows of one table to be updated by key.
#[derive(Debug)]
pub struct BatchUpdate {
    table: &'static str,
    key: &'static str,
    columns: Vec<BatchColumn>,
    /// The statement for Postgres.
    of_arrays: OnceLock<String>,
    /// Those for SQLite, by the number of rows.
    of_lists: TextsBySize,
}

impl BatchUpdate {
    /// Sets `columns`, at most 62 (more panic), of the table of an entity, in the order of the values, where `key` names a
    /// row.
    pub fn new<E: EntityTrait>(
        key: E::Column,
        columns: impl IntoIterator<Item = E::Column>,
    ) -> Self {
        let columns: Vec<BatchColumn> = columns.into_iter().map(BatchColumn::of).collect();
        assert!(columns.len() <= COLUMNS_MAX, "too many columns for a mask");
        Self {
            table: E::default().table_name(),
            key: key.as_str(),
            columns,
            of_arrays: OnceLock::new(),
            of_lists: TextsBySize::new(),
        }
    }

    /// Sets the columns of each row in `rows`: the key's value first, then one value per column.
    ///
    /// Rows that do not exist are passed over. SQLite allows 32,766 values in a statement; callers keep batches at 500
    /// rows of at most 40 columns. Running it twice changes nothing more.
    ///
    /// # Errors
    /// What the database says.
    pub async fn run(
        &self,
        db: &impl ConnectionTrait,
        rows: Vec<Vec<Value>>,
    ) -> Result<u64, DbErr> {
        if rows.is_empty() {
            return Ok(0);
        }
        let width = self.columns.len() + 1;
        debug_assert!(
            rows.iter().all(|row| row.len() == width),
            "every row has the key and all columns"
        );
        let backend = db.get_database_backend();
        let (sql, values) = if backend == DbBackend::Postgres {
            let sql = self.of_arrays.get_or_init(|| self.array_sql()).clone();
            (sql, columns_of(rows, width)?)
        } else {
            let rows = padded(rows);
            let make = || self.list_sql(rows.len(), width);
            (
                self.of_lists.get(rows.len(), make),
                rows.into_iter().flatten().collect(),
            )
        };
        let statement = Statement::from_sql_and_values(backend, sql, values);
        Ok(db.execute_raw(statement).await?.rows_affected())
    }

    /// Each column is an array, and the last parameter says of each row which of its values are null.
    fn array_sql(&self) -> String {
        let sets = self.sets(array_value);
        self.sql(&sets, &array_source(self.columns.len() + 1))
    }

    fn list_sql(&self, rows: usize, width: usize) -> String {
        let sets = self.sets(|number, _| format!("v.column{number}"));
        self.sql(&sets, &format!("({}) AS v", list_source(rows, width)))
    }

    /// Each column set to what `value` says of it, by its number in the source, where the key is number 1.
    fn sets(&self, value: impl Fn(usize, &BatchColumn) -> String) -> Vec<String> {
        let columns = self.columns.iter().zip(2..);
        columns
            .map(|(column, number)| {
                let value = value(number, column);
                format!("{} = {value}", column.name)
            })
            .collect()
    }

    fn sql(&self, sets: &[String], source: &str) -> String {
        let (table, key, sets) = (self.table, self.key, sets.join(", "));
        format!("UPDATE {table} SET {sets} FROM {source} WHERE {table}.{key} = v.column1")
    }
}
