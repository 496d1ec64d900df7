//! What is told over the WebSocket: figures, campaigns, calls.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulator::{Behaviour, Fault, Trigger};

use crate::support::api::Api;
use crate::support::dialer::ADMIN_TOKEN;
use crate::support::people::{Person, alike, number};
use crate::support::watch::{Watch, subscribe, unsubscribe};
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    figures_come_at_once_and_then_every_two_seconds,
    a_campaigns_figures_come_soon_after_each_change,
    many_changes_of_a_campaign_are_told_together,
    each_state_of_a_call_is_told,
    at_the_end_of_a_campaign_what_was_told_adds_up,
    a_call_that_the_carrier_did_not_take_on_is_taken_back,
    a_deleted_campaign_is_told_of_once_more,
    one_hears_only_of_what_one_subscribed_to,
    nobody_hears_of_what_belongs_to_others,
);

/// A change is told within this, says the document. Half of them must be, on a machine that does other things as well.
const SOON: Duration = Duration::from_millis(250);

async fn figures_come_at_once_and_then_every_two_seconds(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let first = watch.next().await;
    assert_eq!(first["type"], "stats");
    assert_eq!(first["totalConnections"], 1);
    let asked = dialer.api.get("/api/v1/stats").await.ok();
    for name in asked["data"].as_object().expect("figures").keys() {
        assert!(!first[name].is_null(), "{name} is missing: {first}");
    }
    // Up to the next beat, and then from beat to beat.
    watch.next().await;
    for _ in 0..2 {
        let since = Instant::now();
        assert_eq!(watch.next().await["type"], "stats");
        let passed = since.elapsed();
        assert!(passed > Duration::from_millis(1_000), "{passed:?}");
    }
}

async fn change(api: &Api, campaign: &str, name: &str) {
    let path = format!("/api/v1/campaigns/{campaign}");
    api.patch(&path, json!({ "name": name })).await.ok();
}

async fn a_campaigns_figures_come_soon_after_each_change(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let campaign = api.create_campaign(json!({})).await;
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let mut delays = Vec::new();
    for index in 0..7 {
        let name = format!("change {index}");
        change(api, &campaign, &name).await;
        let since = Instant::now();
        let told = watch
            .until("the change", |message| message["name"] == name.as_str())
            .await;
        delays.push(since.elapsed());
        assert_eq!(told["type"], "campaign");
    }
    delays.sort();
    assert!(delays[3] < SOON, "{delays:?}");

    // What is told is what the list shows.
    api.add(&campaign, &alike(272, 4, &Behaviour::Busy)).await;
    let mut told = watch
        .until("four contacts", |message| {
            message["liveStats"]["totalNumbers"] == 4
        })
        .await;
    told.as_object_mut().expect("an object").remove("type");
    let listed = api.get("/api/v1/campaigns").await.ok();
    assert_eq!(told, listed["campaigns"][0]);
}

async fn many_changes_of_a_campaign_are_told_together(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let campaign = api.create_campaign(json!({})).await;
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let since = Instant::now();
    const CHANGES: usize = 40;
    for index in 0..CHANGES {
        change(api, &campaign, &format!("change {index}")).await;
    }
    let last = format!("change {}", CHANGES - 1);
    let told = watch
        .all_until("the last change", |message| {
            message["name"] == last.as_str()
        })
        .await;
    let passed = since.elapsed();
    let count = told
        .iter()
        .filter(|message| message["type"] == "campaign")
        .count();
    // Changes are gathered for 75 ms at least.
    let most = usize::try_from(passed.as_millis() / 75).expect("few") + 2;
    assert!(count <= most, "{count} messages in {passed:?}");
}

