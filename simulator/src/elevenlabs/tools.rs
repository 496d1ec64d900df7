//! An agent uses one of the dialer's tools during a call: a request with a bearer token, answered in words.

use std::sync::Arc;

use chrono::Utc;
use serde_json::{Map, Value};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::network::Network;
use crate::person::{Behaviour, Person};
use crate::recorder::{Delivery, RecordedToolUse};

/// Lets the agent of the conversation `id` do with `person` on the line what the person makes it do, unless the talk is
/// `over` before.
pub(crate) fn use_tool(
    network: &Arc<Network>,
    id: &Arc<str>,
    person: &Person,
    over: CancellationToken,
) {
    let Behaviour::UseTool {
        after_ms,
        tool,
        arguments,
        ..
    } = &person.behaviour
    else {
        return;
    };
    let Some(base) = network.config.agent_tools_url.clone() else {
        return;
    };
    let url = format!("{}/{tool}", base.trim_end_matches('/'));
    let (shared, id) = (Arc::clone(network), Arc::clone(id));
    let (tool, arguments, after) = (
        tool.clone(),
        arguments.clone(),
        network.pace.real(*after_ms),
    );
    network.spawn(async move {
        if over.run_until_cancelled(sleep(after)).await.is_none() {
            return;
        }
        // Once sent, the request goes through, whatever becomes of the call.
        let call_id = shared.platform.find(&id).and_then(|found| found.user_id);
        let used = send(&shared, &url, &tool, with_call(arguments, call_id)).await;
        shared.recorder.tool_use(used);
    });
}

/// The arguments the model chose, and the dynamic variable that the tool's configuration adds.
fn with_call(mut arguments: Map<String, Value>, call_id: Option<Arc<str>>) -> Map<String, Value> {
    let known = call_id.map_or(Value::Null, |id| Value::from(&*id));
    arguments.entry("call_id").or_insert(known);
    arguments
}

async fn send(
    network: &Network,
    url: &str,
    tool: &str,
    arguments: Map<String, Value>,
) -> RecordedToolUse {
    let token = format!("Bearer {}", network.config.agent_tools_token);
    let body = Value::Object(arguments.clone()).to_string();
    let reply = network
        .courier
        .send_json(url, ("Authorization", token), body)
        .await;
    let (delivery, answer) = match reply {
        Ok(reply) => (
            Delivery::Answered(reply.status),
            serde_json::from_str(&reply.body).unwrap_or_default(),
        ),
        Err(failed) => (failed, Value::Null),
    };
    RecordedToolUse {
        tool: tool.into(),
        arguments,
        answer,
        settled_at: Utc::now(),
        delivery,
    }
}
