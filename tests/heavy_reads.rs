//! Whoever searches takes nothing away from whoever calls.

use std::time::{Duration, Instant};

use futures::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use simulator::Behaviour;

use crate::support::people::{TALK_MS, alike, number};
use crate::support::single::{call, over, start};
use crate::support::{Dialer, PATIENCE, Stack, eventually};

const SEARCH: &str = "/api/v1/analytics/calls/logs?search=somebody";
/// More than there are connections.
const SEARCHES: usize = 12;
/// A quarter of the connections that a process of these tests has.
const SEARCHES_AT_ONCE: i64 = 2;

/// From now on every search takes longer than the test.
async fn make_searches_hang(database: &DatabaseConnection) {
    let hang = "CREATE FUNCTION public.lower(character varying) RETURNS text LANGUAGE plpgsql AS \
                $$ BEGIN PERFORM pg_sleep(25); RETURN pg_catalog.lower($1); END $$";
    // For connections that are opened from here on, as those for searches are.
    let first = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', \
                 current_database()); END $$";
    for statement in [hang, first] {
        let done = database.execute_unprepared(statement).await;
        done.expect("the database is as slow as it gets");
    }
}

async fn hanging(database: &DatabaseConnection) -> i64 {
    let sql = "SELECT COUNT(*) FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event = 'PgSleep'";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = database.query_one_raw(statement).await.expect("an answer");
    let count = row.expect("a row").try_get_by_index(0);
    count.expect("a count")
}

/// Somebody is called by hand, and a campaign calls somebody, from the first request to the last webhook.
async fn calls_go_on(dialer: &Dialer, people: &[crate::support::people::Person]) {
    let talk = Behaviour::Answer { talk_ms: TALK_MS };
    let placed = call(dialer, &number(351, 9), talk).await;
    over(dialer, &placed["_id"]).await;
    let fields = serde_json::json!({ "scheduleType": "immediate" });
    let campaign = dialer.api.create_campaign(fields).await;
    dialer.api.add(&campaign, people).await;
    dialer.api.command(&campaign, "start").await.ok();
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_go_on_while_every_search_there_may_be_hangs() {
    let dialer = start(Stack::Production { workers: 1 }).await;
    let people = alike(351, 3, &Behaviour::Answer { talk_ms: TALK_MS });
    dialer.rehearse(&people);
    // Somebody whom a search may find.
    let busy = call(&dialer, &number(351, 8), Behaviour::Busy).await;
    over(&dialer, &busy["_id"]).await;
    let database = dialer.database().await;
    make_searches_hang(&database).await;
    let began = Instant::now();
    let searches: Vec<_> = (0..SEARCHES)
        .map(|_| {
            let api = dialer.api.clone();
            tokio::spawn(async move { api.get(SEARCH).await })
        })
        .collect();
    eventually("searches hang", PATIENCE, async || {
        (hanging(&database).await == SEARCHES_AT_ONCE).then_some(())
    })
    .await;
    calls_go_on(&dialer, &people).await;
    assert_eq!(
        hanging(&database).await,
        SEARCHES_AT_ONCE,
        "they hung all the time"
    );
    assert!(began.elapsed() < Duration::from_secs(25));
    // Whoever found no connection is told so; those that hang are not waited for.
    let sent_away = SEARCHES - usize::try_from(SEARCHES_AT_ONCE).expect("few");
    eventually("the others are sent away", PATIENCE, async || {
        let done = searches.iter().filter(|search| search.is_finished());
        (done.count() == sent_away).then_some(())
    })
    .await;
    let (done, hang): (Vec<_>, Vec<_>) = searches
        .into_iter()
        .partition(|search| search.is_finished());
    hang.iter().for_each(tokio::task::JoinHandle::abort);
    for answer in join_all(done).await {
        assert_eq!(answer.expect("an answer").with(503)["code"], "unavailable");
    }
}
