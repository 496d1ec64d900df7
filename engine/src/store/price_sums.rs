//! What calls cost, each currency for itself.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::slice::{ClockShift, Slice, shown_s};

/// What prices are summed up by, beside the currency.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// Nothing; the key is empty.
    Nothing,
    /// The day as a zone's clock shows it; the key is its number, 0 for 1970-01-01.
    Day(&'a [ClockShift]),
    /// The campaign; the key is its id, the nil id for calls outside campaigns.
    Campaign,
    /// The carrier; the key is its word.
    Carrier,
}

/// Prices of some calls in one currency.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct PriceSums {
    /// What the calls have in common.
    pub alike: String,
    /// ISO 4217.
    pub price_unit: String,
    /// Calls whose price is known.
    pub priced: i64,
    /// Millionths of the currency's unit.
    pub price_micros: i64,
}

/// The prices of the slice: highest first, at most `limit` entries.
///
/// # Errors
/// What the database says.
pub async fn by(
    db: &impl ConnectionTrait,
    slice: &Slice,
    by: By<'_>,
    limit: u32,
) -> Result<Vec<PriceSums>, DbErr> {
    let backend = db.get_database_backend();
    let (mut rows, mut values) = slice.details("price_unit <> ''");
    let (key, group) = match by {
        By::Nothing => ("''".to_owned(), "price_unit"),
        By::Day(shifts) => {
            // The zone's days are other days.
            (rows, values) = slice.quarters("price_unit <> ''");
            let shown = shown_s(backend, shifts, &mut values);
            (format!("CAST({shown} / 86400 AS TEXT)"), "1, price_unit")
        }
        By::Campaign if backend == DbBackend::Postgres => (
            "CAST(campaign_id AS TEXT)".to_owned(),
            "campaign_id, price_unit",
        ),
        By::Campaign => ("HEX(campaign_id)".to_owned(), "campaign_id, price_unit"),
        By::Carrier => ("carrier".to_owned(), "carrier, price_unit"),
    };
    let sql = format!(
        "SELECT {key} AS alike, price_unit, CAST(SUM(priced) AS BIGINT) AS priced, \
         CAST(SUM(price_micros) AS BIGINT) AS price_micros \
         FROM ({rows}) AS rows_of_slice GROUP BY {group} \
         ORDER BY 4 DESC, 2, 1 LIMIT {limit}"
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    PriceSums::find_by_statement(statement).all(db).await
}
