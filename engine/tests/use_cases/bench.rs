//! An engine to try things on.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::CampaignId;
use engine::access::NewUser;
use engine::campaigns::{CampaignChange, CampaignDetail};
use engine::dialing::{Carriers, DialingConfig, Parts};
use engine::live::Announcer;
use engine::queue::memory::{Held, MemoryCallQueue};
use engine::{
    Actor, Database, Dialing, Engine, EngineError, FieldError, ManualClock, Role, Settings,
};
use futures::channel::mpsc::UnboundedReceiver;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::database;
use crate::providers::Providers;

pub const JWT_SECRET: &str = "a secret that the dashboard and we share";

/// Which database a rule is tried on.
#[derive(Clone, Copy, Debug)]
pub enum On {
    Sqlite,
    Postgres,
}

/// Tries each rule, `async fn rule(bench: Bench)`, on both databases.
macro_rules! on_both {
    ($($rule:ident),+ $(,)?) => {$(
        mod $rule {
            use crate::bench::{Bench, On};

            #[tokio::test]
            async fn on_sqlite() {
                super::$rule(Bench::new(On::Sqlite).await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                super::$rule(Bench::new(On::Postgres).await).await;
            }
        }
    )+};
}

/// Tries each rule on Postgres, where it says nothing of SQLite, which has one writer and fewer kinds of indexes.
macro_rules! on_postgres {
    ($($rule:ident),+ $(,)?) => {
        mod on_postgres {
            use crate::bench::{Bench, On};
            $(
                #[tokio::test]
                async fn $rule() {
                    let bench = Bench::new(On::Postgres).await;
                    assert_eq!(bench.engine.database.backend(), sea_orm::DbBackend::Postgres);
                    super::$rule(bench).await;
                }
            )+
        }
    };
}

pub struct Bench {
    pub engine: Engine,
    pub clock: ManualClock,
    pub admin: Actor,
    pub user: Actor,
    pub providers: Providers,
    _jobs: UnboundedReceiver<Held>,
    _dir: TempDir,
}

impl Bench {
    pub async fn new(on: On) -> Self {
        let dir = TempDir::new().expect("a temporary folder");
        let url = match on {
            On::Sqlite => database::sqlite(dir.path()).await,
            On::Postgres => database::postgres().await,
        };
        let database = Database::connect(&url, 4).await.expect("a database");
        let clock = ManualClock::at(at("2026-06-01T12:00:00Z"));
        let public_url = "http://127.0.0.1:1".parse().expect("a URL");
        let (queue, jobs) = MemoryCallQueue::new();
        let providers = Providers::default();
        let parts = Parts {
            database: database.clone(),
            queue: Arc::new(queue),
            carriers: Carriers::of(Arc::new(providers.clone())),
            agents: Arc::new(providers.clone()),
            calling_agents: Arc::new(providers.clone()),
            clock: Arc::new(clock.clone()),
            config: DialingConfig::new(public_url),
            live: Announcer::silent(),
        };
        let dialing = Dialing::start(parts, "bench".to_owned());
        let settings = Settings {
            jwt_secret: Some(SecretString::from(JWT_SECRET)),
            ..Settings::default()
        };
        let engine = Engine::over(database, Arc::new(clock.clone()), dialing, &settings);
        let admin = someone(&engine, "Ada", Role::Admin).await;
        let user = someone(&engine, "Uli", Role::User).await;
        Self {
            engine,
            clock,
            admin,
            user,
            providers,
            _jobs: jobs,
            _dir: dir,
        }
    }

    /// A draft of the user's that could be started, with `fields` over it.
    pub async fn draft(&self, fields: Value) -> CampaignDetail {
        let mut all = json!({ "name": "A campaign", "phoneNumber": "+12025550100", "voiceAgentId": "agent_1" });
        for (name, value) in fields.as_object().expect("fields") {
            all[name] = value.clone();
        }
        self.create(all).await.expect("the campaign is accepted")
    }

    pub async fn create(&self, fields: Value) -> Result<CampaignDetail, EngineError> {
        self.engine
            .campaigns
            .create(&self.user, change(fields))
            .await
    }

    pub async fn update(
        &self,
        id: CampaignId,
        fields: Value,
    ) -> Result<CampaignDetail, EngineError> {
        self.engine
            .campaigns
            .update(&self.user, id, change(fields))
            .await
    }

    pub async fn import(&self, id: CampaignId, contacts: Value) -> engine::import::ImportReport {
        let body = json!({ "contacts": contacts }).to_string();
        let report = self
            .engine
            .contacts
            .import_json(&self.user, id, body.as_bytes())
            .await;
        report.expect("the import is accepted").report
    }
}

pub async fn someone(engine: &Engine, name: &str, role: Role) -> Actor {
    let user = NewUser {
        name: name.to_owned(),
        email: None,
        role,
    };
    let issued = engine.access.create_token(user).await.expect("a token");
    let found = engine
        .access
        .authenticate(issued.token.expose_secret())
        .await;
    found.expect("an answer").expect("somebody")
}

pub fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text)
        .expect("an instant")
        .to_utc()
}

pub fn id_of(detail: &CampaignDetail) -> CampaignId {
    CampaignId::from_uuid(detail.row.id)
}

/// The fields of a request, as a generation of the API hands them over.
pub fn change(fields: Value) -> CampaignChange {
    let Value::Object(mut fields) = fields else {
        panic!("fields are an object")
    };
    macro_rules! take {
        ($($field:ident: $name:literal),+ $(,)?) => {
            CampaignChange { $($field: fields.remove($name).map_or_else(Default::default, Into::into)),+ }
        };
    }
    let change = take! {
        name: "name", description: "description", status: "status", start_date: "startDate", end_date: "endDate",
        timezone: "timezone", daily_start_time: "dailyStartTime", daily_end_time: "dailyEndTime",
        phone_number_id: "phoneNumberId", phone_number: "phoneNumber", voice_agent_id: "voiceAgentId",
        agent_config: "agentConfig", max_concurrent_calls: "maxConcurrentCalls",
        call_attempts_per_contact: "callAttemptsPerContact", retry_delay: "retryDelay",
        schedule_type: "scheduleType", schedule_config: "scheduleConfig", callback_config: "callbackConfig",
        transfer_config: "transferConfig", tags: "tags", metadata: "metadata", region: "region",
    };
    assert!(fields.is_empty(), "no such fields: {fields:?}");
    change
}

#[track_caller]
pub fn wrong_fields<T: std::fmt::Debug>(result: Result<T, EngineError>) -> Vec<FieldError> {
    match result {
        Err(EngineError::Invalid(errors)) => errors,
        other => panic!("should name wrong fields: {other:?}"),
    }
}

#[track_caller]
pub fn conflict<T: std::fmt::Debug>(result: Result<T, EngineError>) -> (&'static str, String) {
    match result {
        Err(EngineError::Conflict { code, message }) => (code, message),
        other => panic!("should be a conflict: {other:?}"),
    }
}
