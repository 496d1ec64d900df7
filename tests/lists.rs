//! Finding campaigns and contacts: pages, filters, searches, orders.

use serde_json::{Value, json};
use simulator::Behaviour;

use crate::support::api::Api;
use crate::support::people::{alike, number};
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    campaigns_come_in_pages_of_the_newest_first,
    campaigns_are_sorted_by_any_field_and_never_twice_on_a_page,
    campaigns_are_found_by_status,
    campaigns_are_found_by_tag,
    a_search_means_every_letter_of_it,
    a_search_folds_the_case_of_every_alphabet,
    contacts_are_found_by_status_and_by_text,
);

/// Fields of a campaign that are one value.
const SORTABLE: [&str; 18] = [
    "id",
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
    "maxConcurrentCalls",
    "callAttemptsPerContact",
    "retryDelay",
    "scheduleType",
    "createdAt",
    "updatedAt",
];

/// Makes seven campaigns with limits of 1, 2 and 3; their ids, the oldest first.
async fn make_seven(api: &Api) -> Vec<String> {
    let mut ids = Vec::new();
    for index in 0..7 {
        let name = format!("campaign {index}");
        let fields = json!({ "name": name, "maxConcurrentCalls": 1 + index % 3 });
        ids.push(api.create_campaign(fields).await);
    }
    ids
}

async fn page(api: &Api, query: &str) -> Value {
    let found = api.get(&format!("/api/campaigns{query}")).await.ok();
    assert_eq!(found["count"], listed(&found).len());
    found
}

async fn campaigns_come_in_pages_of_the_newest_first(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let mut newest = make_seven(api).await;
    newest.reverse();
    let all = page(api, "").await;
    assert_eq!(figures(&all), [7, 7, 1, 1]);
    assert_eq!(listed(&all), newest);
    let nothing_said = "?page=&limit=&status=&search=&sortBy=&sortDir=&userId=";
    assert_eq!(page(api, nothing_said).await, all);
    let second = page(api, "?limit=3&page=2").await;
    assert_eq!(figures(&second), [3, 7, 2, 3]);
    assert_eq!(listed(&second), newest[3..6]);
    let last = page(api, "?limit=3&page=3").await;
    assert_eq!(figures(&last), [1, 7, 3, 3]);
    assert_eq!(listed(&last), newest[6..]);
    let beyond = page(api, "?limit=3&page=4").await;
    assert_eq!(figures(&beyond), [0, 7, 4, 3]);
    let far_beyond = page(api, "?limit=100&page=4294967295").await;
    assert_eq!(far_beyond["count"], 0);
}

async fn campaigns_are_sorted_by_any_field_and_never_twice_on_a_page(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let mut ids = make_seven(api).await;
    assert_eq!(listed(&page(api, "?sortDir=asc").await), ids);
    let by_name = page(api, "?sortBy=name&sortDir=asc&limit=2").await;
    assert_eq!(listed(&by_name), ids[..2]);
    for field in SORTABLE {
        for direction in ["asc", "desc"] {
            let query = format!("?sortBy={field}&sortDir={direction}");
            assert_eq!(page(api, &query).await["count"], 7, "{query}");
        }
    }
    // What is equal comes in a stable order, so that pages neither repeat nor skip anybody.
    let (mut paged, mut limits) = (Vec::new(), Vec::new());
    for number in 1..=4 {
        let found = page(
            api,
            &format!("?sortBy=maxConcurrentCalls&limit=2&page={number}"),
        )
        .await;
        let campaigns = found["campaigns"].as_array().expect("a list");
        limits.extend(
            campaigns
                .iter()
                .map(|row| row["maxConcurrentCalls"].as_i64()),
        );
        paged.extend(listed(&found));
    }
    assert!(limits.is_sorted_by(|a, b| a >= b), "{limits:?}");
    paged.sort();
    ids.sort();
    assert_eq!(paged, ids);
}

