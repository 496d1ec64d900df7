//! The second generation of the API.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::OwnedNumber;

use crate::support::api::{Api, answer};
use crate::support::people::number;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    a_campaign_is_made_listed_and_shown_as_the_dashboard_needs_it,
    the_list_is_whole_unless_a_page_is_asked_for,
    contacts_are_added_and_exported,
    the_dashboards_buttons_lead_where_they_say,
    what_is_wrong_is_told_in_this_generations_words,
    a_number_that_is_taken_away_is_called_from_no_more,
);

/// The example of the document, with a number that the carrier knows.
pub fn new_campaign() -> Value {
    let phone = OwnedNumber::new("+12025550101").sid;
    json!({
        "name": "Diwali offer", "agentId": "agent_demo", "phoneId": phone,
        "settings": { "concurrentCallsLimit": 4 },
    })
}

pub fn path(id: &str) -> String {
    format!("/api/v1/campaigns/{id}")
}

/// Makes the example; what was answered.
async fn make(api: &Api) -> Value {
    let made = api
        .post("/api/v1/campaigns", new_campaign())
        .await
        .with(201);
    assert_eq!(made["success"], true);
    made["data"].clone()
}

fn id_of(campaign: &Value) -> &str {
    campaign["_id"].as_str().expect("an id")
}

/// Somebody twice, somebody once, and somebody without a number.
fn new_contacts() -> Value {
    json!({ "contacts": [
        { "phoneNumber": number(260, 0), "name": "Asha", "metadata": { "plan": "gold" } },
        { "phoneNumber": number(260, 1), "name": "Ravi", "metadata": {} },
        { "phoneNumber": number(260, 0), "name": "Asha again" },
        { "phoneNumber": "nobody", "name": "Nobody" },
    ] })
}

