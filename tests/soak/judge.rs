//! The promises, asked of the carrier's record and of the rows, for many campaigns at once.

mod books;
mod carrier;

pub use books::open;
use sea_orm::DatabaseConnection;

use crate::campaign::Life;
use crate::support::Dialer;

/// Every broken promise, in words. `delay_ms` is what the retry policy's minute lasts.
pub async fn broken(
    dialer: &Dialer,
    db: &DatabaseConnection,
    lives: &[Life],
    delay_ms: i64,
) -> Vec<String> {
    let calls = dialer.simulator.recorder().calls();
    let mut broken = Vec::new();
    let overlaps = dialer.simulator.recorder().overlaps();
    if !overlaps.is_empty() {
        broken.push(format!("P2: called twice at once: {overlaps:?}"));
    }
    broken.extend(carrier::early_retries(dialer, delay_ms));
    for life in lives {
        let ours = life.calls_among(&calls);
        broken.extend(carrier::above_limit(life, &ours));
        broken.extend(carrier::called_while_at_rest(life, &ours));
        let (ends, wrong) = carrier::ends(life, &ours);
        broken.extend(wrong);
        broken.extend(books::not_done(db, life, &ends).await);
    }
    broken.extend(books::differ_from_the_carrier(db, &calls).await);
    broken.extend(carrier::single_calls_too_many(&calls));
    broken.extend(books::differ_from_a_recount(db).await);
    broken
}
