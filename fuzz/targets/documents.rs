//! What we tell a carrier to do with a call: well-formed XML, whatever stands in it, with the same texts.
#![no_main]

use carriers::signalwire::cxml::{DialNumber, DialSip, dial_number, dial_sip};
use domain::PhoneNumber;
use libfuzzer_sys::fuzz_target;
use roxmltree::{Document, Node};
use url::Url;

/// No address has a control character, and XML cannot carry most of them: they are left out.
fn carried(text: &str) -> String {
    let is_carried = |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().filter(is_carried).collect()
}

/// The path of elements down to the only leaf.
fn only_leaf<'a>(document: &'a Document<'_>, names: [&str; 3]) -> (Node<'a, 'a>, Node<'a, 'a>) {
    let response = document.root_element();
    let dial = response.first_element_child().expect("what to do");
    let leaf = dial.first_element_child().expect("whom to dial");
    assert_eq!(
        [response, dial, leaf].map(|node| node.tag_name().name()),
        names
    );
    let elements = document.descendants().filter(Node::is_element);
    assert_eq!(elements.count(), 3, "nothing else is told");
    (dial, leaf)
}

fuzz_target!(|input: (&str, &str, u16, u32)| {
    let (uri, path, timeout_s, time_limit_s) = input;
    let number = PhoneNumber::parse("+12025550100", None).expect("a number");
    let base: Url = "https://dialer.example.com/".parse().expect("an address");
    let Ok(action) = base.join(path) else {
        return;
    };
    let sip = dial_sip(&DialSip {
        uri,
        caller_id: &number,
        action: &action,
        time_limit_s,
    });
    let document = Document::parse(&sip).unwrap_or_else(|error| panic!("{error}: {sip:?}"));
    let (dial, leaf) = only_leaf(&document, ["Response", "Dial", "Sip"]);
    assert_eq!(leaf.text().unwrap_or_default(), carried(uri), "{sip:?}");
    assert_eq!(dial.attribute("action"), Some(action.as_str()));
    assert_eq!(dial.attribute("callerId"), Some(number.expose()));
    assert_eq!(
        dial.attribute("timeLimit"),
        Some(time_limit_s.to_string().as_str())
    );
    let call = dial_number(&DialNumber {
        number: &number,
        caller_id: &number,
        action: &action,
        timeout_s,
        time_limit_s,
    });
    let document = Document::parse(&call).unwrap_or_else(|error| panic!("{error}: {call:?}"));
    let (dial, leaf) = only_leaf(&document, ["Response", "Dial", "Number"]);
    assert_eq!(leaf.text(), Some(number.expose()));
    assert_eq!(dial.attribute("action"), Some(action.as_str()));
    let timeout: u16 = dial
        .attribute("timeout")
        .and_then(|text| text.parse().ok())
        .expect("seconds");
    assert!((5..=600).contains(&timeout));
});
