//! Changes that a campaign or a contact cannot have as it stands: refused by name, and nothing changes.

use serde_json::{Value, json};
use simulator::Behaviour;

use crate::contacts::{path as contacts_of, seen};
use crate::support::api::Api;
use crate::support::people::{alike, number};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    an_active_campaign_is_not_changed_into_one_that_cannot_call,
    a_campaign_above_the_operators_limit_is_refused,
    the_number_of_a_contact_that_is_queued_stands,
);

async fn an_active_campaign_is_not_changed_into_one_that_cannot_call(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let fields = json!({ "startDate": "2090-01-01" });
    let id = api.create_campaign(fields).await;
    api.command(&id, "start").await.ok();
    let before = api.campaign(&id).await;
    let (first, second) = (
        format!("/api/campaigns/{id}"),
        format!("/api/v1/campaigns/{id}"),
    );
    for (change, code, word) in [
        (json!({ "voiceAgentId": null }), "no_voice_agent", "agent"),
        (json!({ "agentId": null }), "no_voice_agent", "agent"),
        (
            json!({ "voiceAgentId": "agent_of_nobody" }),
            "no_voice_agent",
            "agent_of_nobody",
        ),
        (json!({ "phoneNumber": null }), "no_caller_number", "number"),
        (
            json!({ "startDate": null, "endDate": "2023-12-31" }),
            "end_date_passed",
            "endDate",
        ),
        (
            json!({ "scheduleConfig": { "daysOfWeek": [] } }),
            "calendar_never_opens",
            "scheduleConfig",
        ),
        // All of it or nothing: what could be changed is not, either.
        (
            json!({ "name": "Renamed", "voiceAgentId": null }),
            "no_voice_agent",
            "agent",
        ),
    ] {
        // The first generation does not know the second's words.
        let is_seconds = change.get("agentId").is_some();
        if !is_seconds {
            assert_refused(api.put(&first, change.clone()).await.with(409), code, word);
        }
        assert_refused(api.patch(&second, change).await.with(409), code, word);
        assert_eq!(api.campaign(&id).await, before);
    }
    // What is not active yet may be left without.
    let draft = api.create_campaign(json!({})).await;
    let change = json!({ "voiceAgentId": null, "phoneNumber": null, "endDate": "2023-12-31" });
    api.put(&format!("/api/campaigns/{draft}"), change)
        .await
        .ok();
}

#[track_caller]
fn assert_refused(body: Value, code: &str, word: &str) {
    assert_eq!(body["code"], code, "{body}");
    let message = body["message"].as_str().expect("a sentence");
    assert!(message.contains(word), "{message}");
    assert_eq!(body["errors"], json!([]));
}

