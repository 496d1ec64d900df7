//! Gives ids in paths and queries an example: that of the same thing in the examples of bodies.

use serde_json::{Value, json};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr};

use super::operations;
use crate::http::campaigns::example::call::CALL_ID;
use crate::http::campaigns::example::event::ADA_ID;
use crate::http::campaigns::example::{CONTACT_ID, ID};

/// Adds examples where there are none.
pub(super) fn exemplify(document: &mut OpenApi) {
    for (path, _, operation) in operations(document) {
        for parameter in operation.parameters.iter_mut().flatten() {
            if let RefOr::T(parameter) = parameter
                && !has_example(parameter)
            {
                let example = of(&path, parameter);
                let finished = ParameterBuilder::from(parameter.clone()).example(example);
                *parameter = finished.build();
            }
        }
    }
}

/// What it is given cannot be read back, only written.
fn has_example(parameter: &Parameter) -> bool {
    let written = serde_json::to_value(parameter).unwrap_or_default();
    ["example", "examples"]
        .iter()
        .any(|key| written.get(key).is_some())
}

/// Of which thing it is an id: in a path the word before tells, in a query its own name.
fn of(path: &str, parameter: &Parameter) -> Option<Value> {
    let thing = match parameter.parameter_in {
        ParameterIn::Path => {
            let (before, _) = path.split_once(&format!("/{{{}}}", parameter.name))?;
            before.rsplit('/').next()?
        }
        _ => &parameter.name,
    };
    match thing {
        "campaigns" | "campaignId" => Some(ID.into()),
        "contacts" => Some(json!(CONTACT_ID)),
        // A conversation is found by the id of its call as well.
        "calls" | "conversations" => Some(CALL_ID.into()),
        "users" | "userId" => Some(ADA_ID.into()),
        "api-keys" => Some("0189f0a3-7c1e-7b52-8d4f-9e6a5b3c2d10".into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(path: &str, place: ParameterIn, name: &str) -> Option<Value> {
        let parameter = ParameterBuilder::new().name(name).parameter_in(place);
        of(path, &parameter.build())
    }

    #[test]
    fn an_id_has_the_example_of_what_it_is_an_id_of() {
        let path = "/api/campaigns/{id}/contacts/{contactId}";
        let of_path = |name| example(path, ParameterIn::Path, name);
        assert_eq!(of_path("id"), Some(ID.into()));
        assert_eq!(of_path("contactId"), Some(json!(CONTACT_ID)));
        let of_query = |name| example(path, ParameterIn::Query, name);
        assert_eq!(of_query("userId"), Some(ADA_ID.into()));
        assert_eq!(of_query("search"), None);
    }

    #[test]
    fn every_parameter_has_an_example_but_what_nobody_can_make_up() {
        let mut document = crate::http::openapi::document();
        let mut without = Vec::new();
        for (path, _, operation) in operations(&mut document) {
            for parameter in operation.parameters.iter().flatten() {
                if let RefOr::T(parameter) = parameter
                    && !has_example(parameter)
                {
                    without.push((path.clone(), parameter.name.clone()));
                }
            }
        }
        let made_up = [
            ("/api/v1/ws", "token"),
            ("/api/v1/analytics/calls/logs", "cursor"),
        ];
        assert_eq!(
            without,
            made_up.map(|(path, name)| (path.to_owned(), name.to_owned()))
        );
    }
}
