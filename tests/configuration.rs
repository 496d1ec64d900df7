//! What a process refuses to start on, and what it says to whoever has to mend it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use futures::future::join_all;
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::PATIENCE;
use crate::support::api::Api;
use crate::support::database::shared_redis;
use crate::support::dialer::{binary, free_port};
use crate::support::leaks::may_be_told;
use crate::support::process::Process;
use crate::support::schema::{empty_postgres, shared_postgres};

type Env = BTreeMap<&'static str, String>;

/// A configuration with which a production dialer would start, on a public address.
fn complete(database_url: &str) -> Env {
    let pairs = [
        ("DATABASE_URL", database_url),
        ("REDIS_URL", &shared_redis()),
        ("QUEUE_NAME", &format!("q-{}", Uuid::now_v7().simple())),
        ("BIND_ADDR", &format!("0.0.0.0:{}", free_port())),
        ("PUBLIC_URL", "https://dialer.example.com"),
        ("CARRIER", "signalwire"),
        (
            "SIGNALWIRE_BASE_URL",
            "http://127.0.0.1:9/api/laml/2010-04-01",
        ),
        ("SIGNALWIRE_PROJECT_ID", "a-project"),
        ("SIGNALWIRE_API_TOKEN", "a-token-of-the-project"),
        ("SIGNALWIRE_SIGNING_KEY", "a-signing-key"),
        ("ELEVENLABS_BASE_URL", "http://127.0.0.1:9"),
        ("ELEVENLABS_API_KEY", "an-api-key"),
        ("ELEVENLABS_WEBHOOK_SECRET", "a-webhook-secret"),
        ("NO_COLOR", "1"),
    ];
    pairs.map(|(key, value)| (key, value.to_owned())).into()
}

fn sqlite(dir: &Path) -> String {
    format!("sqlite://{}?mode=rwc", dir.join("dialer.sqlite").display())
}

fn spawn(program: &str, args: &[&str], env: &Env, dir: &Path) -> Process {
    let mut command = Command::new(binary(program));
    command.args(args).env_clear().envs(env).current_dir(dir);
    let log = dir.join(format!("{}.log", Uuid::now_v7()));
    Process::spawn(program, &mut command, &log)
}

/// Starts `program`, which must refuse; what it says.
async fn refusal(program: &str, args: &[&str], env: &Env) -> String {
    let dir = TempDir::new().expect("a temporary folder");
    let mut process = spawn(program, args, env, dir.path());
    let code = process.gone(PATIENCE).await;
    let said = process.output();
    assert!(code.is_some_and(|code| code != 0), "{code:?}: {said}");
    assert!(
        !said.contains("panicked") && !said.contains("stack backtrace"),
        "{said}"
    );
    said
}

#[track_caller]
fn assert_says(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
}

#[tokio::test]
async fn nobody_listens_to_strangers_without_the_keys_that_tell_them_apart() {
    let dir = TempDir::new().expect("a temporary folder");
    for database in [sqlite(dir.path()), shared_postgres()] {
        for key in ["SIGNALWIRE_SIGNING_KEY", "ELEVENLABS_WEBHOOK_SECRET"] {
            let mut env = complete(&database);
            env.remove(key);
            let said = refusal("dialer", &["serve"], &env).await;
            assert_says(&said, &[key, "missing", "signed"]);
            // Behind a proxy on this machine it is as public.
            env.insert("BIND_ADDR", format!("127.0.0.1:{}", free_port()));
            let said = refusal("dialer", &["serve"], &env).await;
            assert_says(&said, &[key, "missing", "signed"]);
        }
    }
    // With both it listens.
    let env = complete(&sqlite(dir.path()));
    let mut process = spawn("dialer", &["migrate"], &env, dir.path());
    assert_eq!(process.gone(PATIENCE).await, Some(0));
    let _process = spawn("dialer", &["serve"], &env, dir.path());
    let (_, port) = env["BIND_ADDR"].rsplit_once(':').expect("a port");
    let api = Api::new(&format!("http://127.0.0.1:{port}"), None);
    api.is_ready().await;
    api.get("/api/campaigns").await.with(401);
}

