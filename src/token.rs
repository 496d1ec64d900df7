//! `dialer token`: API tokens from the command line.

use std::str::FromStr;

use clap::{Args, Subcommand};
use email_address::EmailAddress;
use engine::access::NewUser;
use engine::{Access, Role, SystemClock};
use sea_orm::DbBackend;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::config::DatabaseArgs;

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a user and print its token, this once
    Create(CreateArgs),
    /// Take a token back; processes that know it forget it within ten seconds
    Revoke(RevokeArgs),
}

/// Whose token is made.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// What to call the user
    #[arg(long)]
    name: String,
    /// Where to write to the user
    #[arg(long, value_parser = EmailAddress::from_str)]
    email: Option<EmailAddress>,
    /// `admin` sees and changes everything, `user` what it owns
    #[arg(long, default_value = "user", value_parser = Role::from_str)]
    role: Role,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Which token is taken back.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// The key's id, as `token create` printed it
    key: Uuid,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Does what was asked.
///
/// # Errors
/// What the database says, and a key that does not exist.
pub async fn run(command: TokenCommand) -> anyhow::Result<()> {
    match command {
        TokenCommand::Create(args) => create(args).await,
        TokenCommand::Revoke(args) => revoke(args).await,
    }
}

#[expect(clippy::print_stdout, reason = "the token is what was asked for")]
async fn create(args: CreateArgs) -> anyhow::Result<()> {
    let access = access(&args.database).await?;
    let user = NewUser {
        name: args.name,
        email: args.email.map(|email| email.to_string()),
        role: args.role,
    };
    let issued = access.create_token(user).await?;
    println!("user   {}", issued.user);
    println!("key    {}", issued.id);
    println!("token  {}", issued.token.expose_secret());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer to a command")]
async fn revoke(args: RevokeArgs) -> anyhow::Result<()> {
    access(&args.database).await?.revoke_key(args.key).await?;
    println!("revoked {}", args.key);
    Ok(())
}

async fn access(database: &DatabaseArgs) -> anyhow::Result<Access> {
    let database = database.connect().await?;
    if database.backend() == DbBackend::Sqlite {
        database.migrate().await?;
    }
    Ok(Access::new(
        database,
        std::sync::Arc::new(SystemClock),
        None,
    ))
}
