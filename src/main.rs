//! The `warroom` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Without the hook a panic is still reported, only less well.
    let _ = color_eyre::install();
    warroom::cli::main(std::env::args_os())
}
