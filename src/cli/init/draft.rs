//! The text of a `config.toml` drafted from documents: what they say stands there, what only the team knows is
//! commented out, with the line it came from.

/// Adds a line.
macro_rules! line {
    ($out:expr, $($part:tt)*) => {
        // Writing to a String cannot fail.
        let _ = writeln!($out, $($part)*);
    };
}

mod limits;
mod metrics;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use crate::domain::plan::{Command, CommandKind, Stated, Threshold};
use crate::domain::room::Must;
use crate::domain::{Clean, Document, Item, ItemId, Meaning, Section};

/// Most parts of a kind that are written.
const MOST: usize = 200;

/// What the documents let us watch.
struct Known<'a> {
    documents: &'a [Document],
    /// Health URLs, with the names of their probes.
    probes: Vec<(String, String)>,
    /// A WebSocket URL.
    events: Option<String>,
    /// A URL that ends in `/metrics`.
    metrics: Option<String>,
}

impl Known<'_> {
    /// Whether something tells of connections: the stream, or the server's own counters.
    fn counts_connections(&self) -> bool {
        self.events.is_some()
            || self.documents.iter().any(|document| metrics::usable(document).next().is_some())
    }
}

/// The text. It parses; a test and the caller hold it to that.
pub(super) fn config(documents: &[Document], journal: Option<&Path>) -> String {
    let known = urls(documents);
    let mut out = String::new();
    room(&mut out, &known);
    if let Some(journal) = journal {
        let path = quoted(&journal.to_string_lossy());
        line!(out, "\n[store]\npath = {path}     # what was signed before there was a config");
    }
    let metrics = service(&mut out, &known);
    flags(&mut out, &known);
    variables(&mut out, &known);
    let stating = conditions(&mut out, &known, &metrics);
    people(&mut out, &known);
    bindings(&mut out, &known, &stating);
    out
}

fn quoted(text: &str) -> String {
    toml::Value::String(Clean::new(text).to_string()).to_string()
}

fn list<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let texts: Vec<String> = texts.map(quoted).collect();
    format!("[{}]", texts.join(", "))
}

fn room(out: &mut String, known: &Known<'_>) {
    let first = known.documents.first();
    let title = first.map_or("room", |document| &*document.title);
    let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = title.chars().map(plain).take(40).collect();
    let name = name.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    line!(
        out,
        "# Drafted by `warroom init`. What stands behind # is not known yet: fill it in, and take the # away."
    );
    line!(
        out,
        "# Every key, with its default: config.toml.example. `warroom doctor` tries what is named here.\n"
    );
    line!(out, "[room]");
    line!(out, "name = {}", quoted(if name.is_empty() { "room" } else { &name }));
    line!(out, "environment = \"development\"     # production is drawn and guarded as production");
    line!(out, "# link = \"https://meet.example.com/war-room\"");
    line!(out, "checklists = {}", list(known.documents.iter().map(|document| document.path.as_str())));
    line!(out, "\n[signoff]");
    line!(out, "second_person = \"production\"    # sign-offs by another person than the one who deploys");
    line!(out, "# requires_evidence_from = \"../staging/room.db\"");
}

fn service(out: &mut String, known: &Known<'_>) -> BTreeSet<String> {
    line!(out, "\n[[service]]\nname = \"app\"");
    let phases = known.documents.iter().flat_map(|document| &document.plan.phases);
    let mut seen = BTreeSet::new();
    let phases: Vec<&str> =
        phases.map(|phase| &*phase.name).filter(|name| seen.insert(*name)).take(50).collect();
    let off = if known.probes.is_empty() { "# " } else { "" };
    if !phases.is_empty() {
        line!(out, "\n{off}[service.startup]              # from the body of the first http probe");
        line!(out, "{off}phases = {}", list(phases.into_iter()));
    }
    for (name, url) in &known.probes {
        line!(out, "\n[[service.health]]\nname = {}\nurl = {}", quoted(name), quoted(url));
    }
    if known.probes.is_empty() {
        line!(out, "\n# [[service.health]]             # no health URL was found\n# name = \"app\"");
        line!(out, "# url = \"http://127.0.0.1:8000/health\"");
    }
    events(out, known);
    let metrics = metrics::write(out, known);
    line!(out, "\n# [service.cloud_run]             # for traffic, rollback and flags");
    line!(out, "# project = \"my-project\"\n# region = \"europe-west1\"\n# service = \"app\"");
    metrics
}

