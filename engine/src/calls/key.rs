//! What a call may be called by.

use std::str::FromStr;

use domain::{CallId, UserId};
use entity::call::Model;
use sea_orm::ConnectionTrait;

use crate::error::EngineError;
use crate::field::words_up_to;
use crate::store::call_log;
use crate::store::calls;
use crate::store::foreign::NAME_CHARS_MAX;

/// Our id of a call, the carrier's name for it, or the agent provider's name for its conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallKey(String);

impl FromStr for CallKey {
    type Err = String;

    /// Whatever a provider might call a call: not empty, at most 255 characters, no NUL.
    fn from_str(text: &str) -> Result<Self, String> {
        words_up_to(text, NAME_CHARS_MAX).map(Self)
    }
}

impl CallKey {
    /// The call that goes by this name, as `scope` may see it; the one begun last, if several do.
    ///
    /// # Errors
    /// `NotFound` for another user's call too.
    pub(super) async fn find(
        &self,
        db: &impl ConnectionTrait,
        scope: Option<UserId>,
    ) -> Result<Model, EngineError> {
        let is_seen = |row: &Model| scope.is_none_or(|owner| owner.into_uuid() == row.owner_id);
        if let Ok(id) = self.0.parse::<CallId>()
            && let Some(row) = calls::find(db, id).await?.filter(is_seen)
        {
            return Ok(row);
        }
        call_log::find_by_name(db, &self.0, scope)
            .await?
            .ok_or_else(|| EngineError::not_found("call"))
    }
}
