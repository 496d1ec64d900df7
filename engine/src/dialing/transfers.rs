//! A call is handed on to somebody else: noted in its row, and counted once.

use domain::{CallId, CampaignId, TransferStatus};

use super::books::Books;
use super::report::Transfer;
use crate::store::foreign::{NAME_CHARS_MAX, text};

impl Books {
    /// Notes how far handing the call on has come. News may come twice and in any order: a later stage implies the
    /// earlier ones, and none is ever taken back.
    pub(super) fn note_transfer(&mut self, id: CallId, news: &Transfer) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        let known: Option<TransferStatus> = call
            .transfer_status
            .as_deref()
            .and_then(|word| word.parse().ok());
        let has_begun = |status: Option<TransferStatus>| status > Some(TransferStatus::Requested);
        if !has_begun(known) {
            let target = news
                .target
                .as_deref()
                .map(|name| text(name, NAME_CHARS_MAX));
            call.transfer_target = target.or(call.transfer_target.take());
        }
        if known >= Some(news.status) {
            self.touch(id);
            return;
        }
        call.transfer_status = Some(news.status.to_string());
        call.is_transferred |= has_begun(Some(news.status));
        let is_new = has_begun(Some(news.status)) && !has_begun(known);
        let is_taken = news.status == TransferStatus::Completed;
        let campaign = call.campaign_id.map(CampaignId::from_uuid);
        if let Some(row) = campaign.map(|campaign| self.counters.of(campaign)) {
            row.transfers += i32::from(is_new);
        }
        self.rollups.of(call).transferred(is_new, is_taken);
        self.touch(id);
    }
}
