//! `dialer doctor`: is everything there that a process needs?

use carriers::{AgentError, CarrierKind, Recording, TranscribeError, VoiceAgents};
use domain::CallId;
use engine::Database;
use engine::queue::CallQueue;
use engine::queue::redis::RedisCallQueue;
use url::Url;
use uuid::Uuid;
use workers::config::CarrierChoice;
use workers::service::{Providers, providers, transcriber};

use crate::config::Config;

/// What was found out about one thing.
struct Finding {
    what: &'static str,
    result: Result<String, String>,
}

/// Looks at configuration, database, queue, carrier and voice agents, prints what it finds, and fails where something is missing.
///
/// Calls nobody and changes nothing, but for a SQLite file, which is made where there is none.
///
/// # Errors
/// Where something is not as it should be.
#[expect(clippy::print_stdout, reason = "the findings are what was asked for")]
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let findings = [
        configuration(config),
        database(config).await,
        queue(config).await,
        carrier(config).await,
        agents(config).await,
        transcriptions(config).await,
    ];
    for Finding { what, result } in &findings {
        match result {
            Ok(said) => println!("ok     {what}: {said}"),
            Err(said) => println!("FAILS  {what}: {said}"),
        }
    }
    let failed = findings.iter().filter(|f| f.result.is_err()).count();
    anyhow::ensure!(failed == 0, "{failed} of {} checks failed", findings.len());
    Ok(())
}

fn configuration(config: &Config) -> Finding {
    let result = config
        .check()
        .map(|()| format!("would listen on {}", config.bind()))
        .map_err(|error| error.to_string());
    Finding {
        what: "configuration",
        result,
    }
}

async fn database(config: &Config) -> Finding {
    let service = &config.service;
    let look = async {
        let database = Database::connect(service.database_url.expose(), 2).await?;
        database.ping().await?;
        database.pending_migrations().await
    };
    let result = match look.await {
        Ok(0) => Ok("answers, the schema is up to date".to_owned()),
        Ok(missing) if service.is_embedded() => Ok(format!(
            "answers; `dialer serve` will apply {missing} missing steps"
        )),
        Ok(missing) => Err(format!("misses {missing} steps; run `dialer migrate`")),
        Err(error) => Err(format!("does not answer ({error}); look at DATABASE_URL")),
    };
    Finding {
        what: "database",
        result,
    }
}

async fn queue(config: &Config) -> Finding {
    let result = match config.service.redis() {
        None => Ok("in memory, with the workers inside `dialer serve`; set REDIS_URL to run workers of their own".to_owned()),
        Some(redis) => match RedisCallQueue::connect(&redis).await {
            Ok(queue) => match queue.depth().await {
                Ok(depth) => Ok(format!("Redis answers, {depth} jobs wait or run")),
                Err(error) => Err(format!("Redis answers wrongly: {error}")),
            },
            Err(error) => Err(format!("Redis does not answer ({error}); look at REDIS_URL")),
        },
    };
    Finding {
        what: "queue",
        result,
    }
}

async fn carrier(config: &Config) -> Finding {
    let result = match config.service.carrier() {
        CarrierChoice::Simulator => Ok("the simulator: nobody is really called".to_owned()),
        CarrierChoice::Signalwire | CarrierChoice::Exotel => carriers(config).await,
    };
    Finding {
        what: "carrier",
        result,
    }
}

async fn agents(config: &Config) -> Finding {
    let result = match config.service.carrier() {
        CarrierChoice::Simulator => Ok("the simulator's: nobody really speaks".to_owned()),
        CarrierChoice::Signalwire | CarrierChoice::Exotel => elevenlabs(config).await,
    };
    Finding {
        what: "voice agents",
        result,
    }
}

async fn transcriptions(config: &Config) -> Finding {
    let service = &config.service;
    let result = match (service.deepgram.is_on(), service.carrier()) {
        (false, _) => Ok(
            "off; with DEEPGRAM_API_KEY recordings of calls without a transcript are listened to"
                .to_owned(),
        ),
        (true, CarrierChoice::Simulator) => Ok("the simulator's: nobody really listens".to_owned()),
        (true, CarrierChoice::Signalwire | CarrierChoice::Exotel) => deepgram(config).await,
    };
    Finding {
        what: "transcriptions",
        result,
    }
}

/// Has a recording listened to that cannot exist: only whoever is let in learns that it does not, and nothing is paid.
async fn deepgram(config: &Config) -> Result<String, String> {
    let service = &config.service;
    let listener = transcriber(service).map_err(|error| format!("{error:#}"))?;
    let (Some(listener), Some(url)) = (listener, service.public_url.clone()) else {
        return Err("PUBLIC_URL is missing: Deepgram fetches recordings from there".to_owned());
    };
    let dialing = service.dialing(url).map_err(|error| error.to_string())?;
    let nothing = Recording {
        url: dialing.recording_address(CallId::from_uuid(Uuid::nil()), Uuid::nil()),
        language: service.deepgram.deepgram_language.clone(),
        person_channel: None,
    };
    match listener.transcribe(&nothing).await {
        Ok(_) | Err(TranscribeError::Rejected { .. }) => Ok(format!(
            "Deepgram accepts the key; at most {} recordings at once",
            service.deepgram.deepgram_max_connections
        )),
        Err(error) => Err(format!("Deepgram: {error}; look at DEEPGRAM_API_KEY")),
    }
}

/// Asks for a conversation that cannot exist: only whoever is let in learns that it does not. Then for the agents: a
/// campaign is started with none that is not listed.
async fn elevenlabs(config: &Config) -> Result<String, String> {
    let Providers { agents, .. } =
        providers(&config.service).map_err(|error| format!("{error:#}"))?;
    match agents.conversation("conv_doctor").await {
        Ok(_) | Err(AgentError::NotFound | AgentError::Rejected { .. }) => {}
        Err(error) => return Err(format!("ElevenLabs: {error}; look at ELEVENLABS_API_KEY")),
    }
    match agents.list_agents().await {
        Ok(listed) if listed.is_empty() => {
            Err("ElevenLabs accepts the key, but the workspace has no agent to speak".to_owned())
        }
        Ok(listed) => Ok(format!(
            "ElevenLabs accepts the key, {} agents to speak",
            listed.len()
        )),
        Err(error) => Err(format!(
            "ElevenLabs does not list its agents: {error}; the key must be allowed to read them"
        )),
    }
}

/// Every carrier that is configured, in one sentence each.
async fn carriers(config: &Config) -> Result<String, String> {
    let Providers { carriers, .. } =
        providers(&config.service).map_err(|error| format!("{error:#}"))?;
    let mut said = Vec::new();
    for kind in carriers.kinds() {
        let name = name_of(kind);
        let carrier = carriers.get(kind).map_err(|error| error.to_string())?;
        let numbers = carrier.list_numbers().await;
        let numbers = numbers.map_err(|error| format!("{name}: {error}"))?;
        let voice = numbers.iter().filter(|number| number.has_voice).count();
        if voice == 0 {
            return Err(format!(
                "{name} accepts the credentials, but the account has no number to call from"
            ));
        }
        said.push(format!(
            "{name} accepts the credentials, {voice} numbers to call from"
        ));
    }
    let Some(url) = &config.service.public_url else {
        return Err("PUBLIC_URL is missing: carriers must know where to report to".to_owned());
    };
    said.push(format!("reports go to {}", shown(url)));
    Ok(said.join(", "))
}

const fn name_of(kind: CarrierKind) -> &'static str {
    match kind {
        CarrierKind::SignalWire => "SignalWire",
        CarrierKind::Exotel => "Exotel",
    }
}

fn shown(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}
