//! What can happen to any request.

use reqwest::Method;

use super::{delete, get};
use crate::support::snapshot::agreed;
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(refusals_are_answered_as_agreed);

/// Once in each generation.
async fn refusals_are_answered_as_agreed(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let stranger = &dialer.api_as(None);
    let impostor = &dialer.api_as(Some("a-token-that-nobody-ever-made"));
    let api = &dialer.api;
    for (generation, path) in [("", "/api/campaigns"), ("v1_", "/api/v1/campaigns")] {
        let name = |refusal: &str| format!("{generation}{refusal}");
        let raw = |kind: &str, body: String| {
            let request = api.request(Method::POST, path).header("content-type", kind);
            request.body(body)
        };
        agreed(&name("refused_without_a_token"), get(stranger, path)).await;
        agreed(&name("refused_with_a_bad_token"), get(impostor, path)).await;
        agreed(&name("refused_method"), delete(api, path)).await;
        agreed(
            &name("refused_address"),
            get(api, &format!("{path}/1/2/3/4")),
        )
        .await;
        agreed(
            &name("refused_broken_json"),
            raw("application/json", "{".to_owned()),
        )
        .await;
        agreed(
            &name("refused_list"),
            raw("application/json", "[]".to_owned()),
        )
        .await;
        agreed(
            &name("refused_type"),
            raw("text/plain", "name=x".to_owned()),
        )
        .await;
        let large = format!(r#"{{"name": "{}"}}"#, "x".repeat(1 << 20));
        agreed(&name("refused_size"), raw("application/json", large)).await;
    }
}
