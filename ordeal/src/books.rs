//! P5: whatever is counted is what a recount says, after every step.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement};

use crate::violation::Violation;

/// Each line: what is wrong, and whether anything is. Written anew, and not with the dialer's own recount.
const COUNTERS: &str = "SELECT c.campaign_id, \
    c.total - COUNT(k.id) AS total, \
    c.pending - SUM(k.status = 'pending') AS pending, \
    c.queued - SUM(k.status = 'queued') AS queued, \
    c.calling - SUM(k.status = 'calling') AS calling, \
    c.contacted - SUM(k.status = 'contacted') AS contacted, \
    c.completed - SUM(k.status = 'completed') AS completed, \
    c.failed - SUM(k.status = 'failed') AS failed, \
    c.do_not_call - SUM(k.status = 'do_not_call') AS do_not_call, \
    c.canceled - SUM(k.status = 'canceled') AS canceled, \
    c.reached - SUM(k.attempts > 0) AS reached, \
    c.live - (SELECT COUNT(*) FROM calls WHERE campaign_id = c.campaign_id AND settled_at IS NULL) AS live, \
    c.calls_placed - (SELECT COUNT(*) FROM calls WHERE campaign_id = c.campaign_id AND placed_at IS NOT NULL) AS placed, \
    c.calls_busy - (SELECT COUNT(*) FROM calls WHERE campaign_id = c.campaign_id AND placed_at IS NOT NULL \
        AND settled_at IS NOT NULL AND ending = 'busy') AS busy, \
    c.calls_completed - (SELECT COUNT(*) FROM calls WHERE campaign_id = c.campaign_id AND placed_at IS NOT NULL \
        AND settled_at IS NOT NULL AND ending = 'completed') AS ended \
    FROM campaign_counters c JOIN contacts k ON k.campaign_id = c.campaign_id GROUP BY c.campaign_id";
/// Contacts whose state and calls do not fit.
const CONTACTS: &str = "SELECT k.id, k.status, k.attempts, COUNT(l.id) AS calls, \
    SUM(l.id IS NOT NULL AND l.settled_at IS NULL) AS live, \
    SUM(l.id IS NOT NULL AND (l.outcome IS NULL OR l.outcome <> 'lost')) AS charged \
    FROM contacts k LEFT JOIN calls l ON l.contact_id = k.id GROUP BY k.id \
    HAVING (k.status = 'calling') <> (live > 0) OR live > 1 OR k.attempts <> charged";
/// The sums of statistics, and the calls they are of.
const SUMS: &str = "SELECT \
    (SELECT COALESCE(SUM(calls), 0) FROM call_rollups) \
        - (SELECT COUNT(*) FROM calls WHERE placed_at IS NOT NULL) AS placed, \
    (SELECT COALESCE(SUM(busy), 0) FROM call_rollups) \
        - (SELECT COUNT(*) FROM calls WHERE placed_at IS NOT NULL AND ending = 'busy') AS busy, \
    (SELECT COALESCE(SUM(completed), 0) FROM call_rollups) \
        - (SELECT COUNT(*) FROM calls WHERE placed_at IS NOT NULL AND ending = 'completed') AS ended";
const FIGURES: [&str; 14] = [
    "total",
    "pending",
    "queued",
    "calling",
    "contacted",
    "completed",
    "failed",
    "do_not_call",
    "canceled",
    "reached",
    "live",
    "placed",
    "busy",
    "ended",
];

/// Whoever recounts.
#[derive(Debug, Default)]
pub struct Books {
    version: Option<i64>,
}

impl Books {
    /// Recounts, if anything was committed since the last time.
    ///
    /// # Errors
    /// What differs.
    pub async fn check(&mut self, eye: &DatabaseConnection) -> Result<(), Violation> {
        let version = one(eye, "PRAGMA data_version").await.map_err(unreadable)?;
        let version: Option<i64> = version.and_then(|row| row.try_get("", "data_version").ok());
        if version == self.version {
            return Ok(());
        }
        self.version = version;
        self.check_anew(eye).await
    }

    /// Recounts.
    ///
    /// # Errors
    /// What differs.
    pub async fn check_anew(&self, eye: &DatabaseConnection) -> Result<(), Violation> {
        for row in all(eye, COUNTERS).await.map_err(unreadable)? {
            differs(&row, &FIGURES)?;
        }
        let odd = all(eye, CONTACTS).await.map_err(unreadable)?;
        if let Some(row) = odd.first() {
            let text = |name: &str| -> String { row.try_get("", name).unwrap_or_default() };
            let number = |name: &str| -> i64 { row.try_get("", name).unwrap_or_default() };
            let how = format!(
                "contact {} is {} after {} charged attempts, with {} calls, {} of them live, {} of them charged",
                number("id"),
                text("status"),
                number("attempts"),
                number("calls"),
                number("live"),
                number("charged")
            );
            return Err(Violation::of("P5", how));
        }
        Ok(())
    }

    /// Recounts the sums of statistics.
    ///
    /// # Errors
    /// What differs.
    pub async fn check_sums(&self, eye: &DatabaseConnection) -> Result<(), Violation> {
        match one(eye, SUMS).await.map_err(unreadable)? {
            Some(row) => differs(&row, &["placed", "busy", "ended"]),
            None => Ok(()),
        }
    }
}

fn differs(row: &QueryResult, figures: &[&str]) -> Result<(), Violation> {
    let mut odd = Vec::new();
    for figure in figures {
        let by: i64 = row.try_get("", figure).map_err(unreadable)?;
        if by != 0 {
            odd.push(format!("{figure} by {by}"));
        }
    }
    if odd.is_empty() {
        return Ok(());
    }
    Err(Violation::of(
        "P5",
        format!("counters differ from a recount: {}", odd.join(", ")),
    ))
}

async fn all(eye: &DatabaseConnection, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    eye.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
}

async fn one(eye: &DatabaseConnection, sql: &str) -> Result<Option<QueryResult>, DbErr> {
    eye.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
}

fn unreadable(error: DbErr) -> Violation {
    Violation::of("error", format!("the books cannot be read: {error}"))
}
