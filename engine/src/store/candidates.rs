//! Contacts that are about to be called, and what speaks against it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::ContactId;
use entity::contact::{Column, Model};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Iden, Iterable,
    Statement, Value,
};

use super::inbound_calls::INBOUND;
use super::padded::{padded, planned};

/// A contact, and what is known of the person behind its number.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Candidate {
    /// The contact.
    #[sea_orm(nested)]
    pub contact: Model,
    /// When its campaign was last changed.
    pub campaign_updated_at: DateTime<Utc>,
    /// Of one that waits for a callback: when its last call ended.
    pub last_ended_at: Option<DateTime<Utc>>,
    /// True where the campaign's owner must not call the number.
    pub is_suppressed: bool,
    /// True where the person is in a call of the owner's that is not over: called by a campaign or by hand, or calling in.
    pub is_in_call: bool,
}

/// Those of `ids` that exist. True until the commit where the decisions about calls to the owners' people are this
/// transaction's ([`super::people::decide_alone`]), and the counters of the campaigns are locked.
///
/// # Errors
/// What the database says.
pub async fn find_all(
    txn: &DatabaseTransaction,
    ids: impl IntoIterator<Item = ContactId>,
) -> Result<HashMap<ContactId, Candidate>, DbErr> {
    let ids: Vec<i64> = ids.into_iter().map(ContactId::into_i64).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let backend = txn.get_database_backend();
    let (ids, values) = match backend {
        DbBackend::Postgres => ("= ANY ($1)".to_owned(), vec![Value::from(planned(ids))]),
        _ => {
            let ids = padded(ids);
            let places = vec!["?"; ids.len()].join(", ");
            let values = ids.into_iter().map(Value::from).collect();
            (format!("IN ({places})"), values)
        }
    };
    let columns: Vec<String> = Column::iter()
        .map(|column| format!("contacts.{}", column.to_string()))
        .collect();
    let columns = columns.join(", ");
    let its = |column| has_its_number(backend, column);
    let (suppressed, called, calling) = (
        its("suppressions.phone_number"),
        its("calls.to_number"),
        its("calls.from_number"),
    );
    let owned = "owner_id = campaigns.owner_id";
    // Said so that no index of owners serves: they have more calls by the minute.
    let live = "SELECT 1 FROM calls WHERE calls.owner_id IS NOT DISTINCT FROM campaigns.owner_id AND calls.settled_at IS NULL";
    let last_ended = "SELECT MAX(ended_at) FROM calls WHERE calls.contact_id = contacts.id";
    let sql = format!(
        "SELECT {columns}, campaigns.updated_at AS campaign_updated_at, \
         CASE WHEN contacts.priority = 0 THEN ({last_ended}) END AS last_ended_at, \
         EXISTS (SELECT 1 FROM suppressions WHERE suppressions.{owned} AND {suppressed}) AS is_suppressed, \
         EXISTS ({live} AND NOT {INBOUND} AND {called}) \
         OR EXISTS ({live} AND {INBOUND} AND {calling}) AS is_in_call \
         FROM contacts JOIN campaigns ON campaigns.id = contacts.campaign_id WHERE contacts.id {ids}"
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let found = Candidate::find_by_statement(statement).all(txn).await?;
    let found = found.into_iter();
    Ok(found
        .map(|it| (ContactId::from_i64(it.contact.id), it))
        .collect())
}

/// The end of a search for one row whose `column` has the contact's number, by an index of that column.
///
/// A plan that Postgres made while the table was empty goes by any index, and all that it has. So rows are asked for in the
/// order of numbers, of which there is one, and for each contact by itself.
fn has_its_number(backend: DbBackend, column: &str) -> String {
    let number = "contacts.phone_number";
    match backend {
        DbBackend::Postgres => {
            format!("{column} BETWEEN {number} AND {number} ORDER BY {column} LIMIT 1 OFFSET 0")
        }
        _ => format!("{column} = {number} LIMIT 1"),
    }
}
