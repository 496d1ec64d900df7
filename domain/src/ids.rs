//! Typed identifiers: a campaign's id where a call's is due must not compile.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! typed_uuids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Names the row whose key is `raw`.
            #[must_use]
            pub const fn from_uuid(raw: Uuid) -> Self {
                Self(raw)
            }

            /// The key of the row.
            #[must_use]
            pub const fn into_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

typed_uuids! {
    /// A campaign: contacts, a calendar, a retry policy, limits, an agent and a caller number.
    CampaignId,
    /// One call: our name for it, made before the carrier hears of it.
    CallId,
    /// Somebody who owns campaigns.
    UserId,
    /// An API key: a token that stands for a user.
    ApiKeyId,
    /// A suppression: a number that its owner must not call.
    SuppressionId,
}

/// A contact: one person in one campaign. A number, as the first generation of the API shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContactId(i64);

impl ContactId {
    /// Names the row whose key is `raw`.
    #[must_use]
    pub const fn from_i64(raw: i64) -> Self {
        Self(raw)
    }

    /// The key of the row.
    #[must_use]
    pub const fn into_i64(self) -> i64 {
        self.0
    }
}

impl fmt::Display for ContactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for ContactId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}
