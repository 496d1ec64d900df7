//! Suppressions as people look for them, with who added them.

use domain::{PhoneNumber, SuppressionId, UserId};
use entity::suppression::{Column, Entity, Model};
use entity::user;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, RelationDef, Select,
};
use uuid::Uuid;

use crate::export::Stretch;
use crate::page::Page;
use crate::suppressions::Source;

/// A suppression and who added it, where anybody did by hand.
pub type Listed = (Model, Option<user::Model>);

/// Which suppressions are looked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this owner; `None`: of everybody.
    pub owner: Option<UserId>,
    /// That came onto the list in this way.
    pub source: Option<Source>,
    /// With these digits in a row in their number.
    pub digits: Option<String>,
}

/// One page of suppressions, the newest first, and how many there are.
///
/// `suppressions_owner_id_id_idx` and `suppressions_owner_id_source_id_idx` serve an owner's, the key everybody's. Digits
/// are looked for in one number after the other.
///
/// # Errors
/// What the database says.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: Page,
) -> Result<(Vec<Listed>, u64), DbErr> {
    let matching = Entity::find().filter(matches(filter));
    let total = matching.clone().count(db).await?;
    let rows = with_adder(matching)
        .order_by_desc(Column::Id)
        .offset(page.offset())
        .limit(u64::from(page.size))
        .select_also(user::Entity)
        .all(db)
        .await?;
    Ok((rows, total))
}

/// The suppressions that `filter` lets through, of `stretch`, the newest first.
///
/// # Errors
/// What the database says.
pub async fn stretch(
    db: &impl ConnectionTrait,
    filter: &Filter,
    stretch: Stretch<Uuid>,
) -> Result<Vec<Listed>, DbErr> {
    let after = stretch.after.map(|after| Column::Id.lt(after));
    with_adder(Entity::find())
        .filter(matches(filter).add_option(after))
        .order_by_desc(Column::Id)
        .offset(stretch.skip)
        .limit(stretch.limit)
        .select_also(user::Entity)
        .all(db)
        .await
}

/// The suppression `id`, if it is of `owner` (`None`: of anybody).
///
/// # Errors
/// What the database says.
pub async fn find(
    db: &impl ConnectionTrait,
    id: SuppressionId,
    owner: Option<UserId>,
) -> Result<Option<Listed>, DbErr> {
    let owner = owner.map(|owner| Column::OwnerId.eq(owner.into_uuid()));
    with_adder(Entity::find_by_id(id.into_uuid()))
        .filter(Condition::all().add_option(owner))
        .select_also(user::Entity)
        .one(db)
        .await
}

/// The suppression of `number` on the list of `owner`, served by `suppressions_owner_id_phone_number_key`.
///
/// # Errors
/// What the database says.
pub async fn find_number(
    db: &impl ConnectionTrait,
    owner: UserId,
    number: &PhoneNumber,
) -> Result<Option<Listed>, DbErr> {
    with_adder(Entity::find())
        .filter(Column::OwnerId.eq(owner.into_uuid()))
        .filter(Column::PhoneNumber.eq(number.expose()))
        .select_also(user::Entity)
        .one(db)
        .await
}

/// Removes the suppression; whether it was there.
///
/// # Errors
/// What the database says.
pub async fn delete(db: &impl ConnectionTrait, id: SuppressionId) -> Result<bool, DbErr> {
    let deleted = Entity::delete_by_id(id.into_uuid()).exec(db).await?;
    Ok(deleted.rows_affected == 1)
}

fn with_adder(query: Select<Entity>) -> Select<Entity> {
    let adder: RelationDef = Entity::belongs_to(user::Entity)
        .from(Column::AddedBy)
        .to(user::Column::Id)
        .into();
    query.join(JoinType::LeftJoin, adder)
}

fn matches(filter: &Filter) -> Condition {
    let owner = filter
        .owner
        .map(|owner| Column::OwnerId.eq(owner.into_uuid()));
    let source = filter
        .source
        .map(|source| Column::Source.eq(source.as_str()));
    let digits = filter.digits.as_deref();
    Condition::all()
        .add_option(owner)
        .add_option(source)
        .add_option(digits.map(|digits| Column::PhoneNumber.contains(digits)))
}
