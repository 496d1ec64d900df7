//! How many calls campaigns had in stretches of time.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::CampaignId;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};
use uuid::Uuid;

/// Quarters of a campaign from an instant to another.
pub type Stretch = (CampaignId, DateTime<Utc>, DateTime<Utc>);

/// Stretches in one statement: SQLite takes 32,766 values.
const STRETCHES_MAX: usize = 5_000;

/// How many calls were begun in `stretches`, by campaign. Stretches of a campaign do not overlap.
///
/// # Errors
/// What the database says.
pub async fn count(
    db: &impl ConnectionTrait,
    stretches: &[Stretch],
) -> Result<HashMap<CampaignId, i64>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        campaign_id: Uuid,
        calls: i64,
    }
    let mut found = HashMap::new();
    for some in stretches.chunks(STRETCHES_MAX) {
        let mut values: Vec<Value> = Vec::with_capacity(some.len() * 3);
        let mut tuples = Vec::with_capacity(some.len());
        for (campaign, from, to) in some {
            values.extend([campaign.into_uuid().into(), (*from).into(), (*to).into()]);
            let last = values.len();
            tuples.push(format!("(${}, ${}, ${last})", last - 2, last - 1));
        }
        // One look into the index per stretch: as a join it would be a walk through the whole table.
        let sql = format!(
            "SELECT campaign_id, CAST(COALESCE(SUM(calls), 0) AS BIGINT) AS calls FROM (\
             SELECT v.column1 AS campaign_id, (SELECT SUM(r.calls) FROM call_rollups AS r \
             WHERE r.campaign_id = v.column1 AND r.bucket >= v.column2 AND r.bucket < v.column3) AS calls \
             FROM (VALUES {}) AS v) AS stretches GROUP BY campaign_id",
            tuples.join(", ")
        );
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        for row in Row::find_by_statement(statement).all(db).await? {
            *found
                .entry(CampaignId::from_uuid(row.campaign_id))
                .or_default() += row.calls;
        }
    }
    Ok(found)
}
