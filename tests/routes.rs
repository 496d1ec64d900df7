//! How a call reaches its agent, from the API to the carrier and back.

use serde_json::json;
use simulator::Behaviour;

use crate::support::people::{Person, TALK_MS, alike, number};
use crate::support::{Dialer, Options, Stack, campaign, on_both_stacks};

on_both_stacks!(
    campaigns_choose_their_routes_side_by_side,
    the_agents_platform_calls_by_itself,
);

/// How calls over SIP and calls over streams are told apart by what the carrier saw.
fn legs_of(dialer: &Dialer, person: &Person) -> Vec<String> {
    let recorder = dialer.simulator.recorder();
    let call = recorder.calls_to(&person.number).remove(0);
    let sid = call.sid().expect("the carrier's id");
    let legs = recorder.legs();
    let legs = legs.iter().filter(|leg| leg.parent_sid == sid);
    legs.map(|leg| leg.to.to_string()).collect()
}

async fn campaigns_choose_their_routes_side_by_side(stack: Stack) {
    let mut options = Options::default();
    // Over SIP the report of a conversation does not name our call: the contact waits for it in vain.
    options.env.insert("CONVERSATION_WAIT_S", "2".to_owned());
    let dialer = Dialer::start(stack, options).await;
    let people = alike(281, 2, &Behaviour::Answer { talk_ms: TALK_MS });
    for (person, config) in people.iter().zip([json!({ "route": "sip" }), json!({})]) {
        let fields = json!({ "agentConfig": config });
        let one = [person.clone()];
        let id = campaign::run_with(&dialer, fields, &one).await;
        let path = format!("/api/campaigns/{id}/contacts");
        let contacts = dialer.api.get(&path).await.ok();
        assert_eq!(contacts["contacts"][0]["status"], "completed", "{contacts}");
    }
    let over_sip = legs_of(&dialer, &people[0]);
    assert_eq!(over_sip.len(), 1, "{over_sip:?}");
    assert!(over_sip[0].starts_with("sip:+12025550100@sip.rtc.elevenlabs.io"));
    assert!(legs_of(&dialer, &people[1]).is_empty());
}

/// What becomes of a person whom the platform calls: how often it did, and where the contact stands.
const LIVES: [(&[Behaviour], usize, &str); 5] = [
    (&[ANSWER], 1, "completed"),
    (&[Behaviour::Busy, ANSWER], 2, "completed"),
    (&[Behaviour::NoAnswer], 3, "failed"),
    (&[Behaviour::Voicemail, ANSWER], 2, "completed"),
    (&[NEVER_AGAIN], 1, "do_not_call"),
];
const ANSWER: Behaviour = Behaviour::Answer { talk_ms: TALK_MS };
const NEVER_AGAIN: Behaviour = Behaviour::AskDoNotCall { talk_ms: TALK_MS };

async fn the_agents_platform_calls_by_itself(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let people: Vec<Person> = (LIVES.iter().enumerate())
        .map(|(index, (script, ..))| Person {
            number: number(285, index),
            script: script.to_vec(),
        })
        .collect();
    let fields = json!({ "agentConfig": { "route": "agent" } });
    let id = campaign::run_with(&dialer, fields, &people).await;
    let path = format!("/api/campaigns/{id}/contacts");
    let contacts = dialer.api.get(&path).await.ok();
    let contacts = contacts["contacts"].as_array().expect("contacts");
    for (person, (_, calls, status)) in people.iter().zip(LIVES) {
        let made = dialer.simulator.recorder().calls_to(&person.number);
        assert_eq!(made.len(), calls, "{person:?}");
        // A carrier would have been asked for documents, and would have reported.
        assert!(made.iter().all(|call| call.callbacks.is_empty()));
        let contact = contacts
            .iter()
            .find(|contact| contact["phoneNumber"] == person.number.as_str());
        assert_eq!(
            contact.expect("the contact")["status"],
            status,
            "{person:?}"
        );
    }
    assert_eq!(dialer.simulator.recorder().live_now(), 0);
}
