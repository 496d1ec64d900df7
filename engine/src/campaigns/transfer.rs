//! Whom a campaign's calls can be handed on to.

use domain::PhoneNumber;
use entity::campaign::Model;
use serde::Deserialize;
use serde_json::Value;

use crate::error::EngineError;

/// `transferConfig`, as far as we act on it; other keys are kept as sent.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct TransferConfig {
    enabled: bool,
    transfer_targets: Vec<Wire>,
}

#[derive(Debug, Deserialize)]
struct Wire {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    number: Option<String>,
    endpoint: Option<String>,
    /// Not read as a truth value: targets were kept with whatever stood here before it meant anything.
    #[serde(default)]
    enabled: Value,
}

/// Somebody to hand a call on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferTarget {
    /// What the agent calls it.
    pub name: String,
    /// How to reach it.
    pub line: Line,
    /// False: nobody is handed on to it at present.
    pub is_enabled: bool,
}

/// How a [`TransferTarget`] is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// By telephone.
    Phone(PhoneNumber),
    /// Over SIP: an address such as `sip:support@example.com`.
    Sip(String),
}

/// The targets of the campaign in `row`, in the order of its configuration, those that are turned off among them; none
/// where transfers are off altogether.
///
/// # Errors
/// `Internal` where the row says something that was never accepted.
pub fn targets(row: &Model) -> Result<Vec<TransferTarget>, EngineError> {
    let config = match &row.transfer_config {
        None | Some(Value::Null) => TransferConfig::default(),
        Some(config) => TransferConfig::deserialize(config).map_err(EngineError::internal)?,
    };
    if !config.enabled {
        return Ok(Vec::new());
    }
    Ok(config
        .transfer_targets
        .into_iter()
        .filter_map(read)
        .collect())
}

/// The target that the agent calls `name`, whatever the case of its letters; of several the first that is enabled.
#[must_use]
pub fn named<'a>(targets: &'a [TransferTarget], name: &str) -> Option<&'a TransferTarget> {
    let folded = |text: &str| text.trim().to_lowercase();
    let is_meant = |target: &&TransferTarget| folded(&target.name) == folded(name);
    let is_enabled = |target: &&TransferTarget| target.is_enabled;
    let mut meant = targets.iter().filter(is_meant);
    meant.clone().find(is_enabled).or_else(|| meant.next())
}

fn read(target: Wire) -> Option<TransferTarget> {
    let line = match target.kind.as_str() {
        "phone" => Line::Phone(PhoneNumber::from_stored(target.number?)),
        _ => Line::Sip(target.endpoint?),
    };
    Some(TransferTarget {
        name: target.name,
        line,
        is_enabled: target.enabled != Value::Bool(false),
    })
}
