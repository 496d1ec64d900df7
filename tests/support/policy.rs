//! The retry policy once more, in the simplest words: what the carrier's record is compared with.

use simulator::{Behaviour, RecordedCall};

use super::people::Person;

/// Attempts that every test campaign grants, and callbacks on top.
pub const ATTEMPTS: usize = 3;
pub const CALLBACKS: usize = 1;

/// Where the policy leads a person who was called like this: the contact's last status.
///
/// # Errors
/// A call too many, or one too few.
pub fn last_status(person: &Person, calls: &[RecordedCall]) -> Result<&'static str, String> {
    let (mut attempts, mut callbacks, mut is_callback) = (0, 0, false);
    let mut end = None;
    for (index, call) in calls.iter().enumerate() {
        if let Some(end) = end {
            return Err(format!("called again although {end}"));
        }
        if is_callback {
            callbacks += 1
        } else {
            attempts += 1
        }
        is_callback = false;
        let behaviour = &person.script[index.min(person.script.len() - 1)];
        match behaviour {
            // Picked up, and nobody spoke: the dialer could not be asked what to say.
            _ if call.document_error.is_some() => end = given_up(attempts),
            Behaviour::Answer { .. } | Behaviour::NotInterested { .. } => end = Some("completed"),
            Behaviour::AskDoNotCall { .. } => end = Some("do_not_call"),
            Behaviour::AskForCallback { .. } if callbacks < CALLBACKS => is_callback = true,
            Behaviour::AskForCallback { .. } => end = Some("completed"),
            _ => end = given_up(attempts),
        }
    }
    end.ok_or_else(|| format!("never called again after {} calls", calls.len()))
}

const fn given_up(attempts: usize) -> Option<&'static str> {
    if attempts < ATTEMPTS {
        None
    } else {
        Some("failed")
    }
}
