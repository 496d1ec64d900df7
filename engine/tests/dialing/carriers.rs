//! Several carriers in one process: a campaign calls through the one that its number is from.

use ::carriers::{CarrierKind, ConversationStatus, LookedUp, PlaceError};
use chrono::TimeDelta;
use domain::progress::{End, News};
use domain::{AnsweredBy, PhoneNumber, UserId};
use engine::dialing::pace::Pace;
use engine::dialing::{CallReport, SingleCall};
use engine::queue::CallJob;
use entity::phone_number;
use sea_orm::{ActiveModelTrait, Set};
use serde_json::Map;

use crate::on_both;
use crate::stage::{Stage, eventually};
use crate::told_agents::conversation;

/// The number of the campaign on stage.
const NUMBER: &str = "+12025550100";

on_both! {
    async fn a_campaign_calls_through_the_carrier_that_its_number_is_from(stage: Stage) {
        let mut stage = stage;
        stage.offered("elevenlabs", NUMBER).await;
        stage.offered("exotel", NUMBER).await;
        stage.people(1, "").await;
        stage.dial().await;
        assert_eq!(stage.asked(), (0, 1));
        let call = stage.live_calls().await.remove(0);
        assert_eq!(call.carrier, "exotel");
        assert!(call.carrier_call_id.is_some());
        stage.all_end(End::Busy).await;
        stage.counters_are_right().await;
    }

    async fn whatever_is_done_to_a_call_is_asked_of_its_own_carrier(stage: Stage) {
        let mut stage = stage;
        stage.offered("exotel", NUMBER).await;
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        for _ in 0..2 {
            stage.exotel.look_ups.lock().push_back(LookedUp::NotFound);
            stage.pass(2);
            stage.repair().await;
            assert!(stage.exotel.look_ups.lock().is_empty());
        }
        let late = stage.calls().await.remove(0);
        assert!(late.settled_at.is_some(), "its own carrier does not know it");

        // It is alive after all, so nobody looks after it: it is hung up where it lives.
        stage.pass(61);
        stage.dial().await;
        let call = stage.live_calls().await.into_iter().find(|row| row.id != call.id);
        let call = call.expect("the next attempt");
        stage.hear(&call, vec![News::Answered, News::Detected(AnsweredBy::Machine)]).await;
        let name = call.carrier_call_id.expect("a name");
        tokio::time::timeout(std::time::Duration::from_secs(10), async {
            eventually("it is hung up", async || !stage.exotel.hung_up.lock().is_empty()).await;
        })
        .await
        .expect("it is hung up");
        assert_eq!(*stage.exotel.hung_up.lock(), [name]);
        assert!(stage.carrier.hung_up.lock().is_empty());
    }

    async fn a_number_that_several_offer_or_none_is_the_defaults(stage: Stage) {
        let mut stage = stage;
        stage.offered("exotel", NUMBER).await;
        stage.offered("signalwire", NUMBER).await;
        stage.people(1, "").await;
        stage.dial().await;
        assert_eq!(stage.asked(), (1, 0));
        stage.all_end(End::Busy).await;
        stage.change(|row| row.phone_number = Set(Some("+12025550177".to_owned()))).await;
        stage.pass(60);
        stage.dial().await;
        assert_eq!(stage.asked(), (2, 0));
    }

    async fn a_number_that_moved_is_called_from_through_whoever_has_it_now(stage: Stage) {
        let mut stage = stage;
        stage.offered("exotel", NUMBER).await;
        stage.people(2, "").await;
        stage.change(|row| row.max_concurrent_calls = Set(1)).await;
        stage.dial().await;
        stage.all_end(End::Busy).await;
        let gone = phone_number::ActiveModel {
            id: Set(format!("exotel-{NUMBER}")),
            vanished_at: Set(Some(stage.now())),
            ..Default::default()
        };
        gone.update(stage.database.writer()).await.expect("it is gone there");
        stage.dial().await;
        assert_eq!(stage.asked(), (1, 1));
    }

    async fn a_carrier_in_trouble_holds_only_its_own_calls_up(stage: Stage) {
        let mut stage = stage;
        stage.offered("exotel", NUMBER).await;
        stage.people(2, "").await;
        stage.change(|row| row.max_concurrent_calls = Set(1)).await;
        let busy = PlaceError::Busy {
            not_before: Some(std::time::Duration::from_secs(60)),
            source: anyhow::anyhow!("too many"),
        };
        stage.exotel.answers.lock().push_back(Err(busy));
        stage.dial().await;
        assert_eq!(stage.asked(), (0, 1));
        stage.clock.advance(TimeDelta::seconds(30));
        stage.wake().await;
        assert!(stage.dial().await.is_empty(), "its carrier asked for patience");
        stage.change(|row| row.phone_number = Set(Some("+12025550177".to_owned()))).await;
        stage.dial().await;
        assert_eq!(stage.asked(), (1, 1));
    }

    async fn a_single_call_goes_through_the_carrier_of_its_number(stage: Stage) {
        stage.offered("exotel", NUMBER).await;
        for (from, carrier) in [(NUMBER, "exotel"), ("+12025550177", "signalwire")] {
            let wanted = SingleCall {
                owner: UserId::from_uuid(stage.campaign().await.owner_id),
                to: PhoneNumber::parse("+12025550155", None).expect("a number"),
                from: PhoneNumber::parse(from, None).expect("a number"),
                agent_id: "agent_demo".to_owned(),
                parameters: Map::new(),
                record: None,
            };
            let call = stage.dialing.call_once(wanted).await.expect("a call");
            assert_eq!(call.carrier, carrier);
            stage.hear(&call, vec![News::Ended { end: End::Busy, duration_s: None }]).await;
        }
        assert_eq!(stage.asked(), (1, 1));
    }

    async fn nobody_waits_for_what_was_said_in_a_flow(stage: Stage) {
        let mut stage = stage;
        stage.offered("exotel", NUMBER).await;
        stage.people(1, "").await;
        stage.dial().await;
        let call = stage.live_calls().await.remove(0);
        stage.hear(&call, vec![News::Answered]).await;
        stage.all_end(End::Completed).await;
        assert_eq!(stage.contact().await.status, "completed");
        // A stranger's conversation is not taken for this one.
        let mut said = conversation(&call, ConversationStatus::Done);
        said.call_id = None;
        stage.agents.found.lock().push_back(said);
        stage.pass(1);
        assert_eq!(stage.dialing.check().await.expect("a look"), 0, "there is nothing to ask for");
        assert_eq!(stage.calls().await[0].conversation_id, None);
        stage.counters_are_right().await;
    }

    async fn a_call_that_cannot_be_ended_is_said_to_go_on(stage: Stage) {
        let mut stage = stage;
        *stage.exotel.lets_calls_run.lock() = true;
        stage.offered("exotel", NUMBER).await;
        stage.people(2, "").await;
        stage.exotel.answers.lock().push_back(Err(PlaceError::Ambiguous(anyhow::anyhow!("cut off"))));
        stage.dial().await;
        let [lost, long] = &stage.live_calls().await[..] else { panic!("two calls") };
        stage.hear(long, vec![News::Answered]).await;
        stage.pass(1);
        stage.repair().await;
        let name = News::Accepted { carrier_call_id: "alive".to_owned() };
        stage.hear(lost, vec![name]).await;
        let known = stage.calls().await;
        let error = known[0].error.as_deref().expect("what went wrong");
        assert!(error.contains("goes on") && !error.contains("hung up"), "{error}");
        // Its longest talk is over, and nobody is asked in vain to end it.
        stage.pass(61);
        stage.repair().await;
        assert!(stage.exotel.hung_up.lock().is_empty());
    }

    async fn exotel_is_asked_for_a_price_when_it_can_know_it(stage: Stage) {
        let mut stage = stage;
        stage.offered("exotel", NUMBER).await;
        stage.people(1, "").await;
        stage.dial().await;
        stage.all_end(End::Busy).await;
        for wait in [120, 300, 900] {
            stage.clock.advance(TimeDelta::seconds(wait - 1));
            assert_eq!(stage.dialing.ask_prices().await.expect("a run"), 0, "before {wait} s");
            stage.clock.advance(TimeDelta::seconds(1));
            let asked = tokio::time::timeout(std::time::Duration::from_secs(20), async {
                while stage.dialing.ask_prices().await.expect("a run") == 0 {
                    tokio::task::yield_now().await;
                }
            });
            asked.await.expect("it is asked");
        }
    }

    async fn a_call_that_nobody_knows_is_hung_up_at_whoever_tells_of_it(stage: Stage) {
        let news = vec![News::Accepted { carrier_call_id: "stray".to_owned() }];
        let mut report = CallReport::news(domain::CallId::from_uuid(uuid::Uuid::now_v7()), news);
        if let engine::dialing::Learned::Carrier(says) = &mut report.learned {
            says.carrier = Some(CarrierKind::Exotel);
        }
        stage.dialing.learn(report).await.expect("it is taken in");
        tokio::time::timeout(std::time::Duration::from_secs(10), async {
            eventually("it is hung up", async || !stage.exotel.hung_up.lock().is_empty()).await;
        })
        .await
        .expect("it is hung up");
        assert!(stage.carrier.hung_up.lock().is_empty());
    }
}

