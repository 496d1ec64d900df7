//! Contacts of the first generation.

use reqwest::Method;
use serde_json::{Value, json};

use super::{NOBODY, get, get_csv, post};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    contacts_are_answered_as_agreed,
    imports_are_answered_as_agreed
);

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
    agreed("contacts_as_csv", get_csv(api, &path)).await;
    agreed(
        "contacts_as_csv_invalid",
        get_csv(api, &format!("{path}?status=asleep")),
    )
    .await;
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
        "contacts_asked_twice",
        get(api, &format!("{path}?status=a&status=b")),
    )
    .await;
    agreed(
        "contacts_unreadable",
        get(api, &format!("{path}?search=%ff")),
    )
    .await;
    agreed(
        "contacts_not_found",
        get(api, &format!("/api/campaigns/{NOBODY}/contacts")),
    )
    .await;
}

async fn imports_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let path = format!("/api/campaigns/{id}/contacts");
    let raw = |kind: &str, body: &str| {
        let request = api
            .request(Method::POST, &path)
            .header("content-type", kind);
        request.body(body.to_owned())
    };
    let added = post(api, &path, &new_contacts());
    agreed("contacts_added", added).await;
    let table = "Phone Number;name\n+12125550001;John\n+12125550009;Zoe\nnone;Nobody\n";
    agreed("contacts_added_as_csv", raw("text/csv", table)).await;
    let no_list = post(api, &path, &json!({ "contacts": "none" }));
    agreed("contacts_no_list", no_list).await;
    let no_columns = raw("text/csv", "first;second\n1;2\n");
    agreed("contacts_no_columns", no_columns).await;
    let broken = raw("application/json", "{");
    agreed("contacts_add_unreadable", broken).await;
    let plain = raw("text/plain", "+12125550001");
    agreed("contacts_of_another_type", plain).await;
    let large = format!("phoneNumber\n{}", " ".repeat(32 << 20));
    agreed("contacts_too_large", raw("text/csv", &large)).await;
    let many = format!("phoneNumber\n{}", "+12125550001\n".repeat(100_001));
    agreed("contacts_too_many", raw("text/csv", &many)).await;
    let nobodys = format!("/api/campaigns/{NOBODY}/contacts");
    let nobodys = post(api, &nobodys, &new_contacts());
    agreed("contacts_add_not_found", nobodys).await;
    api.command(&id, "start").await.ok();
    api.command(&id, "end").await.ok();
    let late = post(api, &path, &new_contacts());
    agreed("contacts_when_over", late).await;
}
