//! Sums of calls by what makes them alike: attempt, agent, number, carrier, currency; by quarter of an hour and by day.
//!
//! Fills the table from the calls that exist: two walks over them, about two minutes for ten million. Nothing else waits
//! for that. What processes of the release before go on to count meanwhile is in `call_rollups` alone.

use sea_orm_migration::sea_orm::DbBackend;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const COUNTS: [&str; 12] = [
    "calls",
    "completed",
    "failed",
    "busy",
    "no_answer",
    "voicemail",
    "false_positives",
    "reached",
    "reached_first",
    "successful",
    "priced",
    "waits",
];
const SUMS: [&str; 4] = ["wait_ms", "talk_s", "price_micros", "credits"];
/// Where the columns `wait_1` … and `talk_1` … begin: milliseconds, seconds.
const WAIT_BOUNDS: [i64; 11] = [
    1_000, 2_000, 4_000, 6_000, 8_000, 10_000, 15_000, 20_000, 30_000, 45_000, 60_000,
];
const TALK_BOUNDS: [i64; 11] = [5, 15, 30, 60, 90, 120, 180, 300, 600, 1_200, 1_800];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// On SQLite as well: a step that dies half-way must be taken again from its begin.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        create(m).await?;
        let db = m.get_connection();
        for part in [what_calls_were(), what_calls_cost()] {
            db.execute_unprepared(&fill(m.get_database_backend(), &part))
                .await?;
        }
        db.execute_unprepared(&add_up(m.get_database_backend()))
            .await?;
        // After the filling, which is quicker without them.
        for statement in INDEXES {
            db.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.get_connection()
            .execute_unprepared("DROP INDEX call_rollups_bucket_idx")
            .await?;
        m.drop_table(Table::drop().table("call_detail_rollups").to_owned())
            .await
    }
}

const INDEXES: [&str; 6] = [
    // Serve analytics, of an owner and of everybody; prices are looked for apart from everything else.
    "CREATE INDEX call_detail_rollups_owner_id_bucket_idx ON call_detail_rollups (owner_id, span_m, bucket) \
     WHERE price_unit = ''",
    "CREATE INDEX call_detail_rollups_bucket_idx ON call_detail_rollups (span_m, bucket) WHERE price_unit = ''",
    "CREATE INDEX call_detail_rollups_priced_owner_id_bucket_idx ON call_detail_rollups (owner_id, span_m, bucket) \
     WHERE price_unit <> ''",
    "CREATE INDEX call_detail_rollups_priced_bucket_idx ON call_detail_rollups (span_m, bucket) \
     WHERE price_unit <> ''",
    // Serves the dashboard's share of calls that came in: they are few.
    "CREATE INDEX call_detail_rollups_inbound_idx ON call_detail_rollups (span_m, bucket, owner_id) \
     WHERE direction = 'inbound' AND price_unit = ''",
    // Serves everybody's dashboard. Last, as nothing can be counted from here on until all is done.
    "CREATE INDEX call_rollups_bucket_idx ON call_rollups (bucket)",
];

async fn create(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("call_detail_rollups")
        // The nil id: calls outside any campaign; so it can be no foreign key.
        .col(uuid("campaign_id"))
        // Minutes: 15 for a quarter of an hour, 1,440 for a day, UTC, which sums up its quarters.
        .col(small_integer("span_m"))
        .col(timestamp_with_time_zone("bucket"))
        .col(uuid("owner_id"))
        // 0: calls outside campaigns; 50: the fiftieth and all that follow.
        .col(small_integer("attempt"))
        .col(string_len("direction", 16))
        .col(string_len("carrier", 32))
        // Empty: no agent.
        .col(string_len("agent_id", 255))
        .col(string_len("from_number", 16))
        // Empty: everything but prices. Prices have rows of their own, one per currency, without attempt, agent, number.
        .col(string_len("price_unit", 3));
    for count in COUNTS {
        table.col(integer(count).default(0));
    }
    for sum in SUMS {
        table.col(big_integer(sum).default(0));
    }
    for kind in ["wait", "talk"] {
        for bin in 0..=WAIT_BOUNDS.len() {
            table.col(integer(format!("{kind}_{bin}")).default(0));
        }
    }
    let mut key = Index::create();
    for column in KEY {
        key.col(column);
    }
    m.create_table(
        table
            .primary_key(&mut key)
            .foreign_key(
                ForeignKey::create()
                    .name("call_detail_rollups_owner_id_fkey")
                    .from("call_detail_rollups", "owner_id")
                    .to("users", "id"),
            )
            .to_owned(),
    )
    .await
}

const KEY: [&str; 10] = [
    "campaign_id",
    "span_m",
    "bucket",
    "owner_id",
    "attempt",
    "direction",
    "carrier",
    "agent_id",
    "from_number",
    "price_unit",
];

/// Some sums of some calls.
struct Part {
    /// Each column and what it sums up.
    columns: Vec<(String, String)>,
    /// Attempt, agent, number and currency in the key.
    alike: &'static str,
    /// Which calls.
    which: &'static str,
}

