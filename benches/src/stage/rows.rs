//! Rows made in the database, as the dialer would have left them: counters and sums agree with them.

use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::sleep;
use uuid::Uuid;

use super::Stage;
use super::dialect::Dialect;
use crate::plan::Plan;

/// Calls per contact of [`call_history`].
pub const CALLS_PER_CONTACT: usize = 10;
/// Over how many days the calls of [`call_history`] are spread, up to yesterday.
const HISTORY_DAYS: i64 = 90;
/// How long searches may take to get to know everybody.
const KNOWN_MAX: Duration = Duration::from_secs(600);
/// Between two looks whether they do.
const KNOWN_PAUSE: Duration = Duration::from_millis(200);

/// Gives a campaign `count` contacts who were never called and are due.
///
/// # Errors
/// What the database says.
pub async fn new_contacts(stage: &Stage, campaign: &str, count: usize) -> anyhow::Result<()> {
    let dialect = stage.database.dialect;
    let (id, now) = (dialect.id(campaign), dialect.now());
    let (number, series) = (dialect.number(), dialect.series(count));
    let people = format!(
        "INSERT INTO contacts (campaign_id, phone_number, name, status, next_attempt_at, created_at, updated_at) \
         SELECT {id}, {number}, 'Guest ' || n, 'pending', {now}, {now}, {now} FROM {series}"
    );
    let counters = format!(
        "UPDATE campaign_counters SET total = {count}, pending = {count}, wake_at = {now} WHERE campaign_id = {id}"
    );
    for statement in [&people, &counters, &zone(&id)] {
        stage.database.run(statement).await?;
    }
    tidy(stage, "contacts").await
}

/// Gives a campaign `count` contacts whose only call so far was lost to a busy line, all due again at `due`.
///
/// # Errors
/// What the database says.
pub async fn due_contacts(
    stage: &Stage,
    campaign: &str,
    count: usize,
    due: DateTime<Utc>,
) -> anyhow::Result<()> {
    let dialect = stage.database.dialect;
    let (id, now, due) = (dialect.id(campaign), dialect.now(), dialect.instant(due));
    let (number, series, new_id) = (dialect.number(), dialect.series(count), dialect.new_id());
    let people = format!(
        "INSERT INTO contacts (campaign_id, phone_number, name, status, attempts, ticket, next_attempt_at, last_attempt_at, \
         last_outcome, created_at, updated_at) \
         SELECT {id}, {number}, 'Guest ' || n, 'contacted', 1, 1, {due}, {now}, 'busy', {now}, {now} FROM {series}"
    );
    let calls = format!(
        "INSERT INTO calls (id, owner_id, campaign_id, contact_id, attempt, direction, carrier, from_number, to_number, \
         agent_id, status, ending, outcome, begun_at, placed_at, ended_at, settled_at, decided_at, created_at, updated_at) \
         SELECT {new_id}, k.owner_id, k.id, c.id, 1, 'outbound', 'signalwire', '+12025550100', c.phone_number, \
         'agent_demo', 'busy', 'busy', 'busy', {now}, {now}, {now}, {now}, {now}, {now}, {now} \
         FROM contacts c JOIN campaigns k ON k.id = c.campaign_id WHERE k.id = {id}"
    );
    let counters = format!(
        "UPDATE campaign_counters SET total = {count}, contacted = {count}, reached = {count}, calls_placed = {count}, \
         calls_busy = {count}, wake_at = {due} WHERE campaign_id = {id}"
    );
    for statement in [&people, &calls, &counters, &zone(&id)] {
        stage.database.run(statement).await?;
    }
    tidy(stage, "contacts, calls").await
}

