//! Somebody's things, and everybody who might want them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use simulator::Behaviour;
use uuid::Uuid;

use crate::support::dialer::User;
use crate::support::people::{Person, TALK_MS, number};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually};

const AREA: u16 = 391;
/// Nobody is called before.
const LATER: &str = "2090-01-01";

/// A dialer with an owner whose things are asked for.
pub struct World {
    pub dialer: Dialer,
    pub owner: User,
    pub other: User,
    pub admin: User,
    /// Was the owner's, until it was taken back.
    pub taken_back: String,
    /// What took place: names of things that last, as paths have them.
    lasting: BTreeMap<&'static str, String>,
    numbers: AtomicUsize,
}

/// What one row is asked about: an address, and the owner's things in it.
pub struct Target {
    pub path: String,
    pub things: Vec<String>,
}

impl World {
    pub async fn new(stack: Stack) -> Self {
        let env = BTreeMap::from([("METRICS_TOKEN", "the-token-of-the-metrics".to_owned())]);
        let options = Options {
            env,
            ..Options::default()
        };
        let dialer = Dialer::start(stack, options).await;
        let owner = dialer.create_user("owner", "user");
        let mut world = Self {
            other: dialer.create_user("other", "user"),
            admin: dialer.create_user("admin", "admin"),
            taken_back: String::new(),
            lasting: BTreeMap::new(),
            numbers: AtomicUsize::new(10),
            dialer,
            owner,
        };
        let (key, token) = world.key().await;
        let once = world.dialer.api_as(Some(&token));
        once.get("/api/v1/users/me").await.ok();
        let keys = format!("/api/v1/users/{}/api-keys", world.owner.id);
        world.owner.api.delete(&format!("{keys}/{key}")).await.ok();
        world.taken_back = token;
        world.lasting = world.talk().await;
        world
    }