/// Everything but prices.
fn what_calls_were() -> Part {
    let mut columns: Vec<(String, String)> = [
        ("calls", "is_placed"),
        ("completed", "is_ended AND ending = 'completed'"),
        (
            "failed",
            "is_ended AND ending IN ('failed', 'canceled', 'rejected', 'lost')",
        ),
        ("busy", "is_ended AND ending = 'busy'"),
        ("no_answer", "is_ended AND ending = 'no_answer'"),
        ("voicemail", "is_ended AND outcome = 'voicemail'"),
        ("reached", "is_ended AND outcome = 'answered'"),
        (
            "reached_first",
            "is_ended AND outcome = 'answered' AND NOT is_callback",
        ),
        ("successful", "is_successful"),
        ("waits", "wait_ms IS NOT NULL"),
    ]
    .map(|(name, which)| (name.to_owned(), counted(which)))
    .into();
    columns.push(("wait_ms".to_owned(), summed("wait_ms")));
    columns.push(("talk_s".to_owned(), summed("talk_s")));
    columns.push(("credits".to_owned(), summed("credits")));
    for (kind, value, bounds) in [
        ("wait", "wait_ms", WAIT_BOUNDS),
        ("talk", "talk_s", TALK_BOUNDS),
    ] {
        for bin in 0..=bounds.len() {
            let from = bin
                .checked_sub(1)
                .map_or(format!("{value} IS NOT NULL"), |below| {
                    format!("{value} >= {}", bounds[below])
                });
            let to = bounds
                .get(bin)
                .map_or_else(String::new, |bound| format!(" AND {value} < {bound}"));
            columns.push((format!("{kind}_{bin}"), counted(&format!("{from}{to}"))));
        }
    }
    Part {
        columns,
        alike: "attempt_key, agent_key, from_number, ''",
        // A call that was neither placed nor spoken in is in no sum.
        which: "is_placed OR is_successful OR credits IS NOT NULL",
    }
}

fn what_calls_cost() -> Part {
    let columns = vec![
        ("priced".to_owned(), "COUNT(*)".to_owned()),
        ("price_micros".to_owned(), summed("price_micros")),
    ];
    Part {
        columns,
        alike: "0, '', '', price_unit",
        which: "price_micros IS NOT NULL AND price_unit <> ''",
    }
}

fn counted(which: &str) -> String {
    format!("SUM(CASE WHEN {which} THEN 1 ELSE 0 END)")
}

fn summed(column: &str) -> String {
    format!("COALESCE(SUM({column}), 0)")
}

fn fill(backend: DbBackend, part: &Part) -> String {
    let (bucket, wait_ms, nil) = if backend == DbBackend::Postgres {
        (
            "TO_TIMESTAMP(FLOOR(EXTRACT(EPOCH FROM begun_at) / 900) * 900)",
            "GREATEST(0, TRUNC(EXTRACT(EPOCH FROM answered_at - begun_at) * 1000))",
            "CAST('00000000-0000-0000-0000-000000000000' AS UUID)",
        )
    } else {
        (
            "STRFTIME('%Y-%m-%dT%H:%M:%S+00:00', STRFTIME('%s', begun_at) / 900 * 900, 'unixepoch')",
            "MAX(0, CAST(ROUND((JULIANDAY(answered_at) - JULIANDAY(begun_at)) * 86400000) AS INTEGER))",
            "X'00000000000000000000000000000000'",
        )
    };
    let is_talk = "placed_at IS NOT NULL AND settled_at IS NOT NULL AND ending = 'completed'";
    format!(
        "INSERT INTO call_detail_rollups \
         (campaign_id, span_m, bucket, owner_id, direction, carrier, attempt, agent_id, from_number, price_unit, {}) \
         SELECT campaign_key, 15, bucket, owner_id, direction, carrier, {}, {} \
         FROM (SELECT COALESCE(campaign_id, {nil}) AS campaign_key, {bucket} AS bucket, owner_id, \
         CASE WHEN campaign_id IS NULL OR attempt < 0 THEN 0 WHEN attempt > 50 THEN 50 ELSE attempt END AS attempt_key, \
         direction, carrier, COALESCE(agent_id, '') AS agent_key, from_number, price_unit, price_micros, \
         placed_at IS NOT NULL AS is_placed, placed_at IS NOT NULL AND settled_at IS NOT NULL AS is_ended, \
         ending, outcome, is_callback, is_successful, credits, \
         CASE WHEN {is_talk} THEN COALESCE(duration_s, 0) END AS talk_s, \
         CASE WHEN {is_talk} AND answered_at IS NOT NULL THEN {wait_ms} END AS wait_ms FROM calls) AS told \
         WHERE {} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
        list(&part.columns, |(name, _)| name),
        part.alike,
        list(&part.columns, |(_, value)| value),
        part.which,
    )
}

/// Days from their quarters.
fn add_up(backend: DbBackend) -> String {
    let day = if backend == DbBackend::Postgres {
        "TO_TIMESTAMP(FLOOR(EXTRACT(EPOCH FROM bucket) / 86400) * 86400)"
    } else {
        "STRFTIME('%Y-%m-%dT00:00:00+00:00', bucket)"
    };
    let mut columns: Vec<(String, String)> = COUNTS
        .iter()
        .chain(&SUMS)
        .map(|name| ((*name).to_owned(), format!("SUM({name})")))
        .collect();
    for kind in ["wait", "talk"] {
        columns.extend((0..=WAIT_BOUNDS.len()).map(|bin| {
            let name = format!("{kind}_{bin}");
            let sum = format!("SUM({name})");
            (name, sum)
        }));
    }
    format!(
        "INSERT INTO call_detail_rollups \
         (campaign_id, span_m, bucket, owner_id, direction, carrier, attempt, agent_id, from_number, price_unit, {}) \
         SELECT campaign_id, 1440, {day} AS day, owner_id, direction, carrier, attempt, agent_id, from_number, price_unit, \
         {} FROM call_detail_rollups GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
        list(&columns, |(name, _)| name),
        list(&columns, |(_, value)| value),
    )
}

fn list(columns: &[(String, String)], of: fn(&(String, String)) -> &String) -> String {
    let parts: Vec<&str> = columns.iter().map(|column| of(column).as_str()).collect();
    parts.join(", ")
}
