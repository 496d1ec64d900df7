//! What calls that are alike come to. Calls that came in are like none of ours, and are summed apart.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult, Statement};

use super::histogram::{BINS, Counts};
use super::slice::Slice;

/// What makes calls alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Nothing: all of them together, and how long they took.
    Nothing,
    /// Which attempt at the contact; 0: calls outside campaigns.
    Attempt,
    /// Who speaks; empty: nobody.
    Agent,
    /// From which number.
    Number,
}

/// Sums of calls that are alike. The names are those of `call_detail_rollups`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DetailSums {
    /// What they have in common.
    pub key: String,
    /// Calls placed.
    pub calls: i64,
    /// Answered and ended.
    pub completed: i64,
    /// Answered by a machine.
    pub voicemail: i64,
    /// Taken for a machine, and marked as a person afterwards.
    pub false_positives: i64,
    /// A person spoke with the agent.
    pub reached: i64,
    /// As `reached`, callbacks not counted.
    pub reached_first: i64,
    /// Reached their goal.
    pub successful: i64,
    /// Calls that `wait_ms` sums over.
    pub waits: i64,
    /// Milliseconds from begun to answered.
    pub wait_ms: i64,
    /// Seconds of talk.
    pub talk_s: i64,
    /// `waits` by how long they were; only [`By::Nothing`].
    pub wait_counts: Counts,
    /// `completed` by how long was talked; only [`By::Nothing`].
    pub talk_counts: Counts,
}

const SUMMED: [&str; 10] = [
    "calls",
    "completed",
    "voicemail",
    "false_positives",
    "reached",
    "reached_first",
    "successful",
    "waits",
    "wait_ms",
    "talk_s",
];

/// The sums of the slice's outbound calls by what makes calls alike: most calls first, at most `limit` entries. [`By::Nothing`] is one entry,
/// also where there are no calls.
///
/// # Errors
/// What the database says.
pub async fn by(
    db: &impl ConnectionTrait,
    slice: &Slice,
    by: By,
    limit: u32,
) -> Result<Vec<DetailSums>, DbErr> {
    let backend = db.get_database_backend();
    let (rows, values) = slice.details("direction = 'outbound' AND price_unit = ''");
    let mut sums: Vec<String> = SUMMED.map(sum).into();
    let (key, group) = match by {
        By::Nothing => ("''", ""),
        By::Attempt => ("CAST(attempt AS TEXT)", "GROUP BY attempt"),
        By::Agent => ("agent_id", "GROUP BY agent_id"),
        By::Number => ("from_number", "GROUP BY from_number"),
    };
    if by == By::Nothing {
        sums.extend((0..BINS).map(|bin| sum(&format!("wait_{bin}"))));
        sums.extend((0..BINS).map(|bin| sum(&format!("talk_{bin}"))));
    }
    let sql = format!(
        "SELECT {key} AS alike, {} FROM ({rows}) AS rows_of_slice {group} ORDER BY 2 DESC, 1 LIMIT {limit}",
        sums.join(", ")
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| read(row, by)).collect()
}

/// What the calls that came in come to. The names are those of `call_detail_rollups`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct InboundSums {
    /// Calls that came in.
    pub calls: i64,
    /// Answered and ended.
    pub completed: i64,
    /// Could not be carried.
    pub failed: i64,
    /// Busy.
    pub busy: i64,
    /// Rang out.
    pub no_answer: i64,
}

/// What the slice's calls that came in come to.
///
/// # Errors
/// What the database says.
pub async fn inbound(db: &impl ConnectionTrait, slice: &Slice) -> Result<InboundSums, DbErr> {
    let (rows, values) = slice.details("direction = 'inbound' AND price_unit = ''");
    let sums = ["calls", "completed", "failed", "busy", "no_answer"].map(sum);
    let sql = format!("SELECT {} FROM ({rows}) AS rows_of_slice", sums.join(", "));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let found = InboundSums::find_by_statement(statement).one(db).await?;
    Ok(found.unwrap_or_default())
}

fn sum(column: &str) -> String {
    format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT) AS {column}")
}

fn read(row: &QueryResult, by: By) -> Result<DetailSums, DbErr> {
    let sum = |column: &str| row.try_get::<i64>("", column);
    let mut sums = DetailSums {
        key: row.try_get("", "alike")?,
        calls: sum("calls")?,
        completed: sum("completed")?,
        voicemail: sum("voicemail")?,
        false_positives: sum("false_positives")?,
        reached: sum("reached")?,
        reached_first: sum("reached_first")?,
        successful: sum("successful")?,
        waits: sum("waits")?,
        wait_ms: sum("wait_ms")?,
        talk_s: sum("talk_s")?,
        ..DetailSums::default()
    };
    if by == By::Nothing {
        for (bin, count) in sums.wait_counts.iter_mut().enumerate() {
            *count = sum(&format!("wait_{bin}"))?;
        }
        for (bin, count) in sums.talk_counts.iter_mut().enumerate() {
            *count = sum(&format!("talk_{bin}"))?;
        }
    }
    Ok(sums)
}
