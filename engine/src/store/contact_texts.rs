//! What contacts are searched by: an index that Postgres keeps beside the contacts, filled a little after them.
//!
//! Whoever adds, renames or removes contacts leaves a note of which in the same transaction; triggers see to it. Until the
//! note is followed, these contacts are looked at one by one, so a search always finds whom it should.

use domain::CampaignId;
use entity::contact;
use entity::contact_text::{Column as Text, Entity as Texts};
use entity::contact_text_due::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    FromQueryResult, QueryFilter, QueryOrder, QuerySelect, SelectExt, Statement, Value,
};

use super::search;

/// Contacts that are followed up in one step.
const STEP_MAX: u64 = 2_000;
/// Sets apart from other locks: the letters `text`.
const LOCK: i64 = 0x7465_7874;

/// The contacts of `campaign` that may have `text` in a name, e-mail or number: everybody who has, and some who have not.
/// `None` where they are more than `max`, or no index knows: then all contacts are to be looked at.
///
/// # Errors
/// What the database says.
pub async fn candidates(
    db: &impl ConnectionTrait,
    campaign: CampaignId,
    text: &str,
    max: usize,
) -> Result<Option<Vec<i64>>, DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(None);
    }
    #[derive(FromQueryResult)]
    struct Candidate {
        contact_id: i64,
    }
    let sql = format!(
        "SELECT contact_id FROM contact_texts WHERE campaign_id = $1 AND text LIKE lower($2) ESCAPE '{escape}' \
         UNION ALL \
         SELECT contacts.id FROM contact_texts_due AS due JOIN contacts ON contacts.campaign_id = due.campaign_id \
         AND contacts.id > due.after_id AND contacts.id <= due.until_id WHERE due.campaign_id = $1 \
         LIMIT $3",
        escape = search::ESCAPE
    );
    let limit = i64::try_from(max).unwrap_or(i64::MAX).saturating_add(1);
    let values: [Value; 3] = [
        campaign.into_uuid().into(),
        search::pattern(text).into(),
        limit.into(),
    ];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let found = Candidate::find_by_statement(statement).all(db).await?;
    if found.len() > max {
        return Ok(None);
    }
    Ok(Some(
        found.into_iter().map(|found| found.contact_id).collect(),
    ))
}

/// True where notes wait to be followed.
///
/// # Errors
/// What the database says.
pub async fn is_any_due(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(false);
    }
    Entity::find().exists(db).await
}

/// Follows the oldest note, for 2,000 contacts at most; how many they were. `None` where there is none, or somebody else is
/// at it. Running it twice writes the same.
///
/// One at a time for all processes: of two that read a contact before and after it was renamed, the first might write last.
///
/// # Errors
/// What the database says.
pub async fn follow_one(txn: &DatabaseTransaction) -> Result<Option<u64>, DbErr> {
    if !lock(txn).await? {
        return Ok(None);
    }
    let Some(note) = Entity::find().order_by_asc(Column::Id).one(txn).await? else {
        return Ok(None);
    };
    let until = end_of_step(txn, &note).await?;
    // What is there of them may be old, or of somebody who is gone.
    Texts::delete_many()
        .filter(Text::CampaignId.eq(note.campaign_id))
        .filter(Text::ContactId.gt(note.after_id))
        .filter(Text::ContactId.lte(until))
        .exec(txn)
        .await?;
    let written = write(txn, &note, until).await?;
    if until == note.until_id {
        Entity::delete_by_id(note.id).exec(txn).await?;
    } else {
        Entity::update_many()
            .col_expr(Column::AfterId, Expr::value(until))
            .filter(Column::Id.eq(note.id))
            .exec(txn)
            .await?;
    }
    Ok(Some(written))
}

/// False where somebody else has the lock, who gives it back with the transaction.
async fn lock(txn: &DatabaseTransaction) -> Result<bool, DbErr> {
    #[derive(FromQueryResult)]
    struct Lock {
        is_ours: bool,
    }
    let sql = format!("SELECT pg_try_advisory_xact_lock({LOCK}) AS is_ours");
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let lock = Lock::find_by_statement(statement).one(txn).await?;
    Ok(lock.is_some_and(|lock| lock.is_ours))
}

/// Up to which contact a step goes: the last of the note's, where these are not too many.
async fn end_of_step(txn: &DatabaseTransaction, note: &Model) -> Result<i64, DbErr> {
    let last: Option<i64> = contact::Entity::find()
        .select_only()
        .column(contact::Column::Id)
        .filter(contact::Column::CampaignId.eq(note.campaign_id))
        .filter(contact::Column::Id.gt(note.after_id))
        .filter(contact::Column::Id.lte(note.until_id))
        .order_by_asc(contact::Column::Id)
        .offset(STEP_MAX - 1)
        .limit(1)
        .into_tuple()
        .one(txn)
        .await?;
    Ok(last.unwrap_or(note.until_id))
}

/// Writes down what the note's contacts up to `until` are searched by; how many they are.
async fn write(txn: &DatabaseTransaction, note: &Model, until: i64) -> Result<u64, DbErr> {
    // A line each, so that none goes on in the next.
    let sql = "INSERT INTO contact_texts (campaign_id, contact_id, text) \
         SELECT campaign_id, id, lower(concat_ws(E'\\n', NULLIF(name, both_names), both_names, email, phone_number)) \
         FROM contacts, LATERAL (SELECT COALESCE(first_name, '') || ' ' || COALESCE(last_name, '') AS both_names) AS names \
         WHERE campaign_id = $1 AND id > $2 AND id <= $3";
    let values: [Value; 3] = [note.campaign_id.into(), note.after_id.into(), until.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    Ok(txn.execute_raw(statement).await?.rows_affected())
}
