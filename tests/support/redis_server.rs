//! A Redis of a test's own, for tests that stop it or empty it.

use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::eventually;
use super::process::Process;

/// A private Redis on a free port.
pub struct RedisServer {
    /// For tests in which it answers nothing for a while.
    pub process: Process,
    port: u16,
    dir: TempDir,
}

impl RedisServer {
    /// Starts it and waits until it answers.
    pub async fn start() -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        let port = super::dialer::free_port();
        let process = spawn(port, &dir);
        let server = Self { process, port, dir };
        server.answers().await;
        server
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends it at once, with everything it holds.
    pub fn stop(&mut self) {
        self.process.kill();
    }

    /// Starts it again, empty, at the same place.
    pub async fn start_again(&mut self) {
        self.process = spawn(self.port, &self.dir);
        self.answers().await;
    }

    /// Empties it while everybody is connected.
    pub async fn flush(&self) {
        let mut connection = self.connection().await.expect("Redis answers");
        let () = redis::cmd("FLUSHALL")
            .query_async(&mut connection)
            .await
            .expect("Redis forgets");
    }

    async fn connection(&self) -> Option<redis::aio::MultiplexedConnection> {
        redis::Client::open(self.url())
            .ok()?
            .get_multiplexed_async_connection()
            .await
            .ok()
    }

    async fn answers(&self) {
        eventually("Redis answers", Duration::from_secs(60), async || {
            self.connection().await.map(drop)
        })
        .await;
    }
}

fn spawn(port: u16, dir: &TempDir) -> Process {
    let mut command = Command::new("redis-server");
    command
        .args([
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--port",
        ])
        .arg(port.to_string())
        .arg("--dir")
        .arg(dir.path());
    Process::spawn("redis-server", &mut command, &dir.path().join("redis.log"))
}
