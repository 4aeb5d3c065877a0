//! The configuration: the example is the contract, and everything wrong is told with its place and a way out.

use std::path::Path;
use std::time::Duration;

use warroom::config::{self, ConfigError, Loaded, Overrides, Problem};
use warroom::domain::condition::Purpose;
use warroom::domain::room::{Addressed, Identity, MetricFrom, Mode, ProbeKind, SecretRef, TokenPlace, Value};

const EXAMPLE: &str = include_str!("../../config.toml.example");

/// What must be written for the blocks of the example to exist; all else is default.
const MINIMAL: &str = r#"
[[service]]
name = "api"
[service.startup]
[[service.health]]
url = "http://127.0.0.1:8000/health"
[service.events]
url = "ws://127.0.0.1:8000/ws/events"
[service.metrics]
url = "http://127.0.0.1:8000/metrics"
"#;

fn parse(text: &str) -> Result<Loaded, ConfigError> {
    config::parse(text, Path::new("conf/config.toml"), &Overrides::default(), "mara")
}

fn good(text: &str) -> Loaded {
    parse(text).expect("a good config")
}

fn problems(text: &str) -> Vec<Problem> {
    match parse(text) {
        Err(ConfigError::Wrong { problems, .. }) => problems,
        other => unreachable!("expected problems, got {other:?}"),
    }
}

/// `(line, column, what, next)` of everything wrong.
fn told(text: &str) -> Vec<(usize, usize, String, String)> {
    let told = |p: &Problem| (p.line, p.column, p.what.to_string(), p.next.to_string());
    problems(text).iter().map(told).collect()
}

