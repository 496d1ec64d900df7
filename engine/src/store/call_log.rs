//! Calls of all campaigns, and of those outside any, in the order in which they were begun.

use chrono::{DateTime, Utc};
use domain::{Direction, UserId};
use entity::call::{Column, Entity, Model};
use entity::contact;
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Func, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationDef, Select,
};
use uuid::Uuid;

use super::inbound_calls::{INBOUND, came_from};
use super::{call_list, search};
use crate::period::Period;

/// Calls are counted up to here: nobody turns so many pages, and a count walks over all it counts.
pub const TOTAL_MAX: u64 = 1_000_000;

/// Which calls are looked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Whose; `None`: everybody's.
    pub owner: Option<UserId>,
    /// What can be asked of a campaign's calls as well.
    pub calls: call_list::Filter,
    /// Who called whom.
    pub direction: Option<Direction>,
    /// To one of these, or inbound from one of these; empty: with anybody. E.164.
    pub numbers: Vec<String>,
    /// With this text in a number or in the contact's name.
    pub search: Option<String>,
}

/// The place of a call in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// When it was begun.
    pub begun_at: DateTime<Utc>,
    /// What was begun at the same instant follows by id.
    pub id: Uuid,
}

impl Key {
    /// The place of `row`.
    #[must_use]
    pub const fn of(row: &Model) -> Self {
        Self {
            begun_at: row.begun_at,
            id: row.id,
        }
    }
}

/// Which stretch of the order is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Window {
    /// What is left after so many.
    Offset(u64),
    /// What was begun before this one, beginning next to it.
    After(Key),
    /// What was begun after this one, ending next to it.
    Before(Key),
}

/// How many calls there are, counted up to [`TOTAL_MAX`].
///
/// # Errors
/// What the database says.
pub async fn count(db: &impl ConnectionTrait, filter: &Filter) -> Result<u64, DbErr> {
    counted_up_to(db, filter, TOTAL_MAX).await
}

/// How many calls there are; `max` where there are more.
///
/// # Errors
/// What the database says.
pub async fn counted_up_to(
    db: &impl ConnectionTrait,
    filter: &Filter,
    max: u64,
) -> Result<u64, DbErr> {
    let wanted = matching(db.get_database_backend(), filter)
        .select_only()
        .column(Column::Id)
        .limit(max);
    let counting = Query::select()
        .expr(Func::count(Expr::col(Asterisk)))
        .from_subquery(wanted.into_query(), "wanted")
        .to_owned();
    let row = db.query_one(&counting).await?;
    let total: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(total.and_then(|total| total.try_into().ok()).unwrap_or(0))
}

/// At most `size` calls of `window`, the last begun first, and whether there are more beyond them.
///
/// `calls_owner_id_begun_at_idx` serves an owner's calls, `calls_begun_at_idx` everybody's.
///
/// # Errors
/// What the database says.
pub async fn stretch(
    db: &impl ConnectionTrait,
    filter: &Filter,
    window: Window,
    size: u32,
) -> Result<(Vec<Model>, bool), DbErr> {
    let wanted = matching(db.get_database_backend(), filter);
    let wanted = match window {
        Window::Offset(offset) => newest_first(wanted).offset(offset),
        Window::After(key) => newest_first(wanted).filter(is_before(key)),
        Window::Before(key) => wanted
            .filter(is_after(key))
            .order_by_asc(Column::BegunAt)
            .order_by_asc(Column::Id),
    };
    let mut rows = wanted.limit(u64::from(size) + 1).all(db).await?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let has_more = rows.len() > size;
    rows.truncate(size);
    if let Window::Before(_) = window {
        rows.reverse();
    }
    Ok((rows, has_more))
}

