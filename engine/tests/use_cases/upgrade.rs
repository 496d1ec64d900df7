//! A database full of contacts is brought up to date while the version before goes on calling them.
//!
//! The version before: the schema of its release, and the statements in which it begins and settles a call, with the time
//! limits of its connections. How many contacts there are says `UPGRADE_ROWS` (`make upgrade-check`).

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use engine::Database;
use engine::contacts::make_searchable;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::database::{empty_postgres, shared_postgres};

/// The steps of the first release.
const FIRST_RELEASE: u32 = 5;
/// Contacts where nobody says.
const ROWS: u64 = 20_000;
/// Longer than this no statement of the version before may wait for a lock: then it fails.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

const CAMPAIGN: &str = "'00000000-0000-0000-0000-000000000002'";

/// One owner, one campaign, and `rows` contacts, of whom every tenth was called.
fn everybody(rows: u64) -> [String; 5] {
    let owner = "'00000000-0000-0000-0000-000000000001'";
    [
        format!(
            "INSERT INTO users (id, name, role, created_at) VALUES ({owner}, 'Owner', 'admin', now())"
        ),
        format!(
            "INSERT INTO campaigns (id, owner_id, name, status, timezone, max_concurrent_calls, call_attempts_per_contact, \
             retry_delay_minutes, schedule_type, tags, created_at, updated_at) \
             VALUES ({CAMPAIGN}, {owner}, 'Big', 'active', 'UTC', 10, 3, 60, 'daily', '[]', now(), now())"
        ),
        format!(
            "INSERT INTO campaign_counters (campaign_id, total, pending) VALUES ({CAMPAIGN}, {rows}, {rows})"
        ),
        format!(
            "INSERT INTO contacts (campaign_id, phone_number, name, status, next_attempt_at, created_at, updated_at) \
             SELECT {CAMPAIGN}, '+1' || (2020000000 + n), 'Person ' || n, 'pending', now(), now(), now() \
             FROM generate_series(1, {rows}) AS n"
        ),
        format!(
            "INSERT INTO calls (id, owner_id, campaign_id, contact_id, attempt, direction, carrier, from_number, to_number, \
             status, ending, outcome, begun_at, placed_at, settled_at, decided_at, created_at, updated_at) \
             SELECT gen_random_uuid(), {owner}, campaign_id, id, 1, 'outbound', 'signalwire', '+12025550100', phone_number, \
             'busy', 'busy', 'busy', now(), now(), now(), now(), now(), now() FROM contacts WHERE id % 10 = 0"
        ),
    ]
}

/// How the version before begins a call to contact `$1`, and how it settles it.
const TAKE: &str = "UPDATE campaign_counters SET live = live + 1";
const GIVE_BACK: &str = "UPDATE campaign_counters SET live = live - 1";
const SETTLE: &str = "UPDATE contacts SET status = 'contacted', updated_at = now() WHERE id = $1";
const BEGIN: &str = "UPDATE contacts SET status = 'calling', attempts = attempts + 1, updated_at = now() WHERE id = $1";
const WRITE: &str = "INSERT INTO calls (id, owner_id, campaign_id, contact_id, attempt, direction, carrier, from_number, \
    to_number, status, begun_at, worker, created_at, updated_at) \
    SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000001', campaign_id, id, attempts, 'outbound', 'signalwire', \
    '+12025550100', phone_number, 'initiated', now(), 'the version before', now(), now() FROM contacts WHERE id = $1";
const END: &str = "UPDATE calls SET status = 'busy', ending = 'busy', outcome = 'busy', ended_at = now(), settled_at = now(), \
    decided_at = now() WHERE contact_id = $1 AND settled_at IS NULL";

/// What came of the calls of the version before.
#[derive(Debug, Default)]
struct Wrote {
    calls: u64,
    /// The longest of its transactions.
    longest: Duration,
}

