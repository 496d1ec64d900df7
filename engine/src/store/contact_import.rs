//! Contacts, as an import adds them.

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use domain::{CampaignId, ContactStatus};
use entity::contact::{Column, Entity};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Statement, Value,
};

use super::batch_insert::BatchInsert;
use crate::contacts::NewContact;

/// Sets apart from other locks of this kind: the letters `impo`.
const KIND: i32 = 0x696D_706F;

/// Waits until nobody else imports into `campaign` or changes a number of it, and keeps it so until the transaction ends: two
/// of the same numbers would wait for each other's. To be taken before all other locks. SQLite has one writer, who is alone
/// anyway.
///
/// # Errors
/// What the database says.
pub(crate) async fn alone(txn: &DatabaseTransaction, campaign: CampaignId) -> Result<(), DbErr> {
    if txn.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    // The random digits of the id are its last. Should two campaigns share them, they wait for each other.
    let [.., a, b, c, d] = *campaign.into_uuid().as_bytes();
    let place = i32::from_be_bytes([a, b, c, d]);
    let sql = "SELECT pg_advisory_xact_lock($1, $2)";
    let statement =
        Statement::from_sql_and_values(DbBackend::Postgres, sql, [KIND.into(), place.into()]);
    txn.execute_raw(statement).await.map(drop)
}

/// Waits until all that was committed for `campaign` without waiting for Postgres' disk is there: whatever waits for it waits
/// for all before it.
///
/// # Errors
/// What the database says.
pub(crate) async fn flush(db: &impl ConnectionTrait, campaign: CampaignId) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = "UPDATE campaign_counters SET wake_at = wake_at WHERE campaign_id = $1";
    let values = [campaign.into_uuid().into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    db.execute_raw(statement).await.map(drop)
}

/// Adds those of `contacts` whose number the campaign does not have yet, due at `now`; how many they were. At most 2,000 at
/// once, on SQLite 500. Nobody else may import into the campaign meanwhile: [`alone`]. Running
/// it twice adds nothing more.
///
/// On Postgres those that are there are looked for first: adding one again would wait for whoever is changing it just now,
/// and hold up all other imports. So nobody is left who is there already, and it is not looked for twice.
///
/// # Errors
/// What the database says; on Postgres also that a number is there already, where somebody who was not alone has just added it.
pub(crate) async fn insert_new(
    txn: &DatabaseTransaction,
    campaign: CampaignId,
    contacts: &[NewContact],
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let backend = txn.get_database_backend();
    let (insert, new) = if backend == DbBackend::Postgres {
        let mut known = known_of(txn, campaign, contacts).await?;
        let number = |contact: &&NewContact| contact.phone_number.expose().to_owned();
        let new = contacts
            .iter()
            .filter(|contact| known.insert(number(contact)));
        (&*NEW, new.collect())
    } else {
        (&*NEW_OR_KNOWN, contacts.iter().collect::<Vec<_>>())
    };
    if new.is_empty() {
        return Ok(0);
    }
    let rows = new.into_iter().map(row).collect();
    let insert = insert.statement_of_same(backend, same(campaign, now), rows)?;
    Ok(txn.execute_raw(insert).await?.rows_affected())
}

/// A contact that was never called.
static NEW: LazyLock<BatchInsert> = LazyLock::new(|| never_called(""));
/// The same, where somebody may have its number.
static NEW_OR_KNOWN: LazyLock<BatchInsert> =
    LazyLock::new(|| never_called("ON CONFLICT (campaign_id, phone_number) DO NOTHING"));

fn never_called(tail: &str) -> BatchInsert {
    let columns = [
        Column::PhoneNumber,
        Column::Name,
        Column::FirstName,
        Column::LastName,
        Column::Email,
        Column::Timezone,
        Column::Metadata,
    ];
    BatchInsert::new::<Entity>(columns, tail).with_same([
        Column::CampaignId,
        Column::Status,
        Column::NextAttemptAt,
        Column::CreatedAt,
        Column::UpdatedAt,
    ])
}

/// Its values in that order.
fn row(contact: &NewContact) -> Vec<Value> {
    vec![
        contact.phone_number.expose().into(),
        contact.name.clone().into(),
        contact.first_name.clone().into(),
        contact.last_name.clone().into(),
        contact.email.clone().into(),
        contact.timezone.clone().into(),
        contact.metadata.clone().into(),
    ]
}

/// And those of all.
fn same(campaign: CampaignId, now: DateTime<Utc>) -> Vec<Value> {
    vec![
        campaign.into_uuid().into(),
        ContactStatus::Pending.as_str().into(),
        now.into(),
        now.into(),
        now.into(),
    ]
}

/// The numbers among those of `contacts` that the campaign has.
async fn known_of(
    txn: &DatabaseTransaction,
    campaign: CampaignId,
    contacts: &[NewContact],
) -> Result<HashSet<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Known {
        number: String,
    }
    let numbers = contacts.iter().map(|contact| contact.phone_number.expose());
    let numbers: Vec<String> = numbers.map(str::to_owned).collect();
    // Looked for one by one, in an order that only the index of numbers has: a plan that was made while the table was empty
    // would read all contacts of the campaign, for each number.
    let sql = "SELECT number FROM unnest($2) AS numbers (number), LATERAL (SELECT phone_number FROM contacts \
        WHERE campaign_id = $1 AND phone_number BETWEEN number AND number ORDER BY phone_number LIMIT 1) AS known";
    let values = [campaign.into_uuid().into(), numbers.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let found = Known::find_by_statement(statement).all(txn).await?;
    Ok(found.into_iter().map(|known| known.number).collect())
}
