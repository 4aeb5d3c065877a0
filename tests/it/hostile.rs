//! Hostile bytes through every outer door of the real binary: nothing of them reaches its terminal, its journal or its log.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use strum::IntoEnumIterator as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Message, accept};
use warroom::domain::PanelId;

use crate::pty::Terminal;

/// Clears the screen, sets the colour, the clipboard (OSC 52) and the title, turns text around, ends strings early.
const EVIL: &str = "\u{1b}[2J\u{1b}[31mred\u{7}\u{1b}]52;c;ZWNo\u{7}\u{1b}]0;owned\u{7}\u{202e}txet\u{2066}\u{9b}31m\u{9d}52;c;ZWNo\u{9c}\u{7f}\u{fe0f}\u{200b}";

/// What of it no terminal should be told, and no file should hold.
const NEVER: [&str; 11] = [
    "\u{1b}[31mred",
    "\u{1b}]52;",
    "\u{1b}]0;",
    "\u{202e}",
    "\u{2066}",
    "\u{9b}",
    "\u{9c}",
    "\u{9d}",
    "\u{7f}",
    "\u{fe0f}",
    "\u{200b}",
];

/// A word of the door's own, so that it is known to have come in, and then all that is evil.
fn evil(door: &str) -> String {
    format!("{door}{EVIL}")
}

/// The same with what a variable or a typed text cannot hold.
fn worse(door: &str) -> String {
    format!("{door}{EVIL}\0")
}

fn serve(answer: impl Fn(&str, u32) -> (u16, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let place = listener.local_addr().expect("bound").to_string();
    std::thread::spawn(move || {
        for (stream, n) in listener.incoming().flatten().zip(0..) {
            let _gone = reply(stream, |path| answer(path, n));
        }
    });
    place
}

/// One answer to one request; who asks goes away without a word.
fn reply(stream: TcpStream, answer: impl FnOnce(&str) -> (u16, String)) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    reader.read_exact(&mut vec![0; length])?;
    let (status, body) = answer(first.split(' ').nth(1).unwrap_or_default());
    let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    reader.get_mut().write_all(format!("{head}{body}").as_bytes())
}

/// A stream whose events and close reasons are evil in each field, also in the one that is counted.
fn stream() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let place = listener.local_addr().expect("bound").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Ok(mut socket) = accept(stream) else { continue };
            let run = worse("erun");
            let event = |kind: &str, seq: u32| {
                json!({ "type": kind, "run_id": run, "call_id": worse("ecall"), "tool": worse("etool"), "seq": seq,
                    "agent": worse("ecount"), "revision": worse("erevision"), "timestamp": worse("etime") })
            };
            let kinds = ["agent_started", "tool_executing", &worse("etype"), "agent_completed"];
            for (kind, seq) in kinds.into_iter().zip(1..) {
                let _gone = socket.send(Message::text(event(kind, seq).to_string()));
            }
            let _gone = socket.send(Message::text(evil("enojson")));
            let reason = "ereason\u{1b}[31mred\u{7}\u{1b}]52;c;ZWNo\u{7}\u{202e}\u{9b}31m\0".into();
            let _gone = socket.close(Some(CloseFrame { code: CloseCode::from(4401), reason }));
            while socket.read().is_ok() {}
        }
    });
    place
}

fn health() -> Value {
    json!({ "status": worse("hstatus"), "startup_phase": worse("hphase"), "startup_complete": false,
        "completed_phases": { worse("hdone"): 1.0 }, "error": worse("herror"), "flag": worse("hflag") })
}

fn metrics(n: u32) -> String {
    let line = EVIL;
    let good = format!(
        "http_requests_total{{code=\"mlabel{line}\",revision=\"mrevision{line}\"}} {n}\n\
         ws_closes_total{{code=\"mcode{line}\"}} {n}\n"
    );
    if n.is_multiple_of(2) {
        good
    } else {
        format!("{good}mname{line} 1\nx{{y=\"mvalue{line}\"}} no{line}\n")
    }
}

