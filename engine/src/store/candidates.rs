//! Contacts that are about to be called, and what speaks against it.

use std::collections::HashMap;

use domain::ContactId;
use entity::contact::{Column, Model};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, Iden, Iterable, Statement, Value,
};

use super::inbound_calls::INBOUND;
use super::padded::padded;

/// A contact, and what is known of the person behind its number.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Candidate {
    /// The contact.
    #[sea_orm(nested)]
    pub contact: Model,
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
    let ids = padded(ids.into_iter().map(ContactId::into_i64));
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let columns: Vec<String> = Column::iter()
        .map(|column| format!("contacts.{}", column.to_string()))
        .collect();
    let places: Vec<String> = (1..=ids.len()).map(|place| format!("${place}")).collect();
    let (columns, places) = (columns.join(", "), places.join(", "));
    // Answered for each contact by an index: without this Postgres reads whole tables once for a large batch.
    let each = "LIMIT 1 OFFSET 0";
    let live = "SELECT 1 FROM calls WHERE calls.owner_id = campaigns.owner_id AND calls.settled_at IS NULL";
    let sql = format!(
        "SELECT {columns}, \
         EXISTS (SELECT 1 FROM suppressions WHERE suppressions.owner_id = campaigns.owner_id \
         AND suppressions.phone_number = contacts.phone_number {each}) AS is_suppressed, \
         EXISTS ({live} AND calls.to_number = contacts.phone_number AND NOT {INBOUND} {each}) \
         OR EXISTS ({live} AND calls.from_number = contacts.phone_number AND {INBOUND} {each}) AS is_in_call \
         FROM contacts JOIN campaigns ON campaigns.id = contacts.campaign_id WHERE contacts.id IN ({places})"
    );
    let values = ids.into_iter().map(Value::from);
    let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
    let found = Candidate::find_by_statement(statement).all(txn).await?;
    let found = found.into_iter();
    Ok(found
        .map(|it| (ContactId::from_i64(it.contact.id), it))
        .collect())
}
