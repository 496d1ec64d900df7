//! The dialer as an operator runs it: an API process, worker processes, a carrier.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use sea_orm::DatabaseConnection;
use simulator::{ExotelAccount, MsRange, PeopleConfig, PretendAgent, Simulator, SimulatorConfig};
use tempfile::TempDir;
use uuid::Uuid;

use super::api::Api;
use super::database;
use super::people::Person;
use super::process::Process;
use super::schema;

/// What the dialer stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stack {
    /// SQLite, the queue in memory, the worker inside the API.
    Embedded,
    /// Postgres, Redis, and so many worker processes.
    Production { workers: usize },
}

/// What a test wants to be different.
pub struct Options {
    /// How fast the phone network lives.
    pub time_scale: f64,
    /// Further environment of all processes.
    pub env: BTreeMap<&'static str, String>,
    /// Environment that all processes do without.
    pub without: Vec<&'static str>,
    /// Whether there is an account at Exotel beside that at SignalWire.
    pub has_exotel: bool,
    /// A Redis and a Postgres of the test's own, by their addresses.
    pub redis_url: Option<String>,
    pub postgres_url: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            time_scale: 40.0,
            env: BTreeMap::new(),
            without: Vec::new(),
            has_exotel: false,
            redis_url: None,
            postgres_url: None,
        }
    }
}

/// How long a minute of `retryDelay` lasts in tests, in milliseconds.
pub const MINUTE_MS: i64 = 1_000;
/// How long a failing carrier is left alone in tests.
pub const BREAKER_OPEN_S: u64 = 2;
/// Where a process of a test is to die.
const FAIL_POINT: &str = "DIALER_FAIL_POINT";
/// Opens everything in every test.
pub const ADMIN_TOKEN: &str = "the-first-admin-of-this-test";

/// The agents there are: the simulator's own, that of the documents' examples, and one to change to.
pub const AGENTS: [(&str, &str); 3] = [
    ("agent_demo", "Demo agent"),
    ("agent-456", "Agent of the examples"),
    ("agent_other", "Other agent"),
];

/// Somebody with an API key.
pub struct User {
    pub id: String,
    /// The key's id.
    pub key: String,
    pub token: String,
    /// The API on its behalf.
    pub api: Api,
}

/// A running dialer and its carrier.
pub struct Dialer {
    pub api: Api,
    pub simulator: Simulator,
    pub web: Option<Process>,
    pub workers: Vec<Process>,
    pub database_url: String,
    env: BTreeMap<&'static str, String>,
    dir: TempDir,
}

