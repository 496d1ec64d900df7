//! Campaigns as people look for them: with their live figures, by one join.

use domain::lifecycle::Status;
use domain::{CampaignId, UserId};
use entity::campaign::{Column, Entity, Model};
use entity::campaign_counters;
use sea_orm::sea_query::extension::postgres::PgExpr;
use sea_orm::sea_query::{Expr, NullOrdering};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, JoinType, Order,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationDef, Select,
};
use serde_json::json;

use super::search;
use crate::page::Page;

/// A campaign and what it comes to.
pub type WithCounters = (Model, campaign_counters::Model);

/// Which campaigns are looked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Whose; `None`: everybody's.
    pub owner: Option<UserId>,
    /// Standing where.
    pub status: Option<Status>,
    /// With this text in name or description.
    pub search: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
}

/// In which order; campaigns that are equal in it follow by id.
#[derive(Clone, Debug)]
pub struct Sort {
    /// By which column. Rows without a value come last.
    pub column: Column,
    /// Up or down.
    pub order: Order,
}

/// The campaign with its counters, unless it was deleted or belongs to somebody else than `owner`.
///
/// # Errors
/// What the database says.
pub async fn find(
    db: &impl ConnectionTrait,
    id: CampaignId,
    owner: Option<UserId>,
) -> Result<Option<WithCounters>, DbErr> {
    let filter = Filter {
        owner,
        ..Filter::default()
    };
    let found = joined(db.get_database_backend(), &filter)
        .filter(Column::Id.eq(id.into_uuid()))
        .select_also(campaign_counters::Entity)
        .one(db)
        .await?;
    Ok(found.and_then(with_counters))
}

/// One page of campaigns, and how many there are.
///
/// # Errors
/// What the database says.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    sort: Sort,
    page: Page,
) -> Result<(Vec<WithCounters>, u64), DbErr> {
    let backend = db.get_database_backend();
    let total = matching(backend, filter).count(db).await?;
    let rows = joined(backend, filter)
        .order_by_with_nulls(sort.column, sort.order.clone(), NullOrdering::Last)
        .order_by(Column::Id, sort.order)
        .offset(page.offset())
        .limit(u64::from(page.size))
        .select_also(campaign_counters::Entity)
        .all(db)
        .await?;
    Ok((rows.into_iter().filter_map(with_counters).collect(), total))
}

/// Every campaign has counters from its first transaction on.
fn with_counters(row: (Model, Option<campaign_counters::Model>)) -> Option<WithCounters> {
    Some((row.0, row.1?))
}

fn joined(backend: DbBackend, filter: &Filter) -> Select<Entity> {
    let counters: RelationDef = Entity::belongs_to(campaign_counters::Entity)
        .from(Column::Id)
        .to(campaign_counters::Column::CampaignId)
        .into();
    matching(backend, filter).join(JoinType::InnerJoin, counters)
}

fn matching(backend: DbBackend, filter: &Filter) -> Select<Entity> {
    let mut condition = Condition::all().add(Column::DeletedAt.is_null());
    if let Some(owner) = filter.owner {
        condition = condition.add(Column::OwnerId.eq(owner.into_uuid()));
    }
    if let Some(status) = filter.status {
        condition = condition.add(Column::Status.eq(status.as_str()));
    }
    if let Some(text) = &filter.search {
        let columns = [Column::Name, Column::Description].map(|column| Expr::col((Entity, column)));
        condition = condition.add(search::contains(backend, columns, text));
    }
    if let Some(tag) = &filter.tag {
        condition = condition.add(is_tagged(backend, tag));
    }
    Entity::find().filter(condition)
}

/// True for campaigns that have `tag` in their list of them.
fn is_tagged(backend: DbBackend, tag: &str) -> Expr {
    match backend {
        DbBackend::Sqlite => Expr::cust_with_values(
            "EXISTS (SELECT 1 FROM json_each(campaigns.tags) AS tag WHERE tag.value = ?)",
            [tag],
        ),
        _ => Expr::col((Entity, Column::Tags)).contains(Expr::val(json!([tag]))),
    }
}
