//! cXML answer documents: what the dialer wants done with a call.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

/// The largest document that is read, as documented.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 64 * 1024;

/// How deep elements may nest; no real document comes near.
const DEPTH_MAX: usize = 16;

/// One instruction of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Hangup,
    Pause {
        seconds: u64,
    },
    Connect(Stream),
    Dial(Dial),
    Redirect {
        url: String,
        is_get: bool,
    },
    /// Something that takes no time here, such as `<Say>`.
    Other,
}

/// `<Connect><Stream url>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    pub url: String,
    pub parameters: Vec<(String, String)>,
}

/// `<Dial>`: a second leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dial {
    pub target: DialTarget,
    pub caller_id: Option<String>,
    pub action: Option<String>,
    pub is_get: bool,
    pub timeout_s: u64,
    pub time_limit_s: u64,
}

/// Whom a `<Dial>` calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DialTarget {
    Number(String),
    Sip(String),
}

/// Reads a document. The error carries SignalWire's code of the fault and a sentence.
pub(crate) fn parse(xml: &str) -> Result<Vec<Verb>, String> {
    if xml.len() > DOCUMENT_BYTES_MAX {
        return Err(format!(
            "11750 document of {} bytes is too large",
            xml.len()
        ));
    }
    let root = tree(xml).map_err(|why| format!("12100 {why}"))?;
    if root.name != "Response" {
        return Err(format!(
            "12100 the root element is <{}>, not <Response>",
            root.name
        ));
    }
    root.children
        .iter()
        .map(verb)
        .collect::<Result<_, _>>()
        .map_err(|why| format!("12100 {why}"))
}

fn verb(element: &Element) -> Result<Verb, String> {
    Ok(match element.name.as_str() {
        "Hangup" => Verb::Hangup,
        "Pause" => Verb::Pause {
            seconds: element.number("length", 1)?,
        },
        "Redirect" => Verb::Redirect {
            url: element.text.trim().into(),
            is_get: element.is_get(),
        },
        "Connect" => {
            let stream = element
                .child("Stream")
                .ok_or("<Connect> without <Stream>")?;
            Verb::Connect(Stream {
                url: stream
                    .attribute("url")
                    .ok_or("<Stream> without url")?
                    .into(),
                parameters: stream.children.iter().filter_map(parameter).collect(),
            })
        }
        "Dial" => Verb::Dial(Dial {
            target: dial_target(element)?,
            caller_id: element.attribute("callerId").map(Into::into),
            action: element.attribute("action").map(Into::into),
            is_get: element.is_get(),
            timeout_s: element.number("timeout", 30)?,
            time_limit_s: element.number("timeLimit", 14_400)?,
        }),
        _ => Verb::Other,
    })
}

fn parameter(element: &Element) -> Option<(String, String)> {
    let wanted = element.name == "Parameter";
    let value = element.attribute("value").unwrap_or_default();
    wanted.then(|| {
        element
            .attribute("name")
            .map(|name| (name.into(), value.into()))
    })?
}

fn dial_target(dial: &Element) -> Result<DialTarget, String> {
    let text = |element: &Element| element.text.trim().to_owned();
    if let Some(sip) = dial.child("Sip") {
        return Ok(DialTarget::Sip(text(sip)));
    }
    let number = dial.child("Number").map_or_else(|| text(dial), text);
    if number.is_empty() {
        return Err("<Dial> without a number".into());
    }
    Ok(DialTarget::Number(number))
}

#[derive(Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn open(start: &BytesStart<'_>) -> Result<Self, String> {
        let mut element = Self {
            name: start.name().0.to_owned(),
            ..Self::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|e| e.to_string())?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|e| e.to_string())?;
            element
                .attributes
                .push((attribute.key.0.to_owned(), value.into_owned()));
        }
        Ok(element)
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    fn number(&self, name: &str, default: u64) -> Result<u64, String> {
        let Some(text) = self.attribute(name) else {
            return Ok(default);
        };
        text.parse()
            .map_err(|_| format!("<{} {name}=\"{text}\"> is not a number", self.name))
    }

    fn is_get(&self) -> bool {
        self.attribute("method")
            .is_some_and(|method| method.eq_ignore_ascii_case("GET"))
    }
}

