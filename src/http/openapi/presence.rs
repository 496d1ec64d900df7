//! Says of every answer that it has all of its fields: those without a value are `null`, not left out. A field that may be
//! left out says so itself: it is neither required nor ever `null`.

use std::collections::BTreeSet;
use std::mem;

use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Components};
use utoipa::openapi::{OpenApi, RefOr, Schema};

use super::operations;

const SCHEMAS: &str = "#/components/schemas/";

/// Marks all fields of those schemas as required that answers consist of and requests do not.
pub(super) fn require(document: &mut OpenApi) {
    let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for (_, _, operation) in operations(document) {
        collect(&operation.request_body, &mut asked);
        collect(&operation.responses, &mut answered);
    }
    let components = document.components.get_or_insert_default();
    collect(&components.responses, &mut answered);
    follow(components, &mut asked);
    follow(components, &mut answered);
    for name in answered.difference(&asked) {
        if let Some(schema) = components.schemas.get_mut(name) {
            require_all(schema);
        }
    }
}

/// Adds the schemas that those in `names` refer to.
fn follow(components: &Components, names: &mut BTreeSet<String>) {
    loop {
        let known = names.len();
        for name in names.clone() {
            collect(&components.schemas.get(&name), names);
        }
        if names.len() == known {
            return;
        }
    }
}

/// Adds the names of the schemas that `part` of the document refers to.
fn collect(part: &impl serde::Serialize, names: &mut BTreeSet<String>) {
    // What cannot be written refers to nothing.
    let mut open = vec![serde_json::to_value(part).unwrap_or_default()];
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => names.extend(text.strip_prefix(SCHEMAS).map(str::to_owned)),
            Value::Array(list) => open.extend(list),
            Value::Object(object) => open.extend(object.into_iter().map(|(_, value)| value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// True for a field that is `null` where it has no value.
fn may_be_null(field: &RefOr<Schema>) -> bool {
    // What cannot be written is nothing.
    let field = serde_json::to_value(field).unwrap_or_default();
    let is_null =
        |part: &Value| part == "null" || part.get("type").is_some_and(|kind| kind == "null");
    let kinds = ["type", "oneOf"]
        .iter()
        .filter_map(|key| field.get(key)?.as_array());
    kinds.flatten().any(is_null)
}

fn require_all(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else {
        return;
    };
    match schema {
        Schema::Object(object) => {
            let required = mem::take(&mut object.required);
            let fields = object.properties.iter();
            object.required = fields
                .filter(|(name, field)| required.contains(name) || may_be_null(field))
                .map(|(name, _)| name.clone())
                .collect();
            object.properties.values_mut().for_each(require_all);
            if let Some(AdditionalProperties::RefOr(values)) =
                object.additional_properties.as_deref_mut()
            {
                require_all(values);
            }
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                require_all(items);
            }
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(require_all),
        Schema::AllOf(all) => all.items.iter_mut().for_each(require_all),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(require_all),
        // A kind of schema that did not exist when this was written.
        _ => {}
    }
}
