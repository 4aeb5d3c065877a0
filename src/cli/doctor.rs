//! `warroom doctor`: each thing the room needs, tried once through the very code the console uses, with what is wrong
//! and the next step.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

mod cloud;
mod numbers;
mod queries;
mod routes;
mod schemas;
mod steps;

use numbers::Numbers;
use steps::{next_step, store_step};

use super::session;
use super::{Failure, Global};
use crate::clock;
use crate::config::Loaded;
use crate::domain::health::ProbeOutcome;
use crate::domain::link::LinkReport;
use crate::domain::room::{Mode, Operator};
use crate::domain::{Clean, Document, Record, Room, SourceId, format};
use crate::journal::{ErrorKind, MEND, Store, Verified};
use crate::lanes::{Receivers, lanes};
use crate::model::links;
use crate::model::msg::Msg;
use crate::sources::{dashboards, documents};

/// After this long a source that failed is believed to fail: a tag needs the traffic to be read first.
const SETTLED: Duration = Duration::from_secs(3);

/// What said nothing by then says nothing.
const LONGEST: Duration = Duration::from_secs(10);

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    Doubtful,
    Bad,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Check {
    name: String,
    state: State,
    /// What was seen, or why it is wrong.
    seen: Clean,
    /// What to do; empty if there is nothing.
    next: String,
}

impl Check {
    fn new(name: &str, state: State, seen: &str, next: &str) -> Self {
        Self { name: name.to_owned(), state, seen: Clean::new(seen), next: next.to_owned() }
    }
}

/// Tries everything; status 1 if something is wrong.
pub(super) async fn run(global: &Global, json: bool) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let room = &loaded.room;
    let mut checks = vec![config(&loaded), operator(room), store(&loaded).await];
    checks.extend(dashboards(&loaded).await);
    let (documents, problems) = documents::read_once(&room.checklists);
    checks.extend(checklists(&documents, &problems));
    checks.extend(queries::checks(room, &documents, &known(&loaded).await));
    checks.extend(schemas::checks(room));
    checks.extend(sources(room).await);
    checks.extend(cloud::checks(room).await);
    checks.extend(routes::checks(room).await);
    let mut out = io::stdout().lock();
    // A reader that went away is no error of ours.
    super::written(if json { write_json(&checks, &mut out) } else { write_lines(&checks, &mut out) })?;
    Ok(u8::from(checks.iter().any(|check| check.state == State::Bad)))
}

fn config(loaded: &Loaded) -> Check {
    let room = &loaded.room;
    let Some(path) = &loaded.path else {
        let next = "let `warroom init` draft one from the checklist, or there is nothing to watch";
        return Check::new("config", State::Doubtful, "there is none: the checklists make the room", next);
    };
    let path = path.display();
    let conditions = format::counted(room.conditions.len(), "condition");
    let seen = format!("{path}: {}, {conditions}", format::counted(room.services.len(), "service"));
    if room.services.is_empty() {
        return Check::new(
            "config",
            State::Doubtful,
            &seen,
            "add a [[service]], or there is nothing to watch",
        );
    }
    Check::new("config", State::Good, &seen, "")
}

/// The file of dashboards that were edited here, where there is one.
async fn dashboards(loaded: &Loaded) -> Option<Check> {
    let path = session::kept(loaded).dashboards;
    match dashboards::read(&path).await {
        Ok(None) => None,
        Ok(Some(all)) => {
            let seen = format!("{}: {}", path.display(), format::counted(all.len(), "dashboard"));
            Some(Check::new("edited dashboards", State::Good, &seen, ""))
        }
        Err(why) => {
            let next = "mend the file, or remove it: until then the config's are shown";
            Some(Check::new("edited dashboards", State::Bad, &why, next))
        }
    }
}

fn operator(room: &Room) -> Check {
    let (name, role) = (&room.operator.name, &room.operator.role);
    if name == Operator::UNKNOWN {
        let next = "set operator.name, $WARROOM_OPERATOR or --as: the journal says who did what";
        return Check::new("operator", State::Doubtful, "nobody knows who you are", next);
    }
    let seen = if role.is_empty() { name.clone() } else { format!("{name}, {role}") };
    Check::new("operator", State::Good, &seen, "")
}

/// The records that can be read: what is wrong with the journal is told by its own check.
async fn known(loaded: &Loaded) -> Vec<Record> {
    let Ok(mut store) = Store::read(&session::store_path(loaded)).await else { return Vec::new() };
    let walked = store.walked().await;
    store.close().await;
    walked.map(|(records, _)| records).unwrap_or_default()
}

