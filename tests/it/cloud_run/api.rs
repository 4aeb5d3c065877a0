//! The Cloud Run Admin API of `tests/python/cloud_run_api.py`: every request is held to Google's discovery document.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use warroom::clients::cloud_run::Client;
use warroom::clients::tls;
use warroom::domain::room::{CloudRunSpec, SecretRef};

use super::server::TOKEN;
use crate::demo_protocol::python;

/// A running API; its end is the test's.
pub(crate) struct Api {
    child: Child,
    pub(crate) endpoint: String,
    token: tempfile::NamedTempFile,
    http: reqwest::Client,
}

impl Api {
    /// Starts it with these services.
    pub(crate) fn start(services: &[&str]) -> Self {
        Self::run("cloud_run_api.py", services)
    }

    /// Starts a script of `tests/python` that is such a server.
    pub(crate) fn run(script: &str, services: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
        let mut command = Command::new("python3");
        command.arg(script).arg(TOKEN).args(services).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("python3 starts (tests/all installs what the scripts import)");
        let mut endpoint = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        out.read_line(&mut endpoint).expect("a line");
        assert!(
            endpoint.starts_with("http://"),
            "it needs google-api-python-client, which tests/all installs"
        );
        let token = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(token.path(), TOKEN).expect("written");
        let http = tls::http(Duration::from_secs(30)).expect("a client");
        Self { child, endpoint: endpoint.trim().to_owned(), token, http }
    }

    /// Gives an order, and answers with what came so far.
    pub(crate) async fn order(&self, order: Value) -> Value {
        let request = self.http.post(format!("{}/control", self.endpoint)).json(&order);
        let answer = request.send().await.expect("an answer").bytes().await.expect("a body");
        serde_json::from_slice(&answer).expect("JSON")
    }

    /// Orders one fault.
    pub(crate) async fn fault(&self, fault: Value) {
        self.order(json!({"faults": [fault]})).await;
    }

    /// The requests of a kind that came so far: `patch`, `dry`, `service`, `revisions`, `operation`.
    pub(crate) async fn came(&self, kind: &str) -> Vec<Value> {
        let told = self.order(json!({})).await;
        let requests = told["requests"].as_array().expect("a list").iter();
        requests.filter(|request| request["kind"] == kind).cloned().collect()
    }

    /// Nothing came that the discovery document does not allow.
    pub(crate) async fn blameless(&self) {
        assert_eq!(self.order(json!({})).await["wrong"], json!([]));
    }

    /// What Google's client reads of `service`.
    pub(crate) async fn read_back(&self, service: &str) -> Value {
        let text = python("cloud_run_read_back.py", &[&self.endpoint, TOKEN, service]).await;
        serde_json::from_str(&text).expect("JSON")
    }

    pub(crate) fn spec(&self, service: &str) -> CloudRunSpec {
        CloudRunSpec {
            project: "demo".into(),
            region: "here".into(),
            service: service.into(),
            endpoint: self.endpoint.clone(),
            token: Some(SecretRef::File(self.token.path().to_owned())),
            interval: Duration::from_millis(500),
            verify_for: Duration::from_secs(1),
        }
    }

    pub(crate) fn client(&self, service: &str) -> Arc<Client> {
        Arc::new(Client::new(&self.spec(service)))
    }

    /// A config with these services, in a folder of its own; `more` stands at its end.
    pub(crate) fn room(&self, services: &[&str], more: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config =
            "[room]\nname = \"proof\"\nenvironment = \"production\"\n[operator]\nname = \"mara\"\n\
            [store]\npath = \"room.db\"\n"
                .to_owned();
        for service in services {
            config += &format!(
                "[[service]]\nname = \"{service}\"\n[service.cloud_run]\nproject = \"demo\"\nregion = \"here\"\n\
                 service = \"{service}\"\nendpoint = \"{}\"\ninterval = \"1s\"\nverify_for = \"1s\"\n\
                 token = {{ file = \"{}\" }}\n",
                self.endpoint,
                self.token.path().display()
            );
        }
        std::fs::write(folder.path().join("config.toml"), config + more).expect("written");
        folder
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
