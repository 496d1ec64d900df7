//! Many values as one: a column of a batch travels to Postgres as an array, so that a statement has as many parameters as
//! columns and one text for every number of rows. SQLite has no arrays: there a batch is a list of rows.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Nullable, ValueType};
use sea_orm::{ColumnTrait, ColumnType, DbErr, Value};
use uuid::Uuid;

/// One column of a batch.
#[derive(Debug)]
pub struct Column {
    /// Its values, those that are null replaced by some other: what binds arrays cannot bind a null in one.
    pub values: Value,
    /// Which of them are null.
    pub is_null: Vec<bool>,
}

impl Column {
    /// From the values of all rows, which are of one kind: a number, a text, a truth, an instant, an id, or JSON, which
    /// becomes its text.
    ///
    /// # Errors
    /// `Custom` where they are of another kind, or of several: a mistake of whoever wrote the rows.
    pub fn of(values: Vec<Value>) -> Result<Self, DbErr> {
        match values.first() {
            Some(Value::Bool(_)) => Self::of_kind::<bool>(values),
            Some(Value::SmallInt(_)) => Self::of_kind::<i16>(values),
            Some(Value::Int(_)) => Self::of_kind::<i32>(values),
            Some(Value::BigInt(_)) => Self::of_kind::<i64>(values),
            Some(Value::String(_)) => Self::of_kind::<String>(values),
            Some(Value::ChronoDateTimeUtc(_)) => Self::of_kind::<DateTime<Utc>>(values),
            Some(Value::Uuid(_)) => Self::of_kind::<Uuid>(values),
            Some(Value::Json(_)) => {
                let texts: Result<Vec<Value>, DbErr> = values.into_iter().map(text).collect();
                Self::of_kind::<String>(texts?)
            }
            _ => Err(DbErr::Custom("no array is made of such values".to_owned())),
        }
    }

    fn of_kind<T>(values: Vec<Value>) -> Result<Self, DbErr>
    where
        T: Default + Nullable + ValueType,
        Value: From<Vec<T>>,
    {
        let values: Result<Vec<Option<T>>, _> =
            values.into_iter().map(ValueType::try_from).collect();
        let values = values.map_err(|_| {
            DbErr::Custom(format!(
                "not every value of a column is a {}",
                T::type_name()
            ))
        })?;
        let is_null = values.iter().map(Option::is_none).collect();
        let values: Vec<T> = values.into_iter().map(Option::unwrap_or_default).collect();
        Ok(Self {
            values: values.into(),
            is_null,
        })
    }
}

/// The text of JSON.
fn text(value: Value) -> Result<Value, DbErr> {
    match value {
        Value::Json(json) => Ok(Value::from(json.map(|json| json.to_string()))),
        _ => Err(DbErr::Custom(
            "not every value of a column is JSON".to_owned(),
        )),
    }
}

/// A column of a table, as batches speak of it.
#[derive(Clone, Copy, Debug)]
pub struct BatchColumn {
    /// Its name.
    pub name: &'static str,
    /// Whether a row may have nothing in it.
    pub may_be_null: bool,
    /// Whether it is JSON, which travels as text.
    pub is_json: bool,
}

impl BatchColumn {
    /// As the entity has it.
    pub fn of(column: impl ColumnTrait) -> Self {
        let definition = column.def();
        Self {
            name: column.as_str(),
            may_be_null: definition.is_null(),
            is_json: *definition.get_column_type() == ColumnType::JsonBinary,
        }
    }
}

/// The most columns of a batch: there is a bit of a positive number for each.
pub const COLUMNS_MAX: usize = 63;

/// What stands in a statement for the source `v` of [`columns_of`] rows of `width` values.
pub fn array_source(width: usize) -> String {
    let places: Vec<String> = (1..=width + 1).map(|number| format!("${number}")).collect();
    let names: Vec<String> = (1..=width)
        .map(|number| format!("column{number}"))
        .collect();
    let (places, names) = (places.join(","), names.join(","));
    format!("unnest({places}) AS v ({names}, nulls)")
}

/// What stands in a statement for the value of `column`, number `number` of [`array_source`], counted from 1. Postgres makes
/// its plan of each expression ready whenever a statement begins, so the fewer the better.
pub fn array_value(number: usize, column: &BatchColumn) -> String {
    let kind = if column.is_json { "::jsonb" } else { "" };
    let value = format!("v.column{number}{kind}");
    if !column.may_be_null {
        return value;
    }
    let bit = 1_u64 << (number - 1);
    format!("CASE WHEN v.nulls & {bit} = 0 THEN {value} END")
}

/// A list of `rows` rows of `width` values, for SQLite, which names the columns `column1`, `column2`, …. Its parameters have no
/// names: each of a name is looked for among all of them when it is bound, so many of them are slow.
pub fn list_source(rows: usize, width: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(","));
    format!("VALUES {}", vec![row; rows].join(","))
}

/// `rows` of `width` values each turned into columns, and the nulls after them.
///
/// # Errors
/// As for [`Column::of`].
pub fn columns_of(rows: Vec<Vec<Value>>, width: usize) -> Result<Vec<Value>, DbErr> {
    let count = rows.len();
    let mut columns: Vec<Vec<Value>> = (0..width).map(|_| Vec::with_capacity(count)).collect();
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    let columns: Vec<Column> = columns
        .into_iter()
        .map(Column::of)
        .collect::<Result<_, _>>()?;
    let nulls = nulls_of(&columns, count);
    let values = columns.into_iter().map(|column| column.values);
    Ok(values.chain([nulls]).collect())
}

/// The nulls of at most [`COLUMNS_MAX`] columns, a number for each row: bit 0 for the first column.
fn nulls_of(columns: &[Column], rows: usize) -> Value {
    let mut nulls = vec![0_i64; rows];
    for (bit, column) in columns.iter().enumerate() {
        for (mask, is_null) in nulls.iter_mut().zip(&column.is_null) {
            *mask |= i64::from(*is_null) << bit;
        }
    }
    Value::from(nulls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_leaves_a_value_in_its_place_and_is_told_apart() {
        let column = Column::of(vec![Value::Int(Some(7)), Value::Int(None)]).unwrap();
        assert_eq!(column.values, Value::from(vec![7, 0]));
        assert_eq!(column.is_null, [false, true]);
        let other = Column::of(vec!["a".into(), "b".into()]).unwrap();
        assert_eq!(nulls_of(&[other, column], 2), Value::from(vec![0_i64, 2]));
    }

    #[test]
    fn json_travels_as_text_and_its_null_is_a_value() {
        let none = || Value::Json(None);
        let some = |json: serde_json::Value| Value::Json(Some(Box::new(json)));
        let values = vec![
            none(),
            some(serde_json::Value::Null),
            some(serde_json::json!({"a": 1})),
        ];
        let column = Column::of(values).unwrap();
        let texts = ["", "null", r#"{"a":1}"#].map(str::to_owned);
        assert_eq!(column.values, Value::from(texts.to_vec()));
        assert_eq!(column.is_null, [true, false, false]);
        assert!(Column::of(vec![none(), "text".into()]).is_err());
    }

    #[test]
    fn a_column_of_several_kinds_is_refused() {
        let mixed = vec![Value::Int(Some(7)), Value::from("seven")];
        assert!(Column::of(mixed).is_err());
        assert!(Column::of(vec![Value::Double(Some(0.5))]).is_err());
        assert!(Column::of(Vec::new()).is_err());
    }
}
