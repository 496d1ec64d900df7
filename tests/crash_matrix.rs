//! Killed at any step of the life of a call, no process loses a contact or has anybody called twice.
//!
//! `engine::fail_point` names the steps; [`rows::ROWS`] says which process dies at which, and what goes on meanwhile. Real
//! processes on Postgres and Redis die as `kill -9` has them die. What the carrier saw is held against the promises, and how
//! long it took until all was as it should be is written down: `make crash-matrix` shows it.

mod act;
mod figures;
mod rows;
mod scenes;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;

use figures::Figure;
use rows::{Case, ROWS};

/// Cases under way at once: they wait for most of the time, and each has some twenty connections to the database.
const AT_ONCE_MAX: usize = 8;

#[test]
fn whoever_is_killed_at_any_step_nobody_is_lost_and_nobody_called_twice() {
    let wanted = std::env::var("CRASH_POINT").unwrap_or_default();
    let cases: Vec<Case> = (ROWS.iter().flat_map(Case::of))
        .filter(|case| case.to_string().contains(&wanted))
        .collect();
    assert!(!cases.is_empty(), "no step is called {wanted}");
    let mut played = play_all(&cases);
    played.sort_by_key(|(index, _)| *index);
    let figures: Vec<Figure> = played.iter().filter_map(|(_, done)| *done).collect();
    figures::show(&figures);
    let failed: Vec<String> = (played.iter())
        .filter(|(_, done)| done.is_none())
        .map(|(index, _)| cases[*index].to_string())
        .collect();
    assert!(failed.is_empty(), "see above: {}", failed.join(", "));
}

/// Plays `cases`, a few at once; `None` for one that failed, which must not hide the others.
fn play_all(cases: &[Case]) -> Vec<(usize, Option<Figure>)> {
    let waiting = Mutex::new(cases.iter().enumerate());
    let played = Mutex::new(Vec::new());
    let play_some = || {
        loop {
            let next = waiting.lock().expect("nobody panics with it").next();
            let Some((index, case)) = next else { return };
            let done = catch_unwind(AssertUnwindSafe(|| play(*case))).ok();
            println!("{case}: {}", if done.is_some() { "kept" } else { "FAILED" });
            played.lock().expect("nor with it").push((index, done));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE_MAX.min(cases.len()) {
            scope.spawn(play_some);
        }
    });
    played.into_inner().expect("nor with it")
}

/// On a runtime of its own, which takes the carrier along when it ends.
fn play(case: Case) -> Figure {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(scenes::play(case))
}

#[test]
fn every_fail_point_has_a_row_and_every_row_a_fail_point() {
    let mut named = BTreeSet::new();
    for folder in ["engine/src", "workers/src", "src"] {
        collect(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).as_path(),
            &mut named,
        );
    }
    let rows: BTreeSet<String> = ROWS.iter().map(|row| row.point.to_owned()).collect();
    assert_eq!(named, rows);
}

/// The names of the fail points in the sources under `folder`.
fn collect(folder: &Path, named: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            collect(&path, named);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let source = std::fs::read_to_string(&path).expect("a source");
            let calls = source.split("fail_point!(\"").skip(1);
            named.extend(calls.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
}

/// What is asked of release builds (`make release-check`) is answered differently by the builds that tests run.
#[test]
fn the_programs_under_test_hold_fail_points() {
    for program in ["dialer", "dialer-worker"] {
        let program = crate::support::dialer::binary(program);
        let bytes = std::fs::read(&program).expect("a program");
        let name = b"DIALER_FAIL_POINT";
        let holds = bytes.windows(name.len()).any(|window| window == name);
        assert!(holds, "{}", program.display());
    }
}
