//! Calls of a campaign, and what was said in them.

use serde_json::json;
use simulator::Behaviour;

use super::{NOBODY, get};
use crate::support::campaign::run_with;
use crate::support::people::{TALK_MS, alike};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    calls_are_answered_as_agreed,
    conversations_are_answered_as_agreed
);

/// A campaign that called one person, once; its address.
async fn called(dialer: &Dialer, area: u16, behaviour: &Behaviour) -> String {
    let once = json!({ "callAttemptsPerContact": 1 });
    let campaign = run_with(dialer, once, &alike(area, 1, behaviour)).await;
    format!("/api/campaigns/{campaign}")
}

async fn calls_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let talked = called(&dialer, 295, &Behaviour::Answer { talk_ms: TALK_MS }).await;
    let listed = agreed("calls", get(api, &format!("{talked}/calls"))).await;
    let call = listed["calls"][0]["id"].as_str().expect("an id");
    agreed("call", get(api, &format!("{talked}/calls/{call}"))).await;
    let none = format!("{talked}/calls?status=failed&outcome=busy&contactId=1&toDate=2020-01-01");
    agreed("calls_none", get(api, &none)).await;
    let wrong =
        "status=ringing&outcome=good&contactId=0&fromDate=2026-01-31&toDate=2026-01-30&limit=1001";
    agreed(
        "calls_invalid",
        get(api, &format!("{talked}/calls?{wrong}")),
    )
    .await;
    let busy = called(&dialer, 296, &Behaviour::Busy).await;
    agreed("calls_busy", get(api, &format!("{busy}/calls"))).await;
    let elsewhere = format!("{busy}/calls/{call}");
    agreed("call_not_found", get(api, &elsewhere)).await;
    let nobodys = format!("/api/campaigns/{NOBODY}/calls");
    agreed("calls_not_found", get(api, &nobodys)).await;
}

async fn conversations_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let asks = Behaviour::AskDoNotCall { talk_ms: TALK_MS };
    let talked = called(&dialer, 297, &asks).await;
    let path = format!("{talked}/conversations");
    let listed = agreed("conversations", get(api, &path)).await;
    let name = listed["conversations"][0]["id"].as_str().expect("a name");
    agreed("conversation", get(api, &format!("{path}/{name}"))).await;
    let none = format!("{path}?successful=true&search=agreed");
    agreed("conversations_none", get(api, &none)).await;
    let long = "x".repeat(201);
    let wrong = format!("{path}?successful=maybe&search={long}&fromDate=soon&limit=0");
    agreed("conversations_invalid", get(api, &wrong)).await;
    let unknown = format!("{path}/conv_of_nobody");
    agreed("conversation_not_found", get(api, &unknown)).await;
    let nobodys = format!("/api/campaigns/{NOBODY}/conversations");
    agreed("conversations_not_found", get(api, &nobodys)).await;
}