async fn store(loaded: &Loaded) -> Check {
    let path = session::store_path(loaded);
    let opened = if loaded.room.operator.mode == Mode::ReadOnly {
        Store::read(&path).await
    } else {
        Store::open(&path).await
    };
    let verified = match opened {
        Ok(mut store) => {
            let verified = store.verify().await;
            store.close().await;
            verified
        }
        Err(error) => Err(error),
    };
    match verified {
        Ok(Verified { damage: Some(damage), .. }) => {
            let seen = format!("{} is damaged at record {}: {}", path.display(), damage.seq, damage.text);
            Check::new("journal", State::Bad, &seen, MEND)
        }
        Ok(Verified { seq, .. }) => {
            let seen =
                format!("{}: {}, chain whole", path.display(), format::counted(seq as usize, "record"));
            Check::new("journal", State::Good, &seen, "")
        }
        Err(error) if error.kind == ErrorKind::Missing => Check::new(
            "journal",
            State::Doubtful,
            &format!("{}: not there yet", path.display()),
            error.kind.next(),
        ),
        Err(error) => {
            let seen = format!("{} {}: {}", path.display(), error.kind.what(), error.why);
            Check::new("journal", State::Bad, &seen, error.kind.next())
        }
    }
}

fn checklists(documents: &[Document], problems: &[Clean]) -> Vec<Check> {
    let bad = problems
        .iter()
        .map(|problem| Check::new("checklist", State::Bad, problem, "correct room.checklists, or the file"));
    let read = documents.iter().map(|document| {
        let items: usize = document.sections.iter().map(|section| section.items.len()).sum();
        let seen = format!("{}: {items} items", document.path);
        if items == 0 {
            return Check::new("checklist", State::Doubtful, &seen, "write items as \"- [ ] text\"");
        }
        Check::new("checklist", State::Good, &seen, "")
    });
    bad.chain(read).collect()
}

/// What the sources said so far.
#[derive(Default)]
struct Heard {
    links: BTreeMap<SourceId, LinkReport>,
    /// What a probe saw, if that was not good.
    unwell: BTreeMap<SourceId, String>,
    identities: BTreeMap<SourceId, Clean>,
    numbers: Numbers,
}

/// Runs every source of the room until each has succeeded, or long enough failed.
async fn sources(room: &Room) -> Vec<Check> {
    let (lanes, mut receivers) = lanes();
    let mut tasks = JoinSet::new();
    // It looks, and sends no message of an active run.
    let mut watching = room.clone();
    watching.operator.mode = Mode::ReadOnly;
    session::watch(&session::only(&watching), &session::cloud_run_lines(room), &lanes, &mut tasks, None);
    session::watch_flags(room, &session::flag_lines(room), &lanes, &mut tasks);
    let wanted = wanted(room);
    let begun = Instant::from_std(clock::instant(clock::mono()));
    let mut heard = Heard { numbers: Numbers::of(room), ..Heard::default() };
    while !(wanted.iter().all(|source| heard.is_alive(source)) && heard.has_all_numbers()) {
        let all_spoke =
            wanted.iter().all(|source| heard.links.contains_key(source)) && heard.has_all_numbers();
        let until = begun + if all_spoke { SETTLED } else { LONGEST };
        let Some(msg) = next(&mut receivers, until).await else { break };
        heard.take(msg);
    }
    // A probe's answer follows its link's report.
    let grace = Instant::from_std(clock::instant(clock::mono())) + Duration::from_millis(50);
    while let Some(msg) = next(&mut receivers, grace).await {
        heard.take(msg);
    }
    let mut checks = Vec::new();
    for source in &wanted {
        checks.push(heard.check(room, source).await);
    }
    checks.extend(heard.numbers.untold(room));
    checks.extend(heard.numbers.checks(heard.is_alive(&SourceId::Prometheus)));
    checks
}

/// The sources that the room has, in the config's order.
fn wanted(room: &Room) -> Vec<SourceId> {
    let mut wanted = Vec::new();
    for (service, spec) in room.service_ixs().zip(&room.services) {
        let probes = (0_u16..).zip(&spec.probes);
        wanted.extend(probes.map(|(probe, _)| SourceId::Health { service, probe }));
        wanted.extend(spec.events.as_ref().map(|_| SourceId::Events { service }));
        wanted.extend(spec.scraped().map(|_| SourceId::Metrics { service }));
        wanted.extend(spec.cloud_run.as_ref().map(|_| SourceId::CloudRun { service }));
    }
    wanted.extend(room.prometheus.as_ref().map(|_| SourceId::Prometheus));
    let live = (0_u16..).zip(&room.flags).filter(|(_, spec)| spec.interval().is_some());
    wanted.extend(live.map(|(flag, _)| SourceId::Flag { flag }));
    wanted
}

