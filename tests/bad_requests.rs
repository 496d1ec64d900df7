//! Whatever is sent, the answer is JSON with a sentence, and never a fault of ours.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::refusal;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    bodies_that_cannot_be_read_are_refused_in_one_shape,
    addresses_and_methods_that_do_not_exist_are_refused_in_the_same,
    what_a_database_would_choke_on_never_reaches_it,
    what_is_odd_and_can_be_kept_is_kept,
);

const JSON: (&str, &str) = ("content-type", "application/json");

async fn bodies_that_cannot_be_read_are_refused_in_one_shape(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let with_body = [
        (Method::POST, "/api/campaigns".to_owned()),
        (Method::PUT, format!("/api/campaigns/{id}")),
        (Method::POST, "/api/v1/campaigns".to_owned()),
        (Method::PATCH, format!("/api/v1/campaigns/{id}")),
    ];
    let broken = [
        "",
        "{",
        "name=x",
        r#"{"name": "x",}"#,
        r#"{"name": "x"} y"#,
        r#"{"name": 1e999}"#,
    ];
    let other_kinds = [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "nonsense",
    ];
    let valid = r#"{"name": "x"}"#;
    for (method, path) in &with_body {
        let request = || api.request(method.clone(), path);
        let json = || request().header(JSON.0, JSON.1);
        for broken in broken {
            refusal(json().body(broken), 400, "unreadable").await;
        }
        let no_text = b"{\"name\": \"\xff\"}".to_vec();
        refusal(json().body(no_text), 400, "unreadable").await;
        let endless = r#"{"a":"#.repeat(500);
        refusal(json().body(endless), 400, "unreadable").await;
        for shape in ["[]", r#"[{"name": "x"}]"#, "null", "5", "\"text\""] {
            let refused = refusal(json().body(shape), 422, "invalid").await;
            let told = json!([{ "field": "body", "message": "must be an object" }]);
            assert_eq!(refused["errors"], told);
        }
        for kind in other_kinds {
            let request = request().header("content-type", kind).body(valid);
            refusal(request, 415, "unsupported_media_type").await;
        }
        refusal(request().body(valid), 415, "unsupported_media_type").await;
    }
    // Where a body may be left out, what is there must be good all the same.
    for command in ["pause", "end"] {
        let request = || api.request(Method::POST, &format!("/api/campaigns/{id}/{command}"));
        let json = || request().header(JSON.0, JSON.1);
        refusal(json().body("{"), 400, "unreadable").await;
        refusal(json().body(r#"{"reason": 5}"#), 422, "invalid").await;
        let long = json!({ "reason": "x".repeat(1_001) }).to_string();
        refusal(json().body(long), 422, "invalid").await;
        refusal(request().body("why not"), 415, "unsupported_media_type").await;
    }
    assert_eq!(api.get("/api/campaigns").await.ok()["total"], 1);
}

async fn addresses_and_methods_that_do_not_exist_are_refused_in_the_same(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let nowhere = [
        "/",
        "/api",
        "/api/v1",
        "/api/campaign",
        "/api/campaigns/",
        "/api/v2/campaigns",
        "/%ff",
        "/webhooks/signalwire",
    ];
    for path in nowhere {
        refusal(api.request(Method::GET, path), 404, "route_not_found").await;
    }
    for nobody in [
        "campaign-123",
        "0",
        "%00",
        "%ff",
        "01900000-0000-7000-8000-000000000000",
    ] {
        let path = format!("/api/campaigns/{nobody}/contacts");
        refusal(api.request(Method::GET, &path), 404, "campaign_not_found").await;
    }
    for (method, path) in [
        (Method::DELETE, "/api/campaigns".to_owned()),
        (Method::PATCH, format!("/api/campaigns/{id}")),
        (Method::DELETE, format!("/api/v1/campaigns/{id}")),
        (Method::GET, format!("/api/campaigns/{id}/start")),
        (Method::PUT, format!("/api/campaigns/{id}/debug")),
        (Method::GET, "/webhooks/elevenlabs".to_owned()),
    ] {
        let request = || api.request(method.clone(), &path);
        let response = request().send().await.expect("an answer");
        assert!(response.headers().contains_key("allow"), "{method} {path}");
        refusal(request(), 405, "method_not_allowed").await;
    }
}

async fn what_a_database_would_choke_on_never_reaches_it(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let (nul, long) = ("a\u{0}b", "x".repeat(10_241));
    let put = async |change: Value| api.put(&format!("/api/campaigns/{id}"), change).await;
    for field in TEXTS {
        for text in [nul, &long] {
            put(json!({ field: text })).await.with(422);
        }
    }
    for field in OBJECTS {
        put(json!({ field: { "deep": [{ "er": nul }] } }))
            .await
            .with(422);
        put(json!({ field: { nul: 1 } })).await.with(422);
        put(json!({ field: [] })).await.with(422);
    }
    put(json!({ "tags": [nul] })).await.with(422);
    put(json!({ "tags": vec!["x"; 101] })).await.with(422);
    let numbers = [
        json!(-1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!(2.5),
        json!("5"),
        json!(true),
    ];
    for field in ["maxConcurrentCalls", "callAttemptsPerContact", "retryDelay"] {
        for number in &numbers {
            put(json!({ field: number })).await.with(422);
        }
    }
    let reason = json!({ "reason": nul });
    api.post(&format!("/api/campaigns/{id}/end"), reason)
        .await
        .with(422);
    api.get("/api/campaigns?userId=a%00b").await.with(422);
    api.get("/api/campaigns?status=%00").await.with(422);
    api.get("/api/campaigns?sortBy=%00&sortDir=%00")
        .await
        .with(422);
}

/// Fields that hold a text.
const TEXTS: [&str; 13] = [
    "name",
    "description",
    "status",
    "startDate",
    "endDate",
    "timezone",
    "dailyStartTime",
    "dailyEndTime",
    "phoneNumberId",
    "phoneNumber",
    "voiceAgentId",
    "scheduleType",
    "region",
];
/// Fields that hold an object.
const OBJECTS: [&str; 5] = [
    "agentConfig",
    "scheduleConfig",
    "callbackConfig",
    "transferConfig",
    "metadata",
];

async fn what_is_odd_and_can_be_kept_is_kept(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let odd = json!({
        "name": "Ünïcödé \u{1f4de} \u{202e}reversed", "description": "line\nline\ttab \u{7f}",
        "metadata": { "": "", "big": 1e300, "deep": [[[[[[[[null]]]]]]]], "\u{ffff}": "\\u0000",
            "numbers": [f64::MAX, f64::MIN, 5e-324, 9.030_982_315_512_843e-225, 0.1 + 0.2, i64::MIN, u64::MAX] },
        "agentConfig": {}, "tags": ["%_'\"\\"],
    });
    let id = dialer.api.create_campaign(odd.clone()).await;
    let kept = dialer.api.campaign(&id).await;
    for (field, value) in odd.as_object().expect("fields") {
        assert_eq!(kept[field], *value, "{field}");
    }
}
