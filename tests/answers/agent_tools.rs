//! What an agent is told during a call.

use serde_json::{Value, json};
use simulator::SimulatorConfig;

use super::{NOBODY, post};
use crate::support::api::Api;
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks, talk};

on_both_stacks!(
    tools_are_answered_as_agreed,
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

async fn tools_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &agent(&dialer);
    talk::begin(&dialer, 299, 3_600_000).await;
    let campaigns = dialer.api.get("/api/campaigns").await.ok();
    let campaign = campaigns["campaigns"][0]["id"].as_str().expect("an id");
    let calls = format!("/api/campaigns/{campaign}/calls");
    let calls = dialer.api.get(&calls).await.ok();
    let call = &calls["calls"][0]["id"];
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
    agreed(
        "tool_get_contact_not_found",
        tool(api, "get-contact", &unknown),
    )
    .await;
    let wrong = json!({ "call_id": "me", "at": "tomorrow", "in_minutes": 0 });
    agreed("tool_invalid", tool(api, "schedule-callback", &wrong)).await;
    let options = Options {
        without: vec!["ELEVENLABS_TOOLS_TOKEN"],
        ..Options::default()
    };
    let dialer = Dialer::start(stack, options).await;
    let off = tool(&agent(&dialer), "get-contact", &unknown);
    agreed("tools_off", off).await;
}
