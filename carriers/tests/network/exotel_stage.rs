//! Where Exotel's client meets the network's Exotel.

use std::time::Duration;

use carriers::exotel::status::{StatusCallback, parse_status_callback};
use carriers::exotel::{CallerIdForm, token};
use carriers::{Exotel, ExotelConfig, PlaceCall};
use chrono::FixedOffset;
use secrecy::SecretString;
use simulator::{
    Behaviour, ExotelAccount, Fault, RecordedCall, Simulator, SimulatorConfig, Trigger,
};

use crate::stage::{CALL_ID, Inbox, call_id, eventually, number};

pub const TO: &str = "+919876543210";
pub const FROM: &str = "+918047112200";
const TOKEN: &str = "0123456789abcdefghijklmn";

/// A network in which the person at [`TO`] does as told, and a client of its Exotel.
pub struct Stage {
    pub simulator: Simulator,
    pub inbox: Inbox,
    pub carrier: Exotel,
}

impl Stage {
    pub async fn set(config: SimulatorConfig, behaviour: Behaviour) -> Self {
        let simulator = Simulator::start(config).await.unwrap();
        simulator.people().script(TO, vec![behaviour]);
        Self {
            carrier: Exotel::new(exotel_config(&simulator)).unwrap(),
            inbox: Inbox::open().await,
            simulator,
        }
    }

    pub fn call(&self) -> PlaceCall {
        PlaceCall {
            call_id: call_id(),
            to: number(TO),
            from: number(FROM),
            webhook_base: token::webhook_base(
                &self.inbox.url,
                &SecretString::from(TOKEN),
                call_id(),
            ),
            ring_timeout_s: 30,
            detect_machine: true,
            record: true,
        }
    }

    pub fn fail(&self, fault: Fault) {
        self.simulator.faults().set(fault, Trigger::always());
    }

    pub async fn over(&self) -> RecordedCall {
        let recorder = self.simulator.recorder();
        eventually("the end", || async {
            recorder
                .calls_to(TO)
                .pop()
                .filter(|call| call.ended_at.is_some())
        })
        .await
    }

    /// The callbacks as our reader understands them.
    pub async fn callbacks(&self, count: usize) -> Vec<StatusCallback> {
        let arrived = self.inbox.wait_for(count).await;
        let read = arrived.iter().map(|arrived| {
            assert_eq!(
                arrived.path,
                format!("/webhooks/exotel/{TOKEN}/calls/{CALL_ID}/status")
            );
            let content_type = arrived.header("content-type");
            parse_status_callback(content_type, &arrived.body, "IN".parse().unwrap()).unwrap()
        });
        read.collect()
    }
}

pub fn exotel_config(simulator: &Simulator) -> ExotelConfig {
    let account = ExotelAccount::default();
    ExotelConfig {
        base_url: simulator.exotel_base_url().parse().unwrap(),
        account_sid: account.account_sid,
        api_key: account.api_key.into(),
        api_token: account.api_token.into(),
        flow_url: "http://my.exotel.com/simulator1/exoml/start_voice/7"
            .parse()
            .unwrap(),
        region: "IN".parse().unwrap(),
        caller_id_form: CallerIdForm::National,
        utc_offset: FixedOffset::east_opt(19_800).unwrap(),
        currency: "INR".to_owned(),
        time_limit_s: 3_600,
        place_timeout: Duration::from_secs(2),
        request_timeout: Duration::from_secs(2),
    }
}
