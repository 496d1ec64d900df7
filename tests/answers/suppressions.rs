//! Numbers that must not be called, in the first generation.

use reqwest::Method;
use serde_json::{Value, json};

use super::{NOBODY, delete, get, get_csv, post};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    suppressions_are_answered_as_agreed,
    imports_of_suppressions_are_answered_as_agreed
);

const LIST: &str = "/api/suppressions";

/// Two good ones, one twice, and two that are wrong.
pub fn new_suppressions() -> Value {
    json!({ "suppressions": [
        { "phoneNumber": "+12125550001", "reason": "Asked by letter" },
        { "phoneNumber": "(212) 555-0002", "region": "US" },
        { "phoneNumber": "+12125550001" },
        { "phoneNumber": "2125550003", "reason": 5, "region": "Mars" },
        "+12125550004",
    ] })
}

async fn suppressions_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    agreed("suppressions_none", get(api, LIST)).await;
    let new = json!({ "phoneNumber": "+1 212 555 0001", "reason": "Asked by letter" });
    let added = agreed("suppression_added", post(api, LIST, &new)).await;
    agreed("suppression_known", post(api, LIST, &new)).await;
    let wrong = json!({ "region": "Mars", "reason": "a\0b" });
    agreed("suppression_invalid", post(api, LIST, &wrong)).await;
    let user = dialer.create_user("meera", "user").api;
    let path = format!(
        "{LIST}/{}",
        added["suppression"]["id"].as_str().expect("an id")
    );
    agreed("suppression", get(api, &path)).await;
    agreed(
        "suppression_by_number",
        get(api, &format!("{LIST}/12125550001")),
    )
    .await;
    agreed("suppression_not_found", get(&user, &path)).await;
    agreed("suppressions", get(api, LIST)).await;
    agreed("suppressions_as_csv", get_csv(api, LIST)).await;
    let wrong = format!("{LIST}?page=0&limit=10001&source=rumour&search=me&userId=nobody");
    agreed("suppressions_invalid", get(api, &wrong)).await;
    let others = format!("{LIST}?userId={NOBODY}");
    agreed("suppressions_forbidden", get(&user, &others)).await;
    agreed("suppression_removed", delete(api, &path)).await;
    agreed("suppression_remove_not_found", delete(api, &path)).await;
}

async fn imports_of_suppressions_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let path = format!("{LIST}/import");
    let raw = |kind: &str, body: &str| {
        let request = api
            .request(Method::POST, &path)
            .header("content-type", kind);
        request.body(body.to_owned())
    };
    agreed(
        "suppressions_imported",
        post(api, &path, &new_suppressions()),
    )
    .await;
    let table = "Phone Number;Reason\n+12125550001;again\n+12125550009;\nnone;?\n";
    agreed("suppressions_imported_as_csv", raw("text/csv", table)).await;
    let no_list = json!({ "suppressions": "none" });
    agreed("suppressions_no_list", post(api, &path, &no_list)).await;
    agreed(
        "suppressions_no_columns",
        raw("text/csv", "first;second\n1;2\n"),
    )
    .await;
    agreed("suppressions_unreadable", raw("application/json", "{")).await;
    agreed(
        "suppressions_of_another_type",
        raw("text/plain", "+12125550001"),
    )
    .await;
}
