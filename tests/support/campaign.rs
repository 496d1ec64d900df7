//! Whole small campaigns, for tests about what they leave behind.

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

use super::Dialer;
use super::PATIENCE;
use super::api::Api;
use super::people::Person;

/// Has `people` called until nobody is left to call; the campaign's id.
pub async fn run(dialer: &Dialer, people: &[Person]) -> String {
    run_with(dialer, json!({}), people).await
}

/// As [`run`], a campaign with `fields`.
pub async fn run_with(dialer: &Dialer, fields: Value, people: &[Person]) -> String {
    dialer.rehearse(people);
    let campaign = dialer.api.create_campaign(fields).await;
    dialer.api.add(&campaign, people).await;
    dialer.api.command(&campaign, "start").await.ok();
    dialer.api.reaches(&campaign, "completed", PATIENCE).await;
    campaign
}

/// Every item of the list at `path`, read in pages of `limit` items.
pub async fn page_by_page(api: &Api, path: &str, list: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    for number in 1.. {
        let page = api
            .get(&format!("{path}?limit={limit}&page={number}"))
            .await;
        let page = page.ok();
        let found = page[list].as_array().expect("a list");
        assert_eq!(page["count"], found.len());
        assert_eq!(page["page"], number);
        items.extend(found.iter().cloned());
        let total = page["total"].as_u64().expect("a figure");
        let pages = total.div_ceil(limit as u64);
        assert_eq!(page["pages"], pages);
        if number >= pages {
            assert_eq!(total, items.len() as u64);
            break;
        }
    }
    items
}

/// What `field` says in each of `items`.
pub fn each<'a>(items: &'a [Value], field: &str) -> Vec<&'a Value> {
    items.iter().map(|item| &item[field]).collect()
}

/// An instant of an answer.
#[track_caller]
pub fn instant(value: &Value) -> DateTime<FixedOffset> {
    let text = value.as_str().expect("an instant");
    DateTime::parse_from_rfc3339(text).expect("an instant")
}
