//! How many contacts fall due when.

use chrono::{DateTime, Utc};
use domain::CampaignId;
use entity::campaign_zone;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, Statement, Value,
};

/// Zones of contacts that are looked through: SQLite allows 500 parts of a union, and each zone takes two.
const ZONES_MAX: usize = 200;

/// Contacts due in one quarter of an hour.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Due {
    /// Seconds since 1970 at which the quarter begins.
    pub quarter_s: i64,
    /// Contacts, called before or not.
    pub contacts: i64,
    /// Those of them that were called before.
    pub retries: i64,
}

/// How many contacts of `campaigns` fall due after `from` and before `to`, by quarters: of the `limit` that fall due
/// first. Each zone's contacts are a walk along their own stretch of an index, `limit` long at most; campaigns together may
/// have 200 zones, the others are left out.
///
/// # Errors
/// What the database says.
pub async fn by_quarter(
    db: &impl ConnectionTrait,
    campaigns: &[CampaignId],
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    limit: u32,
) -> Result<Vec<Due>, DbErr> {
    let ids = campaigns.iter().map(|id| id.into_uuid());
    let zones: Vec<campaign_zone::Model> = campaign_zone::Entity::find()
        .filter(campaign_zone::Column::CampaignId.is_in(ids))
        .order_by_asc(campaign_zone::Column::CampaignId)
        .order_by_asc(campaign_zone::Column::Timezone)
        .limit(ZONES_MAX as u64)
        .all(db)
        .await?;
    if zones.is_empty() {
        return Ok(Vec::new());
    }
    let backend = db.get_database_backend();
    let mut values: Vec<Value> = vec![from.into(), to.into()];
    let mut parts = Vec::with_capacity(zones.len() * 2);
    for zone in zones {
        values.extend([zone.campaign_id.into(), zone.timezone.into()]);
        let (campaign, timezone) = (values.len() - 1, values.len());
        for priority in [0, 1] {
            // Statuses are written out: the index for them is partial.
            parts.push(format!(
                "SELECT * FROM (SELECT next_attempt_at, attempts FROM contacts WHERE campaign_id = ${campaign} \
                 AND priority = {priority} AND timezone = ${timezone} AND next_attempt_at > $1 \
                 AND next_attempt_at < $2 AND status IN ('pending', 'contacted') \
                 ORDER BY next_attempt_at LIMIT {limit}) AS part_{timezone}_{priority}"
            ));
        }
    }
    let epoch = if backend == DbBackend::Postgres {
        "CAST(FLOOR(EXTRACT(EPOCH FROM next_attempt_at)) AS BIGINT)"
    } else {
        "CAST(STRFTIME('%s', next_attempt_at) AS INTEGER)"
    };
    let sql = format!(
        "SELECT {epoch} / 900 * 900 AS quarter_s, COUNT(*) AS contacts, \
         COUNT(CASE WHEN attempts > 0 THEN 1 END) AS retries \
         FROM (SELECT * FROM ({}) AS due ORDER BY next_attempt_at LIMIT {limit}) AS first \
         GROUP BY 1 ORDER BY 1",
        parts.join(" UNION ALL ")
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    Due::find_by_statement(statement).all(db).await
}
