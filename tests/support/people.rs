//! Who is called, and what they do with it.

use serde_json::{Value, json};
use simulator::Behaviour;

/// Talk of a person who picks up, in simulated milliseconds.
pub const TALK_MS: u64 = 20_000;

/// One made-up person: a number, and what becomes of each call in turn; the last repeats.
#[derive(Clone, Debug)]
pub struct Person {
    pub number: String,
    pub script: Vec<Behaviour>,
}

const ANSWER: Behaviour = Behaviour::Answer { talk_ms: TALK_MS };
const CALL_ME_BACK: Behaviour = Behaviour::AskForCallback {
    talk_ms: TALK_MS,
    callback_after_ms: None,
};
const NEVER_AGAIN: Behaviour = Behaviour::AskDoNotCall { talk_ms: TALK_MS };

/// `count` people of seven kinds in turn; no two tests share an area, so no two share a number.
pub fn mixed(area: u16, count: usize) -> Vec<Person> {
    (0..count)
        .map(|index| {
            let script = match index % 8 {
                0 | 7 => vec![ANSWER],
                1 => vec![Behaviour::Busy, ANSWER],
                2 => vec![Behaviour::NoAnswer],
                3 => vec![Behaviour::Voicemail, ANSWER],
                4 => vec![CALL_ME_BACK, ANSWER],
                5 => vec![NEVER_AGAIN],
                _ => vec![Behaviour::Failed, Behaviour::Busy, ANSWER],
            };
            Person {
                number: number(area, index),
                script,
            }
        })
        .collect()
}

/// `count` people who all do `behaviour`, every time.
pub fn alike(area: u16, count: usize, behaviour: &Behaviour) -> Vec<Person> {
    (0..count)
        .map(|index| Person {
            number: number(area, index),
            script: vec![behaviour.clone()],
        })
        .collect()
}

/// A number that nobody has: `555` is no exchange.
pub fn number(area: u16, index: usize) -> String {
    assert!(
        index < 10_000 && (200..1000).contains(&area),
        "a North American number"
    );
    format!("+1{area}555{index:04}")
}

/// The people as the second generation of the API takes contacts.
pub fn as_contacts(people: &[Person]) -> Value {
    let contacts: Vec<Value> = people
        .iter()
        .enumerate()
        .map(|(index, person)| json!({ "phoneNumber": person.number, "name": format!("Person {index}") }))
        .collect();
    json!({ "contacts": contacts })
}