#[tokio::test]
async fn nobody_dials_without_a_carriers_credentials() {
    let credentials = [
        "SIGNALWIRE_PROJECT_ID",
        "SIGNALWIRE_API_TOKEN",
        "ELEVENLABS_API_KEY",
    ];
    for (program, args) in [("dialer", &["serve"][..]), ("dialer-worker", &[])] {
        let mut env = complete(&shared_postgres());
        env.remove("CARRIER");
        env.retain(|key, _| !key.starts_with("SIGNALWIRE") && !key.starts_with("ELEVENLABS"));
        let said = refusal(program, args, &env).await;
        assert_says(&said, &credentials);
        assert_says(&said, &["SIGNALWIRE_SPACE", "missing"]);
        // Those that are there are not asked for.
        let mut env = complete(&shared_postgres());
        env.remove("ELEVENLABS_API_KEY");
        let said = refusal(program, args, &env).await;
        assert_says(&said, &["ELEVENLABS_API_KEY", "missing"]);
        assert!(!said.contains("SIGNALWIRE_API_TOKEN"), "{said}");
        let mut env = complete(&shared_postgres());
        env.remove("PUBLIC_URL");
        env.insert(
            "SIGNALWIRE_BASE_URL",
            "https://example.signalwire.com/api/laml/2010-04-01".to_owned(),
        );
        assert_says(
            &refusal(program, args, &env).await,
            &["PUBLIC_URL", "missing"],
        );
    }
    // Nor does a rehearsal's clock run against a carrier that calls real people.
    let mut env = complete(&shared_postgres());
    env.insert(
        "SIGNALWIRE_BASE_URL",
        "https://example.signalwire.com/api/laml/2010-04-01".to_owned(),
    );
    env.insert("RETRY_MINUTE_MS", "1000".to_owned());
    assert_says(
        &refusal("dialer", &["serve"], &env).await,
        &["RETRY_MINUTE_MS", "rehearsal"],
    );
}

#[tokio::test]
async fn exotel_is_configured_in_full_or_not_at_all() {
    let account = [
        ("EXOTEL_ACCOUNT_SID", "an-account"),
        ("EXOTEL_API_KEY", "a-key"),
        ("EXOTEL_API_TOKEN", "a-token"),
        (
            "EXOTEL_FLOW_URL",
            "http://my.exotel.com/an-account/exoml/start_voice/7",
        ),
        ("EXOTEL_WEBHOOK_TOKEN", "a-token-that-nobody-can-guess"),
    ];
    for (program, args) in [("dialer", &["serve"][..]), ("dialer-worker", &[])] {
        let mut env = complete(&shared_postgres());
        env.insert("EXOTEL_API_KEY", "a-key".to_owned());
        let said = refusal(program, args, &env).await;
        let others = account.map(|(key, _)| key);
        let others: Vec<&str> = others
            .into_iter()
            .filter(|key| *key != "EXOTEL_API_KEY")
            .collect();
        assert_says(&said, &others);
        // As the only carrier it needs nothing of the other.
        let mut env = complete(&shared_postgres());
        env.retain(|key, _| !key.starts_with("SIGNALWIRE"));
        env.insert("CARRIER", "exotel".to_owned());
        let said = refusal(program, args, &env).await;
        assert_says(&said, &account.map(|(key, _)| key));
        assert!(!said.contains("SIGNALWIRE"), "{said}");
        let mut env = complete(&shared_postgres());
        env.extend(account.map(|(key, value)| (key, value.to_owned())));
        env.insert("EXOTEL_WEBHOOK_TOKEN", "short".to_owned());
        let said = refusal(program, args, &env).await;
        assert_says(&said, &["EXOTEL_WEBHOOK_TOKEN", "24 to 128 characters"]);
        assert!(!said.contains("short"), "{said}");
        // Its people are as real as the other's.
        let mut env = complete(&shared_postgres());
        env.extend(account.map(|(key, value)| (key, value.to_owned())));
        env.insert("RETRY_MINUTE_MS", "1000".to_owned());
        let said = refusal(program, args, &env).await;
        assert_says(&said, &["RETRY_MINUTE_MS", "rehearsal"]);
    }
}

