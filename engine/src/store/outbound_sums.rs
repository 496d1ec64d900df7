//! What outbound calls come to, hour of the day by hour of the day: at most 24 rows, however many calls.
//!
//! The sums hold calls that came in as well, beside single calls. They are few, and have an index of their own
//! (`calls_inbound_idx`): they are taken off again.

use domain::UserId;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};

use crate::period::Period;

/// Sums of outbound calls that were begun in one hour of the day, UTC, on whatever day.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct HourSums {
    /// 0 to 23.
    pub hour: i64,
    /// Calls placed.
    pub calls: i64,
    /// Answered and ended.
    pub completed: i64,
    /// Could not be carried.
    pub failed: i64,
    /// Busy.
    pub busy: i64,
    /// Rang out.
    pub no_answer: i64,
    /// Answered by a machine.
    pub voicemail: i64,
    /// Reached their goal.
    pub successful: i64,
    /// Calls in which a callback was asked for.
    pub callbacks: i64,
    /// Handed on, whether or not anybody took it.
    pub transfers: i64,
    /// Seconds of talk.
    pub talk_s: i64,
    /// Carrier's prices, millionths.
    pub price_micros: i64,
    /// Agent provider's credits.
    pub credits: i64,
}

/// Each sum: its name, and what a call that came in added to it.
const SUMS: [(&str, &str); 12] = [
    ("calls", "1"),
    (
        "completed",
        "CASE WHEN ending = 'completed' THEN 1 ELSE 0 END",
    ),
    (
        "failed",
        "CASE WHEN ending IN ('failed', 'canceled', 'rejected', 'lost') THEN 1 ELSE 0 END",
    ),
    ("busy", "CASE WHEN ending = 'busy' THEN 1 ELSE 0 END"),
    (
        "no_answer",
        "CASE WHEN ending = 'no_answer' THEN 1 ELSE 0 END",
    ),
    (
        "voicemail",
        "CASE WHEN outcome = 'voicemail' THEN 1 ELSE 0 END",
    ),
    ("successful", "CASE WHEN is_successful THEN 1 ELSE 0 END"),
    (
        "callbacks",
        "CASE WHEN callback_requested THEN 1 ELSE 0 END",
    ),
    ("transfers", "CASE WHEN is_transferred THEN 1 ELSE 0 END"),
    (
        "talk_s",
        "CASE WHEN ending = 'completed' THEN COALESCE(duration_s, 0) ELSE 0 END",
    ),
    ("price_micros", "COALESCE(price_micros, 0)"),
    ("credits", "COALESCE(credits, 0)"),
];

/// The sums of `owner`'s outbound calls (`None`: everybody's) that were begun in the quarters of `period`; hours without
/// calls are left out.
///
/// # Errors
/// What the database says.
pub async fn by_hour(
    db: &impl ConnectionTrait,
    owner: Option<UserId>,
    period: Period,
) -> Result<Vec<HourSums>, DbErr> {
    let backend = db.get_database_backend();
    let period = period.in_quarters();
    let (mut rolled, mut inbound) = (String::new(), String::new());
    let mut values: Vec<Value> = Vec::new();
    let mut ask = |rolled_up: &str, of_call: &str, value: Value| {
        values.push(value);
        rolled.push_str(&format!(" AND {rolled_up} ${}", values.len()));
        inbound.push_str(&format!(" AND {of_call} ${}", values.len()));
    };
    if let Some(owner) = owner {
        ask("owner_id =", "owner_id =", owner.into_uuid().into());
    }
    if let Some(from) = period.from {
        ask("bucket >=", "begun_at >=", from.into());
    }
    if let Some(until) = period.until {
        ask("bucket <", "begun_at <", until.into());
    }
    let list = |write: &dyn Fn(&(&str, &str)) -> String| SUMS.iter().map(write).collect::<String>();
    let summed = list(&|(name, _)| format!(", CAST(SUM({name}) AS BIGINT) AS {name}"));
    let added = list(&|(name, _)| format!(", {name}"));
    let taken_off = list(&|(name, of_call)| format!(", -({of_call}) AS {name}"));
    let sql = format!(
        "SELECT hour{summed} FROM (\
         SELECT {} AS hour{added} FROM call_rollups WHERE 1 = 1{rolled} \
         UNION ALL SELECT {} AS hour{taken_off} FROM calls \
         WHERE direction = 'inbound' AND placed_at IS NOT NULL{inbound}) AS parts \
         GROUP BY hour ORDER BY hour",
        hour(backend, "bucket"),
        hour(backend, "begun_at"),
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    HourSums::find_by_statement(statement).all(db).await
}

fn hour(backend: DbBackend, column: &str) -> String {
    match backend {
        DbBackend::Postgres => {
            format!("CAST(EXTRACT(HOUR FROM {column} AT TIME ZONE 'UTC') AS BIGINT)")
        }
        _ => format!("CAST(STRFTIME('%H', {column}) AS BIGINT)"),
    }
}
