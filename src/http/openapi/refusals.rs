//! Says of every operation how it may be refused.
//!
//! Handlers write `4XX`; which statuses these are follows from what an operation takes. What a handler describes itself
//! stays as it is.

use serde_json::{Value, json};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
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

const REFUSALS: [Refusal; 9] = [
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
        "503",
        "Unavailable",
        "A dependency does not answer, or it took too long",
        "unavailable",
        "temporarily unavailable, try again in a moment",
    ),
];

/// What stands in the place of all of them.
const ANY: &str = "4XX";

/// Puts the statuses that an operation can be refused with in the place of its `4XX`.
pub(super) fn spell_out(document: &mut OpenApi) {
    for (_, method, operation) in operations(document) {
        if operation.responses.responses.remove(ANY).is_none() {
            continue;
        }
        for status in statuses(&method, operation) {
            let Some((_, name, ..)) = REFUSALS.iter().find(|(known, ..)| *known == status) else {
                continue;
            };
            let reference = RefOr::Ref(Ref::from_response_name(*name));
            let responses = &mut operation.responses.responses;
            responses.entry(status.to_owned()).or_insert(reference);
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
    let has_path = parameters
        .iter()
        .any(|(place, _)| **place == ParameterIn::Path);
    let has_query = parameters
        .iter()
        .any(|(place, _)| **place == ParameterIn::Query);
    let narrows = parameters.iter().any(|(_, name)| *name == "userId");
    let has_body = operation.request_body.is_some();
    let is_public = operation.security.is_some();
    let changes = matches!(
        method,
        HttpMethod::Post | HttpMethod::Put | HttpMethod::Patch
    );
    // A change may name the status that only administrators give.
    let approves = matches!(method, HttpMethod::Put | HttpMethod::Patch);
    [
        ("400", has_query || has_body),
        ("401", !is_public),
        ("403", narrows || approves),
        ("404", has_path),
        ("409", changes),
        ("413", has_body),
        ("415", has_body),
        ("422", has_query || has_body),
        ("503", true),
    ]
    .into_iter()
    .filter_map(|(status, is_possible)| is_possible.then_some(status))
    .collect()
}

fn describe((status, _, meaning, code, message): Refusal) -> Response {
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
        "503" => response.header(
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
