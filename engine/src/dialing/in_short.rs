//! Ends that a carrier tells in short: that a call is over, and neither how long it took nor who picked up. The carrier is
//! asked for the rest before the call is settled, so that a machine does not count as a person.

use ::carriers::{CarrierKind, exotel};
use domain::progress::{End, News};
use entity::call;

use super::report::{CarrierSays, Learned};

/// How often the carrier is asked for the rest; then what it told is all there is.
const TRIES_MAX: i32 = 3;
/// How long until it is asked again, in seconds: the call holds a slot that nobody uses.
pub(super) const PAUSE_S: i64 = 10;

/// How the call ended, where that was told in short and the rest is awaited.
pub(super) fn told_end(call: &call::Model) -> Option<End> {
    let status = call.carrier_status.as_deref();
    let status = status.filter(|_| call.ending.is_none())?;
    match call.carrier.parse().ok()? {
        CarrierKind::Exotel => exotel::status::end(status),
        CarrierKind::SignalWire => None,
    }
}

/// What was told is all there is.
pub(super) fn as_told(end: End) -> Learned {
    Learned::Carrier(CarrierSays {
        news: vec![News::Ended {
            end,
            duration_s: None,
        }],
        ..CarrierSays::default()
    })
}

/// What to make of `learned`, the carrier's answer, where it told an end in short before: an answer without an end is
/// behind, and is not waited out for ever.
pub(super) fn completed(call: &call::Model, learned: Option<Learned>) -> Option<Learned> {
    let Some(end) = told_end(call) else {
        return learned;
    };
    let is_end = |news: &News| matches!(news, News::Ended { .. });
    match learned {
        Some(Learned::Carrier(says)) if says.news.iter().any(is_end) => {
            Some(Learned::Carrier(says))
        }
        Some(Learned::Carrier(_)) | None => (call.checks + 1 >= TRIES_MAX).then(|| as_told(end)),
        other => other,
    }
}