impl Dialer {
    /// Starts carrier, API and workers, and waits until they are ready.
    pub async fn start(stack: Stack, options: Options) -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let carrier = SimulatorConfig {
            time_scale: options.time_scale,
            elevenlabs_webhook_url: Some(format!("{base}/webhooks/elevenlabs")),
            agent_tools_url: Some(format!("{base}/webhooks/elevenlabs/tools")),
            // Nobody who picks up lets it ring for as long as RING_TIMEOUT_S.
            people: PeopleConfig {
                ring_ms: MsRange::new(500, 4_000),
                ..PeopleConfig::default()
            },
            agents: agents(),
            ..SimulatorConfig::default()
        };
        let secrets = carrier.clone();
        let simulator = Simulator::start(carrier)
            .await
            .expect("the simulator starts");
        let database_url = match (stack, &options.postgres_url) {
            (Stack::Embedded, _) => schema::sqlite(dir.path()).await,
            (Stack::Production { .. }, None) => schema::postgres().await,
            (Stack::Production { .. }, Some(own)) => schema::migrated_postgres(own).await,
        };
        let mut env = environment(&simulator, secrets, options.has_exotel);
        env.extend([
            ("DATABASE_URL", database_url.clone()),
            ("BIND_ADDR", format!("127.0.0.1:{port}")),
            ("PUBLIC_URL", base.clone()),
        ]);
        if let Stack::Production { .. } = stack {
            env.insert(
                "REDIS_URL",
                options
                    .redis_url
                    .clone()
                    .unwrap_or_else(database::shared_redis),
            );
            env.insert("QUEUE_NAME", format!("q-{}", Uuid::now_v7().simple()));
        }
        env.extend(options.env);
        env.retain(|key, _| !options.without.contains(key));
        let mut dialer = Self {
            api: Api::new(&base, Some(ADMIN_TOKEN)),
            simulator,
            web: None,
            workers: Vec::new(),
            database_url,
            env,
            dir,
        };
        dialer.start_web().await;
        if let Stack::Production { workers } = stack {
            for _ in 0..workers {
                dialer.start_worker();
            }
        }
        dialer
    }

    /// Processes that start from now on die when they come to `point` (`begin.committed`, `begin.committed:3`), or live:
    /// see `engine::fail_point`.
    pub fn die_at(&mut self, point: Option<String>) {
        self.env.remove(FAIL_POINT);
        self.env.extend(point.map(|point| (FAIL_POINT, point)));
    }

    /// Starts the API, again after it was killed.
    pub async fn start_web(&mut self) {
        let mut command = self.command("dialer");
        command.arg("serve");
        self.web = Some(Process::spawn(
            "dialer",
            &mut command,
            &self.dir.path().join("web.log"),
        ));
        self.api.is_ready().await;
    }

    /// Starts one more API beside the first; it goes with what is answered. Carriers know the first.
    pub async fn start_another_web(&self) -> (Process, Api) {
        let port = free_port();
        let mut command = self.command("dialer");
        command
            .arg("serve")
            .env("BIND_ADDR", format!("127.0.0.1:{port}"));
        let log = self.dir.path().join(format!("web-{port}.log"));
        let process = Process::spawn("dialer", &mut command, &log);
        let api = Api::new(&format!("http://127.0.0.1:{port}"), Some(ADMIN_TOKEN));
        api.is_ready().await;
        (process, api)
    }

    /// Starts one more worker.
    pub fn start_worker(&mut self) {
        let log = self
            .dir
            .path()
            .join(format!("worker-{}.log", self.workers.len()));
        let mut command = self.command("dialer-worker");
        self.workers
            .push(Process::spawn("dialer-worker", &mut command, &log));
    }

    /// Teaches the people their parts.
    pub fn rehearse(&self, people: &[Person]) {
        for person in people {
            self.simulator
                .people()
                .script(&person.number, person.script.clone());
        }
    }

    /// The dialer's database.
    pub async fn database(&self) -> DatabaseConnection {
        database::connect(&self.database_url).await
    }

    /// An API client with another token, or none.
    pub fn api_as(&self, token: Option<&str>) -> Api {
        Api::new(self.base(), token)
    }

    /// Where the API is, and what carriers call back.
    pub fn base(&self) -> &str {
        &self.env["PUBLIC_URL"]
    }

    /// Runs `dialer` with `args` beside the API; what it prints.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> String {
        self.try_run(args)
            .unwrap_or_else(|said| panic!("dialer {args:?}: {said}"))
    }

    /// As [`Self::run`], where it may refuse.
    ///
    /// # Errors
    /// What it says.
    pub fn try_run(&self, args: &[&str]) -> Result<String, String> {
        let done = self
            .command("dialer")
            .args(args)
            .output()
            .expect("dialer runs");
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into_owned());
        }
        Ok(String::from_utf8(done.stdout).expect("it prints text"))
    }

    /// Processes that start from now on stand on another database, and on a Redis that knows nothing of them.
    pub fn stand_on(&mut self, database_url: String) {
        self.env.insert("DATABASE_URL", database_url.clone());
        self.env
            .insert("QUEUE_NAME", format!("q-{}", Uuid::now_v7().simple()));
        self.database_url = database_url;
    }

    /// Makes a user with `dialer token create`.
    pub fn create_user(&self, name: &str, role: &str) -> User {
        let email = format!("{name}@example.com");
        let printed = self.run(&[
            "token", "create", "--name", name, "--email", &email, "--role", role,
        ]);
        let word = |label: &str| {
            let line = printed.lines().find(|line| line.starts_with(label));
            let word = line.and_then(|line| line.split_whitespace().nth(1));
            word.unwrap_or_else(|| panic!("no {label}: {printed}"))
                .to_owned()
        };
        User {
            id: word("user"),
            key: word("key"),
            api: self.api_as(Some(&word("token"))),
            token: word("token"),
        }
    }

    /// Everything that all processes have printed.
    pub fn output(&self) -> String {
        let all = self.web.iter().chain(&self.workers);
        all.map(Process::output).collect()
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(binary(name));
        // Nothing of the machine's own configuration leaks in.
        command
            .env_clear()
            .envs(&self.env)
            .current_dir(self.dir.path());
        command
    }
}

