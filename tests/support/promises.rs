//! The promises, asked of the carrier's record and of the rows, never of the counters alone.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ContactStatus;
use sea_orm::DatabaseConnection;
use simulator::RecordedCall;

use super::Dialer;
use super::database::rows;
use super::dialer::MINUTE_MS;
use super::people::Person;
use super::policy::last_status;

/// What was promised about one campaign.
pub struct Promised<'a> {
    pub campaign: &'a str,
    pub people: &'a [Person],
    pub limit: usize,
}

/// Holds the dialer to everything it promised about a campaign that is over.
pub async fn assert_kept(dialer: &Dialer, promised: &Promised<'_>) {
    assert_never_above(dialer, promised.limit);
    assert_never_two_at_once(dialer);
    let ends = assert_called_as_the_policy_says(dialer, promised.people);
    assert_no_early_retry(dialer);
    let db = dialer.database().await;
    assert_everybody_is_done(&db, &ends).await;
    assert_counters_equal_a_recount(&db, promised.campaign).await;
}

/// P1, for tests with a single campaign.
pub fn assert_never_above(dialer: &Dialer, limit: usize) {
    let most = dialer.simulator.recorder().max_concurrent();
    assert!(most <= limit, "{most} calls at once, {limit} allowed");
}

/// P2, first half.
pub fn assert_never_two_at_once(dialer: &Dialer) {
    let overlaps = dialer.simulator.recorder().overlaps();
    assert!(
        overlaps.is_empty(),
        "somebody was called twice at once: {overlaps:?}"
    );
}

