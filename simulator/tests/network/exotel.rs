//! Exotel as a dialer sees it: requests in, callbacks out.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use parking_lot::Mutex;
use serde_json::{Value, json};
use simulator::recorder::{CallbackKind, CreateAnswer, CreateVerdict, EndStatus};
use simulator::{Behaviour, ExotelAccount, Fault, Simulator, SimulatorConfig, Trigger};
use uuid::Uuid;

use crate::dialer::{eventually, everybody_answers, fast};

const TO: &str = "+919876543210";
const FROM: &str = "+918047112200";
const ANSWER: Behaviour = Behaviour::Answer { talk_ms: 90_000 };

/// A callback that came: its content type and its body.
type Came = (String, String);

struct Desk {
    simulator: Simulator,
    http: reqwest::Client,
    url: String,
    came: Arc<Mutex<Vec<Came>>>,
    turned_down: Arc<Mutex<usize>>,
}

type Shared = (Arc<Mutex<Vec<Came>>>, Arc<Mutex<usize>>);

async fn take(
    State((came, turned_down)): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let content_type = headers["content-type"].to_str().unwrap().to_owned();
    let body = String::from_utf8(body.to_vec()).unwrap();
    came.lock().push((content_type, body));
    let mut left = turned_down.lock();
    if *left > 0 {
        *left -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    StatusCode::OK
}

impl Desk {
    async fn start(config: SimulatorConfig, behaviour: Behaviour) -> Self {
        let shared = Shared::default();
        let (came, turned_down) = shared.clone();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/calls/status", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/calls/status", post(take))
            .with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let simulator = Simulator::start(config).await.unwrap();
        simulator.people().script(TO, vec![behaviour]);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            simulator,
            http,
            url,
            came,
            turned_down,
        }
    }

    fn form(&self) -> Vec<(&'static str, String)> {
        vec![
            ("From", TO.into()),
            ("CallerId", "08047112200".into()),
            (
                "Url",
                "http://my.exotel.com/simulator1/exoml/start_voice/7".into(),
            ),
            ("CustomField", Uuid::from_u128(7).to_string()),
            ("StatusCallback", self.url.clone()),
            ("StatusCallbackEvents[0]", "terminal".into()),
            ("StatusCallbackEvents[1]", "answered".into()),
            ("StatusCallbackContentType", "application/json".into()),
        ]
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> (u16, String) {
        let account = ExotelAccount::default();
        let request = request.basic_auth(account.api_key, Some(account.api_token));
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.exotel_base_url())
    }

    async fn post(&self, path: &str, form: &[(&'static str, String)]) -> (u16, String) {
        let path = format!("/v1/Accounts/simulator1/Calls/{path}");
        self.ask(self.http.post(self.address(&path)).form(form))
            .await
    }

    async fn connect(&self, form: &[(&'static str, String)]) -> (u16, Value) {
        let (status, body) = self.post("connect.json", form).await;
        (status, serde_json::from_str(&body).unwrap())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let path = format!("/v1/Accounts/simulator1/{path}");
        let (status, body) = self.ask(self.http.get(self.address(&path))).await;
        (status, serde_json::from_str(&body).unwrap())
    }

    async fn finished(&self, callbacks: usize) -> simulator::RecordedCall {
        let recorder = self.simulator.recorder();
        eventually("the end of the call", || async {
            let call = recorder.calls_to(TO).pop()?;
            (call.ended_at.is_some() && call.callbacks.len() >= callbacks).then_some(call)
        })
        .await
    }

    fn callbacks(&self) -> Vec<Value> {
        let came = self.came.lock();
        let json = |(_, body): &Came| serde_json::from_str(body).unwrap();
        came.iter().map(json).collect()
    }
}

#[tokio::test]
async fn a_call_into_a_flow_is_in_progress_until_it_is_over_and_told_twice() {
    let desk = Desk::start(fast(), ANSWER).await;
    let (status, body) = desk.connect(&desk.form()).await;
    let created = &body["Call"];
    assert_eq!(
        (
            status,
            &created["Status"],
            &created["To"],
            &created["From"],
            &created["PhoneNumberSid"]
        ),
        (
            200,
            &json!("in-progress"),
            &Value::Null,
            &json!("09876543210"),
            &json!("08047112200")
        )
    );
    let call = desk.finished(2).await;
    assert_eq!((&*call.to, &*call.from), (TO, FROM));
    assert_eq!(call.call_id, Some(Uuid::from_u128(7)));
    assert_eq!(call.end_status, Some(EndStatus::Completed));
    assert_eq!(call.answer, Some(CreateAnswer::Status(200)));
    assert_eq!(
        call.delivered(),
        [CallbackKind::Answered, CallbackKind::Completed]
    );
    let sid = call.sid().unwrap().simple().to_string();
    assert_eq!(created["Sid"], json!(sid));

    let [answered, over] = &desk.callbacks()[..] else {
        panic!("two callbacks")
    };
    assert_eq!(answered["EventType"], "answered");
    assert_eq!(over["EventType"], "terminal");
    assert_eq!(
        (
            &over["CallSid"],
            &over["Status"],
            &over["ConversationDuration"]
        ),
        (&json!(sid), &json!("completed"), &json!(90))
    );
    assert_eq!(over["CustomField"], json!(Uuid::from_u128(7)));
    assert_eq!(over["Legs"][0]["AnsweredBy"], "HUMAN");
}

#[tokio::test]
async fn duration_and_price_are_texts_that_come_late() {
    let exotel = ExotelAccount {
        settle_ms: 500_000, // half a second of real time
        ..ExotelAccount::default()
    };
    let desk = Desk::start(SimulatorConfig { exotel, ..fast() }, ANSWER).await;
    desk.connect(&desk.form()).await;
    let sid = desk.finished(1).await.sid().unwrap().simple().to_string();
    let path = format!("Calls/{sid}.json?details=true");
    let (_, early) = desk.get(&path).await;
    assert_eq!(early["Call"]["Status"], "completed");
    assert_eq!(
        (&early["Call"]["Duration"], &early["Call"]["Price"]),
        (&Value::Null, &Value::Null)
    );
    let late = eventually("the price", || async {
        let (_, body) = desk.get(&path).await;
        (!body["Call"]["Price"].is_null()).then_some(body)
    })
    .await;
    assert_eq!(
        (&late["Call"]["Duration"], &late["Call"]["Price"]),
        (&json!("90"), &json!("3.000"))
    );
    assert_eq!(late["Call"]["Details"]["ConversationDuration"], 90);
}

#[tokio::test]
async fn every_way_a_call_can_go_has_its_word() {
    for (behaviour, word, by) in [
        (Behaviour::Busy, "busy", "NA"),
        (Behaviour::NoAnswer, "no-answer", "NA"),
        (Behaviour::Failed, "failed", "NA"),
        (Behaviour::Voicemail, "completed", "MACHINE"),
    ] {
        let desk = Desk::start(fast(), behaviour).await;
        desk.connect(&desk.form()).await;
        desk.finished(1).await;
        let over = eventually("the callback", || async {
            let last = desk.callbacks().pop()?;
            (last["EventType"] == "terminal").then_some(last)
        })
        .await;
        assert_eq!(
            (&over["Status"], &over["Legs"][0]["AnsweredBy"]),
            (&json!(word), &json!(by))
        );
    }
}

#[tokio::test]
async fn a_call_is_cut_off_at_its_time_limit() {
    let desk = Desk::start(fast(), ANSWER).await;
    let mut form = desk.form();
    form.push(("TimeLimit", "30".into()));
    desk.connect(&form).await;
    desk.finished(2).await;
    assert_eq!(desk.callbacks()[1]["ConversationDuration"], 30);
}

#[tokio::test]
async fn callbacks_come_as_forms_or_in_short_where_nothing_else_was_asked_for() {
    let desk = Desk::start(fast(), ANSWER).await;
    let mut form = desk.form();
    form.retain(|(name, _)| !name.starts_with("StatusCallbackE"));
    form.retain(|(name, _)| *name != "StatusCallbackContentType");
    desk.connect(&form).await;
    desk.finished(1).await;
    let (content_type, body) = desk.came.lock()[0].clone();
    assert!(
        content_type.starts_with("multipart/form-data; boundary="),
        "{content_type}"
    );
    assert!(
        body.contains("name=\"Status\"\r\n\r\ncompleted\r\n"),
        "{body}"
    );
    assert!(!body.contains("EventType"), "{body}");

    let desk = Desk::start(fast(), ANSWER).await;
    let faults = desk.simulator.faults();
    faults.set(Fault::ExotelCallbackForm, Trigger::always());
    desk.connect(&desk.form()).await;
    desk.finished(2).await;
    let (_, body) = desk.came.lock()[1].clone();
    assert!(
        body.contains("name=\"Legs[0][AnsweredBy]\"\r\n\r\nHUMAN\r\n"),
        "{body}"
    );
}

#[tokio::test]
async fn a_callback_is_repeated_twice_and_then_given_up() {
    let desk = Desk::start(fast(), Behaviour::Busy).await;
    *desk.turned_down.lock() = 2;
    desk.connect(&desk.form()).await;
    let call = desk.finished(1).await;
    assert_eq!(call.callbacks[0].attempts, 3);
    assert!(call.callbacks[0].delivery.is_success());

    let desk = Desk::start(fast(), Behaviour::Busy).await;
    *desk.turned_down.lock() = 9;
    desk.connect(&desk.form()).await;
    let call = desk.finished(1).await;
    assert_eq!((call.callbacks[0].attempts, desk.came.lock().len()), (3, 3));
}

#[tokio::test]
async fn a_callback_can_overtake_the_answer_and_get_lost_or_doubled() {
    let desk = Desk::start(everybody_answers(), Behaviour::Busy).await;
    let faults = desk.simulator.faults();
    faults.set(Fault::CreateAfterCallbacks, Trigger::always());
    faults.set(Fault::CallbackDoubled, Trigger::times(1));
    let (status, _) = desk.connect(&desk.form()).await;
    assert_eq!(status, 200);
    assert!(!desk.came.lock().is_empty(), "before the answer");
    desk.finished(2).await;
    assert_eq!(desk.came.lock().len(), 2);
    faults.set(Fault::CallbackDropped, Trigger::always());
    desk.simulator.people().script(TO, vec![Behaviour::Busy]);
    desk.connect(&desk.form()).await;
    desk.finished(1).await;
    assert_eq!(
        (desk.came.lock().len(), faults.fired(Fault::CallbackDropped)),
        (2, 1)
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_in_exotels_words() {
    let desk = Desk::start(fast(), ANSWER).await;
    for (name, value, message) in [
        ("From", "", "From is mandatory"),
        ("From", "12", "Invalid From number 12"),
        ("CallerId", "", "CallerId is mandatory"),
        (
            "CallerId",
            "08000000000",
            "CallerId 08000000000 is not yours",
        ),
        ("Url", "", "Url must be the address of a flow"),
        (
            "StatusCallback",
            "nowhere",
            "StatusCallback is not a valid address",
        ),
        ("TimeOut", "61", "TimeOut must be 1 to 60, not 61"),
    ] {
        let mut form = desk.form();
        form.retain(|(other, _)| *other != name);
        form.push((name, value.into()));
        let (status, body) = desk.connect(&form).await;
        assert_eq!(
            (status, &body),
            (
                400,
                &json!({"RestException": {"Status": 400, "Message": message}})
            )
        );
    }
    let (status, xml) = desk.post("connect", &[]).await;
    assert_eq!(status, 400);
    assert!(
        xml.contains(
            "<TwilioResponse><RestException><Message>From is mandatory</Message>\
             <Status>400</Status></RestException></TwilioResponse>"
        ),
        "{xml}"
    );
    let calls = desk.simulator.recorder().calls();
    assert_eq!(calls.len(), 8);
    assert!(
        calls
            .iter()
            .all(|call| matches!(call.verdict, CreateVerdict::Rejected { status: 400, .. }))
    );
}

#[tokio::test]
async fn faults_befall_a_create_at_exotel_as_they_do_elsewhere() {
    for (fault, status) in [
        (Fault::CreateTooManyRequests, 429),
        (Fault::ExotelTooManyRequests, 429),
        (Fault::CreateUnauthorized, 401),
        (Fault::CreateNoBalance, 402),
        (Fault::CreateDoNotDisturb, 403),
        (Fault::CreateInternalError, 500),
        (Fault::CreateUnavailable, 503),
        (Fault::CreateErrorAfterAccept, 500),
    ] {
        let desk = Desk::start(everybody_answers(), Behaviour::Busy).await;
        desk.simulator.faults().set(fault, Trigger::times(1));
        let (answered, body) = desk.connect(&desk.form()).await;
        assert_eq!(
            (answered, body["RestException"]["Status"].as_u64()),
            (status, Some(status.into())),
            "{fault:?}"
        );
        let accepted = desk.simulator.recorder().summary().accepted;
        let is_placed = fault == Fault::CreateErrorAfterAccept;
        assert_eq!(accepted, usize::from(is_placed), "{fault:?}");
        assert_eq!(desk.simulator.faults().fired(fault), 1);
    }
}

#[tokio::test]
async fn beyond_the_limit_every_request_is_refused() {
    let exotel = ExotelAccount {
        requests_per_minute: Some(3),
        ..ExotelAccount::default()
    };
    let desk = Desk::start(SimulatorConfig { exotel, ..fast() }, ANSWER).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(desk.get("Calls.json").await.0);
    }
    let (status, body) = desk.connect(&desk.form()).await;
    assert_eq!(statuses, [200, 200, 200]);
    assert_eq!(
        (status, &body["RestException"]["Status"]),
        (429, &json!(429))
    );
    assert!(desk.simulator.recorder().calls().is_empty());
}

#[tokio::test]
async fn calls_are_listed_by_person_and_date_page_by_page() {
    let desk = Desk::start(fast(), Behaviour::Busy).await;
    for _ in 0..3 {
        desk.connect(&desk.form()).await;
    }
    let other = desk
        .form()
        .into_iter()
        .map(|(name, value)| match name {
            "From" => (name, "+919876500000".to_owned()),
            _ => (name, value),
        })
        .collect::<Vec<_>>();
    desk.connect(&other).await;

    let (status, first) = desk
        .get("Calls.json?From=%2B919876543210&PageSize=2&SortBy=DateCreated:asc")
        .await;
    assert_eq!((status, &first["Metadata"]["Total"]), (200, &json!(3)));
    assert_eq!(first["Calls"].as_array().unwrap().len(), 2);
    let next = first["Metadata"]["NextPageUri"].as_str().unwrap();
    let (_, body) = desk.ask(desk.http.get(desk.address(next))).await;
    let second: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(second["Calls"].as_array().unwrap().len(), 1);
    assert_eq!(second["Metadata"]["NextPageUri"], Value::Null);

    let created = first["Calls"][0]["DateCreated"].as_str().unwrap();
    let total = |bound: &str, date: &str| {
        let date = url::form_urlencoded::byte_serialize(format!("{bound}:{date}").as_bytes())
            .collect::<String>();
        format!("Calls.json?From=%2B919876543210&DateCreated={date}")
    };
    let (_, since) = desk.get(&total("gte", created)).await;
    assert_eq!(since["Metadata"]["Total"], 3);
    let (_, before) = desk.get(&total("lte", "2020-01-01 00:00:00")).await;
    assert_eq!(before["Metadata"]["Total"], 0);
    for bad in ["DateCreated=yesterday", "PageSize=101", "After=x"] {
        let (status, _) = desk.get(&format!("Calls.json?{bad}")).await;
        assert_eq!(status, 400, "{bad}");
    }
    let (status, _) = desk
        .get("Calls/00000000000000000000000000000000.json")
        .await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn only_the_accounts_own_credentials_open_it() {
    let desk = Desk::start(fast(), ANSWER).await;
    let own = "/v1/Accounts/simulator1/Calls.json";
    let other = "/v1/Accounts/other/Calls.json";
    assert_eq!(desk.ask(desk.http.get(desk.address(other))).await.0, 401);
    for (user, password) in [("key-simulator", "x"), ("x", "token-simulator")] {
        let request = desk.http.get(desk.address(own));
        let response = request.basic_auth(user, Some(password)).send().await;
        assert_eq!(response.unwrap().status(), 401);
    }
    assert_eq!(desk.ask(desk.http.get(desk.address(own))).await.0, 200);
    let numbers = "/v2_beta/Accounts/simulator1/IncomingPhoneNumbers";
    let (_, body) = desk.ask(desk.http.get(desk.address(numbers))).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    let numbers = &body["incoming_phone_numbers"];
    assert_eq!(numbers[0]["phone_number"], FROM);
    assert_eq!(numbers[0]["sid"], "08047112200");
}

#[tokio::test]
async fn a_flow_with_an_agent_leads_to_a_conversation() {
    let exotel = ExotelAccount {
        agent_id: Some("agent_demo".into()),
        ..ExotelAccount::default()
    };
    let desk = Desk::start(SimulatorConfig { exotel, ..fast() }, ANSWER).await;
    desk.connect(&desk.form()).await;
    let address = desk.address("/v1/convai/conversations");
    let key = SimulatorConfig::default().elevenlabs_api_key;
    let found = eventually("the conversation", || async {
        let request = desk.http.get(&address).header("xi-api-key", &key);
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        let first = body["conversations"][0].clone();
        (first["status"] == "done").then_some(first)
    })
    .await;
    assert_eq!(found["user_id"], json!(Uuid::from_u128(7)));
    assert_eq!(found["call_duration_secs"], 90);
}