async fn a_campaign_is_made_listed_and_shown_as_the_dashboard_needs_it(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("meera", "user").api;
    let made = make(api).await;
    for (field, value) in new_campaign().as_object().expect("fields") {
        assert_eq!(made[field], *value, "{field}");
    }
    assert_eq!(made["status"], "draft");
    let path = path(id_of(&made));
    api.post(&format!("{path}/contacts"), new_contacts())
        .await
        .ok();

    let listed = api.get("/api/v1/campaigns").await.ok();
    let row = &listed["campaigns"][0];
    assert_eq!(listed["data"], listed["campaigns"]);
    for field in ["_id", "name", "status", "agentId", "phoneId", "createdAt"] {
        assert_eq!(row[field], made[field], "{field}");
    }
    let live = json!({
        "processed": 0, "totalNumbers": 2, "remaining": 2, "activeCalls": 0, "queueLength": 0,
        "completed": 0, "failed": 0, "heldBack": null,
    });
    assert_eq!(row["liveStats"], live);

    let shown = api.get(&path).await.ok()["data"].take();
    for (field, value) in [
        ("_id", made["_id"].clone()),
        ("status", json!("draft")),
        ("phoneNumbers", json!([number(260, 0), number(260, 1)])),
        ("stats", json!({ "completed": 0, "failed": 0 })),
        ("completedCalls", json!(0)),
        ("failedCalls", json!(0)),
        ("totalCalls", json!(0)),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    assert_eq!(shown["agentId"]["_id"], "agent_demo");
    assert_eq!(shown["phoneId"]["number"], "+12025550101");
    assert_eq!(shown["userId"]["name"], "meera");
    assert_eq!(shown["userId"]["email"], "meera@example.com");
}

async fn the_list_is_whole_unless_a_page_is_asked_for(stack: Stack) {
    const MANY: u64 = 25;
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("meera", "user").api;
    for index in 0..MANY {
        let body = json!({ "name": format!("Campaign {index:02}") });
        api.post("/api/v1/campaigns", body).await.with(201);
    }
    let listed = async |query: &str| {
        let listed = api.get(&format!("/api/v1/campaigns{query}")).await.ok();
        assert_eq!(listed["data"], listed["campaigns"], "{query}");
        assert_eq!(listed["total"], MANY, "{query}");
        let names: Vec<Value> = listed["campaigns"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|campaign| campaign["name"].clone())
            .collect();
        (names, listed["page"].clone(), listed["pages"].clone())
    };
    let (all, page, pages) = listed("").await;
    assert_eq!((all.len(), page, pages), (25, json!(1), json!(1)));
    // What else is asked for is no page.
    for query in ["?status=draft", "?search=Campaign", "?page=&limit="] {
        assert_eq!(listed(query).await.0, all, "{query}");
    }
    for (query, part, page, pages) in [
        ("?page=1", &all[..20], 1, 2),
        ("?page=2", &all[20..], 2, 2),
        ("?limit=10", &all[..10], 1, 3),
        ("?page=3&limit=10", &all[20..], 3, 3),
        ("?limit=100", &all[..], 1, 1),
    ] {
        let expected = (part.to_vec(), json!(page), json!(pages));
        assert_eq!(listed(query).await, expected, "{query}");
    }
}

async fn contacts_are_added_and_exported(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let contacts = format!("{}/contacts", path(id_of(&make(api).await)));
    let added = api.post(&contacts, new_contacts()).await.with(200);
    assert_eq!(added["success"], true);
    assert_eq!(added["data"]["added"], 2);
    assert_eq!(added["data"]["duplicates"], 1);
    let error = &added["data"]["errors"][0];
    assert_eq!(error["row"], 4);
    assert_eq!(error["field"], "phoneNumber");
    let exported = api.get(&format!("{contacts}?limit=10000")).await.ok()["data"].take();
    assert_eq!(exported["total"], 2);
    assert_eq!(exported["pages"], 1);
    let asha = &exported["contacts"][0];
    for (field, value) in [
        ("phoneNumber", json!(number(260, 0))),
        ("name", json!("Asha")),
        ("status", json!("pending")),
        ("attempts", json!(0)),
        ("lastError", json!(null)),
        ("metadata", json!({ "plan": "gold" })),
    ] {
        assert_eq!(asha[field], value, "{field}");
    }
}

async fn the_dashboards_buttons_lead_where_they_say(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let made = path(id_of(&make(api).await));
    // Nobody is called yet: the campaign waits for its first day.
    let later = json!({ "startDate": "2090-01-01" });
    assert_eq!(api.patch(&made, later).await.ok()["success"], true);
    let press = async |path: &str, button: &str| {
        // No body, and no content type.
        answer(api.request(Method::POST, &format!("{path}/{button}"))).await
    };
    for (button, status) in [
        ("start", "active"),
        ("pause", "paused"),
        ("resume", "active"),
        ("cancel", "canceled"),
    ] {
        let done = press(&made, button).await.with(200);
        assert_eq!(done["success"], true);
        assert_eq!(done["data"]["status"], status);
    }
    press(&made, "start").await.with(409);
    let waits = path(id_of(&make(api).await));
    let change = json!({ "status": "waiting_for_approval" });
    let changed = api.patch(&waits, change).await.ok();
    assert_eq!(changed["success"], true);
    assert_eq!(changed["data"]["status"], "waiting_for_approval");
    press(&waits, "start").await.with(409);
    let found = api
        .get("/api/v1/campaigns?status=waiting_for_approval")
        .await
        .ok();
    assert_eq!(found["campaigns"].as_array().expect("a list").len(), 1);
}

async fn what_is_wrong_is_told_in_this_generations_words(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let wrong = json!({ "agentId": 5, "phoneId": "", "settings": { "concurrentCallsLimit": 0 }, "retryDelay": "soon" });
    let refused = api.post("/api/v1/campaigns", wrong).await.with(422);
    let errors = refused["errors"].as_array().expect("errors").iter();
    let mut fields: Vec<&str> = errors
        .map(|error| error["field"].as_str().expect("a field"))
        .collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "agentId",
            "name",
            "phoneId",
            "retryDelay",
            "settings.concurrentCallsLimit"
        ]
    );
    let message = refused["message"].as_str().expect("a sentence");
    assert!(
        !message.contains("voiceAgentId") && !message.contains("maxConcurrentCalls"),
        "{message}"
    );
    for settings in [
        json!("fast"),
        json!([]),
        json!({ "concurrentCallsLimit": "fast" }),
    ] {
        let wrong = json!({ "name": "x", "settings": settings });
        let refused = api.post("/api/v1/campaigns", wrong).await.with(422);
        let field = refused["errors"][0]["field"].as_str().expect("a field");
        assert!(field.starts_with("settings"), "{field}");
    }
    // A number that the carrier does not have may be given later; without one nobody is called.
    let mut unknown = new_campaign();
    unknown["phoneId"] = json!("pn_123456789abcdef");
    let made = api.post("/api/v1/campaigns", unknown).await.with(201);
    let id = made["data"]["_id"].as_str().expect("an id");
    let refused = api
        .post(&format!("{}/start", path(id)), json!({}))
        .await
        .with(409);
    assert_eq!(refused["code"], "no_caller_number");
    let message = refused["message"].as_str().expect("a sentence");
    assert!(
        message.ends_with("set phoneNumber, or another phoneId"),
        "{message}"
    );
    let itself = json!({ "phoneId": "+12025550102" });
    api.patch(&path(id), itself).await.ok();
    assert_eq!(
        api.get(&path(id)).await.ok()["data"]["phoneId"]["number"],
        "+12025550102"
    );
}

async fn a_number_that_is_taken_away_is_called_from_no_more(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let made = make(api).await;
    let campaign = path(id_of(&made));
    for phone in [made["phoneId"].clone(), json!("+12025550102")] {
        api.patch(&campaign, json!({ "phoneId": phone })).await.ok();
        let cleared = json!({ "phoneId": null });
        assert!(api.patch(&campaign, cleared).await.ok()["data"]["phoneId"].is_null());
        assert!(api.get(&campaign).await.ok()["data"]["phoneId"].is_null());
        let refused = api.post(&format!("{campaign}/start"), json!({})).await;
        assert_eq!(refused.with(409)["code"], "no_caller_number");
    }
}
