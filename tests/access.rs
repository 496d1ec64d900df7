//! Who may see and change what, and what is open to everybody.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Api, answer};
use crate::support::people::{alike, as_contacts};
use crate::support::{Dialer, Options, Stack, eventually, on_both_stacks};

on_both_stacks!(
    strangers_find_every_door_closed_but_those_meant_for_them,
    users_see_and_change_only_what_is_theirs,
    a_key_taken_back_opens_nothing,
    live_figures_are_public_and_hold_no_names_and_no_numbers,
);

/// A process may remember a key that another one took back for ten seconds.
const FORGETTING: Duration = Duration::from_secs(13);
/// What answers without a token, by the API's own description.
const OPEN: [&str; 4] = [
    "GET /api/campaigns/{id}/debug",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
];

async fn strangers_find_every_door_closed_but_those_meant_for_them(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let campaign = dialer.api.create_campaign(json!({})).await;
    let nobody = dialer.api_as(None);
    let document = nobody.get("/api/openapi.json").await.ok();
    let mut open = Vec::new();
    for (method, path, is_open) in operations(&document) {
        let address = path.replace("{id}", &campaign);
        if is_open {
            let answer = nobody.request(method.clone(), &address).send().await;
            assert_eq!(answer.expect("an answer").status(), 200, "{path}");
            open.push(format!("{method} {path}"));
        } else {
            refuses_strangers(&dialer, &method, &address).await;
        }
    }
    open.sort();
    let mut expected = OPEN.map(str::to_owned);
    expected.sort();
    assert_eq!(open, expected);
    let page = nobody.request(Method::GET, "/api/docs/").send().await;
    let page = page.expect("the reference page");
    assert_eq!(page.status(), 200);
    assert!(page.text().await.expect("a page").contains("<html"));
    let untouched = dialer.api.campaign(&campaign).await;
    assert_eq!(untouched["status"], "draft");
}

/// Every operation of the API: its method, its path, and whether it asks for no token.
fn operations(document: &Value) -> Vec<(Method, String, bool)> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let method = method.to_uppercase().parse().expect("a method");
            let needs = operation["security"].as_array();
            let is_open = needs.is_some_and(|needs| needs.contains(&json!({})));
            operations.push((method, path.clone(), is_open));
        }
    }
    assert!(operations.len() > 20, "the document describes the API");
    operations
}

async fn refuses_strangers(dialer: &Dialer, method: &Method, address: &str) {
    let nobody = dialer.api_as(None);
    let headers = [
        None,
        Some("Bearer a-token-that-nobody-ever-made"),
        Some("Bearer "),
        Some("Bearer"),
        Some("Basic YWRtaW46YWRtaW4="),
        // Three parts between dots look like a dashboard's token, which this dialer does not take.
        Some("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsInJvbGUiOiJhZG1pbiJ9."),
    ];
    for header in headers {
        let mut request = nobody.request(method.clone(), address);
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let response = request.send().await.expect("an answer");
        let challenge = response.headers().get("www-authenticate").cloned();
        assert_eq!(response.status(), 401, "{method} {address} with {header:?}");
        assert_eq!(challenge.expect("a challenge"), "Bearer");
        let body: Value = response.json().await.expect("JSON");
        assert_eq!(body["success"], false);
        assert_eq!(body["code"], "unauthenticated", "{body}");
    }
}

async fn users_see_and_change_only_what_is_theirs(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let ann = dialer.create_user("ann", "user");
    let bob = dialer.create_user("bob", "user");
    let root = dialer.create_user("root", "admin");
    let hers = ann.api.create_campaign(json!({ "name": "hers" })).await;
    let his = bob.api.create_campaign(json!({ "name": "his" })).await;
    let people = alike(230, 3, &simulator::Behaviour::Busy);
    ann.api.add(&hers, &people).await;

    for (method, path, body) in everything_about(&hers) {
        let request = bob.api.request(method.clone(), &path).json(&body);
        let refused = answer(request).await.with(404);
        assert_eq!(refused["code"], "campaign_not_found", "{method} {path}");
    }
    let untouched = ann.api.campaign(&hers).await;
    assert_eq!(untouched["name"], "hers");
    assert_eq!(untouched["status"], "draft");
    assert_eq!(untouched["stats"]["totalContacts"], 3);

    for base in ["/api/campaigns", "/api/v1/campaigns"] {
        let listed = async |api: &Api, query: &str| {
            let found = api.get(&format!("{base}{query}")).await.ok();
            names(&found)
        };
        assert_eq!(listed(&ann.api, "").await, ["hers"]);
        assert_eq!(listed(&bob.api, "").await, ["his"]);
        assert_eq!(listed(&root.api, "").await, ["hers", "his"]);
        let (ann_only, bob_only) = (format!("?userId={}", ann.id), format!("?userId={}", bob.id));
        assert_eq!(listed(&bob.api, &bob_only).await, ["his"]);
        assert_eq!(listed(&root.api, &ann_only).await, ["hers"]);
        assert_eq!(listed(&root.api, &bob_only).await, ["his"]);
        let refused = bob.api.get(&format!("{base}{ann_only}")).await.with(403);
        assert_eq!(refused["code"], "forbidden");
        // Nobody learns from the answer whether there is such a user.
        let unknown = format!("{base}?userId={hers}");
        assert_eq!(bob.api.get(&unknown).await.with(403), refused);
        let wrong = root.api.get(&unknown).await.with(422);
        assert_eq!(wrong["errors"][0]["field"], "userId");
    }

    // An administrator acts on everybody's, and it stays theirs.
    let path = format!("/api/v1/campaigns/{his}");
    root.api
        .put(
            &format!("/api/campaigns/{his}"),
            json!({ "name": "still his" }),
        )
        .await
        .ok();
    let seen = bob.api.get(&path).await.ok();
    assert_eq!(seen["data"]["name"], "still his");
    assert_eq!(seen["data"]["userId"]["name"], "bob");
    assert_eq!(seen["data"]["userId"]["email"], "bob@example.com");
    // Approving is for administrators.
    bob.api
        .patch(&path, json!({ "status": "waiting_for_approval" }))
        .await
        .ok();
    bob.api
        .patch(&path, json!({ "status": "active" }))
        .await
        .with(403);
    root.api
        .patch(&path, json!({ "status": "active" }))
        .await
        .ok();
}