async fn call(database: &Database, contact: i64) -> Result<(), DbErr> {
    for statements in [[TAKE, BEGIN, WRITE], [GIVE_BACK, SETTLE, END]] {
        let txn = database.begin().await?;
        for sql in statements {
            let values = sql.contains("$1").then(|| contact.into());
            let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
            txn.execute_raw(statement).await?;
        }
        txn.commit().await?;
    }
    Ok(())
}

/// Calls one contact after the other until `stop`; every statement must succeed.
async fn go_on(database: Database, rows: u64, stop: Arc<AtomicBool>) -> Wrote {
    let mut wrote = Wrote::default();
    while !stop.load(Ordering::Relaxed) {
        let contact = i64::try_from(wrote.calls % rows + 1).unwrap();
        let begun = Instant::now();
        let called = call(&database, contact).await;
        let took = begun.elapsed();
        called.unwrap_or_else(|error| panic!("the version before fails after {took:?}: {error}"));
        wrote.longest = wrote.longest.max(took);
        wrote.calls += 1;
    }
    wrote
}

async fn count(database: &Database, sql: &str) -> i64 {
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = database.writer().query_one_raw(statement).await.unwrap();
    row.unwrap().try_get("", "n").unwrap()
}

/// One figure for everything that both versions know.
async fn known_to_both(database: &Database) -> [i64; 2] {
    let contacts = "SELECT CAST(SUM(hashtext(CONCAT_WS(',', id, phone_number, name, status, attempts, ticket, \
        created_at))) AS BIGINT) AS n FROM contacts";
    let calls = "SELECT CAST(SUM(hashtext(CONCAT_WS(',', id, contact_id, attempt, status, outcome, to_number, worker, \
        begun_at, settled_at))) AS BIGINT) AS n FROM calls";
    [
        count(database, contacts).await,
        count(database, calls).await,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_before_goes_on_calling_while_a_big_database_is_brought_up_to_date() {
    let rows = std::env::var("UPGRADE_ROWS").map_or(ROWS, |rows| rows.parse().unwrap());
    let url = empty_postgres(&shared_postgres()).await;
    let seeder = sea_orm::Database::connect(&url).await.unwrap();
    Migrator::up(&seeder, Some(FIRST_RELEASE)).await.unwrap();
    for sql in everybody(rows) {
        seeder.execute_unprepared(&sql).await.unwrap();
    }
    let database = Database::connect(&url, 4).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let before = tokio::spawn(go_on(database.clone(), rows, Arc::clone(&stop)));
    let begun = Instant::now();
    database.migrate().await.unwrap();
    let took = begun.elapsed();
    stop.store(true, Ordering::Relaxed);
    let wrote = before.await.unwrap();
    println!("\n{rows} contacts: brought up to date in {took:?}; meanwhile {wrote:?}");
    assert_eq!(database.pending_migrations().await.unwrap(), 0);
    assert!(
        wrote.calls > 0 && wrote.longest < 2 * LOCK_TIMEOUT,
        "{wrote:?}"
    );
    let called = i64::try_from(wrote.calls).unwrap();
    let calls = "SELECT COUNT(*) AS n FROM calls WHERE worker = 'the version before' AND settled_at IS NOT NULL";
    assert_eq!(count(&database, calls).await, called);
    let attempts = "SELECT CAST(SUM(attempts) AS BIGINT) AS n FROM contacts";
    assert_eq!(count(&database, attempts).await, called);
    while make_searchable(&database, ready(false)).await.unwrap() > 0 {}
    let known = "SELECT COUNT(*) AS n FROM contact_texts";
    assert_eq!(count(&database, known).await, i64::try_from(rows).unwrap());

    // Back to the version before, and up again.
    let known = known_to_both(&database).await;
    let all = u32::try_from(Migrator::migrations().len()).unwrap();
    Migrator::down(&seeder, Some(all - FIRST_RELEASE))
        .await
        .unwrap();
    assert_eq!(known_to_both(&database).await, known);
    call(&database, 1).await.unwrap();
    let known = known_to_both(&database).await;
    database.migrate().await.unwrap();
    assert_eq!(known_to_both(&database).await, known);
}
