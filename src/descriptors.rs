//! How many files and connections the system lets this process have.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::{debug, info};

/// Descriptors that are kept for everything but connections of clients: databases, queue, carriers, files.
const KEPT: u64 = 1_000;

/// Asks for as many descriptors as the system allows, and answers how many of `wanted` connections that is enough for.
///
/// Many systems begin with 1,024, which is for programs of another kind. Where the system allows few, at least three of
/// four are for connections.
#[must_use]
pub fn make_room(wanted: u32) -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let all = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        match setrlimit(Resource::Nofile, all) {
            Ok(()) => limit = all,
            Err(error) => debug!(%error, "the limit of open files stays as it is"),
        }
    }
    let wanted = u64::from(wanted);
    let room = limit
        .current
        .map_or(wanted, |files| wanted.min(files - KEPT.min(files / 4)));
    if room < wanted {
        info!(
            room,
            wanted, "the system allows fewer open files than HTTP_CONNECTIONS_MAX would need"
        );
    }
    usize::try_from(room).unwrap_or(usize::MAX)
}
