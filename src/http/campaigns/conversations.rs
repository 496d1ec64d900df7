//! What was said in a campaign's calls.

use axum::Json;
use axum::extract::State;
use domain::CampaignId;
use engine::conversations::{ConversationGist, ConversationKey, ConversationQuery};
use engine::page::Paged;
use engine::query::Param;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::conversation_view::{ConversationDetailView, ConversationView};
use super::{example, fields};
use crate::http::App;
use crate::http::auth::Authenticated;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::extract::{Id, Ids, Query};
use crate::http::openapi::pages::ConversationPages;
use crate::http::page::{self, PageQuery};

/// Which conversations are looked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", default)]
pub struct ConversationListQuery {
    /// `true`: only those that reached their goal; `false`: only those that did not
    #[param(value_type = Option<bool>, example = true)]
    pub successful: Param,
    /// Only those with this text in their summary, whatever the case of its letters
    #[param(value_type = Option<String>, max_length = 200, example = "called back")]
    pub search: Param,
    /// Only those whose call began at this instant or later; a date means the begin of that day in the campaign's zone
    #[param(inline, value_type = Option<fields::PeriodEnd>, example = "2023-07-01")]
    pub from_date: Param,
    /// Only those whose call began before this instant; a date means the end of that day in the campaign's zone
    #[param(inline, value_type = Option<fields::PeriodEnd>, example = "2023-07-31T18:00:00Z")]
    pub to_date: Param,
}

impl From<ConversationListQuery> for ConversationQuery {
    fn from(query: ConversationListQuery) -> Self {
        Self {
            successful: query.successful,
            search: query.search,
            from_date: query.from_date,
            to_date: query.to_date,
        }
    }
}

/// One page of a campaign's conversations.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = example::conversation::page)]
pub struct ConversationPage {
    success: bool,
    #[schema(value_type = Uuid)]
    campaign_id: CampaignId,
    /// Conversations on this page
    count: usize,
    /// Conversations on all pages
    total: u64,
    page: u32,
    pages: u64,
    conversations: Vec<ConversationView>,
}

impl ConversationPage {
    fn new(campaign_id: CampaignId, found: Paged<ConversationGist>) -> Self {
        Self {
            success: true,
            campaign_id,
            count: found.items.len(),
            total: found.total,
            page: found.page.number,
            pages: found.pages(),
            conversations: found
                .items
                .into_iter()
                .map(ConversationView::from)
                .collect(),
        }
    }
}

/// One conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = example::conversation::envelope)]
pub struct ConversationEnvelope {
    success: bool,
    conversation: ConversationDetailView,
}

/// One page of a campaign's conversations, in the order of the log of calls, without what was said word for word.
#[utoipa::path(get, path = "/api/campaigns/{id}/conversations", tag = "campaigns",
    params(("id" = Uuid, Path), ConversationPages, ConversationListQuery),
    responses((status = 200, body = ConversationPage), (status = "4XX", body = ErrorBody)))]
pub async fn list(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Id(id): Id<CampaignId>,
    Query(page): Query<PageQuery>,
    Query(query): Query<ConversationListQuery>,
) -> Result<Json<ConversationPage>, ApiError> {
    let found = app
        .engine
        .conversations
        .list_of_campaign(&actor, id, query.into(), page.within(page::CONVERSATIONS))
        .await?;
    Ok(Json(ConversationPage::new(id, found)))
}

/// One conversation of a campaign, word for word.
#[utoipa::path(get, path = "/api/campaigns/{id}/conversations/{conversationId}", tag = "campaigns",
    params(("id" = Uuid, Path),
        ("conversationId" = String, Path, description = "The id of its call, or the agent provider's name for it")),
    responses((status = 200, body = ConversationEnvelope), (status = "4XX", body = ErrorBody)))]
pub async fn get(
    State(app): State<App>,
    Authenticated(actor): Authenticated,
    Ids(id, key): Ids<CampaignId, ConversationKey>,
) -> Result<Json<ConversationEnvelope>, ApiError> {
    let found = app.engine.conversations.get(&actor, id, &key).await?;
    Ok(Json(ConversationEnvelope {
        success: true,
        conversation: found.into(),
    }))
}
