//! A Cloud Run Admin API that holds every request to the protocol and breaks in the ways asked for. HTTP/1.1 by hand,
//! one request a connection, so that it can also cut, reset and hang.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinSet;
use warroom::domain::room::{CloudRunSpec, SecretRef};

pub(crate) const SERVICE: &str = "projects/demo/locations/here/services/cart";
pub(crate) const TOKEN: &str = "tok-0123456789";

/// How a change goes wrong.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Refused with this answer; nothing is done.
    Refuse(u16, Value),
    /// Done, and then no answer: the connection ends.
    DoneThenReset,
    /// Done, and then silence.
    DoneThenHang,
    /// Done, and answered when this is told.
    DoneThenLate(Arc<Notify>),
    /// Done, and then this text with this status.
    DoneThen(u16, &'static str),
    /// Accepted; the operation then fails with these words.
    OperationFails(&'static str),
}

pub(crate) struct State {
    pub(crate) service: Value,
    pub(crate) pages: Vec<Value>,
    pub(crate) faults: VecDeque<Fault>,
    /// While set, reads are answered with this.
    pub(crate) reads: Option<(u16, &'static str)>,
    /// Changes that arrived, and how many were done.
    pub(crate) patches: Vec<Value>,
    pub(crate) done: u32,
    pub(crate) validated: u32,
    /// What a request did wrong.
    pub(crate) wrong: Vec<String>,
    pub(crate) operation: Option<(u32, Option<&'static str>)>,
}

pub(crate) struct Server {
    pub(crate) state: Arc<Mutex<State>>,
    pub(crate) endpoint: String,
    token: tempfile::NamedTempFile,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::new()));
        let mut tasks = JoinSet::new();
        let shared = state.clone();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, shared.clone()));
            }
        });
        let token = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(token.path(), TOKEN).unwrap();
        Self { state, endpoint, token, _tasks: tasks }
    }

    pub(crate) fn spec(&self) -> CloudRunSpec {
        CloudRunSpec {
            project: "demo".into(),
            region: "here".into(),
            service: "cart".into(),
            endpoint: self.endpoint.clone(),
            token: Some(SecretRef::File(self.token.path().to_owned())),
            interval: Duration::from_millis(200),
            verify_for: Duration::from_secs(1),
        }
    }
}

fn revision(name: &str) -> Value {
    json!({"name": format!("{SERVICE}/revisions/{name}"), "createTime": "2026-11-20T10:00:00Z",
        "containers": [{"image": format!("img:{name}"), "env": [{"name": "RESUME", "value": "false"}]}],
        "conditions": [{"type": "Ready", "state": "CONDITION_SUCCEEDED"}]})
}

impl State {
    fn new() -> Self {
        let pinned = |name: &str, percent: u32| json!({"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": name, "percent": percent});
        let mut canary = pinned("cart-00002-bim", 10);
        canary["tag"] = "canary".into();
        let mut status = canary.clone();
        status["uri"] = "https://canary---cart.example".into();
        Self {
            service: json!({"name": SERVICE, "etag": "\"e7/=\"", "generation": "7", "observedGeneration": "7",
                "terminalCondition": {"type": "Ready", "state": "CONDITION_SUCCEEDED"},
                "latestReadyRevision": format!("{SERVICE}/revisions/cart-00002-bim"),
                "latestCreatedRevision": format!("{SERVICE}/revisions/cart-00002-bim"),
                "traffic": [pinned("cart-00001-kex", 90), canary],
                "trafficStatuses": [pinned("cart-00001-kex", 90), status],
                "template": {"revision": "cart-00002-bim", "ofTomorrow": {"deep": true},
                    "containers": [{"image": "img:b", "env": [{"name": "RESUME", "value": "false"}]}]}}),
            pages: vec![
                json!({"revisions": [revision("cart-00002-bim")], "nextPageToken": "p/1="}),
                json!({"nextPageToken": "p/2="}),
                json!({"revisions": [revision("cart-00001-kex")]}),
            ],
            faults: VecDeque::new(),
            reads: None,
            patches: Vec::new(),
            done: 0,
            validated: 0,
            wrong: Vec::new(),
            operation: None,
        }
    }

    /// Checks a change as the API would; the answer if it must be refused.
    fn check(&mut self, mask: &str, body: &Value) -> Option<Reply> {
        let mut keys: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        let mut expected = vec!["etag", "name", mask];
        expected.sort_unstable();
        if keys != expected || body["name"] != SERVICE {
            self.wrong.push(format!("the body has {keys:?}, the mask is {mask}"));
        }
        if body.to_string().contains("\"uri\"") || body["template"].get("revision").is_some() {
            self.wrong.push(format!("output-only fields: {body}"));
        }
        if mask == "traffic" {
            let percents = body["traffic"].as_array().unwrap().iter();
            let sum: u64 = percents.map(|target| target["percent"].as_u64().unwrap_or(0)).sum();
            if sum != 100 {
                self.wrong.push(format!("adds up to {sum}"));
            }
        }
        let stale = body["etag"] != self.service["etag"];
        stale.then(|| error(409, "ABORTED", "the etag is not the current one"))
    }

    fn apply(&mut self, mask: &str, body: &Value) {
        self.done += 1;
        self.service[mask] = body[mask].clone();
        self.service["generation"] = "8".into();
        self.service["etag"] = "\"e8/=\"".into();
        self.service["reconciling"] = true.into();
        self.service["terminalCondition"] = json!({"type": "Ready", "state": "CONDITION_RECONCILING"});
        self.service["lastModifier"] = "ines@example.com".into();
        if mask == "template" {
            self.service["latestCreatedRevision"] = format!("{SERVICE}/revisions/cart-00003-new").into();
        }
        self.operation = Some((2, None));
    }