#[test]
fn calls_and_questions_to_exotel_stay_below_its_limit_together() {
    let config = engine::DialingConfig::new("http://127.0.0.1:1".parse().expect("a URL"));
    let (calls, look_ups) = (
        config.calls_per_second(CarrierKind::Exotel),
        config.look_ups_per_second(CarrierKind::Exotel),
    );
    assert!((calls + look_ups) * 60.0 < 150.0, "{calls} and {look_ups}");
    let pace = Pace::new(&config);
    let turns = pace.look_ups(CarrierKind::Exotel, chrono::DateTime::UNIX_EPOCH, 100);
    assert_eq!(turns, 1, "what is asked at once is little");
    // However many calls the account is believed to take, some are asked about.
    let eager = engine::DialingConfig {
        exotel_calls_per_second: 10.0,
        ..config
    };
    let look_ups = eager.look_ups_per_second(CarrierKind::Exotel);
    assert!((0.05..0.5).contains(&look_ups), "{look_ups}");
}

#[tokio::test]
async fn each_carriers_account_has_a_rate_of_its_own() {
    let config = engine::DialingConfig {
        carrier_calls_per_second: 0.01,
        exotel_calls_per_second: 0.01,
        starts_per_slot: 1_000.0,
        ..engine::DialingConfig::new("http://127.0.0.1:1".parse().expect("a URL"))
    };
    let pace = Pace::new(&config);
    let job = CallJob {
        campaign_id: domain::CampaignId::from_uuid(uuid::Uuid::nil()),
        contact_id: domain::ContactId::from_i64(1),
        attempt: 1,
        attempts_max: 1,
        ticket: 1,
        not_after: chrono::DateTime::UNIX_EPOCH,
        limit: 50,
        limit_as_of: chrono::DateTime::UNIX_EPOCH,
        carrier: String::new(),
    };
    for kind in CarrierKind::ALL {
        assert!(pace.turn(&job, *kind).await.is_ok(), "{kind}");
        assert!(pace.turn(&job, *kind).await.is_err(), "{kind}");
    }
}
