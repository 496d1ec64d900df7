//! ElevenLabs' webhook: one address for all its events.

use axum::extract::State;
use axum::http::HeaderMap;
use carriers::elevenlabs::DataCollectionIds;
use carriers::elevenlabs::signature::{HEADER, verify};
use carriers::elevenlabs::webhook::{self, InitiationFailure, WebhookEvent};
use domain::CallId;
use engine::EngineError;
use engine::dialing::{CallReport, Learned, NotBegun};
use engine::fail_point;
use engine::store::inbox::Receipt;
use tracing::{debug, warn};

use super::{header, refused};
use crate::http::App;
use crate::http::error::ApiError;
use crate::http::extract::Body;

const PROVIDER: &str = "elevenlabs";
/// A longer key is not kept: what it comes with is learned each time, which changes nothing the second time.
const KEY_BYTES_MAX: usize = 255;

/// A conversation is over, or did not begin.
///
/// Whatever is authentic gets a 200, also what we cannot read or have no use for: ElevenLabs takes anything else for a
/// failure and stops sending after ten. Only where our database does not answer it is told to try again.
pub async fn event(
    State(app): State<App>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<(), ApiError> {
    if let Some(secrets) = &app.trust.elevenlabs_secrets {
        let now = app.engine.clock.now();
        verify(secrets, header(&headers, HEADER), &body, now)
            .map_err(|error| refused(PROVIDER, error))?;
    }
    let event = match webhook::parse(&body, &DataCollectionIds::default()) {
        Ok(event) => event,
        Err(error) => {
            warn!(%error, "an authentic webhook of ElevenLabs cannot be read");
            return Ok(());
        }
    };
    let key = event.event_key();
    if key.as_ref().is_some_and(|key| key.contains('\0')) {
        warn!("an authentic webhook of ElevenLabs names what no database can keep");
        return Ok(());
    }
    let Some((call, learned)) = understand(&app, event).await? else {
        return Ok(());
    };
    let key = key.filter(|key| key.len() <= KEY_BYTES_MAX);
    let receipt = key.map(|key| Receipt {
        key,
        provider: PROVIDER.into(),
        kind: "event".into(),
        received_at: app.engine.clock.now(),
    });
    let report = CallReport {
        call,
        receipt,
        learned,
    };
    app.engine.dialing.learn(report).await?;
    fail_point!("conversation.kept");
    Ok(())
}

/// Which call the event speaks of, and what it teaches; `None`: none that we know, or nothing.
async fn understand(
    app: &App,
    event: WebhookEvent,
) -> Result<Option<(CallId, Learned)>, EngineError> {
    Ok(match event {
        WebhookEvent::Conversation { report, .. } => {
            let call = app.engine.call_of(&report).await?;
            if call.is_none() {
                debug!(
                    conversation.id = report.conversation_id,
                    "a conversation of no call of ours"
                );
            }
            call.map(|call| (call, Learned::Conversation(report)))
        }
        WebhookEvent::InitiationFailure(failure) => {
            let call = match failure.call_id {
                Some(call) => Some(call),
                None => app.engine.call_in(&failure.conversation_id).await?,
            };
            call.map(|call| (call, Learned::NotBegun(not_begun(&failure))))
        }
        WebhookEvent::Ignored { kind } => {
            debug!(kind, "an event of no use");
            None
        }
    })
}

fn not_begun(failure: &InitiationFailure) -> NotBegun {
    NotBegun {
        conversation_id: failure.conversation_id.clone(),
        reason: format!("no conversation began: {}", failure.reason),
        end: failure.end,
    }
}
