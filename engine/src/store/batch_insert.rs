//! Adds many rows with one statement, whose text is the same for every number of them where that can be.

use std::sync::OnceLock;

use sea_orm::{
    ActiveModelTrait, DbBackend, DbErr, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn,
    Statement, Value,
};

use super::arrays::{BatchColumn, COLUMNS_MAX, array_source, array_value, columns_of, list_source};

/// Rows to be added to one table.
#[derive(Debug)]
pub struct BatchInsert {
    table: &'static str,
    columns: Vec<BatchColumn>,
    /// Columns in which all rows have one value.
    same: Vec<&'static str>,
    tail: String,
    /// The statement for Postgres, once it was needed.
    of_arrays: OnceLock<String>,
}

impl BatchInsert {
    /// Adds rows of `columns`, at most 63 (more panic), to the table of an entity; `tail` is what comes after the rows:
    /// `ON CONFLICT …`, `RETURNING …`, or nothing.
    pub fn new<E: EntityTrait>(
        columns: impl IntoIterator<Item = E::Column>,
        tail: impl Into<String>,
    ) -> Self {
        let columns: Vec<BatchColumn> = columns.into_iter().map(BatchColumn::of).collect();
        assert!(columns.len() <= COLUMNS_MAX, "too many columns for a mask");
        Self {
            table: E::default().table_name(),
            columns,
            same: Vec::new(),
            tail: tail.into(),
            of_arrays: OnceLock::new(),
        }
    }

    /// Beside them `columns` in which all rows of a statement have one value, which travels once.
    #[must_use]
    pub fn with_same<C: IdenStatic>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.same
            .extend(columns.into_iter().map(|column| column.as_str()));
        self
    }

    /// Adds whole rows to the table of an entity. Of a row that is there already every column but the key becomes what
    /// `change` says of it.
    pub fn upsert<E: EntityTrait>(change: impl Fn(E::Column) -> String) -> Self {
        let (keys, others): (Vec<_>, Vec<_>) = E::Column::iter().partition(is_key::<E>);
        let keys: Vec<&str> = keys.iter().map(IdenStatic::as_str).collect();
        let changes = others.into_iter().map(|column| {
            let name = column.as_str();
            format!("{name} = {}", change(column))
        });
        let (keys, changes) = (keys.join(", "), changes.collect::<Vec<_>>().join(", "));
        let tail = format!("ON CONFLICT ({keys}) DO UPDATE SET {changes}");
        Self::new::<E>(E::Column::iter(), tail)
    }

    /// The statement that adds `rows`, each of one value per column. At least one row; SQLite allows 32,766 values in a
    /// statement, so callers keep batches at 500 rows of at most 63 columns there.
    ///
    /// # Errors
    /// `Custom` where the values of a column are of several kinds: a mistake of whoever wrote the rows.
    pub fn statement(&self, backend: DbBackend, rows: Vec<Vec<Value>>) -> Result<Statement, DbErr> {
        self.statement_of_same(backend, Vec::new(), rows)
    }

    /// As [`Self::statement`], with the values of [`Self::with_same`].
    ///
    /// # Errors
    /// As there.
    pub fn statement_of_same(
        &self,
        backend: DbBackend,
        same: Vec<Value>,
        rows: Vec<Vec<Value>>,
    ) -> Result<Statement, DbErr> {
        let width = self.columns.len();
        debug_assert!(
            same.len() == self.same.len() && rows.iter().all(|row| row.len() == width),
            "every row has all columns"
        );
        let (sql, values) = if backend == DbBackend::Postgres {
            let sql = self.of_arrays.get_or_init(|| self.array_sql()).clone();
            let mut values = columns_of(rows, width)?;
            values.extend(same);
            (sql, values)
        } else {
            let sql = self.sql(&list_source(rows.len(), width + same.len()));
            let whole = |row: Vec<Value>| row.into_iter().chain(same.iter().cloned());
            (sql, rows.into_iter().flat_map(whole).collect())
        };
        Ok(Statement::from_sql_and_values(backend, sql, values))
    }

    /// Each column is an array, and the last parameter says of each row which of its values are null.
    fn array_sql(&self) -> String {
        let columns = self.columns.iter().zip(1..);
        let width = self.columns.len();
        // The nulls come between these and those that are the same.
        let same = (width + 2..).take(self.same.len());
        let values: Vec<String> = columns
            .map(|(column, number)| array_value(number, column))
            .chain(same.map(|number| format!("${number}")))
            .collect();
        let (values, source) = (values.join(", "), array_source(width));
        self.sql(&format!("SELECT {values} FROM {source}"))
    }

    fn sql(&self, source: &str) -> String {
        let columns = self.columns.iter().map(|column| column.name);
        let columns: Vec<&str> = columns.chain(self.same.iter().copied()).collect();
        let (table, columns, tail) = (self.table, columns.join(", "), &self.tail);
        format!("INSERT INTO {table} ({columns}) {source} {tail}")
    }
}

/// True of a column of the table's key.
pub fn is_key<E: EntityTrait>(column: &E::Column) -> bool {
    E::PrimaryKey::from_column(*column).is_some()
}

/// A change of [`BatchInsert::upsert`]: what is added is added to what is there.
pub fn added<E: EntityTrait>(column: E::Column) -> String {
    let (table, name) = (E::default().table_name(), column.as_str());
    format!("{table}.{name} + excluded.{name}")
}

/// The values of a whole row, in the order of [`BatchInsert::upsert`].
///
/// # Errors
/// `AttrNotSet` where a value is missing.
pub fn values_of<A: ActiveModelTrait>(mut row: A) -> Result<Vec<Value>, DbErr> {
    let columns = <A::Entity as EntityTrait>::Column::iter();
    let value = |column: <A::Entity as EntityTrait>::Column| {
        let missing = || DbErr::AttrNotSet(column.as_str().to_owned());
        row.take(column).into_value().ok_or_else(missing)
    };
    columns.map(value).collect()
}
