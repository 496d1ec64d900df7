//! A real process: started, frozen, killed, and never left behind.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{eventually, leaks};

/// A child process whose output goes to a file; dropping it kills it, and fails where that says what no log may show.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; what it prints is appended to `log`.
    pub fn spawn(name: &str, command: &mut Command, log: &Path) -> Self {
        leaks::note_environment(command);
        let out = File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("the log can be written");
        let err = out.try_clone().expect("the log can be shared");
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::from(out))
            .stderr(Stdio::from(err))
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        Self {
            name: name.to_owned(),
            child,
            log: log.to_owned(),
        }
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Stops its clock.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// Waits until it is gone; its exit code.
    pub async fn gone(&mut self, patience: Duration) -> Option<i32> {
        let name = self.name.clone();
        let status = eventually(&format!("{name} is gone"), patience, async || {
            self.child.try_wait().expect("a child can be asked")
        })
        .await;
        status.code()
    }

    /// True once it is gone.
    pub fn has_ended(&mut self) -> bool {
        let ended = self.child.try_wait().expect("a child can be asked");
        ended.is_some()
    }

    /// Everything it has printed.
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Bytes of memory that it holds.
    pub fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the system tells");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next());
        let kibibytes: u64 = kibibytes
            .and_then(|text| text.parse().ok())
            .expect("a size");
        kibibytes * 1024
    }

    /// Files and connections that it has open.
    pub fn open_files(&self) -> usize {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.child.id()));
        files.expect("the system tells").count()
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .arg(format!("-{signal}"))
            .arg(self.child.id().to_string())
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "{} takes no {signal}",
            self.name
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A frozen process does not hear a polite signal; this one it does.
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- {} printed:\n{}", self.name, tail(&self.output()));
        } else if self.name.starts_with("dialer") {
            leaks::assert_none(&self.name, &self.output());
        }
    }
}

fn tail(text: &str) -> String {
    const LINES: usize = 60;
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
