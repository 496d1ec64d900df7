//! Deepgram's client against the network's Deepgram.

use std::time::Duration;

use carriers::{
    CampaignFault, Deepgram, DeepgramConfig, Recording, Speaker, TranscribeError, Transcriber,
};
use simulator::{DeepgramAccount, Fault, Simulator, SimulatorConfig, Trigger};

use crate::stage::{eventually, fast};

async fn start(deepgram: DeepgramAccount) -> Simulator {
    let config = SimulatorConfig { deepgram, ..fast() };
    Simulator::start(config).await.unwrap()
}

fn credulous() -> DeepgramAccount {
    DeepgramAccount {
        fetches_recordings: false,
        ..DeepgramAccount::default()
    }
}

fn client(simulator: &Simulator) -> Deepgram {
    Deepgram::new(DeepgramConfig {
        base_url: simulator.deepgram_base_url().parse().unwrap(),
        api_key: DeepgramAccount::default().api_key.into(),
        model: DeepgramConfig::MODEL.to_owned(),
        timeout: Duration::from_secs(5),
    })
    .unwrap()
}

fn recording(person_channel: Option<u32>) -> Recording {
    Recording {
        url: "http://127.0.0.1:1/rec.mp3".parse().unwrap(),
        language: None,
        person_channel,
    }
}

#[tokio::test]
async fn a_recording_becomes_turns_with_their_times() {
    let simulator = start(credulous()).await;
    let deepgram = client(&simulator);
    let voice = |n: u32| Speaker::Other(format!("speaker {n}"));
    for (channel, person, agent) in [
        (Some(0), Speaker::Person, Speaker::Agent),
        (None, voice(0), voice(1)),
    ] {
        let heard = deepgram.transcribe(&recording(channel)).await.unwrap();
        let said: Vec<_> = heard
            .turns
            .iter()
            .map(|turn| (turn.at_s, turn.speaker.clone(), turn.text.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                (0, person.clone(), "Hello?"),
                (1, agent.clone(), "Hello, this is the demo agent."),
                (4, agent, "I am calling about your appointment."),
                (7, person, "Yes, that suits me."),
            ]
        );
        assert_eq!(
            (heard.duration_s, heard.language.as_deref()),
            (Some(10), Some("en"))
        );
    }
}

#[tokio::test]
async fn refusals_of_the_networks_deepgram_say_what_to_do() {
    let simulator = start(credulous()).await;
    let deepgram = client(&simulator);
    let refused = async |fault| {
        simulator.faults().set(fault, Trigger::times(1));
        deepgram.transcribe(&recording(None)).await.unwrap_err()
    };
    match refused(Fault::DeepgramTooMany).await {
        TranscribeError::NoCapacity { not_before, .. } => {
            assert_eq!(not_before, Some(Duration::from_secs(1)));
        }
        other => panic!("{other:?}"),
    }
    let error = refused(Fault::DeepgramUnavailable).await;
    assert!(
        matches!(error, TranscribeError::Retryable { .. }),
        "{error:?}"
    );
    let error = refused(Fault::RecordingUnreachable).await;
    assert!(
        matches!(error, TranscribeError::Rejected { .. }),
        "{error:?}"
    );
    for (fault, expected) in [
        (Fault::DeepgramUnauthorized, CampaignFault::Credentials),
        (Fault::DeepgramNoBalance, CampaignFault::Balance),
    ] {
        match refused(fault).await {
            TranscribeError::Fault { fault, .. } => assert_eq!(fault, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_address_that_only_we_could_open_is_no_recording() {
    let simulator = start(DeepgramAccount::default()).await;
    let error = client(&simulator).transcribe(&recording(None)).await;
    assert!(
        matches!(error, Err(TranscribeError::Rejected { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn one_recording_too_many_at_once_finds_no_capacity_until_another_is_done() {
    let deepgram = DeepgramAccount {
        concurrent_requests: Some(1),
        ..credulous()
    };
    let simulator = start(deepgram).await;
    let client = client(&simulator);
    simulator
        .faults()
        .set(Fault::DeepgramSlow, Trigger::times(1));
    let slow = recording(None);
    let second = async {
        eventually("the first to be listened to", || async {
            (simulator.faults().fired(Fault::DeepgramSlow) == 1).then_some(())
        })
        .await;
        client.transcribe(&recording(None)).await
    };
    let (first, second) = tokio::join!(client.transcribe(&slow), second);
    first.unwrap();
    assert!(
        matches!(second, Err(TranscribeError::NoCapacity { .. })),
        "{second:?}"
    );
    client.transcribe(&slow).await.unwrap();
}
