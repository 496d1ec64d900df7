//! A user interface that knows the document and nothing else: it misses every field that is named there and not here.

use std::collections::BTreeSet;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::fields::{ENDPOINTS, Endpoint};
use crate::support::api::{Api, answer};

/// Whoever walks through the document.
pub struct Walker {
    api: Api,
    /// Endpoints that were asked, and keys of their queries.
    asked: BTreeSet<(&'static str, &'static str)>,
}

impl Walker {
    pub const fn new(api: Api) -> Self {
        Self {
            api,
            asked: BTreeSet::new(),
        }
    }

    /// Asks `name`, an endpoint of the document, about the thing with the id `of`.
    pub async fn ask(&mut self, name: &str, of: &str, query: &[(&str, &str)]) -> Value {
        let request = self.request(name, of).query(query);
        let named = endpoint(name);
        for (key, _) in query {
            let known = named.query.iter().find(|known| *known == key);
            let known = known.unwrap_or_else(|| panic!("{name} knows no {key}"));
            self.asked.insert((named.name, known));
        }
        self.told(name, request).await
    }

    /// As [`Self::ask`], and sends `body`.
    pub async fn send(&mut self, name: &str, of: &str, body: Value) -> Value {
        let request = self.request(name, of).json(&body);
        self.told(name, request).await
    }

    /// What is answered to `request`, which must be a success with every field that the document names.
    pub async fn told(&mut self, name: &str, request: RequestBuilder) -> Value {
        let named = endpoint(name);
        self.asked.insert((named.name, ""));
        let told = answer(request).await.ok();
        for (path, fields) in named.answer {
            assert_fields(name, &told, path, fields);
        }
        told
    }

    /// The request for `name` about the thing with the id `of`.
    pub fn request(&self, name: &str, of: &str) -> RequestBuilder {
        let (method, path) = name.split_once(' ').expect("a method and an address");
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.api.request(method, &path.replace("{}", of))
    }

    /// Nothing of the document was left out.
    pub fn assert_been_everywhere(&self) {
        let all = ENDPOINTS.iter().flat_map(|named| {
            let keys = named.query.iter().copied();
            keys.chain([""]).map(|key| (named.name, key))
        });
        let missing: Vec<_> = all.filter(|one| !self.asked.contains(one)).collect();
        assert!(missing.is_empty(), "never asked: {missing:?}");
    }
}

fn endpoint(name: &str) -> &'static Endpoint {
    let mut all = ENDPOINTS.iter();
    all.find(|endpoint| endpoint.name == name)
        .unwrap_or_else(|| panic!("the document has no {name}"))
}

/// Each object at `path` has `fields`, and there is one.
pub fn assert_fields(what: &str, told: &Value, path: &str, fields: &[&str]) {
    let found = objects(told, path);
    assert!(!found.is_empty(), "{what}: nothing at {path:?}: {told}");
    for object in found {
        let object = object.as_object();
        let object = object.unwrap_or_else(|| panic!("{what}: no object at {path:?}: {told}"));
        let missing: Vec<_> = fields
            .iter()
            .filter(|name| !object.contains_key(**name))
            .collect();
        assert!(
            missing.is_empty(),
            "{what}: {missing:?} missing at {path:?}: {object:?}"
        );
    }
}

/// What is at `path`: `a.b[].c` is the `c` of each entry of the list `b` of `a`.
fn objects<'a>(told: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![told];
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let name = part.trim_end_matches("[]");
        let of_each = found.into_iter().map(|value| &value[name]);
        found = match part.ends_with("[]") {
            false => of_each.collect(),
            true => of_each
                .flat_map(|list| list.as_array().into_iter().flatten())
                .collect(),
        };
    }
    found
}
