//! Whom a call is handed on to, and who is turned off (P5).

use sea_orm::Set;
use serde_json::{Value, json};

use crate::agent_tools::{id, talking, transfer};
use crate::on_both;
use crate::stage::Stage;

/// Somebody with a telephone; `enabled` as it stands in the configuration.
fn target(name: &str, number: &str, enabled: Value) -> Value {
    json!({ "name": name, "type": "phone", "number": number, "enabled": enabled })
}

async fn has_targets(stage: &Stage, targets: &[Value]) {
    let config = json!({ "enabled": true, "transferTargets": targets });
    stage
        .change(|row| row.transfer_config = Set(Some(config)))
        .await;
}

/// Nothing came of a hand-over, and the agent talks on.
async fn talk_goes_on(stage: &Stage) {
    assert!(stage.carrier.redirected.lock().is_empty());
    assert!(stage.carrier.hung_up.lock().is_empty());
    let row = stage.live_calls().await.remove(0);
    assert_eq!((row.transfer_target, row.transfer_status), (None, None));
    assert_eq!(stage.counters().await.transfers, 0);
}

on_both! {
    async fn a_target_that_is_turned_off_is_answered_with_those_that_are_not(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        has_targets(&stage, &[
            target("Sales", "+18005557890", json!(false)),
            target("Support", "+18005557891", json!(true)),
            json!({ "name": "Billing", "type": "sip", "endpoint": "sip:billing@example.com" }),
        ]).await;
        let answer = transfer(&stage, &call, "SALES").await;
        assert!(!answer.is_done);
        assert_eq!(
            answer.message,
            "The transfer target \"Sales\" is turned off. There are: Support, Billing. Go on talking."
        );
        // One that is turned off is not offered to who asks for nobody that there is.
        let answer = transfer(&stage, &call, "Legal").await;
        assert_eq!(
            answer.message,
            "There is no transfer target \"Legal\". There are: Support, Billing. Go on talking."
        );
        talk_goes_on(&stage).await;
        assert!(transfer(&stage, &call, "Support").await.is_done);
        let xml = stage.dialing.transfer_document(id(&call)).await.expect("a document");
        assert!(xml.contains("<Number>+18005557891</Number>"), "{xml}");
    }

    async fn where_every_target_is_turned_off_nobody_is_offered(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        has_targets(&stage, &[target("Sales", "+18005557890", json!(false))]).await;
        let answer = transfer(&stage, &call, "Sales").await;
        assert!(!answer.is_done);
        assert_eq!(
            answer.message,
            "The transfer target \"Sales\" is turned off, and there is no other. Go on talking."
        );
        let answer = transfer(&stage, &call, "Legal").await;
        assert_eq!(answer.message, "Calls of this campaign cannot be handed on. Go on talking.");
        talk_goes_on(&stage).await;
    }

    async fn of_two_targets_of_one_name_the_one_that_is_not_turned_off_is_meant(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        has_targets(&stage, &[
            target("Sales", "+18005557890", json!(false)),
            target("Sales", "+18005557891", json!(true)),
        ]).await;
        assert!(transfer(&stage, &call, "Sales").await.is_done);
        let xml = stage.dialing.transfer_document(id(&call)).await.expect("a document");
        assert!(xml.contains("<Number>+18005557891</Number>"), "{xml}");
    }

    async fn a_target_that_is_turned_off_between_the_wish_and_the_document_is_not_dialled(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        has_targets(&stage, &[target("Sales", "+18005557890", json!(true))]).await;
        assert!(transfer(&stage, &call, "Sales").await.is_done);
        has_targets(&stage, &[target("Sales", "+18005557890", json!(false))]).await;
        let xml = stage.dialing.transfer_document(id(&call)).await.expect("a document");
        assert!(xml.contains("<Hangup/>") && !xml.contains("<Dial"), "{xml}");
    }

    async fn a_word_that_was_kept_before_it_meant_anything_turns_nobody_off(stage: Stage) {
        let mut stage = stage;
        let call = talking(&mut stage).await;
        for kept in [json!("no"), json!(0), json!(null), json!({})] {
            has_targets(&stage, &[target("Sales", "+18005557890", kept)]).await;
            assert!(transfer(&stage, &call, "Sales").await.is_done);
        }
    }
}
