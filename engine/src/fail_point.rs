//! Points in the life of a call at which a process can be told to kill itself, so that tests find out what a crash there
//! leaves behind. Release builds hold none of them.
//!
//! `DIALER_FAIL_POINT=begin.committed` kills the process when it comes there for the first time, `begin.committed:3` when
//! it does for the third.

/// Names a step of the life of a call; where there is a condition, as far as that is true.
///
/// Nothing at all without `debug_assertions`. The name is that of the step in `ARCHITECTURE.md`, and each has a row in
/// `tests/crash_matrix`.
#[macro_export]
macro_rules! fail_point {
    ($name:literal) => {
        #[cfg(debug_assertions)]
        $crate::fail_point::pass($name);
    };
    ($name:literal, $when:expr) => {
        #[cfg(debug_assertions)]
        if $when {
            $crate::fail_point::pass($name);
        }
    };
}

#[cfg(debug_assertions)]
pub use armed::pass;

#[cfg(debug_assertions)]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use rustix::process::{Signal, getpid, kill_process};

    /// Where to die.
    const VARIABLE: &str = "DIALER_FAIL_POINT";

    static ARMED: LazyLock<Option<Armed>> = LazyLock::new(|| {
        let text = std::env::var(VARIABLE).ok()?;
        let (name, times) = text.split_once(':').unwrap_or((&text, "1"));
        let times = times.parse().unwrap_or(1);
        Some(Armed {
            name: name.to_owned(),
            left: AtomicU32::new(times),
        })
    });

    struct Armed {
        name: String,
        /// How often the point is still to be passed; the last time is fatal.
        left: AtomicU32,
    }

    /// Kills the process if it was told to die at `name`, now: as `kill -9` does, nothing is flushed and nothing undone.
    pub fn pass(name: &'static str) {
        let Some(armed) = ARMED.as_ref().filter(|armed| armed.name == name) else {
            return;
        };
        if armed.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            let _ = kill_process(getpid(), Signal::KILL);
            // The signal ends every thread; until it has, this one must not go on.
            loop {
                std::thread::park();
            }
        }
    }
}
