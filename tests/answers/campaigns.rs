//! Campaigns of the first generation.

use reqwest::Method;
use serde_json::{Value, json};

use super::{NOBODY, delete, get, post, put};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    campaigns_are_answered_as_agreed,
    refused_campaigns_are_answered_as_agreed
);

fn example() -> Value {
    serde_json::from_str(include_str!("../seeds/create_campaign.json")).expect("the seed is JSON")
}

async fn campaigns_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("ann", "user").api;
    agreed("campaigns_none", get(api, "/api/campaigns")).await;
    let made = agreed("campaign_created", post(api, "/api/campaigns", &example())).await;
    let path = format!(
        "/api/campaigns/{}",
        made["campaign"]["id"].as_str().expect("an id")
    );
    agreed(
        "campaign_created_from_a_name",
        post(api, "/api/campaigns", &json!({ "name": "Bare" })),
    )
    .await;
    agreed("campaign", get(api, &path)).await;
    agreed(
        "campaigns",
        get(api, "/api/campaigns?sortBy=name&limit=1&page=2"),
    )
    .await;
    agreed(
        "campaign_changed",
        put(
            api,
            &path,
            &json!({ "description": "Changed", "retryDelay": null }),
        ),
    )
    .await;
    agreed("campaign_debug", get(api, &format!("{path}/debug"))).await;
}

async fn refused_campaigns_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("ann", "user").api;
    let made = api.post("/api/campaigns", example()).await.ok();
    let path = format!(
        "/api/campaigns/{}",
        made["campaign"]["id"].as_str().expect("an id")
    );
    let wrong = json!({ "name": "", "maxConcurrentCalls": 0, "tags": [5] });
    agreed(
        "campaign_create_invalid",
        post(api, "/api/campaigns", &wrong),
    )
    .await;
    agreed("campaign_change_invalid", put(api, &path, &wrong)).await;
    agreed(
        "campaigns_invalid",
        get(
            api,
            "/api/campaigns?status=running&limit=0&sortDir=up&sortBy=x",
        ),
    )
    .await;
    agreed(
        "campaigns_asked_twice",
        get(api, "/api/campaigns?page=1&page=2"),
    )
    .await;
    agreed(
        "campaigns_unreadable",
        get(api, "/api/campaigns?search=%ff"),
    )
    .await;
    agreed(
        "campaigns_forbidden",
        get(api, &format!("/api/campaigns?userId={NOBODY}")),
    )
    .await;
    agreed(
        "campaign_start_past_its_end",
        api.request(Method::POST, &format!("{path}/start")),
    )
    .await;
    agreed(
        "campaign_change_past_its_end",
        put(api, &path, &json!({ "status": "active" })),
    )
    .await;

    let deleted = delete(api, &path);
    agreed("campaign_deleted", deleted).await;
    for (name, request) in [
        ("campaign_not_found", get(api, &path)),
        (
            "campaign_change_not_found",
            put(api, &path, &json!({ "name": "back" })),
        ),
        ("campaign_delete_not_found", delete(api, &path)),
        (
            "campaign_debug_not_found",
            get(api, &format!("{path}/debug")),
        ),
    ] {
        agreed(name, request).await;
    }
}
