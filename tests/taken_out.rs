//! Contacts taken out of a campaign by hand, put back, and taken away.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::Behaviour;

use crate::contacts::{added, path, seen};
use crate::support::api::refusal;
use crate::support::people::{TALK_MS, alike, number};
use crate::support::{Dialer, Options, PATIENCE, Stack, eventually, on_both_stacks};

on_both_stacks!(
    whoever_is_taken_out_for_good_is_called_by_no_campaign_of_the_owner,
    whoever_is_taken_out_can_be_put_back_before_the_first_call,
    a_contact_in_a_call_is_left_to_it_and_its_name_is_not,
    a_contact_taken_away_leaves_the_figures_of_its_calls,
    a_campaign_completes_when_its_last_open_contact_is_taken_out,
);

async fn whoever_is_taken_out_for_good_is_called_by_no_campaign_of_the_owner(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let owner = dialer.create_user("owner", "user");
    let people = alike(276, 2, &Behaviour::Answer { talk_ms: TALK_MS });
    dialer.rehearse(&people);
    let (id, other) = (
        owner.api.create_campaign(json!({})).await,
        owner.api.create_campaign(json!({})).await,
    );
    for campaign in [&id, &other] {
        owner.api.add(campaign, &people).await;
    }
    let listed = owner.api.get(&path(&id)).await.ok();
    let one = format!("{}/{}", path(&id), listed["contacts"][0]["id"]);
    // An administrator does it, and yet the number is the owner's not to call.
    let body = dialer
        .api
        .put(&one, json!({ "status": "do_not_call" }))
        .await
        .ok();
    assert_eq!(body["contact"]["status"], "do_not_call");
    assert_eq!(body["contact"]["nextAttemptAt"], Value::Null);
    let again = owner
        .api
        .put(&one, json!({ "status": "do_not_call" }))
        .await
        .ok();
    assert_eq!(again["contact"], body["contact"]);
    let back = owner
        .api
        .put(&one, json!({ "status": "pending" }))
        .await
        .with(409);
    assert_eq!(back["code"], "illegal_transition");
    for campaign in [&id, &other] {
        owner.api.command(campaign, "start").await.ok();
        owner.api.reaches(campaign, "completed", PATIENCE).await;
        let done = owner.api.get(&path(campaign)).await.ok();
        assert_eq!(done["contacts"][0]["status"], "do_not_call");
        assert_eq!(done["contacts"][1]["status"], "completed");
    }
    let calls = dialer.simulator.recorder().calls();
    assert_eq!(
        calls
            .iter()
            .filter(|call| *call.to == people[0].number)
            .count(),
        0
    );
    assert_eq!(
        calls
            .iter()
            .filter(|call| *call.to == people[1].number)
            .count(),
        2
    );
}

async fn whoever_is_taken_out_can_be_put_back_before_the_first_call(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let people = alike(277, 2, &Behaviour::Answer { talk_ms: TALK_MS });
    dialer.rehearse(&people);
    let id = api.create_campaign(json!({})).await;
    api.add(&id, &people).await;
    let listed = api.get(&path(&id)).await.ok();
    let [one, two] = [0, 1].map(|at| format!("{}/{}", path(&id), listed["contacts"][at]["id"]));
    for contact in [&one, &two] {
        let out = api.put(contact, json!({ "status": "canceled" })).await.ok();
        assert_eq!(out["contact"]["status"], "canceled");
        assert_eq!(out["contact"]["nextAttemptAt"], Value::Null);
    }
    let back = api.put(&two, json!({ "status": "pending" })).await.ok();
    assert_eq!(back["contact"]["status"], "pending");
    assert!(back["contact"]["nextAttemptAt"].is_string());
    api.command(&id, "start").await.ok();
    api.reaches(&id, "completed", PATIENCE).await;
    let called: Vec<String> = dialer
        .simulator
        .recorder()
        .calls()
        .iter()
        .map(|call| call.to.to_string())
        .collect();
    assert_eq!(called, [people[1].number.clone()]);
    let figures = api.figures(&id).await;
    assert_eq!(figures["totalNumbers"], 2);
    assert_eq!(figures["remainingNumbers"], 0);
}

