//! Every answer of the API, as it was agreed upon: once for each endpoint and each way it can end.
//!
//! One more is one more line: `agreed("its_name", request).await`.

mod agent_tools;
mod calls;
mod campaigns;
mod commands;
mod contact;
mod contacts;
mod events;
mod operators;
mod refusals;
mod statistics;
mod suppressions;
mod v1_analytics;
mod v1_call_logs;
mod v1_calls;
mod v1_campaigns;
mod v1_commands;
mod v1_contacts;
mod v1_directory;
mod v1_live;
mod v1_machines;
mod v1_refused_calls;
mod v1_summary;
mod v1_suppressions;
mod v1_unavailable;
mod v1_users;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::support::api::Api;

/// The id of nothing.
const NOBODY: &str = "01900000-0000-7000-8000-000000000000";

fn get_csv(api: &Api, path: &str) -> RequestBuilder {
    get(api, path).header("accept", "text/csv")
}

fn get(api: &Api, path: &str) -> RequestBuilder {
    api.request(Method::GET, path)
}

fn post(api: &Api, path: &str, body: &Value) -> RequestBuilder {
    api.request(Method::POST, path).json(body)
}

fn put(api: &Api, path: &str, body: &Value) -> RequestBuilder {
    api.request(Method::PUT, path).json(body)
}

fn patch(api: &Api, path: &str, body: &Value) -> RequestBuilder {
    api.request(Method::PATCH, path).json(body)
}

fn delete(api: &Api, path: &str) -> RequestBuilder {
    api.request(Method::DELETE, path)
}
