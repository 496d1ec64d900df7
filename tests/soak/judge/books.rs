//! What the dialer's own rows say.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::DatabaseConnection;
use serde_json::Value;
use simulator::{Behaviour, RecordedCall};

use crate::campaign::Life;
use crate::support::database::rows;

/// What is not final.
const OPEN_CONTACTS: &str = "SELECT COUNT(*) AS n FROM contacts \
    WHERE status NOT IN ('completed', 'failed', 'do_not_call', 'canceled')";
/// What took place.
const PLACED: &str = "SELECT CAST(id AS TEXT) AS id FROM calls WHERE placed_at IS NOT NULL";
const OPEN_CALLS: &str = "SELECT COUNT(*) AS n FROM calls WHERE settled_at IS NULL";

/// P4: every contact is final, and where the policy leads. Where the campaign was cut short before: `canceled`, or
/// `completed` where the last that was heard, in a call that outlived it, was the wish for a callback.
pub async fn not_done(
    db: &DatabaseConnection,
    life: &Life,
    ends: &BTreeMap<String, &'static str>,
) -> Vec<String> {
    let found = rows(
        db,
        &format!(
            "SELECT phone_number, status, attempts, last_error FROM contacts WHERE campaign_id = '{}'",
            life.id
        ),
    )
    .await;
    let mut wrong = Vec::new();
    for row in &found {
        let number = row["phone_number"].as_str().expect("a number");
        let should = ends.get(number).copied().unwrap_or("canceled");
        let is_reached = !ends.contains_key(number) && row["status"] == "completed";
        if row["status"] != should && !(is_reached && asks_for_callback(life, number)) {
            wrong.push(format!("P4: should be {should}, {:?}: {row}", life.fate));
        }
    }
    wrong
}

fn asks_for_callback(life: &Life, number: &str) -> bool {
    let person = life.people.iter().find(|person| person.number == number);
    person.is_some_and(|person| matches!(person.script[0], Behaviour::AskForCallback { .. }))
}

/// P4: no contact and no call hangs.
pub async fn open(db: &DatabaseConnection) -> Vec<String> {
    let mut open = Vec::new();
    for (what, count) in [
        ("contacts are not final", OPEN_CONTACTS),
        ("calls are not settled", OPEN_CALLS),
    ] {
        let count = &rows(db, count).await[0]["n"];
        if *count != 0 {
            open.push(format!("P4: {count} {what}"));
        }
    }
    open
}

/// P4: each call that the carrier took on is in the books as one that took place, and no other is.
pub async fn differ_from_the_carrier(
    db: &DatabaseConnection,
    calls: &[RecordedCall],
) -> Vec<String> {
    let taken_on = calls.iter().filter(|call| call.sid().is_some());
    let taken_on: BTreeSet<String> = taken_on
        .filter_map(|call| call.call_id.map(|id| id.to_string()))
        .collect();
    let placed = rows(db, PLACED).await;
    let placed: BTreeSet<String> = placed
        .iter()
        .filter_map(|row| row["id"].as_str().map(str::to_owned))
        .collect();
    let unknown = taken_on.difference(&placed);
    let invented = placed.difference(&taken_on);
    unknown
        .map(|id| format!("P4: the carrier took on {id}, and the books do not say so"))
        .chain(invented.map(|id| {
            format!("P4: the books say that {id} took place, and the carrier knows no such call")
        }))
        .collect()
}

/// P5: the counters of every campaign, and its sums, equal a recount.
pub async fn differ_from_a_recount(db: &DatabaseConnection) -> Vec<String> {
    let mut wrong = differ(db, "contacts", CONTACT_COUNTERS, CONTACTS).await;
    wrong.extend(differ(db, "calls", CALL_COUNTERS, CALLS).await);
    for table in SUMMED_IN {
        let sums = format!("{SUMS} FROM {table} GROUP BY campaign_id");
        wrong.extend(differ(db, table, &sums, SUMMED_CALLS).await);
    }
    wrong
}

async fn differ(db: &DatabaseConnection, what: &str, kept: &str, recount: &str) -> Vec<String> {
    let kept = by_campaign(rows(db, kept).await);
    let recounted = by_campaign(rows(db, recount).await);
    if kept.is_empty() {
        return vec![format!("P5: there are no {what}")];
    }
    let campaigns: BTreeSet<_> = kept.keys().chain(recounted.keys()).collect();
    let wrong = campaigns
        .into_iter()
        .filter(|campaign| kept.get(*campaign) != recounted.get(*campaign));
    wrong
        .map(|campaign| {
            let (kept, recounted) = (kept.get(campaign), recounted.get(campaign));
            format!("P5: {what} of campaign {campaign}: {kept:?} kept, {recounted:?} recounted")
        })
        .collect()
}

