//! Many rows, each with values of its own, changed by one statement.

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use super::padded::padded;

/// Rows of one table to be updated by key.
#[derive(Clone, Copy, Debug)]
pub struct BatchUpdate {
    /// The table.
    pub table: &'static str,
    /// The column that names a row.
    pub key: &'static str,
    /// The columns that are set, in the order of the values.
    pub columns: &'static [&'static str],
}

impl BatchUpdate {
    /// Sets the columns of each row in `rows`: the key's value first, then one value per column.
    ///
    /// Rows that do not exist are passed over. SQLite allows 32,766 values in a statement and Postgres 65,535; callers
    /// keep batches at 500 rows of at most 40 columns. Running it twice changes nothing more.
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
        let rows = padded(rows);
        let sql = self.sql(rows.len(), width);
        let values: Vec<Value> = rows.into_iter().flatten().collect();
        debug_assert_eq!(
            values.len() % width,
            0,
            "every row has the key and all columns"
        );
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        Ok(db.execute_raw(statement).await?.rows_affected())
    }

    /// Both databases name the columns of a `VALUES` list `column1`, `column2`, … and take `$1`, `$2`, ….
    fn sql(&self, rows: usize, width: usize) -> String {
        let sets: Vec<String> = (self.columns.iter().zip(2..))
            .map(|(column, number)| format!("{column} = v.column{number}"))
            .collect();
        let tuples: Vec<String> = (0..rows)
            .map(|row| {
                let places: Vec<String> = (1..=width)
                    .map(|at| format!("${}", row * width + at))
                    .collect();
                format!("({})", places.join(","))
            })
            .collect();
        format!(
            "UPDATE {table} SET {sets} FROM (VALUES {tuples}) AS v WHERE {table}.{key} = v.column1",
            table = self.table,
            key = self.key,
            sets = sets.join(", "),
            tuples = tuples.join(","),
        )
    }
}
