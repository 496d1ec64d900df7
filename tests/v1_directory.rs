//! Numbers and agents that providers offer, and campaigns that name them.

use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use simulator::{Fault, OwnedNumber, Trigger};

use crate::support::api::{Api, refusal};
use crate::support::dialer::AGENTS;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    numbers_and_agents_are_listed_for_everybody_who_makes_campaigns,
    a_campaign_that_names_ids_shows_what_they_stand_for,
    what_its_provider_no_longer_has_is_marked_and_keeps_its_name,
    providers_that_fail_leave_what_is_known_and_say_so,
    ids_that_nobody_knows_are_warned_of_and_keep_a_campaign_from_starting,
);

const NUMBERS: &str = "/api/v1/phone-numbers";
const LIST: &str = "/api/v1/agents";

fn entries(listed: &Value) -> &Vec<Value> {
    let entries = listed["data"].as_array().expect("a list");
    assert_eq!(listed["count"], entries.len());
    entries
}

fn entry<'a>(listed: &'a Value, id: &str) -> &'a Value {
    let mut entries = entries(listed).iter();
    let found = entries.find(|entry| entry["_id"] == id);
    found.unwrap_or_else(|| panic!("no {id}: {listed}"))
}

/// Makes a campaign of the second generation; its id and its warnings.
async fn make(api: &Api, fields: Value) -> (String, Vec<String>) {
    let mut body = json!({ "name": "Diwali offer", "startDate": "2090-01-01" });
    for (key, value) in fields.as_object().expect("fields") {
        body[key] = value.clone();
    }
    let made = api.post("/api/v1/campaigns", body).await.with(201);
    let id = made["data"]["_id"].as_str().expect("an id").to_owned();
    (id, warnings(&made))
}

fn warnings(answer: &Value) -> Vec<String> {
    let list = answer["warnings"].as_array().expect("warnings");
    let texts = list
        .iter()
        .map(|warning| warning.as_str().expect("a sentence").to_owned());
    texts.collect()
}

