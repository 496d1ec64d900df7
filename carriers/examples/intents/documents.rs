//! The documents that lead a call, written to standard output.

use carriers::signalwire::cxml::{self, DialNumber, DialSip};
use url::Url;

use crate::{Intent, from, to};

/// Where SignalWire asks what to do once a leg is over. Has what XML must not have as it is.
const ACTION: &str = "http://127.0.0.1:9/webhooks/signalwire/calls/1/dial-result?a=1&b=%3C2%3E";

/// The agent, over SIP.
const AGENT: &str = "sip:+12025550100@sip.rtc.elevenlabs.io:5060;transport=tcp";

/// Writes the document that is asked for; `false`: there is none of that name.
pub(crate) fn fulfil(intent: &Intent) -> anyhow::Result<bool> {
    let (caller_id, action) = (&from()?, &Url::parse(ACTION)?);
    let document = match intent.name.as_str() {
        "document-hang-up" => cxml::hangup(),
        "document-dial-agent" => cxml::dial_sip(&DialSip {
            uri: AGENT,
            caller_id,
            action,
            time_limit_s: 1_800,
        }),
        "document-dial-number" => cxml::dial_number(&DialNumber {
            number: &to()?,
            caller_id,
            action,
            timeout_s: 25,
            time_limit_s: 14_400,
        }),
        _ => return Ok(false),
    };
    println!("{document}");
    Ok(true)
}
