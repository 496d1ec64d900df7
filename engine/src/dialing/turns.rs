//! Campaigns that wait for a top-up.

use std::collections::{BTreeSet, VecDeque};

use domain::CampaignId;

/// Campaigns in the order in which they first asked, each once.
///
/// Each call that ends asks for its campaign, so that a campaign with many calls asks more often than one with few. Were each
/// request a turn, it would also get more turns, and with them more calls, while others wait for their first.
#[derive(Debug, Default)]
pub(super) struct Turns {
    order: VecDeque<CampaignId>,
    waiting: BTreeSet<CampaignId>,
}

impl Turns {
    /// `campaign` waits, at the end; where it does so already, at its place.
    pub(super) fn ask(&mut self, campaign: CampaignId) {
        if self.waiting.insert(campaign) {
            self.order.push_back(campaign);
        }
    }

    /// Whose turn it is. It waits no longer.
    pub(super) fn next(&mut self) -> Option<CampaignId> {
        let campaign = self.order.pop_front()?;
        self.waiting.remove(&campaign);
        Some(campaign)
    }

    /// True where nobody waits.
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }
}

#[cfg(test)]
mod tests {
    use domain::CampaignId;
    use uuid::Uuid;

    use super::Turns;

    #[test]
    fn who_asks_often_gets_one_turn_at_its_first_place() {
        let [busy, calm, late] = [3, 2, 1].map(|id| CampaignId::from_uuid(Uuid::from_u128(id)));
        let mut turns = Turns::default();
        for campaign in [busy, calm, busy, busy, late, calm] {
            turns.ask(campaign);
        }
        assert_eq!(turns.len(), 3);
        let order: Vec<_> = std::iter::from_fn(|| turns.next()).collect();
        assert_eq!(order, [busy, calm, late]);
        assert!(turns.is_empty());
        turns.ask(busy);
        assert_eq!(turns.next(), Some(busy), "who had a turn may ask again");
    }
}
