//! What no log may show, looked for in the log of every process that any test starts.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use parking_lot::Mutex;
use regex::Regex;

use super::process::Process;

/// Shorter ones are words that may stand anywhere.
const SECRET_CHARS_MIN: usize = 12;
/// Leaks that are told of; one is enough to fail.
const TOLD_MAX: usize = 5;

static SECRETS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// A whole number as E.164 has it, or one of the made-up numbers of these tests in any other spelling. Not within an id.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let made_up = r"1?[-. ]?\(?[2-9][0-9]{2}\)?[-. ]?555[-. ]?[0-9]{4}";
    let pattern = format!(
        r"(?:\+|%2[Bb])[1-9][0-9]{{7,14}}|(?:^|[^0-9A-Za-z-])(?:{made_up})(?:[^0-9A-Za-z-]|$)"
    );
    Regex::new(&pattern).expect("a pattern")
});

/// From now on `secret` must be in no log. Signatures and claims of a JSON Web Token count one by one.
pub fn must_not_be_logged(secret: &str) {
    let mut secrets = SECRETS.lock();
    for part in secret.split('.').chain([secret]) {
        if part.len() >= SECRET_CHARS_MIN {
            secrets.insert(part.to_owned());
        }
    }
}

/// `secret` is told by the process that made it, because nobody else can tell it.
pub fn may_be_told(secret: &str) {
    SECRETS.lock().remove(secret);
}

/// Nothing that `command` is given as a secret may be logged.
pub fn note_environment(command: &Command) {
    for (key, value) in command.get_envs() {
        let (key, value) = (key.to_string_lossy(), value.unwrap_or_default());
        let ends = ["_TOKEN", "_KEY", "_SECRET", "_PASSWORD"];
        if ends.iter().any(|end| key.ends_with(end)) {
            for secret in value.to_string_lossy().split(',') {
                must_not_be_logged(secret.trim());
            }
        }
    }
}

/// The lines of `log` that tell too much, each with what it tells.
pub fn leaks(log: &str) -> Vec<String> {
    let secrets = SECRETS.lock();
    let mut found = Vec::new();
    for secret in secrets
        .iter()
        .filter(|secret| log.contains(secret.as_str()))
    {
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        found.push(format!("the secret {secret} in: {}", line.unwrap_or(log)));
    }
    let numbers = log
        .lines()
        .filter_map(|line| Some((NUMBER.find(line)?, line)));
    found
        .extend(numbers.map(|(number, line)| format!("the number {} in: {line}", number.as_str())));
    found
}

/// Fails where the log of `process` tells too much.
pub fn assert_none(process: &str, log: &str) {
    let found = leaks(log);
    let told = &found[..found.len().min(TOLD_MAX)];
    assert!(
        found.is_empty(),
        "{process} logs what nobody may read, {} times: {told:#?}",
        found.len()
    );
}

#[tokio::test]
#[should_panic(expected = "the number +12025550143 in: calling +12025550143")]
async fn a_process_that_logs_a_whole_number_fails_its_test() {
    let dir = tempfile::TempDir::new().expect("a temporary folder");
    let mut command = Command::new("echo");
    command.arg("calling +12025550143");
    let mut process = Process::spawn("dialer", &mut command, &dir.path().join("log"));
    process.gone(Duration::from_secs(20)).await;
}

#[test]
fn secrets_and_whole_numbers_in_a_log_are_seen() {
    must_not_be_logged("a-secret-that-only-this-test-has");
    for line in [
        "WARN dialer: refused a-secret-that-only-this-test-has, sorry",
        "INFO engine: calling +12025550143",
        "INFO engine: calling +919876543210 now",
        "INFO engine: GET /api/v1/calls/history/%2B4930123456",
        "INFO engine: number=12025550143",
        "INFO engine: number=\"202-555-0143\"",
        "{\"fields\":{\"to\":\"2025550143\"}}",
        "INFO engine: (202) 555-0143 does not answer",
    ] {
        assert_eq!(leaks(&format!("before\n{line}\nafter")).len(), 1, "{line}");
    }
    for line in [
        "2026-11-21T08:16:22.860676Z  INFO engine: user.id=01a1fd2d-8b56-734e-a476-212025550143",
        "INFO engine: conversation.id=conv_8b56734ea476d42212025550143b1a82 duration_ms=1202555014",
        "INFO engine: calling +120******43, +1 *** *** **43",
        "INFO dialer::serve: serving at http://127.0.0.1:25218, port 65535, in 1732176982 s",
    ] {
        assert_eq!(leaks(line), Vec::<String>::new());
    }
}