async fn campaigns_are_found_by_status(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let ids = make_seven(api).await;
    let canceled = format!("/api/campaigns/{}", ids[2]);
    api.put(&canceled, json!({ "status": "canceled" }))
        .await
        .ok();
    for base in ["/api/campaigns", "/api/v1/campaigns"] {
        let found = api.get(&format!("{base}?status=canceled")).await.ok();
        assert_eq!(found["total"], 1, "{base}");
        let drafts = api.get(&format!("{base}?status=draft&limit=5")).await.ok();
        assert_eq!(drafts["total"], 6, "{base}");
        assert_eq!(drafts["pages"], 2, "{base}");
        let active = api.get(&format!("{base}?status=active")).await.ok();
        assert_eq!(active["total"], 0, "{base}");
    }
}

/// Count, total, page, pages.
fn figures(found: &Value) -> [u64; 4] {
    ["count", "total", "page", "pages"].map(|name| found[name].as_u64().expect("a figure"))
}

fn listed(found: &Value) -> Vec<String> {
    let campaigns = found["campaigns"].as_array().expect("a list").iter();
    campaigns
        .map(|campaign| campaign["id"].as_str().expect("an id").to_owned())
        .collect()
}

async fn a_search_means_every_letter_of_it(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    for (name, description) in [
        ("100% off", "in spring"),
        ("100 times off", "IN SPRING"),
        ("snake_case", "it's \\ here!"),
        ("snakeXcase", "it is not"),
        ("Quotes'; DROP TABLE campaigns; --", "a !bang"),
    ] {
        api.create_campaign(json!({ "name": name, "description": description }))
            .await;
    }
    for (search, expected) in [
        ("100%", &["100% off"][..]),
        ("%", &["100% off"]),
        ("_", &["snake_case"]),
        ("e_c", &["snake_case"]),
        ("\\", &["snake_case"]),
        ("!", &["Quotes'; DROP TABLE campaigns; --", "snake_case"]),
        ("!b", &["Quotes'; DROP TABLE campaigns; --"]),
        ("in spring", &["100 times off", "100% off"]),
        ("SNAKE", &["snakeXcase", "snake_case"]),
        ("'; drop table", &["Quotes'; DROP TABLE campaigns; --"]),
        (" off ", &["100 times off", "100% off"]),
        ("nothing of the kind", &[]),
    ] {
        for base in ["/api/campaigns", "/api/v1/campaigns"] {
            assert_eq!(
                found_by(api, base, "search", search).await,
                expected,
                "{search}"
            );
        }
    }
}

async fn campaigns_are_found_by_tag(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    for (name, tags) in [
        ("both", json!(["sales", "q3"])),
        ("one", json!(["sales"])),
        ("longer", json!(["sales-2026", "Sales"])),
        ("odd", json!(["%_'\"\\", "größer", "7"])),
        ("none", json!([])),
    ] {
        api.create_campaign(json!({ "name": name, "tags": tags }))
            .await;
    }
    for (tag, expected) in [
        ("sales", &["both", "one"][..]),
        (" sales ", &["both", "one"]),
        ("q3", &["both"]),
        ("Sales", &["longer"]),
        ("sale", &[]),
        ("%_'\"\\", &["odd"]),
        ("größer", &["odd"]),
        ("7", &["odd"]),
        ("%", &[]),
        ("", &["both", "longer", "none", "odd", "one"]),
    ] {
        for base in ["/api/campaigns", "/api/v1/campaigns"] {
            assert_eq!(found_by(api, base, "tag", tag).await, expected, "{tag}");
        }
    }
    let narrowed = "/api/campaigns?search=bo&status=draft&limit=1";
    assert_eq!(found_by(api, narrowed, "tag", "sales").await, ["both"]);
}

