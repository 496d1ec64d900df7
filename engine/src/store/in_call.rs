//! Who is in a call that is not over.

use std::collections::HashSet;

use domain::{Direction, UserId};
use entity::call::{Column, Entity};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::inbound_calls::came_from;
use super::padded::padded;

/// Which of `wanted` are in a call of their owner's that is not over: called by a campaign or by hand, or calling in.
///
/// # Errors
/// What the database says.
pub async fn among(
    db: &impl ConnectionTrait,
    wanted: &[(UserId, &str)],
) -> Result<HashSet<(UserId, String)>, DbErr> {
    if wanted.is_empty() {
        return Ok(HashSet::new());
    }
    let owners: HashSet<Uuid> = wanted.iter().map(|(owner, _)| owner.into_uuid()).collect();
    let numbers: HashSet<&str> = wanted.iter().map(|(_, number)| *number).collect();
    let live: Vec<(Uuid, String, String, String)> = Entity::find()
        .select_only()
        .columns([
            Column::OwnerId,
            Column::Direction,
            Column::ToNumber,
            Column::FromNumber,
        ])
        .filter(Column::OwnerId.is_in(padded(owners)))
        .filter(with_any(numbers))
        .filter(Column::SettledAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    let live = live.into_iter().map(|(owner, direction, to, from)| {
        let is_inbound = direction == Direction::Inbound.as_str();
        (UserId::from_uuid(owner), if is_inbound { from } else { to })
    });
    Ok(live.collect())
}

/// True for calls to one of `numbers`, and for those that came in from one.
fn with_any<'a>(numbers: impl IntoIterator<Item = &'a str>) -> Condition {
    let numbers = padded(numbers);
    Condition::any()
        .add(Column::ToNumber.is_in(numbers.iter().copied()))
        .add(came_from(numbers))
}
