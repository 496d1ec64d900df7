//! Whatever is killed, frozen, emptied or restarted, and whatever the carrier loses: nobody is lost, nobody is called twice.
//!
//! Real processes on Postgres and Redis. After each disaster: every contact is final, attempts are as the policy says, no
//! overlap, never above the limit, counters equal a recount.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use simulator::{Fault, Trigger};

use crate::support::people::{Person, as_contacts, mixed};
use crate::support::postgres_server::PostgresServer;
use crate::support::promises::{Promised, assert_kept};
use crate::support::redis_server::RedisServer;
use crate::support::{Dialer, Options, Stack, eventually};

/// Long enough for heartbeats to lapse, calls to be given up and conversations to be waited for.
const PATIENCE: Duration = Duration::from_secs(150);
const LIMIT: usize = 12;
const PEOPLE: usize = 160;

/// A campaign in full swing.
struct Swing {
    dialer: Dialer,
    campaign: String,
    people: Vec<Person>,
}

impl Swing {
    async fn start(area: u16, options: Options) -> Self {
        let dialer = Dialer::start(Stack::Production { workers: 3 }, options).await;
        let people = mixed(area, PEOPLE);
        dialer.rehearse(&people);
        let campaign = dialer
            .api
            .create_campaign(json!({ "maxConcurrentCalls": LIMIT }))
            .await;
        dialer.api.add(&campaign, &people).await;
        dialer.api.command(&campaign, "start").await.ok();
        let swing = Self {
            dialer,
            campaign,
            people,
        };
        swing.calls_reach(30).await;
        swing
    }

    /// Waits until the carrier has seen so many calls.
    async fn calls_reach(&self, count: usize) {
        let recorder = self.dialer.simulator.recorder();
        eventually(&format!("{count} calls"), PATIENCE, async || {
            (recorder.len() >= count).then_some(())
        })
        .await;
    }

    /// From now on `faults` strike; everything is kept all the same, and each has really struck.
    async fn everything_is_kept_although(self, faults: &[(Fault, Trigger)]) {
        let plan = self.dialer.simulator.faults();
        for (fault, trigger) in faults {
            plan.set(*fault, *trigger);
        }
        self.everything_is_kept().await;
        for (fault, _) in faults {
            assert!(plan.fired(*fault) > 0, "{fault:?} never struck");
        }
    }

