//! Waiting for a condition instead of sleeping.

use std::time::{Duration, Instant};

/// How long what must come may take: far longer than it does, on a machine that does other things as well.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// Asks again this often.
const PAUSE: Duration = Duration::from_millis(25);

/// Asks `question` until it answers `Some`, for at most `patience`; then panics with `what`.
pub async fn eventually<T>(
    what: &str,
    patience: Duration,
    mut question: impl AsyncFnMut() -> Option<T>,
) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = question().await {
            return answer;
        }
        assert!(
            start.elapsed() < patience,
            "waited {patience:?} in vain: {what}"
        );
        tokio::time::sleep(PAUSE).await;
    }
}
