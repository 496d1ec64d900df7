//! Clients that say nonsense, are slow, are silent, or too many.

use std::collections::BTreeMap;
use std::time::Instant;

use futures::future::join_all;
use futures::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::support::dialer::ADMIN_TOKEN;
use crate::support::watch::{Watch, bearer, request};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    nonsense_is_answered_and_ends_nothing,
    pings_of_the_protocol_are_answered_and_sent,
    a_client_that_does_not_read_is_dropped_with_a_reason_and_others_go_on,
    a_client_of_which_nothing_is_heard_is_gone,
    no_more_clients_than_are_allowed_may_watch,
    a_server_that_stops_says_so,
);

async fn nonsense_is_answered_and_ends_nothing(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let id = "0190f3c2-7d4e-7a31-9c55-0123456789ab";
    let long = format!(r#"{{"type":"ping","x":"{}"}}"#, "y".repeat(100_000));
    let many = json!({ "type": "subscribe", "campaigns": vec![id; 1_001] }).to_string();
    let deep = "[".repeat(5_000);
    for (text, code, field) in [
        ("", "unreadable", None),
        ("hello", "unreadable", None),
        ("{", "unreadable", None),
        ("[]", "unreadable", None),
        ("null", "unreadable", None),
        (deep.as_str(), "unreadable", None),
        (long.as_str(), "too_large", None),
        ("{}", "invalid", Some("type")),
        (r#"{"type":7}"#, "invalid", Some("type")),
        (r#"{"type":"dance"}"#, "invalid", Some("type")),
        (r#"{"type":"subscribe"}"#, "invalid", Some("campaigns")),
        (
            r#"{"type":"subscribe","campaigns":"some"}"#,
            "invalid",
            Some("campaigns"),
        ),
        (
            r#"{"type":"subscribe","campaigns":["x"]}"#,
            "invalid",
            Some("campaigns[0]"),
        ),
        (
            r#"{"type":"unsubscribe","campaigns":[null]}"#,
            "invalid",
            Some("campaigns[0]"),
        ),
        (
            "{\"type\":\"subscribe\",\"campaigns\":[\"\\u0000\"]}",
            "invalid",
            Some("campaigns[0]"),
        ),
        (many.as_str(), "invalid", Some("campaigns")),
    ] {
        watch.say_text(text).await;
        let answer = watch.answer().await;
        let shown = text.chars().take(60).collect::<String>();
        assert_eq!(answer["type"], "error", "{shown}");
        assert_eq!(answer["success"], false);
        assert_eq!(answer["code"], code, "{shown}: {answer}");
        assert!(
            answer["message"]
                .as_str()
                .is_some_and(|text| text.len() > 10)
        );
        let named = answer["errors"][0]["field"].as_str();
        assert_eq!(named, field, "{shown}");
    }
    let binary = Message::binary(vec![0, 159, 146, 150]);
    watch.socket.send(binary).await.expect("sent");
    assert_eq!(watch.answer().await["code"], "unreadable");
    assert_eq!(
        watch.ask(&json!({ "type": "ping" })).await,
        json!({ "type": "pong" })
    );
    // Nothing of it changed what is told.
    let now = watch
        .ask(&json!({ "type": "unsubscribe", "campaigns": [] }))
        .await;
    assert_eq!(now["campaigns"], "all");
    assert_eq!(now["except"], json!([]));
    assert_eq!(watch.next().await["type"], "stats");
}

async fn pings_of_the_protocol_are_answered_and_sent(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let ping = Message::Ping("are you there".into());
    watch.socket.send(ping).await.expect("sent");
    let (mut is_answered, mut is_asked) = (false, false);
    while !(is_answered && is_asked) {
        let heard = timeout(PATIENCE, watch.socket.next())
            .await
            .expect("in time");
        match heard.expect("open").expect("heard") {
            Message::Pong(said) => is_answered |= said == "are you there",
            Message::Ping(_) => is_asked = true,
            _ => {}
        }
    }
}

async fn a_client_that_does_not_read_is_dropped_with_a_reason_and_others_go_on(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let mut campaigns = Vec::new();
    for _ in 0..20 {
        campaigns.push(api.create_campaign(json!({})).await);
    }
    let mut slow = Watch::open_narrow(dialer.base(), ADMIN_TOKEN).await;
    let mut quick = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    quick
        .until("two clients", |message| message["totalConnections"] == 2)
        .await;
    let begun = Instant::now();
    let mut round = 0;
    loop {
        assert!(
            begun.elapsed() < PATIENCE,
            "the slow one is still waited for"
        );
        round += 1;
        let text = format!("{round} {}", "x".repeat(9_900));
        let changes = campaigns.iter().map(|campaign| {
            let path = format!("/api/v1/campaigns/{campaign}");
            api.request(Method::PATCH, &path)
                .json(&json!({ "description": text }))
                .send()
        });
        for changed in join_all(changes).await {
            assert_eq!(changed.expect("an answer").status(), 200);
        }
        // The quick one hears of every round.
        let heard = quick
            .all_until("the round", |message| {
                message["description"] == text.as_str()
            })
            .await;
        let mut figures = heard.iter().filter(|message| message["type"] == "stats");
        if figures.any(|figures| figures["totalConnections"] == 1) {
            break;
        }
    }
    let (code, reason) = slow.closed(PATIENCE).await;
    assert_eq!(code, 1013);
    assert!(reason.contains("too slow"), "{reason}");
    assert_eq!(quick.ask(&json!({ "type": "ping" })).await["type"], "pong");
    let metrics = api.request(Method::GET, "/metrics").send().await;
    let metrics = metrics.expect("an answer").text().await.expect("text");
    assert!(
        metrics.contains("dialer_live_clients_dropped_total 1"),
        "{metrics}"
    );
}

async fn a_client_of_which_nothing_is_heard_is_gone(stack: Stack) {
    let env = BTreeMap::from([("LIVE_SILENCE_S", "3".to_owned())]);
    let options = Options {
        env,
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let mut talking = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    // Whoever does not read answers no ping either.
    let mut silent = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    talking
        .until("two clients", |message| message["totalConnections"] == 2)
        .await;
    talking
        .until("one client", |message| message["totalConnections"] == 1)
        .await;
    let (code, reason) = silent.closed(PATIENCE).await;
    assert_eq!(code, 4408);
    assert!(reason.contains("nothing was heard"), "{reason}");
}

async fn no_more_clients_than_are_allowed_may_watch(stack: Stack) {
    let env = BTreeMap::from([("LIVE_CLIENTS_MAX", "2".to_owned())]);
    let options = Options {
        env,
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let header = bearer(ADMIN_TOKEN);
    let ask = || request(dialer.base(), &[("authorization", &header)], "");
    let one = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let _two = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let (status, body) = Watch::try_open(ask()).await.err().expect("no room");
    assert_eq!(status, 503);
    assert_eq!(body["code"], "unavailable");
    drop(one);
    let mut third = eventually("there is room again", PATIENCE, async || {
        Watch::try_open(ask()).await.ok()
    })
    .await;
    assert_eq!(third.next().await["type"], "stats");
}

async fn a_server_that_stops_says_so(stack: Stack) {
    let mut dialer = Dialer::start(stack, Options::default()).await;
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let first: Value = watch.next().await;
    assert_eq!(first["type"], "stats");
    let mut web = dialer.web.take().expect("an API");
    web.terminate();
    let (code, _) = watch.closed(PATIENCE).await;
    assert_eq!(code, 1001);
    assert_eq!(web.gone(PATIENCE).await, Some(0));
}
