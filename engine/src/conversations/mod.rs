//! What was said in calls: found one by one and in lists. Conversations are written by dialing.

pub mod find;
pub mod list;

use std::fmt;

use entity::call;
use serde::Deserialize;
use serde_json::Value;

pub use crate::store::conversation_list::Gist;
pub use find::ConversationKey;
pub(crate) use find::turns;
pub use list::ConversationQuery;

use crate::database::Database;

/// The use cases of conversations. Cheap to clone.
#[derive(Clone)]
pub struct Conversations {
    database: Database,
}

impl Conversations {
    /// Over `database`.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

/// A conversation in a list: what came of it, without every word of it.
#[derive(Clone, Debug)]
pub struct ConversationGist {
    /// The call it was held in.
    pub call: call::Model,
    /// The name of the contact, where there is one.
    pub contact_name: Option<String>,
    /// What came of it.
    pub said: Gist,
}

/// A conversation, word for word.
#[derive(Clone, Debug)]
pub struct ConversationDetail {
    /// The call it was held in.
    pub call: call::Model,
    /// The name of the contact, where there is one.
    pub contact_name: Option<String>,
    /// What came of it.
    pub said: Gist,
    /// Turn by turn, in the order in which they were spoken.
    pub transcript: Vec<Turn>,
    /// What the provider made of it, as it was sent.
    pub analysis: Option<Value>,
}

/// One turn of a conversation, as it is kept.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Turn {
    /// `agent`, `user`, or the provider's own word.
    pub speaker: String,
    /// The words.
    pub text: String,
    /// Seconds since the conversation began.
    pub at_s: u32,
}

/// Without the words: they are personal.
impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn")
            .field("speaker", &self.speaker)
            .field("at_s", &self.at_s)
            .finish_non_exhaustive()
    }
}
