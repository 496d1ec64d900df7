//! Which carrier a number belongs to: a campaign's calls are carried by whoever its number is from.

use std::collections::{BTreeSet, HashMap};

use ::carriers::CarrierKind;
use sea_orm::{ConnectionTrait, DbErr};

use super::Carriers;
use crate::store;

/// Whose the numbers are that some calls are made from.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    default: CarrierKind,
    configured: BTreeSet<CarrierKind>,
    known: HashMap<String, CarrierKind>,
}

impl Lines {
    /// Looks `numbers` up among what carriers offer, as last heard. Of several that offer a number the first of `carriers`
    /// has it, and one that is not configured only where no other does: then nobody can be asked for its calls.
    ///
    /// # Errors
    /// What the database says.
    pub async fn of(
        db: &impl ConnectionTrait,
        carriers: &Carriers,
        numbers: impl IntoIterator<Item = &str>,
    ) -> Result<Self, DbErr> {
        let (default, kinds) = (carriers.default_kind(), carriers.kinds());
        let offered = store::phone_numbers::offered(db, numbers).await?;
        let mut known = HashMap::new();
        for kind in kinds.iter().chain(CarrierKind::ALL) {
            let its = offered.iter().filter(|row| row.provider == kind.as_str());
            for row in its {
                known.entry(row.number.clone()).or_insert(*kind);
            }
        }
        Ok(Self {
            default,
            configured: kinds.into_iter().collect(),
            known,
        })
    }

    /// False where nobody can be asked for calls of `carrier` here.
    pub fn is_configured(&self, carrier: CarrierKind) -> bool {
        self.configured.contains(&carrier)
    }

    /// The carrier of `number`; where none offers it, the one that is meant where nothing says.
    pub fn carrier_of(&self, number: &str) -> CarrierKind {
        self.known.get(number).copied().unwrap_or(self.default)
    }
}
