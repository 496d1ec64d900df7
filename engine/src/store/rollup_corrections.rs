//! What is to be added to the sums so that they say what the calls say.

use std::collections::BTreeMap;

use entity::{call_detail_rollup, call_rollup};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, Set, Value,
};

use super::batch_insert::is_key;
use super::rollup_rows::Known;
use super::rollups::{ALL, DETAILS, DetailKey, DetailRow, Key, Rollups, add_each, empty, upsert};

/// Differences, by the key of the row that they belong to. They are right at whatever moment they are added: whoever
/// counts a call meanwhile adds to call and sums alike.
#[derive(Debug, Default)]
pub struct Corrections {
    all: BTreeMap<Key, call_rollup::ActiveModel>,
    details: BTreeMap<DetailKey, DetailRow>,
}

impl Corrections {
    /// From the rows of one quarter to what its calls come to. Callbacks that calls led to are in no call's row, and stay
    /// as they are.
    #[must_use]
    pub fn of_quarter(counted: Rollups, known: Known) -> Self {
        let mut corrections = Self::default();
        for (key, row) in counted.all {
            let row = row.into_active_model().reset_all();
            corrections.all.insert(key, row);
        }
        for row in known.all {
            let key = (row.campaign_id, row.bucket, row.owner_id);
            let difference = corrections.all.entry(key).or_insert_with(|| {
                empty(row.campaign_id, row.bucket, row.owner_id)
                    .into_active_model()
                    .reset_all()
            });
            let row = row.into_active_model().reset_all();
            add_each::<call_rollup::Entity>(difference, &row, -1);
        }
        for row in corrections.all.values_mut() {
            row.callbacks_scheduled = Set(0);
        }
        for (_, row) in counted.details {
            corrections.add_detail(row, DetailKey::of_row, 1);
        }
        for row in known.details {
            corrections.add_detail(row, DetailKey::of_row, -1);
        }
        corrections.without_nothing()
    }

    /// Adds a quarter to what the day is to be.
    pub fn expect(&mut self, quarter: Vec<call_detail_rollup::Model>) {
        for row in quarter {
            self.add_detail(row, |row| DetailKey::of_row(row).of_day(), 1);
        }
    }

    /// From the rows of the day to what its quarters come to, all of which are expected by now.
    #[must_use]
    pub fn of_day(mut self, known: Vec<call_detail_rollup::Model>) -> Self {
        for row in known {
            self.add_detail(row, DetailKey::of_row, -1);
        }
        self.without_nothing()
    }

    /// How many rows are wrong.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.all.len() + self.details.len()
    }

    /// Adds them to the tables, in the order in which everybody does.
    ///
    /// # Errors
    /// What the database says.
    pub async fn add_to(self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        upsert(db, &ALL, self.all.into_values()).await?;
        upsert(db, &DETAILS, self.details.into_values()).await
    }

    fn add_detail(
        &mut self,
        row: call_detail_rollup::Model,
        key: impl Fn(&call_detail_rollup::Model) -> DetailKey,
        sign: i8,
    ) {
        let difference = self
            .details
            .entry(key(&row))
            .or_insert_with_key(|key| key.empty().into_active_model().reset_all());
        let row = row.into_active_model().reset_all();
        add_each::<call_detail_rollup::Entity>(difference, &row, sign);
    }

    fn without_nothing(mut self) -> Self {
        self.all
            .retain(|_, row| !is_nothing::<call_rollup::Entity>(row));
        self.details
            .retain(|_, row| !is_nothing::<call_detail_rollup::Entity>(row));
        self
    }
}

fn is_nothing<E: EntityTrait>(row: &E::ActiveModel) -> bool
where
    E::Column: Iterable,
{
    let mut sums = E::Column::iter().filter(|column| !is_key::<E>(column));
    sums.all(|column| {
        matches!(
            row.get(column).into_value(),
            Some(Value::Int(Some(0)) | Value::BigInt(Some(0)))
        )
    })
}
