//! Which carrier.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The carriers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CarrierKind {
    /// SignalWire, through its Compatibility API.
    #[serde(rename = "signalwire")]
    SignalWire,
    /// Exotel, through its v1 API.
    #[serde(rename = "exotel")]
    Exotel,
}

impl CarrierKind {
    /// Every carrier.
    pub const ALL: &'static [Self] = &[Self::SignalWire, Self::Exotel];

    /// The word for addresses, tables and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignalWire => "signalwire",
            Self::Exotel => "exotel",
        }
    }

    /// True where the carrier ends calls on our request.
    #[must_use]
    pub const fn can_hang_up(self) -> bool {
        match self {
            Self::SignalWire => true,
            Self::Exotel => false,
        }
    }
}

impl fmt::Display for CarrierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no carrier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a carrier; there are signalwire and exotel")]
pub struct UnknownCarrier(pub String);

impl FromStr for CarrierKind {
    type Err = UnknownCarrier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .find(|kind| kind.as_str() == text)
            .copied()
            .ok_or_else(|| UnknownCarrier(text.to_owned()))
    }
}
