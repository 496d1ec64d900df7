//! How long calls took, counted in fixed steps: the columns `wait_0` … and `talk_0` … of `call_detail_rollups`.

use entity::call_detail_rollup::Model;

/// Steps of a histogram.
pub const BINS: usize = 12;

/// A count per step.
pub type Counts = [i64; BINS];

/// Where a wait's steps end, in milliseconds; the last has no end. Changing one changes what is already counted: it needs a
/// migration that counts anew.
pub const WAIT_BOUNDS_MS: [i64; BINS - 1] = [
    1_000, 2_000, 4_000, 6_000, 8_000, 10_000, 15_000, 20_000, 30_000, 45_000, 60_000,
];

/// Where a talk's steps end, in seconds; the last has no end. As [`WAIT_BOUNDS_MS`].
pub const TALK_BOUNDS_S: [i64; BINS - 1] = [5, 15, 30, 60, 90, 120, 180, 300, 600, 1_200, 1_800];

/// The step that `value` belongs to: the first that ends above it.
#[must_use]
pub fn bin_of(bounds: &[i64; BINS - 1], value: i64) -> usize {
    bounds.partition_point(|bound| *bound <= value)
}

/// The count of waits as long as `wait_ms`, to be changed.
pub(super) fn waits_like(row: &mut Model, wait_ms: i64) -> &mut i32 {
    match bin_of(&WAIT_BOUNDS_MS, wait_ms) {
        0 => &mut row.wait_0,
        1 => &mut row.wait_1,
        2 => &mut row.wait_2,
        3 => &mut row.wait_3,
        4 => &mut row.wait_4,
        5 => &mut row.wait_5,
        6 => &mut row.wait_6,
        7 => &mut row.wait_7,
        8 => &mut row.wait_8,
        9 => &mut row.wait_9,
        10 => &mut row.wait_10,
        _ => &mut row.wait_11,
    }
}

/// The count of talks as long as `talk_s`, to be changed.
pub(super) fn talks_like(row: &mut Model, talk_s: i64) -> &mut i32 {
    match bin_of(&TALK_BOUNDS_S, talk_s) {
        0 => &mut row.talk_0,
        1 => &mut row.talk_1,
        2 => &mut row.talk_2,
        3 => &mut row.talk_3,
        4 => &mut row.talk_4,
        5 => &mut row.talk_5,
        6 => &mut row.talk_6,
        7 => &mut row.talk_7,
        8 => &mut row.talk_8,
        9 => &mut row.talk_9,
        10 => &mut row.talk_10,
        _ => &mut row.talk_11,
    }
}
