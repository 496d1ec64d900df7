//! Gives every body an example that has none of its own, put together from those of its fields.

use serde_json::{Map, Value, json};
use utoipa::openapi::content::Content;
use utoipa::openapi::{OpenApi, RefOr};

use super::operations;

/// Schemas within schemas that are followed. None goes as deep; one that holds itself would go on for ever.
const DEPTH_MAX: usize = 16;

/// Adds examples where there are none.
pub(super) fn add(document: &mut OpenApi) {
    // What cannot be written has no examples.
    let schemas = document.components.as_ref().map(|known| &known.schemas);
    let schemas = serde_json::to_value(schemas).unwrap_or_default();
    for (_, _, operation) in operations(document) {
        if let Some(RefOr::T(request)) = &mut operation.request_body {
            let bodies = request.content.values_mut();
            bodies.for_each(|body| complete(body, &schemas));
        }
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                let bodies = response.content.values_mut();
                bodies.for_each(|body| complete(body, &schemas));
            }
        }
    }
}

fn complete(body: &mut RefOr<Content>, schemas: &Value) {
    let RefOr::T(body) = body else {
        return;
    };
    let schema = serde_json::to_value(&body.schema).unwrap_or_default();
    let has_one = body.example.is_some() || !body.examples.is_empty();
    if !has_one && own(resolved(&schema, schemas)).is_none() {
        body.example = Some(composed(&schema, schemas, DEPTH_MAX));
    }
}

fn own(schema: &Value) -> Option<&Value> {
    schema
        .get("example")
        .or_else(|| schema.get("examples")?.get(0))
}

/// What a reference points at; what is none itself.
fn resolved<'a>(schema: &'a Value, schemas: &'a Value) -> &'a Value {
    let name = schema.get("$ref").and_then(Value::as_str);
    let name = name.and_then(|reference| reference.rsplit('/').next());
    name.and_then(|name| schemas.get(name)).unwrap_or(schema)
}

/// A value that fits the schema: its own example, else what its parts have. What may be `null` and has no example is that.
fn composed(schema: &Value, schemas: &Value, depth: usize) -> Value {
    let schema = own(schema).map_or_else(|| resolved(schema, schemas), |_| schema);
    if let Some(example) = own(schema) {
        return example.clone();
    }
    if depth == 0 || may_be_null(schema) {
        return Value::Null;
    }
    let within = |part: &Value| composed(part, schemas, depth - 1);
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let fields = parts.iter().map(within).filter_map(|part| match part {
            Value::Object(fields) => Some(fields),
            _ => None,
        });
        return Value::Object(fields.flatten().collect());
    }
    let choices = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(key));
    if let Some(choice) = choices.and_then(|choices| choices.get(0)) {
        return within(choice);
    }
    if let Some(word) = schema.get("enum").and_then(|words| words.get(0)) {
        return word.clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => {
            let fields = schema.get("properties").and_then(Value::as_object);
            let fields = fields.into_iter().flatten();
            let fields: Map<String, Value> = fields
                .map(|(name, field)| match name.as_str() {
                    // An answer that has an example worked.
                    "success" => (name.clone(), true.into()),
                    _ => (name.clone(), within(field)),
                })
                .collect();
            Value::Object(fields)
        }
        Some("array") => {
            let count = schema.get("minItems").and_then(Value::as_u64);
            let item = schema.get("items").map(within).unwrap_or_default();
            let count = usize::try_from(count.unwrap_or(1)).unwrap_or(1);
            Value::Array(vec![item; count.max(1)])
        }
        Some(kind) => plain(kind, schema),
        None => Value::Null,
    }
}

fn may_be_null(schema: &Value) -> bool {
    let has_null = |list: &Value| {
        let list = list.as_array().into_iter().flatten();
        list.into_iter()
            .any(|part| part == "null" || part.get("type").is_some_and(|kind| kind == "null"))
    };
    ["type", "oneOf", "anyOf"]
        .iter()
        .filter_map(|key| schema.get(key))
        .any(has_null)
}

fn plain(kind: &str, schema: &Value) -> Value {
    let format = schema.get("format").and_then(Value::as_str);
    match (kind, format) {
        ("boolean", _) => false.into(),
        ("integer", _) => schema
            .get("minimum")
            .map_or(json!(1), |least| json!(least.as_i64().unwrap_or(1).max(1))),
        ("number", _) => json!(1.0),
        (_, Some("uuid")) => "01899c1e-5f0a-7c3d-9b2a-3f6d2e8a4b10".into(),
        (_, Some("date-time")) => "2030-01-15T09:00:00Z".into(),
        (_, Some("date")) => "2030-01-15".into(),
        _ => "…".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_has_the_examples_of_all_fields() {
        let schemas = json!({
            "Call": {
                "type": "object",
                "properties": {
                    "number": { "type": "string", "example": "+18005551234" },
                    "status": { "$ref": "#/components/schemas/Status" },
                    "error": { "type": ["string", "null"] },
                    "campaign": { "oneOf": [{ "$ref": "#/components/schemas/Call" }, { "type": "null" }] },
                },
            },
            "Status": { "type": "string", "enum": ["initiated", "completed"] },
        });
        let schema = json!({ "allOf": [
            { "$ref": "#/components/schemas/Call" },
            { "type": "object", "properties": { "hours": { "type": "array", "minItems": 2, "items": { "type": "boolean" } } } },
        ] });
        let expected = json!({
            "number": "+18005551234", "status": "initiated", "error": null, "campaign": null, "hours": [false, false],
        });
        assert_eq!(composed(&schema, &schemas, DEPTH_MAX), expected);
    }

    #[test]
    fn a_schema_that_holds_itself_comes_to_an_end() {
        let part = json!({ "$ref": "#/components/schemas/Part" });
        let schemas = json!({ "Part": { "type": "object", "properties": { "part": part } } });
        let example = composed(&part, &schemas, 2);
        assert_eq!(example, json!({ "part": { "part": null } }));
    }
}
