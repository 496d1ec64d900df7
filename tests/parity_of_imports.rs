//! Both generations take contacts in alike.

use reqwest::Method;
use serde_json::{Value, json};
use simulator::Behaviour;

use crate::parity::assert_agree;
use crate::support::api::{Answer, Api, answer};
use crate::support::people::{alike, as_contacts, number};
use crate::support::{Dialer, Options, Stack, on_both_stacks};
use crate::v1_campaigns::path;

on_both_stacks!(
    both_generations_take_in_the_same_contacts,
    both_generations_refuse_the_same_contacts,
);

/// Sends `body` to each generation's campaign; what is said of the first one and of the second.
async fn import_by_both(api: &Api, ids: [&str; 2], (kind, body): (&str, &str)) -> [Answer; 2] {
    let [first, second] = ids;
    let paths = [
        format!("/api/campaigns/{first}/contacts"),
        format!("{}/contacts", path(second)),
    ];
    let [ours, theirs] = paths.map(async |path| {
        let request = api.request(Method::POST, &path);
        let request = request.header("content-type", kind).body(body.to_owned());
        answer(request).await
    });
    [ours.await, theirs.await]
}

async fn two_campaigns(api: &Api) -> [String; 2] {
    [
        api.create_campaign(json!({ "name": "first" })).await,
        api.create_campaign(json!({ "name": "second" })).await,
    ]
}

async fn both_generations_take_in_the_same_contacts(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let ids = two_campaigns(api).await;
    let ids = [ids[0].as_str(), ids[1].as_str()];
    let rows = json!({ "contacts": [
        { "phoneNumber": number(264, 0), "name": "John Doe", "metadata": { "plan": "gold" } },
        { "phoneNumber": number(264, 1), "First Name": "Ada", "city": "Pune", "timezone": "Asia/Kolkata" },
        { "phoneNumber": number(264, 0) }, { "phoneNumber": "12" }, 5,
    ] });
    // More than other requests may have.
    let large: Vec<Value> = (100..200)
        .map(|index| json!({ "phoneNumber": number(264, index), "metadata": { "note": "x".repeat(15_000) } }))
        .collect();
    let large = json!({ "contacts": large }).to_string();
    let csv = format!(
        "phone;name;plan\n{};Bob;iron\n{};;\nnobody;;\n",
        number(264, 2),
        number(264, 0)
    );
    for (kind, body, figures) in [
        ("application/json", rows.to_string(), [2, 1, 2]),
        ("text/csv", csv, [1, 1, 1]),
        ("application/json", large, [100, 0, 0]),
    ] {
        let [ours, theirs] = import_by_both(api, ids, (kind, &body)).await;
        let (ours, theirs) = (ours.with(200), theirs.with(200)["data"].take());
        for (name, figure) in ["added", "duplicates", "errorCount"]
            .into_iter()
            .zip(figures)
        {
            assert_eq!(ours[name], figure, "{name}");
            assert_eq!(theirs[name], figure, "{name}");
        }
        assert_eq!(ours["errors"], theirs["errors"]);
        let [added, known, refused] = figures;
        let message =
            format!("Contacts added: {added}, known already: {known}, refused: {refused}");
        assert_eq!(ours["message"], message);
    }
    for id in ids {
        assert_agree(api, id).await;
    }
    let [ours, theirs] = ids.map(async |id| {
        let listed = api
            .get(&format!("/api/campaigns/{id}/contacts?limit=10000"))
            .await
            .ok();
        let contacts = listed["contacts"].as_array().expect("a list").clone();
        let told = contacts.into_iter().map(|mut contact| {
            for own in ["id", "createdAt", "updatedAt", "nextAttemptAt"] {
                contact[own].take();
            }
            contact
        });
        told.collect::<Vec<_>>()
    });
    let ours = ours.await;
    assert_eq!(ours.len(), 103);
    assert_eq!(ours, theirs.await);
}

async fn both_generations_refuse_the_same_contacts(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let ids = two_campaigns(api).await;
    let ids = [ids[0].as_str(), ids[1].as_str()];
    let good = as_contacts(&alike(265, 1, &Behaviour::Busy)).to_string();
    for (kind, body, status) in [
        ("application/json", "", 400),
        ("application/json", r#"{"contacts": [{"#, 400),
        ("application/json", "{}", 422),
        ("application/json", r#"{"contacts": 5}"#, 422),
        ("text/csv", "", 422),
        ("text/csv", "name\nAda\n", 422),
        ("text/plain", good.as_str(), 415),
    ] {
        let [ours, theirs] = import_by_both(api, ids, (kind, body)).await;
        assert_eq!(ours.with(status), theirs.with(status), "{kind}: {body}");
    }
    for id in ids {
        assert_eq!(api.campaign(id).await["stats"]["totalContacts"], 0);
        let canceled = json!({ "status": "canceled" });
        api.put(&format!("/api/campaigns/{id}"), canceled)
            .await
            .ok();
    }
    let [ours, theirs] = import_by_both(api, ids, ("application/json", &good)).await;
    assert_eq!(ours.with(409), theirs.with(409));
    let nobodys = "00000000-0000-4000-8000-000000000000";
    let [ours, theirs] = import_by_both(api, [nobodys; 2], ("application/json", &good)).await;
    assert_eq!(ours.with(404), theirs.with(404));
}
