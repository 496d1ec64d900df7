//! The documents that tell SignalWire what to do with a call.
//!
//! Source: SignalWire, cXML reference, "Hangup", "Dial", "Number" and "Sip". Names are case-sensitive. A document may
//! have 64 kB; these have a few hundred bytes.

use std::io;

use domain::PhoneNumber;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use url::Url;

/// The content type of every document.
pub const CONTENT_TYPE: &str = "application/xml";

/// What remains when a document cannot be written: a call without instructions ends.
const EMPTY: &str = "<Response/>";

/// Ends the call.
#[must_use]
pub fn hangup() -> String {
    document(|writer| {
        writer.create_element("Hangup").write_empty()?;
        Ok(())
    })
}

/// Connects the call with a SIP address, such as that of a voice agent.
#[derive(Clone, Debug)]
pub struct DialSip<'a> {
    /// For example `sip:+15551234567@sip.rtc.elevenlabs.io:5060;transport=tcp`. Name the transport: without one
    /// SignalWire takes TLS.
    pub uri: &'a str,
    /// The number shown to the far end.
    pub caller_id: &'a PhoneNumber,
    /// Where SignalWire asks what to do once the leg is over.
    pub action: &'a Url,
    /// Seconds after which the leg is ended. SignalWire's own limit is 14,400.
    pub time_limit_s: u32,
}

/// Writes [`DialSip`]. The person hears ringing until the far end answers.
#[must_use]
pub fn dial_sip(dial: &DialSip<'_>) -> String {
    let time_limit_s = dial.time_limit_s.to_string();
    let attributes = [
        ("answerOnBridge", "true"),
        ("callerId", dial.caller_id.expose()),
        ("timeLimit", &time_limit_s),
        ("action", dial.action.as_str()),
    ];
    dial_document(&attributes, "Sip", dial.uri)
}

/// Connects the call with another telephone, such as that of a human colleague.
#[derive(Clone, Debug)]
pub struct DialNumber<'a> {
    /// Whom to call.
    pub number: &'a PhoneNumber,
    /// The number shown there; must belong to the project.
    pub caller_id: &'a PhoneNumber,
    /// Where SignalWire asks what to do once the leg is over.
    pub action: &'a Url,
    /// Seconds of ringing, 5 to 600.
    pub timeout_s: u16,
    /// Seconds after which the leg is ended. SignalWire's own limit is 14,400.
    pub time_limit_s: u32,
}

/// Writes [`DialNumber`].
#[must_use]
pub fn dial_number(dial: &DialNumber<'_>) -> String {
    let timeout_s = dial.timeout_s.clamp(5, 600).to_string();
    let time_limit_s = dial.time_limit_s.to_string();
    let attributes = [
        ("callerId", dial.caller_id.expose()),
        ("timeout", &timeout_s),
        ("timeLimit", &time_limit_s),
        ("action", dial.action.as_str()),
    ];
    dial_document(&attributes, "Number", dial.number.expose())
}

fn dial_document(attributes: &[(&str, &str)], noun: &str, whom: &str) -> String {
    document(|writer| {
        writer
            .create_element("Dial")
            .with_attributes(attributes.iter().copied())
            .write_inner_content(|writer| {
                writer
                    .create_element(noun)
                    .write_text_content(BytesText::new(&carried(whom)))?;
                Ok(())
            })?;
        Ok(())
    })
}

/// `text` without what XML cannot carry, and without what no address has: control characters.
fn carried(text: &str) -> String {
    let is_carried = |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().filter(is_carried).collect()
}

fn document(content: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>) -> String {
    let mut writer = Writer::new(Vec::new());
    let written = writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| {
            writer
                .create_element("Response")
                .write_inner_content(content)
                .map(|_| ())
        });
    // Writing to memory does not fail and texts are UTF-8; a call must not go silent should that change.
    match (written, String::from_utf8(writer.into_inner())) {
        (Ok(()), Ok(text)) => text,
        _ => EMPTY.to_owned(),
    }
}