    async fn everything_is_kept(self) {
        self.dialer
            .api
            .reaches(&self.campaign, "completed", PATIENCE)
            .await;
        let promised = Promised {
            campaign: &self.campaign,
            people: &self.people,
            limit: LIMIT,
        };
        assert_kept(&self.dialer, &promised).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_with_calls_in_flight_loses_nobody() {
    let mut swing = Swing::start(301, Options::default()).await;
    swing.dialer.workers[0].kill();
    swing.calls_reach(60).await;
    swing.dialer.workers[1].kill();
    swing.dialer.start_worker();
    swing.everything_is_kept().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_killed_while_webhooks_arrive_loses_nobody() {
    let mut swing = Swing::start(302, Options::default()).await;
    for count in [50, 90] {
        swing.dialer.web.as_mut().expect("the API").kill();
        swing.dialer.start_web().await;
        swing.calls_reach(count).await;
    }
    swing.everything_is_kept().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_redis_loses_nobody() {
    let redis = RedisServer::start().await;
    let options = Options {
        redis_url: Some(redis.url()),
        ..Options::default()
    };
    let swing = Swing::start(303, options).await;
    redis.flush().await;
    swing.calls_reach(80).await;
    redis.flush().await;
    swing.everything_is_kept().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_away_for_long_loses_nobody() {
    let mut redis = RedisServer::start().await;
    let options = Options {
        redis_url: Some(redis.url()),
        ..Options::default()
    };
    let swing = Swing::start(304, options).await;
    // Within the five seconds that a client is patient, and well beyond them.
    for away_s in [5, 12] {
        redis.stop();
        tokio::time::sleep(Duration::from_secs(away_s)).await;
        redis.start_again().await;
        swing.calls_reach(30 + 5 * away_s as usize).await;
    }
    swing.everything_is_kept().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_postgres_loses_nobody() {
    let mut postgres = PostgresServer::start().await;
    let options = Options {
        postgres_url: Some(postgres.url("postgres")),
        ..Options::default()
    };
    let swing = Swing::start(305, options).await;
    postgres.restart().await;
    swing.calls_reach(80).await;
    postgres.restart().await;
    swing.everything_is_kept().await;
}

/// Transactions of an import do not wait for the disk; its answer does.
#[tokio::test(flavor = "multi_thread")]
async fn people_whose_import_was_answered_are_there_after_a_power_cut() {
    let mut postgres = PostgresServer::start_forgetful().await;
    let options = Options {
        postgres_url: Some(postgres.url("postgres")),
        ..Options::default()
    };
    let dialer = Dialer::start(Stack::Production { workers: 0 }, options).await;
    let campaign = dialer.api.create_campaign(json!({})).await;
    let path = format!("/api/v1/campaigns/{campaign}/contacts");
    let people = as_contacts(&mixed(311, PEOPLE));
    for (added, duplicates) in [(PEOPLE, 0), (0, PEOPLE)] {
        let report = dialer.api.post(&path, people.clone()).await.ok();
        postgres.restart().await;
        assert_eq!(report["data"]["added"], added, "{report}");
        assert_eq!(report["data"]["duplicates"], duplicates, "{report}");
        let listed = format!("{path}?limit=1");
        let total = eventually("the API answers", PATIENCE, async || {
            let listed = dialer.api.get(&listed).await;
            (listed.status == 200).then(|| listed.ok()["data"]["total"].clone())
        })
        .await;
        assert_eq!(total, PEOPLE);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_frozen_past_its_heartbeat_and_continued_calls_nobody_twice() {
    let swing = Swing::start(306, Options::default()).await;
    swing.dialer.workers[0].freeze();
    // Three missed heartbeats of five seconds, and one more for somebody to notice.
    tokio::time::sleep(Duration::from_secs(22)).await;
    swing.dialer.workers[0].thaw();
    swing.everything_is_kept().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_the_carrier_took_on_without_an_answer_are_found_and_not_placed_again() {
    let swing = Swing::start(307, Options::default()).await;
    let some = Trigger::share(0.2);
    let faults = [
        (Fault::CreateUnanswered, some),
        (Fault::CreateErrorAfterAccept, some),
    ];
    swing.everything_is_kept_although(&faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_lost_doubled_and_reordered_change_nothing() {
    let swing = Swing::start(308, Options::default()).await;
    let some = Trigger::share(0.2);
    let faults = [
        (Fault::CallbackDropped, some),
        (Fault::CallbackDoubled, some),
        (Fault::CallbackReordered, Trigger::always()),
        (Fault::WebhookLost, some),
        (Fault::WebhookDoubled, some),
    ];
    swing.everything_is_kept_although(&faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carrier_that_refuses_and_fails_charges_nobody() {
    let env = BTreeMap::from([("CALL_CHECK_AFTER_S", "1".to_owned())]);
    let options = Options {
        env,
        ..Options::default()
    };
    let swing = Swing::start(309, options).await;
    let some = |times| Trigger {
        share: 0.2,
        times: Some(times),
    };
    let faults = [
        (Fault::CreateTooManyRequests, some(10)),
        (Fault::CreateUnavailable, some(10)),
        (Fault::CreateInternalError, some(5)),
        (Fault::CreateRefused, some(5)),
    ];
    swing.everything_is_kept_although(&faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_told_to_stop_finishes_what_is_in_flight_and_exits_with_zero() {
    let mut swing = Swing::start(310, Options::default()).await;
    // Somebody has begun to ask for its health, and never finishes the question.
    let worker = &swing.dialer.workers[0];
    let output = worker.output();
    let address = output.split_once("at http://").expect("it tells where").1;
    let address = address.split_whitespace().next().expect("an address");
    let mut asking = std::net::TcpStream::connect(address).expect("it listens");
    std::io::Write::write_all(&mut asking, b"GET /healthz HTTP/1.1\r\n").expect("it hears");
    worker.terminate();
    let code = swing.dialer.workers[0].gone(Duration::from_secs(25)).await;
    assert_eq!(code, Some(0));
    swing.everything_is_kept().await;
}
