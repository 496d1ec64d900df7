//! What a dashboard of its own needs: tokens that it signs itself, and leave to call from its pages.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::Utc;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::signing::jwt;
use crate::support::{Dialer, Options, Stack, eventually, on_both_stacks};

on_both_stacks!(
    the_dashboards_own_tokens_open_what_their_role_may_see,
    tokens_that_are_expired_or_signed_otherwise_open_nothing,
    pages_of_configured_origins_may_call_and_metrics_ask_for_their_token,
);

const SECRET: &str = "the-dashboard-and-the-dialer-share-this-secret";
const PAGE: &str = "https://dashboard.example.com";
const OTHER_PAGE: &str = "https://elsewhere.example.com";
const METRICS_TOKEN: &str = "only-the-metrics-collector-has-this";

async fn dialer(stack: Stack) -> Dialer {
    let env = BTreeMap::from([
        ("JWT_SECRET", SECRET.to_owned()),
        ("CORS_ORIGINS", format!("https://old.example.com, {PAGE}")),
        ("METRICS_TOKEN", METRICS_TOKEN.to_owned()),
    ]);
    let options = Options {
        env,
        ..Options::default()
    };
    Dialer::start(stack, options).await
}

fn claims(subject: &str, role: &str) -> Value {
    json!({
        "sub": subject,
        "name": format!("{subject} of the dashboard"),
        "email": format!("{subject}@example.com"),
        "role": role,
        "exp": Utc::now().timestamp() + 600,
    })
}

fn signed_in(dialer: &Dialer, claims: &Value) -> Api {
    dialer.api_as(Some(&jwt(SECRET, claims)))
}

async fn the_dashboards_own_tokens_open_what_their_role_may_see(stack: Stack) {
    let dialer = dialer(stack).await;
    let ann = signed_in(&dialer, &claims("ann", "user"));
    let bob = signed_in(&dialer, &claims("bob", "user"));
    let root = signed_in(&dialer, &claims("root", "admin"));
    let campaign = ann.create_campaign(json!({ "name": "hers" })).await;
    let path = format!("/api/v1/campaigns/{campaign}");
    let owner = ann.get(&path).await.ok()["data"]["userId"].take();
    assert_eq!(owner["name"], "ann of the dashboard");
    assert_eq!(owner["email"], "ann@example.com");
    bob.get(&path).await.with(404);
    assert_eq!(bob.get("/api/campaigns").await.ok()["total"], 0);
    // The dashboard knows its users by its own names of them.
    bob.get("/api/campaigns?userId=ann").await.with(403);
    let found = root.get("/api/campaigns?userId=ann").await.ok();
    assert_eq!(found["campaigns"][0]["id"], campaign);
    let none = root.get("/api/campaigns?userId=bob").await.ok();
    assert_eq!(none["total"], 0);
    // A newer token of the same user: another name and a higher role, the same campaigns.
    let mut promoted = claims("ann", "admin");
    promoted["name"] = json!("Ann Boss");
    let promoted = signed_in(&dialer, &promoted);
    let his = bob.create_campaign(json!({ "name": "his" })).await;
    promoted.get(&format!("/api/v1/campaigns/{his}")).await.ok();
    let owner = promoted.get(&path).await.ok()["data"]["userId"].take();
    assert_eq!(owner["name"], "Ann Boss");
    // A dashboard that writes what it does not know as an empty text.
    let mut nameless = claims("dan", "user");
    nameless["name"] = json!("");
    nameless["email"] = json!(" ");
    let dan = signed_in(&dialer, &nameless);
    let campaign = dan.create_campaign(json!({ "name": "dan's" })).await;
    let found = dan.get(&format!("/api/v1/campaigns/{campaign}")).await.ok();
    let owner = &found["data"]["userId"];
    assert_eq!(
        (&owner["name"], &owner["email"]),
        (&json!("dan"), &Value::Null)
    );
    // A dashboard that knows our own id of a user speaks for that user.
    let carl = dialer.create_user("carl", "user");
    let campaign = carl.api.create_campaign(json!({ "name": "carl's" })).await;
    let spoken_for = signed_in(
        &dialer,
        &json!({ "sub": carl.id, "exp": Utc::now().timestamp() + 600 }),
    );
    let found = spoken_for.get("/api/campaigns").await.ok();
    assert_eq!(
        (&found["total"], &found["campaigns"][0]["id"]),
        (&json!(1), &json!(campaign))
    );
    // Tokens of ours go on to work beside them.
    dialer.api.get("/api/campaigns").await.ok();
}

