//! Flags: each with its provider, and the servers and the file they are kept in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;

use super::section::Section;
use super::service::check_unique;
use super::{probe, secret};
use crate::domain::ServiceIx;
use crate::domain::room::{FlagServer, FlagSource, FlagSpec, FlagdSpec, OfrepSpec, Service, UnleashSpec};

/// Most flags.
const MOST: usize = 500;

/// What `[unleash]`, `[flagd]` and `[ofrep]` say for all their flags.
struct Providers {
    unleash: Option<(FlagServer, String, String)>,
    flagd: Option<(PathBuf, Duration)>,
    ofrep: Option<FlagServer>,
}

pub(super) fn read(
    top: &Section<'_>,
    base: &Path,
    (names, services): (&[&str], &[Service]),
    environment: &str,
) -> Vec<FlagSpec> {
    let providers = Providers {
        unleash: top.optional("unleash").map(|it| {
            let project = it.text_or("project", "default");
            (server(&it, base), project, it.text_or("environment", environment))
        }),
        flagd: top.optional("flagd").map(|it| {
            let file = it.required("file", "write file = \"flags.json\", as flagd is started with it");
            (
                base.join(file),
                it.duration_from("interval", Duration::from_secs(2), Duration::from_millis(100)),
            )
        }),
        ofrep: top.optional("ofrep").map(|it| server(&it, base)),
    };
    let sections = top.sections("flag", MOST);
    let flags: Vec<FlagSpec> =
        sections.iter().map(|section| flag(section, base, (names, services), &providers)).collect();
    let spanned = flags.iter().zip(&sections).map(|(f, section)| (f.name.as_str(), section.span("name")));
    check_unique(top.problems, "flag", spanned);
    check_apart(&flags, &sections);
    flags
}

fn server(section: &Section<'_>, base: &Path) -> FlagServer {
    let url = secret::url(section, "url", &["http", "https"]);
    FlagServer {
        url: url.trim_end_matches('/').to_owned(),
        token: secret::secret(section, "token", base),
        headers: probe::headers(section, base),
        interval: section.duration_from("interval", Duration::from_secs(5), Duration::from_millis(500)),
        timeout: section.duration_from("timeout", Duration::from_secs(10), Duration::from_millis(100)),
    }
}

fn flag(
    section: &Section<'_>,
    base: &Path,
    (names, services): (&[&str], &[Service]),
    providers: &Providers,
) -> FlagSpec {
    let name = section.required("name", "write name = \"…\" under [[flag]]");
    let word = section.word("provider", "cloud-run", &["cloud-run", "unleash", "flagd", "ofrep"]);
    let live = word != "cloud-run";
    // A flag of a provider of its own need not be of a service.
    let service = if live && names.is_empty() && !section.has("service") {
        ServiceIx::NONE
    } else {
        super::room::service_ix(section, names)
    };
    let source = source(section, base, word, &name, providers);
    let (on, off) = if word == "flagd" { ("on", "off") } else { ("true", "false") };
    let (on, off) = (section.text_or("on", on), section.text_or("off", off));
    if on == off {
        let what = format!("flag {name} is \"{on}\" both on and off");
        section.wrong("off", &what, "a flip would change nothing", "write two different values");
    }
    let target = services.get(usize::from(service.0));
    if !live && target.is_some_and(|target| target.cloud_run.is_none()) {
        let what = format!("flag {name} belongs to a service without Cloud Run");
        let why = "without a provider a flag is an environment variable of the Cloud Run service";
        section.wrong("service", &what, why, "add [service.cloud_run] to that service, or a provider here");
    }
    FlagSpec {
        service,
        variable: if live { String::new() } else { section.text_or("variable", &name) },
        container: if live { None } else { section.text("container") },
        temporary_until: temporary_until(section),
        name,
        on,
        off,
        source,
    }
}

fn source(
    section: &Section<'_>,
    base: &Path,
    word: &'static str,
    name: &str,
    providers: &Providers,
) -> FlagSource {
    let missing = |table: &str| {
        let what = format!("flag {name} is kept by {table}, and there is no [{table}]");
        section.wrong("provider", &what, "nobody knows where it is", &format!("add [{table}]"));
    };
    match word {
        "unleash" => {
            let (project, environment) = (section.text("project"), section.text("environment"));
            let feature = section.text_or("feature", name);
            let Some((server, of, at)) = &providers.unleash else {
                missing("unleash");
                return FlagSource::CloudRun;
            };
            FlagSource::Unleash(Box::new(UnleashSpec {
                server: server.clone(),
                project: project.unwrap_or_else(|| of.clone()),
                environment: environment.unwrap_or_else(|| at.clone()),
                feature,
            }))
        }
        "flagd" => {
            let (file, key) = (section.text("file"), section.text_or("key", name));
            let all = providers.flagd.as_ref();
            if file.is_none() && all.is_none() {
                missing("flagd");
            }
            let interval = all.map_or(Duration::from_secs(2), |(_, interval)| *interval);
            let file = file.map(|file| base.join(file)).or_else(|| all.map(|(file, _)| file.clone()));
            let file = file.unwrap_or_default();
            FlagSource::Flagd(FlagdSpec { real: real(&file), file, key, interval })
        }
        "ofrep" => {
            let key = section.text_or("key", name);
            let context = section.entries("context").into_iter().filter_map(|(name, _, node)| {
                Some((name.clone(), section.entry_text("context", &name, node)?))
            });
            let context = context.collect();
            let Some(server) = &providers.ofrep else {
                missing("ofrep");
                return FlagSource::CloudRun;
            };
            FlagSource::Ofrep(Box::new(OfrepSpec { server: server.clone(), key, context }))
        }
        _ => FlagSource::CloudRun,
    }
}

/// One name for one file, so that consoles that write it in other ways take turns on it; as far as it exists.
fn real(file: &Path) -> PathBuf {
    let by_folder = || Some(file.parent()?.canonicalize().ok()?.join(file.file_name()?));
    let whole = file.canonicalize().ok().or_else(by_folder);
    whole.or_else(|| std::path::absolute(file).ok()).unwrap_or_else(|| file.to_owned())
}

/// Two rows of one flag would each take the other's changes for somebody else's.
fn check_apart(flags: &[FlagSpec], sections: &[Section<'_>]) {
    let mut seen = std::collections::BTreeMap::new();
    for (flag, section) in flags.iter().zip(sections) {
        let kept = match &flag.source {
            FlagSource::CloudRun => format!("{}\n{}\n{:?}", flag.service.0, flag.variable, flag.container),
            // Of another person it may be something else.
            FlagSource::Ofrep(spec) => format!("{:?}\n{:?}", flag.resource(), spec.context),
            FlagSource::Unleash(_) | FlagSource::Flagd(_) => flag.resource().unwrap_or_default(),
        };
        if let Some(first) = seen.insert(kept, &flag.name) {
            let key =
                ["feature", "key", "variable"].into_iter().find(|key| section.has(key)).unwrap_or("name");
            let what = format!("flag {} is kept where flag {first} is", flag.name);
            let why = "it is one flag: each row would take the other's changes for somebody else's";
            section.wrong(key, &what, why, "take one of them out, or name another place");
        }
    }
}

/// The last day of a temporary flag.
fn temporary_until(section: &Section<'_>) -> Option<NaiveDate> {
    let text = section.text("temporary_until")?;
    let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
    if date.is_none() {
        let what = format!("`{}` is \"{text}\"", section.dotted("temporary_until"));
        section.wrong("temporary_until", &what, "it is no date", "write it as \"2026-12-31\"");
    }
    date
}
