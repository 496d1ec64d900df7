//! Says of every operation how it may be refused.
//!
//! Handlers write `4XX`; which statuses these are follows from what an operation takes. What cannot be told from that they
//! write out. A status that a handler writes out without a word means what it means everywhere; what it describes itself
//! stays as it is.

use serde_json::{Value, json};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{OpenApi, Ref, RefOr, Response};

use super::operations;

/// A way to be refused: status, name, what it means, and an example's code and message.
type Refusal = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const REFUSALS: [Refusal; 12] = [
    (
        "400",
        "Unreadable",
        "Cannot be read: no JSON, a broken query",
        "unreadable",
        "the body is no JSON: expected value at line 1 column 1",
    ),
    (
        "401",
        "Unauthenticated",
        "No token, or one that is unknown, revoked or expired",
        "unauthenticated",
        "the token is unknown, revoked or expired",
    ),
    (
        "403",
        "Forbidden",
        "Not for you",
        "forbidden",
        "only administrators approve campaigns",
    ),
    (
        "404",
        "NotFound",
        "No such thing, or not yours",
        "campaign_not_found",
        "campaign not found",
    ),
    (
        "408",
        "TooSlow",
        "The body did not come in time",
        "too_slow",
        "the body did not come in time",
    ),
    (
        "409",
        "Conflict",
        "Possible, but not as it stands",
        "illegal_transition",
        "a completed campaign cannot be started",
    ),
    (
        "413",
        "TooLarge",
        "Too large",
        "too_large",
        "the body is larger than is allowed here",
    ),
    (
        "415",
        "UnsupportedMediaType",
        "Another content type is wanted",
        "unsupported_media_type",
        "send JSON, with Content-Type: application/json",
    ),
    (
        "422",
        "Invalid",
        "Can be read and is wrong; every wrong field is named",
        "invalid",
        "the request is not valid: name: is required",
    ),
    (
        "429",
        "TooManyRequests",
        "Too many at once",
        "too_many_requests",
        "too many single calls at once, try again in a moment",
    ),
    (
        "431",
        HEAD_TOO_LARGE,
        "The first line and the headers are too long: not more than `HTTP_HEAD_BYTES`, and not more than 100 headers",
        "",
        "",
    ),
    (
        "503",
        "Unavailable",
        "A dependency does not answer, or it took too long",
        "unavailable",
        "temporarily unavailable, try again in a moment",
    ),
];

/// Answered before anybody looks at the request, so without a body.
const HEAD_TOO_LARGE: &str = "HeadTooLarge";

/// What stands in the place of all of them.
const ANY: &str = "4XX";

/// Puts the statuses that an operation can be refused with in the place of its `4XX`.
pub(super) fn spell_out(document: &mut OpenApi) {
    for (_, method, operation) in operations(document) {
        if operation.responses.responses.remove(ANY).is_none() {
            continue;
        }
        let statuses = statuses(&method, operation);
        let responses = &mut operation.responses.responses;
        for (status, name, ..) in REFUSALS {
            let is_meant = match responses.get(status) {
                Some(RefOr::T(written)) => written.description.is_empty(),
                Some(RefOr::Ref(_)) => false,
                None => statuses.contains(&status),
            };
            if is_meant {
                let reference = RefOr::Ref(Ref::from_response_name(name));
                responses.insert(status.to_owned(), reference);
            }
        }
    }
    let components = document.components.get_or_insert_default();
    for refusal in REFUSALS {
        let described = RefOr::T(describe(refusal));
        components.responses.insert(refusal.1.to_owned(), described);
    }
}

