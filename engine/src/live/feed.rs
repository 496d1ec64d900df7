//! From notices to news: reads what changed, once for everybody, and tells it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::{CallId, CampaignId};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Instant, sleep, timeout_at};

use super::Desk;
use super::audience::Interest;
use super::notice::{Change, Changes};
use super::notices::Heard;
use super::update::{CallSeen, News, Update};
use crate::campaigns::{CampaignDetail, held_back};
use crate::error::EngineError;
use crate::store;

/// How long changes are gathered before they are read. With the 50 ms between notices, and the reading, news are told
/// well within 250 ms.
const GATHER: Duration = Duration::from_millis(75);
/// The pause after a reading that failed.
const PAUSE: Duration = Duration::from_millis(500);
/// Rows read by one statement.
const ROWS_MAX: usize = 500;
/// Campaigns and calls that are looked at again where notices may have been lost.
const LOOK_AGAIN_MAX: u64 = 1_000;

/// Follows `heard` as long as there is a desk.
pub(super) async fn follow(desk: Weak<Desk>, mut heard: Receiver<Heard>) {
    let mut pending = Changes::default();
    loop {
        if pending.is_empty() && !take_in(&desk, &mut pending, heard.recv().await) {
            return;
        }
        if pending.is_empty() {
            continue;
        }
        let until = Instant::now() + GATHER;
        while let Ok(next) = timeout_at(until, heard.recv()).await {
            if !take_in(&desk, &mut pending, next) {
                return;
            }
        }
        let Some(desk) = desk.upgrade() else { return };
        match desk.tell_changes(&pending).await {
            Ok(()) => pending = Changes::default(),
            Err(error) => {
                tracing::debug!(?error, "live news have to wait");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Notes what was heard; false once there is nothing to follow any more.
fn take_in(desk: &Weak<Desk>, pending: &mut Changes, heard: Result<Heard, RecvError>) -> bool {
    let Some(desk) = desk.upgrade() else {
        return false;
    };
    match heard {
        Ok(Heard::Present { process, clients }) => desk.others.hear(process, clients),
        // What nobody wants is not even kept.
        _ if desk.audience.count() == 0 => {}
        Ok(Heard::Changed(changes)) => pending.absorb(&changes),
        Ok(Heard::Missed) | Err(RecvError::Lagged(_)) => pending.is_partial = true,
        Err(RecvError::Closed) => return false,
    }
    true
}

impl Desk {
    /// Reads what changed as far as anybody wants it, and tells it to those who may see it.
    async fn tell_changes(&self, changes: &Changes) -> Result<(), EngineError> {
        let Some(interest) = self.audience.interest() else {
            return Ok(());
        };
        let mut changes = changes.clone();
        if changes.is_partial {
            self.look_again(&mut changes).await?;
        }
        let campaigns: Vec<CampaignId> = changes
            .campaigns
            .into_iter()
            .filter(|id| interest.has(Some(*id)))
            .collect();
        let calls: Vec<CallId> = changes
            .calls
            .into_iter()
            .filter(|(_, campaign)| interest.has(*campaign))
            .map(|(id, _)| id)
            .collect();
        for ids in calls.chunks(ROWS_MAX) {
            self.audience.tell(&self.calls(ids, &interest).await?);
        }
        let undone = changes.undone.into_iter();
        let undone: Vec<Arc<Update>> = undone
            .map(|call| Update::new(News::CallUndone(call)))
            .collect();
        for ids in campaigns.chunks(ROWS_MAX) {
            self.audience.tell(&self.campaigns(ids, &interest).await?);
        }
        self.audience.tell(&undone);
        Ok(())
    }

    async fn calls(
        &self,
        ids: &[CallId],
        interest: &Interest,
    ) -> Result<Vec<Arc<Update>>, EngineError> {
        let db = self.database.reader();
        let rows = store::live::calls(db, ids, interest.owners.as_ref()).await?;
        let mut updates = Vec::with_capacity(rows.len());
        for call in rows.into_iter().map(CallSeen::from) {
            // Looking after a call changes its row as well, and nothing that is shown.
            if self.told_calls.get(&call.id()).as_ref() == Some(&call) {
                continue;
            }
            self.told_calls.insert(call.id(), call.clone());
            updates.push(Update::new(News::Call(Box::new(call))));
        }
        Ok(updates)
    }

    async fn campaigns(
        &self,
        ids: &[CampaignId],
        interest: &Interest,
    ) -> Result<Vec<Arc<Update>>, EngineError> {
        let db = self.database.reader();
        let rows = store::live::campaigns(db, ids, interest.owners.as_ref()).await?;
        let mut found: Vec<CampaignDetail> = rows.into_iter().map(CampaignDetail::from).collect();
        held_back::note(db, &mut found, &self.means, self.clock.now()).await?;
        let updates = found.into_iter().map(|campaign| {
            let id = CampaignId::from_uuid(campaign.row.id);
            if campaign.row.deleted_at.is_some() {
                self.told_campaigns.invalidate(&id);
                let owner = domain::UserId::from_uuid(campaign.row.owner_id);
                return Update::new(News::CampaignDeleted { id, owner });
            }
            self.told_campaigns.insert(id, ());
            Update::new(News::Campaign(Box::new(campaign)))
        });
        Ok(updates.collect())
    }

    /// Adds whatever may have changed unheard: what was shown before as not over, and what goes on now.
    async fn look_again(&self, changes: &mut Changes) -> Result<(), EngineError> {
        let db = self.database.reader();
        let active = store::live::active_campaigns(db, LOOK_AGAIN_MAX).await?;
        let live = store::live::live_calls(db, LOOK_AGAIN_MAX).await?;
        let shown = self.told_calls.iter();
        let shown = shown
            .filter(|(_, call)| !call.is_settled)
            .map(|(id, call)| {
                let campaign = call.campaign_id.map(CampaignId::from_uuid);
                Change::Call(*id, campaign)
            });
        let before = self
            .told_campaigns
            .iter()
            .map(|(id, ())| Change::Campaign(*id));
        let now = active.into_iter().map(Change::Campaign);
        let calls = live.into_iter().map(|(id, of)| Change::Call(id, of));
        for change in now.chain(calls).chain(shown).chain(before) {
            changes.note(change);
        }
        Ok(())
    }
}
