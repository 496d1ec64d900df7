//! What a campaign's calls come to: in all, and quarter of an hour by quarter.

use chrono::{DateTime, Utc};
use domain::CampaignId;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

use super::bucket_sums::BucketSums;

/// What leaves the database of all quarters together.
const SUMMED: [&str; 12] = [
    "completed",
    "failed",
    "busy",
    "no_answer",
    "voicemail",
    "callbacks",
    "callbacks_scheduled",
    "transfers",
    "transfers_completed",
    "talk_s",
    "waits",
    "wait_ms",
];

/// What calls come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuarterSums {
    /// All of them. Its `bucket` says nothing, nor do its `credits`.
    pub all: BucketSums,
    /// Quarter by quarter, in no order; 35,040 a year at most.
    pub quarters: Vec<Quarter>,
}

/// What is told of one quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarter {
    /// Its begin.
    pub begin: DateTime<Utc>,
    /// Calls placed.
    pub calls: i64,
    /// Reached their goal.
    pub successful: i64,
}

/// The sums of the quarters of `campaign` that begin at or after `from` and before `to` (`None`: no bound).
///
/// The quarters travel as one array per column: the database reads each row once and hands over one, where grouping them
/// by the hours of a zone and summing them up beside it takes it three times as long.
///
/// # Errors
/// What the database says.
pub async fn read(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    (from, to): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> Result<QuarterSums, DbErr> {
    let backend = db.get_database_backend();
    let mut values: Vec<Value> = vec![campaign.into_uuid().into()];
    let mut condition = "campaign_id = $1".to_owned();
    for (bound, is) in [(from, ">="), (to, "<")] {
        let Some(bound) = bound else { continue };
        values.push(bound.into());
        condition.push_str(&format!(" AND bucket {is} ${}", values.len()));
    }
    let listed = if backend == DbBackend::Postgres {
        "ARRAY_AGG(bucket) AS begins, ARRAY_AGG(calls) AS calls, ARRAY_AGG(successful) AS successful"
    } else {
        "JSON_GROUP_ARRAY(JSON_ARRAY(CAST(STRFTIME('%s', bucket) AS INTEGER), calls, successful)) AS quarters"
    };
    let summed = SUMMED.map(|column| format!("CAST(SUM({column}) AS BIGINT) AS {column}"));
    let sql = format!(
        "SELECT {listed}, {} FROM call_rollups WHERE {condition} HAVING COUNT(*) > 0",
        summed.join(", ")
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let row = db.query_one_raw(statement).await?;
    row.map_or_else(
        || Ok(QuarterSums::default()),
        |row| {
            let quarters = if backend == DbBackend::Postgres {
                of_arrays(&row)?
            } else {
                of_json(&row)?
            };
            Ok(QuarterSums {
                all: all(&row, &quarters)?,
                quarters,
            })
        },
    )
}

fn of_arrays(row: &QueryResult) -> Result<Vec<Quarter>, DbErr> {
    let begins: Vec<DateTime<Utc>> = row.try_get("", "begins")?;
    let calls: Vec<i64> = row.try_get("", "calls")?;
    let successful: Vec<i64> = row.try_get("", "successful")?;
    let quarters = begins.into_iter().zip(calls.into_iter().zip(successful));
    Ok(quarters
        .map(|(begin, (calls, successful))| Quarter {
            begin,
            calls,
            successful,
        })
        .collect())
}

fn of_json(row: &QueryResult) -> Result<Vec<Quarter>, DbErr> {
    let text: String = row.try_get("", "quarters")?;
    let quarters: Vec<(i64, i64, i64)> =
        serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string()))?;
    let quarters = quarters.into_iter();
    Ok(quarters
        .map(|(begin_s, calls, successful)| Quarter {
            begin: DateTime::from_timestamp(begin_s, 0).unwrap_or_default(),
            calls,
            successful,
        })
        .collect())
}

fn all(row: &QueryResult, quarters: &[Quarter]) -> Result<BucketSums, DbErr> {
    let sum = |column: &str| row.try_get::<i64>("", column);
    Ok(BucketSums {
        calls: quarters.iter().map(|quarter| quarter.calls).sum(),
        completed: sum("completed")?,
        failed: sum("failed")?,
        busy: sum("busy")?,
        no_answer: sum("no_answer")?,
        voicemail: sum("voicemail")?,
        successful: quarters.iter().map(|quarter| quarter.successful).sum(),
        callbacks: sum("callbacks")?,
        callbacks_scheduled: sum("callbacks_scheduled")?,
        transfers: sum("transfers")?,
        transfers_completed: sum("transfers_completed")?,
        talk_s: sum("talk_s")?,
        waits: sum("waits")?,
        wait_ms: sum("wait_ms")?,
        ..BucketSums::default()
    })
}