#[tokio::test]
async fn a_route_that_leads_nowhere_is_nobodys_default() {
    for (program, args) in [("dialer", &["serve"][..]), ("dialer-worker", &[])] {
        let mut env = complete(&shared_postgres());
        env.insert("CALL_ROUTE", "sip".to_owned());
        env.insert("ELEVENLABS_SIP_HOST", String::new());
        let said = refusal(program, args, &env).await;
        assert_says(&said, &["ELEVENLABS_SIP_HOST", "CALL_ROUTE=sip"]);
        env.insert("ELEVENLABS_SIP_HOST", "sip.example.com> <".to_owned());
        assert_says(&refusal(program, args, &env).await, &["must be a host"]);
    }
}

#[tokio::test]
async fn a_worker_needs_a_queue_that_others_can_reach() {
    let mut env = complete(&shared_postgres());
    env.remove("REDIS_URL");
    let said = refusal("dialer-worker", &[], &env).await;
    assert_says(
        &said,
        &["REDIS_URL", "missing", "takes its jobs from Redis"],
    );
    let mut env = complete(&shared_postgres());
    env.insert("CARRIER", "simulator".to_owned());
    assert_says(
        &refusal("dialer-worker", &[], &env).await,
        &["CARRIER", "simulator"],
    );
}

#[tokio::test]
async fn single_calls_are_configured_in_full_or_not_at_all() {
    for (key, value, why) in [
        ("OUTBOUND_PHONE_NUMBER", "2025550100", "country code"),
        ("OUTBOUND_PHONE_NUMBER", "", "empty"),
        ("OUTBOUND_AGENT_ID", " ", "leave the key out"),
    ] {
        let mut env = complete(&shared_postgres());
        env.insert(key, value.to_owned());
        let said = refusal("dialer", &["serve"], &env).await;
        assert_says(&said, &[key, why]);
    }
}

#[tokio::test]
async fn a_breaker_that_could_never_open_or_never_close_is_refused() {
    for (key, value) in [
        ("BREAKER_WINDOW_S", "1"),
        ("BREAKER_FAULTS_MIN", "0"),
        ("BREAKER_FAULT_SHARE", "0"),
        ("BREAKER_FAULT_SHARE", "1.01"),
        ("BREAKER_FAULT_SHARE", "NaN"),
        ("BREAKER_OPEN_S", "0"),
        ("BREAKER_OPEN_S", "3601"),
    ] {
        let mut env = complete(&shared_postgres());
        env.insert(key, value.to_owned());
        for program in [("dialer", &["serve"][..]), ("dialer-worker", &[])] {
            let said = refusal(program.0, program.1, &env).await;
            assert_says(&said, &[key, value]);
        }
    }
}

#[tokio::test]
async fn transcriptions_are_configured_in_full_or_not_at_all() {
    for (program, args) in [("dialer", &["serve"][..]), ("dialer-worker", &[])] {
        for (key, value, why) in [
            ("DEEPGRAM_API_KEY", "", "empty"),
            ("DEEPGRAM_MODEL", " ", "empty"),
            ("DEEPGRAM_WARNING_AT", "0.99", "DEEPGRAM_CRITICAL_AT"),
            ("DEEPGRAM_MAX_CONNECTIONS", "0", "max-connections"),
        ] {
            let mut env = complete(&shared_postgres());
            env.insert("DEEPGRAM_API_KEY", "a-key-of-the-project".to_owned());
            env.insert(key, value.to_owned());
            let said = refusal(program, args, &env).await;
            assert_says(&said, &[why]);
            assert!(!said.contains("a-key-of-the-project"), "{said}");
        }
    }
}

