//! What contacts are searched by: an index that Postgres keeps beside the contacts, filled a little after them.
//!
//! Whoever adds, renames or removes contacts leaves a note of which in the same transaction; triggers see to it. Until the
//! note is followed, these contacts are looked at one by one, so a search always finds whom it should.

use domain::CampaignId;
use entity::contact_text_due::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    FromQueryResult, QueryFilter, QueryOrder, QuerySelect, SelectExt, Statement, Value,
};

use super::any_of::any_of;
use super::search;

/// Contacts of one step.
const STEP_MAX: i64 = 2_000;
/// Notes of one step.
const NOTES_MAX: u64 = 500;
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
         SELECT named.id FROM contact_texts_due AS due, LATERAL ( \
         SELECT id FROM contacts WHERE campaign_id = due.campaign_id AND id > due.after_id AND id <= due.until_id \
         ORDER BY id LIMIT $3 \
         ) AS named WHERE due.campaign_id = $1 \
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

/// What one step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Notes that were followed, of which the last may have a rest.
    pub notes: u64,
    /// Contacts that searches know now.
    pub contacts: u64,
}

/// Follows the oldest notes: up to 500 of them, for up to 2,000 contacts. `None` where there is none, or somebody else is at
/// it. Running it twice writes the same.
///
/// One at a time for all processes: of two that read a contact before and after it was renamed, the first might write last.
///
/// # Errors
/// What the database says.
pub async fn follow_some(txn: &DatabaseTransaction) -> Result<Option<Followed>, DbErr> {
    if !lock(txn).await? {
        return Ok(None);
    }
    // A plan that was made on the first day, when the tables were empty and any index would do, would be kept for minutes in
    // which each step reads all contacts of the campaign.
    let planned_anew = "SET LOCAL plan_cache_mode TO force_custom_plan";
    txn.execute_unprepared(planned_anew).await?;
    let oldest = Entity::find().order_by_asc(Column::Id).limit(NOTES_MAX);
    let mut notes = within_step(oldest.all(txn).await?);
    let rest = match notes.as_mut_slice() {
        [] => return Ok(None),
        [only] => cut(txn, only).await?,
        _ => None,
    };
    // What is there of them may be old, or of somebody who is gone.
    execute(txn, CLEAR, &notes).await?;
    let contacts = execute(txn, WRITE, &notes).await?;
    let ids = notes.iter().map(|note| note.id);
    match rest {
        Some(after) => Entity::update_many()
            .col_expr(Column::AfterId, Expr::value(after))
            .filter(Column::Id.is_in(ids))
            .exec(txn)
            .await
            .map(drop)?,
        None => Entity::delete_many()
            .filter(any_of(DbBackend::Postgres, Column::Id, ids))
            .exec(txn)
            .await
            .map(drop)?,
    }
    let notes = notes.len() as u64;
    Ok(Some(Followed { notes, contacts }))
}

/// The first of `notes`, and those after it that are not too much beside it.
fn within_step(mut notes: Vec<Model>) -> Vec<Model> {
    let mut ids = 0_i64;
    let count = notes.iter().take_while(|note| {
        // As many contacts at most: others' ids are among these.
        ids = ids.saturating_add(note.until_id.saturating_sub(note.after_id));
        ids <= STEP_MAX
    });
    let count = count.count().max(1);
    notes.truncate(count);
    notes
}

/// Where `note` names more contacts than a step takes, it names the first of them from now on, and the answer is the last of
/// these.
async fn cut(txn: &DatabaseTransaction, note: &mut Model) -> Result<Option<i64>, DbErr> {
    #[derive(Clone, Copy, FromQueryResult)]
    struct Last {
        id: i64,
    }
    let sql = "SELECT id FROM contacts WHERE campaign_id = $1 AND id > $2 AND id <= $3 ORDER BY id OFFSET $4 LIMIT 1";
    let values: [Value; 4] = [
        note.campaign_id.into(),
        note.after_id.into(),
        note.until_id.into(),
        (STEP_MAX - 1).into(),
    ];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let last = Last::find_by_statement(statement).one(txn).await?;
    let rest = last.filter(|last| last.id < note.until_id);
    if let Some(Last { id }) = rest {
        note.until_id = id;
    }
    Ok(rest.map(|last| last.id))
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

/// Contacts are looked up note by note (`OFFSET 0`). Joined with all notes at once, Postgres would take each to be about most
/// contacts of its campaign, and read all of them.
const CLEAR: &str = "DELETE FROM contact_texts WHERE ctid = ANY (ARRAY( \
    SELECT old.ctid FROM unnest($1, $2, $3) AS note (campaign, after, until), LATERAL ( \
    SELECT ctid FROM contact_texts WHERE campaign_id = campaign AND contact_id > after AND contact_id <= until OFFSET 0 \
    ) AS old))";

/// A line for each name, so that none goes on in the next. Two notes may be of the same contact.
const WRITE: &str = "INSERT INTO contact_texts (campaign_id, contact_id, text) \
    SELECT campaign, id, lower(concat_ws(E'\\n', NULLIF(name, both_names), both_names, email, phone_number)) \
    FROM unnest($1, $2, $3) AS note (campaign, after, until), LATERAL ( \
    SELECT id, name, COALESCE(first_name, '') || ' ' || COALESCE(last_name, '') AS both_names, email, phone_number \
    FROM contacts WHERE campaign_id = campaign AND id > after AND id <= until OFFSET 0 \
    ) AS named ON CONFLICT DO NOTHING";

/// Runs `sql` for the contacts that `notes` name; how many it changed.
async fn execute(txn: &DatabaseTransaction, sql: &str, notes: &[Model]) -> Result<u64, DbErr> {
    let campaigns: Vec<_> = notes.iter().map(|note| note.campaign_id).collect();
    let after: Vec<_> = notes.iter().map(|note| note.after_id).collect();
    let until: Vec<_> = notes.iter().map(|note| note.until_id).collect();
    let values: [Value; 3] = [campaigns.into(), after.into(), until.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    Ok(txn.execute_raw(statement).await?.rows_affected())
}
