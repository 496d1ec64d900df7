//! Whether providers are asked anew.

use engine::EngineError;
use serde::Deserialize;
use utoipa::IntoParams;

/// Whether providers are asked anew. Kept as text until it is read, so that what is neither yes nor no is a wrong field.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RefreshQuery {
    /// `true`: asks the providers, also where what is known is recent; takes seconds where they are slow
    #[param(value_type = Option<bool>, example = true)]
    refresh: Option<String>,
}

impl RefreshQuery {
    /// True where they are.
    ///
    /// # Errors
    /// `Invalid` for what is neither `true` nor `false`.
    pub fn read(&self) -> Result<bool, EngineError> {
        match self.refresh.as_deref() {
            None | Some("" | "false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(EngineError::invalid("refresh", "must be true or false")),
        }
    }
}
