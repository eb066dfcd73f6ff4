//! The program. See `cli.rs` for its commands and `exit.rs` for its exit codes.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    nexus::run(nexus::cli::Cli::parse())
}
