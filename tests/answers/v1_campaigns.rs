//! Campaigns of the second generation.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::OwnedNumber;

use super::{NOBODY, get, patch, post};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    campaigns_are_answered_as_agreed,
    commands_are_answered_as_agreed
);

/// A campaign that may be started, and calls nobody before 2090.
fn startable() -> Value {
    json!({
        "name": "Diwali offer", "agentId": "agent_demo", "phoneId": OwnedNumber::new("+12025550101").sid,
        "settings": { "concurrentCallsLimit": 4 }, "startDate": "2090-01-01",
    })
}

async fn campaigns_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("meera", "user").api;
    let new = startable();
    agreed("v1_campaigns_none", get(api, "/api/v1/campaigns")).await;
    let made = agreed("v1_campaign_created", post(api, "/api/v1/campaigns", &new)).await;
    let path = format!(
        "/api/v1/campaigns/{}",
        made["data"]["_id"].as_str().expect("an id")
    );
    agreed("v1_campaign", get(api, &path)).await;
    agreed("v1_campaigns", get(api, "/api/v1/campaigns?status=draft")).await;
    agreed(
        "v1_campaign_changed",
        patch(
            api,
            &path,
            &json!({ "settings": { "concurrentCallsLimit": 5 } }),
        ),
    )
    .await;
    let wrong = json!({ "agentId": 5, "phoneId": "", "settings": { "concurrentCallsLimit": 0 } });
    agreed(
        "v1_campaign_create_invalid",
        post(api, "/api/v1/campaigns", &wrong),
    )
    .await;
    agreed("v1_campaign_change_invalid", patch(api, &path, &wrong)).await;
    agreed(
        "v1_campaigns_invalid",
        get(api, "/api/v1/campaigns?status=running&limit=101"),
    )
    .await;
    agreed(
        "v1_campaigns_forbidden",
        get(api, &format!("/api/v1/campaigns?userId={NOBODY}")),
    )
    .await;
}

async fn commands_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("meera", "user").api;
    let made = api.post("/api/v1/campaigns", startable()).await.ok();
    let path = format!(
        "/api/v1/campaigns/{}",
        made["data"]["_id"].as_str().expect("an id")
    );
    // No bodies.
    let press = |button: &str| api.request(Method::POST, &format!("{path}/{button}"));
    agreed("v1_campaign_pause_of_a_draft", press("pause")).await;
    agreed("v1_campaign_started", press("start")).await;
    agreed("v1_campaign_paused", press("pause")).await;
    agreed("v1_campaign_resumed", press("resume")).await;
    agreed("v1_campaign_canceled", press("cancel")).await;
    agreed("v1_campaign_cancel_again", press("cancel")).await;
    let nobody = format!("/api/v1/campaigns/{NOBODY}");
    agreed("v1_campaign_not_found", get(api, &nobody)).await;
    agreed(
        "v1_campaign_change_not_found",
        patch(api, &nobody, &json!({})),
    )
    .await;
    for button in ["start", "pause", "resume", "cancel"] {
        let request = api.request(Method::POST, &format!("{nobody}/{button}"));
        agreed(&format!("v1_campaign_{button}_not_found"), request).await;
    }
}