/// Names that go back to the API stay plain, else the answer is refused whole; all that is only shown is evil.
fn cloud(path: &str, n: u32) -> (u16, String) {
    let error = json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT", "message": worse("cerror") } });
    let service = "projects/p/locations/r/services/api";
    let env = json!([{ "name": "FLAG", "value": worse("cenv") }, { "name": worse("cname"), "value": "x" }]);
    let containers = json!([{ "name": "api", "image": worse("cimage"), "env": env }]);
    let failed = json!({ "type": "Ready", "state": "CONDITION_FAILED", "message": worse("cmessage") });
    if path.contains("entries:list") {
        return (200, entries().to_string());
    }
    if n % 8 == 7 {
        return (400, error.to_string());
    }
    if path.contains("/revisions") {
        let revision = |name: &str| {
            json!({ "name": format!("{service}/revisions/{name}"), "createTime": "2026-11-20T10:00:00Z",
                "creator": worse("ccreator"), "serviceAccount": worse("caccount"), "containers": containers,
                "conditions": [failed] })
        };
        let all = [revision("api-00001-aaa"), revision(&worse("crevision"))];
        return (200, json!({ "revisions": all }).to_string());
    }
    let target = json!([{ "type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": "api-00001-aaa", "percent": 100 }]);
    let body = json!({ "name": service, "etag": "\"e\"", "generation": "1", "observedGeneration": "1",
        "terminalCondition": failed, "lastModifier": worse("cmodifier"), "traffic": target, "trafficStatuses": target,
        "latestReadyRevision": format!("{service}/revisions/api-00001-aaa"), "template": { "containers": containers } });
    (200, body.to_string())
}

fn entries() -> Value {
    let now = chrono::Utc::now().to_rfc3339();
    let entry = |payload: Value, id: &str| {
        let mut entry = json!({ "timestamp": now, "insertId": worse(id), "severity": "ERROR",
            "logName": format!("projects/p/logs/{}", worse("lname")),
            "resource": { "labels": { "revision_name": "api-00001-aaa" } } });
        entry.as_object_mut().expect("an object").extend(payload.as_object().expect("an object").clone());
        entry
    };
    let text = json!({ "textPayload": worse("ltext") });
    let fields = json!({ "jsonPayload": { "message": worse("lmessage"), worse("lkey"): worse("lvalue") } });
    json!({ "entries": [entry(text, "a"), entry(fields, "b")] })
}

/// The room's files; the config names all the doors.
fn room(folder: &Path) {
    let web = serve(|path, n| match path {
        "/health" => (503, health().to_string()),
        "/number" => (200, json!({ "n": worse("snumber") }).to_string()),
        path if path.starts_with("/api/v1") => {
            let told = json!({ "status": "error", "errorType": "bad_data", "error": worse("perror") });
            (400, told.to_string())
        }
        _ => (200, metrics(n)),
    });
    let redis = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let cache = redis.local_addr().expect("bound");
    std::thread::spawn(move || {
        for mut stream in redis.incoming().flatten() {
            let _gone = stream.read(&mut [0; 64]);
            let _gone = stream.write_all(format!("-{}\r\n", worse("rerror")).as_bytes());
        }
    });
    let (cloud, events) = (serve(cloud), stream());
    let config = format!(
        "[room]\nname = \"evil\"\nchecklists = [\"r.md\"]\n[logs]\nendpoint = \"http://{cloud}\"\n\
         [prometheus]\nurl = \"http://{web}\"\n[flagd]\nfile = \"flags.json\"\n\
         [[flag]]\nname = \"plain\"\nprovider = \"flagd\"\n[[flag]]\nname = \"FLAG\"\nservice = \"api\"\n\
         [[signal]]\nname = \"number\"\nurl = \"http://{web}/number\"\npointer = \"/n\"\n\
         [[service]]\nname = \"api\"\n[service.startup]\nprobe = \"up\"\n\
         [[service.health]]\nname = \"up\"\nurl = \"http://{web}/health\"\ninterval = \"500ms\"\nflags = {{ F = \"/flag\" }}\n\
         [[service.health]]\nname = \"cache\"\nkind = \"redis\"\nurl = \"redis://{cache}\"\ninterval = \"500ms\"\n\
         [service.events]\nurl = \"ws://{events}/ws\"\nfields = {{ count_by = {{ agent = \"/agent\" }} }}\n\
         [service.metrics]\nurl = \"http://{web}/metrics\"\ninterval = \"1s\"\n\
         [[service.metrics.panel]]\nname = \"all\"\nquery = 'http_requests_total'\n\
         [[service.metrics.panel]]\nname = \"asked\"\nquery = 'up'\nfrom = \"prometheus\"\n\
         [service.cloud_run]\nproject = \"p\"\nregion = \"r\"\nservice = \"api\"\nendpoint = \"http://{cloud}\"\n\
         token = {{ file = \"token\" }}\ninterval = \"1s\"\n"
    );
    let flags = json!({ "flags": { "plain": { "state": worse("fstate"), "defaultVariant": worse("fvariant"),
        "variants": { worse("fname"): worse("fvalue") } } } });
    let document = format!(
        "# {}\n\n## {}\n\n- [ ] {} (required)\n- [ ] {}\n\n```bash\necho {}\n```\n\n| flag | {} |\n|---|---|\n| a | b |\n",
        evil("dtitle"),
        evil("dheading"),
        evil("ditem"),
        evil("dother"),
        evil("dcommand"),
        evil("dtable")
    );
    let files = [
        ("config.toml", config),
        ("r.md", document),
        ("flags.json", flags.to_string()),
        ("token", "t".into()),
    ];
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("written");
    }
}

