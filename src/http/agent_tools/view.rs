//! What an agent is told.

use engine::dialing::ToolAnswer;
use entity::contact;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What the agent is told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"success": true, "message": "The call is being handed on to Sales Team."}))]
pub struct ToolAnswerView {
    /// Whether it was done
    success: bool,
    /// What was done, or why not and what can be done instead
    #[schema(example = "The call is being handed on to Sales Team.")]
    message: String,
}

impl From<ToolAnswer> for ToolAnswerView {
    fn from(answer: ToolAnswer) -> Self {
        Self {
            success: answer.is_done,
            message: answer.message,
        }
    }
}

/// Who is on the line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "success": true,
    "contact": {"name": "John Doe", "first_name": "John", "last_name": "Doe", "metadata": {"plan": "gold"}},
}))]
pub struct ContactAnswer {
    success: bool,
    /// `null` for a call outside any campaign
    contact: Option<KnownContact>,
}

/// What an agent may know of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnownContact {
    #[schema(example = "John Doe")]
    name: Option<String>,
    #[schema(example = "John")]
    first_name: Option<String>,
    #[schema(example = "Doe")]
    last_name: Option<String>,
    /// As it was imported
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

impl From<Option<contact::Model>> for ContactAnswer {
    fn from(found: Option<contact::Model>) -> Self {
        Self {
            success: true,
            contact: found.map(KnownContact::from),
        }
    }
}

impl From<contact::Model> for KnownContact {
    fn from(row: contact::Model) -> Self {
        Self {
            name: row.name,
            first_name: row.first_name,
            last_name: row.last_name,
            metadata: row.metadata,
        }
    }
}
