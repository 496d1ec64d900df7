//! `dialer`: see `dialer --help`.

use clap::Parser;
use dialer::cli::Cli;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    dotenvy::dotenv().ok();
    Cli::parse().run().await
}
