//! Campaigns that wait for a top-up.

use std::collections::{BTreeSet, VecDeque};
use std::iter::from_fn;

use domain::CampaignId;
use tokio::sync::mpsc;

/// Campaigns in line by hints; further hints wait.
const HINTED_MAX: usize = 10_000;

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

    /// Puts those in line who are hinted at by now, as long as there is room; waits for one where nobody is in line. False
    /// once there will be no more.
    pub(super) async fn hear(&mut self, wakes: &mut mpsc::Receiver<CampaignId>) -> bool {
        let mut hints = Vec::new();
        if self.is_empty() {
            wakes.recv_many(&mut hints, HINTED_MAX).await;
        } else {
            let room = HINTED_MAX.saturating_sub(self.len());
            hints.extend(from_fn(|| wakes.try_recv().ok()).take(room));
        }
        hints.into_iter().for_each(|campaign| self.ask(campaign));
        !self.is_empty()
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
    use tokio::sync::mpsc;
    use uuid::Uuid;

    use super::{HINTED_MAX, Turns};

    fn campaign(number: usize) -> CampaignId {
        CampaignId::from_uuid(Uuid::from_u128(number as u128))
    }

    #[tokio::test]
    async fn hints_wait_where_the_line_is_full_and_everybody_has_a_turn() {
        let count = 2 * HINTED_MAX + 1;
        let (hints, mut wakes) = mpsc::channel(count);
        for number in 0..count {
            hints.try_send(campaign(number)).expect("room for a hint");
        }
        drop(hints);
        let mut turns = Turns::default();
        let mut had = Vec::new();
        while turns.hear(&mut wakes).await {
            assert!(turns.len() <= HINTED_MAX, "{} are in line", turns.len());
            had.extend((0..HINTED_MAX / 3).map_while(|_| turns.next()));
        }
        assert_eq!(had, (0..count).map(campaign).collect::<Vec<_>>());
    }

    #[test]
    fn who_asks_often_gets_one_turn_at_its_first_place() {
        let [busy, calm, late] = [3, 2, 1].map(campaign);
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