async fn a_campaign_above_the_operators_limit_is_refused(stack: Stack) {
    let options = Options {
        env: [("MAX_CONCURRENT_CALLS_LIMIT", "4".to_owned())].into(),
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let api = &dialer.api;
    let help = "must be a whole number from 1 to 4";
    let (firsts, seconds) = ("maxConcurrentCalls", "settings.concurrentCallsLimit");
    let first = |calls: Value| json!({ "name": "Many", "maxConcurrentCalls": calls });
    let second =
        |calls: Value| json!({ "name": "Many", "settings": { "concurrentCallsLimit": calls } });
    for above in [5, 10_000] {
        let refused = api.post("/api/campaigns", first(json!(above))).await;
        assert_eq!(refused.with(422)["errors"], wrong(firsts, help));
        let refused = api.post("/api/v1/campaigns", second(json!(above))).await;
        assert_eq!(refused.with(422)["errors"], wrong(seconds, help));
    }
    assert_eq!(api.get("/api/campaigns").await.ok()["total"], 0);
    let made = api.post("/api/campaigns", first(json!(4))).await.with(201);
    let id = made["campaign"]["id"].as_str().expect("an id");
    api.post("/api/v1/campaigns", second(json!(4)))
        .await
        .with(201);
    let paths = [
        format!("/api/campaigns/{id}"),
        format!("/api/v1/campaigns/{id}"),
    ];
    let refused = api.put(&paths[0], first(json!(5))).await.with(422);
    assert_eq!(refused["errors"], wrong(firsts, help));
    let refused = api.patch(&paths[1], second(json!(5))).await.with(422);
    assert_eq!(refused["errors"], wrong(seconds, help));
    assert_eq!(api.campaign(id).await["maxConcurrentCalls"], 4);
    for calls in [3, 4] {
        api.put(&paths[0], first(json!(calls))).await.ok();
        api.patch(&paths[1], second(json!(calls))).await.ok();
        assert_eq!(api.campaign(id).await["maxConcurrentCalls"], calls);
    }
    // What nobody says is within the limit as well.
    let bare = api
        .post("/api/campaigns", json!({ "name": "Bare" }))
        .await
        .with(201);
    assert_eq!(bare["campaign"]["maxConcurrentCalls"], 4);
}

fn wrong(field: &str, message: &str) -> Value {
    json!([{ "field": field, "message": message }])
}

/// Of how many people one after the other it is hoped that they stay queued for a moment.
const TURNS_MAX: usize = 10;

/// Each call but the first has to wait in the queue for two seconds, and only one is there at a time.
pub fn slow() -> Options {
    Options {
        env: [("CARRIER_CALLS_PER_SECOND", "0.5".to_owned())].into(),
        ..Options::default()
    }
}

/// Has people called one after the other by a dialer that is [`slow`]; what `change` found with one of them who was queued
/// all the while. It gets the path of somebody who just came into the queue, and the how manieth that is: whose turn comes
/// before `change` is through, as it does on a busy machine, is followed by the next one.
pub async fn while_queued<T>(
    dialer: &Dialer,
    area: u16,
    change: impl AsyncFn(&str, usize) -> T,
) -> T {
    let api = &dialer.api;
    let people = alike(area, 20, &Behaviour::Answer { talk_ms: 3_600_000 });
    dialer.rehearse(&people);
    let campaign = api
        .create_campaign(json!({ "maxConcurrentCalls": 20 }))
        .await;
    api.add(&campaign, &people).await;
    api.command(&campaign, "start").await.ok();
    let contacts = contacts_of(&campaign);
    for turn in 0..TURNS_MAX {
        let path = newcomer(api, &contacts).await;
        let found = change(&path, turn).await;
        if seen(api, &path).await["status"] == "queued" {
            return found;
        }
    }
    panic!("of {TURNS_MAX} people nobody was queued for long enough")
}

/// The path of somebody of `contacts` who just came into the queue.
async fn newcomer(api: &Api, contacts: &str) -> String {
    let mut known = None;
    eventually("somebody comes into the queue", PATIENCE, async || {
        let calling = api.get(&format!("{contacts}?status=calling")).await.ok();
        let queued = api.get(&format!("{contacts}?status=queued")).await.ok();
        let found = queued["contacts"].as_array().expect("a list");
        let newest = found
            .iter()
            .filter_map(|contact| contact["id"].as_i64())
            .max();
        let before = known.replace(newest)?;
        // The first one does not wait.
        let is_new = calling["total"] != 0 && newest > before;
        is_new.then(|| format!("{contacts}/{}", newest.expect("somebody")))
    })
    .await
}

async fn the_number_of_a_contact_that_is_queued_stands(stack: Stack) {
    let dialer = Dialer::start(stack, slow()).await;
    let api = &dialer.api;
    let (before, refused, after, renamed) = while_queued(&dialer, 706, async |path, turn| {
        let before = seen(api, path).await;
        let other = json!({ "phoneNumber": number(706, 90 + turn), "name": "Renamed" });
        let refused = api.put(path, other).await;
        let after = seen(api, path).await;
        // What is only read may change meanwhile.
        let renamed = api.put(path, json!({ "name": "Renamed" })).await;
        (before, refused, after, renamed)
    })
    .await;
    assert_refused(refused.with(409), "contact_is_queued", "queued");
    assert_eq!(after, before);
    assert_eq!(renamed.ok()["contact"]["name"], "Renamed");
}