/// Gives a campaign `count` contacts who are being called at this moment, and makes it active; their calls' ids.
///
/// # Errors
/// What the database says.
pub async fn live_calls(stage: &Stage, campaign: &str, count: usize) -> anyhow::Result<Vec<Uuid>> {
    let dialect = stage.database.dialect;
    let (id, now) = (dialect.id(campaign), dialect.now());
    let (number, series) = (dialect.number(), dialect.series(count));
    let (new_id, name) = (dialect.new_id(), dialect.digits("made.id"));
    let people = format!(
        "INSERT INTO contacts (campaign_id, phone_number, name, status, attempts, ticket, last_attempt_at, created_at, updated_at) \
         SELECT {id}, {number}, 'Guest ' || n, 'calling', 1, 1, {now}, {now}, {now} FROM {series}"
    );
    // The ids are made once, and not anew for each place that they stand in.
    let calls = format!(
        "WITH made AS MATERIALIZED \
         (SELECT {new_id} AS id, k.owner_id, k.id AS campaign_id, c.id AS contact_id, c.phone_number \
         FROM contacts c JOIN campaigns k ON k.id = c.campaign_id WHERE k.id = {id}) \
         INSERT INTO calls (id, owner_id, campaign_id, contact_id, attempt, direction, carrier, carrier_call_id, from_number, \
         to_number, agent_id, status, begun_at, placed_at, created_at, updated_at) \
         SELECT made.id, made.owner_id, made.campaign_id, made.contact_id, 1, 'outbound', 'signalwire', {name}, \
         '+12025550100', made.phone_number, 'agent_demo', 'initiated', {now}, {now}, {now}, {now} FROM made"
    );
    let counters = format!(
        "UPDATE campaign_counters SET total = {count}, calling = {count}, reached = {count}, live = {count}, \
         calls_placed = {count} WHERE campaign_id = {id}"
    );
    let active =
        format!("UPDATE campaigns SET status = 'active', started_at = {now} WHERE id = {id}");
    for statement in [&people, &calls, &counters, &zone(&id), &active] {
        stage.database.run(statement).await?;
    }
    tidy(stage, "contacts, calls").await?;
    let ids = format!("SELECT id FROM calls WHERE campaign_id = {id}");
    stage.database.figures(&ids).await
}

/// The carrier's name for a call of [`live_calls`].
pub fn carrier_call_id(call: Uuid) -> String {
    call.simple().to_string()
}

/// Has the database look at `tables`, and waits until the workers told the index of searches of all contacts, five thousand a
/// second: neither is part of what is measured.
///
/// # Errors
/// What the database says, or that it takes longer than ten minutes.
pub async fn tidy(stage: &Stage, tables: &str) -> anyhow::Result<()> {
    let database = &stage.database;
    database.run(&database.dialect.tidy(tables)).await?;
    if database.dialect == Dialect::Sqlite {
        return Ok(());
    }
    // A commit from before has no such index.
    let has_index = "SELECT to_regclass('contact_texts_due') IS NOT NULL";
    if !database.figure(has_index).await? {
        return Ok(());
    }
    let begun = Instant::now();
    let is_behind = "SELECT EXISTS (SELECT 1 FROM contact_texts_due)";
    while database.figure(is_behind).await? {
        ensure!(
            begun.elapsed() < KNOWN_MAX,
            "searches do not get to know the contacts"
        );
        sleep(KNOWN_PAUSE).await;
    }
    database.run("ANALYZE contact_texts").await
}

