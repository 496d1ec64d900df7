//! Many values as one: a column of a batch travels to Postgres as an array, so that a statement has as many parameters as
//! columns and one text for every number of rows.

use std::iter::repeat_n;

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, Value};
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
    /// From the values of all rows, which are of one kind: a number, a text, a truth, an instant or an id.
    ///
    /// # Errors
    /// `Custom` where they are of another kind, or of several: a mistake of whoever wrote the rows.
    pub fn of(values: Vec<Value>) -> Result<Self, DbErr> {
        let is_null: Vec<bool> = values.iter().map(|value| !has_value(value)).collect();
        let count = values.len();
        let values = match values.first() {
            Some(Value::Bool(_)) => gathered::<bool>(values, |value| match value {
                Value::Bool(known) => Some(known),
                _ => None,
            }),
            Some(Value::SmallInt(_)) => gathered::<i16>(values, |value| match value {
                Value::SmallInt(known) => Some(known),
                _ => None,
            }),
            Some(Value::Int(_)) => gathered::<i32>(values, |value| match value {
                Value::Int(known) => Some(known),
                _ => None,
            }),
            Some(Value::BigInt(_)) => gathered::<i64>(values, |value| match value {
                Value::BigInt(known) => Some(known),
                _ => None,
            }),
            Some(Value::String(_)) => gathered::<String>(values, |value| match value {
                Value::String(known) => Some(known),
                _ => None,
            }),
            Some(Value::ChronoDateTimeUtc(_)) => {
                gathered::<DateTime<Utc>>(values, |value| match value {
                    Value::ChronoDateTimeUtc(known) => Some(known),
                    _ => None,
                })
            }
            Some(Value::Uuid(_)) => gathered::<Uuid>(values, |value| match value {
                Value::Uuid(known) => Some(known),
                _ => None,
            }),
            _ => None,
        };
        let values = values.ok_or_else(|| {
            DbErr::Custom(format!("a column of {count} values is not of one kind"))
        })?;
        Ok(Self { values, is_null })
    }
}

/// The nulls of up to 63 columns, a number for each row: bit 0 for the first column.
#[must_use]
pub fn nulls_of(columns: &[Column], rows: usize) -> Value {
    let mut nulls: Vec<i64> = repeat_n(0, rows).collect();
    for (bit, column) in columns.iter().enumerate() {
        for (mask, is_null) in nulls.iter_mut().zip(&column.is_null) {
            *mask |= i64::from(*is_null) << bit;
        }
    }
    Value::from(nulls)
}

fn has_value(value: &Value) -> bool {
    !matches!(
        value,
        Value::Bool(None)
            | Value::SmallInt(None)
            | Value::Int(None)
            | Value::BigInt(None)
            | Value::String(None)
            | Value::ChronoDateTimeUtc(None)
            | Value::Uuid(None)
    )
}

/// `None` where one of `values` is of another kind.
fn gathered<T: Default>(
    values: Vec<Value>,
    read: impl Fn(Value) -> Option<Option<T>>,
) -> Option<Value>
where
    Value: From<Vec<T>>,
{
    let values: Option<Vec<T>> = values
        .into_iter()
        .map(|value| read(value).map(Option::unwrap_or_default))
        .collect();
    values.map(Value::from)
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
    fn a_column_of_several_kinds_is_refused() {
        let mixed = vec![Value::Int(Some(7)), Value::from("seven")];
        assert!(Column::of(mixed).is_err());
        assert!(Column::of(vec![Value::Double(Some(0.5))]).is_err());
        assert!(Column::of(Vec::new()).is_err());
    }
}
