//! Rows made in the database, as the dialer would have left them: counters and sums agree with them.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, Statement};
use tokio::time::sleep;
use uuid::Uuid;

use super::Stage;
use super::servers::Servers;
use crate::plan::Plan;

/// Calls per contact of [`call_history`].
pub const CALLS_PER_CONTACT: usize = 10;
/// Over how many days the calls of [`call_history`] are spread, up to yesterday.
const HISTORY_DAYS: i64 = 90;
/// How long searches may take to get to know everybody.
const KNOWN_MAX: Duration = Duration::from_secs(600);
/// Between two looks whether they do.
const KNOWN_PAUSE: Duration = Duration::from_millis(200);

/// The number of the contact at place `n` (a column of that name), as [`super::contacts::number`] has it.
const NUMBER: &str =
    "'+1' || (200 + (n - 1) / 10000) || '555' || lpad(((n - 1) % 10000)::text, 4, '0')";

/// Gives a campaign `count` contacts who were never called and are due. SQLite gets them through the API.
///
/// # Errors
/// What Postgres says, or the API.
pub async fn new_contacts(stage: &Stage, campaign: &str, count: usize) -> anyhow::Result<()> {
    let Some(servers) = &stage.servers else {
        return stage.api.fill(campaign, 0..count).await;
    };
    let begin = format!(
        "INSERT INTO contacts (campaign_id, phone_number, name, status, next_attempt_at, created_at, updated_at) \
         SELECT '{campaign}', {NUMBER}, 'Guest ' || n, 'pending', now(), now(), now() FROM generate_series(1, {count}) n"
    );
    let counters = format!(
        "UPDATE campaign_counters SET total = {count}, pending = {count}, wake_at = now() WHERE campaign_id = '{campaign}'"
    );
    for statement in [&begin, &counters, &zone(campaign)] {
        servers.run(statement).await?;
    }
    tidy(servers, "contacts").await
}

/// Gives a campaign `count` contacts whose only call so far was lost to a busy line, all due again at `due`.
///
/// # Errors
/// What Postgres says.
pub async fn due_contacts(
    stage: &Stage,
    campaign: &str,
    count: usize,
    due: DateTime<Utc>,
) -> anyhow::Result<()> {
    let servers = stage.servers()?;
    let due = format!("'{}'::timestamptz", due.to_rfc3339());
    let begin = format!(
        "INSERT INTO contacts (campaign_id, phone_number, name, status, attempts, ticket, next_attempt_at, last_attempt_at, \
         last_outcome, created_at, updated_at) \
         SELECT '{campaign}', {NUMBER}, 'Guest ' || n, 'contacted', 1, 1, {due}, now(), 'busy', now(), now() \
         FROM generate_series(1, {count}) n"
    );
    let calls = format!(
        "INSERT INTO calls (id, owner_id, campaign_id, contact_id, attempt, direction, carrier, from_number, to_number, \
         agent_id, status, ending, outcome, begun_at, placed_at, ended_at, settled_at, decided_at, created_at, updated_at) \
         SELECT gen_random_uuid(), k.owner_id, k.id, c.id, 1, 'outbound', 'signalwire', '+12025550100', c.phone_number, \
         'agent_demo', 'busy', 'busy', 'busy', now(), now(), now(), now(), now(), now(), now() \
         FROM contacts c JOIN campaigns k ON k.id = c.campaign_id WHERE k.id = '{campaign}'"
    );
    let counters = format!(
        "UPDATE campaign_counters SET total = {count}, contacted = {count}, reached = {count}, calls_placed = {count}, \
         calls_busy = {count}, wake_at = {due} WHERE campaign_id = '{campaign}'"
    );
    for statement in [&begin, &calls, &counters, &zone(campaign)] {
        servers.run(statement).await?;
    }
    tidy(servers, "contacts, calls").await
}