#[tokio::test]
async fn secrets_that_can_be_guessed_are_refused_and_none_is_repeated() {
    for (key, value) in [
        ("ADMIN_TOKEN", "geheim-geheim"),
        ("METRICS_TOKEN", "geheim-geheim"),
        ("JWT_SECRET", "geheim-geheim-geheim"),
    ] {
        let mut env = complete(&shared_postgres());
        env.insert(key, value.to_owned());
        let said = refusal("dialer", &["serve"], &env).await;
        assert_says(&said, &[key, "at least"]);
        assert!(!said.contains("geheim"), "{said}");
    }
    // An empty key signs nothing, so nothing would ever be believed.
    for (key, value) in [
        ("SIGNALWIRE_SIGNING_KEY", ""),
        ("SIGNALWIRE_SIGNING_KEY", "a-signing-key,"),
        ("ELEVENLABS_WEBHOOK_SECRET", " "),
    ] {
        let mut env = complete(&shared_postgres());
        env.insert(key, value.to_owned());
        let said = refusal("dialer", &["serve"], &env).await;
        assert_says(&said, &[key, "empty"]);
    }
    // Nor does a database's or a queue's address show what is in it.
    for key in ["DATABASE_URL", "REDIS_URL"] {
        let scheme = if key == "REDIS_URL" {
            "redis"
        } else {
            "postgres"
        };
        let mut env = complete(&shared_postgres());
        env.insert(key, format!("{scheme}://user:geheim@127.0.0.1:9/nothing"));
        let refused = [
            ("dialer", &["serve"][..]),
            ("dialer-worker", &[]),
            ("dialer", &["doctor"]),
        ]
        .map(|(program, args)| refusal(program, args, &env));
        for said in join_all(refused).await {
            assert!(!said.contains("geheim"), "{said}");
        }
    }
}

#[tokio::test]
async fn a_schema_of_yesterday_is_refused_and_a_taken_port_named() {
    let mut env = complete(&empty_postgres(&shared_postgres()).await);
    for (program, args) in [("dialer", &["serve"][..]), ("dialer-worker", &[])] {
        let said = refusal(program, args, &env).await;
        assert_says(&said, &["DATABASE_URL", "dialer migrate"]);
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    env.insert("BIND_ADDR", address.clone());
    assert_says(
        &refusal("dialer", &["serve"], &env).await,
        &["BIND_ADDR", &address],
    );
}

/// A newcomer starts it with nothing but a folder.
#[tokio::test]
async fn without_any_configuration_it_rehearses_and_tells_its_token_once() {
    let dir = TempDir::new().expect("a temporary folder");
    let port = free_port();
    let env = Env::from([("PORT", port.to_string())]);
    let base = format!("http://127.0.0.1:{port}");
    let mut token = None;
    for _ in 0..2 {
        let mut process = spawn("dialer", &["serve"], &env, dir.path());
        Api::new(&base, None).is_ready().await;
        let said = process.output();
        let told = said
            .split_whitespace()
            .find(|word| word.starts_with("dlr_"));
        assert_eq!(
            told.is_some(),
            token.is_none(),
            "told at the first start only: {said}"
        );
        token = token.or(told.map(str::to_owned));
        let api = Api::new(&base, token.as_deref());
        let ready = api.get("/readyz").await.ok();
        assert_eq!(ready["carrier"], "simulator", "never silently");
        assert_says(&said, &["simulator"]);
        api.create_campaign(json!({})).await;
        process.terminate();
        assert_eq!(process.gone(PATIENCE).await, Some(0));
        // On purpose, once: nobody else could tell it.
        may_be_told(token.as_deref().expect("it was told"));
    }
    assert!(dir.path().join("dialer.sqlite").exists());
}