async fn a_contact_in_a_call_is_left_to_it_and_its_name_is_not(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    // Half a minute of talk by the clock on the wall: it is ended by nobody but the test.
    let people = alike(
        278,
        1,
        &Behaviour::Answer {
            talk_ms: 30 * 40 * 1_000,
        },
    );
    dialer.rehearse(&people);
    let id = api.create_campaign(json!({})).await;
    api.add(&id, &people).await;
    let listed = api.get(&path(&id)).await.ok();
    let one = format!("{}/{}", path(&id), listed["contacts"][0]["id"]);
    api.command(&id, "start").await.ok();
    eventually("the call goes on", PATIENCE, async || {
        (seen(api, &one).await["status"] == "calling").then_some(())
    })
    .await;
    for change in [
        json!({ "status": "canceled" }),
        json!({ "status": "do_not_call" }),
        json!({ "phoneNumber": number(278, 9) }),
    ] {
        let body = api.put(&one, change).await.with(409);
        assert_eq!(body["code"], "contact_in_call");
    }
    refusal(api.request(Method::DELETE, &one), 409, "contact_in_call").await;
    let renamed = json!({ "name": "Ada", "metadata": { "a": 1 }, "status": "calling", "timezone": "Asia/Kolkata" });
    let changed = api.put(&one, renamed).await.ok();
    assert_eq!(changed["contact"]["name"], "Ada");
    assert_eq!(changed["contact"]["status"], "calling");
}

async fn a_contact_taken_away_leaves_the_figures_of_its_calls(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let people = alike(279, 3, &Behaviour::Answer { talk_ms: TALK_MS });
    dialer.rehearse(&people);
    let id = api.create_campaign(json!({})).await;
    api.add(&id, &people).await;
    api.command(&id, "start").await.ok();
    api.reaches(&id, "completed", PATIENCE).await;
    let v1 = format!("/api/v1/campaigns/{id}");
    let before = api.get(&v1).await.ok()["data"].take();
    assert_eq!(before["totalCalls"], 3);
    let listed = api.get(&path(&id)).await.ok();
    let one = format!("{}/{}", path(&id), listed["contacts"][1]["id"]);
    let gone = api.delete(&one).await.ok();
    assert_eq!(
        gone,
        json!({ "success": true, "message": "Contact deleted successfully" })
    );
    refusal(api.request(Method::GET, &one), 404, "contact_not_found").await;
    refusal(api.request(Method::DELETE, &one), 404, "contact_not_found").await;
    let after = api.get(&v1).await.ok()["data"].take();
    for figure in ["totalCalls", "completedCalls", "failedCalls"] {
        assert_eq!(after[figure], before[figure], "{figure}");
    }
    let stats = json!({
        "totalContacts": 2, "contactedCount": 2, "completedCount": 2, "failedCount": 0,
        "callbackCount": 0, "transferCount": 0,
    });
    assert_eq!(api.campaign(&id).await["stats"], stats);
    assert_eq!(api.get(&path(&id)).await.ok()["total"], 2);
}

async fn a_campaign_completes_when_its_last_open_contact_is_taken_out(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    for way in ["canceled", "do_not_call"] {
        let id = api
            .create_campaign(json!({ "startDate": "2090-01-01" }))
            .await;
        let one = added(api, &id, json!({ "phoneNumber": number(280, 0) })).await;
        let two = added(api, &id, json!({ "phoneNumber": number(280, 1) })).await;
        api.put(&one, json!({ "status": "canceled" })).await.ok();
        api.command(&id, "start").await.ok();
        api.put(&two, json!({ "status": way })).await.ok();
        api.reaches(&id, "completed", PATIENCE).await;
    }
    let id = api
        .create_campaign(json!({ "startDate": "2090-01-01" }))
        .await;
    let one = added(api, &id, json!({ "phoneNumber": number(280, 0) })).await;
    let two = added(api, &id, json!({ "phoneNumber": number(280, 1) })).await;
    api.put(&one, json!({ "status": "canceled" })).await.ok();
    api.command(&id, "start").await.ok();
    api.delete(&two).await.ok();
    api.reaches(&id, "completed", PATIENCE).await;
}
