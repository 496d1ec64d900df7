//! What happened to a campaign.

use serde_json::json;

use super::{NOBODY, get};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(events_are_answered_as_agreed);

async fn events_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("ann", "user").api;
    let id = api
        .create_campaign(json!({ "startDate": "2090-01-01" }))
        .await;
    let path = format!("/api/campaigns/{id}/events");
    api.command(&id, "start").await.ok();
    let pause = format!("/api/campaigns/{id}/pause");
    api.post(&pause, json!({ "reason": "Holiday break" }))
        .await
        .ok();
    agreed("events", get(api, &path)).await;
    let second = format!("{path}?page=2&limit=2");
    agreed("events_second_page", get(api, &second)).await;
    let wrong = format!("{path}?page=none&limit=101");
    agreed("events_invalid", get(api, &wrong)).await;
    let nobodys = format!("/api/campaigns/{NOBODY}/events");
    agreed("events_not_found", get(api, &nobodys)).await;
}
