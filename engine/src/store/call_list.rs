//! Calls as people look for them.

use std::collections::{BTreeSet, HashMap};

use domain::{CallStatus, CampaignId, ContactId, Outcome};
use entity::call::{Column, Entity, Model};
use entity::contact;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::page::Page;
use crate::period::Period;

/// Which calls are looked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of which campaign; `None`: of any, and of none.
    pub campaign: Option<CampaignId>,
    /// Standing where.
    pub status: Option<CallStatus>,
    /// With what outcome.
    pub outcome: Option<Outcome>,
    /// To whom.
    pub contact: Option<ContactId>,
    /// Begun when.
    pub period: Period,
}

/// One page of calls, the last begun first, and how many there are. What began at the same instant follows by id.
///
/// `calls_campaign_id_begun_at_idx` serves the calls of a campaign: their order, their period, and their number.
///
/// # Errors
/// What the database says.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: Page,
) -> Result<(Vec<Model>, u64), DbErr> {
    let matching = Entity::find().filter(matching(filter));
    let total = matching.clone().count(db).await?;
    let rows = matching
        .order_by_desc(Column::BegunAt)
        .order_by_desc(Column::Id)
        .offset(page.offset())
        .limit(u64::from(page.size))
        .all(db)
        .await?;
    Ok((rows, total))
}

/// The names of those of `contacts` that have one, by their ids.
///
/// # Errors
/// What the database says.
pub async fn contact_names(
    db: &impl ConnectionTrait,
    contacts: BTreeSet<i64>,
) -> Result<HashMap<i64, String>, DbErr> {
    if contacts.is_empty() {
        return Ok(HashMap::new());
    }
    let named: Vec<(i64, String)> = contact::Entity::find()
        .select_only()
        .column(contact::Column::Id)
        .column(contact::Column::Name)
        .filter(contact::Column::Id.is_in(contacts))
        .filter(contact::Column::Name.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(named.into_iter().collect())
}

/// True for the calls that `filter` means.
pub(super) fn matching(filter: &Filter) -> Condition {
    let campaign = filter.campaign.map(CampaignId::into_uuid);
    let contact = filter.contact.map(ContactId::into_i64);
    Condition::all()
        .add_option(campaign.map(|id| Column::CampaignId.eq(id)))
        .add_option(filter.status.map(|word| Column::Status.eq(word.as_str())))
        .add_option(filter.outcome.map(|word| Column::Outcome.eq(word.as_str())))
        .add_option(contact.map(|id| Column::ContactId.eq(id)))
        .add_option(filter.period.from.map(|from| Column::BegunAt.gte(from)))
        .add_option(filter.period.until.map(|until| Column::BegunAt.lt(until)))
}
