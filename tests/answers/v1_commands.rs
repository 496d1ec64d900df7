//! Commands of the second generation that are refused, and ids that nobody knows.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::OwnedNumber;

use super::{get, patch, post};
use crate::support::api::Api;
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    refused_starts_are_answered_as_agreed,
    refused_changes_are_answered_as_agreed
);

const CAMPAIGNS: &str = "/api/v1/campaigns";

/// Makes the campaign; its address.
async fn made(api: &Api, fields: Value) -> String {
    let mut body = json!({
        "name": "Diwali offer", "agentId": "agent_demo", "phoneId": OwnedNumber::new("+12025550101").sid,
        "startDate": "2090-01-01",
    });
    for (name, value) in fields.as_object().expect("fields") {
        body[name] = value.clone();
    }
    let made = api.post(CAMPAIGNS, body).await.with(201);
    let id = made["data"]["_id"].as_str().expect("an id");
    format!("{CAMPAIGNS}/{id}")
}

async fn refused_starts_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("meera", "user").api;
    let unknown =
        json!({ "name": "Later", "agentId": "agent_nobody", "phoneId": "pn_123456789abcdef" });
    let unknown = post(api, CAMPAIGNS, &unknown);
    agreed("v1_campaign_created_with_warnings", unknown).await;
    for (name, fields) in [
        ("without_a_number", json!({ "phoneId": null })),
        (
            "with_an_unknown_number",
            json!({ "phoneId": "pn_123456789abcdef" }),
        ),
        ("without_an_agent", json!({ "agentId": null })),
        (
            "with_an_unknown_agent",
            json!({ "agentId": "agent_nobody" }),
        ),
        (
            "past_its_end",
            json!({ "startDate": null, "endDate": "2020-01-31" }),
        ),
        (
            "that_never_opens",
            json!({ "scheduleConfig": { "daysOfWeek": [] } }),
        ),
    ] {
        let path = made(api, fields).await;
        let start = api.request(Method::POST, &format!("{path}/start"));
        agreed(&format!("v1_campaign_start_{name}"), start).await;
    }
    let active = json!({ "name": "At once", "status": "active" });
    let active = post(api, CAMPAIGNS, &active);
    agreed("v1_campaign_create_without_a_number", active).await;
}

async fn refused_changes_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("meera", "user").api;
    let path = &made(api, json!({})).await;
    let press = |button: &str| api.request(Method::POST, &format!("{path}/{button}"));
    let status = |api: &Api, status: &str| patch(api, path, &json!({ "status": status }));
    let submitted = status(api, "waiting_for_approval");
    agreed("v1_campaign_submitted", submitted).await;
    agreed("v1_campaign_start_of_a_submitted", press("start")).await;
    agreed("v1_campaign_approve_forbidden", status(api, "active")).await;
    let approved = status(&dialer.api, "active");
    agreed("v1_campaign_approved", approved).await;
    agreed("v1_campaign_start_again", press("start")).await;
    agreed("v1_campaign_resume_of_an_active", press("resume")).await;
    agreed("v1_campaign_back_to_draft", status(api, "draft")).await;
    press("cancel").send().await.expect("an answer");
    let late = patch(
        api,
        path,
        &json!({ "settings": { "concurrentCallsLimit": 5 } }),
    );
    agreed("v1_campaign_change_when_over", late).await;
    let page = format!("{CAMPAIGNS}?page=1&limit=1&status=canceled");
    agreed("v1_campaigns_page", get(api, &page)).await;
    let unreadable = api.request(Method::PATCH, path);
    let unreadable = unreadable.header("content-type", "application/json");
    agreed("v1_campaign_change_unreadable", unreadable.body("{")).await;
}