/// The next message before `until`.
async fn next(receivers: &mut Receivers, until: Instant) -> Option<Msg> {
    tokio::select! {
        biased;
        () = sleep_until(until) => None,
        msg = timeout_at(until, receivers.data.recv()) => msg.ok().flatten(),
        Some(msg) = receivers.control.recv() => Some(msg),
    }
}

impl Heard {
    /// Whether each number was answered, but for those of an engine that is down.
    fn has_all_numbers(&self) -> bool {
        let down = matches!(self.links.get(&SourceId::Prometheus), Some(LinkReport::Down { .. }));
        self.numbers.is_over(!down)
    }

    fn is_alive(&self, source: &SourceId) -> bool {
        matches!(self.links.get(source), Some(LinkReport::Alive))
    }

    fn take(&mut self, msg: Msg) {
        if let Msg::Linked {
            source, report: report @ (LinkReport::Alive | LinkReport::Down { .. }), ..
        } = msg
        {
            self.links.insert(source, report);
        } else if let Msg::Probed(probed) = msg {
            let source = SourceId::Health { service: probed.service, probe: probed.probe };
            match probed.outcome {
                ProbeOutcome::Answered { ok: false, status, report, .. } => {
                    let seen = match (status, report.problem) {
                        (None, Some(why)) => format!("it refuses: {why}"),
                        (None, None) => "it answers, which is not healthy".to_owned(),
                        (Some(status), why) => {
                            let why = why.map_or_else(String::new, |why| format!(": {why}"));
                            format!("it answers with status {status}, which is not healthy{why}")
                        }
                    };
                    self.unwell.insert(source, seen);
                }
                ProbeOutcome::Answered { report, .. } => match report.problem {
                    Some(problem) => drop(self.unwell.insert(source, problem.to_string())),
                    None => drop(self.unwell.remove(&source)),
                },
                ProbeOutcome::Failed { reached: true, error, .. } => {
                    self.unwell.insert(source, format!("it connects, and then: {error}"));
                }
                ProbeOutcome::Failed { .. } => {}
            }
        } else if let Msg::Identified { service, identity, .. } = msg {
            self.identities.insert(SourceId::CloudRun { service }, identity);
        } else if let Msg::Queried(queried) = msg {
            self.numbers.queried(*queried);
        } else if let Msg::AlertsRead(read) = msg {
            self.numbers.read(*read);
        } else if let Msg::Scraped(scraped) = msg {
            self.numbers.scraped(&scraped);
        }
    }

    async fn check(&self, room: &Room, source: &SourceId) -> Check {
        let name = links::name(room, source);
        match self.links.get(source) {
            Some(LinkReport::Alive) => match (self.unwell.get(source), self.identities.get(source)) {
                (Some(seen), _) => {
                    let next = store_step(seen);
                    let next = next.unwrap_or("look at the service itself; the room will say the same");
                    Check::new(&name, State::Doubtful, seen, next)
                }
                (None, Some(identity)) => Check::new(&name, State::Good, &format!("read as {identity}"), ""),
                (None, None) => Check::new(&name, State::Good, "it answers", ""),
            },
            Some(LinkReport::Down { error, .. }) => {
                let remedy = cloud::remedy(room, source, error).await;
                let next = remedy.unwrap_or_else(|| next_step(source, error).to_owned());
                Check::new(&name, State::Bad, &cloud::seen(error, &next), &next)
            }
            Some(LinkReport::Connecting | LinkReport::Dropped { .. }) | None => {
                let seen = format!("no answer in {} s", LONGEST.as_secs());
                Check::new(&name, State::Bad, &seen, next_step(source, &seen))
            }
        }
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Good => "ok",
        State::Doubtful => "look",
        State::Bad => "wrong",
    }
}

fn write_lines(checks: &[Check], out: &mut impl Write) -> io::Result<()> {
    for check in checks {
        writeln!(out, "{:<6} {}: {}", word(check.state), check.name, check.seen)?;
        if !check.next.is_empty() {
            writeln!(out, "       next: {}", check.next)?;
        }
    }
    Ok(())
}

fn write_json(checks: &[Check], out: &mut impl Write) -> io::Result<()> {
    let row = |check: &Check| json!({ "name": check.name, "state": word(check.state), "seen": check.seen, "next": check.next });
    let rows: Vec<_> = checks.iter().map(row).collect();
    let good = checks.iter().all(|check| check.state != State::Bad);
    writeln!(out, "{}", json!({ "schema": "warroom.doctor/1", "good": good, "checks": rows }))
}
