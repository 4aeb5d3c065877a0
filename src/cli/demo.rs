//! `warroom demo`: a simulated target, and the console on it through exactly the code that a real target goes through.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use strum::IntoEnumIterator;

use super::{Failure, Global, console, session};
use crate::demo::{self, Scenario, Target};
use crate::runtime;

/// What to play.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// What happens: bad-canary, healthy, slow-start, phase-hang, phase-out-of-order, startup-failed, auth-storm,
    /// crash-loop, overload, frozen, flapping-health, missing-events, slow-health, garbage, target-down
    #[arg(long, default_value = "bad-canary", value_parser = scenario)]
    scenario: Scenario,
    /// The same seed gives the same numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How fast the story plays: 1 takes about three minutes
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// Bearer token of the simulated service, from this environment variable [default: made up]
    #[arg(long, value_name = "VARIABLE", conflicts_with_all = ["token_file", "token_command"])]
    token_env: Option<String>,
    /// The same, from the first line of this file
    #[arg(long, value_name = "FILE", conflicts_with = "token_command")]
    token_file: Option<PathBuf>,
    /// The same, from what this program prints
    #[arg(long, value_name = "PROGRAM")]
    token_command: Option<String>,
    /// Only the simulated target, until stopped
    #[arg(long)]
    target_only: bool,
    /// Write the target's URLs here as JSON
    #[arg(long, value_name = "FILE")]
    ports_file: Option<PathBuf>,
    /// Write a config.toml that watches the target (with its checklist and token beside it)
    #[arg(long, value_name = "FILE")]
    write_config: Option<PathBuf>,
}

fn scenario(text: &str) -> Result<Scenario, String> {
    text.parse().map_err(|_unknown: strum::ParseError| {
        let names: Vec<&str> = Scenario::iter().map(Into::into).collect();
        format!("there is no such scenario: one of {}", names.join(", "))
    })
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|error| format!("write a number such as 1 or 2.5: {error}"))?;
    if (0.1..=100.0).contains(&speed) { Ok(speed) } else { Err("from 0.1 to 100".to_owned()) }
}

pub(super) async fn run(global: &Global, options: &Options) -> Result<u8, Failure> {
    let token = token(options).await?;
    let Options { scenario, seed, speed, .. } = *options;
    let target = demo::start(demo::Options { scenario, seed, speed, token }).await.map_err(|error| {
        Failure::failed(
            "the simulated target cannot start",
            &error.to_string(),
            "free a loopback port and try again",
        )
    })?;
    if let Some(path) = &options.ports_file {
        let json = serde_json::to_string_pretty(target.urls()).unwrap_or_default();
        write(path, &json)?;
    }
    if let Some(path) = &options.write_config {
        write_config(&target, path)?;
    }
    if options.target_only {
        return wait(&target).await;
    }
    let folder = Folder::new()?;
    let config = target.write_files(&folder.0).map_err(|error| {
        Failure::failed(
            "the demo's files cannot be written",
            &error.to_string(),
            "make room in the temporary folder",
        )
    })?;
    let global = Global {
        config: Some(config),
        store: Some(global.store.clone().unwrap_or_else(|| folder.0.join("journal.db"))),
        ..global.clone()
    };
    let loaded = session::load(&global)?;
    let status = console::show(&loaded, global.no_color).await;
    target.stop().await;
    status
}

async fn token(options: &Options) -> Result<Option<String>, Failure> {
    use crate::domain::room::SecretRef;
    use secrecy::ExposeSecret;
    let secret = match (&options.token_env, &options.token_file, &options.token_command) {
        (Some(name), _, _) => SecretRef::Env(name.clone()),
        (_, Some(path), _) => SecretRef::File(path.clone()),
        (_, _, Some(program)) => SecretRef::Command(vec![program.clone()]),
        (None, None, None) => return Ok(None),
    };
    let read = crate::clients::secret::read(&secret).await;
    read.map(|token| Some(token.expose_secret().to_owned())).map_err(|error| {
        Failure::usage(
            "the token cannot be read",
            &error.to_string(),
            "name another variable, file or program",
        )
    })
}

async fn wait(target: &Target) -> Result<u8, Failure> {
    let urls = serde_json::to_string_pretty(target.urls()).unwrap_or_default();
    // Nobody has to read it.
    let _ = writeln!(io::stdout().lock(), "{urls}");
    let signals = runtime::signals();
    let signals = signals
        .map_err(|error| Failure::failed("signals cannot be handled", &error.to_string(), "try again"))?;
    let number = signals.await;
    Ok(runtime::Exit::Signal(number).status())
}

/// The config at `path`, its checklist and token beside it.
fn write_config(target: &Target, path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = target.write_files(folder).map_err(|error| {
        Failure::failed(
            &format!("{} cannot be written", folder.display()),
            &error.to_string(),
            "name another folder",
        )
    })?;
    if written != path {
        std::fs::rename(&written, path).map_err(|error| {
            Failure::failed(
                &format!("{} cannot be written", path.display()),
                &error.to_string(),
                "name another file",
            )
        })?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| {
        Failure::failed(
            &format!("{} cannot be written", path.display()),
            &error.to_string(),
            "name another file",
        )
    })
}

/// A folder that goes away with the demo.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, Failure> {
        let name = format!("warroom-demo-{}-{}", std::process::id(), crate::clock::wall().timestamp_micros());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).map_err(|error| {
            Failure::failed(
                "no temporary folder can be made",
                &error.to_string(),
                "set TMPDIR to a writable folder",
            )
        })?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left behind, it is only litter.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
