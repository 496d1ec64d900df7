//! What days, and hours of the day, are compared by, as the clock of a zone shows them.

use chrono::{DateTime, NaiveDate};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};

use super::slice::{ClockShift, Slice, shown_s};

/// Seconds of a day.
const DAY_S: i64 = 86_400;
/// What is summed of some hours.
const SUMS: &str =
    "CAST(SUM(calls) AS BIGINT) AS calls, CAST(SUM(successful) AS BIGINT) AS successful";

/// Calls of a slice, by day and by hour of the day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComparedSums {
    /// Calls placed by the hour of the day, 0 to 23.
    pub calls_by_hour: [i64; 24],
    /// Days with calls: the day, calls placed, and those of them that reached their goal.
    pub days: Vec<(NaiveDate, i64, i64)>,
}

#[derive(FromQueryResult)]
struct Row {
    /// Since 1970; none: the row is one of an hour of the day.
    day: Option<i64>,
    hour: i64,
    calls: i64,
    successful: i64,
}

/// The sums of the slice. An hour that the clock shows twice is one.
///
/// # Errors
/// What the database says.
pub async fn read(
    db: &impl ConnectionTrait,
    slice: &Slice,
    shifts: &[ClockShift],
) -> Result<ComparedSums, DbErr> {
    let backend = db.get_database_backend();
    let (condition, mut values) = slice.condition();
    let shown = shown_s(backend, shifts, &mut values);
    // Quarters are read once, and only days and 24 hours leave the database: three months have two thousand hours.
    let sql = format!(
        "WITH hours AS (SELECT {shown} / 3600 AS hour, \
         SUM(CAST(calls AS INTEGER)) AS calls, SUM(CAST(successful AS INTEGER)) AS successful \
         FROM call_rollups WHERE {condition} GROUP BY 1) \
         SELECT hour / 24 AS day, CAST(0 AS BIGINT) AS hour, {SUMS} FROM hours GROUP BY 1 \
         UNION ALL SELECT NULL AS day, hour % 24 AS hour, {SUMS} FROM hours GROUP BY 2 ORDER BY 1, 2"
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let rows = Row::find_by_statement(statement).all(db).await?;
    let mut sums = ComparedSums::default();
    for row in rows {
        if let Some(day) = row.day {
            let day = DateTime::from_timestamp(day * DAY_S, 0).unwrap_or_default();
            let day = (day.date_naive(), row.calls, row.successful);
            sums.days.push(day);
            continue;
        }
        let hour = usize::try_from(row.hour).unwrap_or(usize::MAX);
        if let Some(calls) = sums.calls_by_hour.get_mut(hour) {
            *calls = row.calls;
        }
    }
    Ok(sums)
}