async fn numbers_and_agents_are_listed_for_everybody_who_makes_campaigns(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("meera", "user").api;
    let listed = api.get(NUMBERS).await.with(200);
    assert_eq!(
        (&listed["success"], warnings(&listed).len()),
        (&json!(true), 0)
    );
    assert_eq!(
        entries(&listed).len(),
        4,
        "each once, although both providers have it"
    );
    let owned = OwnedNumber::new("+12025550101");
    let shown = entry(&listed, &owned.sid);
    for (field, value) in [
        ("number", json!("+12025550101")),
        ("label", json!(owned.friendly_name)),
        ("provider", json!("signalwire")),
        ("hasVoice", json!(true)),
        ("vanishedAt", json!(null)),
        (
            "providerIds",
            json!({ "signalwire": owned.sid, "elevenlabs": owned.phone_number_id }),
        ),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    let first = shown["fetchedAt"].clone();

    let listed = api.get(LIST).await.with(200);
    assert_eq!(entries(&listed).len(), AGENTS.len());
    let shown = entry(&listed, "agent_demo");
    assert_eq!(shown["name"], "Demo agent");
    assert_eq!(shown["provider"], "elevenlabs");
    assert_eq!(shown["vanishedAt"], json!(null));

    // Asked again a moment later nobody bothers the providers; asked for anew they are.
    for query in ["", "?refresh=false", "?refresh="] {
        let again = api.get(&format!("{NUMBERS}{query}")).await.ok();
        assert_eq!(entry(&again, &owned.sid)["fetchedAt"], first);
    }
    let anew = api.get(&format!("{NUMBERS}?refresh=true")).await.ok();
    let second = entry(&anew, &owned.sid)["fetchedAt"]
        .as_str()
        .expect("an instant");
    assert!(Some(second) > first.as_str(), "{second} after {first}");
    for path in [NUMBERS, LIST] {
        let wrong = api.get(&format!("{path}?refresh=perhaps")).await.with(422);
        assert_eq!(wrong["errors"][0]["field"], "refresh");
        let request = api.request(Method::POST, path);
        refusal(request, 405, "method_not_allowed").await;
    }
}

async fn a_campaign_that_names_ids_shows_what_they_stand_for(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let user = dialer.create_user("meera", "user");
    let owned = OwnedNumber::new("+12025550102");
    // The carrier's id of the number, and the agents' provider's.
    for phone in [&owned.sid, &owned.phone_number_id] {
        let fields = json!({ "phoneId": phone, "agentId": "agent_other" });
        let (id, warnings) = make(&user.api, fields).await;
        assert_eq!(warnings, Vec::<String>::new());
        let path = format!("/api/v1/campaigns/{id}");
        let shown = user.api.get(&path).await.ok()["data"].take();
        assert_eq!(
            shown["agentId"],
            json!({ "_id": "agent_other", "name": "Other agent" })
        );
        assert_eq!(
            shown["phoneId"],
            json!({ "_id": phone, "number": "+12025550102" })
        );
        assert_eq!(
            shown["userId"],
            json!({ "_id": user.id, "name": "meera", "email": "meera@example.com" })
        );
        user.api
            .post(&format!("{path}/start"), json!({}))
            .await
            .ok();
    }
}

async fn what_its_provider_no_longer_has_is_marked_and_keeps_its_name(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let db = dialer.database().await;
    for row in [
        "INSERT INTO agents (id, provider, name, fetched_at) VALUES \
         ('agent_gone', 'elevenlabs', 'Agent of last year', '2025-01-01 00:00:00+00:00')",
        "INSERT INTO phone_numbers (id, provider, number, fetched_at) VALUES \
         ('pn_gone', 'signalwire', '+12025550177', '2025-01-01 00:00:00+00:00')",
    ] {
        db.execute_unprepared(row).await.expect("a row");
    }
    let numbers = api.get(NUMBERS).await.ok();
    let agents = api.get(LIST).await.ok();
    for gone in [entry(&numbers, "pn_gone"), entry(&agents, "agent_gone")] {
        assert!(gone["vanishedAt"].is_string(), "{gone}");
    }
    let last = entries(&agents).last().expect("agents");
    assert_eq!(last["_id"], "agent_gone", "the gone come last");
    let fields = json!({ "phoneId": "pn_gone", "agentId": "agent_gone" });
    let (id, told) = make(api, fields).await;
    assert_eq!(told.len(), 2, "{told:?}");
    let path = format!("/api/v1/campaigns/{id}");
    let shown = api.get(&path).await.ok()["data"].take();
    assert_eq!(shown["agentId"]["name"], "Agent of last year");
    assert_eq!(shown["phoneId"]["number"], "+12025550177");
    let refused = api
        .post(&format!("{path}/start"), json!({}))
        .await
        .with(409);
    assert_eq!(refused["code"], "no_caller_number");
}

async fn providers_that_fail_leave_what_is_known_and_say_so(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let faults = dialer.simulator.faults();
    let break_down = || {
        faults.set(Fault::NumbersUnavailable, Trigger::always());
        faults.set(Fault::CatalogueUnavailable, Trigger::always());
    };
    break_down();
    for path in [NUMBERS, LIST] {
        let response = api
            .request(Method::GET, path)
            .send()
            .await
            .expect("an answer");
        assert!(response.headers().contains_key("retry-after"));
        refusal(api.request(Method::GET, path), 503, "unavailable").await;
    }
    assert!(faults.fired(Fault::NumbersUnavailable) > 0);
    assert!(faults.fired(Fault::CatalogueUnavailable) > 0);
    let phone = OwnedNumber::new("+12025550103").sid;
    let fields = json!({ "phoneId": phone, "agentId": "agent_demo" });
    let (id, told) = make(api, fields.clone()).await;
    assert_eq!(told.len(), 2);
    assert!(
        told[0].contains(&phone) && told[1].contains("agent_demo"),
        "{told:?}"
    );
    let start = format!("/api/v1/campaigns/{id}/start");
    let refused = api.post(&start, json!({})).await.with(409);
    assert_eq!(refused["code"], "no_caller_number");
    // A number of its own needs no provider; an agent that nobody ever heard of does.
    let own = json!({ "phoneNumber": "+12025550103" });
    let changed = api
        .patch(&format!("/api/v1/campaigns/{id}"), own)
        .await
        .ok();
    assert_eq!(warnings(&changed), Vec::<String>::new());
    let refused = api.post(&start, json!({})).await.with(409);
    assert_eq!(refused["code"], "no_voice_agent");

    faults.clear();
    for path in [NUMBERS, LIST] {
        let listed = api.get(&format!("{path}?refresh=true")).await.ok();
        assert_eq!(warnings(&listed), Vec::<String>::new());
    }
    break_down();
    for path in [NUMBERS, LIST] {
        let listed = api.get(&format!("{path}?refresh=true")).await.with(200);
        assert!(
            entries(&listed).len() >= 3,
            "what was known before: {listed}"
        );
        assert!(
            entries(&listed)
                .iter()
                .all(|entry| entry["vanishedAt"].is_null())
        );
        assert!(!warnings(&listed).is_empty());
    }
    let (_, told) = make(api, fields).await;
    assert_eq!(told, Vec::<String>::new(), "seen a moment ago");
    let started = api.post(&start, json!({})).await.ok();
    assert_eq!(started["data"]["status"], "active");
}

async fn ids_that_nobody_knows_are_warned_of_and_keep_a_campaign_from_starting(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    // The first generation: an unknown agent, an unknown number, then both known.
    let body = json!({
        "name": "Q3", "phoneNumberId": "pn_123456789abcdef", "voiceAgentId": "agent_nobody",
        "startDate": "2090-01-01",
    });
    let made = api.post("/api/campaigns", body).await.with(201);
    let told = warnings(&made);
    assert_eq!(told.len(), 2);
    assert!(
        told[0].contains("pn_123456789abcdef") && told[1].contains("agent_nobody"),
        "{told:?}"
    );
    let campaign = &made["campaign"];
    assert_eq!(campaign["phoneNumberId"], "pn_123456789abcdef");
    assert_eq!(campaign["voiceAgentId"], "agent_nobody");
    let id = campaign["id"].as_str().expect("an id");
    let path = format!("/api/campaigns/{id}");
    let refused = api.command(id, "start").await.with(409);
    assert_eq!(refused["code"], "no_caller_number");
    let number = json!({ "phoneNumber": "+12025550100" });
    let changed = api.put(&path, number).await.ok();
    assert_eq!(warnings(&changed), Vec::<String>::new());
    let (first, second) = (
        format!("{path}/start"),
        format!("/api/v1/campaigns/{id}/start"),
    );
    for start in [&first, &second] {
        let refused = api.post(start, json!({})).await.with(409);
        assert_eq!(refused["code"], "no_voice_agent");
        let message = refused["message"].as_str().expect("a sentence");
        assert!(message.contains("agent_nobody"), "{message}");
    }
    // Approved it cannot be either, nor started by its status.
    let approval = json!({ "status": "waiting_for_approval" });
    api.patch(&format!("/api/v1/campaigns/{id}"), approval)
        .await
        .ok();
    let active = json!({ "status": "active" });
    for (method, path) in [
        (Method::PUT, path.clone()),
        (Method::PATCH, format!("/api/v1/campaigns/{id}")),
    ] {
        let request = api.request(method, &path).json(&active);
        refusal(request, 409, "no_voice_agent").await;
    }
    let known = json!({ "voiceAgentId": "agent_demo", "status": "active" });
    let changed = api.put(&path, known).await.ok();
    assert_eq!(warnings(&changed), Vec::<String>::new());
    // Nor go on after a pause.
    api.command(id, "pause").await.ok();
    let unknown = json!({ "agentId": "agent_nobody" });
    let changed = api
        .patch(&format!("/api/v1/campaigns/{id}"), unknown)
        .await
        .ok();
    assert_eq!(warnings(&changed).len(), 1);
    let refused = api.command(id, "resume").await.with(409);
    assert_eq!(refused["code"], "no_voice_agent");
    assert_eq!(api.campaign(id).await["status"], "paused");
}
