//! What an agent is told during a call.

use serde_json::{Value, json};
use simulator::SimulatorConfig;

use super::{NOBODY, post};
use crate::support::api::Api;
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks, talk};

on_both_stacks!(
    tools_are_answered_as_agreed,
    transfers_and_callbacks_are_answered_as_agreed,
    refused_tools_are_answered_as_agreed
);

/// The API on behalf of an agent.
fn agent(dialer: &Dialer) -> Api {
    let token = SimulatorConfig::default().agent_tools_token;
    dialer.api_as(Some(&token))
}

fn tool(api: &Api, name: &str, body: &Value) -> reqwest::RequestBuilder {
    post(api, &format!("/webhooks/elevenlabs/tools/{name}"), body)
}

/// Has somebody called who talks on; the campaign's address, and the call's id.
async fn talking(dialer: &Dialer, area: u16) -> (String, Value) {
    talk::begin(dialer, area, 3_600_000).await;
    let campaigns = dialer.api.get("/api/campaigns").await.ok();
    let campaign = campaigns["campaigns"][0]["id"].as_str().expect("an id");
    let campaign = format!("/api/campaigns/{campaign}");
    let mut calls = dialer.api.get(&format!("{campaign}/calls")).await.ok();
    (campaign, calls["calls"][0]["id"].take())
}

async fn tools_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &agent(&dialer);
    let (_, call) = talking(&dialer, 299).await;
    let of_call = json!({ "call_id": call });
    agreed("tool_get_contact", tool(api, "get-contact", &of_call)).await;
    let late = json!({ "call_id": call, "at": "2999-06-03T15:30" });
    let late = tool(api, "schedule-callback", &late);
    agreed("tool_callback_too_late", late).await;
    let past = json!({ "call_id": call, "at": "2020-06-03T15:30" });
    let past = tool(api, "schedule-callback", &past);
    agreed("tool_callback_in_the_past", past).await;
    let nobody = json!({ "call_id": call, "target": "Sales Team" });
    agreed("tool_transfer_to_nobody", tool(api, "transfer", &nobody)).await;
    agreed("tool_do_not_call", tool(api, "do-not-call", &of_call)).await;
}

async fn transfers_and_callbacks_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &agent(&dialer);
    let (campaign, call) = talking(&dialer, 710).await;
    let callback = || tool(api, "schedule-callback", &json!({ "call_id": call }));
    agreed("tool_callback", callback()).await;
    let at = json!({ "call_id": call, "in_minutes": 90 });
    let at = tool(api, "schedule-callback", &at);
    agreed("tool_callback_at_a_time", at).await;
    let off = json!({ "callbackConfig": { "enabled": false } });
    dialer.api.put(&campaign, off).await.ok();
    agreed("tool_callback_not_granted", callback()).await;

    let targets = json!([
        { "name": "Sales Team", "type": "phone", "number": "+18005557890" },
        { "name": "Support Team", "type": "sip", "endpoint": "sip:support@example.com", "enabled": false },
    ]);
    let config = |enabled: bool| json!({ "transferConfig": { "enabled": enabled, "transferTargets": targets } });
    let transfer = |target: &str| {
        let body = json!({ "call_id": call, "target": target });
        tool(api, "transfer", &body)
    };
    dialer.api.put(&campaign, config(false)).await.ok();
    agreed("tool_transfer_off", transfer("Sales Team")).await;
    dialer.api.put(&campaign, config(true)).await.ok();
    agreed("tool_transfer_unknown", transfer("Billing")).await;
    agreed("tool_transfer_turned_off", transfer("Support Team")).await;
    agreed("tool_transfer", transfer("sales team")).await;
}

async fn refused_tools_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &agent(&dialer);
    let unknown = json!({ "call_id": NOBODY });
    let stranger = &dialer.api_as(None);
    agreed(
        "tool_without_a_token",
        tool(stranger, "do-not-call", &unknown),
    )
    .await;
    let operator = &dialer.api;
    agreed(
        "tool_with_another_token",
        tool(operator, "do-not-call", &unknown),
    )
    .await;
    agreed("tool_of_no_call", tool(api, "do-not-call", &unknown)).await;
    let of_no_call = tool(api, "schedule-callback", &unknown);
    agreed("tool_callback_of_no_call", of_no_call).await;
    let of_no_call = json!({ "call_id": NOBODY, "target": "Sales Team" });
    let of_no_call = tool(api, "transfer", &of_no_call);
    agreed("tool_transfer_of_no_call", of_no_call).await;
    agreed(
        "tool_get_contact_not_found",
        tool(api, "get-contact", &unknown),
    )
    .await;
    let wrong = json!({ "call_id": "me", "at": "tomorrow", "in_minutes": 0 });
    agreed("tool_invalid", tool(api, "schedule-callback", &wrong)).await;
    let wrong = json!({ "call_id": null, "target": "" });
    agreed("tool_transfer_invalid", tool(api, "transfer", &wrong)).await;
    for name in ["do-not-call", "get-contact"] {
        let invalid = format!("tool_{}_invalid", name.replace('-', "_"));
        agreed(&invalid, tool(api, name, &json!({}))).await;
    }
    let options = Options {
        without: vec!["ELEVENLABS_TOOLS_TOKEN"],
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let off = tool(&agent(&dialer), "get-contact", &unknown);
    agreed("tools_off", off).await;
}
