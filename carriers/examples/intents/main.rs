//! Does one thing that the dialer does at a provider, and ends: what it sends is compared with what the vendors' own SDKs
//! send for the same intent (`make sdk-check`).
//!
//! `cargo run -p carriers --example intents -- BASE INTENT [ID]`; `BASE` is the address of a simulator, or of what stands
//! before it. Numbers, ids and words are those of `scripts/sdk-check/intents.py`, credentials the simulator's own.

mod deepgram;
mod documents;
mod elevenlabs;
mod signalwire;

use anyhow::{Context as _, bail};
use domain::{CallId, PhoneNumber};
use url::Url;

/// The person called.
const TO: &str = "+12125550142";
/// The number shown.
const FROM: &str = "+12025550100";
/// Our name of the call.
const CALL_ID: &str = "0190c7a0-0000-7000-8000-000000000042";
/// Seconds of ringing.
const RING_TIMEOUT_S: u16 = 30;

/// What is to be done, and to what.
struct Intent {
    base: Url,
    name: String,
    id: Option<String>,
}

impl Intent {
    fn read(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let base = arguments.next().context("BASE is missing")?;
        Ok(Self {
            base: base.parse().context("BASE is no address")?,
            name: arguments.next().context("INTENT is missing")?,
            id: arguments.next(),
        })
    }

    /// The provider's name of what is asked about.
    fn id(&self) -> anyhow::Result<&str> {
        self.id.as_deref().context("ID is missing")
    }
}

fn to() -> anyhow::Result<PhoneNumber> {
    Ok(PhoneNumber::parse(TO, None)?)
}

fn from() -> anyhow::Result<PhoneNumber> {
    Ok(PhoneNumber::parse(FROM, None)?)
}

fn call_id() -> anyhow::Result<CallId> {
    Ok(CALL_ID.parse()?)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let intent = Intent::read(std::env::args().skip(1))?;
    if documents::fulfil(&intent)?
        || signalwire::fulfil(&intent).await?
        || elevenlabs::fulfil(&intent).await?
        || deepgram::fulfil(&intent).await?
    {
        return Ok(());
    }
    bail!("there is no intent {:?}", intent.name)
}