    /// A campaign of which every call is over: one reached a machine, one a person.
    async fn talk(&self) -> BTreeMap<&'static str, String> {
        let people = [Behaviour::Voicemail, Behaviour::Answer { talk_ms: TALK_MS }];
        let people: Vec<Person> = (0..)
            .zip(people)
            .map(|(index, behaviour)| Person {
                number: number(AREA, index),
                script: vec![behaviour],
            })
            .collect();
        self.dialer.rehearse(&people);
        let api = &self.owner.api;
        let fields = json!({ "name": "called", "callAttemptsPerContact": 1 });
        let id = api.create_campaign(fields).await;
        api.add(&id, &people).await;
        api.command(&id, "start").await.ok();
        api.reaches(&id, "completed", PATIENCE).await;
        let conversation = eventually("the conversation is told", PATIENCE, async || {
            let path = format!("/api/campaigns/{id}/conversations");
            let found = api.get(&path).await.ok()["conversations"].take();
            let found = found
                .as_array()?
                .iter()
                .find(|talk| talk["status"] == "done");
            Some(text(&found?["id"]))
        })
        .await;
        let calls = api.get(&format!("/api/campaigns/{id}/calls")).await.ok();
        let mut calls = calls["calls"].as_array().expect("calls").iter();
        let machine = calls.find(|call| call["outcome"] == "voicemail");
        let machine = text(&machine.expect("a machine")["id"]);
        BTreeMap::from([
            ("called", id),
            ("conversationId", conversation),
            ("callId", machine.clone()),
            ("callSid", machine.clone()),
            ("callLogId", machine),
            ("phoneNumber", people[0].number.clone()),
        ])
    }

    /// A number that nobody had before.
    pub fn number(&self) -> String {
        number(AREA, self.numbers.fetch_add(1, Ordering::Relaxed))
    }

    /// The call that took place.
    pub fn call(&self) -> &str {
        &self.lasting["callId"]
    }

    /// A key of the owner's: its id and its token.
    async fn key(&self) -> (String, String) {
        let keys = format!("/api/v1/users/{}/api-keys", self.owner.id);
        let made = self.owner.api.post(&keys, json!({ "name": "a key" })).await;
        let made = made.with(201);
        (text(&made["data"]["id"]), text(&made["data"]["token"]))
    }

    /// Things of the owner's, made anew, for the pattern of a path.
    pub async fn target(&self, pattern: &str) -> Target {
        let mut names = self.lasting.clone();
        let has = |name: &str| pattern.contains(name);
        if has("/webhooks/") {
            names.insert("id", names["callId"].clone());
        } else if has("/users/{id}") {
            names.insert("id", self.owner.id.clone());
            if has("{keyId}") {
                names.insert("keyId", self.key().await.0);
            }
        } else if has("/suppressions/{id}") {
            let body = json!({ "phoneNumber": self.number() });
            let added = self.owner.api.post("/api/suppressions", body).await;
            names.insert("id", text(&added.with(201)["suppression"]["id"]));
        } else if has("{callId}") || has("{conversationId}") {
            names.insert("id", names["called"].clone());
        } else if has("/campaigns/{id}") {
            let (id, contact) = self.campaign(pattern).await;
            names.extend([("id", id), ("contactId", contact)]);
        }
        names.insert("*rest", "index.html".to_owned());
        names.insert("token", "guessed".to_owned());
        names.insert("claim", Uuid::nil().to_string());
        let mut path = pattern.to_owned();
        for (name, value) in &names {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        assert!(!path.contains('{'), "{path}: what is that?");
        // What everybody who asks for this names themselves, or is no secret.
        let mut things: Vec<String> = names.into_values().collect();
        things.extend([self.owner.id.clone(), "owner@example.com".to_owned()]);
        things.retain(|thing| thing.len() > 10 && !path.contains(thing.as_str()));
        Target { path, things }
    }

    /// A campaign with a contact, in the status in which the command of `pattern` is possible; their ids.
    async fn campaign(&self, pattern: &str) -> (String, String) {
        let api = &self.owner.api;
        let fields = json!({ "name": "of the owner", "startDate": LATER });
        let id = api.create_campaign(fields).await;
        let person = Person {
            number: self.number(),
            script: Vec::new(),
        };
        api.add(&id, &[person]).await;
        let commands: &[&str] = match pattern.rsplit('/').next() {
            Some("pause" | "end" | "cancel") => &["start"],
            Some("resume") => &["start", "pause"],
            _ => &[],
        };
        for command in commands {
            api.command(&id, command).await.ok();
        }
        let found = api.get(&format!("/api/campaigns/{id}/contacts")).await.ok();
        (id, found["contacts"][0]["id"].to_string())
    }

    /// All that the owner has, as the owner sees it: each value by the place where it stands. Not before campaigns that
    /// ended have nobody left to call, as their contacts are canceled a moment after them.
    pub async fn possessions(&self) -> BTreeMap<String, Value> {
        eventually("the contacts of ended campaigns", PATIENCE, async || {
            let said = self.owner.api.get("/api/v1/campaigns/all").await.ok();
            let campaigns = said["data"]["campaigns"].as_array().expect("campaigns");
            let mut ended = campaigns
                .iter()
                .filter(|it| matches!(it["status"].as_str(), Some("completed" | "canceled")));
            ended
                .all(|it| it["liveStats"]["remaining"] == 0)
                .then_some(())
        })
        .await;
        let mut seen = BTreeMap::new();
        let call = format!("/api/v1/calls/{}", self.call());
        let keys = format!("/api/v1/users/{}/api-keys", self.owner.id);
        for path in [
            "/api/v1/campaigns/all",
            "/api/campaigns?limit=100",
            "/api/suppressions?limit=1000",
            &call,
            &keys,
        ] {
            lay_out(path, self.owner.api.get(path).await.ok(), &mut seen);
        }
        seen
    }
}

/// Every value within `value`, but for what changes by itself: when a key was used, and when a call was looked after.
fn lay_out(place: &str, value: Value, seen: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                if !matches!(name.as_str(), "lastUsedAt" | "updatedAt") {
                    lay_out(&format!("{place} {name}"), value, seen);
                }
            }
        }
        Value::Array(list) => {
            for (index, value) in list.into_iter().enumerate() {
                lay_out(&format!("{place} {index}"), value, seen);
            }
        }
        value => drop(seen.insert(place.to_owned(), value)),
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
