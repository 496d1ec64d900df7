//! The carrier's queue: calls per second.

use simulator::recorder::EndStatus;
use simulator::{Behaviour, SimulatorConfig};

use crate::dialer::{Dialer, TO, eventually, everybody_answers};

#[tokio::test]
async fn calls_leave_the_queue_one_by_one_in_order() {
    // One call per simulated second, five times as fast: 200 ms apart.
    let config = SimulatorConfig {
        calls_per_second: Some(1.0),
        time_scale: 5.0,
        ..everybody_answers()
    };
    let dialer = Dialer::start(config).await;
    for n in 0..5 {
        dialer.accepted(&format!("+1202555{n:04}")).await;
    }
    let recorder = dialer.simulator.recorder();
    assert!(recorder.live_now() >= 3, "waiting calls are live calls");
    eventually("the last end", || async {
        (recorder.live_now() == 0).then_some(())
    })
    .await;
    let calls = recorder.calls();
    let first = calls[0].arrived_at;
    for (place, call) in calls.iter().enumerate() {
        // A late wake-up makes the next gap shorter, but nobody leaves before his turn.
        let waited = (call.initiated_at.expect("initiated") - first).num_milliseconds();
        let turn = i64::try_from(place).expect("few") * 200;
        assert!(
            waited >= turn,
            "call {place} left after {waited} ms, its turn came after {turn}"
        );
    }
}

#[tokio::test]
async fn a_waiting_call_is_queued_and_can_be_canceled() {
    let dialer = Dialer::start(SimulatorConfig {
        calls_per_second: Some(0.01),
        ..everybody_answers()
    })
    .await;
    dialer.simulator.people().script(TO, vec![Behaviour::Busy]);
    dialer.accepted("+12025550001").await;
    let (_, sid) = dialer.accepted(TO).await;
    let (_, call) = dialer.get(&format!("/Calls/{sid}")).await;
    assert_eq!(
        (&call["status"], &call["start_time"]),
        (&"queued".into(), &None::<String>.into())
    );
    assert_eq!(dialer.update(sid, &[("Status", "canceled")]).await.0, 200);
    let call = dialer.finished(TO).await;
    assert_eq!(
        (call.end_status, call.initiated_at),
        (Some(EndStatus::Canceled), None)
    );
}
