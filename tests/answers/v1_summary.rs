//! Campaigns with the names of their contacts.

use serde_json::json;

use super::{NOBODY, get};
use crate::support::people::{alike, as_contacts};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(campaigns_with_contacts_are_answered_as_agreed);

async fn campaigns_with_contacts_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.create_user("meera", "user").api;
    let path = "/api/v1/campaigns/all";
    agreed("v1_summary_none", get(api, path)).await;
    let id = api
        .create_campaign(json!({ "startDate": "2090-01-01" }))
        .await;
    let people = alike(321, 2, &simulator::Behaviour::Busy);
    let list = format!("/api/v1/campaigns/{id}/contacts");
    api.post(&list, as_contacts(&people)).await.ok();
    agreed("v1_summary", get(api, path)).await;
    let within = "/api/v1/campaigns?includeContacts=true";
    agreed("v1_campaigns_with_contacts", get(api, within)).await;
    let wrong = format!("{path}?status=running");
    agreed("v1_summary_invalid", get(api, &wrong)).await;
    let others = format!("{path}?userId={NOBODY}");
    agreed("v1_summary_forbidden", get(api, &others)).await;
}