async fn each_state_of_a_call_is_told(stack: Stack) {
    let options = Options {
        time_scale: 2.0,
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let people = [
        (0, Behaviour::Answer { talk_ms: 3_000 }),
        (1, Behaviour::Busy),
    ]
    .map(|(index, behaviour)| Person {
        number: number(273, index),
        script: vec![behaviour],
    });
    dialer.rehearse(&people);
    let fields = json!({ "callAttemptsPerContact": 1 });
    let campaign = dialer.api.create_campaign(fields).await;
    dialer.api.add(&campaign, &people).await;
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    dialer.api.command(&campaign, "start").await.ok();
    let told = watch
        .all_until("the end", |message| {
            message["status"] == "completed" && message["liveStats"].is_object()
        })
        .await;
    let of = |index: usize| -> Vec<&Value> {
        let calls = told.iter().filter(|message| message["type"] == "call");
        calls
            .filter(|call| call["phoneNumber"] == number(273, index))
            .collect()
    };
    let answered = of(0);
    let positions = [
        ("initiated", "startedAt"),
        ("initiated", "ringingAt"),
        ("in-progress", "answeredAt"),
        ("completed", "endedAt"),
    ]
    .map(|(status, since)| {
        let is_there = |call: &&Value| call["status"] == status && call[since].is_string();
        let position = answered.iter().position(is_there);
        position.unwrap_or_else(|| panic!("{status} {since} is missing: {answered:#?}"))
    });
    assert!(positions.is_sorted(), "{answered:#?}");
    let last = answered.last().expect("told of");
    assert_eq!(last["outcome"], "answered");
    assert!(last["duration"].is_u64(), "{last}");
    for call in &answered {
        assert_eq!(call["_id"], answered[0]["_id"]);
        assert_eq!(call["campaignId"], campaign.as_str());
        assert_eq!(call["direction"], "outbound");
        assert!(call["contactId"].is_i64());
    }
    let busy = of(1).pop().expect("told of");
    assert_eq!(busy["status"], "busy");
    assert_eq!(busy["outcome"], "busy");
    // Nothing about a call is told twice.
    assert!(answered.windows(2).all(|pair| pair[0] != pair[1]));
}

async fn at_the_end_of_a_campaign_what_was_told_adds_up(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let people = alike(278, 300, &Behaviour::Busy);
    dialer.rehearse(&people);
    let fields = json!({ "callAttemptsPerContact": 1, "maxConcurrentCalls": 60 });
    let campaign = dialer.api.create_campaign(fields).await;
    dialer.api.add(&campaign, &people).await;
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    dialer.api.command(&campaign, "start").await.ok();
    let told = watch
        .all_until("the end", |message| {
            message["type"] == "campaign" && message["status"] == "completed"
        })
        .await;
    let shown = dialer.api.get("/api/v1/campaigns").await.ok();
    let last = told.last().expect("the end");
    assert_eq!(last["liveStats"], shown["campaigns"][0]["liveStats"]);
    let mut calls: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut live_max = 0;
    for message in &told {
        if message["type"] == "call" {
            calls.insert(message["_id"].as_str().expect("an id"), message);
        }
        if message["type"] == "campaign" {
            let live = message["liveStats"]["activeCalls"].as_i64();
            live_max = live_max.max(live.expect("a count"));
        }
    }
    assert_eq!(calls.len(), people.len());
    assert!(calls.values().all(|call| call["outcome"] == "busy"));
    assert!((1..=60).contains(&live_max), "{live_max} calls at once");
}

async fn a_call_that_the_carrier_did_not_take_on_is_taken_back(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let people = alike(275, 1, &Behaviour::Busy);
    dialer.rehearse(&people);
    let faults = dialer.simulator.faults();
    faults.set(Fault::CreateTooManyRequests, Trigger::always());
    let fields = json!({ "callAttemptsPerContact": 1 });
    let campaign = dialer.api.create_campaign(fields).await;
    dialer.api.add(&campaign, &people).await;
    let ann = dialer.create_user("ann", "user");
    let mut she = Watch::open(dialer.base(), &ann.token).await;
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    dialer.api.command(&campaign, "start").await.ok();
    let undone = watch
        .until("the call is taken back", |message| {
            message["type"] == "callUndone"
        })
        .await;
    assert_eq!(undone["campaignId"], campaign.as_str());
    assert!(undone["_id"].is_string());
    faults.unset(Fault::CreateTooManyRequests);
    let call = watch
        .until("the next one", |message| message["outcome"] == "busy")
        .await;
    assert_ne!(call["_id"], undone["_id"]);
    // Whose it is not hears nothing of it.
    she.say(&json!({ "type": "ping" })).await;
    let heard = she
        .all_until("the answer", |message| message["type"] == "pong")
        .await;
    let others = heard.iter().filter(|message| message["type"] != "stats");
    assert_eq!(others.count(), 1, "{heard:?}");
}

async fn a_deleted_campaign_is_told_of_once_more(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let campaign = api.create_campaign(json!({})).await;
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    api.delete(&format!("/api/campaigns/{campaign}")).await.ok();
    let told = watch
        .until("the deletion", |message| {
            message["type"] == "campaignDeleted"
        })
        .await;
    assert_eq!(told["_id"], campaign.as_str());
}

/// Nothing that is not wanted is heard before `name`.
async fn hears_first(watch: &mut Watch, name: &str) {
    let heard = watch
        .all_until(name, |message| message["name"] == name)
        .await;
    assert!(
        heard.iter().all(|message| message["name"] != "unheard"),
        "{heard:?}"
    );
}

async fn one_hears_only_of_what_one_subscribed_to(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let one = api.create_campaign(json!({})).await;
    let two = api.create_campaign(json!({})).await;
    let mut watch = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let now = watch.ask(&subscribe(json!([one]))).await;
    let expected = json!({ "type": "subscribed", "campaigns": [one], "except": [] });
    assert_eq!(now, expected);
    change(api, &two, "unheard").await;
    change(api, &one, "heard").await;
    hears_first(&mut watch, "heard").await;
    // A list is added to a list.
    watch.ask(&subscribe(json!([two]))).await;
    change(api, &two, "heard now").await;
    hears_first(&mut watch, "heard now").await;
    watch.ask(&unsubscribe(json!([one]))).await;
    change(api, &one, "unheard").await;
    change(api, &two, "still heard").await;
    hears_first(&mut watch, "still heard").await;
    // All but one.
    let now = watch.ask(&subscribe(json!("all"))).await;
    assert_eq!(now["campaigns"], "all");
    let now = watch.ask(&unsubscribe(json!([two]))).await;
    assert_eq!(now["except"], json!([two]));
    change(api, &two, "unheard").await;
    change(api, &one, "heard again").await;
    hears_first(&mut watch, "heard again").await;
    // Nothing but figures.
    let now = watch.ask(&unsubscribe(json!("all"))).await;
    assert_eq!(now["campaigns"], json!([]));
    change(api, &one, "unheard").await;
    for _ in 0..2 {
        assert_eq!(watch.next().await["type"], "stats");
    }
}

async fn nobody_hears_of_what_belongs_to_others(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let ann = dialer.create_user("ann", "user");
    let bob = dialer.create_user("bob", "user");
    let hers = ann
        .api
        .create_campaign(json!({ "callAttemptsPerContact": 1 }))
        .await;
    let his = bob.api.create_campaign(json!({})).await;
    let mut root = Watch::open(dialer.base(), ADMIN_TOKEN).await;
    let mut she = Watch::open(dialer.base(), &ann.token).await;
    let mut he = Watch::open(dialer.base(), &bob.token).await;
    // Asking for it does not help, and tells nothing.
    let refused = he.ask(&subscribe(json!([his, hers]))).await;
    assert_eq!(refused["type"], "error");
    assert_eq!(refused["code"], "invalid");
    let unknown = "0190f3c2-7d4e-7a31-9c55-0123456789ab";
    let other = he.ask(&subscribe(json!([unknown]))).await;
    let sentence = |refused: &Value, id: &str| {
        let message = refused["errors"][0]["message"]
            .as_str()
            .expect("a sentence");
        message.replace(id, "ID")
    };
    assert_eq!(sentence(&refused, &hers), sentence(&other, unknown));
    let people = alike(274, 2, &Behaviour::Busy);
    dialer.rehearse(&people);
    ann.api.add(&hers, &people).await;
    ann.api.command(&hers, "start").await.ok();
    let is_over =
        |message: &Value| message["_id"] == hers.as_str() && message["status"] == "completed";
    let heard = she.all_until("the end", is_over).await;
    assert!(heard.iter().any(|message| message["type"] == "call"));
    root.until("the end", is_over).await;
    change(&bob.api, &his, "his own").await;
    let heard = he
        .all_until("his own", |message| message["name"] == "his own")
        .await;
    let (figures, news): (Vec<Value>, Vec<Value>) = heard
        .into_iter()
        .partition(|message| message["type"] == "stats");
    for message in news {
        assert_eq!(message["_id"], his.as_str(), "{message}");
    }
    for message in figures {
        assert_eq!(message["activeCalls"], 0);
        assert_eq!(message["queueLength"], 0);
    }
}
