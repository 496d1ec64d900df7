//! What calls belong to, by name.

use std::collections::{BTreeSet, HashMap};

use entity::call::Model;
use entity::{agent, campaign};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::call_list::contact_names;

/// Names by ids.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Of campaigns, deleted or not.
    pub campaigns: HashMap<Uuid, String>,
    /// Of agents that were listed once.
    pub agents: HashMap<String, String>,
    /// Of contacts that have one.
    pub contacts: HashMap<i64, String>,
}

/// The names of everything that `calls` belong to: three statements, however many calls.
///
/// # Errors
/// What the database says.
pub async fn of(db: &impl ConnectionTrait, calls: &[Model]) -> Result<Names, DbErr> {
    let contacts = calls.iter().filter_map(|call| call.contact_id).collect();
    Ok(Names {
        campaigns: campaigns(db, calls).await?,
        agents: agents(db, calls).await?,
        contacts: contact_names(db, contacts).await?,
    })
}

async fn campaigns(
    db: &impl ConnectionTrait,
    calls: &[Model],
) -> Result<HashMap<Uuid, String>, DbErr> {
    let ids: BTreeSet<Uuid> = calls.iter().filter_map(|call| call.campaign_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let named: Vec<(Uuid, String)> = campaign::Entity::find()
        .select_only()
        .columns([campaign::Column::Id, campaign::Column::Name])
        .filter(campaign::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    Ok(named.into_iter().collect())
}

async fn agents(
    db: &impl ConnectionTrait,
    calls: &[Model],
) -> Result<HashMap<String, String>, DbErr> {
    let ids: BTreeSet<&str> = calls
        .iter()
        .filter_map(|call| call.agent_id.as_deref())
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let named: Vec<(String, String)> = agent::Entity::find()
        .select_only()
        .columns([agent::Column::Id, agent::Column::Name])
        .filter(agent::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    Ok(named.into_iter().collect())
}
