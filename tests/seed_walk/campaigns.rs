//! Campaigns, as the user interface makes them, watches them and ends them.

use reqwest::header::ACCEPT;
use serde_json::json;

use super::People;
use super::fields::{CAMPAIGN, LIVE_STATS, STATS};
use super::walker::{Walker, assert_fields};
use crate::support::Dialer;
use crate::support::api::answer;
use crate::support::campaign::each;
use crate::support::dialer::User;
use crate::support::watch::Watch;

/// Attempts that the campaign grants: with so many busy calls there are more than a history shows unasked.
pub const ATTEMPTS: usize = 12;

/// A campaign with the first number and the first agent there are, and four people.
pub async fn made(walker: &mut Walker, user: &User, people: &People) -> String {
    let numbers = user.api.get("/api/v1/phone-numbers").await.ok()["data"].take();
    let agents = user.api.get("/api/v1/agents").await.ok()["data"].take();
    let body = json!({
        "name": "Diwali offer", "agentId": agents[0]["_id"], "phoneId": numbers[0]["_id"],
        "settings": { "concurrentCallsLimit": 4 },
    });
    let made = walker.send("POST /api/v1/campaigns", "", body).await;
    assert_eq!(made["success"], true);
    let id = made["data"]["_id"].as_str().expect("an id").to_owned();
    let policy = json!({ "callAttemptsPerContact": ATTEMPTS, "retryDelay": 0 });
    walker.send("PATCH /api/v1/campaigns/{}", &id, policy).await;
    let contact = |number: &str, name: &str| json!({ "phoneNumber": number, "name": name, "metadata": { "plan": "gold" } });
    let contacts = json!({ "contacts": [
        contact(&people.answers, "Asha"), contact(&people.busy, "Ravi"), contact(&people.machine, "Zoe"),
        contact(&people.talks, "Noor"), contact(&people.busy, "Ravi again"), contact("nobody", "Nobody"),
    ] });
    let add = "POST /api/v1/campaigns/{}/contacts";
    let added = walker.send(add, &id, contacts).await["data"].take();
    assert_eq!(
        (&added["added"], &added["duplicates"]),
        (&json!(4), &json!(1))
    );
    assert_eq!(added["errors"][0]["row"], 6);
    id
}

/// The campaign starts, and whoever watches sees what the lists show.
pub async fn watched(dialer: &Dialer, walker: &mut Walker, user: &User, campaign: &str) {
    let mut watch = Watch::open(dialer.base(), &user.token).await;
    let figures = watch.next().await;
    assert_eq!(figures["type"], "stats");
    assert_fields("the WebSocket", &figures, "", STATS);
    let started = walker
        .ask("POST /api/v1/campaigns/{}/start", campaign, &[])
        .await;
    assert_eq!(started["success"], true);
    let told = watch
        .until("the campaign at work", |message| {
            message["_id"] == campaign && message["liveStats"]["activeCalls"].as_i64() > Some(0)
        })
        .await;
    assert_fields("the WebSocket", &told, "", CAMPAIGN);
    assert_fields("the WebSocket", &told, "liveStats", LIVE_STATS);
    let call = watch
        .until("a call", |message| message["type"] == "call")
        .await;
    assert_eq!(call["campaignId"], campaign);
}