fn tree(xml: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(xml);
    // The bottom of the stack holds the root once it is closed.
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|e| e.to_string())?;
        let Some(top) = open.last_mut() else {
            return Err("unbalanced elements".into());
        };
        match event {
            Event::Start(start) => {
                open.push(Element::open(&start)?);
                if open.len() > DEPTH_MAX {
                    return Err("elements nest too deep".into());
                }
            }
            Event::Empty(start) => top.children.push(Element::open(&start)?),
            Event::End(_) => close(&mut open)?,
            Event::Text(text) => top.text.push_str(&text.xml10_content()),
            Event::CData(text) => top.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => top.text.push_str(&resolve(&reference)?),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    let mut roots = open.swap_remove(0).children;
    if !open.is_empty() || roots.len() != 1 {
        return Err("there must be exactly one root element, closed".into());
    }
    Ok(roots.swap_remove(0))
}

fn close(open: &mut Vec<Element>) -> Result<(), String> {
    let closed = open.pop().ok_or("unbalanced elements")?;
    open.last_mut()
        .ok_or("unbalanced elements")?
        .children
        .push(closed);
    Ok(())
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|e| e.to_string())? {
        return Ok(character.into());
    }
    resolve_predefined_entity(reference)
        .map(Into::into)
        .ok_or_else(|| format!("unknown entity &{};", &**reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_stream_with_its_parameters() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Connect>
            <Stream url="wss://x.example/a"><Parameter name="a" value="1 &amp; 2"/></Stream>
            </Connect></Response>"#;
        let stream = Stream {
            url: "wss://x.example/a".into(),
            parameters: vec![("a".into(), "1 & 2".into())],
        };
        assert_eq!(parse(xml), Ok(vec![Verb::Connect(stream)]));
    }

    #[test]
    fn a_dial_over_sip_keeps_its_limits() {
        let xml = r#"<Response><Dial timeLimit="1800" action="http://d/x?a=1&amp;b=2">
            <Sip>sip:+15551234567@sip.rtc.elevenlabs.io:5060;transport=tcp</Sip></Dial></Response>"#;
        let Ok(verbs) = parse(xml) else {
            panic!("the document is good")
        };
        let Verb::Dial(dial) = &verbs[0] else {
            panic!("it is a dial")
        };
        assert_eq!(dial.action.as_deref(), Some("http://d/x?a=1&b=2"));
        assert_eq!((dial.timeout_s, dial.time_limit_s), (30, 1_800));
        assert!(matches!(&dial.target, DialTarget::Sip(sip) if sip.ends_with("transport=tcp")));
    }

    #[test]
    fn text_with_entities_is_put_together() {
        let xml = "<Response><Redirect>http://d/x?a=1&amp;b=&#50;</Redirect></Response>";
        let url = "http://d/x?a=1&b=2".to_owned();
        assert_eq!(parse(xml), Ok(vec![Verb::Redirect { url, is_get: false }]));
    }

    #[test]
    fn an_empty_response_is_a_document_and_anything_broken_is_not() {
        assert_eq!(parse("<Response/>"), Ok(vec![]));
        for broken in [
            "",
            "{}",
            "<Response>",
            "<Html/>",
            "<Response></Dial></Response>",
            "<Response><Dial/></Response>",
            "<Response/><Response/>",
            "<Response>&nope;</Response>",
        ] {
            let result = parse(broken);
            assert!(
                result.as_ref().is_err_and(|e| e.starts_with("12100")),
                "{broken}: {result:?}"
            );
        }
    }
}
