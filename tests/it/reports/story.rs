//! Rollouts as records.

use std::collections::BTreeMap;
use std::path::Path;

use warroom::config::{self, Overrides};
use warroom::document;
use warroom::domain::measured::{Breach, Measured, MeasuredCondition, MeasuredProbe, ProbeTimes, StateTimes};
use warroom::domain::plan::{Finding, FindingKind, Plan};
use warroom::domain::rollout::Seen;
use warroom::domain::run::{Ending, Evidence, Outcome as RunOutcome, Repository, RunId};
use warroom::domain::{
    Attestation, Clean, ConditionState as C, Document, Entry, Mark, OpId, OpKind, OpState, Outcome, Record,
    Room, ServiceIx, TrafficChange, TrafficTarget, VerdictState, Wall,
};
use warroom::model::gates::Gates;
use warroom::report::validation::{self, Input, Report};

pub const OLD: &str = "chat-backend-00417-hux";
pub const NEW: &str = "chat-backend-00418-ral";

const CONFIG: &str = r#"
[room]
name = "release-418"
environment = "production"
[operator]
name = "mara"
[conditions]
startup_failed = "off"
startup_restarts = "off"
health_flapping = "off"
closes_spike = "off"
runs_incomplete = "off"
metric_critical = "30s"
[[report.expected]]
what = "health legacy"
reason = "the legacy endpoint has no database in this environment"
[[service]]
name = "chat-backend"
[[service.health]]
name = "api"
url = "https://chat.example/health"
[[service.health]]
name = "legacy"
url = "https://chat.example/legacy"
[service.metrics]
url = "http://127.0.0.1:1/metrics"
[[service.metrics.panel]]
name = "error_rate"
query = "errors"
unit = "%"
critical = "> 5"
[service.cloud_run]
project = "p"
region = "r"
service = "chat-backend"
"#;

const CHECKLIST: &str = "# Deploying 2.418\n## Before\n- [ ] Threat model reviewed (required)\n- [ ] Smoke test passes\n\
    - [ ] Load test at twice the traffic\n- [x] Migration is backward compatible\n";

