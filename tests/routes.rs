//! How a call reaches its agent, from the API to the carrier and back.

use serde_json::json;
use simulator::Behaviour;

use crate::support::people::{Person, TALK_MS, alike};
use crate::support::{Dialer, Options, Stack, campaign, on_both_stacks};

on_both_stacks!(campaigns_choose_their_routes_side_by_side,);

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
