//! What older versions left in conversations alone is filled in, on both databases.

use migration::{Migrator, MigratorTrait};
use sea_orm_migration::sea_orm::prelude::{DateTimeUtc, Uuid};
use sea_orm_migration::sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, Statement, TryGetable, Value,
};

/// More than one statement takes.
const CALLS: u128 = 10_020;

const OWNER: Uuid = Uuid::from_u128(1);
const QUARTER: &str = "2026-06-01T12:15:00Z";

fn at(text: &str) -> DateTimeUtc {
    text.parse().expect("an instant")
}

async fn run(db: &DatabaseConnection, sql: &str, values: impl IntoIterator<Item = Value>) {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    if let Err(error) = db.execute_raw(statement).await {
        panic!("{:.200}: {error}", sql);
    }
}

async fn tell<T: TryGetable>(db: &DatabaseConnection, sql: &str, id: Uuid) -> T {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [id.into()]);
    let row = db.query_one_raw(statement).await.expect(sql);
    row.expect("a row").try_get("", "told").expect(sql)
}

/// `count` calls from `first` on, of which an older version knew that they were handed on.
async fn calls(db: &DatabaseConnection, first: u128, count: u128, is_transferred: bool) {
    let begun = at("2026-06-01T12:21:07.250Z");
    let sql = "INSERT INTO calls (id, owner_id, attempt, direction, carrier, from_number, to_number, status, is_transferred, \
        begun_at, settled_at, created_at, updated_at) VALUES ";
    for from in (first..first + count).step_by(1_000) {
        let rows = from..(first + count).min(from + 1_000);
        let places: Vec<String> = (0..rows.clone().count())
            .map(|row| {
                let (id, owner, flag, begun) = (row * 4 + 1, row * 4 + 2, row * 4 + 3, row * 4 + 4);
                format!("(${id}, ${owner}, 1, 'outbound', 'signalwire', '', '', 'completed', ${flag}, ${begun}, ${begun}, ${begun}, ${begun})")
            })
            .collect();
        let values = rows.flat_map(|id| -> [Value; 4] {
            [
                Uuid::from_u128(id).into(),
                OWNER.into(),
                is_transferred.into(),
                begun.into(),
            ]
        });
        run(db, &format!("{sql}{}", places.join(", ")), values).await;
    }
}

async fn conversation(
    db: &DatabaseConnection,
    call: u128,
    callback: Option<&str>,
    do_not_call: bool,
) {
    let id = Uuid::from_u128(call);
    let sql = "INSERT INTO conversations (call_id, conversation_id, status, transcript, is_voicemail, callback_requested, \
        callback_at, do_not_call, created_at) VALUES ($1, 'conv', 'done', '[]', $2, $3, $4, $5, $6)";
    let values: [Value; 6] = [
        id.into(),
        false.into(),
        callback.is_some().into(),
        callback.map(at).into(),
        do_not_call.into(),
        at(QUARTER).into(),
    ];
    run(db, sql, values).await;
}

async fn are_filled_in(db: &DatabaseConnection) {
    Migrator::up(db, None).await.expect("up");
    Migrator::down(db, Some(steps_from_here()))
        .await
        .expect("down");
    let now = at(QUARTER);
    let user = "INSERT INTO users (id, name, role, created_at) VALUES ($1, 'Owner', 'admin', $2)";
    run(db, user, [OWNER.into(), now.into()]).await;
    calls(db, 1, CALLS, false).await;
    // Handed on by an older version: at the begin, and behind what one statement takes.
    calls(db, 50_001, 3, true).await;
    calls(db, 60_001, 1, true).await;
    let failed = "UPDATE calls SET transfer_status = 'failed' WHERE id = $1";
    run(db, failed, [Uuid::from_u128(60_001).into()]).await;
    let rollup = "INSERT INTO call_rollups (owner_id, campaign_id, bucket, transfers, transfers_completed) VALUES ($1, $2, $3, 5, 1)";
    run(db, rollup, [OWNER.into(), Uuid::nil().into(), now.into()]).await;
    let other = at("2026-06-01T12:30:00Z");
    run(db, rollup, [OWNER.into(), Uuid::nil().into(), other.into()]).await;
    conversation(db, 7, Some("2026-06-02T09:00:00Z"), false).await;
    conversation(db, CALLS, None, true).await;
    conversation(db, 8, None, false).await;
    // A call of a newer version, whose agent told more than the report.
    let told = "UPDATE calls SET callback_requested = $2, callback_at = $3 WHERE id = $1";
    let earlier = at("2026-06-01T18:00:00Z");
    let id = Uuid::from_u128(9);
    run(db, told, [id.into(), true.into(), earlier.into()]).await;
    conversation(db, 9, Some("2026-06-05T09:00:00Z"), false).await;
    // Twice: what is filled in is not filled in again.
    for _ in 0..2 {
        Migrator::up(db, None).await.expect("up again");
        are_right(db, earlier).await;
        Migrator::down(db, Some(steps_from_here()))
            .await
            .expect("down again");
    }
}

