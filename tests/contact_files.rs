//! Contacts carried out as CSV, and brought back.

use std::collections::BTreeSet;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use simulator::Behaviour;

use crate::support::api::{Api, answer, refusal};
use crate::support::people::{alike, number};
use crate::support::{Dialer, Options, Stack, on_both_stacks};

on_both_stacks!(
    contacts_are_csv_for_whoever_asks_for_it_and_json_for_everybody_else,
    a_file_has_everybody_and_a_page_of_it_that_page,
    what_is_exported_comes_back_as_it_was,
    no_cell_of_a_file_is_a_formula,
    what_calling_came_to_is_in_the_file_and_stays_there,
    a_question_that_makes_no_sense_is_refused_in_json,
);

/// The contacts of a campaign in either generation.
fn paths(campaign: &str) -> [String; 2] {
    ["", "/v1"].map(|generation| format!("/api{generation}/campaigns/{campaign}/contacts"))
}

const FIRST_LINE: &str = "phoneNumber,firstName,lastName,name,email,status,attempts,lastOutcome,lastError,\
    nextAttemptAt,lastAttemptAt,timezone,metadata,createdAt,updatedAt,id";

async fn asked(api: &Api, path: &str, accept: Option<&str>) -> Response {
    let request = api.request(Method::GET, path);
    let request = match accept {
        Some(accept) => request.header("accept", accept),
        None => request,
    };
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200, "{path}");
    response
}

/// The file at `path`.
async fn file(api: &Api, path: &str) -> String {
    let response = asked(api, path, Some("text/csv")).await;
    response.text().await.expect("a whole file")
}

