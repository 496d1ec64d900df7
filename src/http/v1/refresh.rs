//! Whether providers are asked anew.

use engine::EngineError;
use engine::field::Sieve;
use engine::query::{Param, truth};
use serde::Deserialize;
use utoipa::IntoParams;

/// Whether providers are asked anew. Kept as it came until it is read, so that what is neither yes nor no is a wrong field.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct RefreshQuery {
    /// `true`: asks the providers, also where what is known is recent; takes seconds where they are slow
    #[param(value_type = Option<bool>, example = true)]
    refresh: Param,
}

impl RefreshQuery {
    /// True where they are.
    ///
    /// # Errors
    /// `Invalid` for what is neither `true` nor `false`.
    pub fn read(&self) -> Result<bool, EngineError> {
        let mut sieve = Sieve::default();
        let is_wanted = sieve.param("refresh", &self.refresh, truth);
        let is_wanted = sieve.done(is_wanted).map_err(EngineError::Invalid)?;
        Ok(is_wanted.unwrap_or(false))
    }
}
