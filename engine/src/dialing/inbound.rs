//! Calls that somebody else begins: the carrier tells of them, and they are logged. Nothing is done to them.

use carriers::CarrierKind;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{CallId, CallStatus, Direction, PhoneNumber, UserId};
use entity::call;
use uuid::Uuid;

use super::Dialing;
use super::report::{CallReport, CarrierSays, Learned};
use crate::error::EngineError;
use crate::store::inbox::Receipt;
use crate::store::{self, calls::BLANK};

/// How late news of a call may come for its begin to be taken from them.
const LATE_MAX: TimeDelta = TimeDelta::hours(24);

/// News of a call to one of our numbers.
#[derive(Clone, Debug)]
pub struct InboundNews {
    /// Who carries it.
    pub carrier: CarrierKind,
    /// The carrier's name for it.
    pub carrier_call_id: String,
    /// Who calls; `None`: they do not show.
    pub from: Option<PhoneNumber>,
    /// Our number.
    pub to: PhoneNumber,
    /// When it began, as far as this news tells.
    pub begun_at: Option<DateTime<Utc>>,
    /// What the carrier says.
    pub says: CarrierSays,
    /// The webhook it came with.
    pub receipt: Receipt,
}

impl Dialing {
    /// Takes news of an inbound call into the books. Its row is made by whatever news comes first, under a key that rests on
    /// the carrier's name alone: news in any order, and copies of them, fall together.
    ///
    /// It belongs to whoever called this person last from that number: they are called back. Who was never called, or does
    /// not show, calls the owner of the campaign that used the number last, else the oldest administrator; where there is
    /// none of these, the call is not logged. A call that we placed under this name is left alone.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer: the carrier tells it again.
    pub async fn hear_inbound(&self, news: InboundNews) -> Result<(), EngineError> {
        let name = format!("{}:{}", news.carrier, news.carrier_call_id);
        let id = CallId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()));
        let db = self.parts.database.writer();
        if store::calls::find(db, id).await?.is_none() {
            if store::inbound_calls::is_name_of_another(db, &news.carrier_call_id, id).await? {
                return Ok(());
            }
            let Some(owner) = self.owner_of(&news).await? else {
                tracing::warn!("a call to one of our numbers belongs to nobody, and is not logged");
                return Ok(());
            };
            store::inbound_calls::insert_new(db, self.inbound_row(id, owner, &news)).await?;
        }
        let report = CallReport {
            call: id,
            receipt: Some(news.receipt),
            learned: Learned::Carrier(news.says),
        };
        self.learn(report).await
    }

    async fn owner_of(&self, news: &InboundNews) -> Result<Option<UserId>, EngineError> {
        let db = self.parts.database.reader();
        let number = news.to.expose();
        if let Some(from) = &news.from
            && let Some(owner) =
                store::inbound_calls::last_caller_of(db, from.expose(), number).await?
        {
            return Ok(Some(owner));
        }
        if let Some(owner) = store::campaigns::last_owner_of(db, number).await? {
            return Ok(Some(owner));
        }
        Ok(store::users::oldest_admin(db).await?)
    }

    fn inbound_row(&self, id: CallId, owner: UserId, news: &InboundNews) -> call::Model {
        let now = self.parts.clock.now();
        let check_after = TimeDelta::seconds(i64::from(self.parts.config.check_after_s));
        let is_likely = |at: &DateTime<Utc>| *at <= now && *at >= now - LATE_MAX;
        let from = news.from.as_ref().map(PhoneNumber::expose);
        call::Model {
            id: id.into_uuid(),
            owner_id: owner.into_uuid(),
            direction: Direction::Inbound.to_string(),
            carrier: news.carrier.as_str().to_owned(),
            carrier_call_id: Some(news.carrier_call_id.clone()),
            from_number: from.unwrap_or_default().to_owned(),
            to_number: news.to.expose().to_owned(),
            status: CallStatus::Initiated.to_string(),
            begun_at: news.begun_at.filter(is_likely).unwrap_or(now),
            check_at: Some(now + check_after),
            created_at: now,
            updated_at: now,
            ..BLANK
        }
    }
}
