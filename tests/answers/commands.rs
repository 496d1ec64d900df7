//! Commands of the first generation.

use serde_json::{Value, json};

use super::{NOBODY, post, put};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    commands_are_answered_as_agreed,
    refused_starts_are_answered_as_agreed,
    unknown_numbers_and_agents_are_answered_as_agreed,
    changes_that_leave_an_active_campaign_without_are_answered_as_agreed
);

/// A campaign that may be started, and calls nobody before 2090.
fn startable() -> Value {
    json!({
        "name": "Later", "phoneNumber": "+12025550100", "voiceAgentId": "agent_demo", "startDate": "2090-01-01",
    })
}

async fn commands_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("ann", "user").api;
    let made = api.post("/api/campaigns", startable()).await.ok();
    let path = format!(
        "/api/campaigns/{}",
        made["campaign"]["id"].as_str().expect("an id")
    );
    let command = |name: &str, body: Value| post(api, &format!("{path}/{name}"), &body);
    agreed("campaign_pause_of_a_draft", command("pause", json!({}))).await;
    agreed("campaign_started", command("start", json!({}))).await;
    agreed("campaign_start_again", command("start", json!({}))).await;
    agreed(
        "campaign_paused",
        command("pause", json!({ "reason": "Holiday break" })),
    )
    .await;
    agreed(
        "campaign_pause_invalid",
        command("pause", json!({ "reason": 5 })),
    )
    .await;
    agreed("campaign_resumed", command("resume", json!({}))).await;
    agreed("campaign_resume_again", command("resume", json!({}))).await;
    agreed(
        "campaign_ended",
        command("end", json!({ "reason": "Campaign goals met" })),
    )
    .await;
    agreed(
        "campaign_end_invalid",
        command("end", json!({ "reason": 5 })),
    )
    .await;
    agreed("campaign_end_again", command("end", json!({}))).await;
    agreed(
        "campaign_change_when_over",
        put(api, &path, &json!({ "retryDelay": 5 })),
    )
    .await;
    for name in ["start", "pause", "resume", "end"] {
        let request = post(api, &format!("/api/campaigns/{NOBODY}/{name}"), &json!({}));
        agreed(&format!("campaign_{name}_not_found"), request).await;
    }
}

async fn refused_starts_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("ann", "user").api;
    // What is missing, one after the other.
    let bare = json!({ "name": "Bare", "status": "active" });
    agreed(
        "campaign_start_without_a_number",
        post(api, "/api/campaigns", &bare),
    )
    .await;
    let mute = json!({ "name": "Mute", "status": "active", "phoneNumber": "+12025550100" });
    agreed(
        "campaign_start_without_an_agent",
        post(api, "/api/campaigns", &mute),
    )
    .await;
    let mut closed = startable();
    closed["scheduleConfig"] = json!({ "daysOfWeek": [] });
    closed["status"] = json!("active");
    agreed(
        "campaign_start_that_never_opens",
        post(api, "/api/campaigns", &closed),
    )
    .await;
    let waits = api.post("/api/campaigns", startable()).await.ok();
    let waits = format!(
        "/api/campaigns/{}",
        waits["campaign"]["id"].as_str().expect("an id")
    );
    agreed(
        "campaign_submitted",
        put(api, &waits, &json!({ "status": "waiting_for_approval" })),
    )
    .await;
    agreed(
        "campaign_approve_forbidden",
        put(api, &waits, &json!({ "status": "active" })),
    )
    .await;
}

async fn unknown_numbers_and_agents_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("ann", "user").api;
    for (field, known) in [("phoneNumberId", "number"), ("voiceAgentId", "agent")] {
        let mut fields = startable();
        if field == "phoneNumberId" {
            fields["phoneNumber"] = json!(null);
        }
        fields[field] = json!("nobody-knows");
        let made = format!("campaign_created_with_an_unknown_{known}");
        let made = agreed(&made, post(api, "/api/campaigns", &fields)).await;
        let id = made["campaign"]["id"].as_str().expect("an id");
        let start = post(api, &format!("/api/campaigns/{id}/start"), &json!({}));
        agreed(&format!("campaign_start_with_an_unknown_{known}"), start).await;
    }
}

async fn changes_that_leave_an_active_campaign_without_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("ann", "user").api;
    let made = api.post("/api/campaigns", startable()).await.ok();
    let id = made["campaign"]["id"].as_str().expect("an id");
    api.command(id, "start").await.ok();
    for (name, change) in [
        ("without_an_agent", json!({ "voiceAgentId": null })),
        ("without_a_number", json!({ "phoneNumber": null })),
        (
            "to_an_end_that_passed",
            json!({ "startDate": null, "endDate": "2023-12-31" }),
        ),
        (
            "to_no_day",
            json!({ "scheduleConfig": { "daysOfWeek": [] } }),
        ),
    ] {
        let request = put(api, &format!("/api/campaigns/{id}"), &change);
        agreed(&format!("campaign_change_of_an_active_one_{name}"), request).await;
    }
}