fn holds(bytes: &[u8], what: &str) -> bool {
    bytes.windows(what.len()).any(|at| at == what.as_bytes())
}

/// Whether `bytes` are text without anything that was sent to do harm.
fn harmless(bytes: &[u8], place: &str) {
    for never in NEVER {
        assert!(!holds(bytes, never), "{never:?} is in {place}");
    }
}

/// Runs a command on the same room: all that it says is text.
fn said(folder: &Path, args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_warroom"))
        .args(["--store", "room.db"])
        .args(args)
        .current_dir(folder)
        .env("WARROOM_OPERATOR", evil("oname"))
        .env("XDG_DATA_HOME", folder)
        .env("XDG_CONFIG_HOME", folder)
        .env("XDG_STATE_HOME", folder)
        .output()
        .expect("the binary runs");
    let all = [output.stdout, output.stderr].concat();
    harmless(&all, &args.join(" "));
    let text = String::from_utf8(all).expect("text");
    let control = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(control, None, "{args:?}: {text:?}");
    text
}

/// All texts and names in `value`.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(all) => {
            all.iter().flat_map(|(name, value)| [vec![name.clone()], texts(value)].concat()).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// Walks through all pages; all that they showed.
fn walk(terminal: &mut Terminal) -> String {
    let mut seen = String::new();
    // There are no alerts in its config.
    for panel in PanelId::iter().filter(|panel| *panel != PanelId::Alerts) {
        terminal.press(&format!(":{panel}"));
        terminal.until(&format!(": {panel}"));
        terminal.press("\r");
        terminal.wait("the page", |screen| {
            screen.contains("esc back") && !screen.contains(&format!(": {panel}"))
        });
        seen += &terminal.text();
        terminal.press("\x1b");
        terminal.until("1-9 panel");
    }
    seen
}

/// What is kept holds nothing of it either.
fn kept(folder: &Path) {
    for name in ["room.db", "room.db-wal", "log"] {
        if let Ok(bytes) = std::fs::read(folder.join(name)) {
            // One byte alone may be a part of a number.
            for never in NEVER.iter().filter(|never| never.len() > 1) {
                assert!(never.len() == 2 || !holds(&bytes, never), "{never:?} is in {name}");
            }
        }
    }
}

#[test]
fn hostile_bytes_reach_neither_the_terminal_nor_the_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    room(folder.path());
    said(folder.path(), &["note", &evil("nnote")]);
    let who = evil("oname");
    let args = ["--store", "room.db", "--log", "log"];
    let operator = [("WARROOM_OPERATOR", Path::new(&who))];
    let mut terminal = Terminal::start_with(&args, folder.path(), &operator);
    // Its sources run, and so does what hears of sizes.
    terminal.until("live 0s");
    terminal.resized(200, 60);
    let mut seen = walk(&mut terminal);
    // A person who pastes what somebody sent.
    terminal.press(":note \x1b[200~");
    terminal.press(&evil("pnote"));
    terminal.press("\x1b[201~");
    terminal.until("pnote");
    terminal.press("\r");
    terminal.press("S");
    terminal.until("Story so far");
    terminal.until("pnote");
    seen += &terminal.text();
    terminal.press("\x1b");
    terminal.gone("Story so far");
    assert_eq!(terminal.leave(), 0);
    assert!(terminal.restored());
    harmless(&terminal.raw, "what the terminal was told");
    assert!(!terminal.raw.contains(&0) && !terminal.raw.contains(&7), "a NUL or a bell");
    String::from_utf8(terminal.raw.clone()).expect("text");
    for args in [
        &["items"][..],
        &["plan", "r.md"],
        &["doctor"],
        &["flag", "list"],
        &["logs", "api"],
        &["journal"],
        &["report"],
        &["verdict", "--warm-up", "1s"],
        &["watch", "--json", "--for", "2s"],
    ] {
        seen += &said(folder.path(), args);
    }
    let told = said(folder.path(), &["journal", "--json", "--verify"]);
    for line in told.lines() {
        let value: Value = serde_json::from_str(line).expect("a record a line");
        assert!(!texts(&value).iter().any(|text| text.chars().any(char::is_control)), "{line}");
    }
    kept(folder.path());
    seen += &told;
    let doors = [
        "hphase", "hflag", "erun", "etool", "ecount", "ereason", "mname", "cmessage", "ccreator", "cerror",
        "cenv", "fvariant", "ditem", "dheading", "nnote", "pnote", "oname", "ltext", "lmessage", "rerror",
        "perror",
    ];
    let missing: Vec<&str> = doors.into_iter().filter(|door| !seen.contains(door)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "nothing of these came in:\n{seen}");
}
