//! Calls that did not reach whom they were for, and after which nobody called again.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::{CallStatus, ContactStatus, Direction, Outcome, UserId};
use entity::call::{Column, Entity, Model};
use entity::{campaign, contact};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, RelationDef, Select,
};
use uuid::Uuid;

use crate::page::Page;

/// Which of them are looked for.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Whose; `None`: everybody's.
    pub owner: Option<UserId>,
    /// How the call ended.
    pub status: Option<CallStatus>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Begun then or later.
    pub from: DateTime<Utc>,
    /// Begun before; `None`: until now.
    pub until: Option<DateTime<Utc>>,
}

/// Candidates that are counted and have pages: each of them costs look-ups, and nobody works through more.
pub const COUNTED_MAX: u64 = 10_000;

/// What came of a call that did not reach anybody.
const UNREACHED: [Outcome; 7] = [
    Outcome::Voicemail,
    Outcome::Busy,
    Outcome::NoAnswer,
    Outcome::Failed,
    Outcome::Rejected,
    Outcome::Canceled,
    Outcome::Lost,
];

/// `calls_contact_id_idx` serves it.
const IS_LAST_TO_CONTACT: &str = "NOT EXISTS (SELECT 1 FROM calls AS later \
     WHERE later.contact_id = calls.contact_id AND later.begun_at > calls.begun_at)";
/// `calls_to_number_begun_at_idx` serves it.
const IS_LAST_TO_NUMBER: &str = "NOT EXISTS (SELECT 1 FROM calls AS later \
     WHERE later.to_number = calls.to_number AND later.begun_at > calls.begun_at \
     AND later.owner_id = calls.owner_id)";
/// The key of an owner and a number serves it.
const IS_NOT_SUPPRESSED: &str = "NOT EXISTS (SELECT 1 FROM suppressions \
     WHERE suppressions.owner_id = calls.owner_id AND suppressions.phone_number = calls.to_number)";

/// One page of such calls, the last begun first, and how many there are, [`COUNTED_MAX`] at most: the last one to a contact who is on a campaign, was
/// not reached and may be called; and of calls outside campaigns the last one to a number.
///
/// Walks the calls of the period by `calls_owner_id_begun_at_idx`, everybody's by `calls_begun_at_idx`, and looks up each
/// that failed.
///
/// # Errors
/// What the database says.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: Page,
) -> Result<(Vec<Model>, u64), DbErr> {
    let matching = matching(filter);
    let total = count(db, matching.clone()).await?;
    let rows = matching
        .order_by_desc(Column::BegunAt)
        .order_by_desc(Column::Id)
        .offset(page.offset())
        .limit(u64::from(page.size))
        .all(db)
        .await?;
    Ok((rows, total))
}

async fn count(db: &impl ConnectionTrait, calls: Select<Entity>) -> Result<u64, DbErr> {
    let counted = calls
        .select_only()
        .column(Column::Id)
        .limit(COUNTED_MAX)
        .into_query();
    let statement = Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .from_subquery(counted, "counted")
        .to_owned();
    let row = db.query_one(&statement).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// How often the owners of `calls` called their numbers outside campaigns.
///
/// # Errors
/// What the database says.
pub async fn single_calls_to(
    db: &impl ConnectionTrait,
    calls: &[&Model],
) -> Result<HashMap<(Uuid, String), i64>, DbErr> {
    let numbers: BTreeSet<&str> = calls.iter().map(|call| call.to_number.as_str()).collect();
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let counted: Vec<(Uuid, String, i64)> = Entity::find()
        .select_only()
        .columns([Column::OwnerId, Column::ToNumber])
        .expr_as(Expr::col(Column::Id).count().cast_as("BIGINT"), "calls")
        .filter(Column::ToNumber.is_in(numbers))
        .filter(Column::CampaignId.is_null())
        .filter(Column::Direction.eq(Direction::Outbound.as_str()))
        .group_by(Column::OwnerId)
        .group_by(Column::ToNumber)
        .into_tuple()
        .all(db)
        .await?;
    let keyed = counted.into_iter();
    Ok(keyed
        .map(|(owner, number, calls)| ((owner, number), calls))
        .collect())
}

fn matching(filter: &Filter) -> Select<Entity> {
    let contact: RelationDef = Entity::belongs_to(contact::Entity)
        .from(Column::ContactId)
        .to(contact::Column::Id)
        .into();
    let campaign: RelationDef = Entity::belongs_to(campaign::Entity)
        .from(Column::CampaignId)
        .to(campaign::Column::Id)
        .into();
    let status = filter.status.map(|word| Column::Status.eq(word.as_str()));
    let outcome = filter.outcome.map(|word| Column::Outcome.eq(word.as_str()));
    let asked = Condition::all()
        .add_option(
            filter
                .owner
                .map(|owner| Column::OwnerId.eq(owner.into_uuid())),
        )
        .add_option(status)
        .add_option(outcome)
        .add(Column::BegunAt.gte(filter.from))
        .add_option(filter.until.map(|until| Column::BegunAt.lt(until)));
    Entity::find()
        .join(JoinType::LeftJoin, contact)
        .join(JoinType::LeftJoin, campaign)
        .filter(asked)
        .filter(Column::Direction.eq(Direction::Outbound.as_str()))
        .filter(Column::DecidedAt.is_not_null())
        .filter(Column::Outcome.is_in(UNREACHED.map(Outcome::as_str)))
        .filter(Condition::any().add(of_campaign()).add(of_none()))
        .filter(Expr::cust(IS_NOT_SUPPRESSED))
}

/// True for the last call to a contact who may still be reached.
fn of_campaign() -> Condition {
    let done = [ContactStatus::Completed, ContactStatus::DoNotCall].map(ContactStatus::as_str);
    Condition::all()
        .add(campaign::Column::DeletedAt.is_null())
        // A contact that was taken off its campaign has none.
        .add(contact::Column::Status.is_not_in(done))
        .add(Expr::cust(IS_LAST_TO_CONTACT))
}

/// True for the last call to a number, where that was one outside campaigns.
fn of_none() -> Condition {
    Condition::all()
        .add(Column::CampaignId.is_null())
        .add(Expr::cust(IS_LAST_TO_NUMBER))
}