fn statuses(method: &HttpMethod, operation: &Operation) -> Vec<&'static str> {
    let parameters = operation.parameters.iter().flatten();
    let parameters: Vec<_> = parameters
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some((&parameter.parameter_in, parameter.name.as_str())),
            RefOr::Ref(_) => None,
        })
        .collect();
    let ids = parameters
        .iter()
        .filter(|(place, _)| **place == ParameterIn::Path)
        .count();
    let has_query = parameters
        .iter()
        .any(|(place, _)| **place == ParameterIn::Query);
    let narrows = parameters.iter().any(|(_, name)| *name == "userId");
    let has_body = operation.request_body.is_some();
    let has_own_door = operation.security.is_some();
    let is_public = has_own_door && !asks_for_a_token(operation);
    let changes = matches!(
        method,
        HttpMethod::Post | HttpMethod::Put | HttpMethod::Patch
    );
    // A change of a campaign may name the status that only administrators give.
    let approves = ids == 1 && matches!(method, HttpMethod::Put | HttpMethod::Patch);
    [
        ("400", has_query || has_body),
        ("401", !is_public),
        ("403", narrows || approves),
        ("404", ids > 0),
        ("408", has_body),
        ("409", changes && !has_own_door),
        ("413", has_body),
        ("415", has_body),
        ("422", has_query || has_body),
        // Any head can be too large, but only those with a query are where nobody means ill.
        ("431", has_query),
        ("503", true),
    ]
    .into_iter()
    .filter_map(|(status, is_possible)| is_possible.then_some(status))
    .collect()
}

/// False where a request without a token is welcome.
fn asks_for_a_token(operation: &Operation) -> bool {
    let mut doors = operation.security.iter().flatten();
    doors.all(|door| *door != SecurityRequirement::default())
}

fn describe((status, name, meaning, code, message): Refusal) -> Response {
    if name == HEAD_TOO_LARGE {
        return ResponseBuilder::new().description(meaning).build();
    }
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("ErrorBody")))
        .example(Some(example(code, message)))
        .build();
    let response = ResponseBuilder::new()
        .description(meaning)
        .content("application/json", content);
    let header = |kind, description: &str| {
        HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(kind)))
            .description(Some(description))
            .build()
    };
    match status {
        "401" => response.header(
            "WWW-Authenticate",
            header(Type::String, "What to send: `Bearer`"),
        ),
        "429" | "503" => response.header(
            "Retry-After",
            header(Type::Integer, "Seconds after which to try again"),
        ),
        _ => response,
    }
    .build()
}

fn example(code: &str, message: &str) -> Value {
    let errors = match code {
        "invalid" => json!([{ "field": "name", "message": "is required" }]),
        _ => json!([]),
    };
    json!({ "success": false, "message": message, "code": code, "errors": errors })
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::path::PathItem;

    use super::*;
    use crate::http::openapi::document;

    /// How what stands at `address` may be refused.
    fn refused(address: &str, operation: fn(&PathItem) -> &Option<Operation>) -> Vec<String> {
        let document = document();
        let found = document.paths.paths.get(address).map(operation);
        let found = found.and_then(Option::as_ref).expect("an operation");
        let statuses = found.responses.responses.keys().cloned();
        statuses.filter(|status| !status.starts_with('2')).collect()
    }

    #[test]
    fn what_follows_from_what_an_operation_takes_need_not_be_written_out() {
        let statistics = refused("/api/campaigns/{id}/statistics", |item| &item.get);
        assert_eq!(statistics, ["400", "401", "404", "422", "431", "503"]);
        let figures = refused("/api/campaigns/{id}/debug", |item| &item.get);
        assert_eq!(figures, ["404", "503"]);
        let watching = refused("/api/v1/ws", |item| &item.get);
        assert!(watching.contains(&"403".to_owned()), "{watching:?}");
        let campaign = refused("/api/campaigns/{id}", |item| &item.put);
        assert!(campaign.contains(&"403".to_owned()), "{campaign:?}");
    }

    #[test]
    fn what_does_not_follow_is_written_out() {
        let address = "/api/campaigns/{id}/contacts/{contactId}";
        let removed = refused(address, |item| &item.delete);
        assert_eq!(removed, ["401", "404", "409", "503"]);
        let changed = refused(address, |item| &item.put);
        assert!(!changed.contains(&"403".to_owned()), "{changed:?}");
        let tool = refused("/webhooks/elevenlabs/tools/get-contact", |item| &item.post);
        let expected = [
            "400", "401", "403", "404", "408", "413", "415", "422", "503",
        ];
        assert_eq!(tool, expected);
    }
}
