//! Calls that hold a slot just now.

use domain::{CampaignId, UserId};
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

/// How many calls of the owner (`None`: of everybody), or of one campaign, are going on: by the campaigns' counters, and
/// by the rows of live calls outside campaigns.
///
/// # Errors
/// What the database says.
pub async fn count(
    db: &impl ConnectionTrait,
    owner: Option<UserId>,
    campaign: Option<CampaignId>,
) -> Result<i64, DbErr> {
    let backend = db.get_database_backend();
    let (sql, values): (&str, Vec<Value>) = match (campaign, owner) {
        (Some(campaign), _) => (OF_CAMPAIGN, vec![campaign.into_uuid().into()]),
        (None, Some(owner)) => (OF_OWNER, vec![owner.into_uuid().into()]),
        (None, None) => (OF_EVERYBODY, Vec::new()),
    };
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let row = db.query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| row.try_get("", "live"))
}

const OF_CAMPAIGN: &str = "SELECT CAST(COALESCE(SUM(live), 0) AS BIGINT) AS live \
    FROM campaign_counters WHERE campaign_id = $1";

/// A call outside campaigns has no contact: the index of live calls by contact leads to them.
const OF_OWNER: &str = "SELECT CAST(COALESCE(SUM(live), 0) AS BIGINT) AS live FROM (\
    SELECT SUM(counters.live) AS live FROM campaign_counters AS counters \
    JOIN campaigns ON campaigns.id = counters.campaign_id WHERE campaigns.owner_id = $1 AND counters.live > 0 \
    UNION ALL SELECT COUNT(*) FROM calls \
    WHERE settled_at IS NULL AND contact_id IS NULL AND campaign_id IS NULL AND owner_id = $1) AS parts";

const OF_EVERYBODY: &str = "SELECT CAST(COALESCE(SUM(live), 0) AS BIGINT) AS live FROM (\
    SELECT SUM(live) AS live FROM campaign_counters \
    UNION ALL SELECT COUNT(*) FROM calls \
    WHERE settled_at IS NULL AND contact_id IS NULL AND campaign_id IS NULL) AS parts";
