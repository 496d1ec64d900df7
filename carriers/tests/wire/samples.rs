//! Made-up people, accounts and calls.

use std::time::Duration;

use carriers::elevenlabs::DataCollectionIds;
use carriers::exotel::CallerIdForm;
use carriers::{
    CallKey, ElevenLabs, ElevenLabsConfig, Exotel, ExotelConfig, PlaceCall, RegisterCall,
    SignalWire, SignalWireConfig,
};
use chrono::{DateTime, FixedOffset, Utc};
use domain::{CallId, PhoneNumber, Region};
use serde_json::{Map, json};
use url::Url;

pub const PROJECT: &str = "11111111-2222-4333-8444-555555555555";
pub const TOKEN: &str = "PTsecret0123456789";
pub const API_KEY: &str = "sk_secret0123456789";
pub const CALL_SID: &str = "7d1f2c3a-0000-4000-8000-00000000c001";
pub const CALL_ID: &str = "0190c7a0-0000-7000-8000-000000000042";
pub const TO: &str = "+15559876543";
pub const FROM: &str = "+15551234567";

/// Short enough for a test of a timeout, long enough for a busy machine to answer on loopback.
pub const TIMEOUT: Duration = Duration::from_millis(800);

/// A recorded body, by its name in `tests/fixtures`.
macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../fixtures/", $name))
    };
}
pub(crate) use fixture;

pub fn number(text: &str) -> PhoneNumber {
    PhoneNumber::from_stored(text.to_owned())
}

pub fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

pub fn call_id() -> CallId {
    CALL_ID.parse().unwrap()
}

pub fn signalwire(host: &Url) -> SignalWire {
    SignalWire::new(SignalWireConfig {
        base_url: host.join("/api/laml/2010-04-01").unwrap(),
        project_id: PROJECT.to_owned(),
        api_token: TOKEN.into(),
        place_timeout: TIMEOUT,
        request_timeout: TIMEOUT,
    })
    .unwrap()
}

pub fn elevenlabs(host: &Url) -> ElevenLabs {
    ElevenLabs::new(ElevenLabsConfig {
        base_url: host.clone(),
        api_key: API_KEY.into(),
        register_timeout: TIMEOUT,
        request_timeout: TIMEOUT,
        data_ids: DataCollectionIds::default(),
    })
    .unwrap()
}

pub const EXOTEL_SID: &str = "c5797dcb00000000000000000000aa01";

pub fn india() -> Region {
    "IN".parse().unwrap()
}

pub fn exotel_config(host: &Url) -> ExotelConfig {
    ExotelConfig {
        base_url: host.clone(),
        account_sid: "acme1".to_owned(),
        api_key: "key".into(),
        api_token: TOKEN.into(),
        flow_url: "http://my.exotel.com/acme1/exoml/start_voice/4711"
            .parse()
            .unwrap(),
        region: india(),
        caller_id_form: CallerIdForm::National,
        utc_offset: FixedOffset::east_opt(19_800).unwrap(),
        currency: "INR".to_owned(),
        time_limit_s: 1_800,
        place_timeout: TIMEOUT,
        request_timeout: TIMEOUT,
    }
}

pub fn exotel(host: &Url) -> Exotel {
    Exotel::new(exotel_config(host)).unwrap()
}

pub fn exotel_call() -> PlaceCall {
    PlaceCall {
        to: number("+919876543210"),
        from: number("+918012345678"),
        webhook_base: format!("https://dialer.example/webhooks/exotel/token/calls/{CALL_ID}")
            .parse()
            .unwrap(),
        ..place_call()
    }
}

/// A call at Exotel whose creation was never confirmed, begun when the recorded ones were.
pub fn unnamed_exotel_call() -> CallKey {
    CallKey {
        carrier_call_id: None,
        to: number("+919876543210"),
        from: number("+918012345678"),
        begun_at: instant("2024-01-15T08:55:09Z"),
    }
}

pub fn named_exotel_call() -> CallKey {
    CallKey {
        carrier_call_id: Some(EXOTEL_SID.to_owned()),
        ..unnamed_exotel_call()
    }
}

pub fn place_call() -> PlaceCall {
    PlaceCall {
        call_id: call_id(),
        to: number(TO),
        from: number(FROM),
        webhook_base: format!("https://dialer.example/webhooks/signalwire/calls/{CALL_ID}")
            .parse()
            .unwrap(),
        ring_timeout_s: 30,
        detect_machine: true,
        record: false,
    }
}

/// A call whose creation was never confirmed, begun when the recorded ones were.
pub fn unnamed_call() -> CallKey {
    CallKey {
        carrier_call_id: None,
        to: number(TO),
        from: number(FROM),
        begun_at: instant("2024-04-04T18:30:39Z"),
    }
}

pub fn named_call() -> CallKey {
    CallKey {
        carrier_call_id: Some(CALL_SID.to_owned()),
        ..unnamed_call()
    }
}

pub fn register_call() -> RegisterCall {
    let mut dynamic_variables = Map::new();
    dynamic_variables.insert("first_name".to_owned(), json!("Ann"));
    dynamic_variables.insert("system__time".to_owned(), json!("ours"));
    dynamic_variables.insert("call_id".to_owned(), json!("forged"));
    dynamic_variables.insert("nested".to_owned(), json!({"a": 1}));
    RegisterCall {
        agent_id: "agent_7x".to_owned(),
        from: number(FROM),
        to: number(TO),
        call_id: call_id(),
        dynamic_variables,
        overrides: Some(json!({"agent": {"language": "en"}})),
    }
}

/// An error with all of its causes, and its debug form: everything that could end up in a log.
pub fn everything_said(error: impl Into<anyhow::Error>) -> String {
    let error = error.into();
    format!("{error} {error:#} {error:?}")
}

/// Fails where a text reveals a number or a credential.
pub fn assert_discreet(text: &str) {
    for secret in [
        "5559876543",
        "5551234567",
        "9876543210",
        "8012345678",
        TOKEN,
        API_KEY,
        "%2B1555",
        "%2B91",
    ] {
        assert!(!text.contains(secret), "{secret} in: {text}");
    }
}