fn events(out: &mut String, known: &Known<'_>) {
    let mut seen = BTreeSet::new();
    let events = known.documents.iter().flat_map(|document| &document.plan.events);
    let types: Vec<&str> =
        events.map(|event| &*event.name).filter(|name| seen.insert(*name)).take(50).collect();
    let off = if known.events.is_some() { "" } else { "# " };
    if types.is_empty() && known.events.is_none() {
        return;
    }
    line!(out, "\n{off}[service.events]");
    line!(out, "{off}url = {}", quoted(known.events.as_deref().unwrap_or("ws://127.0.0.1:8000/ws/events")));
    if let (Some(first), Some(last)) = (types.first(), types.last()) {
        line!(out, "{off}types = {}", list(types.iter().copied()));
        line!(out, "{off}first = {}\n{off}last = {}", quoted(first), quoted(last));
        line!(out, "{off}pairs = []");
    }
}

fn thresholds<'a>(known: &'a Known<'_>) -> impl Iterator<Item = &'a Threshold> {
    let mut seen = BTreeSet::new();
    let all = known.documents.iter().flat_map(|document| &document.plan.thresholds);
    all.filter(move |threshold| seen.insert((threshold.name.clone(), stated(threshold))))
}

/// What a document states of a number, as written.
fn stated(threshold: &Threshold) -> String {
    let said = |stated: &Option<Stated>| stated.as_ref().map(|stated| stated.text.to_string());
    let parts =
        [("target", &threshold.target), ("warning", &threshold.warning), ("critical", &threshold.critical)];
    let parts: Vec<String> =
        parts.iter().filter_map(|(name, stated)| Some(format!("{name} {}", said(stated)?))).collect();
    Clean::new(&parts.join(", ")).to_string()
}

fn flags(out: &mut String, known: &Known<'_>) {
    let mut seen = BTreeSet::new();
    let flags = known.documents.iter().flat_map(|document| &document.plan.flags);
    for flag in flags.filter(|flag| seen.insert(&flag.name)).take(MOST) {
        line!(out, "\n# [[flag]]                        # line {}; needs [service.cloud_run]", flag.line);
        line!(out, "# name = {}", quoted(&flag.name));
    }
}

/// Variables that the documents name as required, one block for each way in which they must be there.
fn variables(out: &mut String, known: &Known<'_>) {
    let mut seen = BTreeSet::new();
    let all = known.documents.iter().flat_map(|document| &document.plan.variables);
    let all: Vec<_> = all.filter(|it| seen.insert(&it.name)).take(MOST).collect();
    for must in [Must::Set, Must::Secret, Must::Equal] {
        let these: Vec<_> = all.iter().filter(|it| it.must == must).collect();
        if these.is_empty() {
            continue;
        }
        let needs = if must == Must::Equal { "two services with it" } else { "[service.cloud_run]" };
        line!(out, "\n# [[require_env]]                 # {}; needs {needs}", must.words());
        line!(out, "# names = [");
        for it in these {
            line!(
                out,
                "#     {},{:indent$}# line {}",
                quoted(&it.name),
                "",
                it.line,
                indent = 28_usize.saturating_sub(it.name.len()).max(1)
            );
        }
        line!(out, "# ]\n# must = \"{must}\"");
    }
}

