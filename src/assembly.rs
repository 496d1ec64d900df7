//! Puts the API process together: carrier, database, queue, engine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, bail};
use domain::PhoneNumber;
use engine::Engine;
use secrecy::SecretString;
use simulator::{Simulator, SimulatorConfig};
use tracing::{info, warn};
use url::Url;
use uuid::Uuid;
use workers::config::CarrierChoice;
use workers::{Service, ServiceConfig};

use crate::config::Config;

/// A process that can serve.
pub struct Assembly {
    /// The use cases.
    pub engine: Engine,
    /// What it dials with.
    pub service: Service,
    /// The configuration it really runs on: with the simulator's coordinates where that carries the calls.
    pub config: Config,
    /// The pretend phone network, where that carries the calls; dropping it stops it.
    pub simulator: Option<Simulator>,
}

/// Puts together what `config` says, for an API that listens on `address`.
///
/// # Errors
/// What is wrong with the configuration, or does not answer, and what to do about it.
pub async fn assemble(config: &Config, address: SocketAddr) -> anyhow::Result<Assembly> {
    // Beside all that is waited for here, and not with the first number, whose campaign may be locked.
    let metadata = tokio::task::spawn_blocking(PhoneNumber::load_metadata);
    let mut config = config.clone();
    let public_url = config
        .service
        .public_url
        .get_or_insert(own_url(address)?)
        .clone();
    let simulator = match config.service.carrier() {
        CarrierChoice::Simulator => Some(simulate(&mut config.service, &public_url).await?),
        CarrierChoice::Signalwire | CarrierChoice::Exotel => None,
    };
    let service = Service::start(&config.service, public_url).await?;
    prepare_schema(&config.service, &service).await?;
    let engine = Engine::over(
        service.database.clone(),
        std::sync::Arc::clone(&service.clock),
        std::sync::Arc::clone(&service.dialing),
        &config.settings(),
    );
    let made = engine
        .access
        .ensure_admin(config.admin_token.as_ref())
        .await?;
    if let Some(token) = made {
        announce(&token);
    }
    metadata.await.context("the metadata of phone numbers")?;
    Ok(Assembly {
        engine,
        service,
        config,
        simulator,
    })
}

/// The address under which this process finds itself.
fn own_url(address: SocketAddr) -> anyhow::Result<Url> {
    let ip = match address.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    Url::parse(&format!("http://{}", SocketAddr::new(ip, address.port())))
        .context("the own address is no URL")
}

/// Starts the pretend phone network and points `service` at it.
async fn simulate(service: &mut ServiceConfig, public_url: &Url) -> anyhow::Result<Simulator> {
    let base = public_url.as_str().trim_end_matches('/');
    // Keys that nobody knows: this server may be reachable from outside, and believes whatever is signed with them.
    let secret = || Uuid::new_v4().simple().to_string();
    let network = SimulatorConfig {
        api_token: secret(),
        signing_key: secret(),
        elevenlabs_api_key: secret(),
        elevenlabs_webhook_secret: secret(),
        elevenlabs_webhook_url: Some(format!("{base}/webhooks/elevenlabs")),
        agent_tools_url: Some(format!("{base}/webhooks/elevenlabs/tools")),
        agent_tools_token: secret(),
        ..SimulatorConfig::default()
    };
    let simulator = Simulator::start(network.clone())
        .await
        .context("the simulator did not start")?;
    point_at(service, &simulator, network)?;
    warn!("no real calls: the simulator carries them, set CARRIER=signalwire to call people");
    Ok(simulator)
}

/// Lets `simulator`, which was started as `network`, carry the calls of `service`.
///
/// # Errors
/// Never: the simulator's addresses are addresses.
pub fn point_at(
    service: &mut ServiceConfig,
    simulator: &Simulator,
    network: SimulatorConfig,
) -> anyhow::Result<()> {
    let accounts = &mut service.providers;
    accounts.signalwire_base_url = Some(Url::parse(&simulator.signalwire_base_url())?);
    accounts.signalwire_project_id = Some(network.project_id);
    accounts.signalwire_api_token = Some(SecretString::from(network.api_token));
    // Nobody real is called beside the pretend people.
    accounts.exotel.exotel_account_sid = None;
    accounts.exotel.exotel_api_key = None;
    accounts.exotel.exotel_api_token = None;
    accounts.signalwire_signing_key = vec![SecretString::from(network.signing_key)];
    accounts.elevenlabs_base_url = Url::parse(&simulator.elevenlabs_base_url())?;
    accounts.elevenlabs_api_key = Some(SecretString::from(network.elevenlabs_api_key));
    accounts.elevenlabs_webhook_secret =
        vec![SecretString::from(network.elevenlabs_webhook_secret)];
    accounts.elevenlabs_tools_token = Some(SecretString::from(network.agent_tools_token));
    if service.deepgram.is_on() {
        // Nobody pays for listening to what was never said.
        service.deepgram.deepgram_base_url = Url::parse(&simulator.deepgram_base_url())?;
        service.deepgram.deepgram_api_key = Some(SecretString::from(network.deepgram.api_key));
    }
    Ok(())
}

/// A SQLite file is ours alone and is brought up to date here; a Postgres that others use is not touched unasked.
async fn prepare_schema(config: &ServiceConfig, service: &Service) -> anyhow::Result<()> {
    if config.is_embedded() {
        return service
            .database
            .migrate()
            .await
            .context("the database could not be brought up to date");
    }
    let missing = service.database.pending_migrations().await?;
    if missing > 0 {
        bail!("DATABASE_URL: the schema misses {missing} steps; run `dialer migrate` first");
    }
    Ok(())
}

/// The one time that a token is shown. To standard error, like the log, but not through it: logs are kept and shipped.
#[expect(clippy::print_stderr, reason = "see above")]
fn announce(token: &SecretString) {
    use secrecy::ExposeSecret;
    info!("made the first administrator; its token is printed once, beside this log");
    eprintln!(
        "\n  Token of the first administrator: {}\n",
        token.expose_secret()
    );
}
