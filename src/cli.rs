//! What can be asked of `dialer` on the command line.

use anyhow::Context;
use clap::{Parser, Subcommand};
use engine::Database;
use workers::telemetry::{self, LogFormat};

use crate::config::{Config, DatabaseArgs};
use crate::recount::RecountArgs;
use crate::restored::RestoredArgs;
use crate::token::TokenCommand;
use crate::{demo, doctor, http, recount, restored, serve, token};

/// Calls people: campaigns, allowed hours, retries, a limit of concurrent calls
#[derive(Debug, Parser)]
#[command(name = "dialer", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Config,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the API (the default); without REDIS_URL it runs the workers, too
    Serve(Box<Config>),
    /// Bring the database's schema up to date
    Migrate(DatabaseArgs),
    /// Count the sums of calls anew, for days in which they are wrong; calls may go on meanwhile
    Recount(RecountArgs),
    /// Take in the calls that a restored backup does not know, so that nobody is called again; before anything is started
    Restored(RestoredArgs),
    /// Make and take back API tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Print the API's OpenAPI document
    Openapi,
    /// Check configuration, database, queue and carrier, and say what to do
    Doctor(Box<Config>),
    /// Run a whole campaign against a pretend phone network
    Demo(demo::Args),
}

impl Cli {
    /// Does what was asked.
    ///
    /// # Errors
    /// Whatever went wrong, in sentences for the person at the terminal.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            None => serve::run(self.serve).await,
            Some(Command::Serve(config)) => serve::run(*config).await,
            Some(Command::Migrate(database)) => migrate(&database).await,
            Some(Command::Recount(args)) => recount::run(args).await,
            Some(Command::Restored(args)) => restored::run(args).await,
            Some(Command::Token(command)) => token::run(command).await,
            Some(Command::Openapi) => print_openapi(),
            Some(Command::Doctor(config)) => doctor::run(&config).await,
            Some(Command::Demo(args)) => demo::run(args).await,
        }
    }
}

async fn migrate(args: &DatabaseArgs) -> anyhow::Result<()> {
    telemetry::log(LogFormat::default());
    let database = args.connect().await?;
    let missing = database.pending_migrations().await?;
    database.migrate().await.context("the migrations failed")?;
    tracing::info!(steps = missing, "the schema is up to date");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the document is what was asked for")]
fn print_openapi() -> anyhow::Result<()> {
    println!("{}", http::openapi::document().to_pretty_json()?);
    Ok(())
}

impl DatabaseArgs {
    /// Connects to the database.
    ///
    /// # Errors
    /// What the database says.
    pub async fn connect(&self) -> anyhow::Result<Database> {
        Database::connect(self.database_url.expose(), CONNECTIONS_MAX)
            .await
            .context("DATABASE_URL: the database cannot be reached")
    }
}

/// A command does one thing after the other.
const CONNECTIONS_MAX: u32 = 2;
