//! Contacts, as an import adds them. The campaign's counters must be locked.

use std::collections::HashSet;
use std::iter;

use chrono::{DateTime, Utc};
use domain::{CampaignId, ContactStatus};
use entity::contact::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, FromQueryResult, Set,
    Statement,
};

use crate::contacts::NewContact;

/// Adds those of `contacts` whose number the campaign does not have yet, due at `now`; how many they were. At most 500 at
/// once. Running it twice adds nothing more.
///
/// Those that are there are looked for first: adding one again would wait for whoever is changing it just now, who may wait
/// for the counters.
///
/// # Errors
/// What the database says.
pub(crate) async fn insert_new(
    txn: &DatabaseTransaction,
    campaign: CampaignId,
    contacts: &[NewContact],
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let known = known_of(txn, campaign, contacts).await?;
    let new = contacts
        .iter()
        .filter(|contact| !known.contains(contact.phone_number.expose()));
    let mut rows = new.map(|contact| ActiveModel {
        campaign_id: Set(campaign.into_uuid()),
        phone_number: Set(contact.phone_number.expose().to_owned()),
        name: Set(contact.name.clone()),
        first_name: Set(contact.first_name.clone()),
        last_name: Set(contact.last_name.clone()),
        email: Set(contact.email.clone()),
        timezone: Set(contact.timezone.clone()),
        metadata: Set(contact.metadata.clone()),
        status: Set(ContactStatus::Pending.to_string()),
        next_attempt_at: Set(Some(now)),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    });
    let Some(first) = rows.next() else {
        return Ok(0);
    };
    Entity::insert_many(iter::once(first).chain(rows))
        .on_conflict(
            OnConflict::columns([Column::CampaignId, Column::PhoneNumber])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await
}

/// The numbers among those of `contacts` that the campaign has. On SQLite there is one writer, who waits for nobody.
async fn known_of(
    txn: &DatabaseTransaction,
    campaign: CampaignId,
    contacts: &[NewContact],
) -> Result<HashSet<String>, DbErr> {
    if txn.get_database_backend() != DbBackend::Postgres {
        return Ok(HashSet::new());
    }
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
