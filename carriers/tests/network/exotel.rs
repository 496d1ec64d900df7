//! Exotel's client and readers against the network's Exotel.

use std::time::Duration;

use carriers::exotel::status::Occasion;
use carriers::{
    CallKey, CampaignFault, Carrier, CarrierError, Deepgram, DeepgramConfig, Exotel, ExotelConfig,
    FoundCall, LookedUp, PlaceCall, PlaceError, Price, Recording, Transcriber,
};
use chrono::{FixedOffset, Utc};
use domain::AnsweredBy;
use domain::progress::{End, News};
use simulator::{Behaviour, ExotelAccount, Fault, SimulatorConfig};

use crate::exotel_stage::{FROM, Stage, TO, exotel_config};
use crate::stage::{CALL_ID, call_id, eventually, fast, instant, number};

fn unnamed() -> CallKey {
    CallKey {
        carrier_call_id: None,
        to: number(TO),
        from: number(FROM),
        begun_at: Utc::now(),
    }
}

fn found(looked_up: LookedUp) -> Vec<FoundCall> {
    match looked_up {
        LookedUp::Found(calls) => calls,
        LookedUp::NotFound => Vec::new(),
    }
}

#[tokio::test]
async fn a_call_is_placed_told_of_and_looked_up_with_its_late_price() {
    let exotel = ExotelAccount {
        settle_ms: 200_000, // 0.2 s of real time
        ..ExotelAccount::default()
    };
    let config = SimulatorConfig { exotel, ..fast() };
    let stage = Stage::set(config, Behaviour::Answer { talk_ms: 61_000 }).await;
    let placed = stage.carrier.place(&stage.call()).await.unwrap();
    let recorded = stage.over().await;
    assert_eq!(
        recorded.sid().unwrap().simple().to_string(),
        placed.carrier_call_id
    );
    assert_eq!((&*recorded.to, &*recorded.from), (TO, FROM));
    assert_eq!(recorded.call_id.unwrap().to_string(), CALL_ID);

    let [answered, over] = &stage.callbacks(2).await[..] else {
        panic!("two callbacks")
    };
    let accepted = News::Accepted {
        carrier_call_id: placed.carrier_call_id.clone(),
    };
    let ended = News::Ended {
        end: End::Completed,
        duration_s: Some(61),
    };
    let human = News::Detected(AnsweredBy::Human);
    assert_eq!(answered.occasion, Occasion::Answered);
    assert_eq!(
        answered.news,
        [accepted.clone(), News::Answered, human.clone()]
    );
    assert_eq!(over.news, [accepted, human, ended]);
    assert_eq!(
        (over.call_id, over.from.clone()),
        (Some(call_id()), Some(number(TO)))
    );
    assert!(over.recording_url.is_some());

    let key = CallKey {
        carrier_call_id: Some(placed.carrier_call_id.clone()),
        ..unnamed()
    };
    let call = eventually("the price", || async {
        let call = found(stage.carrier.look_up(&key).await.unwrap()).remove(0);
        call.price.is_some().then_some(call)
    })
    .await;
    assert_eq!(call.price, Price::from_amount(3.0, "INR"));
    assert_eq!(
        (call.duration_s, call.status.as_str()),
        (Some(61), "completed")
    );
    let recording = stage.carrier.recording(&placed.carrier_call_id).await;
    assert_eq!(recording.unwrap(), over.recording_url);
}

#[tokio::test]
async fn callbacks_in_parts_and_in_short_teach_the_end_too() {
    for (fault, duration_s) in [
        (Fault::ExotelCallbackForm, Some(61)),
        (Fault::ExotelCallbackShort, None),
    ] {
        let stage = Stage::set(fast(), Behaviour::Answer { talk_ms: 61_000 }).await;
        stage.fail(fault);
        stage.carrier.place(&stage.call()).await.unwrap();
        let last = stage.callbacks(2).await.pop().unwrap();
        assert!(
            last.news.contains(&News::Ended {
                end: End::Completed,
                duration_s
            }),
            "{last:?}"
        );
        assert!(stage.simulator.faults().fired(fault) > 0);
    }
}

