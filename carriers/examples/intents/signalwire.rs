//! What is asked of SignalWire.

use anyhow::Context as _;
use carriers::{CallKey, Carrier as _, PlaceCall, SignalWire, SignalWireConfig};
use chrono::{DateTime, Utc};
use simulator::SimulatorConfig;

use crate::{Intent, RING_TIMEOUT_S, call_id, from, to};

/// Below this SignalWire finds us; nobody is there.
const WEBHOOKS: &str = "http://127.0.0.1:9/webhooks/signalwire/calls/1";

/// Where the document of a redirected call is.
const DOCUMENT: &str = "http://127.0.0.1:9/webhooks/signalwire/calls/1/transfer?to=Sales+Team";

/// Does what is asked for; `false`: that is none of SignalWire's.
pub(crate) async fn fulfil(intent: &Intent) -> anyhow::Result<bool> {
    let client = client(intent)?;
    match intent.name.as_str() {
        "place-call" => drop(client.place(&call(false)?).await?),
        "place-call-in-full" => drop(client.place(&call(true)?).await?),
        "look-up-call" => drop(client.look_up(&key(Some(intent.id()?))?).await?),
        "list-calls" => drop(client.look_up(&key(None)?).await?),
        "hang-up" => client.hang_up(intent.id()?).await?,
        "redirect" => {
            let is_done = client.redirect(intent.id()?, &DOCUMENT.parse()?).await?;
            anyhow::ensure!(is_done, "the call is not going on");
        }
        "list-numbers" => drop(client.list_numbers().await?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn client(intent: &Intent) -> anyhow::Result<SignalWire> {
    let network = SimulatorConfig::default();
    let base_url = intent.base.join("/api/laml/2010-04-01")?;
    SignalWire::new(SignalWireConfig {
        base_url,
        project_id: network.project_id,
        api_token: network.api_token.into(),
        place_timeout: SignalWireConfig::PLACE_TIMEOUT,
        request_timeout: SignalWireConfig::REQUEST_TIMEOUT,
    })
    .context("the client of SignalWire")
}

/// A call; `in_full`: with everything that can be wanted of one.
fn call(in_full: bool) -> anyhow::Result<PlaceCall> {
    Ok(PlaceCall {
        call_id: call_id()?,
        to: to()?,
        from: from()?,
        webhook_base: WEBHOOKS.parse()?,
        ring_timeout_s: RING_TIMEOUT_S,
        detect_machine: in_full,
        record: in_full,
    })
}

/// The call of that name; without one, all between the two numbers since 1970.
fn key(carrier_call_id: Option<&str>) -> anyhow::Result<CallKey> {
    Ok(CallKey {
        carrier_call_id: carrier_call_id.map(str::to_owned),
        to: to()?,
        from: from()?,
        begun_at: DateTime::<Utc>::UNIX_EPOCH,
    })
}