/// Gives a campaign a history of `count` calls of the last three months to a tenth as many contacts, all reached in the
/// end; then has `dialer recount` write their sums.
///
/// # Errors
/// What the database says, or `dialer recount`.
pub async fn call_history(
    plan: &Plan,
    stage: &Stage,
    campaign: &str,
    count: usize,
) -> anyhow::Result<()> {
    let (database, dialect) = (&stage.database, stage.database.dialect);
    let contacts = count / CALLS_PER_CONTACT;
    let (id, now) = (dialect.id(campaign), dialect.now());
    let (number, series) = (dialect.number(), dialect.series(contacts));
    let people = format!(
        "INSERT INTO contacts (campaign_id, phone_number, name, status, attempts, ticket, last_attempt_at, last_outcome, \
         created_at, updated_at) \
         SELECT {id}, {number}, 'Guest ' || n, 'completed', {CALLS_PER_CONTACT}, {CALLS_PER_CONTACT}, {now}, \
         'answered', {now}, {now} FROM {series}"
    );
    database.run(&people).await?;
    database.run(&zone(&id)).await?;
    for attempt in 1..=CALLS_PER_CONTACT {
        database
            .run(&calls_of_attempt(dialect, &id, attempt))
            .await?;
    }
    let kinds = CALLS_PER_CONTACT;
    let counters = format!(
        "UPDATE campaign_counters SET total = {contacts}, completed = {contacts}, reached = {contacts}, calls_placed = {count}, \
         calls_completed = {count} / {kinds} * 4, calls_successful = {count} / {kinds} * 4, \
         calls_busy = {count} / {kinds} * 3, calls_no_answer = {count} / {kinds} * 3 WHERE campaign_id = {id}"
    );
    let started_at = dialect.after(&now, &format!("-86400 * {HISTORY_DAYS}"));
    let paused = format!(
        "UPDATE campaigns SET status = 'paused', started_at = {started_at} WHERE id = {id}"
    );
    for statement in [&counters, &paused] {
        database.run(statement).await?;
    }
    tidy(stage, "contacts, calls").await?;
    let from = (Utc::now() - TimeDelta::days(HISTORY_DAYS + 1)).date_naive();
    stage.dialer(plan, &["recount", "--from", &from.to_string()])
}

/// The calls that were each contact's `attempt`th: three busy ones, three that rang out, four answered.
fn calls_of_attempt(dialect: Dialect, campaign: &str, attempt: usize) -> String {
    let (ending, outcome, status, is_talk) = match attempt {
        1..=3 => ("busy", "busy", "busy", false),
        4..=6 => ("no_answer", "no_answer", "no-answer", false),
        _ => ("completed", "answered", "completed", true),
    };
    let after = |seconds| dialect.after("begun", seconds);
    let (ringing, over) = (after("2"), after("70"));
    let (answered, talk_s, price) = if is_talk {
        (after("10"), "60", "9000")
    } else {
        ("NULL".to_owned(), "NULL", "NULL")
    };
    let (id, name) = (dialect.new_id_at("begun"), dialect.digits(dialect.new_id()));
    // Evenly over the attempt's part of all days, and over by today.
    let begun = dialect.after(
        &dialect.today(),
        &format!(
            "-86400.0 * {HISTORY_DAYS} * \
             (1 - (({attempt} - 1 + row_number() OVER (ORDER BY c.id) * 1.0 / count(*) OVER ()) / {CALLS_PER_CONTACT})) - 180"
        ),
    );
    format!(
        "INSERT INTO calls (id, owner_id, campaign_id, contact_id, attempt, direction, carrier, carrier_call_id, from_number, \
         to_number, agent_id, status, ending, outcome, is_successful, begun_at, placed_at, ringing_at, answered_at, ended_at, \
         settled_at, decided_at, duration_s, price_micros, price_unit, created_at, updated_at) \
         SELECT {id}, owner_id, campaign_id, id, {attempt}, 'outbound', 'signalwire', {name}, \
         '+12025550100', phone_number, 'agent_demo', '{status}', '{ending}', '{outcome}', {is_talk}, begun, begun, \
         {ringing}, {answered}, {over}, {over}, {over}, {talk_s}, {price}, 'USD', begun, begun \
         FROM (SELECT c.*, k.owner_id, {begun} AS begun \
               FROM contacts c JOIN campaigns k ON k.id = c.campaign_id WHERE k.id = {campaign}) AS planned"
    )
}

/// `campaign`: its id, written out.
fn zone(campaign: &str) -> String {
    format!(
        "INSERT INTO campaign_zones (campaign_id, timezone) VALUES ({campaign}, '') ON CONFLICT DO NOTHING"
    )
}
