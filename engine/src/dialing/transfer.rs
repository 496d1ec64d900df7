//! The document of a call that is being handed on: whom the carrier dials now.

use std::sync::Arc;

use carriers::CarrierKind;
use carriers::signalwire::Callback;
use carriers::signalwire::cxml::{self, DialNumber, DialSip};
use domain::{CallId, CampaignId, PhoneNumber, TransferStatus};
use entity::call;

use super::Dialing;
use super::report::{CallReport, Learned, Transfer};
use crate::campaigns::transfer::{Line, TransferTarget, named, targets};
use crate::error::EngineError;
use crate::store;

/// Seconds a colleague may talk with the person: what SignalWire grants at most.
pub(super) const TALK_S_MAX: u32 = 14_400;

impl Dialing {
    /// The document for the call `id`, which an agent had handed on.
    ///
    /// The person hears ringing until the target picks up; the target sees the campaign's number. That the transfer began is
    /// noted meanwhile. A call that is over in our books, or whose target the campaign does not name any more or has
    /// turned off meanwhile, is hung up: the agent has left it already.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer.
    pub async fn transfer_document(self: &Arc<Self>, id: CallId) -> Result<String, EngineError> {
        let db = self.parts.database.reader();
        let found = store::calls::find(db, id).await?;
        let Some(call) = found.filter(|call| call.settled_at.is_none()) else {
            return Ok(cxml::hangup());
        };
        let Some(target) = self.target_of(&call).await? else {
            tracing::warn!(call.id = %id, "the target of call {id} is gone; hanging up");
            return Ok(cxml::hangup());
        };
        // Somebody is listening: the document does not wait for the books. The result tells once more that it began.
        let dialing = Arc::clone(self);
        tokio::spawn(async move {
            let began = transferred(id, TransferStatus::Initiated);
            dialing.note_if_possible(began).await;
        });
        Ok(self.dial(id, &call, &target))
    }

    /// Notes that the transfer of the call `id` has come as far as `status`.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer: nothing was noted.
    pub async fn note_transfer(
        &self,
        id: CallId,
        status: TransferStatus,
    ) -> Result<(), EngineError> {
        self.learn(transferred(id, status)).await
    }

    async fn target_of(&self, call: &call::Model) -> Result<Option<TransferTarget>, EngineError> {
        let (Some(campaign), Some(name)) = (call.campaign_id, &call.transfer_target) else {
            return Ok(None);
        };
        let campaign = CampaignId::from_uuid(campaign);
        let rows = store::campaigns::find_all(self.parts.database.reader(), [campaign]).await?;
        let targets = rows.get(&campaign).map(targets).transpose()?;
        let target = named(&targets.unwrap_or_default(), name).cloned();
        Ok(target.filter(|target| target.is_enabled))
    }

    fn dial(&self, id: CallId, call: &call::Model, target: &TransferTarget) -> String {
        let config = &self.parts.config;
        let base = config.webhook_base(CarrierKind::SignalWire, id);
        let action = &Callback::TransferResult.url(&base);
        let caller_id = &PhoneNumber::from_stored(call.from_number.clone());
        match &target.line {
            Line::Phone(number) => cxml::dial_number(&DialNumber {
                number,
                caller_id,
                action,
                timeout_s: config.ring_timeout_s,
                time_limit_s: TALK_S_MAX,
            }),
            Line::Sip(uri) => cxml::dial_sip(&DialSip {
                uri,
                caller_id,
                action,
                time_limit_s: TALK_S_MAX,
            }),
        }
    }
}

fn transferred(call: CallId, status: TransferStatus) -> CallReport {
    let transfer = Transfer {
        target: None,
        status,
    };
    CallReport::of(call, Learned::Transfer(transfer))
}