/// The names of the campaigns that `base` finds where `key` is `text`, in order.
async fn found_by(api: &Api, base: &str, key: &str, text: &str) -> Vec<String> {
    let request = api
        .request(reqwest::Method::GET, base)
        .query(&[(key, text)]);
    let found = crate::support::api::answer(request).await.ok();
    let campaigns = found["campaigns"].as_array().expect("a list");
    let mut names: Vec<String> = campaigns
        .iter()
        .map(|campaign| campaign["name"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(found["total"], names.len(), "{text}");
    names.sort_unstable();
    names
}

async fn a_search_folds_the_case_of_every_alphabet(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    for (name, description) in [
        ("ÜBERGABE", "für Zürich"),
        ("Übermut", "ПРИВЕТ"),
        ("Ubermut", "ΑΘΗΝΑ"),
        ("(a|b)*", "[x].+?$^{2}"),
    ] {
        api.create_campaign(json!({ "name": name, "description": description }))
            .await;
    }
    for (search, expected) in [
        ("über", &["ÜBERGABE", "Übermut"][..]),
        ("ZÜRICH", &["ÜBERGABE"]),
        ("привет", &["Übermut"]),
        ("αθηνα", &["Ubermut"]),
        ("uber", &["Ubermut"]),
        // What means something to an engine of regular expressions means itself here.
        ("(A|B)*", &["(a|b)*"]),
        ("[X].+?$^{2}", &["(a|b)*"]),
        (".", &["(a|b)*"]),
        ("(?i)", &[]),
    ] {
        for base in ["/api/campaigns", "/api/v1/campaigns"] {
            assert_eq!(
                found_by(api, base, "search", search).await,
                expected,
                "{search}"
            );
        }
    }
    let id = api.create_campaign(json!({})).await;
    let contact =
        json!({ "contacts": [{ "phoneNumber": "+442079460000", "name": "Jürgen ÄRGER" }] });
    let path = format!("/api/v1/campaigns/{id}/contacts");
    api.post(&path, contact).await.ok();
    for search in ["JÜRGEN", "ärger", "442079"] {
        let request = api
            .request(
                reqwest::Method::GET,
                &format!("/api/campaigns/{id}/contacts"),
            )
            .query(&[("search", search)]);
        let found = crate::support::api::answer(request).await.ok();
        assert_eq!(found["total"], 1, "{search}");
    }
}

async fn contacts_are_found_by_status_and_by_text(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    api.add(&id, &alike(240, 22, &Behaviour::Busy)).await;
    let more = json!({ "contacts": [
        { "phoneNumber": "+442079460000", "firstName": "Ada", "lastName": "Lovelace",
          "email": "ada@example.com", "metadata": { "account": 7 }, "timezone": "Europe/London" },
    ] });
    let path = format!("/api/v1/campaigns/{id}/contacts");
    api.post(&path, more).await.ok();

    let first = format!("/api/campaigns/{id}/contacts");
    let page = api.get(&first).await.ok();
    assert_eq!(page["campaignId"], id);
    assert_eq!(figures(&page), [20, 23, 1, 2]);
    assert_eq!(page["contacts"][0]["phoneNumber"], number(240, 0));
    let last = api.get(&format!("{first}?page=2")).await.ok();
    assert_eq!(figures(&last), [3, 23, 2, 2]);
    let ada = &last["contacts"][2];
    assert!(ada["id"].is_number(), "{ada}");
    for (field, value) in [
        ("firstName", json!("Ada")),
        ("lastName", json!("Lovelace")),
        ("name", json!("Ada Lovelace")),
        ("phoneNumber", json!("+442079460000")),
        ("email", json!("ada@example.com")),
        ("timezone", json!("Europe/London")),
        ("status", json!("pending")),
        ("attempts", json!(0)),
        ("metadata", json!({ "account": 7 })),
    ] {
        assert_eq!(ada[field], value, "{field}");
    }
    for query in [
        "search=lovelace",
        "search=ADA@",
        "search=%2B4420794",
        "search=ada%20love",
    ] {
        for base in [&first, &path] {
            let found = api.get(&format!("{base}?{query}")).await.ok();
            let found = if found["data"].is_object() {
                &found["data"]
            } else {
                &found
            };
            assert_eq!(found["total"], 1, "{base}?{query}");
            assert_eq!(found["contacts"][0]["email"], "ada@example.com");
        }
    }
    for (query, total) in [
        ("status=pending", 23),
        ("status=completed", 0),
        ("status=pending&search=lovelace", 1),
        ("search=%25", 0),
        ("search=_", 0),
    ] {
        let found = api.get(&format!("{first}?{query}")).await.ok();
        assert_eq!(found["total"], total, "{query}");
    }
}