/// P2, second half, and P4 as far as the carrier sees it: nobody is called too often, nobody too seldom. Where the
/// policy leads everybody.
pub fn assert_called_as_the_policy_says(
    dialer: &Dialer,
    people: &[Person],
) -> BTreeMap<String, &'static str> {
    let mut ends = BTreeMap::new();
    let mut wrong = Vec::new();
    for person in people {
        let mut calls = dialer.simulator.recorder().calls_to(&person.number);
        calls.retain(|call| call.sid().is_some());
        match last_status(person, &calls) {
            Ok(end) => drop(ends.insert(person.number.clone(), end)),
            Err(problem) => {
                wrong.push(format!("{}: {problem}: {:?}", person.number, person.script))
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    ends
}

/// P6: between the end of a call and the begin of the next lies at least the delay, by the carrier's own clock.
pub fn assert_no_early_retry(dialer: &Dialer) {
    let delay = TimeDelta::milliseconds(MINUTE_MS);
    for (number, gaps) in dialer.simulator.recorder().gaps_per_number() {
        assert!(
            gaps.iter().all(|gap| *gap >= delay),
            "{number} was called again too early: {gaps:?}"
        );
    }
}

/// P4: every contact is final, and where the policy leads.
pub async fn assert_everybody_is_done(
    db: &DatabaseConnection,
    ends: &BTreeMap<String, &'static str>,
) {
    let found = rows(
        db,
        "SELECT phone_number, status, attempts, last_error FROM contacts",
    )
    .await;
    let wrong: Vec<String> = found
        .iter()
        .filter_map(|row| {
            let end = ends.get(row["phone_number"].as_str().expect("a number"))?;
            (row["status"] != *end).then(|| format!("should be {end}: {row}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// P5: every counter equals a recount of the rows it summarises, and the sums by quarter of an hour equal both.
pub async fn assert_counters_equal_a_recount(db: &DatabaseConnection, campaign: &str) {
    let counters = rows(db, "SELECT * FROM campaign_counters").await.remove(0);
    let by_status = rows(
        db,
        "SELECT status, COUNT(*) AS n FROM contacts GROUP BY status",
    )
    .await;
    for status in ContactStatus::ALL.iter().map(|status| status.as_str()) {
        let counted = by_status.iter().find(|row| row["status"] == status);
        let counted = counted.map_or(0, |row| row["n"].as_i64().unwrap_or(0));
        assert_eq!(counters[status], counted, "{status} of campaign {campaign}");
    }
    let calls = rows(db, COUNT_CALLS).await.remove(0);
    for (counter, counted) in COUNTED_AS {
        assert_eq!(
            counters[counter], calls[counted],
            "{counter} of campaign {campaign}"
        );
    }
    assert_wishes_equal_a_recount(db, campaign).await;
    for table in SUMMED_IN {
        let sums = rows(db, &format!("{SUM_ROLLUPS} {table}")).await.remove(0);
        for (_, sum) in COUNTED_AS.iter().filter(|(_, sum)| *sum != "live") {
            let summed = sums[*sum].as_i64().unwrap_or(0);
            assert_eq!(
                calls[*sum], summed,
                "the sum of {sum} of campaign {campaign} in {table}"
            );
        }
    }
}

/// Wishes and transfers, counted in the calls' rows and in the sums.
async fn assert_wishes_equal_a_recount(db: &DatabaseConnection, campaign: &str) {
    let counted = rows(db, COUNT_WISHES).await.remove(0);
    let summed = rows(db, SUM_WISHES).await.remove(0);
    assert_eq!(
        counted, summed,
        "wishes and transfers of campaign {campaign}"
    );
}

const COUNT_WISHES: &str = "SELECT COUNT(CASE WHEN callback_requested THEN 1 END) AS callbacks, \
    COUNT(CASE WHEN is_transferred THEN 1 END) AS transfers, \
    COUNT(CASE WHEN transfer_status = 'completed' THEN 1 END) AS transfers_completed FROM calls";

const SUM_WISHES: &str = "SELECT CAST(SUM(callbacks) AS BIGINT) AS callbacks, \
    CAST(SUM(transfers) AS BIGINT) AS transfers, \
    CAST(SUM(transfers_completed) AS BIGINT) AS transfers_completed FROM call_rollups";

/// A counter, and the name of its recount and of its sum.
const COUNTED_AS: [(&str, &str); 8] = [
    ("live", "live"),
    ("calls_placed", "placed"),
    ("calls_completed", "completed"),
    ("calls_busy", "busy"),
    ("calls_no_answer", "no_answer"),
    ("calls_failed", "failed"),
    ("calls_voicemail", "voicemail"),
    ("calls_successful", "successful"),
];

const COUNT_CALLS: &str = "SELECT COUNT(placed_at) AS placed, \
    COUNT(CASE WHEN settled_at IS NULL THEN 1 END) AS live, \
    COUNT(CASE WHEN status = 'completed' THEN 1 END) AS completed, \
    COUNT(CASE WHEN status = 'busy' THEN 1 END) AS busy, \
    COUNT(CASE WHEN status = 'no-answer' THEN 1 END) AS no_answer, \
    COUNT(CASE WHEN status = 'failed' AND placed_at IS NOT NULL THEN 1 END) AS failed, \
    COUNT(CASE WHEN outcome = 'voicemail' THEN 1 END) AS voicemail, \
    COUNT(CASE WHEN is_successful THEN 1 END) AS successful FROM calls";

const SUM_ROLLUPS: &str = "SELECT CAST(SUM(calls) AS BIGINT) AS placed, \
    CAST(SUM(completed) AS BIGINT) AS completed, CAST(SUM(busy) AS BIGINT) AS busy, \
    CAST(SUM(no_answer) AS BIGINT) AS no_answer, CAST(SUM(failed) AS BIGINT) AS failed, \
    CAST(SUM(voicemail) AS BIGINT) AS voicemail, CAST(SUM(successful) AS BIGINT) AS successful FROM";

/// All of them, and those that are alike by quarter of an hour and by day.
const SUMMED_IN: [&str; 3] = [
    "call_rollups",
    "call_detail_rollups WHERE span_m = 15",
    "call_detail_rollups WHERE span_m = 1440",
];

/// When the dialer began the call, to the millisecond, by the name it gave it.
pub fn begun_at(call: &RecordedCall) -> DateTime<Utc> {
    let name = call
        .call_id
        .expect("a call of ours")
        .get_timestamp()
        .expect("a name with a time");
    let (seconds, nanos) = name.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).expect("this age"), nanos).expect("an instant")
}