fn agents() -> Vec<PretendAgent> {
    let named = AGENTS.map(|(id, name)| PretendAgent::new(id, name));
    named.to_vec()
}

/// What every process of a test is told, beside where things are.
fn environment(
    simulator: &Simulator,
    secrets: SimulatorConfig,
    has_exotel: bool,
) -> BTreeMap<&'static str, String> {
    let mut env = BTreeMap::from([
        ("ADMIN_TOKEN", ADMIN_TOKEN.to_owned()),
        ("CARRIER", "signalwire".to_owned()),
        ("SIGNALWIRE_BASE_URL", simulator.signalwire_base_url()),
        ("SIGNALWIRE_PROJECT_ID", secrets.project_id),
        ("SIGNALWIRE_API_TOKEN", secrets.api_token),
        ("SIGNALWIRE_SIGNING_KEY", secrets.signing_key),
        ("ELEVENLABS_BASE_URL", simulator.elevenlabs_base_url()),
        ("ELEVENLABS_API_KEY", secrets.elevenlabs_api_key),
        (
            "ELEVENLABS_WEBHOOK_SECRET",
            secrets.elevenlabs_webhook_secret,
        ),
        ("ELEVENLABS_TOOLS_TOKEN", secrets.agent_tools_token),
        // Nobody is asked there without a key.
        ("DEEPGRAM_BASE_URL", simulator.deepgram_base_url()),
        ("CARRIER_CALLS_PER_SECOND", "500".to_owned()),
        ("CAMPAIGN_STARTS_PER_SLOT", "20".to_owned()),
        ("RETRY_MINUTE_MS", MINUTE_MS.to_string()),
        ("CALL_CHECK_AFTER_S", "2".to_owned()),
        ("CALL_LOST_AFTER_S", "20".to_owned()),
        ("CONVERSATION_WAIT_S", "20".to_owned()),
        // Books that are compared must stand still: tests about prices ask earlier.
        ("CALL_PRICE_AFTER_S", "600".to_owned()),
        ("RING_TIMEOUT_S", "5".to_owned()),
        ("BREAKER_OPEN_S", BREAKER_OPEN_S.to_string()),
        ("DATABASE_MAX_CONNECTIONS", "8".to_owned()),
        ("RUST_LOG", "info".to_owned()),
        ("NO_COLOR", "1".to_owned()),
    ]);
    if has_exotel {
        env.extend(exotel(simulator));
    }
    env
}

/// What makes the addresses that Exotel calls unguessable.
pub const EXOTEL_TOKEN: &str = "token-in-the-addresses-of-this-test";

/// What the processes of a test are told of Exotel.
fn exotel(simulator: &Simulator) -> [(&'static str, String); 6] {
    let account = ExotelAccount::default();
    let flow = "http://my.exotel.com/simulator1/exoml/start_voice/7";
    [
        ("EXOTEL_BASE_URL", simulator.exotel_base_url()),
        ("EXOTEL_ACCOUNT_SID", account.account_sid),
        ("EXOTEL_API_KEY", account.api_key),
        ("EXOTEL_API_TOKEN", account.api_token),
        ("EXOTEL_FLOW_URL", flow.to_owned()),
        ("EXOTEL_WEBHOOK_TOKEN", EXOTEL_TOKEN.to_owned()),
    ]
}

/// A port that is free, and that nobody else takes before it is used: below those that outgoing connections get, and
/// never the same one twice.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 100).expect("small") * 100;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A program of ours, as it was built for these tests.
pub fn binary(name: &str) -> PathBuf {
    let dialer = PathBuf::from(env!("CARGO_BIN_EXE_dialer"));
    let path = dialer.with_file_name(name);
    assert!(
        path.exists(),
        "{} is not built: run the tests with `make test`",
        path.display()
    );
    path
}
