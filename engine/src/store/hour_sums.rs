//! What calls come to, hour by hour, as the clock of a zone shows the hours.

use chrono::DateTime;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use super::bucket_sums::BucketSums;
use super::slice::{ClockShift, Slice, shown_s};

const SUMMED: [&str; 15] = [
    "calls",
    "completed",
    "failed",
    "busy",
    "no_answer",
    "voicemail",
    "successful",
    "callbacks",
    "callbacks_scheduled",
    "transfers",
    "transfers_completed",
    "talk_s",
    "waits",
    "wait_ms",
    "credits",
];

/// The sums of the slice, one entry per hour with calls, at most 24 a day. The `bucket` of an entry is what the clock
/// shows when the hour begins, written as if it were UTC: its date and hour are those of the zone. An hour that is shown
/// twice is one entry.
///
/// # Errors
/// What the database says.
pub async fn by_hour(
    db: &impl ConnectionTrait,
    slice: &Slice,
    shifts: &[ClockShift],
) -> Result<Vec<BucketSums>, DbErr> {
    let backend = db.get_database_backend();
    let (condition, mut values) = slice.condition();
    let shown = shown_s(backend, shifts, &mut values);
    let sums = summed();
    let sql = format!(
        "SELECT {shown} / 3600 AS hour, {sums} FROM call_rollups WHERE {condition} GROUP BY 1 ORDER BY 1"
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(read).collect()
}

fn summed() -> String {
    let sums = SUMMED.iter().map(|column| {
        // Postgres sums small integers several times as fast; no quarter has two thousand million calls.
        let small = match *column {
            "talk_s" | "wait_ms" | "credits" => (*column).to_owned(),
            count => format!("CAST({count} AS INTEGER)"),
        };
        format!("CAST(SUM({small}) AS BIGINT) AS {column}")
    });
    sums.collect::<Vec<_>>().join(", ")
}

fn read(row: &QueryResult) -> Result<BucketSums, DbErr> {
    let sum = |column: &str| row.try_get::<i64>("", column);
    let hour: i64 = row.try_get("", "hour")?;
    Ok(BucketSums {
        bucket: DateTime::from_timestamp(hour * 3_600, 0).unwrap_or_default(),
        calls: sum("calls")?,
        completed: sum("completed")?,
        failed: sum("failed")?,
        busy: sum("busy")?,
        no_answer: sum("no_answer")?,
        voicemail: sum("voicemail")?,
        successful: sum("successful")?,
        callbacks: sum("callbacks")?,
        callbacks_scheduled: sum("callbacks_scheduled")?,
        transfers: sum("transfers")?,
        transfers_completed: sum("transfers_completed")?,
        talk_s: sum("talk_s")?,
        waits: sum("waits")?,
        wait_ms: sum("wait_ms")?,
        credits: sum("credits")?,
    })
}