/// Whatever can be asked of one campaign with a token.
fn everything_about(id: &str) -> Vec<(Method, String, Value)> {
    let (first, second) = (
        format!("/api/campaigns/{id}"),
        format!("/api/v1/campaigns/{id}"),
    );
    let mut requests = vec![
        (Method::GET, first.clone(), json!({})),
        (Method::PUT, first.clone(), json!({ "name": "taken" })),
        (Method::PUT, first.clone(), json!({ "name": "" })),
        (Method::DELETE, first.clone(), json!({})),
        (Method::GET, format!("{first}/contacts"), json!({})),
        (Method::GET, second.clone(), json!({})),
        (
            Method::PATCH,
            second.clone(),
            json!({ "status": "canceled" }),
        ),
        (Method::GET, format!("{second}/contacts"), json!({})),
        (
            Method::POST,
            format!("{second}/contacts"),
            as_contacts(&alike(231, 2, &simulator::Behaviour::Busy)),
        ),
    ];
    for (base, commands) in [
        (first, ["start", "pause", "resume", "end"]),
        (second, ["start", "pause", "resume", "cancel"]),
    ] {
        let command = |name| (Method::POST, format!("{base}/{name}"), json!({}));
        requests.extend(commands.map(command));
    }
    requests
}

fn names(found: &Value) -> Vec<String> {
    let list = found["campaigns"].as_array().expect("campaigns");
    assert_eq!(found["total"], list.len());
    let mut names: Vec<String> = list
        .iter()
        .map(|campaign| campaign["name"].as_str().expect("a name").to_owned())
        .collect();
    names.sort();
    names
}

async fn a_key_taken_back_opens_nothing(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let unused = dialer.create_user("eve", "user");
    let used = dialer.create_user("joe", "user");
    used.api.get("/api/campaigns").await.ok();
    for user in [&unused, &used] {
        let said = dialer.run(&["token", "revoke", &user.key]);
        assert!(said.contains(&user.key), "{said}");
    }
    unused.api.get("/api/campaigns").await.with(401);
    eventually("the key is forgotten", FORGETTING, async || {
        let answer = used.api.get("/api/campaigns").await;
        (answer.status == 401).then_some(())
    })
    .await;
    used.api
        .post("/api/campaigns", json!({ "name": "late" }))
        .await
        .with(401);
    let all = dialer.api.get("/api/campaigns").await.ok();
    assert_eq!(all["total"], 0, "{all}");
}

async fn live_figures_are_public_and_hold_no_names_and_no_numbers(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let campaign = dialer
        .api
        .create_campaign(json!({ "name": "Secret plans" }))
        .await;
    let people = alike(232, 3, &simulator::Behaviour::Busy);
    dialer.api.add(&campaign, &people).await;
    let nobody = dialer.api_as(None);
    let path = format!("/api/campaigns/{campaign}/debug");
    let shown = nobody.get(&path).await.ok();
    let expected = json!({
        "success": true,
        "debugInfo": { "stats": {
            "activeCallsCount": 0, "queueLength": 0, "completedCalls": 0, "failedCalls": 0,
            "processedNumbers": 0, "remainingNumbers": 3, "totalNumbers": 3,
        }, "heldBack": null },
    });
    assert_eq!(shown, expected);
    assert_eq!(
        dialer.api.get(&path).await.ok(),
        expected,
        "with a token, too"
    );
    let wrong = dialer.api_as(Some("no-token-of-ours"));
    assert_eq!(wrong.get(&path).await.ok(), expected, "with any");
    dialer
        .api
        .delete(&format!("/api/campaigns/{campaign}"))
        .await
        .ok();
    nobody.get(&path).await.with(404);
}
