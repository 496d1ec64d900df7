//! What somebody who watches wants to be told.

use std::collections::BTreeSet;

use domain::CampaignId;

use super::update::{News, Update};
use crate::error::EngineError;

/// Campaigns that one subscription names at most.
pub const CAMPAIGNS_MAX: usize = 1_000;

/// Which campaigns somebody asks for, or asks to be spared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All that one may see, and calls outside campaigns.
    All,
    /// These.
    These(BTreeSet<CampaignId>),
}

/// What somebody is told beside the figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Everything but what these campaigns do.
    AllBut(BTreeSet<CampaignId>),
    /// What these campaigns do.
    Only(BTreeSet<CampaignId>),
}

impl Default for Wanted {
    fn default() -> Self {
        Self::AllBut(BTreeSet::new())
    }
}

impl Wanted {
    /// What is wanted once `which` are asked for: a list takes the place of all, and is added to a list.
    ///
    /// # Errors
    /// `Invalid` where that would be more than [`CAMPAIGNS_MAX`].
    pub fn with(&self, which: Which) -> Result<Self, EngineError> {
        let wanted = match (self, which) {
            (_, Which::All) => Self::default(),
            (Self::AllBut(_), Which::These(these)) => Self::Only(these),
            (Self::Only(known), Which::These(these)) => Self::Only(known | &these),
        };
        wanted.bounded()
    }

    /// What is wanted once nothing is to be heard of `which` any more.
    ///
    /// # Errors
    /// `Invalid` where that would be more than [`CAMPAIGNS_MAX`] to leave out.
    pub fn without(&self, which: &Which) -> Result<Self, EngineError> {
        let wanted = match (self, which) {
            (_, Which::All) => Self::Only(BTreeSet::new()),
            (Self::AllBut(but), Which::These(these)) => Self::AllBut(but | these),
            (Self::Only(known), Which::These(these)) => Self::Only(known - these),
        };
        wanted.bounded()
    }

    /// True where `update` is wanted. Figures always are.
    #[must_use]
    pub fn has(&self, update: &Update) -> bool {
        match (self, &update.news, update.campaign()) {
            (_, News::Stats(_), _) | (Self::AllBut(_), _, None) => true,
            (Self::Only(_), _, None) => false,
            (Self::AllBut(but), _, Some(campaign)) => !but.contains(&campaign),
            (Self::Only(these), _, Some(campaign)) => these.contains(&campaign),
        }
    }

    /// True where nothing is left out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::AllBut(but) if but.is_empty())
    }

    fn bounded(self) -> Result<Self, EngineError> {
        let (Self::AllBut(ids) | Self::Only(ids)) = &self;
        if ids.len() > CAMPAIGNS_MAX {
            let message =
                format!("must be at most {CAMPAIGNS_MAX} in all; subscribe to all instead");
            return Err(EngineError::invalid("campaigns", message));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn ids(count: usize) -> BTreeSet<CampaignId> {
        (0..count)
            .map(|_| CampaignId::from_uuid(Uuid::now_v7()))
            .collect()
    }

    #[test]
    fn a_list_takes_the_place_of_all_and_is_added_to_a_list() {
        let (some, more) = (ids(2), ids(3));
        let one = Wanted::default().with(Which::These(some.clone())).unwrap();
        assert_eq!(one, Wanted::Only(some.clone()));
        let both = one.with(Which::These(more.clone())).unwrap();
        assert_eq!(both, Wanted::Only(&some | &more));
        assert_eq!(
            both.without(&Which::These(some)).unwrap(),
            Wanted::Only(more)
        );
        assert!(both.with(Which::All).unwrap().is_everything());
    }

    #[test]
    fn some_can_be_left_out_of_all() {
        let some = ids(2);
        let left = Wanted::default()
            .without(&Which::These(some.clone()))
            .unwrap();
        assert_eq!(left, Wanted::AllBut(some));
        let nothing = left.without(&Which::All).unwrap();
        assert_eq!(nothing, Wanted::Only(BTreeSet::new()));
    }

    #[test]
    fn a_subscription_is_bounded() {
        let full = Wanted::default()
            .with(Which::These(ids(CAMPAIGNS_MAX)))
            .unwrap();
        assert!(full.with(Which::These(ids(1))).is_err());
    }
}
