//! `dialer`: see `dialer --help`.

use std::process::ExitCode;

use clap::Parser;
use dialer::cli::Cli;
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

#[tokio::main]
#[expect(
    clippy::print_stderr,
    reason = "a sentence for the person at the terminal"
)]
async fn main() -> ExitCode {
    dotenvy::dotenv().ok();
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dialer: {error:#}");
            ExitCode::FAILURE
        }
    }
}
