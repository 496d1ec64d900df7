//! Contacts as people look for them.

use domain::{CampaignId, ContactStatus};
use entity::contact::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::any_of::any_of;
use super::search;
use crate::page::Page;

/// Which contacts are looked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Standing where.
    pub status: Option<ContactStatus>,
    /// With this text in a name, e-mail or phone number.
    pub search: Option<String>,
    /// One of these, where nobody else can be among them: saves looking at the others.
    pub among: Option<Vec<i64>>,
}

/// One page of a campaign's contacts in the order of import.
///
/// # Errors
/// What the database says.
pub async fn page(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    filter: &Filter,
    page: Page,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(matches(db.get_database_backend(), campaign, filter))
        .order_by_asc(Column::Id)
        .offset(page.offset())
        .limit(u64::from(page.size))
        .all(db)
        .await
}

/// How many contacts of the campaign `filter` lets through, counted one by one. Without a search the campaign's counters
/// know it.
///
/// # Errors
/// What the database says.
pub async fn count(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    filter: &Filter,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(matches(db.get_database_backend(), campaign, filter))
        .count(db)
        .await
}

/// True of the contacts of `campaign` that `filter` lets through.
pub(super) fn matches(backend: DbBackend, campaign: CampaignId, filter: &Filter) -> Condition {
    let mut condition = Condition::all().add(Column::CampaignId.eq(campaign.into_uuid()));
    if let Some(status) = filter.status {
        condition = condition.add(Column::Status.eq(status.as_str()));
    }
    if let Some(text) = &filter.search {
        let searched = SEARCHED.map(Expr::col).into_iter();
        let searched = searched.chain([Expr::cust(BOTH_NAMES)]);
        condition = condition.add(search::contains(backend, searched, text));
    }
    if let Some(ids) = &filter.among {
        condition = condition.add(any_of(backend, Column::Id, ids.iter().copied()));
    }
    condition
}

const SEARCHED: [Column; 5] = [
    Column::Name,
    Column::FirstName,
    Column::LastName,
    Column::Email,
    Column::PhoneNumber,
];

/// Whoever was given another name is still found by the first and the last one.
const BOTH_NAMES: &str = "COALESCE(first_name, '') || ' ' || COALESCE(last_name, '')";

/// The numbers of a campaign's first contacts, in the order of import, at most `limit`.
///
/// # Errors
/// What the database says.
pub async fn numbers(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    limit: u32,
) -> Result<Vec<String>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::PhoneNumber)
        .filter(Column::CampaignId.eq(campaign.into_uuid()))
        .order_by_asc(Column::Id)
        .limit(u64::from(limit))
        .into_tuple()
        .all(db)
        .await
}
