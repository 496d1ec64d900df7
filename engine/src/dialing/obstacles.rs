//! What stands between a campaign and its calls: the route it chooses, and the carrier that its number is from.

use std::fmt;

use ::carriers::CarrierKind;
use domain::CallRoute;
use entity::campaign::Model;
use sea_orm::{ConnectionTrait, DbErr};

use super::{Carriers, Dialing, Lines};
use crate::campaigns::AgentConfig;
use crate::campaigns::agent_config::{
    FIRST_MESSAGE, HANG_UP, LANGUAGE, MAX_DURATION, PROMPT, RECORD, VOICE_ID,
};
use crate::store;

/// What this process can do. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Means {
    carriers: Carriers,
    route: CallRoute,
    has_sip_host: bool,
}

impl fmt::Debug for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Means")
            .field("carriers", &self.carriers.kinds())
            .field("route", &self.route)
            .field("has_sip_host", &self.has_sip_host)
            .finish()
    }
}

/// Why no call can be made as the campaign wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Obstacle {
    /// For programs.
    pub code: &'static str,
    /// For people: what to change.
    pub message: String,
}

impl Dialing {
    /// What this process can do for campaigns.
    pub(crate) fn means(&self) -> Means {
        Means {
            carriers: self.parts.carriers.clone(),
            route: self.parts.config.route,
            has_sip_host: self.parts.config.agent_sip_host.is_some(),
        }
    }
}

impl Means {
    /// What stands in the way of the calls of `row`, if anything does that is known here.
    ///
    /// # Errors
    /// What the database says.
    pub async fn obstacle(
        &self,
        db: &impl ConnectionTrait,
        row: &Model,
    ) -> Result<Option<Obstacle>, DbErr> {
        let carrier = match self.carrier_of(db, row).await? {
            Ok(carrier) => carrier,
            Err(obstacle) => return Ok(Some(obstacle)),
        };
        let message = match (carrier, self.route_of(row)) {
            (CarrierKind::Exotel, CallRoute::Sip) => {
                "Exotel dials no agent over SIP; set agentConfig.route to stream or agent"
            }
            (_, CallRoute::Sip) if !self.has_sip_host => {
                "calls over SIP need ELEVENLABS_SIP_HOST, which is empty; fill it in, or set agentConfig.route to \
                 another route"
            }
            _ => return Ok(None),
        };
        let (code, message) = ("route_not_available", message.to_owned());
        Ok(Some(Obstacle { code, message }))
    }

    /// What `row` wishes and nobody will heed on its route, in a sentence.
    ///
    /// # Errors
    /// What the database says.
    pub async fn unheard(
        &self,
        db: &impl ConnectionTrait,
        row: &Model,
    ) -> Result<Option<String>, DbErr> {
        let said = AgentConfig::said(row);
        if said.is_empty() {
            return Ok(None);
        }
        let carrier = self.carrier_of(db, row).await?.ok();
        let (unheard, why): (&[&str], _) = match (self.route_of(row), carrier) {
            (CallRoute::Sip, _) => (
                &[LANGUAGE, FIRST_MESSAGE, PROMPT, VOICE_ID],
                "the agent is the one that its provider connects with the number",
            ),
            (CallRoute::Stream, Some(CarrierKind::Exotel)) => (
                &[
                    LANGUAGE,
                    FIRST_MESSAGE,
                    PROMPT,
                    VOICE_ID,
                    MAX_DURATION,
                    HANG_UP,
                ],
                "the agent is the one of Exotel's flow, and nobody can hang up there",
            ),
            (CallRoute::Agent, _) => (
                &[RECORD, HANG_UP],
                "the agent's provider makes the calls: it records as it is set up, and nobody can hang up on machines",
            ),
            (CallRoute::Stream, _) => (&[], ""),
        };
        let unheard: Vec<&str> = said
            .into_iter()
            .filter(|key| unheard.contains(key))
            .collect();
        let verb = match unheard[..] {
            [] => return Ok(None),
            [_] => "changes",
            _ => "change",
        };
        let keys = listed(&unheard);
        Ok(Some(format!(
            "{keys} in agentConfig {verb} nothing on this route: {why}"
        )))
    }

    /// What of the calls of `row` does not reach us, whatever is said in them, in a sentence.
    ///
    /// # Errors
    /// What the database says.
    pub async fn untold(
        &self,
        db: &impl ConnectionTrait,
        row: &Model,
    ) -> Result<Option<String>, DbErr> {
        let is_in_flow = self.route_of(row) == CallRoute::Stream
            && self.carrier_of(db, row).await? == Ok(CarrierKind::Exotel);
        let message = "what is said in a flow of Exotel's does not reach the dialer: there is no transcript, and who asks \
                       there not to be called, or to be called back, is not heard; with agentConfig.route agent both are";
        Ok(is_in_flow.then(|| message.to_owned()))
    }

    /// Which carrier is asked for the calls of each of `rows`, in their order; `None` where the agent's provider calls by
    /// itself.
    ///
    /// # Errors
    /// What the database says.
    pub async fn asked_by<'a>(
        &self,
        db: &impl ConnectionTrait,
        rows: impl Iterator<Item = &'a Model> + Clone,
    ) -> Result<Vec<Option<CarrierKind>>, DbErr> {
        let numbers = rows.clone().filter_map(|row| row.phone_number.as_deref());
        let lines = Lines::of(db, &self.carriers, numbers).await?;
        let asked = |row: &Model| match self.route_of(row) {
            CallRoute::Stream | CallRoute::Sip => {
                Some(lines.carrier_of(row.phone_number.as_deref().unwrap_or_default()))
            }
            CallRoute::Agent => None,
        };
        Ok(rows.map(asked).collect())
    }

    fn route_of(&self, row: &Model) -> CallRoute {
        AgentConfig::of(row).route.unwrap_or(self.route)
    }

    /// The carrier that the number of `row` is from, if it is configured.
    async fn carrier_of(
        &self,
        db: &impl ConnectionTrait,
        row: &Model,
    ) -> Result<Result<CarrierKind, Obstacle>, DbErr> {
        let default = self.carriers.default_kind();
        let Some(number) = row.phone_number.as_deref() else {
            return Ok(Ok(default));
        };
        let offered = store::phone_numbers::offered(db, [number]).await?;
        let its = |kind: &CarrierKind| offered.iter().any(|row| row.provider == kind.as_str());
        if let Some(kind) = self.carriers.kinds().into_iter().find(its) {
            return Ok(Ok(kind));
        }
        let Some(kind) = CarrierKind::ALL.iter().copied().find(its) else {
            return Ok(Ok(default));
        };
        let message = format!(
            "the campaign's number is from {kind}, which is not configured; set {}, or another number",
            keys_of(kind)
        );
        Ok(Err(Obstacle {
            code: "carrier_not_configured",
            message,
        }))
    }
}

/// `a, b and c`.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What an operator has to configure.
const fn keys_of(carrier: CarrierKind) -> &'static str {
    match carrier {
        CarrierKind::SignalWire => {
            "SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN"
        }
        CarrierKind::Exotel => {
            "EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY, EXOTEL_API_TOKEN, EXOTEL_FLOW_URL and EXOTEL_WEBHOOK_TOKEN"
        }
    }
}
