//! An index of what contacts are searched by, on Postgres. SQLite goes through a campaign's contacts one by one.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Parts of Postgres' own distribution that whoever may create things in the database may switch on: three letters in a row
/// as keys of an index, and beside them the campaign's id.
const EXTENSIONS: [&str; 2] = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE EXTENSION IF NOT EXISTS btree_gin",
];

const TABLES: [&str; 3] = [
    // Apart from `contacts`, each change of which, three per call, would be one of the index as well.
    "CREATE TABLE contact_texts (
        campaign_id uuid NOT NULL,
        contact_id bigint NOT NULL,
        text text NOT NULL,
        CONSTRAINT contact_texts_pkey PRIMARY KEY (campaign_id, contact_id)
    )",
    // Serves the search for a part of a name, e-mail or number. What is new waits in a list for others to be sorted in with,
    // and each search reads all of the list: a megabyte takes ten milliseconds.
    "CREATE INDEX contact_texts_text_idx ON contact_texts USING gin (campaign_id, text gin_trgm_ops) \
     WITH (gin_pending_list_limit = 1024)",
    // The contacts of `campaign_id` after `after_id`, up to `until_id`: the table above does not know yet what they are
    // called, or that they are gone.
    "CREATE TABLE contact_texts_due (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT contact_texts_due_pkey PRIMARY KEY,
        campaign_id uuid NOT NULL,
        after_id bigint NOT NULL,
        until_id bigint NOT NULL
    )",
];

/// In the transaction of whoever adds, renames or removes contacts, an older version of the service included. The path is
/// written down, as whoever restores rows has none.
const NOTES: [&str; 5] = [
    "CREATE FUNCTION contacts_note_added() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        INSERT INTO contact_texts_due (campaign_id, after_id, until_id)
        SELECT campaign_id, min(id) - 1, max(id) FROM added GROUP BY campaign_id;
        RETURN NULL;
    END $$",
    "CREATE TRIGGER contacts_note_added AFTER INSERT ON contacts
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION contacts_note_added()",
    "CREATE FUNCTION contacts_note_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        INSERT INTO contact_texts_due (campaign_id, after_id, until_id) VALUES (OLD.campaign_id, OLD.id - 1, OLD.id);
        RETURN NULL;
    END $$",
    "CREATE TRIGGER contacts_note_renamed AFTER UPDATE OF phone_number, name, first_name, last_name, email ON contacts
    FOR EACH ROW WHEN (
        (OLD.phone_number, OLD.name, OLD.first_name, OLD.last_name, OLD.email)
        IS DISTINCT FROM (NEW.phone_number, NEW.name, NEW.first_name, NEW.last_name, NEW.email)
    ) EXECUTE FUNCTION contacts_note_changed()",
    "CREATE TRIGGER contacts_note_removed AFTER DELETE ON contacts
    FOR EACH ROW EXECUTE FUNCTION contacts_note_changed()",
];

/// Whoever is there already, whatever their ids.
const ALL: &str = "INSERT INTO contact_texts_due (campaign_id, after_id, until_id)
    SELECT id, 0, 9223372036854775807 FROM campaigns";

const DOWN: [&str; 7] = [
    "DROP TRIGGER contacts_note_removed ON contacts",
    "DROP TRIGGER contacts_note_renamed ON contacts",
    "DROP TRIGGER contacts_note_added ON contacts",
    "DROP FUNCTION contacts_note_changed",
    "DROP FUNCTION contacts_note_added",
    "DROP TABLE contact_texts_due",
    "DROP TABLE contact_texts",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        for statements in [&EXTENSIONS[..], &TABLES, &NOTES, &[ALL]] {
            on_postgres(m, statements).await?;
        }
        Ok(())
    }

    /// The extensions stay: somebody else may use them by now.
    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(m, &DOWN).await
    }
}

async fn on_postgres(m: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    if m.get_database_backend() == DbBackend::Postgres {
        for statement in statements {
            m.get_connection().execute_unprepared(statement).await?;
        }
    }
    Ok(())
}
