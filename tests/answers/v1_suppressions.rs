//! Numbers that must not be called, in the second generation.

use serde_json::json;

use super::suppressions::new_suppressions;
use super::{NOBODY, delete, get, get_csv, post};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(suppressions_are_answered_as_agreed);

const LIST: &str = "/api/v1/suppressions";

async fn suppressions_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    agreed("v1_suppressions_none", get(api, LIST)).await;
    let new = json!({ "phoneNumber": "+1 212 555 0001", "reason": "Asked by letter" });
    let added = agreed("v1_suppression_added", post(api, LIST, &new)).await;
    agreed("v1_suppression_known", post(api, LIST, &new)).await;
    agreed(
        "v1_suppression_invalid",
        post(api, LIST, &json!({ "reason": 5 })),
    )
    .await;
    let path = format!("{LIST}/{}", added["data"]["_id"].as_str().expect("an id"));
    agreed("v1_suppression", get(api, &path)).await;
    agreed("v1_suppressions", get(api, LIST)).await;
    agreed("v1_suppressions_as_csv", get_csv(api, LIST)).await;
    agreed(
        "v1_suppressions_invalid",
        get(api, &format!("{LIST}?source=rumour")),
    )
    .await;
    agreed("v1_suppression_removed", delete(api, &path)).await;
    agreed(
        "v1_suppression_not_found",
        get(api, &format!("{LIST}/{NOBODY}")),
    )
    .await;
    agreed("v1_suppression_remove_not_found", delete(api, &path)).await;
    let import = format!("{LIST}/import");
    agreed(
        "v1_suppressions_imported",
        post(api, &import, &new_suppressions()),
    )
    .await;
    agreed("v1_suppressions_no_list", post(api, &import, &json!({}))).await;
}
