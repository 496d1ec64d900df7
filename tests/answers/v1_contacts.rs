//! Contacts of the second generation.

use reqwest::Method;
use serde_json::json;

use super::contacts::new_contacts;
use super::{NOBODY, get, get_csv, post};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(contacts_are_answered_as_agreed);

async fn contacts_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let path = format!("/api/v1/campaigns/{id}/contacts");
    let csv = |text: &str| {
        let request = api.request(Method::POST, &path);
        request
            .header("content-type", "text/csv")
            .body(text.to_owned())
    };
    agreed("v1_contacts_none", get(api, &path)).await;
    agreed("v1_contacts_added", post(api, &path, &new_contacts())).await;
    agreed(
        "v1_contacts_added_as_csv",
        csv("Phone Number;name\n+12125550001;John\n+12125550009;Zoe\nnone;Nobody\n"),
    )
    .await;
    agreed("v1_contacts", get(api, &path)).await;
    agreed("v1_contacts_as_csv", get_csv(api, &path)).await;
    let wrong = format!("{path}?status=asleep&page=0&limit=10001");
    agreed("v1_contacts_invalid", get(api, &wrong)).await;
    agreed(
        "v1_contacts_no_list",
        post(api, &path, &json!({ "contacts": "none" })),
    )
    .await;
    agreed("v1_contacts_no_columns", csv("first;second\n1;2\n")).await;
    let broken = api
        .request(Method::POST, &path)
        .header("content-type", "application/json");
    agreed("v1_contacts_unreadable", broken.body("{")).await;
    let plain = api
        .request(Method::POST, &path)
        .header("content-type", "text/plain");
    agreed("v1_contacts_of_another_type", plain.body("+12125550001")).await;
    agreed(
        "v1_contacts_not_found",
        get(api, &format!("/api/v1/campaigns/{NOBODY}/contacts")),
    )
    .await;
    let nobodys = post(
        api,
        &format!("/api/v1/campaigns/{NOBODY}/contacts"),
        &new_contacts(),
    );
    agreed("v1_contacts_add_not_found", nobodys).await;
    api.put(
        &format!("/api/campaigns/{id}"),
        json!({ "status": "canceled" }),
    )
    .await
    .ok();
    agreed("v1_contacts_when_over", post(api, &path, &new_contacts())).await;
}