    /// Each look at the operation or the service brings the end nearer.
    fn advance(&mut self) {
        let Some((left, failed)) = &mut self.operation else { return };
        *left = left.saturating_sub(1);
        if *left > 0 {
            return;
        }
        self.service.as_object_mut().unwrap().remove("reconciling");
        if failed.is_some() {
            self.service["terminalCondition"] =
                json!({"state": "CONDITION_FAILED", "message": "the container did not listen on 8080"});
        } else {
            self.service["terminalCondition"] = json!({"state": "CONDITION_SUCCEEDED"});
            self.service["observedGeneration"] = self.service["generation"].clone();
            self.service["trafficStatuses"] = self.service["traffic"].clone();
            self.service["latestReadyRevision"] = self.service["latestCreatedRevision"].clone();
        }
    }

    fn answer(&mut self, request: &Request) -> Reply {
        if request.token != TOKEN {
            return error(401, "UNAUTHENTICATED", "who are you?");
        }
        let path = request.path.as_str();
        let service = format!("/v2/{SERVICE}");
        match (request.method.as_str(), path) {
            ("PATCH", path) if path == service => self.change(request),
            ("GET", _) if self.reads.is_some() => {
                let (status, text) = self.reads.unwrap();
                Reply::Text(status, text.to_owned())
            }
            ("GET", path) if path == service => {
                self.advance();
                Reply::Text(200, self.service.to_string())
            }
            ("GET", path) if path == format!("{service}/revisions") => {
                let page = match request.query("pageToken").as_deref() {
                    None => 0,
                    Some("p/1=") => 1,
                    Some("p/2=") => 2,
                    Some(other) => return error(400, "INVALID_ARGUMENT", &format!("page {other}?")),
                };
                Reply::Text(200, self.pages[page].to_string())
            }
            ("GET", "/v2/projects/demo/locations/here/operations/op-1") => {
                self.advance();
                let mut operation = json!({"name": "projects/demo/locations/here/operations/op-1"});
                if let Some((0, failed)) = &self.operation {
                    operation["done"] = true.into();
                    if let Some(message) = failed {
                        operation["error"] = json!({"code": 9, "message": message});
                    }
                }
                Reply::Text(200, operation.to_string())
            }
            _ => {
                self.wrong.push(format!("{} {path}", request.method));
                Reply::Text(404, "<html>no such page</html>".to_owned())
            }
        }
    }

    fn change(&mut self, request: &Request) -> Reply {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let mask = request.query("updateMask").unwrap_or_default();
        if mask != "traffic" && mask != "template" {
            self.wrong.push(format!("updateMask={mask}"));
        }
        if request.query("validateOnly").as_deref() == Some("true") {
            self.validated += 1;
            let accepted = || Reply::Text(200, json!({"done": true, "response": {}}).to_string());
            return self.check(&mask, &body).unwrap_or_else(accepted);
        }
        self.patches.push(body.clone());
        let fault = self.faults.pop_front();
        if let Some(Fault::Refuse(status, body)) = &fault {
            return Reply::Text(*status, body.to_string());
        }
        if let Some(refused) = self.check(&mask, &body) {
            return refused;
        }
        self.apply(&mask, &body);
        match fault {
            Some(Fault::DoneThenReset) => Reply::Reset,
            Some(Fault::DoneThenHang) => Reply::Hang,
            Some(Fault::DoneThenLate(when)) => Reply::Late(when, Box::new(started())),
            Some(Fault::DoneThen(status, text)) => Reply::Text(status, text.to_owned()),
            Some(Fault::OperationFails(words)) => {
                self.operation = Some((2, Some(words)));
                started()
            }
            Some(Fault::Refuse(..)) | None => started(),
        }
    }
}

fn started() -> Reply {
    Reply::Text(200, json!({"name": "projects/demo/locations/here/operations/op-1"}).to_string())
}

fn error(status: u16, name: &str, message: &str) -> Reply {
    Reply::Text(status, json!({"error": {"code": status, "status": name, "message": message}}).to_string())
}

enum Reply {
    Text(u16, String),
    Reset,
    Hang,
    Late(Arc<Notify>, Box<Reply>),
}

struct Request {
    method: String,
    path: String,
    pairs: Vec<(String, String)>,
    token: String,
    body: Vec<u8>,
}

impl Request {
    fn query(&self, name: &str) -> Option<String> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let Some(request) = read(&mut stream).await else { return };
    let mut reply = state.lock().await.answer(&request);
    if let Reply::Late(when, late) = reply {
        when.notified().await;
        reply = *late;
    }
    match reply {
        Reply::Late(..) => {}
        Reply::Text(status, text) => {
            let head =
                format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", text.len());
            let _gone = stream.write_all(format!("{head}{text}").as_bytes()).await;
            let _gone = stream.shutdown().await;
        }
        Reply::Reset => drop(stream),
        Reply::Hang => {
            // Until the client gives up.
            let _gone = stream.read(&mut [0; 1]).await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let header = |name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    let length: usize = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let mut words = text.split(' ');
    let method = words.next()?.to_owned();
    let url = url::Url::parse(&format!("http://x{}", words.next()?)).ok()?;
    let pairs = url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
    let token = header("authorization").unwrap_or_default().replace("Bearer ", "");
    Some(Request { method, path: url.path().to_owned(), pairs, token, body: bytes[head..].to_vec() })
}
