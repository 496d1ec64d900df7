//! Callbacks that get lost, doubled, late, out of order, or are turned down.

use simulator::recorder::{CallbackKind, Delivery};
use simulator::{Fault, FaultTiming, MsRange, Trigger};

use crate::dialer::{Dialer, TO, eventually, everybody_answers};

#[tokio::test]
async fn a_dropped_callback_never_arrives_and_is_recorded() {
    let dialer = Dialer::start(everybody_answers()).await;
    dialer
        .simulator
        .faults()
        .set(Fault::CallbackDropped, Trigger::times(1));
    dialer.accepted(TO).await;
    let call = dialer.finished(TO).await;
    assert_eq!(dialer.statuses(), ["ringing", "in-progress", "completed"]);
    assert_eq!(call.callbacks[0].kind, CallbackKind::Initiated);
    assert_eq!(call.callbacks[0].delivery, Delivery::Dropped);
    assert!(!call.delivered().contains(&CallbackKind::Initiated));
}

#[tokio::test]
async fn a_doubled_callback_arrives_twice_with_one_sequence_number() {
    let dialer = Dialer::start(everybody_answers()).await;
    dialer
        .simulator
        .faults()
        .set(Fault::CallbackDoubled, Trigger::always());
    dialer.accepted(TO).await;
    eventually("eight callbacks", || async {
        (dialer.statuses().len() == 8).then_some(())
    })
    .await;
    for sequence in ["0", "1", "2", "3"] {
        let same = dialer
            .events()
            .into_iter()
            .filter(|e| e.get("SequenceNumber") == sequence);
        assert_eq!(same.count(), 2);
    }
}

#[tokio::test]
async fn reordered_callbacks_overtake_each_other() {
    let dialer = Dialer::start(everybody_answers()).await;
    let faults = dialer.simulator.faults();
    faults.set(Fault::CallbackReordered, Trigger::always());
    let callback_reorder_ms = MsRange::new(0, 200);
    faults.set_timing(FaultTiming {
        callback_reorder_ms,
        ..FaultTiming::default()
    });
    let numbers: Vec<String> = (0..10).map(|n| format!("+1202555{n:04}")).collect();
    for number in &numbers {
        dialer.accepted(number).await;
    }
    eventually("all callbacks", || async {
        (dialer.statuses().len() == 40).then_some(())
    })
    .await;
    let order = |number: &String| -> Vec<String> {
        let events = dialer.events().into_iter();
        let of_call = events.filter(|e| e.kind == "status" && e.get("To") == *number);
        of_call
            .map(|e| e.get("SequenceNumber").to_owned())
            .collect()
    };
    let shuffled = numbers
        .iter()
        .filter(|n| order(n) != ["0", "1", "2", "3"])
        .count();
    assert!(
        shuffled >= 5,
        "{shuffled} of 10 calls had their callbacks out of order"
    );
}

#[tokio::test]
async fn delayed_callbacks_are_late_and_in_order() {
    let dialer = Dialer::start(everybody_answers()).await;
    let faults = dialer.simulator.faults();
    faults.set(Fault::CallbackDelayed, Trigger::always());
    let callback_delay_ms = MsRange::exactly(30);
    faults.set_timing(FaultTiming {
        callback_delay_ms,
        ..FaultTiming::default()
    });
    dialer.accepted(TO).await;
    let call = dialer.finished(TO).await;
    assert_eq!(
        dialer.statuses(),
        ["initiated", "ringing", "in-progress", "completed"]
    );
    let last = call
        .callbacks
        .iter()
        .find(|c| c.kind == CallbackKind::Completed)
        .unwrap();
    let late = last.settled_at - call.ended_at.unwrap();
    assert!(late.num_milliseconds() >= 30, "{late}");
}

#[tokio::test]
async fn a_callback_that_is_turned_down_is_tried_three_times() {
    let dialer = Dialer::start(simulator::SimulatorConfig {
        time_scale: 100.0,
        ..everybody_answers()
    })
    .await;
    dialer.turn_down(3 + 2); // All of the first callback's attempts, two of the second's.
    dialer.accepted(TO).await;
    let call = dialer.finished(TO).await;
    let outcome = |kind| {
        let callback = call.callbacks.iter().find(|c| c.kind == kind).unwrap();
        (callback.attempts, callback.delivery)
    };
    assert_eq!(
        outcome(CallbackKind::Initiated),
        (3, Delivery::Answered(500))
    );
    assert_eq!(outcome(CallbackKind::Ringing), (3, Delivery::Answered(204)));
    assert_eq!(
        outcome(CallbackKind::Completed),
        (1, Delivery::Answered(204))
    );
}

#[tokio::test]
async fn a_call_ends_in_time_though_nobody_listens() {
    let dialer = Dialer::start(everybody_answers()).await;
    let mut form = dialer.form(uuid::Uuid::new_v4(), TO);
    for (name, value) in &mut form {
        if name.ends_with("Callback") {
            *value = "http://127.0.0.1:1/nobody".into();
        }
    }
    dialer.send(&form).await.unwrap();
    let recorder = dialer.simulator.recorder();
    eventually("the end", || async {
        (recorder.live_now() == 0).then_some(())
    })
    .await;
    eventually("the first callback to be given up", || async {
        let callback = *recorder.calls_to(TO)[0]
            .callbacks
            .iter()
            .find(|c| c.attempts == 3)?;
        (callback.delivery == Delivery::Unreachable).then_some(())
    })
    .await;
}
