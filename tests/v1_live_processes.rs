//! Watching over several processes: what one changes, all tell.

use std::time::Duration;

use futures::StreamExt;
use serde_json::{Value, json};
use simulator::Behaviour;
use tokio::time::timeout;

use crate::support::dialer::ADMIN_TOKEN;
use crate::support::people::{alike, number};
use crate::support::redis_server::RedisServer;
use crate::support::watch::Watch;
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually};

const PRODUCTION: Stack = Stack::Production { workers: 1 };

async fn rename(dialer: &Dialer, campaign: &str, name: &str) {
    let path = format!("/api/v1/campaigns/{campaign}");
    dialer.api.patch(&path, json!({ "name": name })).await.ok();
}

fn is_called(name: &'static str) -> impl FnMut(&Value) -> bool {
    move |message| message["name"] == name
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_changes_all_processes_tell() {
    let dialer = Dialer::start(PRODUCTION, Options::default()).await;
    let (_process, second) = dialer.start_another_web().await;
    let mut here = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let mut there = Watch::open(second.base(), ADMIN_TOKEN).await;
    for watch in [&mut here, &mut there] {
        watch
            .until("both clients", |message| message["totalConnections"] == 2)
            .await;
    }
    let people = alike(276, 3, &Behaviour::Busy);
    dialer.rehearse(&people);
    let fields = json!({ "callAttemptsPerContact": 1, "name": "by the first" });
    let campaign = dialer.api.create_campaign(fields).await;
    there.until("the new one", is_called("by the first")).await;
    dialer.api.add(&campaign, &people).await;
    // Begun by the worker, settled by the first: told by the second.
    second.command(&campaign, "start").await.ok();
    let heard = there
        .all_until("the end", |message| {
            message["type"] == "campaign" && message["status"] == "completed"
        })
        .await;
    let last = heard.last().expect("the end");
    assert_eq!(last["liveStats"]["failed"], 3);
    for index in 0..3 {
        let number = number(276, index);
        let calls: Vec<&Value> = heard
            .iter()
            .filter(|message| message["type"] == "call" && message["phoneNumber"] == number)
            .collect();
        assert_eq!(calls.last().expect("told of")["outcome"], "busy");
    }
    drop(here);
    there
        .until("one client", |message| message["totalConnections"] == 1)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_while_redis_was_away_is_told_once_it_is_back() {
    let mut redis = RedisServer::start().await;
    let options = Options {
        redis_url: Some(redis.url()),
        ..Options::default()
    };
    let dialer = Dialer::start(PRODUCTION, options).await;
    let (_process, second) = dialer.start_another_web().await;
    let mut there = Watch::open(second.base(), ADMIN_TOKEN).await;
    let campaign = dialer
        .api
        .create_campaign(json!({ "name": "before" }))
        .await;
    there.until("the campaign", is_called("before")).await;

    redis.stop();
    rename(&dialer, &campaign, "meanwhile").await;
    // The process that makes the change needs no Redis to tell of it.
    let mut here = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    rename(&dialer, &campaign, "here at least").await;
    here.until("the change", is_called("here at least")).await;
    redis.start_again().await;
    there
        .until("what was missed", is_called("here at least"))
        .await;
    rename(&dialer, &campaign, "after").await;
    there.until("what comes after", is_called("after")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_ids_and_counts_travels_between_processes() {
    let redis = RedisServer::start().await;
    let options = Options {
        redis_url: Some(redis.url()),
        ..Options::default()
    };
    let dialer = Dialer::start(PRODUCTION, options).await;
    let client = redis::Client::open(redis.url()).expect("an address");
    let mut ear = client.get_async_pubsub().await.expect("Redis answers");
    ear.psubscribe("*:live").await.expect("it can be heard");
    let mut heard = ear.into_on_message();
    let people = alike(277, 2, &Behaviour::Answer { talk_ms: 2_000 });
    dialer.rehearse(&people);
    let fields = json!({ "callAttemptsPerContact": 1, "name": "Nobody's business" });
    let campaign = dialer.api.create_campaign(fields).await;
    dialer.api.add(&campaign, &people).await;
    dialer.api.command(&campaign, "start").await.ok();
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;
    let mut told = String::new();
    eventually("everything was told", PATIENCE, async || {
        while let Ok(Some(message)) = timeout(Duration::from_millis(100), heard.next()).await {
            let text: String = message.get_payload().expect("text");
            told.push_str(&text);
            if text.contains("present") {
                break;
            }
        }
        let calls = told.matches("\"calls\":{\"").count();
        (calls >= 2).then_some(())
    })
    .await;
    assert!(told.contains(&campaign));
    for secret in ["+1277", "5550", "Nobody", "Person", ADMIN_TOKEN] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}
