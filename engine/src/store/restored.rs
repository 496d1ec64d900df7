//! What a restored backup is compared with: the last that its books knew, and whom a call may have been to.

use chrono::{DateTime, Utc};
use domain::{CampaignId, ContactId, Direction};
use entity::{call, campaign, contact};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

/// The worker of calls that were taken in from the carrier's list.
pub const RESTORED: &str = "restored";

/// When the last call was begun that the books know by themselves.
///
/// # Errors
/// What the database says.
pub async fn last_begun(db: &impl ConnectionTrait) -> Result<Option<DateTime<Utc>>, DbErr> {
    let by_itself = Condition::any()
        .add(call::Column::Worker.is_null())
        .add(call::Column::Worker.ne(RESTORED));
    call::Entity::find()
        .select_only()
        .column(call::Column::BegunAt)
        .filter(call::Column::Direction.eq(Direction::Outbound.as_str()))
        .filter(by_itself)
        .order_by_desc(call::Column::BegunAt)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}

/// Has every call that is to be looked at some time looked at from `now` on; how many these are.
///
/// # Errors
/// What the database says.
pub async fn ask_about_all(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let asked = call::Entity::update_many()
        .col_expr(call::Column::CheckAt, Expr::value(now))
        .col_expr(call::Column::AskAt, Expr::value(None::<DateTime<Utc>>))
        .filter(call::Column::CheckAt.is_not_null())
        .exec(db)
        .await?;
    Ok(asked.rows_affected)
}

/// The contacts that a call to one of `people` may have been to, in campaigns that call from `shown` (`None`: from any
/// number).
///
/// # Errors
/// What the database says.
pub async fn contacts_of(
    db: &impl ConnectionTrait,
    people: Vec<String>,
    shown: Option<String>,
) -> Result<Vec<(CampaignId, ContactId)>, DbErr> {
    let mut query = contact::Entity::find()
        .select_only()
        .columns([contact::Column::CampaignId, contact::Column::Id])
        .filter(contact::Column::PhoneNumber.is_in(people));
    if let Some(shown) = shown {
        let campaigns = Query::select()
            .column(campaign::Column::Id)
            .from(campaign::Entity)
            .and_where(campaign::Column::PhoneNumber.eq(shown))
            .to_owned();
        query = query.filter(contact::Column::CampaignId.in_subquery(campaigns));
    }
    let found: Vec<(Uuid, i64)> = query
        .order_by_asc(contact::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let ids = found.into_iter();
    Ok(ids
        .map(|(campaign, contact)| {
            (
                CampaignId::from_uuid(campaign),
                ContactId::from_i64(contact),
            )
        })
        .collect())
}
