//! Campaigns with the names of their contacts, for the page that tells numbers by names.

use serde_json::{Value, json};

use crate::support::people::number;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    every_campaign_comes_with_all_of_its_contacts,
    a_list_comes_with_contacts_where_that_is_asked_for,
    everybody_sees_their_own_campaigns_with_contacts,
    what_is_no_answer_is_told_at_once,
);

/// More than are read at once.
const MANY: usize = 2_003;

async fn made(dialer: &Dialer, name: &str, area: u16, count: usize) -> String {
    let id = dialer.api.create_campaign(json!({ "name": name })).await;
    let contacts: Vec<Value> = (0..count)
        .map(|index| {
            let name = (index % 2 == 0).then(|| format!("Person \"{index}\""));
            json!({ "phoneNumber": number(area, index), "name": name })
        })
        .collect();
    if count > 0 {
        let path = format!("/api/v1/campaigns/{id}/contacts");
        let body = json!({ "contacts": contacts });
        let added = dialer.api.post(&path, body).await.ok();
        assert_eq!(added["data"]["added"], count);
    }
    id
}

#[track_caller]
fn assert_has(campaign: &Value, id: &str, area: u16, count: usize) {
    assert_eq!(campaign["_id"], id);
    assert!(campaign["liveStats"]["totalNumbers"] == count, "{campaign}");
    let contacts = campaign["contacts"].as_array().expect("contacts");
    assert_eq!(contacts.len(), count);
    for (index, contact) in contacts.iter().enumerate() {
        let name = (index % 2 == 0).then(|| format!("Person \"{index}\""));
        assert_eq!(
            *contact,
            json!({ "phoneNumber": number(area, index), "name": name })
        );
    }
}

async fn every_campaign_comes_with_all_of_its_contacts(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let nothing = dialer.api.get("/api/v1/campaigns/all").await.ok();
    assert_eq!(
        nothing,
        json!({ "success": true, "data": { "campaigns": [] } })
    );
    let many = made(&dialer, "many", 291, MANY).await;
    let none = made(&dialer, "none", 292, 0).await;
    let few = made(&dialer, "few", 293, 3).await;
    let all = dialer.api.get("/api/v1/campaigns/all").await.ok();
    let campaigns = all["data"]["campaigns"].as_array().expect("campaigns");
    assert_eq!(campaigns.len(), 3);
    assert_has(&campaigns[0], &few, 293, 3);
    assert_has(&campaigns[1], &none, 292, 0);
    assert_has(&campaigns[2], &many, 291, MANY);
    // What is not a list is as it is in lists without contacts.
    let mut plain = dialer.api.get("/api/v1/campaigns").await.ok()["data"][1].take();
    plain["contacts"] = json!([]);
    assert_eq!(campaigns[1], plain);
    let found = dialer
        .api
        .get("/api/v1/campaigns/all?search=FEW")
        .await
        .ok();
    assert_eq!(found["data"]["campaigns"].as_array().map(Vec::len), Some(1));
}

async fn a_list_comes_with_contacts_where_that_is_asked_for(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let first = made(&dialer, "first", 294, 2).await;
    let second = made(&dialer, "second", 295, 1).await;
    let path = "/api/v1/campaigns?includeContacts=true";
    let list = dialer.api.get(path).await.ok();
    assert_eq!(
        (&list["total"], &list["page"], &list["pages"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(list["data"], list["campaigns"]);
    assert_has(&list["data"][0], &second, 295, 1);
    assert_has(&list["data"][1], &first, 294, 2);
    let page = dialer.api.get(&format!("{path}&page=2&limit=1")).await.ok();
    assert_eq!((&page["total"], &page["pages"]), (&json!(2), &json!(2)));
    assert_has(&page["campaigns"][0], &first, 294, 2);
    for plain in [
        "/api/v1/campaigns",
        "/api/v1/campaigns?includeContacts=false",
    ] {
        let list = dialer.api.get(plain).await.ok();
        assert_eq!(list["data"][0].get("contacts"), None);
    }
}

async fn everybody_sees_their_own_campaigns_with_contacts(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let ann = dialer.create_user("ann", "user");
    made(&dialer, "the admin's", 296, 1).await;
    let hers = ann.api.create_campaign(json!({ "name": "hers" })).await;
    let all = ann.api.get("/api/v1/campaigns/all").await.ok();
    assert_eq!(all["data"]["campaigns"].as_array().map(Vec::len), Some(1));
    assert_eq!(all["data"]["campaigns"][0]["_id"], hers);
    let narrowed = format!("/api/v1/campaigns?includeContacts=true&userId={}", ann.id);
    let list = dialer.api.get(&narrowed).await.ok();
    assert_eq!(list["total"], 1);
    assert_eq!(list["data"][0]["contacts"], json!([]));
    dialer
        .api_as(None)
        .get("/api/v1/campaigns/all")
        .await
        .with(401);
}

async fn what_is_no_answer_is_told_at_once(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let query = "?includeContacts=perhaps&status=asleep&limit=0";
    let body = dialer
        .api
        .get(&format!("/api/v1/campaigns{query}"))
        .await
        .with(422);
    let errors = body["errors"].as_array().expect("errors").iter();
    let mut named: Vec<&str> = errors
        .map(|error| error["field"].as_str().expect("a field"))
        .collect();
    named.sort_unstable();
    assert_eq!(named, ["includeContacts", "limit", "status"]);
    dialer
        .api
        .get("/api/v1/campaigns/all?status=asleep")
        .await
        .with(422);
}
