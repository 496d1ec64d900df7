//! What the dialer's documents can do with a call.

use simulator::Behaviour;
use simulator::recorder::{CallbackKind, EndStatus};

use crate::dialer::{Dialer, Document, FROM, TO, eventually};

const OTHER: &str = "+12025550199";
const LONG: Behaviour = Behaviour::Answer { talk_ms: 2_000_000 };

fn response(verbs: &str) -> Document {
    Document::Xml(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{verbs}</Response>"
    ))
}

#[tokio::test]
async fn hang_up_ends_the_call() {
    let dialer = Dialer::with(LONG).await;
    dialer.serve(response("<Hangup/>"));
    dialer.accepted(TO).await;
    assert_eq!(
        dialer.finished(TO).await.end_status,
        Some(EndStatus::Completed)
    );
    assert!(dialer.webhooks().is_empty(), "no agent, no conversation");
}

#[tokio::test]
async fn a_document_that_cannot_be_used_ends_the_call_and_is_recorded() {
    for (document, code) in [
        (Document::Status(500), "11217"),
        (Document::Xml("<Response><Dial>".into()), "12100"),
        (Document::Xml("{}".into()), "12100"),
    ] {
        let dialer = Dialer::with(LONG).await;
        dialer.serve(document);
        dialer.accepted(TO).await;
        let call = dialer.finished(TO).await;
        assert_eq!(call.end_status, Some(EndStatus::Completed));
        let why = call.document_error.unwrap();
        assert!(why.starts_with(code), "{why}");
    }
}

#[tokio::test]
async fn a_dialled_number_reports_its_end_to_the_action() {
    for (behaviour, status, duration) in [
        (Behaviour::Answer { talk_ms: 5_000 }, "completed", "5"),
        (Behaviour::Busy, "busy", "0"),
        (Behaviour::NoAnswer, "no-answer", "0"),
        (Behaviour::Failed, "failed", "0"),
    ] {
        let dialer = Dialer::with(LONG).await;
        dialer.simulator.people().script(OTHER, vec![behaviour]);
        let dial = format!(
            "<Dial callerId=\"{FROM}\" timeout=\"25\" action=\"dial-result\">\
             <Number>{OTHER}</Number></Dial>"
        );
        dialer.serve(response(&dial));
        let (_, sid) = dialer.accepted(TO).await;
        let result = dialer.event("dial-result").await;
        assert_eq!(result.get("CallSid"), sid.to_string());
        assert_eq!(result.get("DialCallStatus"), status);
        assert_eq!(result.get("DialCallDuration"), duration);
        let (_, legs) = dialer.get(&format!("/Calls?ParentCallSid={sid}")).await;
        assert_eq!(legs["calls"][0]["sid"], result.get("DialCallSid"));
        assert_eq!(legs["calls"][0]["direction"], "outbound-dial");
        let call = dialer.finished(TO).await;
        assert!(
            call.callbacks
                .iter()
                .any(|callback| callback.kind == CallbackKind::DialAction)
        );
        assert_eq!(
            dialer.simulator.recorder().len(),
            1,
            "the leg is no create request"
        );
    }
}

#[tokio::test]
async fn a_call_is_redirected_from_the_agent_to_a_second_person() {
    let dialer = Dialer::with(LONG).await;
    dialer
        .simulator
        .people()
        .script(OTHER, vec![Behaviour::Answer { talk_ms: 1_000 }]);
    let (call_id, sid) = dialer.accepted(TO).await;
    eventually("the agent", || async {
        let (_, list) = dialer.elevenlabs("/conversations").await;
        (list["conversations"][0]["status"] == "in-progress").then_some(())
    })
    .await;
    dialer.serve(response(&format!(
        "<Dial action=\"dial-result\"><Number>{OTHER}</Number></Dial><Hangup/>"
    )));
    let (status, _) = dialer
        .update(sid, &[("Url", &dialer.hook(call_id, "transfer"))])
        .await;
    assert_eq!(status, 200);
    assert_eq!(
        dialer.event("dial-result").await.get("DialCallStatus"),
        "completed"
    );
    assert_eq!(
        dialer.finished(TO).await.end_status,
        Some(EndStatus::Completed)
    );
    let legs = dialer.simulator.recorder().legs();
    assert_eq!((legs.len(), legs[0].parent_sid), (1, sid));
    assert_eq!((&*legs[0].to, &*legs[0].from), (OTHER, FROM));
    assert_eq!(legs[0].end_status, EndStatus::Completed);
    let webhook = eventually("the report", || async { dialer.webhooks().pop() }).await;
    assert_eq!(
        webhook["data"]["analysis"]["call_successful"], "unknown",
        "it was cut short"
    );
}

#[tokio::test]
async fn an_elevenlabs_number_is_reached_over_sip() {
    let dialer = Dialer::with(Behaviour::Answer { talk_ms: 8_000 }).await;
    let sip = format!("sip:{FROM}@sip.rtc.elevenlabs.io:5060;transport=tcp");
    dialer.serve(response(&format!(
        "<Dial action=\"dial-result\"><Sip>{sip}</Sip></Dial>"
    )));
    let (_, sid) = dialer.accepted(TO).await;
    assert_eq!(
        dialer.event("dial-result").await.get("DialCallStatus"),
        "completed"
    );
    let webhook = eventually("the report", || async { dialer.webhooks().pop() }).await;
    let phone_call = &webhook["data"]["metadata"]["phone_call"];
    assert_eq!(phone_call["type"], "sip_trunking");
    assert_eq!(phone_call["external_number"], TO);
    assert_eq!(phone_call["call_sid"], sid.to_string());
    assert_eq!(webhook["data"]["analysis"]["call_successful"], "success");
}

#[tokio::test]
async fn a_sip_number_without_an_agent_fails() {
    let dialer = Dialer::with(LONG).await;
    let sip = "sip:+19995550000@sip.rtc.elevenlabs.io:5060;transport=tcp";
    dialer.serve(response(&format!(
        "<Dial action=\"dial-result\"><Sip>{sip}</Sip></Dial>"
    )));
    dialer.accepted(TO).await;
    assert_eq!(
        dialer.event("dial-result").await.get("DialCallStatus"),
        "failed"
    );
}

#[tokio::test]
async fn pauses_and_redirects_are_followed() {
    let dialer = Dialer::with(LONG).await;
    dialer.serve(response(
        "<Say>hello</Say><Pause length=\"3\"/><Redirect>answer</Redirect>",
    ));
    dialer.accepted(TO).await;
    eventually("the third visit", || async {
        (dialer
            .events()
            .iter()
            .filter(|e| e.kind == "answer")
            .count()
            >= 3)
            .then_some(())
    })
    .await;
    dialer.serve(response("<Hangup/>"));
    assert_eq!(dialer.finished(TO).await.document_error, None);
}
