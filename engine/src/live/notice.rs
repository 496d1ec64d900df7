//! What processes tell each other: which campaigns and calls changed. Ids only, never a number or a name.

use std::collections::{BTreeMap, BTreeSet};

use domain::{CallId, CampaignId, UserId};
use serde::{Deserialize, Serialize};

/// Ids kept together at most; what changed beyond is only known to have been more.
pub const IDS_MAX: usize = 10_000;

/// One thing that a commit changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The campaign or its counters.
    Campaign(CampaignId),
    /// The call; of which campaign, where it belongs to one.
    Call(CallId, Option<CampaignId>),
    /// The call was never placed, and its row is gone.
    Undone(UndoneCall),
}

/// A call that was begun and taken back: the carrier did not take it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UndoneCall {
    /// The call.
    pub call: CallId,
    /// Of which campaign; none: a single call.
    pub campaign: Option<CampaignId>,
    /// Whose.
    pub owner: UserId,
}

/// What changed at about the same moment.
///
/// Every field has a default, so that a process of another version can read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Changes {
    /// Campaigns.
    pub campaigns: BTreeSet<CampaignId>,
    /// Calls, and the campaigns they belong to.
    pub calls: BTreeMap<CallId, Option<CampaignId>>,
    /// Calls that are no more.
    pub undone: BTreeSet<UndoneCall>,
    /// True where more changed than is listed here: whoever shows anything should look again.
    pub is_partial: bool,
}

impl Changes {
    /// Adds `change`, unless that would be more than [`IDS_MAX`].
    pub fn note(&mut self, change: Change) {
        if self.len() >= IDS_MAX {
            self.is_partial = true;
            return;
        }
        match change {
            Change::Campaign(campaign) => drop(self.campaigns.insert(campaign)),
            Change::Call(call, campaign) => drop(self.calls.insert(call, campaign)),
            Change::Undone(undone) => drop(self.undone.insert(undone)),
        }
    }

    /// Adds all of `others`.
    pub fn absorb(&mut self, others: &Self) {
        self.is_partial |= others.is_partial;
        let campaigns = others.campaigns.iter().map(|id| Change::Campaign(*id));
        let calls = others.calls.iter().map(|(id, of)| Change::Call(*id, *of));
        let undone = others.undone.iter().map(|undone| Change::Undone(*undone));
        for change in campaigns.chain(calls).chain(undone) {
            self.note(change);
        }
    }

    /// How many things changed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.campaigns.len() + self.calls.len() + self.undone.len()
    }

    /// True where nothing did.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && !self.is_partial
    }
}

/// What one process tells all others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Something changed.
    Changed(Changes),
    /// This many clients watch at the process that says so.
    Present(u32),
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_notice_holds_a_bounded_number_of_ids_and_says_so_beyond() {
        let mut changes = Changes::default();
        for _ in 0..IDS_MAX + 5 {
            changes.note(Change::Campaign(CampaignId::from_uuid(Uuid::now_v7())));
        }
        assert_eq!(changes.len(), IDS_MAX);
        assert!(changes.is_partial);
        let mut others = Changes::default();
        others.absorb(&changes);
        assert_eq!(others, changes);
    }

    #[test]
    fn a_notice_survives_the_way_and_one_of_another_version_can_be_read() {
        let call = CallId::from_uuid(Uuid::now_v7());
        let campaign = Some(CampaignId::from_uuid(Uuid::now_v7()));
        let owner = UserId::from_uuid(Uuid::now_v7());
        let mut changes = Changes::default();
        changes.note(Change::Call(call, campaign));
        changes.note(Change::Undone(UndoneCall {
            call,
            campaign,
            owner,
        }));
        let notice = Notice::Changed(changes);
        let wire = serde_json::to_string(&notice).unwrap();
        assert_eq!(serde_json::from_str::<Notice>(&wire).unwrap(), notice);
        let other = r#"{"changed":{"campaigns":[],"unheard_of":1}}"#;
        assert_eq!(
            serde_json::from_str::<Notice>(other).unwrap(),
            Notice::Changed(Changes::default())
        );
    }
}
