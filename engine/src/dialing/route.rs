//! How a call reaches its agent: by its campaign's choice, or by what is configured.

use carriers::CarrierKind;
use domain::CallRoute;
use domain::progress::News;
use entity::call;

use super::report::{CallReport, Learned};
use super::{Dialing, DialingConfig};
use crate::error::EngineError;
use crate::store;

/// The route that was chosen when `call` was begun. Calls from before there was a choice go by the configuration.
pub(super) fn route_of(call: &call::Model, config: &DialingConfig) -> CallRoute {
    let chosen = call.route.as_deref().and_then(|word| word.parse().ok());
    chosen.unwrap_or(config.route)
}

/// False where nothing that is said in `call` can reach us: in a flow of Exotel's nothing carries our name, neither the
/// conversation nor what the agent does meanwhile.
pub(super) fn is_heard_of(call: &call::Model, config: &DialingConfig) -> bool {
    let is_in_flow = call.carrier == CarrierKind::Exotel.as_str();
    !(is_in_flow && route_of(call, config) == CallRoute::Stream)
}

impl Dialing {
    /// Takes in `report`, which came with the end of a leg that a call's document dialled. Over SIP that leg is the agent:
    /// where it was not picked up, which `failure` tells in words, nobody spoke with the person.
    ///
    /// # Errors
    /// `Unavailable` where the database does not answer: nothing was taken in.
    pub async fn learn_of_leg(
        &self,
        mut report: CallReport,
        failure: Option<String>,
    ) -> Result<(), EngineError> {
        if let (Some(reason), Learned::Carrier(says)) = (failure, &mut report.learned) {
            let call = store::calls::find(self.parts.database.reader(), report.call).await?;
            let is_agent =
                call.is_some_and(|call| route_of(&call, &self.parts.config) == CallRoute::Sip);
            if is_agent {
                says.news.push(News::AgentFailed { reason });
            }
        }
        self.learn(report).await
    }
}
