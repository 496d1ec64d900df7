//! Backups of a Postgres, as operators make them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Writes the database at `url` into `file`, as it is now.
pub fn dump(url: &str, file: &Path) {
    run(tool("pg_dump")
        .arg("--no-owner")
        .arg("-f")
        .arg(file)
        .arg(url));
}

/// Makes what is in `file` the contents of the empty database at `url`.
pub fn restore(url: &str, file: &Path) {
    run(tool("psql")
        .args(["-q", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f"])
        .arg(file)
        .arg(url));
}

fn tool(name: &str) -> Command {
    let folder = std::env::var("TEST_POSTGRES_BIN").unwrap_or_default();
    Command::new(PathBuf::from(folder).join(name))
}

fn run(command: &mut Command) {
    let done = command.output().expect("Postgres' programs are there");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {said}");
}