async fn tokens_that_are_expired_or_signed_otherwise_open_nothing(stack: Stack) {
    let dialer = dialer(stack).await;
    let now = Utc::now().timestamp();
    let with = |key: &str, value: Value| {
        let mut claims = claims("ann", "admin");
        claims[key] = value;
        jwt(SECRET, &claims)
    };
    let without = |key: &str| {
        let mut claims = claims("ann", "admin");
        claims.as_object_mut().expect("claims").remove(key);
        jwt(SECRET, &claims)
    };
    let good = jwt(SECRET, &claims("ann", "admin"));
    let (signed, _) = good.rsplit_once('.').expect("a signature");
    let (_, others) = good.split_once('.').expect("a head");
    // {"alg":"none"} and {"alg":"HS512"}
    let (unsigned, stronger) = ("eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzUxMiJ9");
    let refused = [
        ("expired", with("exp", json!(now - 60))),
        ("not valid yet", with("nbf", json!(now + 600))),
        ("of no end", without("exp")),
        ("of nobody", without("sub")),
        ("of an empty name", with("sub", json!(""))),
        ("of a role that does not exist", with("role", json!("root"))),
        (
            "of another secret",
            jwt(&SECRET.to_uppercase(), &claims("ann", "admin")),
        ),
        ("of an empty secret", jwt("", &claims("ann", "admin"))),
        ("without its signature", format!("{signed}.")),
        (
            "with a signature of another token",
            format!("{unsigned}.{others}"),
        ),
        ("by another algorithm", format!("{stronger}.{others}")),
        ("of nothing but dots", "..".to_owned()),
    ];
    for (what, token) in refused {
        let answer = dialer.api_as(Some(&token)).get("/api/campaigns").await;
        assert_eq!(answer.status, 401, "a token {what}");
    }
    dialer.api_as(Some(&good)).get("/api/campaigns").await.ok();
    // Five seconds of grace for clocks that disagree, and not a request longer, although the token is known by then.
    let just_over = Utc::now().timestamp();
    let ending = dialer.api_as(Some(&with("exp", json!(just_over))));
    ending.get("/api/campaigns").await.ok();
    eventually("the token ends", Duration::from_secs(60), async || {
        (ending.get("/api/campaigns").await.status == 401).then_some(())
    })
    .await;
}

async fn pages_of_configured_origins_may_call_and_metrics_ask_for_their_token(stack: Stack) {
    let dialer = dialer(stack).await;
    let allowed = async |method: Method, origin: &str| {
        let request = dialer
            .api
            .request(method, "/api/campaigns")
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            );
        let response = request.send().await.expect("an answer");
        let headers = response.headers();
        let text = |name: &str| headers.get(name)?.to_str().ok().map(str::to_lowercase);
        let methods = text("access-control-allow-methods").unwrap_or_default();
        let names = text("access-control-allow-headers").unwrap_or_default();
        (text("access-control-allow-origin"), methods, names)
    };
    let (origin, methods, headers) = allowed(Method::OPTIONS, PAGE).await;
    assert_eq!(origin.as_deref(), Some(PAGE));
    assert!(
        methods.contains("put") && methods.contains("delete"),
        "{methods}"
    );
    assert!(
        headers.contains("authorization") && headers.contains("content-type"),
        "{headers}"
    );
    assert_eq!(allowed(Method::GET, PAGE).await.0.as_deref(), Some(PAGE));
    for method in [Method::OPTIONS, Method::GET] {
        assert_eq!(allowed(method, OTHER_PAGE).await.0, None);
    }

    let metrics = async |token: Option<&str>| {
        let request = dialer.api_as(token).request(Method::GET, "/metrics");
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(metrics(None).await, 401);
    assert_eq!(metrics(Some("something-else-entirely")).await, 401);
    assert_eq!(
        metrics(Some(crate::support::dialer::ADMIN_TOKEN)).await,
        401
    );
    assert_eq!(metrics(Some(METRICS_TOKEN)).await, 200);
    dialer
        .api_as(Some(METRICS_TOKEN))
        .get("/api/campaigns")
        .await
        .with(401);
}
