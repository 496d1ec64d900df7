//! Prices, as the carrier tells them a while after the end of a call.

use std::collections::BTreeMap;

use super::database::rows;
use super::{Dialer, Options, PATIENCE, eventually};

/// Prices are asked for as early as can be.
pub fn asked_early() -> Options {
    Options {
        env: BTreeMap::from([("CALL_PRICE_AFTER_S", "1".to_owned())]),
        ..Options::default()
    }
}

/// Waits until the price of each call that the carrier knows is known here.
pub async fn are_told(dialer: &Dialer) {
    let db = dialer.database().await;
    let missing = "SELECT COUNT(*) AS n FROM calls WHERE carrier_call_id IS NOT NULL AND price_micros IS NULL";
    eventually("all prices are known", PATIENCE, async || {
        let missing = &rows(&db, missing).await[0]["n"];
        (missing.as_i64() == Some(0)).then_some(())
    })
    .await;
}

/// Millionths of what the carrier takes for so much talk: 0.8 cents for each begun minute.
pub fn micros(talk_s: i64) -> i64 {
    (talk_s + 59) / 60 * 8_000
}

/// The same as a decimal number.
pub fn of(talk_s: i64) -> String {
    format!("0.{:06}", micros(talk_s))
}
