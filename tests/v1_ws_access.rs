//! Who may watch, from which pages, and for how long.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::Utc;
use serde_json::json;

use crate::support::dialer::ADMIN_TOKEN;
use crate::support::signing::jwt;
use crate::support::watch::{Watch, bearer, request};
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    a_token_may_come_in_any_of_three_places,
    without_a_good_token_nobody_watches,
    a_key_that_is_taken_back_ends_its_connections_and_no_others,
    a_dashboards_token_ends_its_connection_when_it_is_over,
    only_pages_that_may_call_may_watch,
);

/// What is promised.
const REVOKED_WITHIN: Duration = Duration::from_secs(60);
const SECRET: &str = "the-dashboard-and-the-dialer-share-this-secret";
const PAGE: &str = "https://dashboard.example.com";

async fn dialer(stack: Stack) -> Dialer {
    let env = BTreeMap::from([
        ("JWT_SECRET", SECRET.to_owned()),
        ("CORS_ORIGINS", PAGE.to_owned()),
    ]);
    let options = Options {
        env,
        ..Options::default()
    };
    Dialer::start(stack, options).await
}

async fn a_token_may_come_in_any_of_three_places(stack: Stack) {
    let dialer = dialer(stack).await;
    let ann = dialer.create_user("ann", "user");
    let claims = json!({ "sub": "meera", "role": "user", "exp": Utc::now().timestamp() + 600 });
    for token in [ann.token, jwt(SECRET, &claims)] {
        let header = bearer(&token);
        let protocol = format!("bearer, {token}");
        let query = format!("?token={token}");
        for (headers, query, agreed) in [
            (vec![("authorization", header.as_str())], "", None),
            (
                vec![("sec-websocket-protocol", protocol.as_str())],
                "",
                Some("bearer"),
            ),
            (vec![], query.as_str(), None),
        ] {
            // As browsers do.
            let all = [headers, vec![("accept-encoding", "gzip, deflate, br")]].concat();
            let request = request(dialer.base(), &all, query);
            let mut watch = Watch::try_open(request).await.expect("let in");
            assert!(!watch.response.headers().contains_key("content-encoding"));
            let answered = watch.response.headers().get("sec-websocket-protocol");
            assert_eq!(answered.map(|name| name.to_str().expect("text")), agreed);
            assert_eq!(watch.next().await["type"], "stats");
        }
        assert!(!dialer.output().contains(&token), "no token in a log");
    }
}

async fn without_a_good_token_nobody_watches(stack: Stack) {
    let dialer = dialer(stack).await;
    let over = json!({ "sub": "meera", "exp": Utc::now().timestamp() - 600 });
    let over = format!("?token={}", jwt(SECRET, &over));
    for (headers, query) in [
        (vec![], ""),
        (vec![], "?token="),
        (vec![], "?token=nobody-ever-made-this"),
        (vec![], over.as_str()),
        (vec![("authorization", "Bearer nobody-ever-made-this")], ""),
        (vec![("sec-websocket-protocol", "bearer")], ""),
        (
            vec![("sec-websocket-protocol", "bearer, nobody-ever-made-this")],
            "",
        ),
        // What follows no "bearer" is no token.
        (vec![("sec-websocket-protocol", ADMIN_TOKEN)], ""),
    ] {
        let refused = Watch::try_open(request(dialer.base(), &headers, query)).await;
        let (status, body) = refused.err().expect("a stranger");
        assert_eq!(status, 401, "{headers:?} {query}");
        assert_eq!(body["code"], "unauthenticated", "{body}");
    }
    // With a token, but without a WebSocket.
    let plain = dialer.api.get("/api/v1/ws").await.with(400);
    assert_eq!(plain["code"], "unreadable");
}

async fn a_key_that_is_taken_back_ends_its_connections_and_no_others(stack: Stack) {
    let dialer = dialer(stack).await;
    let ann = dialer.create_user("ann", "user");
    let bob = dialer.create_user("bob", "user");
    let mut hers = Watch::open(dialer.base(), &ann.token).await;
    let mut his = Watch::open(dialer.base(), &bob.token).await;
    dialer.run(&["token", "revoke", &ann.key]);
    let (code, reason) = hers.closed(REVOKED_WITHIN).await;
    assert_eq!(code, 4401);
    assert!(reason.contains("revoked"), "{reason}");
    // The first was told before, the next comes after.
    his.next().await;
    assert_eq!(his.next().await["type"], "stats");
}

async fn a_dashboards_token_ends_its_connection_when_it_is_over(stack: Stack) {
    let dialer = dialer(stack).await;
    // Clocks are granted five seconds.
    let claims = json!({ "sub": "meera", "exp": Utc::now().timestamp() });
    let mut watch = Watch::open(dialer.base(), &jwt(SECRET, &claims)).await;
    let (code, _) = watch.closed(REVOKED_WITHIN + Duration::from_secs(5)).await;
    assert_eq!(code, 4401);
}

async fn only_pages_that_may_call_may_watch(stack: Stack) {
    let dialer = dialer(stack).await;
    let header = bearer(ADMIN_TOKEN);
    let own = dialer.base().to_owned();
    for (page, is_welcome) in [
        (PAGE, true),
        (own.as_str(), true),
        ("https://elsewhere.example.com", false),
        ("null", false),
    ] {
        let headers = [("authorization", header.as_str()), ("origin", page)];
        match Watch::try_open(request(dialer.base(), &headers, "")).await {
            Ok(_) => assert!(is_welcome, "{page}"),
            Err((status, body)) => {
                assert!(!is_welcome, "{page}: {body}");
                assert_eq!(status, 403);
                assert_eq!(body["code"], "forbidden");
            }
        }
    }
}