/// Limits of signals that the room has by itself; answers with the items that state them, and their conditions.
fn conditions(out: &mut String, known: &Known<'_>, metrics: &BTreeSet<String>) -> Vec<(ItemId, String)> {
    let failing =
        thresholds(known).find_map(|threshold| Some((threshold, limits::health_failing(threshold)?)));
    if let Some((threshold, seconds)) = failing.filter(|_| !known.probes.is_empty()) {
        line!(out, "\n[conditions]                      # line {}: {}", threshold.line, stated(threshold));
        line!(out, "health_failing = \"{seconds}s\"");
    }
    let asking: BTreeSet<&ItemId> = items(known)
        .filter(|(_, _, item)| item.meaning == Meaning::Trigger)
        .map(|(_, _, item)| &item.id)
        .collect();
    let (mut stating, mut names) = (Vec::new(), metrics.clone());
    for threshold in thresholds(known).take(MOST) {
        let Some(signal) = limits::signal(threshold, known) else { continue };
        let Some(bad) = signal.bad(threshold) else { continue };
        let name: String = threshold.name.chars().take(60).collect();
        let name = Clean::new(&format!("{} {} {}", name.trim(), bad.fail, bad.unit)).trim().to_owned();
        if !names.insert(name.clone()) {
            continue;
        }
        line!(out, "\n[[condition]]                     # line {}: {}", threshold.line, stated(threshold));
        line!(out, "name = {}", quoted(&name));
        if threshold.item.as_ref().is_some_and(|item| asking.contains(item)) {
            line!(out, "purpose = \"trigger\"");
        }
        line!(out, "signal = {}", quoted(&signal.name));
        line!(out, "fail = {}\nunit = {}", quoted(&bad.fail), quoted(&bad.unit));
        if let Some(warn) = &bad.warn {
            line!(out, "warn = {}", quoted(warn));
        }
        if let Some(seconds) = bad.sustained {
            line!(out, "for = \"{seconds}s\"");
        }
        stating.extend(threshold.item.clone().map(|item| (item, name)));
    }
    stating
}

fn people(out: &mut String, known: &Known<'_>) {
    let contacts = known.documents.iter().flat_map(|document| &document.plan.contacts);
    for contact in contacts.filter(|contact| !contact.name.trim().is_empty()).take(MOST) {
        line!(out, "\n[[contact]]                       # line {}", contact.line);
        line!(out, "name = {}\nreach = {}", quoted(&contact.name), quoted(&contact.text));
    }
    let asked = items(known).filter_map(|(_, _, item)| match &item.meaning {
        Meaning::SignOff { role: Some(role) } => Some((role.clone(), Clean::default())),
        _ => None,
    });
    let written = known.documents.iter().flat_map(|document| &document.plan.roles);
    let written = written.map(|role| (role.name.clone(), role.who.clone()));
    let mut seen = BTreeSet::new();
    let plain = |name: &Clean| name.to_lowercase();
    for (name, who) in written.chain(asked).filter(|(name, _)| seen.insert(plain(name))).take(MOST) {
        if name.trim().is_empty() {
            continue;
        }
        line!(out, "\n[[role]]\nname = {}\n# also = [\"what operators call it\"]", quoted(&name));
        let person = if who.is_empty() { "name" } else { &who };
        line!(out, "# people = {}", list(std::iter::once(person)));
    }
}

fn items<'a>(known: &'a Known<'_>) -> impl Iterator<Item = (&'a Document, &'a Section, &'a Item)> {
    let sections = known
        .documents
        .iter()
        .flat_map(|document| document.sections.iter().map(move |section| (document, section)));
    sections.flat_map(|(document, section)| section.items.iter().map(move |item| (document, section, item)))
}

/// Proposals by the words of the items. What watches nothing yet is commented out.
fn bindings(out: &mut String, known: &Known<'_>, stating: &[(ItemId, String)]) {
    let mut seen = BTreeSet::new();
    let open =
        items(known).filter(|(_, _, item)| !matches!(item.meaning, Meaning::SignOff { .. } | Meaning::Claim));
    for (document, _, item) in open.filter(|(_, _, item)| seen.insert(item.text.clone())).take(MOST) {
        let own = stating.iter().find(|(id, _)| *id == item.id).map(|(_, name)| (name.clone(), true));
        if let Some(gate) = gate_of(document, item) {
            line!(
                out,
                "\n[[bind]]                          # {} line {}: {}",
                Clean::new(&document.path),
                item.line,
                told(gate)
            );
            line!(out, "text = {}\ngate = {}\nticks = \"proposes\"", quoted(&item.text), quoted(&gate.id));
            continue;
        }
        let Some((condition, is_there)) = own.or_else(|| fact(&item.text, known)) else { continue };
        let off = if is_there { "" } else { "# " };
        line!(
            out,
            "\n{off}[[bind]]                          # {} line {}",
            Clean::new(&document.path),
            item.line
        );
        // A star in the text stands for anything between its parts, so it holds for itself.
        line!(out, "{off}text = {}\n{off}condition = {}", quoted(&item.text), quoted(&condition));
        line!(out, "{off}ticks = \"proposes\"");
    }
}

