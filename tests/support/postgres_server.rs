//! A Postgres of a test's own, for tests that restart it.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use sea_orm::{ConnectOptions, Database};
use tempfile::TempDir;

use super::process::Process;
use super::{PATIENCE, eventually};

/// A private Postgres on a free port, with the durability it comes with.
pub struct PostgresServer {
    process: Process,
    port: u16,
    setting: Option<&'static str>,
    dir: TempDir,
}

impl PostgresServer {
    /// Makes a cluster, starts it and waits until it answers.
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// The same, where commits that do not wait for the disk get there ten seconds later.
    pub async fn start_forgetful() -> Self {
        Self::start_with(Some("wal_writer_delay=10s")).await
    }

    async fn start_with(setting: Option<&'static str>) -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        if let Some((uid, gid)) = servant() {
            chown(dir.path(), Some(uid), Some(gid)).expect("root may give a folder away");
        }
        std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o700))
            .expect("our own folder");
        let made = tool("initdb")
            .args(["-A", "trust", "-U", "postgres", "-N", "-D"])
            .arg(dir.path().join("data"))
            .current_dir(dir.path())
            .output()
            .expect("initdb runs");
        assert!(
            made.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        let port = super::dialer::free_port();
        let mut server = Self {
            process: spawn(port, &dir, setting),
            port,
            setting,
            dir,
        };
        assert!(server.answers().await, "a new Postgres does not start");
        server
    }

    /// Where a database of it is.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Ends it at once, as a power cut would, and starts it again.
    pub async fn restart(&mut self) {
        self.process.kill();
        let pid = self.dir.path().join("data/postmaster.pid");
        // Killed, it leaves its lock file behind, and its children a moment to notice: until then the next one gives up by
        // itself. One that recovers what was lost is left to it, however long that takes.
        eventually("the old server's children are gone", PATIENCE, async || {
            let _ = std::fs::remove_file(&pid);
            self.process = spawn(self.port, &self.dir, self.setting);
            self.answers().await.then_some(())
        })
        .await;
    }

    /// Waits until it answers; false where it has ended instead.
    async fn answers(&mut self) -> bool {
        let url = self.url("postgres");
        eventually("Postgres answers or ends", PATIENCE, async || {
            let mut options = ConnectOptions::new(url.clone());
            options.max_connections(1).sqlx_logging(false);
            match Database::connect(options).await {
                Ok(answering) => answering.close().await.ok().map(|()| true),
                Err(_) => self.process.has_ended().then_some(false),
            }
        })
        .await
    }
}

fn spawn(port: u16, dir: &TempDir, setting: Option<&str>) -> Process {
    let mut command = tool("postgres");
    command
        .arg("-D")
        .arg(dir.path().join("data"))
        .args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "max_connections=200",
            "-p",
        ])
        .arg(port.to_string())
        .arg("-k")
        .arg(dir.path())
        .current_dir(dir.path());
    if let Some(setting) = setting {
        command.args(["-c", setting]);
    }
    Process::spawn("postgres", &mut command, &dir.path().join("postgres.log"))
}

/// A tool of Postgres, to be run by somebody who is not root: Postgres refuses root.
fn tool(name: &str) -> Command {
    let folder = std::env::var("TEST_POSTGRES_BIN").unwrap_or_default();
    let mut command = Command::new(PathBuf::from(folder).join(name));
    if let Some((uid, gid)) = servant() {
        command.uid(uid).gid(gid);
    }
    command
}

/// User and group of `postgres`, where we are root.
fn servant() -> Option<(u32, u32)> {
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|out| out.stdout.trim_ascii() == b"0");
    if !is_root {
        return None;
    }
    let id = |flag: &str| {
        let out = Command::new("id")
            .args([flag, "postgres"])
            .output()
            .expect("id runs");
        String::from_utf8_lossy(&out.stdout)
            .trim()
            .parse()
            .expect("there is a user postgres")
    };
    Some((id("-u"), id("-g")))
}