pub async fn shown(walker: &mut Walker, campaign: &str, people: &People) {
    let list = "GET /api/v1/campaigns";
    let active = walker.ask(list, "", &[("status", "active")]).await;
    assert_eq!(active["campaigns"][0]["_id"], campaign);
    assert_eq!(active["campaigns"][0]["liveStats"]["totalNumbers"], 4);
    assert_eq!(active["data"], active["campaigns"]);
    let drafts = walker.request(list, "").query(&[("status", "draft")]);
    let drafts = answer(drafts).await.ok();
    assert_eq!(drafts["campaigns"], json!([]));

    let one = walker.ask("GET /api/v1/campaigns/{}", campaign, &[]).await["data"].take();
    assert_eq!(
        (&one["name"], &one["status"]),
        (&json!("Diwali offer"), &json!("active"))
    );
    assert_eq!(one["phoneId"]["number"], "+12025550100");
    assert_eq!(one["userId"]["name"], "meera");
    let numbers = [
        &people.answers,
        &people.busy,
        &people.machine,
        &people.talks,
    ];
    assert_eq!(one["phoneNumbers"], json!(numbers));

    let list = "GET /api/v1/campaigns/{}/contacts";
    let all = walker
        .ask(list, campaign, &[("page", "1"), ("limit", "10000")])
        .await;
    let contacts = all["data"]["contacts"].as_array().expect("a list");
    assert_eq!(each(contacts, "name"), ["Asha", "Ravi", "Zoe", "Noor"]);
    assert_eq!(
        (&all["data"]["total"], &all["data"]["pages"]),
        (&json!(4), &json!(1))
    );
    let file = walker.request(list, campaign).header(ACCEPT, "text/csv");
    let file = file
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("a file");
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 5, "a line of names, and one for each: {file}");
    for (number, line) in numbers.iter().zip(&lines[1..]) {
        assert!(line.contains(number.as_str()), "{line}");
    }
}

/// Pause and resume while somebody talks; what waits for an approval, and is called off.
pub async fn buttons_pressed(dialer: &Dialer, walker: &mut Walker, campaign: &str) {
    // The live view sends no token.
    let mut stranger = Walker::new(dialer.api_as(None));
    let debug = "GET /api/campaigns/{}/debug";
    let request = stranger.request(debug, campaign);
    stranger.told(debug, request).await;
    let figures = walker.ask(debug, campaign, &[]).await["debugInfo"]["stats"].take();
    assert_eq!(figures["totalNumbers"], 4);
    for (button, status) in [("pause", "paused"), ("resume", "active")] {
        let button = format!("POST /api/v1/campaigns/{{}}/{button}");
        let pressed = walker.ask(&button, campaign, &[]).await;
        assert_eq!(
            (&pressed["success"], &pressed["data"]["status"]),
            (&json!(true), &json!(status))
        );
    }
    let other = walker
        .send(
            "POST /api/v1/campaigns",
            "",
            json!({ "name": "Holi offer" }),
        )
        .await;
    let other = other["data"]["_id"].as_str().expect("an id");
    let submit = json!({ "status": "waiting_for_approval" });
    let submitted = walker
        .send("PATCH /api/v1/campaigns/{}", other, submit)
        .await;
    assert_eq!(submitted["data"]["status"], "waiting_for_approval");
    let called_off = walker
        .ask("POST /api/v1/campaigns/{}/cancel", other, &[])
        .await;
    assert_eq!(called_off["data"]["status"], "canceled");
}

/// Both ways to map numbers to names.
pub async fn names_shown(walker: &mut Walker, campaign: &str, people: &People, me: &str) {
    let query = [("userId", me), ("includeContacts", "true")];
    let listed = walker.ask("GET /api/v1/campaigns", "", &query).await["campaigns"].take();
    let all = walker.ask("GET /api/v1/campaigns/all", "", &[]).await["data"]["campaigns"].take();
    for campaigns in [&listed, &all] {
        let mut campaigns = campaigns.as_array().expect("a list").iter();
        let found = campaigns
            .find(|found| found["_id"] == campaign)
            .expect("the campaign");
        let ravi = json!({ "phoneNumber": people.busy, "name": "Ravi" });
        assert_eq!(found["contacts"][1], ravi);
        assert_eq!(found["contacts"].as_array().map(Vec::len), Some(4));
    }
}

/// The last button.
pub async fn over(walker: &mut Walker, campaign: &str) {
    let canceled = walker
        .ask("POST /api/v1/campaigns/{}/cancel", campaign, &[])
        .await;
    assert_eq!(
        (&canceled["success"], &canceled["data"]["status"]),
        (&json!(true), &json!("canceled"))
    );
    let listed = walker
        .ask("GET /api/v1/campaigns", "", &[("status", "canceled")])
        .await;
    assert_eq!(listed["campaigns"].as_array().map(Vec::len), Some(2));
}