/// The rows of a file, without the first line.
fn rows(file: &str) -> Vec<Vec<String>> {
    let mut lines = file.lines();
    assert_eq!(lines.next(), Some(FIRST_LINE));
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

async fn import(api: &Api, path: &str, file: &str) -> Value {
    let request = api.request(Method::POST, path);
    let request = request
        .header("content-type", "text/csv")
        .body(file.to_owned());
    answer(request).await.ok()
}

async fn contacts_are_csv_for_whoever_asks_for_it_and_json_for_everybody_else(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    api.add(&id, &alike(281, 2, &Behaviour::Busy)).await;
    for path in paths(&id) {
        for accept in [
            "text/csv",
            "text/csv;q=0.9, application/json;q=0.8",
            "text/csv, */*;q=0.1",
        ] {
            let response = asked(api, &path, Some(accept)).await;
            let header = |name: &str| {
                response.headers()[name]
                    .to_str()
                    .expect("a text")
                    .to_owned()
            };
            assert_eq!(header("content-type"), "text/csv; charset=utf-8");
            let name = format!("attachment; filename=\"contacts-{id}.csv\"");
            assert_eq!(header("content-disposition"), name);
            assert!(header("vary").contains("accept"));
            assert_eq!(rows(&response.text().await.expect("a file")).len(), 2);
        }
        for accept in [
            None,
            Some("*/*"),
            Some("application/json"),
            Some("text/csv;q=0.1, */*"),
        ] {
            let response = asked(api, &path, accept).await;
            let kind = &response.headers()["content-type"];
            assert_eq!(kind, "application/json", "{accept:?}");
            response.json::<Value>().await.expect("JSON");
        }
    }
}

async fn a_file_has_everybody_and_a_page_of_it_that_page(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    api.add(&id, &alike(291, 2_345, &Behaviour::Busy)).await;
    let [first, _] = paths(&id);
    let some = api.get(&format!("{first}?search=person%20234")).await.ok();
    let out = format!("{first}/{}", some["contacts"][0]["id"]);
    api.put(&out, json!({ "status": "canceled" })).await.ok();
    for path in paths(&id) {
        let everybody = rows(&file(api, &path).await);
        assert_eq!(everybody.len(), 2_345);
        let numbers: BTreeSet<&String> = everybody.iter().map(|row| &row[0]).collect();
        assert_eq!(numbers.len(), 2_345);
        assert_eq!(everybody[0][0], number(291, 0));
        let page = rows(&file(api, &format!("{path}?page=2&limit=1000")).await);
        assert_eq!(page, everybody[1_000..2_000]);
        assert_eq!(
            rows(&file(api, &format!("{path}?page=1")).await),
            everybody[..20]
        );
        let canceled = rows(&file(api, &format!("{path}?status=canceled")).await);
        assert_eq!(canceled, everybody[234..235]);
        let found = rows(&file(api, &format!("{path}?search=person%20234&status=pending")).await);
        assert_eq!(found, everybody[2_340..2_345]);
        assert_eq!(
            rows(&file(api, &format!("{path}?search=nobody")).await).len(),
            0
        );
    }
}

/// People with everything that is hard to write down.
fn awkward() -> Value {
    json!({ "contacts": [
        { "phoneNumber": number(283, 0), "name": "Plain" },
        { "phoneNumber": number(283, 1), "firstName": "=1+1", "lastName": "@SUM(A1)", "email": "+tag@example.com" },
        { "phoneNumber": number(283, 2), "name": "'=already", "firstName": "'' +no", "lastName": "''-yes" },
        { "phoneNumber": number(283, 3), "name": "O'Hara, \"Scarlett\"\r\nof Tara;\ttabs", "lastName": "'tis" },
        { "phoneNumber": number(283, 4), "name": "-", "timezone": "Asia/Kolkata" },
        { "phoneNumber": number(283, 5), "name": "Ünïcödé \u{1f4de}", "metadata": {
            "status": "mine", "id": 7, "nested": { "list": [1, 2.5, null, true, "=x"] }, "text": "a,b\n\"c\"", "'": "'" } },
        { "phoneNumber": "+442079460000", "name": "00123" },
    ] })
}

async fn what_is_exported_comes_back_as_it_was(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let [first, second] = paths(&id);
    let report = api.post(&first, awkward()).await.ok();
    assert_eq!(
        (&report["added"], &report["errorCount"]),
        (&json!(7), &json!(0)),
        "{report}"
    );
    let (exported, same) = (file(api, &first).await, file(api, &second).await);
    assert_eq!(exported, same);
    for generation in [0, 1] {
        let copy = api.create_campaign(json!({})).await;
        let path = &paths(&copy)[generation];
        import(api, path, &exported).await;
        let [ours, theirs] = [&id, &copy].map(async |campaign| {
            let mut found = api.get(&paths(campaign)[0]).await.ok()["contacts"].take();
            for contact in found.as_array_mut().expect("a list") {
                for history in ["id", "createdAt", "updatedAt", "nextAttemptAt"] {
                    contact[history] = Value::Null;
                }
            }
            found
        });
        let (ours, theirs) = (ours.await, theirs.await);
        assert_eq!(ours.as_array().map(Vec::len), Some(7));
        assert_eq!(ours, theirs);
        let again = import(api, path, &exported).await;
        let again = if generation == 0 {
            &again
        } else {
            &again["data"]
        };
        assert_eq!(
            (&again["added"], &again["duplicates"]),
            (&json!(0), &json!(7))
        );
    }
    // Not a file of ours: what stands in it is what is meant.
    let own = api.create_campaign(json!({})).await;
    let [path, _] = paths(&own);
    let text = format!("phoneNumber,name,status\n{},'=x,new\n", number(283, 0));
    import(api, &path, &text).await;
    let kept = api.get(&path).await.ok()["contacts"][0].take();
    assert_eq!(kept["name"], "'=x");
    assert_eq!(kept["metadata"], json!({ "status": "new" }));
}

async fn no_cell_of_a_file_is_a_formula(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    let [path, _] = paths(&id);
    api.post(&path, awkward()).await.ok();
    let rows = rows(&file(api, &path).await);
    for row in &rows {
        assert!(row[0].starts_with('+') && row[0][1..].bytes().all(|byte| byte.is_ascii_digit()));
        for cell in &row[1..] {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
    }
    assert_eq!(
        rows[1][1..5],
        ["'=1+1", "'@SUM(A1)", "'=1+1 @SUM(A1)", "'+tag@example.com"]
    );
}

async fn what_calling_came_to_is_in_the_file_and_stays_there(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let people = alike(284, 1, &Behaviour::Busy);
    dialer.rehearse(&people);
    let fields = json!({ "callAttemptsPerContact": 2, "retryDelay": 0 });
    let id = api.create_campaign(fields).await;
    api.add(&id, &people).await;
    api.command(&id, "start").await.ok();
    api.reaches(&id, "completed", std::time::Duration::from_secs(30))
        .await;
    let [path, _] = paths(&id);
    let shown = api.get(&path).await.ok()["contacts"][0].take();
    let exported = file(api, &path).await;
    let row = rows(&exported).remove(0);
    let text = |field: &str| match &shown[field] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let columns: Vec<String> = FIRST_LINE.split(',').map(text).collect();
    assert_eq!(row, columns, "a cell is what the JSON says");
    assert_eq!(
        (row[5].as_str(), row[6].as_str(), row[7].as_str()),
        ("failed", "2", "busy")
    );
    let copy = api.create_campaign(json!({})).await;
    import(api, &paths(&copy)[0], &exported).await;
    let anew = api.get(&paths(&copy)[0]).await.ok()["contacts"][0].take();
    for (field, value) in [
        ("status", json!("pending")),
        ("attempts", json!(0)),
        ("lastError", Value::Null),
        ("metadata", Value::Null),
        ("name", json!("Person 0")),
    ] {
        assert_eq!(anew[field], value, "{field}");
    }
}

async fn a_question_that_makes_no_sense_is_refused_in_json(stack: Stack) {
    let dialer = Dialer::start(stack, Options::default()).await;
    let api = &dialer.api;
    let id = api.create_campaign(json!({})).await;
    for path in paths(&id) {
        for query in ["page=0", "limit=10001", "status=asleep", "search=%00"] {
            let request = api.request(Method::GET, &format!("{path}?{query}"));
            let body = refusal(request.header("accept", "text/csv"), 422, "invalid").await;
            assert_eq!(
                body["errors"][0]["field"],
                query.split('=').next().expect("a name")
            );
        }
    }
    let nobody = "/api/campaigns/00000000-0000-4000-8000-000000000000/contacts";
    let request = api
        .request(Method::GET, nobody)
        .header("accept", "text/csv");
    refusal(request, 404, "campaign_not_found").await;
}
