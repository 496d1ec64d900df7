//! Which carrier a number belongs to: a campaign's calls are carried by whoever its number is from.

use std::collections::HashMap;

use ::carriers::CarrierKind;
use sea_orm::{ConnectionTrait, DbErr};

use super::Carriers;
use crate::store;

/// Whose the numbers are that some calls are made from.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    default: CarrierKind,
    known: HashMap<String, CarrierKind>,
}

impl Lines {
    /// Looks `numbers` up among what `carriers` offer, as last heard. Of several that offer a number the first of
    /// `carriers` has it. Where there is but one carrier every number is its own, and nobody is asked.
    ///
    /// # Errors
    /// What the database says.
    pub async fn of(
        db: &impl ConnectionTrait,
        carriers: &Carriers,
        numbers: impl IntoIterator<Item = &str>,
    ) -> Result<Self, DbErr> {
        let (default, kinds) = (carriers.default_kind(), carriers.kinds());
        let mut known = HashMap::new();
        if kinds.len() > 1 {
            let offered = store::phone_numbers::offered(db, numbers).await?;
            for kind in kinds {
                let its = offered.iter().filter(|row| row.provider == kind.as_str());
                for row in its {
                    known.entry(row.number.clone()).or_insert(kind);
                }
            }
        }
        Ok(Self { default, known })
    }

    /// The carrier of `number`; where none offers it, the one that is meant where nothing says.
    pub fn carrier_of(&self, number: &str) -> CarrierKind {
        self.known.get(number).copied().unwrap_or(self.default)
    }
}