async fn are_right(db: &DatabaseConnection, earlier: DateTimeUtc) {
    let wishes = async |call: u128| {
        let id = Uuid::from_u128(call);
        let callback: bool = tell(
            db,
            "SELECT callback_requested AS told FROM calls WHERE id = $1",
            id,
        )
        .await;
        let when: Option<DateTimeUtc> = tell(
            db,
            "SELECT callback_at AS told FROM calls WHERE id = $1",
            id,
        )
        .await;
        let never: bool = tell(
            db,
            "SELECT do_not_call AS told FROM calls WHERE id = $1",
            id,
        )
        .await;
        (callback, when, never)
    };
    assert_eq!(
        wishes(7).await,
        (true, Some(at("2026-06-02T09:00:00Z")), false)
    );
    assert_eq!(wishes(8).await, (false, None, false));
    assert_eq!(wishes(9).await, (true, Some(earlier), false));
    assert_eq!(wishes(10).await, (false, None, false));
    assert_eq!(wishes(CALLS).await, (false, None, true));
    let status = async |call: u128| -> Option<String> {
        tell(
            db,
            "SELECT transfer_status AS told FROM calls WHERE id = $1",
            Uuid::from_u128(call),
        )
        .await
    };
    assert_eq!(status(7).await, None);
    assert_eq!(status(50_003).await.as_deref(), Some("completed"));
    assert_eq!(status(60_001).await.as_deref(), Some("failed"));
    let sums = "SELECT CAST(SUM(transfers_completed) AS BIGINT) AS told FROM call_rollups WHERE owner_id = $1";
    let of_quarter = format!("{sums} AND bucket < '2026-06-01T12:30:00+00:00'");
    assert_eq!(
        tell::<i64>(db, &of_quarter, OWNER).await,
        1 + 3,
        "three more were taken"
    );
    assert_eq!(
        tell::<i64>(db, sums, OWNER).await,
        1 + 3 + 1,
        "the other quarter is as it was"
    );
}

#[tokio::test]
async fn wishes_and_transfers_of_older_calls_are_filled_in_on_sqlite() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("older.sqlite");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    are_filled_in(&Database::connect(url).await.expect("SQLite opens")).await;
}

#[tokio::test]
async fn wishes_and_transfers_of_older_calls_are_filled_in_on_postgres() {
    let url = std::env::var("TEST_POSTGRES_URL")
        .expect("TEST_POSTGRES_URL is set: run the tests with `make test`");
    let server = Database::connect(&url).await.expect("Postgres answers");
    let name = format!("older_{}", std::process::id());
    let create = format!("CREATE DATABASE {name}");
    server
        .execute_unprepared(&create)
        .await
        .expect("a database");
    let (base, _) = url.rsplit_once('/').expect("a database's address");
    let db = Database::connect(format!("{base}/{name}")).await;
    are_filled_in(&db.expect("Postgres answers")).await;
}

/// How many steps there are from the one that fills older calls in, that one included.
fn steps_from_here() -> u32 {
    let steps = Migrator::migrations();
    let at = steps
        .iter()
        .position(|step| step.name().ends_with("fill_in_older_calls"))
        .expect("the step");
    u32::try_from(steps.len() - at).expect("few steps")
}