/// The rows by their campaign.
fn by_campaign(rows: Vec<Value>) -> BTreeMap<String, Value> {
    let named = rows.into_iter().map(|mut row| {
        let campaign = row["campaign"].take();
        (campaign.as_str().unwrap_or("no campaign").to_owned(), row)
    });
    named.collect()
}

const CONTACT_COUNTERS: &str = "SELECT CAST(campaign_id AS TEXT) AS campaign, CAST(total AS BIGINT) AS total, \
    CAST(pending AS BIGINT) AS pending, CAST(queued AS BIGINT) AS queued, CAST(calling AS BIGINT) AS calling, \
    CAST(contacted AS BIGINT) AS contacted, CAST(completed AS BIGINT) AS completed, \
    CAST(failed AS BIGINT) AS failed, CAST(do_not_call AS BIGINT) AS do_not_call, \
    CAST(canceled AS BIGINT) AS canceled FROM campaign_counters";

const CONTACTS: &str = "SELECT CAST(campaign_id AS TEXT) AS campaign, COUNT(*) AS total, \
    COUNT(CASE WHEN status = 'pending' THEN 1 END) AS pending, \
    COUNT(CASE WHEN status = 'queued' THEN 1 END) AS queued, \
    COUNT(CASE WHEN status = 'calling' THEN 1 END) AS calling, \
    COUNT(CASE WHEN status = 'contacted' THEN 1 END) AS contacted, \
    COUNT(CASE WHEN status = 'completed' THEN 1 END) AS completed, \
    COUNT(CASE WHEN status = 'failed' THEN 1 END) AS failed, \
    COUNT(CASE WHEN status = 'do_not_call' THEN 1 END) AS do_not_call, \
    COUNT(CASE WHEN status = 'canceled' THEN 1 END) AS canceled FROM contacts GROUP BY campaign_id";

const CALL_COUNTERS: &str = "SELECT CAST(campaign_id AS TEXT) AS campaign, live, calls_placed AS placed, \
    calls_completed AS completed, calls_busy AS busy, calls_no_answer AS no_answer, calls_failed AS failed, \
    calls_voicemail AS voicemail, calls_successful AS successful FROM campaign_counters";

const CALLS: &str = "SELECT CAST(campaign_id AS TEXT) AS campaign, \
    COUNT(CASE WHEN settled_at IS NULL THEN 1 END) AS live, COUNT(placed_at) AS placed, \
    COUNT(CASE WHEN status = 'completed' THEN 1 END) AS completed, \
    COUNT(CASE WHEN status = 'busy' THEN 1 END) AS busy, \
    COUNT(CASE WHEN status = 'no-answer' THEN 1 END) AS no_answer, \
    COUNT(CASE WHEN status = 'failed' AND placed_at IS NOT NULL THEN 1 END) AS failed, \
    COUNT(CASE WHEN outcome = 'voicemail' THEN 1 END) AS voicemail, \
    COUNT(CASE WHEN is_successful THEN 1 END) AS successful FROM calls \
    WHERE campaign_id IS NOT NULL GROUP BY campaign_id";

/// All sums, and those that are alike, by quarter of an hour and by day.
const SUMMED_IN: [&str; 3] = [
    "call_rollups",
    "call_detail_rollups WHERE span_m = 15",
    "call_detail_rollups WHERE span_m = 1440",
];

const SUMS: &str = "SELECT CAST(campaign_id AS TEXT) AS campaign, CAST(SUM(calls) AS BIGINT) AS placed, \
    CAST(SUM(completed) AS BIGINT) AS completed, CAST(SUM(busy) AS BIGINT) AS busy, \
    CAST(SUM(no_answer) AS BIGINT) AS no_answer, CAST(SUM(failed) AS BIGINT) AS failed, \
    CAST(SUM(voicemail) AS BIGINT) AS voicemail, CAST(SUM(successful) AS BIGINT) AS successful";

/// Calls outside any campaign are summed under the nil id.
const SUMMED_CALLS: &str = "SELECT COALESCE(CAST(campaign_id AS TEXT), '00000000-0000-0000-0000-000000000000') \
    AS campaign, COUNT(placed_at) AS placed, \
    COUNT(CASE WHEN status = 'completed' THEN 1 END) AS completed, \
    COUNT(CASE WHEN status = 'busy' THEN 1 END) AS busy, \
    COUNT(CASE WHEN status = 'no-answer' THEN 1 END) AS no_answer, \
    COUNT(CASE WHEN status = 'failed' AND placed_at IS NOT NULL THEN 1 END) AS failed, \
    COUNT(CASE WHEN outcome = 'voicemail' THEN 1 END) AS voicemail, \
    COUNT(CASE WHEN is_successful THEN 1 END) AS successful FROM calls GROUP BY campaign_id";
