//! The order of campaigns, by each field of theirs that is one value.

use chrono::TimeDelta;
use engine::campaigns::CampaignQuery;
use engine::page::{PageRequest, PageSize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bench::{Bench, at, id_of};

/// Fields that every campaign has, with a lesser and a greater value. Numbers are no texts: 9 comes before 10.
fn present() -> Vec<(&'static str, Value, Value)> {
    vec![
        ("timezone", json!("Asia/Kolkata"), json!("Europe/Berlin")),
        ("maxConcurrentCalls", json!(9), json!(10)),
        ("callAttemptsPerContact", json!(3), json!(20)),
        ("retryDelay", json!(5), json!(60)),
        ("scheduleType", json!("immediate"), json!("scheduled")),
    ]
}

/// Fields that a campaign may do without.
fn optional() -> Vec<(&'static str, Value, Value)> {
    vec![
        ("description", json!("an offer"), json!("more of it")),
        (
            "startDate",
            json!("2030-01-09T09:00:00Z"),
            json!("2030-01-10T08:00:00Z"),
        ),
        (
            "endDate",
            json!("2031-01-09T09:00:00Z"),
            json!("2031-01-10T08:00:00Z"),
        ),
        ("dailyStartTime", json!("08:30"), json!("09:00")),
        ("dailyEndTime", json!("16:59"), json!("17:00")),
        ("phoneNumberId", json!("pn_a"), json!("pn_b")),
        ("phoneNumber", json!("+12025550100"), json!("+12025550101")),
        ("voiceAgentId", json!("agent_a"), json!("agent_b")),
    ]
}

/// The campaigns tagged with `field`, by it, as their places among `ids`.
async fn order(bench: &Bench, field: &str, direction: &str, ids: &[Uuid]) -> Vec<usize> {
    let query = CampaignQuery {
        tag: field.into(),
        sort_by: field.into(),
        sort_dir: direction.into(),
        ..CampaignQuery::default()
    };
    let page = PageRequest {
        number: "".into(),
        size: "".into(),
        allowed: PageSize {
            default: 20,
            max: 100,
        },
    };
    let found = bench.engine.campaigns.list(&bench.user, query, page).await;
    let found = found.expect("a list").items.into_iter();
    let place = |id: Uuid| ids.iter().position(|known| *known == id);
    found
        .map(|detail| place(detail.row.id).expect("one of them"))
        .collect()
}

/// Makes a campaign for each of `values`, in this order, and tags it with the field; their ids, which go up.
async fn make(bench: &Bench, field: &str, values: &[&Value]) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for value in values {
        let mut fields = json!({ "tags": [field], "startDate": "2030-01-01" });
        fields[field] = (*value).clone();
        ids.push(bench.draft(fields).await.row.id);
    }
    assert!(ids.is_sorted(), "ids go up: {ids:?}");
    ids
}

async fn campaigns_are_sorted_by_each_field_and_by_id_where_they_are_equal(bench: Bench) {
    for (field, low, high) in present() {
        let ids = make(&bench, field, &[&high, &low, &low, &high, &low, &high]).await;
        assert_eq!(
            order(&bench, field, "asc", &ids).await,
            [1, 2, 4, 0, 3, 5],
            "{field}"
        );
        assert_eq!(
            order(&bench, field, "desc", &ids).await,
            [5, 3, 0, 4, 2, 1],
            "{field}"
        );
    }
}

async fn campaigns_without_a_value_come_last_whichever_way_they_are_sorted(bench: Bench) {
    for (field, low, high) in optional() {
        let none = Value::Null;
        let ids = make(&bench, field, &[&high, &none, &low, &low, &high, &none]).await;
        assert_eq!(
            order(&bench, field, "asc", &ids).await,
            [2, 3, 0, 4, 1, 5],
            "{field}"
        );
        assert_eq!(
            order(&bench, field, "desc", &ids).await,
            [4, 0, 3, 2, 5, 1],
            "{field}"
        );
    }
}

async fn campaigns_are_sorted_by_name_and_by_id(bench: Bench) {
    for field in ["name", "id"] {
        let mut ids = Vec::new();
        for name in ["zeal", "alpha", "alpha", "zeal"] {
            let fields = json!({ "name": name, "tags": [field] });
            ids.push(bench.draft(fields).await.row.id);
        }
        let (up, down) = match field {
            "id" => ([0, 1, 2, 3], [3, 2, 1, 0]),
            _ => ([1, 2, 0, 3], [3, 0, 2, 1]),
        };
        assert_eq!(order(&bench, field, "asc", &ids).await, up, "{field}");
        assert_eq!(order(&bench, field, "desc", &ids).await, down, "{field}");
    }
}

async fn campaigns_are_sorted_by_what_became_of_them_and_when(bench: Bench) {
    let (early, late) = (at("2026-06-01T09:00:00Z"), at("2026-06-01T10:00:00Z"));
    let fields = ["status", "createdAt", "updatedAt"];
    let mut details = Vec::new();
    for made_at in [late, early, early, late] {
        bench.clock.set(made_at);
        details.push(bench.draft(json!({ "tags": fields })).await);
    }
    let ids: Vec<Uuid> = details.iter().map(|detail| detail.row.id).collect();
    for (field, up, down) in [
        ("createdAt", [1, 2, 0, 3], [3, 0, 2, 1]),
        ("updatedAt", [1, 2, 0, 3], [3, 0, 2, 1]),
        ("status", [0, 1, 2, 3], [3, 2, 1, 0]),
    ] {
        assert_eq!(order(&bench, field, "asc", &ids).await, up, "{field}");
        assert_eq!(order(&bench, field, "desc", &ids).await, down, "{field}");
    }
    // A change moves a campaign in some orders and not in others.
    bench.clock.set(late + TimeDelta::hours(1));
    let changed = bench
        .update(id_of(&details[2]), json!({ "status": "canceled" }))
        .await;
    assert_eq!(changed.expect("a change").row.status, "canceled");
    for (field, up, down) in [
        ("createdAt", [1, 2, 0, 3], [3, 0, 2, 1]),
        ("updatedAt", [1, 0, 3, 2], [2, 3, 0, 1]),
        ("status", [2, 0, 1, 3], [3, 1, 0, 2]),
    ] {
        assert_eq!(order(&bench, field, "asc", &ids).await, up, "{field}");
        assert_eq!(order(&bench, field, "desc", &ids).await, down, "{field}");
    }
}

on_both![
    campaigns_are_sorted_by_each_field_and_by_id_where_they_are_equal,
    campaigns_without_a_value_come_last_whichever_way_they_are_sorted,
    campaigns_are_sorted_by_name_and_by_id,
    campaigns_are_sorted_by_what_became_of_them_and_when,
];
