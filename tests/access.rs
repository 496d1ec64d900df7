//! Who may see and change what, and what is open to everybody.

mod routes;
mod table;
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use self::table::{Answers, Row};
use self::world::World;
use crate::support::api::{Api, answer};
use crate::support::people::{alike, as_contacts};
use crate::support::{Dialer, Options, Stack, eventually, on_both_stacks};

on_both_stacks!(
    everybody_is_answered_as_the_table_says,
    the_description_says_which_doors_are_open,
    nobody_asks_about_others_by_a_query,
    users_see_and_change_only_what_is_theirs,
    a_key_taken_back_opens_nothing,
    live_figures_are_public_and_hold_no_names_and_no_numbers,
);

/// A process may remember a key that another one took back for ten seconds.
const FORGETTING: Duration = Duration::from_secs(13);
/// What says nothing about who asks.
const NO_TOKEN: [Option<&str>; 4] = [
    None,
    Some("Bearer "),
    Some("Bearer"),
    Some("Basic YWRtaW46YWRtaW4="),
];
/// Tokens that nobody was given. Three parts between dots look like a dashboard's, which this dialer does not take.
const WRONG_TOKEN: [Option<&str>; 2] = [
    Some("Bearer a-token-that-nobody-ever-made"),
    Some("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsInJvbGUiOiJhZG1pbiJ9."),
];

#[test]
fn every_route_stands_in_the_table_once() {
    let mut rows: Vec<&str> = rows().map(|(_, (route, _))| route).collect();
    rows.sort_unstable();
    assert_eq!(routes::routes(), rows);
}

fn rows() -> impl Iterator<Item = (Answers, Row)> {
    let groups = table::TABLE.into_iter();
    groups.flat_map(|(answers, rows)| rows.iter().map(move |row| (answers, *row)))
}

async fn everybody_is_answered_as_the_table_says(stack: Stack) {
    let world = World::new(stack).await;
    for (answers, row) in rows() {
        strangers_get_nowhere(&world, answers, row).await;
        for (user, expected) in [(&world.owner, answers[4]), (&world.admin, answers[5])] {
            let target = world.target(pattern(row)).await;
            let bearer = format!("Bearer {}", user.token);
            let response = ask(&world, row, &target.path, Some(&bearer)).await;
            let status = response.status();
            let said = response.text().await.expect("a body");
            assert_eq!(status, expected, "{} {}: {said}", user.id, row.0);
        }
    }
}

/// Asks as everybody but who may, about the same things: they stay as they are, and nobody learns of them.
async fn strangers_get_nowhere(world: &World, answers: Answers, row: Row) {
    let target = world.target(pattern(row)).await;
    let before = world.possessions().await;
    let taken_back = format!("Bearer {}", world.taken_back);
    let other = format!("Bearer {}", world.other.token);
    let columns: [&[Option<&str>]; 4] = [
        &NO_TOKEN,
        &WRONG_TOKEN,
        &[Some(&taken_back)],
        &[Some(&other)],
    ];
    for (headers, expected) in columns.into_iter().zip(answers) {
        for header in headers {
            let response = ask(world, row, &target.path, *header).await;
            let what = format!("{} with {header:?}", row.0);
            assert_eq!(response.status(), expected, "{what}");
            let challenge = response.headers().get("www-authenticate").cloned();
            let said = response.text().await.expect("a body");
            for thing in &target.things {
                assert!(
                    !said.contains(thing.as_str()),
                    "{what} tells of {thing}: {said}"
                );
            }
            if expected == 401 {
                assert_eq!(challenge.expect("a challenge"), "Bearer", "{what}");
                let said: Value = serde_json::from_str(&said).expect("JSON");
                assert_eq!(said["success"], false);
                assert_eq!(said["code"], "unauthenticated", "{said}");
            }
        }
    }
    let after = world.possessions().await;
    let places = before.keys().chain(after.keys());
    let changed: Vec<_> = places
        .filter(|place| before.get(*place) != after.get(*place))
        .map(|place| (place, before.get(place), after.get(place)))
        .collect();
    assert!(
        changed.is_empty(),
        "strangers did with {}: {changed:#?}",
        row.0
    );
}

async fn ask(world: &World, (route, body): Row, path: &str, header: Option<&str>) -> Response {
    let (method, _) = route.split_once(' ').expect("a method");
    let method = method.parse().expect("a method");
    let mut request = world.dialer.api_as(None).request(method, path);
    if let Some(header) = header {
        request = request.header("authorization", header);
    }
    if !body.is_empty() {
        let body = body.replace("{number}", &world.number());
        let body = body.replace("{call}", world.call());
        request = request
            .header("content-type", "application/json")
            .body(body);
    }
    request.send().await.expect("an answer")
}

fn pattern((route, _): Row) -> &'static str {
    route.split_once(' ').expect("a method and a path").1
}

async fn the_description_says_which_doors_are_open(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let document = dialer.api_as(None).get("/api/openapi.json").await.ok();
    let operations = operations(&document);
    for (answers, (route, _)) in rows() {
        let Some(is_open) = operations.get(route) else {
            let is_described_elsewhere = ["/webhooks/", "/api/docs", "/api/openapi.json"];
            let mut elsewhere = is_described_elsewhere.iter();
            assert!(
                elsewhere.any(|part| route.contains(part)),
                "{route} is described nowhere"
            );
            continue;
        };
        // They are open to the same machine where no token is configured.
        let opens = answers[0] == 200 || route == "GET /metrics";
        assert_eq!(*is_open, opens, "{route}");
    }
}

/// Every operation of the API, and whether it asks for no token.
fn operations(document: &Value) -> BTreeMap<String, bool> {
    let mut operations = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let needs = operation["security"].as_array();
            let is_open = needs.is_some_and(|needs| needs.contains(&json!({})));
            operations.insert(format!("{} {path}", method.to_uppercase()), is_open);
        }
    }
    operations
}

async fn nobody_asks_about_others_by_a_query(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let (ann, bob) = (
        dialer.create_user("ann", "user"),
        dialer.create_user("bob", "user"),
    );
    let hers = ann.api.create_campaign(json!({})).await;
    let document = dialer.api.get("/api/openapi.json").await.ok();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        let parameters = methods["get"]["parameters"].as_array();
        for parameter in parameters.into_iter().flatten() {
            let (id, expected) = match parameter["name"].as_str() {
                Some("userId") => (&ann.id, 403),
                Some("campaignId") => (&hers, 404),
                _ => continue,
            };
            let name = parameter["name"].as_str().expect("a name");
            let path = path.replace("{id}", "12025550143");
            let answer = bob.api.get(&format!("{path}?{name}={id}")).await;
            if path.ends_with("/logs") && name == "campaignId" {
                // It filters: there are no calls of hers among his.
                assert_eq!(answer.ok()["data"]["total"], 0, "{path}");
            } else {
                assert_eq!(answer.status, expected, "{path}?{name}: {}", answer.body);
            }
            asked += 1;
        }
    }
    assert!(asked > 20, "lists are narrowed by queries: {asked}");
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