/// The one gate of the document that runs what an item without a command of its own asks for, by the kind of test.
fn gate_of<'a>(document: &'a Document, item: &Item) -> Option<&'a Command> {
    const KINDS: [&str; 8] =
        ["unit", "integration", "e2e", "end-to-end", "smoke", "load", "lint", "security"];
    let gates = || document.plan.commands.iter().filter(|command| command.kind == CommandKind::Gate);
    if gates().any(|gate| gate.item.as_ref() == Some(&item.id)) {
        return None;
    }
    let lower = item.text.to_lowercase();
    let kind =
        KINDS.into_iter().find(|kind| lower.contains(kind) && (*kind == "lint" || lower.contains("test")))?;
    let mut of = gates().filter(|gate| gate.text.to_lowercase().contains(kind));
    of.next().filter(|_| of.next().is_none())
}

fn told(command: &Command) -> String {
    let shown = command.shown();
    let first = shown.lines().next().unwrap_or_default();
    Clean::new(&first.chars().take(60).collect::<String>()).to_string()
}

/// Which condition the words of an item speak of, and whether this config has it.
fn fact(text: &str, known: &Known<'_>) -> Option<(String, bool)> {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let probe = known.probes.first().map(|(name, _)| name.as_str());
    let phases = known.documents.iter().any(|document| !document.plan.phases.is_empty());
    // That something flows says nothing of whom it reaches, and "if healthy" asks for nothing.
    if has(&["isolat", "correct", "only ", "if healthy", "right user", "contaminat", "leak"]) {
        return None;
    }
    if has(&["health"]) && has(&["endpoint", "check", "probe", "respond", "return", "healthy", "200"]) {
        return Some((format!("health {} failing", probe.unwrap_or("app")), probe.is_some()));
    }
    if has(&["startup", "start-up"]) && has(&["phase", "complete", "success", "finish"]) {
        return Some(("startup failed".to_owned(), probe.is_some() && phases));
    }
    // A rate is a number, and is bound as one.
    if has(&["event"])
        && !has(&["rate", "%"])
        && has(&["deliver", "flow", "receiv", "stream", "sent", "emit"])
    {
        return Some(("events not flowing".to_owned(), known.events.is_some()));
    }
    if has(&["close code", "disconnect", "connections closed"]) {
        return Some(("close codes spike".to_owned(), known.events.is_some()));
    }
    has(&["error rate", "error_rate"]).then(|| ("error_rate".to_owned(), false))
}

/// Health URLs with names for their probes, and a WebSocket URL, from commands and items.
fn urls(documents: &[Document]) -> Known<'_> {
    let mut probes: Vec<(String, String)> = Vec::new();
    let (mut events, mut metrics) = (None, None);
    for document in documents {
        let commands = document.plan.commands.iter().map(|command| command.text.as_str());
        let items = document.sections.iter().flat_map(|section| &section.items).map(|item| &*item.text);
        for word in commands
            .chain(items)
            .flat_map(|text| text.split(|c: char| c.is_whitespace() || "\"'`()<>|;,".contains(c)))
        {
            let url = word.trim_end_matches(['.', ':', ')', '/']);
            let plain =
                url.is_ascii() && !url.contains(['$', '{', '}', '*', '@', '[', ']', '?', '#', '\\', '%']);
            let whole = url.split_once("://").is_some_and(|(_, rest)| {
                let host = rest.split(['/', ':']).next().unwrap_or_default();
                !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
            });
            if !plain || !whole || url.len() > 200 {
                continue;
            }
            if url.starts_with("http")
                && is_health(url)
                && probes.iter().all(|(_, known)| known != url)
                && probes.len() < 20
            {
                probes.push((
                    format!(
                        "health{}",
                        if probes.is_empty() { String::new() } else { (probes.len() + 1).to_string() }
                    ),
                    url.to_owned(),
                ));
            }
            if url.starts_with("http") && url.ends_with("/metrics") {
                metrics.get_or_insert_with(|| url.to_owned());
            }
            if url.starts_with("ws") && events.is_none() {
                events = Some(url.to_owned());
            }
        }
    }
    Known { documents, probes, events, metrics }
}

fn is_health(url: &str) -> bool {
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    let mut parts = path.split('/').map(str::to_lowercase);
    (url.starts_with("http://") || url.starts_with("https://"))
        && parts.any(|part| {
            ["health", "healthz", "ready", "readyz", "livez", "live", "status"].contains(&part.as_str())
        })
}

#[cfg(test)]
mod tests;
