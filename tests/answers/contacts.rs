//! Contacts of the first generation.

use serde_json::{Value, json};

use super::{NOBODY, get};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(contacts_are_answered_as_agreed);

/// Two good ones, one twice, and three that are wrong.
pub fn new_contacts() -> Value {
    json!({ "contacts": [
        { "phoneNumber": "+12125550001", "firstName": "John", "lastName": "Doe", "email": "john.doe@example.com",
          "timezone": "America/Chicago", "metadata": { "plan": "gold" } },
        { "phoneNumber": "+1 (212) 555-0002", "name": "Asha", "colour": "blue" },
        { "phoneNumber": "+12125550001", "name": "John again" },
        { "name": "Nobody" },
        { "phoneNumber": "+12125550003", "email": "nowhere", "timezone": "Mars/Olympus" },
        "+12125550004",
    ] })
}

async fn contacts_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let path = format!("/api/campaigns/{id}/contacts");
    agreed("contacts_none", get(api, &path)).await;
    api.post(&format!("/api/v1/campaigns/{id}/contacts"), new_contacts())
        .await
        .ok();
    agreed("contacts", get(api, &path)).await;
    agreed(
        "contacts_found",
        get(
            api,
            &format!("{path}?search=asha&status=pending&page=1&limit=1"),
        ),
    )
    .await;
    agreed(
        "contacts_invalid",
        get(api, &format!("{path}?status=asleep&page=0&limit=10001")),
    )
    .await;
    agreed(
        "contacts_unreadable",
        get(api, &format!("{path}?status=a&status=b")),
    )
    .await;
    agreed(
        "contacts_not_found",
        get(api, &format!("/api/campaigns/{NOBODY}/contacts")),
    )
    .await;
}
