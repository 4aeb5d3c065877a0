//! The `warroom` binary.

use std::process::ExitCode;

use color_eyre::config::{HookBuilder, Theme};

fn main() -> ExitCode {
    // Without colours: a report is scrubbed like everything that may quote the outside.
    let (panics, _) = HookBuilder::default().theme(Theme::new()).into_hooks();
    warroom::faults::install(move |info| panics.panic_report(info).to_string());
    warroom::cli::main(std::env::args_os())
}
