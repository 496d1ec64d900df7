//! Leads through the phases, and looks at everything every other second.

use std::time::{Duration, Instant};

use chrono::Utc;
use sea_orm::DatabaseConnection;
use tokio::time::sleep;

use crate::crowd::Crowd;
use crate::faults::{self, Disasters};
use crate::figures::Span;
use crate::judge;
use crate::plan::{Kind, Phase};
use crate::sample::{self, Sample};
use crate::stage::Stage;

/// From one look to the next.
const LOOK: Duration = Duration::from_secs(2);
/// Within this everybody has come to an end once nothing goes wrong any more and nothing new is begun.
const END_PATIENCE: Duration = Duration::from_secs(300);

/// Plays one phase; when it was.
pub async fn conduct(
    phase: Phase,
    stage: &mut Stage,
    db: &DatabaseConnection,
    samples: &mut Vec<Sample>,
) -> Span {
    let (from, began) = (Utc::now(), Instant::now());
    eprintln!(
        "soak: {}, for {:.0} s",
        phase.name,
        phase.lasts.as_secs_f64()
    );
    let network = stage.dialer.simulator.faults();
    if phase.kind == Kind::Faults {
        faults::switch_on(&network);
    }
    let mut disasters = Disasters::of(&phase);
    while began.elapsed() < phase.lasts {
        let passed = began.elapsed().div_duration_f64(phase.lasts);
        disasters.strike(passed, stage).await;
        samples.push(sample::take(stage, db).await);
        sleep(LOOK.min(phase.lasts.saturating_sub(began.elapsed()))).await;
    }
    // Whoever was to come back does so, in however short a phase.
    disasters.strike(1.0, stage).await;
    network.clear();
    Span {
        phase,
        from,
        to: Utc::now(),
    }
}

/// Waits until everybody has come to an end; when that was, and who has not.
pub async fn await_the_end(
    crowd: &Crowd,
    stage: &Stage,
    db: &DatabaseConnection,
    samples: &mut Vec<Sample>,
) -> (Span, Vec<String>) {
    let (from, began) = (Utc::now(), Instant::now());
    eprintln!("soak: the end, for {} s at most", END_PATIENCE.as_secs());
    crowd.begin_nothing_new();
    let open = loop {
        samples.push(sample::take(stage, db).await);
        let mut open = judge::open(db).await;
        if !crowd.has_ended() {
            open.push("P4: a campaign does not end".to_owned());
        }
        if open.is_empty() || began.elapsed() > END_PATIENCE {
            break open;
        }
        sleep(LOOK).await;
    };
    let phase = Phase::end();
    (
        Span {
            phase,
            from,
            to: Utc::now(),
        },
        open,
    )
}