#[tokio::test]
async fn every_way_a_call_at_exotel_can_go_is_learnt_from_its_callback() {
    for (behaviour, expected, by) in [
        (Behaviour::Busy, End::Busy, None),
        (Behaviour::NoAnswer, End::NoAnswer, None),
        (Behaviour::Failed, End::Failed, None),
        (
            Behaviour::Voicemail,
            End::Completed,
            Some(AnsweredBy::Machine),
        ),
    ] {
        let stage = Stage::set(fast(), behaviour).await;
        stage.carrier.place(&stage.call()).await.unwrap();
        stage.over().await;
        let end = eventually("the end in a callback", || async {
            let news = stage.callbacks(1).await.pop()?.news;
            news.iter()
                .find_map(|news| match news {
                    News::Ended { end, .. } => Some(*end),
                    _ => None,
                })
                .map(|end| (end, news))
        })
        .await;
        assert_eq!(end.0, expected);
        let detected = by.map(News::Detected);
        assert!(detected.is_none_or(|news| end.1.contains(&news)));
    }
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_is_found_again() {
    for fault in [Fault::CreateUnanswered, Fault::CreateErrorAfterAccept] {
        let stage = Stage::set(instant(), Behaviour::Busy).await;
        let key = unnamed();
        let before = stage.carrier.look_up(&key).await.unwrap();
        assert_eq!(before, LookedUp::NotFound);
        stage.fail(fault);
        let error = stage.carrier.place(&stage.call()).await.unwrap_err();
        assert!(matches!(error, PlaceError::Ambiguous(_)), "{error:?}");
        let recorded = stage.over().await;
        let calls = found(stage.carrier.look_up(&key).await.unwrap());
        assert_eq!(calls.len(), 1);
        assert_eq!(
            calls[0].carrier_call_id,
            recorded.sid().unwrap().simple().to_string()
        );
        assert_eq!(calls[0].status, "busy");
    }
}

#[tokio::test]
async fn a_call_is_found_again_in_spite_of_a_wrong_clock_once_one_was_placed() {
    let stage = Stage::set(instant(), Behaviour::Busy).await;
    let config = ExotelConfig {
        utc_offset: FixedOffset::east_opt(12 * 3_600).unwrap(),
        ..exotel_config(&stage.simulator)
    };
    let carrier = Exotel::new(config).unwrap();
    let key = unnamed();
    let placed = carrier.place(&stage.call()).await.unwrap();
    let calls = found(carrier.look_up(&key).await.unwrap());
    assert_eq!(calls[0].carrier_call_id, placed.carrier_call_id);
    let skew = calls[0].created_at.unwrap() - key.begun_at;
    assert!(skew.num_seconds().abs() <= 5, "{skew}");
}

#[tokio::test]
async fn a_call_in_doubt_is_found_in_spite_of_a_wrong_clock_though_none_was_placed_before() {
    for (utc_offset_s, believed_s) in [(28_800, 19_800), (19_800, 28_800), (0, 19_800)] {
        let exotel = ExotelAccount {
            utc_offset_s,
            ..ExotelAccount::default()
        };
        let config = SimulatorConfig {
            exotel,
            ..instant()
        };
        let stage = Stage::set(config, Behaviour::Busy).await;
        let carrier = Exotel::new(ExotelConfig {
            utc_offset: FixedOffset::east_opt(believed_s).unwrap(),
            ..exotel_config(&stage.simulator)
        })
        .unwrap();
        let key = unnamed();
        stage.fail(Fault::CreateUnanswered);
        carrier.place(&stage.call()).await.unwrap_err();
        stage.over().await;
        let calls = found(carrier.look_up(&key).await.unwrap());
        let [call] = &calls[..] else {
            panic!("one call, not {calls:?}")
        };
        assert_eq!(call.created_at, None, "no date that may be hours off");

        // Known by its name, it shows which clock is behind its date.
        let named = CallKey {
            carrier_call_id: Some(call.carrier_call_id.clone()),
            ..key.clone()
        };
        let call = found(carrier.look_up(&named).await.unwrap()).remove(0);
        let skew = call.created_at.unwrap() - key.begun_at;
        assert!(skew.num_seconds().abs() <= 5, "{skew}");
        let calls = found(carrier.look_up(&key).await.unwrap());
        assert_eq!(calls, [call]);
    }
}

#[tokio::test]
async fn a_person_is_found_in_lists_whichever_form_exotel_filters_by() {
    for lists_by_national in [false, true] {
        let exotel = ExotelAccount {
            lists_by_national,
            ..ExotelAccount::default()
        };
        let config = SimulatorConfig {
            exotel,
            ..instant()
        };
        let stage = Stage::set(config, Behaviour::Busy).await;
        let key = unnamed();
        let placed = stage.carrier.place(&stage.call()).await.unwrap();
        let calls = found(stage.carrier.look_up(&key).await.unwrap());
        let names: Vec<&str> = calls.iter().map(|c| c.carrier_call_id.as_str()).collect();
        assert_eq!(names, [placed.carrier_call_id], "{lists_by_national}");
    }
}

#[tokio::test]
async fn every_page_of_a_persons_calls_is_looked_through() {
    let stage = Stage::set(instant(), Behaviour::Busy).await;
    let key = unnamed();
    for _ in 0..102 {
        stage.carrier.place(&stage.call()).await.unwrap();
    }
    let calls = found(stage.carrier.look_up(&key).await.unwrap());
    assert_eq!(calls.len(), 102);
}

#[tokio::test]
async fn refusals_of_the_networks_exotel_say_what_to_do() {
    let stage = Stage::set(instant(), Behaviour::InvalidNumber).await;
    let error = stage.carrier.place(&stage.call()).await.unwrap_err();
    assert!(matches!(error, PlaceError::Rejected { .. }), "{error:?}");

    for (fault, expected) in [
        (Fault::CreateUnauthorized, CampaignFault::Credentials),
        (Fault::CreateNoBalance, CampaignFault::Balance),
    ] {
        let stage = Stage::set(instant(), Behaviour::Busy).await;
        stage.fail(fault);
        match stage.carrier.place(&stage.call()).await {
            Err(PlaceError::Fault { fault, .. }) => assert_eq!(fault, expected),
            other => panic!("{other:?}"),
        }
    }
    let stage = Stage::set(instant(), Behaviour::Busy).await;
    let call = PlaceCall {
        from: number("+918000000000"),
        ..stage.call()
    };
    match stage.carrier.place(&call).await {
        Err(PlaceError::Fault { fault, .. }) => assert_eq!(fault, CampaignFault::CallerNumber),
        other => panic!("{other:?}"),
    }
    stage.fail(Fault::CreateDoNotDisturb);
    match stage.carrier.place(&stage.call()).await {
        Err(PlaceError::Rejected { reason, .. }) => {
            assert!(
                reason.contains("NDNC") && !reason.contains("9876543210"),
                "{reason}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(stage.simulator.recorder().summary().accepted, 0);
}

#[tokio::test]
async fn beyond_the_limit_per_minute_nothing_is_placed_and_nothing_is_taken_for_missing() {
    let exotel = ExotelAccount {
        requests_per_minute: Some(1),
        ..ExotelAccount::default()
    };
    let stage = Stage::set(
        SimulatorConfig {
            exotel,
            ..instant()
        },
        Behaviour::Busy,
    )
    .await;
    stage.carrier.place(&stage.call()).await.unwrap();
    match stage.carrier.place(&stage.call()).await {
        Err(PlaceError::Busy { not_before, .. }) => {
            assert_eq!(not_before, Some(Duration::from_secs(15)));
        }
        other => panic!("{other:?}"),
    }
    let error = stage.carrier.look_up(&unnamed()).await.unwrap_err();
    assert!(matches!(error, CarrierError::Retryable { .. }), "{error:?}");
    assert_eq!(stage.simulator.recorder().summary().accepted, 1);
}

#[tokio::test]
async fn a_call_at_exotel_cannot_be_ended_before_it_is_over() {
    let stage = Stage::set(fast(), Behaviour::Answer { talk_ms: 300_000 }).await;
    let placed = stage.carrier.place(&stage.call()).await.unwrap();
    let error = stage.carrier.hang_up(&placed.carrier_call_id).await;
    assert!(
        matches!(error, Err(CarrierError::Refused { .. })),
        "{error:?}"
    );
    stage.over().await;
    stage
        .carrier
        .hang_up(&placed.carrier_call_id)
        .await
        .unwrap();
    stage.carrier.hang_up("unknown").await.unwrap();
}

#[tokio::test]
async fn the_networks_exophones_are_listed() {
    let stage = Stage::set(instant(), Behaviour::Busy).await;
    let numbers = stage.carrier.list_numbers().await.unwrap();
    let shown: Vec<_> = numbers
        .iter()
        .map(|n| (n.carrier_number_id.as_str(), n.number.expose()))
        .collect();
    assert_eq!(
        shown,
        [
            ("08047112200", "+918047112200"),
            ("08047112201", "+918047112201")
        ]
    );
    stage.fail(Fault::NumbersUnavailable);
    let error = stage.carrier.list_numbers().await;
    assert!(
        matches!(error, Err(CarrierError::Retryable { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_recorded_call_can_be_transcribed_from_its_address() {
    let stage = Stage::set(instant(), Behaviour::Answer { talk_ms: 0 }).await;
    let placed = stage.carrier.place(&stage.call()).await.unwrap();
    stage.over().await;
    let address = stage.carrier.recording(&placed.carrier_call_id).await;
    let deepgram = Deepgram::new(DeepgramConfig {
        base_url: stage.simulator.deepgram_base_url().parse().unwrap(),
        api_key: "dg-simulator".into(),
        model: DeepgramConfig::MODEL.to_owned(),
        timeout: Duration::from_secs(5),
    })
    .unwrap();
    let recording = Recording {
        url: address.unwrap().unwrap(),
        language: Some("en".to_owned()),
        person_channel: None,
    };
    let heard = deepgram.transcribe(&recording).await.unwrap();
    assert_eq!(heard.turns.len(), 4);
}
