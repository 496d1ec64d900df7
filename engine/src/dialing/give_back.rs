//! A queued contact that is not dialled now goes back to where it came from.

use chrono::{DateTime, Utc};
use domain::{CampaignId, ContactStatus};
use entity::contact;

use crate::store::counters::{Ledger, moved, wake_by};

/// Returns the queued `contact`, uncharged and due no earlier than `until`, in its row and in the counters.
///
/// The room it leaves may be somebody else's at once, so the campaign is looked at again now, not only at `until`.
pub(super) fn give_back(
    contact: &mut contact::Model,
    ledger: &mut Ledger,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) {
    let to = if contact.attempts == 0 {
        ContactStatus::Pending
    } else {
        ContactStatus::Contacted
    };
    contact.status = to.to_string();
    contact.queued_at = None;
    contact.next_attempt_at = Some(contact.next_attempt_at.map_or(until, |due| due.max(until)));
    contact.updated_at = now;
    if let Some(row) = ledger.edit(CampaignId::from_uuid(contact.campaign_id)) {
        moved(row, ContactStatus::Queued, to);
        wake_by(row, now);
    }
}
