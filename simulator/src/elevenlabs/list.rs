//! Conversations, fetched and listed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde_json::{Value, json};

use super::auth::Authorized;
use super::conversation::Conversation;
use super::error::ApiError;
use super::view;
use crate::faults::Fault;
use crate::network::Network;

const PAGE_SIZE: usize = 30;
const PAGE_SIZE_MAX: usize = 100;

/// `GET /v1/convai/conversations/{id}`.
pub(crate) async fn fetch(
    State(network): State<Arc<Network>>,
    _: Authorized,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    if network.faults.strikes(Fault::ConversationNotFound) {
        return Err(ApiError::conversation_not_found(&id));
    }
    if network.faults.strikes(Fault::ConversationTooMany) {
        return Err(ApiError::busy());
    }
    let found = network.platform.find(&id);
    let found = found.ok_or_else(|| ApiError::conversation_not_found(&id))?;
    Ok(Json(view::conversation_object(&found)))
}

/// `GET /v1/convai/conversations`, newest first.
pub(crate) async fn list(
    State(network): State<Arc<Network>>,
    _: Authorized,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let query = Query::read(&query.unwrap_or_default())?;
    let (found, next) = network.platform.list(
        query.user_id.as_deref(),
        |conversation| query.passes(conversation),
        query.page_size,
        query.cursor,
    );
    let conversations: Vec<Value> = found.iter().map(view::list_entry).collect();
    Ok(Json(json!({
        "conversations": conversations,
        "next_cursor": next.map(|next| format!("{next:08x}")),
        "has_more": next.is_some(),
    })))
}

#[derive(Default)]
struct Query {
    agent_id: Option<String>,
    user_id: Option<String>,
    call_successful: Option<String>,
    start_after: Option<i64>,
    start_before: Option<i64>,
    page_size: usize,
    cursor: Option<u32>,
}

impl Query {
    fn read(text: &str) -> Result<Self, ApiError> {
        let mut query = Self {
            page_size: PAGE_SIZE,
            ..Self::default()
        };
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            let bad = || ApiError::unprocessable(&name, "Input should be valid");
            let value = value.into_owned();
            match &*name {
                "agent_id" => query.agent_id = Some(value),
                "user_id" => query.user_id = Some(value),
                "call_successful" => query.call_successful = Some(value),
                "call_start_after_unix" => {
                    query.start_after = Some(value.parse().map_err(|_| bad())?);
                }
                "call_start_before_unix" => {
                    query.start_before = Some(value.parse().map_err(|_| bad())?);
                }
                "page_size" => {
                    query.page_size = value.parse().map_err(|_| bad())?;
                    if !(1..=PAGE_SIZE_MAX).contains(&query.page_size) {
                        return Err(bad());
                    }
                }
                "cursor" => {
                    query.cursor = Some(u32::from_str_radix(&value, 16).map_err(|_| bad())?);
                }
                _ => {}
            }
        }
        Ok(query)
    }

    fn passes(&self, conversation: &Conversation) -> bool {
        let start = conversation.start_unix();
        self.agent_id
            .as_deref()
            .is_none_or(|id| *id == *conversation.agent_id)
            && self.start_after.is_none_or(|after| start >= after)
            && self.start_before.is_none_or(|before| start <= before)
            && self
                .call_successful
                .as_deref()
                .is_none_or(|wanted| wanted == conversation.call_successful().unwrap_or("unknown"))
    }
}
