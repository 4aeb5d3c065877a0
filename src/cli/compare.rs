//! `warroom compare` and `warroom env compare`: revisions and environments side by side, for scripts. Everything is only
//! read: the status is 0 where nothing differs, 1 where something does, 2 where that is not known.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Failure, Global, moving, session, written};
use crate::clock;
use crate::config::{self, Loaded, Overrides};
use crate::domain::comparison::Environment;
use crate::domain::{Clean, Comparison};
use crate::model::Model;
use crate::model::msg::Msg;
use crate::sources::environments;

/// Columns of what is printed.
const COLUMNS: usize = 110;

/// Two revisions.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Revisions {
    /// The service, as the config names it, where it has several; then two revisions (whole name, its end, or its number)
    #[arg(required = true, num_args = 2..=3, value_names = ["SERVICE", "REV", "REV"])]
    words: Vec<String>,
    #[command(flatten)]
    how: How,
}

/// What is done with environments.
#[derive(Debug, Clone, clap::Subcommand)]
pub(super) enum Act {
    /// Variables that only one environment has, or that have other values: of what serves here and there
    Compare {
        /// The config of the other environment, or another service of this config
        #[arg(value_name = "OTHER")]
        other: PathBuf,
        /// With another service: which of this config it is compared with [default: the first other one on Cloud Run]
        #[arg(long, value_name = "NAME")]
        service: Option<String>,
        #[command(flatten)]
        how: How,
    },
}

/// How it is told.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct How {
    /// Show values of variables too, but never those of secrets
    #[arg(long)]
    values: bool,
    /// One JSON object, schema warroom.compare/1
    #[arg(long)]
    json: bool,
}

impl Revisions {
    pub(super) fn wants_json(&self) -> bool {
        self.how.json
    }
}

impl Act {
    pub(super) fn wants_json(&self) -> bool {
        let Self::Compare { how, .. } = self;
        how.json
    }
}

/// Compares two revisions.
pub(super) async fn revisions(global: &Global, options: &Revisions) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let mut words: Vec<&str> = options.words.iter().map(String::as_str).collect();
    if let [service, _, _] = words.as_mut_slice() {
        let ix = moving::service(&loaded, service)?;
        *service = loaded.room.service(ix).map_or(*service, |known| &known.name);
    }
    let here = environments::read(&loaded.room).await;
    let compared = room(&loaded, &here).compared(&words).map_err(|why| unread(&why, &here))?;
    tell(compared, &options.how)
}

/// Compares environments.
pub(super) async fn env(global: &Global, act: &Act) -> Result<u8, Failure> {
    let Act::Compare { other, service, how } = act;
    let loaded = session::load(global)?;
    let known = loaded.room.service_called(&other.to_string_lossy()).and_then(|ix| loaded.room.service(ix));
    if let Some(known) = known {
        let name = known.name.as_str();
        let here = environments::read(&loaded.room).await;
        let first = here.services.iter().map(|(known, _)| known.as_str()).find(|it| *it != name);
        let Some(one) = service.as_deref().or(first) else {
            let why = "the config has no other service on Cloud Run";
            return Err(Failure::usage("there is nothing to compare it with", why, "name another config"));
        };
        let compared = room(&loaded, &here).compared(&[one, name]).map_err(|why| unread(&why, &here))?;
        return tell(compared, how);
    }
    let elsewhere = config::load(Some(other), &Overrides::default())?;
    let (here, there) = tokio::join!(environments::read(&loaded.room), environments::read(&elsewhere.room));
    if there.services.is_empty() {
        let why = format!("{} names no service on Cloud Run", other.display());
        return Err(Failure::usage(
            "there is nothing to compare it with",
            &why,
            "name another config, or a service",
        ));
    }
    let (here, there) = told_apart(here, there, &loaded, other);
    tell(Comparison::of_environments(&here, &there), how)
}

/// A room that knows what was read.
fn room(loaded: &Loaded, read: &Environment) -> Model {
    let now = clock::now();
    let mut model = Model::new(Arc::new(loaded.room.clone()), "compare".to_owned(), now, (80, 24));
    for (name, read) in &read.services {
        let ix = loaded.room.service_ixs().find(|ix| model.service_name(*ix) == *name);
        if let (Some(service), Ok(traffic)) = (ix, read) {
            let traffic = Box::new(traffic.clone());
            model.update(Msg::TrafficRead { service, at: now.mono, traffic });
        }
    }
    model
}

/// Two environments of one name are told apart by where they are.
fn told_apart(
    here: Environment,
    there: Environment,
    loaded: &Loaded,
    other: &Path,
) -> (Environment, Environment) {
    if here.name != there.name {
        return (here, there);
    }
    let own = loaded.path.as_deref().unwrap_or(Path::new("here"));
    let named = |of: Environment, path: &Path| Environment {
        name: Clean::new(&format!("{} ({})", of.name, path.display())),
        ..of
    };
    (named(here, own), named(there, other))
}

fn unread(why: &Clean, read: &Environment) -> Failure {
    let failed = read.services.iter().filter_map(|(name, read)| Some((name, read.as_ref().err()?)));
    let failed: Vec<String> = failed.map(|(name, why)| format!("{name}: {why}")).collect();
    if failed.is_empty() {
        return Failure::usage(
            "nothing was compared",
            why,
            "`warroom watch --json` lists services and revisions",
        );
    }
    Failure::usage("nothing was compared", &format!("{why}; {}", failed.join("; ")), "warroom doctor")
}

fn tell(comparison: Comparison, how: &How) -> Result<u8, Failure> {
    let comparison = Comparison { values: how.values, ..comparison };
    let mut out = io::stdout().lock();
    let outcome = if how.json {
        let told = serde_json::to_writer(&mut out, &comparison.told()).map_err(io::Error::from);
        told.and_then(|()| writeln!(out))
    } else {
        out.write_all(comparison.text(COLUMNS).as_bytes())
    };
    written(outcome)?;
    Ok(if comparison.unread { 2 } else { u8::from(!comparison.is_same()) })
}