/// The call that the carrier, or else the agent's provider, calls `name`; the one begun last.
///
/// # Errors
/// What the database says.
pub async fn find_by_name(
    db: &impl ConnectionTrait,
    name: &str,
    owner: Option<UserId>,
) -> Result<Option<Model>, DbErr> {
    for column in [Column::CarrierCallId, Column::ConversationId] {
        let named = newest_first(owned(owner).filter(column.eq(name)));
        if let Some(row) = named.one(db).await? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The last `size` calls to `number`, served by `calls_to_number_begun_at_idx`.
///
/// # Errors
/// What the database says.
pub async fn last_to(
    db: &impl ConnectionTrait,
    owner: Option<UserId>,
    number: &str,
    size: u64,
) -> Result<Vec<Model>, DbErr> {
    let theirs = owned(owner).filter(Column::ToNumber.eq(number));
    newest_first(theirs).limit(size).all(db).await
}

/// The last `size` calls that came in from `number`, served by `calls_from_number_begun_at_idx`.
///
/// # Errors
/// What the database says.
pub async fn last_from(
    db: &impl ConnectionTrait,
    owner: Option<UserId>,
    number: &str,
    size: u64,
) -> Result<Vec<Model>, DbErr> {
    let theirs = owned(owner)
        .filter(Expr::cust(INBOUND))
        .filter(Column::FromNumber.eq(number));
    newest_first(theirs).limit(size).all(db).await
}

/// How many calls that were begun in `period` were taken for a machine's by mistake: the few that
/// `calls_false_positive_idx` holds.
///
/// # Errors
/// What the database says.
pub async fn false_positives(
    db: &impl ConnectionTrait,
    owner: Option<UserId>,
    period: Period,
) -> Result<u64, DbErr> {
    let begun = Condition::all()
        .add_option(period.from.map(|from| Column::BegunAt.gte(from)))
        .add_option(period.until.map(|until| Column::BegunAt.lt(until)));
    owned(owner)
        .filter(Column::FalsePositiveAt.is_not_null())
        .filter(begun)
        .count(db)
        .await
}

fn owned(owner: Option<UserId>) -> Select<Entity> {
    let owner = owner.map(|owner| Column::OwnerId.eq(owner.into_uuid()));
    Entity::find().filter(Condition::all().add_option(owner))
}

fn matching(backend: DbBackend, filter: &Filter) -> Select<Entity> {
    let mut wanted = owned(filter.owner).filter(call_list::matching(&filter.calls));
    wanted = match filter.direction {
        Some(Direction::Inbound) => wanted.filter(Expr::cust(INBOUND)),
        Some(Direction::Outbound) => {
            wanted.filter(Column::Direction.eq(Direction::Outbound.as_str()))
        }
        None => wanted,
    };
    if !filter.numbers.is_empty() {
        let numbers = || filter.numbers.iter().map(String::as_str);
        let theirs = Condition::any()
            .add(Column::ToNumber.is_in(numbers()))
            .add(came_from(numbers()));
        wanted = wanted.filter(theirs);
    }
    match &filter.search {
        Some(text) => searched(backend, wanted, text),
        None => wanted,
    }
}

fn searched(backend: DbBackend, calls: Select<Entity>, text: &str) -> Select<Entity> {
    let contact: RelationDef = Entity::belongs_to(contact::Entity)
        .from(Column::ContactId)
        .to(contact::Column::Id)
        .into();
    let columns = [
        Expr::col((Entity, Column::ToNumber)),
        Expr::col((Entity, Column::FromNumber)),
        Expr::col((contact::Entity, contact::Column::Name)),
    ];
    calls
        .join(JoinType::LeftJoin, contact)
        .filter(search::contains(backend, columns, text))
}

fn newest_first(calls: Select<Entity>) -> Select<Entity> {
    calls
        .order_by_desc(Column::BegunAt)
        .order_by_desc(Column::Id)
}

/// The first condition lets the index find the place, the second settles what was begun at the same instant.
fn is_before(key: Key) -> Condition {
    let tie = Condition::any()
        .add(Column::BegunAt.lt(key.begun_at))
        .add(Expr::col((Entity, Column::Id)).lt(key.id));
    Condition::all()
        .add(Column::BegunAt.lte(key.begun_at))
        .add(tie)
}

/// True for what comes after `key` where the first begun is the first.
pub(super) fn is_after(key: Key) -> Condition {
    let tie = Condition::any()
        .add(Column::BegunAt.gt(key.begun_at))
        .add(Expr::col((Entity, Column::Id)).gt(key.id));
    Condition::all()
        .add(Column::BegunAt.gte(key.begun_at))
        .add(tie)
}