/// The example with everything that is commented out put in, except `without` (of two keys that exclude each other).
fn commented_in(without: &str) -> String {
    let key = |line: &str| {
        let name = line.split(['=', ']']).next().unwrap_or("").trim_start_matches('[').trim();
        !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || "_.".contains(c))
    };
    let lines = EXAMPLE.lines().filter_map(|line| match line.strip_prefix("# ") {
        Some(rest) if rest.starts_with(without) => None,
        Some(rest) if key(rest) && (rest.contains('=') || rest.starts_with('[')) => Some(rest),
        _ => Some(line),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_parses_to_the_defaults() {
    assert_eq!(good(EXAMPLE), good(MINIMAL));
    let nothing = good("");
    assert_eq!(nothing.settings, good(EXAMPLE).settings);
    assert_eq!(nothing.room.name, "room");
}

#[test]
fn the_example_with_everything_put_in_parses_too() {
    for without in ["tag =", "revision ="] {
        let loaded = good(&commented_in(without));
        let panels = &loaded.room.services[0].metrics.as_ref().expect("metrics").panels;
        let names: Vec<&str> = panels.iter().map(|panel| panel.name.as_str()).collect();
        assert_eq!(names[1..4], ["queue_length", "open_tickets", "budget.chat"]);
        let service = &loaded.room.services[0];
        assert_eq!(service.probes.len(), 4);
        assert_eq!(
            service.cloud_run.as_ref().map(warroom::domain::room::CloudRunSpec::full_name).as_deref(),
            Some("projects/my-project/locations/europe-west1/services/api")
        );
        assert_eq!((loaded.room.flags.len(), loaded.room.contacts.len()), (4, 1));
        assert!(
            loaded.room.conditions.iter().any(|c| c.name == "errors > 5 %" && c.purpose == Purpose::Trigger)
        );
        assert_eq!(loaded.room.operator.name, "mara");
        let signoff = &loaded.room.signoff;
        assert_eq!((signoff.roles.len(), signoff.bindings.len()), (1, 1));
        assert_eq!(
            signoff.requires.as_ref().map(|of| of.path.as_path()),
            Some(Path::new("conf/../staging/room.db"))
        );
        let tagged = matches!(service.probes[0].addressed, Addressed::Tag(_));
        assert_eq!(tagged, without == "revision =");
    }
}

#[test]
fn an_unknown_key_is_told_with_its_place_and_the_nearest_name() {
    let text = "[room]\nname = \"x\"\n\n[[service]]\nname = \"api\"\n[[service.health]]\nurl = \"http://h/\"\n  intervall = \"1s\"\n";
    let expected =
        (8, 3, "unknown key `service.health.intervall`".to_owned(), "did you mean `interval`?".to_owned());
    assert_eq!(told(text), [expected]);
    let error = parse(text).expect_err("wrong").to_string();
    assert!(error.contains("\nconf/config.toml:8:3: unknown key"), "{error}");
    assert!(error.contains("\n  why:  ") && error.contains("\n  next: "), "{error}");
}

#[test]
fn all_that_is_wrong_is_told_in_one_run_and_in_order() {
    let text = r#"
[room]
nmae = "x"
production = "yes"
[operator]
mode = "readonly"
[[service]]
name = "api"
[[service.health]]
url = "htp://h/health"
interval = "2 parsecs"
expect = [200, 2000]
[service.events]
url = "ws://h/events"
first = "agent_start"
token = "s3cr3t"
token_in = "querry:token"
[service.startup]
probe = "apo"
[[condition]]
name = "late"
signal = "events.delivery_p59"
fail = "more than 5"
"#;
    let whats: Vec<String> =
        problems(text).iter().map(|p| format!("{}: {} → {}", p.line, p.what, p.next)).collect();
    assert_eq!(
        whats,
        [
            "3: unknown key `room.nmae` → did you mean `name`?",
            "4: `room.production` is a string → write true or false, without quotes",
            "6: `operator.mode` is \"readonly\" → did you mean `read-only`?",
            "10: `service.health.url` is not usable → write http://host:port/path",
            "11: `service.health.interval` is \"2 parsecs\" → write it so",
            "12: `service.health.expect` has a wrong status → write for instance [200, 204]",
            "15: `service.events.first` has \"agent_start\" → did you mean `agent_started`?",
            "16: `service.events.token` is written in plain → write { env = \"NAME\" }, { file = \"PATH\" } or { command = [\"program\", \"argument\"] }",
            "17: `service.events.token_in` is \"querry:token\" → did you mean `query:token`?",
            "19: `service.startup.probe` is \"apo\" → did you mean `api`?",
            "22: `condition.signal` is \"events.delivery_p59\" → did you mean `events.delivery_p50`?",
            "23: `condition.fail` is \"more than 5\" → write it so, in quotes",
        ]
    );
}

#[test]
fn a_time_without_a_unit_is_told_how_it_is_written() {
    let found =
        problems("[[service]]\nname = \"a\"\n[[service.health]]\nurl = \"http://h/\"\ninterval = 5\n");
    assert_eq!(&*found[0].next, "write for instance \"5s\"");
}

#[test]
fn a_line_that_is_not_toml_is_told_with_its_place() {
    let found = problems("[room]\nname = \"x\nlink = 5\n");
    assert_eq!(found[0].line, 2);
    assert!(found[0].why.contains("TOML"));
}

#[test]
fn no_secret_stands_in_the_file_and_none_is_repeated_in_an_error() {
    let text = r#"
[[service]]
name = "api"
[[service.health]]
url = "http://u:hunter2@h/"
headers = { Authorization = "Bearer hunter2", X-Api-Key = "hunter2", X-Plain = "ok" }
[[service.health]]
name = "db"
kind = "postgres"
url = "postgres://u:hunter2@h/db"
[service.events]
url = "wss://h/?token=hunter2"
[service.metrics]
url = "http://h/metrics"
token = { env = "A", file = "B" }
"#;
    let error = parse(text).expect_err("refused").to_string();
    assert_eq!(problems(text).iter().map(|p| p.line).collect::<Vec<_>>(), [5, 6, 6, 10, 12, 15]);
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn secrets_are_read_from_where_they_are_said_to_be_and_files_are_relative_to_the_config() {
    let text = r#"
[room]
checklists = ["release.md", "/abs/other.md"]
[store]
path = "room.db"
[[service]]
name = "api"
[[service.health]]
url = "http://h/"
token = { env = "API_TOKEN" }
headers = { Authorization = { command = ["pass", "show"] }, X-Team = "blue" }
[service.events]
url = "ws://h/"
token = { file = "token.txt" }
token_in = "subprotocol:bearer."
"#;
    let loaded = good(text);
    let service = &loaded.room.services[0];
    let ProbeKind::Http { token, headers, .. } = &service.probes[0].kind else { unreachable!("http") };
    assert_eq!(*token, Some(SecretRef::Env("API_TOKEN".into())));
    let command = SecretRef::Command(vec!["pass".into(), "show".into()]);
    assert_eq!(headers.get("Authorization"), Some(&Value::Secret(command)));
    assert_eq!(headers.get("X-Team"), Some(&Value::Plain("blue".into())));
    let events = service.events.as_ref().expect("events");
    assert_eq!(events.token, Some(SecretRef::File("conf/token.txt".into())));
    assert_eq!(events.token_place, TokenPlace::Subprotocol("bearer.".into()));
    assert_eq!(loaded.settings.store.as_deref(), Some(Path::new("conf/room.db")));
    let checklists = loaded.room.checklists.iter().map(|c| (c.name.as_str(), c.path.as_path()));
    let expected =
        [("release.md", Path::new("conf/release.md")), ("/abs/other.md", Path::new("/abs/other.md"))];
    assert_eq!(checklists.collect::<Vec<_>>(), expected);
}

#[test]
fn the_built_in_conditions_have_their_order_and_can_be_tuned_and_turned_off() {
    let with_metric = format!(
        "{MINIMAL}\n[[service.metrics.panel]]\nname = \"error_rate\"\nquery = 'x'\nwarning = \"> 2 %\"\ncritical = \"> 5 %\"\n"
    );
    let names = |text: &str| -> Vec<(String, String, u64)> {
        let conditions = good(text).room.conditions;
        conditions
            .iter()
            .map(|c| (c.name.clone(), format!("{} {}", c.signal, c.fail), c.sustained.as_secs()))
            .collect()
    };
    let row = |name: &str, rule: &str, secs| (name.to_owned(), rule.to_owned(), secs);
    assert_eq!(
        names(&with_metric),
        [
            row("startup failed", "startup.failed > 0", 0),
            row("health api failing", "health.api.failing > 0", 300),
            row("events not flowing", "events.flowing < 1", 60),
            row("required events missing", "events.incomplete > 1", 120),
            row("close codes spike", "closes.spiking > 0", 30),
            row("runs incomplete", "events.incomplete > 1", 0),
            row("events lost", "events.lost > 10", 0),
            row("events repeated", "events.duplicates > 10", 0),
            row("events invalid", "events.invalid > 10", 0),
            row("restarts", "startup.restarts > 1", 0),
            row("health api flapping", "health.api.falls > 2", 0),
            row("events delivered late", "events.delivery_p95 > 200", 30),
            row("error_rate", "metric.error_rate > 5", 0),
        ]
    );
    let tuned = format!(
        "[conditions]\nstartup_failed = \"off\"\nhealth_failing = \"1m\"\nevents_not_flowing = \"off\"\ncloses_spike = \"off\"\nruns_incomplete = \"off\"\nstartup_restarts = \"off\"\nhealth_flapping = \"off\"\ndelivery_slow = \"off\"\nevents_missing = \"off\"\nevents_lost = \"off\"\nevents_repeated = \"off\"\nevents_invalid = \"off\"\n{MINIMAL}"
    );
    assert_eq!(names(&tuned), [row("health api failing", "health.api.failing > 0", 60)]);
    let gate = "[[gate]]\nname = \"smoke\"\ncommand = \"true\"\n";
    let trigger = row("mission-critical gate failed", "gates.rollout_failed > 0", 0);
    assert!(names(&format!("{MINIMAL}{gate}")).contains(&trigger));
    assert!(!names(&format!("{MINIMAL}{gate}required = false\n")).contains(&trigger));
    assert!(!names(&format!("[conditions]\ngate_failed = \"off\"\n{MINIMAL}{gate}")).contains(&trigger));
    let more = format!("[conditions]\nruns_incomplete = \"20\"\nevents_missing = \"1m\"\n{MINIMAL}");
    assert!(names(&more).contains(&row("required events missing", "events.incomplete > 20", 60)));
}

#[test]
fn so_many_of_the_last_measurements_is_for_signals_that_are_measured_one_by_one() {
    let with = |signal: &str| {
        let metric = "[[service.metrics.panel]]\nname = \"p95\"\nquery = 'x'\n";
        let rule = format!("signal = \"{signal}\"\nfail = \"> 0\"\nout_of = \"3 of 5\"\n");
        format!("{MINIMAL}\n{metric}[[condition]]\nname = \"own\"\n{rule}")
    };
    for signal in ["health.api.failing", "startup.restarts", "metric.p95", "metric.p95@canary-vs-stable"] {
        assert!(good(&with(signal)).room.conditions.iter().any(|condition| condition.out_of.is_some()));
    }
    for signal in ["events.incomplete", "closes.4401.per_minute", "connections.refused", "gates.failed"] {
        let found = problems(&with(signal));
        let [problem] = found.as_slice() else { unreachable!("{signal}: {found:?}") };
        assert_eq!(&*problem.what, format!("`condition.out_of` is set for \"{signal}\""));
        assert!(
            problem.why.contains("every second") && problem.next.contains("for = \"30s\""),
            "{problem:?}"
        );
    }
}

#[test]
fn external_labels_are_names_with_values() {
    let with =
        |labels: &str| format!("[prometheus]\nurl = \"http://h/\"\nexternal_labels = {labels}\n{MINIMAL}");
    let read = |labels: &str| good(&with(labels)).room.prometheus.expect("there is one").external_labels;
    assert_eq!(read("[\"cluster=eu\"]"), ["cluster=eu".into()]);
    let found = problems(&with("[\"cluster\"]"));
    let [problem] = found.as_slice() else { unreachable!("{found:?}") };
    assert_eq!(&*problem.what, "`prometheus.external_labels` has \"cluster\"");
}

#[test]
fn the_command_line_is_merged_once_and_read_only_cannot_be_taken_away() {
    let overrides = Overrides {
        operator: Some("ines".into()),
        role: Some("on-call".into()),
        theme: Some("mono".into()),
        store: Some("/tmp/x.db".into()),
        ..Overrides::default()
    };
    let text = "[operator]\nname = \"sam\"\nmode = \"read-only\"\n[store]\npath = \"y.db\"\n";
    let loaded = config::parse(text, Path::new("config.toml"), &overrides, "login").expect("good");
    let operator = &loaded.room.operator;
    assert_eq!(
        (operator.name.as_str(), operator.role.as_str(), operator.mode),
        ("ines", "on-call", Mode::ReadOnly)
    );
    assert_eq!(loaded.settings.screen.theme_name, "mono");
    assert_eq!(loaded.settings.store.as_deref(), Some(Path::new("/tmp/x.db")));
}

#[test]
fn production_is_known_by_its_name_and_cannot_be_denied() {
    for (text, production) in [
        ("environment = \"production\"", true),
        ("environment = \"Prod\"", true),
        ("environment = \"staging\"", false),
        ("environment = \"live\"\nproduction = true", true),
    ] {
        assert_eq!(good(&format!("[room]\n{text}")).room.environment.production, production, "{text}");
    }
    assert_eq!(told("[room]\nenvironment = \"production\"\nproduction = false").len(), 1);
}

#[test]
fn names_that_stand_twice_are_told_at_the_second() {
    let text = "[[service]]\nname = \"a\"\n[[service.health]]\nurl = \"http://h\"\n[[service]]\nname = \"a\"\n[[service.health]]\nurl = \"http://h\"\n";
    let whats: Vec<_> = told(text).into_iter().map(|(line, _, what, _)| (line, what)).collect();
    assert_eq!(
        whats,
        [(6, "the service \"a\" stands twice".to_owned()), (7, "the probe \"a\" stands twice".to_owned())]
    );
}

#[test]
fn event_types_of_ones_own_are_not_checked_against_the_default_ones() {
    let text = "[[service]]\nname = \"a\"\n[service.events]\nurl = \"ws://h\"\ntypes = [\"begin\", \"end\"]\nfirst = \"begin\"\n";
    let events = good(text).room.services[0].events.clone().expect("events");
    assert_eq!((events.first.as_deref(), events.last, events.pairs), (Some("begin"), None, vec![]));
    assert_eq!(events.run_timeout, Duration::from_secs(30));
}

#[test]
fn a_tag_needs_a_cloud_run_service_and_a_flag_too() {
    let text = "[[service]]\nname = \"a\"\n[[service.health]]\nurl = \"http://h\"\ntag = \"canary\"\n[[flag]]\nname = \"F\"\nservice = \"b\"\n";
    let lines: Vec<_> = told(text).into_iter().map(|(line, _, what, _)| (line, what)).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
}

#[test]
fn hostile_names_are_refused_and_hostile_files_do_no_harm() {
    assert_eq!(told("[room]\nname = \"a\\u001b[31m\"\n").len(), 1);
    for text in [
        "\0",
        "[[[[",
        "a = [",
        &"[".repeat(100_000),
        "service = 5",
        "[[room]]\n",
        "keys = 3",
        "[keys.everywhere]\nhelp = 3",
    ] {
        assert!(parse(text).is_err(), "{text:.20}");
    }
}

#[test]
fn a_file_that_cannot_be_read_says_so() {
    let dir = tempfile::tempdir().expect("dir");
    let missing = dir.path().join("no.toml");
    let error = config::load(Some(&missing), &Overrides::default()).expect_err("missing");
    assert!(matches!(error, ConfigError::Unreadable { .. }));
    let binary = dir.path().join("config.toml");
    std::fs::write(&binary, b"name = \"\xff\"").expect("write");
    let error = config::load(Some(&binary), &Overrides::default()).expect_err("binary").to_string();
    assert!(error.contains("byte 8 is not UTF-8") && error.contains("save it as UTF-8"), "{error}");
    std::fs::write(&binary, "[room]\nname = \"from a file\"\n").expect("write");
    let loaded = config::load(Some(&binary), &Overrides::default()).expect("good");
    assert_eq!(loaded.room.name, "from a file");
}

#[test]
fn every_signal_that_the_model_writes_is_one_that_a_condition_may_name_and_the_other_way_round() {
    use warroom::domain::{Mono, Now, ServiceIx};
    use warroom::model::closes::Live;
    use warroom::model::service::ServiceState;

    let text = format!("{MINIMAL}\n[[service.metrics.panel]]\nname = \"m\"\nquery = 'x'\n");
    let room = good(&text).room;
    let service = ServiceState::new(ServiceIx(0), &room).expect("service");
    let now = Now { mono: Mono::from_secs(1), ..Now::default() };
    let live = Live { events: true, metrics: true };
    let mut written: Vec<String> = Vec::new();
    let mut take = |signals: Vec<(String, _)>| written.extend(signals.into_iter().map(|(name, _)| name));
    take(service.startup.expect("startup").signals(now.mono));
    take(service.health.signals(now.mono));
    take(service.metrics.expect("metrics").signals(now.mono));
    take(service.events.expect("events").signals(now, true));
    take(service.closes.signals(now, live));
    // Those of gates are the room's, and written for every service.
    written.extend(config::signals::GATES.map(str::to_owned));
    written.sort();
    let mut known = config::signals::of(&room.services[0]);
    known.sort();
    assert_eq!(known, written);
}

#[test]
fn keys_and_themes_are_checked_when_the_file_is_read() {
    let loaded = good("[keys.checklist]\ntick = [\"x\", \"ctrl-t\"]\n");
    let keymap = &loaded.settings.keymap;
    let context = warroom::keymap::Context::Checklist;
    assert_eq!(keymap.key_for(context, warroom::domain::Action::Tick).as_deref(), Some("x"));
    let text = "[screen]\ntheme = \"drak\"\n[keys.checklst]\ntick = \"x\"\n[keys.checklist]\ntik = \"x\"\ntick = \"hyper-x\"\n";
    let expected = [
        (2, 9, "`screen.theme` is \"drak\"", "did you mean `dark`?"),
        (3, 7, "`keys.checklst.tick` cannot be bound", "did you mean `checklist`?"),
        (6, 1, "`keys.checklist.tik` cannot be bound", "did you mean `tick`?"),
        (7, 8, "`keys.checklist.tick` cannot be bound", "docs/keys.md lists the keys"),
    ];
    let expected =
        expected.map(|(line, column, what, next)| (line, column, what.to_owned(), next.to_owned()));
    assert_eq!(told(text), expected);
    let overrides = Overrides { theme: Some("no/such.toml".into()), ..Overrides::default() };
    let error =
        config::parse("", Path::new("config.toml"), &overrides, "").expect_err("no theme").to_string();
    assert!(error.starts_with("--theme no/such.toml cannot be used\n"), "{error}");
}

/// Every key and section of the example, also of what is commented out.
fn example_names() -> Vec<String> {
    let names = EXAMPLE.lines().filter_map(|line| {
        let line = line.strip_prefix("# ").unwrap_or(line);
        let section = line.strip_prefix('[').map(|rest| rest.trim_start_matches('['));
        let name = match section {
            Some(rest) => rest.split(']').next()?,
            None => line.split_once(" = ")?.0,
        };
        let plain = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
        (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
    });
    names.collect()
}

#[test]
fn every_key_and_every_signal_is_in_the_documentation() {
    let doc = include_str!("../../docs/configuration.md");
    let names = example_names();
    assert!(names.len() > 100, "{names:?}");
    // The example's key bindings are documented in keys.md.
    for name in names.iter().filter(|name| !name.starts_with("keys.") && *name != "help") {
        let written = [format!("`{name}`"), format!("[{name}]")];
        assert!(written.iter().any(|form| doc.contains(form)), "{name} is not in docs/configuration.md");
    }
    let objective = "[[objective]]\nname = \"o\"\ntarget = \"99 %\"\nratio = 'x[$window]'\n";
    let more = format!("[[service.metrics.panel]]\nname = \"NAME\"\nquery = 'x'\n{objective}");
    let room = good(&format!("{MINIMAL}\n{more}")).room;
    for signal in config::signals::of(&room.services[0]) {
        let mut parts: Vec<&str> = signal.split('.').collect();
        match parts.as_mut_slice() {
            ["health", name, _] => *name = "NAME",
            ["closes", code, _] => *code = "CODE",
            ["budget" | "burn", name, ..] => *name = "NAME",
            _ => {}
        }
        let form = format!("`{}`", parts.join("."));
        assert!(doc.contains(&form), "{form} is not in docs/configuration.md");
    }
}

#[test]
fn what_items_are_bound_to_must_be_there() {
    let text = r#"
[room]
environment = "production"
[signoff]
second_person = "production"
[[service]]
name = "api"
[service.startup]
[[service.health]]
url = "http://h/health"
[[bind]]
text = "health"
condition = "health api failin"
[[bind]]
condition = "health api failing"
[[bind]]
text = "x"
[[bind]]
text = "x"
gate = "unit"
condition = "health api failing"
[[role]]
name = "QA"
[[role]]
name = "QA"
"#;
    let told: Vec<(usize, String)> = problems(text).iter().map(|p| (p.line, p.what.to_string())).collect();
    let lines: Vec<usize> = told.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [13, 14, 16, 21, 25], "{told:?}");
    let whole = text.split("[[bind]]").next().expect("the beginning");
    assert!(good(whole).room.signoff.second_person);
    assert!(!good(&whole.replace("environment = \"production\"", "")).room.signoff.second_person);
}

#[test]
fn a_metrics_engine_is_asked_where_nothing_is_scraped_or_where_a_panel_says_so() {
    let panel = |name: &str, more: &str| {
        format!("[[service.metrics.panel]]\nname = \"{name}\"\nquery = \"x\"\n{more}")
    };
    let engine = "[prometheus]\nurl = \"http://h:9090\"\ntoken = { env = \"T\" }\n";
    let service = "[[service]]\nname = \"api\"\n[service.metrics]\n";
    let from = |text: &str| {
        let room = good(text).room;
        let panels = &room.services[0].metrics.as_ref().expect("metrics").panels;
        panels.iter().map(|panel| panel.from).collect::<Vec<_>>()
    };
    let asked = format!("{engine}{service}{}", panel("a", ""));
    assert_eq!(from(&asked), [MetricFrom::Prometheus]);
    let both = format!(
        "{engine}{service}url = \"http://h/metrics\"\n{}{}",
        panel("a", ""),
        panel("b", "from = \"prometheus\"\n")
    );
    assert_eq!(from(&both), [MetricFrom::Scrape, MetricFrom::Prometheus]);
    let names = |text: &str| good(text).room.conditions.into_iter().map(|it| it.name).collect::<Vec<_>>();
    assert_eq!(
        names(&asked),
        Vec::<String>::new(),
        "an engine counts no closes: nothing could ever be seen of them"
    );
    assert_eq!(names(&both), ["close codes spike"]);
    let spec = good(&asked).room.prometheus.expect("an engine");
    assert_eq!(spec.identity, Identity::Bearer(SecretRef::Env("T".into())));

    let whats =
        |text: &str| problems(text).iter().map(|p| format!("{}: {}", p.line, p.what)).collect::<Vec<_>>();
    assert_eq!(
        whats(&format!("{service}{}", panel("a", "from = \"prometheus\"\n"))),
        ["3: `service.metrics.url` is missing", "7: `from` is \"prometheus\""]
    );
    let twice = "[prometheus]\nurl = \"http://h:9090\"\nuser = \"ines\"\ngoogle = true\n";
    assert_eq!(
        whats(twice),
        [
            "2: `prometheus` has more than one of `token`, `user` and `google`",
            "3: `prometheus.user` stands without `prometheus.password`"
        ]
    );
    let plain = "[prometheus]\nurl = \"http://h:9090\"\nuser = \"ines\"\npassword = \"s3cr3t\"\n";
    assert!(whats(plain)[0].contains("4: `prometheus.password` is written in plain"), "{:?}", whats(plain));
}

#[test]
fn what_is_wrong_with_alerts_is_told_with_its_place_and_a_way_out() {
    let text = r#"
[[service]]
name = "api"
[[service.health]]
url = "http://127.0.0.1:1/"
[alerts]
triggers = 4
[[alerts.severity]]
level = 1
routes = ["page"]
escalate_to = ["engine"]
[[alert]]
condition = "no such*"
[[route]]
name = "pager"
kind = "pagerduty"
key = "plain"
[[route]]
name = "engine"
kind = "alertmanager"
url = "http://127.0.0.1:9093"
[[route]]
name = "chat"
kind = "slack"
url = "https://hooks.example.com/T0/B0"
[[route]]
name = "mail"
kind = "email"
security = "none"
host = "localhost"
user = "warroom"
password = { env = "PASSWORD" }
from = "nobody"
to = []
"#;
    let whats: Vec<String> = told(text).into_iter().map(|(.., what, _)| what).collect();
    let wanted = [
        "`alerts.triggers`",
        "`alerts.severity.routes` has \"page\"",
        "`alerts.severity.escalate_to` has \"engine\"",
        "`alert.condition` is \"no such*\"",
        "`route.key` is written in plain",
        "`route.url` is written in plain",
        "`route.password` goes over an open connection",
        "`route.from` has \"nobody\"",
        "`route.to` is missing",
    ];
    for what in wanted {
        assert!(whats.iter().any(|told| told.starts_with(what)), "{what} is not in {whats:#?}");
    }
    assert_eq!(whats.len(), wanted.len(), "{whats:#?}");
}

#[test]
fn alerts_go_to_all_routes_but_those_of_escalations_unless_it_is_said_otherwise() {
    let text = "[[service]]\nname = \"api\"\n[[service.health]]\nurl = \"http://127.0.0.1:1/\"\n\
                [[route]]\nname = \"a\"\nurl = \"http://127.0.0.1:1/\"\n\
                [[route]]\nname = \"b\"\nurl = \"http://127.0.0.1:1/\"\n\
                [[alerts.severity]]\nlevel = 2\nescalate_to = [\"b\"]\n\
                [[alert]]\ncondition = \"health*\"\nseverity = 3\nunseen = 2\nroutes = [\"b\"]\n";
    let spec = good(text).room.alerts.expect("alerts");
    assert_eq!(spec.of_condition("health api failing", Purpose::Trigger), (3, 2));
    assert_eq!(spec.of_condition("startup failed", Purpose::Trigger), (1, 0));
    assert_eq!(spec.routes_of("health api failing", 3), ["b"]);
    assert_eq!(spec.routes_of("startup failed", 1), ["a"]);
    let after = |severity| spec.severity(severity).and_then(|it| it.escalate_after);
    assert_eq!([1, 2, 3].map(after), [Some(Duration::from_mins(10)), Some(Duration::from_hours(1)), None]);
    assert_eq!(good("[room]\nname = \"x\"\n").room.alerts, None);
    let never = format!("{text}[[alerts.severity]]\nlevel = 1\nescalate_after = \"0s\"\n");
    let spec = good(&never).room.alerts.expect("alerts");
    assert_eq!(spec.severity(1).and_then(|it| it.escalate_after), None, "zero is never");
}
