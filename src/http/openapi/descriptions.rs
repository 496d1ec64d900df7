//! Describes what goes without saying where it is routed: ids in paths, and answers that are what was asked for.

use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::{OpenApi, RefOr};

use super::operations;

/// Adds descriptions where there are none.
pub(super) fn add(document: &mut OpenApi) {
    for (path, _, operation) in operations(document) {
        for parameter in operation.parameters.iter_mut().flatten() {
            let RefOr::T(parameter) = parameter else {
                continue;
            };
            if parameter.parameter_in == ParameterIn::Path {
                let described = parameter.description.take();
                parameter.description = described.or_else(|| of_id(&path, &parameter.name));
            }
        }
        for (status, response) in &mut operation.responses.responses {
            let RefOr::T(response) = response else {
                continue;
            };
            if response.description.is_empty() {
                response.description = of_answer(status).to_owned();
            }
        }
    }
}

/// What the parameter `name` of `path` stands for, by the word before it: `Id of the campaign`.
fn of_id(path: &str, name: &str) -> Option<String> {
    let (before, _) = path.split_once(&format!("/{{{name}}}"))?;
    let kind = before.rsplit('/').next()?.replace('-', " ");
    let kind = kind.strip_suffix('s').unwrap_or(&kind);
    Some(format!("Id of the {kind}"))
}

fn of_answer(status: &str) -> &'static str {
    match status {
        "200" => "Done, or found",
        "201" => "Made",
        "401" => "No token, or a wrong one",
        "403" => "Not for you",
        "503" => "Not now",
        _ => "Refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_what_stands_before_it() {
        let of_id = |name| of_id("/api/campaigns/{id}/contacts/{contactId}", name);
        assert_eq!(of_id("id").as_deref(), Some("Id of the campaign"));
        assert_eq!(of_id("contactId").as_deref(), Some("Id of the contact"));
    }
}