/// Rows of a stretch: condition, state, value.
pub type Rows = Vec<(&'static str, C, Option<f64>)>;

/// All conditions pass, but for the one that is expected to fail.
pub fn passing() -> Rows {
    vec![
        ("health api failing", C::Pass, Some(0.0)),
        ("health legacy failing", C::Fail, Some(1.0)),
        ("error_rate", C::Pass, Some(0.3)),
    ]
}

/// Nothing can be judged.
pub fn unseen() -> Rows {
    vec![
        ("health api failing", C::Stale, None),
        ("health legacy failing", C::NoData, None),
        ("error_rate", C::NoData, None),
    ]
}

pub struct Story {
    pub room: Room,
    pub records: Vec<Record>,
    documents: Vec<Document>,
}

pub fn at(second: i64) -> Wall {
    "2026-11-21T00:00:00Z".parse::<Wall>().expect("a time") + chrono::TimeDelta::seconds(second)
}

fn target(revision: &str, percent: u8) -> TrafficTarget {
    TrafficTarget { revision: Some(revision.to_owned()), percent, tag: None, uri: None }
}

fn targets(shares: &[(&str, u8)]) -> Vec<TrafficTarget> {
    shares.iter().map(|(revision, percent)| target(revision, *percent)).collect()
}

impl Story {
    pub fn new() -> Self {
        Self::of(CONFIG)
    }

    fn of(config: &str) -> Self {
        let loaded = config::parse(config, Path::new("config.toml"), &Overrides::default(), "mara");
        let room = loaded.unwrap_or_else(|error| panic!("{error}")).room;
        let mut story = Self { room, records: Vec::new(), documents: Vec::new() };
        story.document(CHECKLIST);
        story
    }

    pub fn document(&mut self, text: &str) {
        let read = document::read("deploy.md", text.as_bytes()).document.expect("a document");
        // What else is found in documents has its own tests.
        self.documents = vec![Document { plan: Plan::default(), ..read }];
    }

    pub fn report(&self) -> Report {
        self.report_of(None)
    }

    pub fn report_of(&self, rollout: Option<&str>) -> Report {
        self.written(rollout, at(86_400), false)
    }

    /// As written at `now`, while a console watches or not.
    pub fn written(&self, rollout: Option<&str>, now: Wall, watched: bool) -> Report {
        validation::report(&Input {
            room: &self.room,
            records: &self.records,
            documents: &self.documents,
            problems: &[],
            live: None,
            rollout,
            now,
            watched,
        })
    }

    pub fn add(&mut self, second: i64, by: &str, role: &str, entry: Entry) -> &mut Self {
        self.records.push(Record {
            seq: self.records.len() as u64 + 1,
            at: at(second),
            by: Clean::new(by),
            role: Clean::new(role),
            entry,
            hash: String::new(),
            late: false,
        });
        self
    }

    pub fn split(&mut self, second: i64, shares: &[(&str, u8)]) -> &mut Self {
        let (split, by) = (targets(shares), Clean::new("deploy@chat.example"));
        self.add(
            second,
            "room",
            "",
            Entry::Split {
                service: "chat-backend".into(),
                split,
                healthy: None,
                by,
                follows_latest: false,
                again: false,
            },
        )
    }

    pub fn deployed(&mut self, second: i64, revision: &str, image: &str) -> &mut Self {
        let (service, revision) = ("chat-backend".into(), revision.into());
        self.add(second, "room", "", Entry::Deployed { service, revision, image: Clean::new(image) })
    }

    pub fn begin(&mut self, second: i64) -> &mut Self {
        let seen = |revision: &str, image: &str| {
            BTreeMap::from([(
                "chat-backend".to_owned(),
                Seen { revision: revision.into(), image: Clean::new(image) },
            )])
        };
        self.add(
            second,
            "mara",
            "commander",
            Entry::RolloutBegan {
                given: None,
                candidates: seen(NEW, "sha256:bbbb2222"),
                baseline: seen(OLD, "sha256:aaaa1111"),
                environment: "production".into(),
            },
        )
    }

    pub fn t0(&mut self, second: i64) -> &mut Self {
        self.add(second, "room", "", Entry::T0 { at: at(second), detected: true })
    }

    pub fn end(&mut self, second: i64, outcome: Outcome, note: &str) -> &mut Self {
        let entry = Entry::RolloutEnded { outcome, note: Clean::new(note), left: Vec::new(), unsigned: 0 };
        self.add(second, "mara", "commander", entry)
    }

    pub fn verdict(
        &mut self,
        second: i64,
        from: VerdictState,
        to: VerdictState,
        reasons: &[&str],
    ) -> &mut Self {
        let reasons = reasons.iter().map(|reason| Clean::new(reason)).collect();
        self.add(second, "room", "", Entry::Verdict { from, to, reasons })
    }

    pub fn note(&mut self, second: i64, by: &str, text: &str) -> &mut Self {
        self.add(second, by, "support", Entry::Noted { text: Clean::new(text) })
    }

    pub fn opened(&mut self, second: i64) -> &mut Self {
        let (room, environment) = ("shop".to_owned(), "production".to_owned());
        let entry = Entry::Opened { room, environment, version: "1".to_owned(), host: "desk".to_owned() };
        self.add(second, "ines", "support", entry)
    }

    pub fn overrode(
        &mut self,
        second: i64,
        by: &str,
        (state, over): (VerdictState, VerdictState),
        until: i64,
        reason: &str,
    ) -> &mut Self {
        let (reason, until) = (Clean::new(reason), at(until));
        self.add(second, by, "commander", Entry::Overrode { state, over, against: Vec::new(), reason, until })
    }

    pub fn link(&mut self, second: i64, source: &str, up: bool, error: &str) -> &mut Self {
        self.add(second, "room", "", Entry::Link { source: source.into(), up, error: Clean::new(error) })
    }

    pub fn lock(&mut self, second: i64) -> &mut Self {
        self.add(second, "mara", "commander", Entry::Lock { service: "chat-backend".into(), locked: true })
    }

    /// Item `n` is signed off.
    pub fn tick(&mut self, second: i64, n: usize, by: &str, role: &str, note: &str) -> &mut Self {
        let items = self.documents[0].sections.iter().flat_map(|section| &section.items);
        let item = items.into_iter().nth(n).expect("an item").clone();
        let entry = Entry::Ticked {
            item: item.id.0,
            text: item.text,
            note: Clean::new(note),
            candidate: Some(NEW.into()),
            signing: Box::default(),
        };
        self.add(second, by, role, entry)
    }

    /// A person says that the `n`th item happened.
    pub fn happened(&mut self, second: i64, n: usize, by: &str) -> &mut Self {
        let items = self.documents[0].sections.iter().flat_map(|section| &section.items);
        let item = items.into_iter().nth(n).expect("an item").clone();
        let said = Attestation { mark: Mark::Happened, text: item.text, ..Attestation::default() };
        self.add(second, by, "", Entry::of_item(item.id.0, said))
    }

    /// Takes back what the newest record says of an item.
    pub fn taken_back(&mut self, second: i64, by: &str) -> &mut Self {
        let newest = self.records.last().expect("a record");
        let (item, said) = newest.attestation().expect("of an item");
        let entry = Entry::Unticked { item: item.to_owned(), text: said.text, seq: newest.seq };
        self.add(second, by, "", entry)
    }

    /// Mara rolls back; the operation reaches these states so many seconds later.
    pub fn rollback(&mut self, second: i64, steps: &[(i64, OpState)]) -> &mut Self {
        self.rollback_to(second, OLD, &[(OLD, 90), (NEW, 10)], steps)
    }

    pub fn rollback_to(
        &mut self,
        second: i64,
        to: &str,
        before: &[(&str, u8)],
        steps: &[(i64, OpState)],
    ) -> &mut Self {
        let op = OpId(format!(
            "mara-{}",
            self.records.iter().filter(|it| matches!(it.entry, Entry::Intent { .. })).count() + 1
        ));
        let act = OpKind::Rollback(TrafficChange {
            service: ServiceIx(0),
            resource: "projects/p/locations/r/services/chat-backend".into(),
            to: to.into(),
            before: targets(before),
            after: targets(&[(to, 100)]),
            generation: 7,
            etag: "e".into(),
            frozen_at: at(second),
        });
        let (reason, evidence) =
            (Clean::new("errors > 5 %"), vec![Clean::new("error_rate 7.7 %, limit 5 %")]);
        self.add(second, "mara", "commander", Entry::Intent { op: op.clone(), act, reason, evidence });
        for (after, state) in steps {
            let entry = Entry::progress(op.clone(), *state, Clean::new("as the API says"));
            self.add(second + after, "mara", "commander", entry);
        }
        self
    }

    /// A stretch of `seconds`, cut into minutes as the keeper cuts it.
    pub fn measured(
        &mut self,
        from: i64,
        seconds: i64,
        verdict: VerdictState,
        blind: u64,
        rows: &Rows,
    ) -> &mut Self {
        let mut begin = from;
        let mut blind = blind * 1000;
        while begin < from + seconds {
            let length = (from + seconds - begin).min(60);
            let ms = length.unsigned_abs() * 1000;
            let now_blind = blind.min(ms);
            blind -= now_blind;
            let api_seen = rows.first().is_some_and(|(_, state, _)| *state == C::Pass);
            let entry = Measured {
                until: at(begin + length),
                ms,
                verdict,
                blind_ms: now_blind,
                reasons: Vec::new(),
                conditions: rows.iter().map(|row| condition(row, ms)).collect(),
                probes: vec![probe("api", api_seen, ms), probe("legacy", false, ms)],
                outstanding: Vec::new(),
                left_out: 0,
            };
            self.add(begin + length, "room", "", Entry::Measured(entry));
            begin += length;
        }
        self
    }

    /// The newest measured stretch had these reasons at its end.
    pub fn because(&mut self, reasons: &[&str]) -> &mut Self {
        if let Some(Entry::Measured(span)) = self.records.last_mut().map(|record| &mut record.entry) {
            span.reasons = reasons.iter().map(|reason| Clean::new(reason)).collect();
        }
        self
    }

    /// The error rate is too high for so long, but only of a revision that was rolled back.
    pub fn behind(&mut self, from: i64, seconds: i64) -> &mut Self {
        let begin = self.records.len();
        self.failing(from, seconds);
        for record in &mut self.records[begin..] {
            if let Entry::Measured(span) = &mut record.entry {
                span.conditions[2].left_behind = true;
            }
        }
        self
    }

    /// The error rate is too high for so long.
    pub fn failing(&mut self, from: i64, seconds: i64) -> &mut Self {
        let mut rows = passing();
        rows[2] = ("error_rate", C::Fail, Some(7.7));
        self.measured(from, seconds, VerdictState::Go, 0, &rows)
    }
}

fn condition((name, state, value): &(&'static str, C, Option<f64>), ms: u64) -> MeasuredCondition {
    let mut times = StateTimes::default();
    *times.of(*state) = ms;
    let breach =
        if *state == C::Fail { Breach { head: ms, tail: ms, longest: ms } } else { Breach::default() };
    MeasuredCondition {
        name: (*name).to_owned(),
        state: *state,
        value: *value,
        min: *value,
        max: *value,
        ms: times,
        breach,
        left_behind: false,
    }
}

fn probe(name: &str, ok: bool, ms: u64) -> MeasuredProbe {
    let times = if ok {
        ProbeTimes { ok: ms, ..ProbeTimes::default() }
    } else {
        ProbeTimes { unseen: ms, ..ProbeTimes::default() }
    };
    MeasuredProbe { service: "chat-backend".into(), name: name.into(), ms: times }
}

/// A story with a gate that failed, a waived item, and a document with a finding.
pub fn gated() -> Story {
    let gate = "[[gate]]\nname = \"unit\"\ncommand = \"pytest tests/unit -q\"\n";
    let mut story = Story::of(&format!("{CONFIG}{gate}"));
    story.document("# D\n## Before\n- [ ] Unit tests pass\n\n```bash\npytest tests/unit -q\n```\n- [ ] On call: [PENDING]\n");
    let text = Clean::new("a contact is not filled in");
    story.documents[0].plan.findings = vec![Finding { line: 8, kind: FindingKind::Placeholder, text }];
    let mut gates = Gates::new(&story.room.gates);
    gates.documents_read(&story.room, &story.documents);
    let gate = gates.list().iter().find(|gate| gate.is_gate()).expect("a gate").clone();
    let evidence = Evidence {
        ending: Ending::Exited(1),
        outcome: RunOutcome::Failed,
        why: Clean::new("22 of 23"),
        millis: 4_200,
        repository: Repository {
            commit: Some("1f2e3d4c5b6a".into()),
            dirty: Some(true),
            unsaved: Vec::new(),
        },
        log: Clean::new("/var/log/gate.log"),
        ..Evidence::unseen(RunId("run-1".into()), gate.id, gate.name, gate.hash)
    };
    story.split(0, &[(OLD, 90), (NEW, 10)]).measured(0, 60, VerdictState::Go, 0, &passing());
    story.add(60, "sam", "qa", Entry::GateEnded(Box::new(evidence)));
    let item = story.documents[0].sections[0].items[1].clone();
    let entry = Entry::Marked {
        item: item.id.0,
        text: item.text,
        mark: Mark::Waived,
        note: Clean::new("nobody is on call on Saturdays"),
        candidate: None,
        signing: Box::default(),
    };
    story.add(90, "noor", "lead", entry);
    story
}

/// A room that is nothing but its checklist, in which both items are signed off.
pub fn documents_only() -> Story {
    let mut story = Story::of("[room]\nname = \"paper\"\n[operator]\nname = \"mara\"\n");
    story.room.conditions.clear();
    story.document("# W\n- [ ] one\n- [ ] two\n");
    story.opened(0).tick(30, 0, "mara", "", "").tick(50, 1, "mara", "", "");
    story
}

/// A room of documents in which the gate of an item failed, and the item was waived later.
pub fn waived_later() -> Story {
    let mut story = documents_only();
    story.records.clear();
    let text = "# W\n- [ ] Known bad\n  ```bash\n  pytest tests/unit -q\n  ```\n";
    story.documents = vec![document::read("deploy.md", text.as_bytes()).document.expect("a document")];
    let mut gates = Gates::new(&story.room.gates);
    gates.documents_read(&story.room, &story.documents);
    let gate = gates.list().first().expect("a gate").clone();
    let evidence = Evidence {
        ending: Ending::Exited(1),
        outcome: RunOutcome::Failed,
        why: Clean::new("1 passed, 1 failed"),
        millis: 4_200,
        ..Evidence::unseen(RunId("run-1".into()), gate.id, gate.name, gate.hash)
    };
    story.opened(0).add(60, "mara", "", Entry::GateEnded(Box::new(evidence)));
    let why = "gate Known bad failed (#2)";
    story.verdict(61, VerdictState::Hold, VerdictState::NoGo, &[why]);
    let item = story.documents[0].sections[0].items[0].clone();
    let entry = Entry::Marked {
        item: item.id.0,
        text: item.text,
        mark: Mark::Waived,
        note: Clean::new("known"),
        candidate: None,
        signing: Box::default(),
    };
    story.add(1_680, "mara", "", entry);
    story
}