/// Gives a campaign `count` contacts who are being called at this moment, and makes it active; their calls' ids.
///
/// # Errors
/// What Postgres says.
pub async fn live_calls(stage: &Stage, campaign: &str, count: usize) -> anyhow::Result<Vec<Uuid>> {
    let servers = stage.servers()?;
    let people = format!(
        "INSERT INTO contacts (campaign_id, phone_number, name, status, attempts, ticket, last_attempt_at, created_at, updated_at) \
         SELECT '{campaign}', {NUMBER}, 'Guest ' || n, 'calling', 1, 1, now(), now(), now() FROM generate_series(1, {count}) n"
    );
    let calls = format!(
        "INSERT INTO calls (id, owner_id, campaign_id, contact_id, attempt, direction, carrier, carrier_call_id, from_number, \
         to_number, agent_id, status, begun_at, placed_at, created_at, updated_at) \
         SELECT made.id, made.owner_id, made.campaign_id, made.contact_id, 1, 'outbound', 'signalwire', made.id::text, \
         '+12025550100', made.phone_number, 'agent_demo', 'initiated', now(), now(), now(), now() \
         FROM (SELECT gen_random_uuid() AS id, k.owner_id, k.id AS campaign_id, c.id AS contact_id, c.phone_number \
               FROM contacts c JOIN campaigns k ON k.id = c.campaign_id WHERE k.id = '{campaign}') AS made"
    );
    let counters = format!(
        "UPDATE campaign_counters SET total = {count}, calling = {count}, reached = {count}, live = {count}, \
         calls_placed = {count} WHERE campaign_id = '{campaign}'"
    );
    let active = format!(
        "UPDATE campaigns SET status = 'active', started_at = now() WHERE id = '{campaign}'"
    );
    for statement in [&people, &calls, &counters, &zone(campaign), &active] {
        servers.run(statement).await?;
    }
    tidy(servers, "contacts, calls").await?;
    let ids = format!("SELECT id FROM calls WHERE campaign_id = '{campaign}'");
    let ids = Statement::from_string(servers.database.get_database_backend(), ids);
    let rows = servers.database.query_all_raw(ids).await?;
    let ids = rows.iter().map(|row| row.try_get_by_index(0));
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Has Postgres look at `tables`, and waits until the workers told the index of searches of all contacts, ten thousand a
/// second: neither is part of what is measured.
async fn tidy(servers: &Servers, tables: &str) -> anyhow::Result<()> {
    servers.run(&format!("VACUUM ANALYZE {tables}")).await?;
    // A commit from before has no such index.
    let has_index = "SELECT to_regclass('contact_texts_due') IS NOT NULL";
    if !servers.figure(has_index).await? {
        return Ok(());
    }
    let begun = Instant::now();
    while servers
        .figure("SELECT EXISTS (SELECT 1 FROM contact_texts_due)")
        .await?
    {
        ensure!(
            begun.elapsed() < KNOWN_MAX,
            "searches do not get to know the contacts"
        );
        sleep(KNOWN_PAUSE).await;
    }
    servers.run("VACUUM ANALYZE contact_texts").await
}

/// The carrier's name for a call of [`live_calls`].
pub fn carrier_call_id(call: Uuid) -> String {
    call.to_string()
}

/// Gives a campaign a history of `count` calls of the last three months to a tenth as many contacts, all reached in the
/// end; then has `dialer recount` write their sums.
///
/// # Errors
/// What Postgres says, or `dialer recount`.
pub async fn call_history(
    plan: &Plan,
    stage: &Stage,
    campaign: &str,
    count: usize,
) -> anyhow::Result<()> {
    let servers = stage.servers()?;
    let contacts = count / CALLS_PER_CONTACT;
    let people = format!(
        "INSERT INTO contacts (campaign_id, phone_number, name, status, attempts, ticket, last_attempt_at, last_outcome, \
         created_at, updated_at) \
         SELECT '{campaign}', {NUMBER}, 'Guest ' || n, 'completed', {CALLS_PER_CONTACT}, {CALLS_PER_CONTACT}, now(), \
         'answered', now(), now() FROM generate_series(1, {contacts}) n"
    );
    servers.run(&people).await?;
    servers.run(&zone(campaign)).await?;
    for attempt in 1..=CALLS_PER_CONTACT {
        servers.run(&calls_of_attempt(campaign, attempt)).await?;
    }
    let kinds = CALLS_PER_CONTACT;
    let counters = format!(
        "UPDATE campaign_counters SET total = {contacts}, completed = {contacts}, reached = {contacts}, calls_placed = {count}, \
         calls_completed = {count} / {kinds} * 4, calls_successful = {count} / {kinds} * 4, \
         calls_busy = {count} / {kinds} * 3, calls_no_answer = {count} / {kinds} * 3 WHERE campaign_id = '{campaign}'"
    );
    let paused = format!(
        "UPDATE campaigns SET status = 'paused', started_at = now() - interval '{HISTORY_DAYS} days' WHERE id = '{campaign}'"
    );
    for statement in [&counters, &paused] {
        servers.run(statement).await?;
    }
    tidy(servers, "contacts, calls").await?;
    recount(plan, stage)
}

/// The calls that were each contact's `attempt`th: three busy ones, three that rang out, four answered.
fn calls_of_attempt(campaign: &str, attempt: usize) -> String {
    let (ending, outcome, status, is_talk) = match attempt {
        1..=3 => ("busy", "busy", "busy", false),
        4..=6 => ("no_answer", "no_answer", "no-answer", false),
        _ => ("completed", "answered", "completed", true),
    };
    let (answered, talk_s, price) = if is_talk {
        ("begun + interval '10 s'", "60", "9000")
    } else {
        ("NULL", "NULL", "NULL")
    };
    // Ids that grow with time, as ours do.
    let id = "(lpad(to_hex((extract(epoch from begun) * 1000)::bigint), 12, '0') || '7' || \
              substr(md5(id::text), 1, 3) || '8' || substr(md5(begun::text || id), 1, 15))::uuid";
    format!(
        "INSERT INTO calls (id, owner_id, campaign_id, contact_id, attempt, direction, carrier, carrier_call_id, from_number, \
         to_number, agent_id, status, ending, outcome, is_successful, begun_at, placed_at, ringing_at, answered_at, ended_at, \
         settled_at, decided_at, duration_s, price_micros, price_unit, created_at, updated_at) \
         SELECT {id}, owner_id, campaign_id, id, {attempt}, 'outbound', 'signalwire', md5(begun::text || id)::uuid::text, \
         '+12025550100', phone_number, 'agent_demo', '{status}', '{ending}', '{outcome}', {is_talk}, begun, begun, \
         begun + interval '2 s', {answered}, begun + interval '70 s', begun + interval '70 s', begun + interval '70 s', \
         {talk_s}, {price}, 'USD', begun, begun \
         FROM (SELECT c.*, k.owner_id, date_trunc('day', now()) - interval '{HISTORY_DAYS} days' * \
               (1 - (({attempt} - 1 + row_number() OVER (ORDER BY c.id)::float8 / count(*) OVER ()) / {CALLS_PER_CONTACT})) \
               - interval '3 minutes' AS begun \
               FROM contacts c JOIN campaigns k ON k.id = c.campaign_id WHERE k.id = '{campaign}') AS planned"
    )
}

fn zone(campaign: &str) -> String {
    format!(
        "INSERT INTO campaign_zones (campaign_id, timezone) VALUES ('{campaign}', '') ON CONFLICT DO NOTHING"
    )
}

fn recount(plan: &Plan, stage: &Stage) -> anyhow::Result<()> {
    let from = (Utc::now() - TimeDelta::days(HISTORY_DAYS + 1)).date_naive();
    let mut command = Command::new(plan.programs.join("dialer"));
    command.args(["recount", "--from", &from.to_string()]);
    command
        .env_clear()
        .env("DATABASE_URL", &stage.servers()?.database_url);
    let done = command.output()?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "dialer recount: {said}");
    Ok(())
}
