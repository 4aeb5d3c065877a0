//! The Cloud Run client, source and operator against a server that checks each request and injects faults.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;
use warroom::clients::cloud_run::{Client, ErrorKind};
use warroom::demo;
use warroom::domain::flag::Wanted;
use warroom::domain::room::{CloudRunSpec, FlagSpec, SecretRef};
use warroom::domain::{Clean, LinkReport, Mono, OpId, OpKind, OpState, ServiceIx, Traffic};
use warroom::effects::operate::{Line, Operators};
use warroom::lanes::{Receivers, lanes};
use warroom::model::effect::{Authority, CONSENT_WORD, SENT_WITHIN};
use warroom::model::flags;
use warroom::model::msg::{Msg, Token};
use warroom::model::traffic::TrafficState;
use warroom::sources;

use crate::pty::PATIENCE;

use self::server::{Fault, SERVICE, Server, TOKEN};

pub(crate) mod api;
mod asked;
mod compare;
mod console;
mod crash;
mod proof;
pub(crate) mod server;

const IX: ServiceIx = ServiceIx(0);

async fn read(client: &Client) -> Traffic {
    let mut traffic = client.service().await.unwrap();
    traffic.revisions = client.revisions().await.unwrap();
    traffic
}

async fn rollback(client: &Client) -> OpKind {
    let mut state = TrafficState::default();
    state.read(read(client).await, Mono::default());
    OpKind::Rollback(state.freeze_rollback(IX, "cart-00001-kex", warroom::clock::wall()).unwrap())
}

async fn flip(client: &Client) -> OpKind {
    flip_of(client, "RESUME", true).await
}

async fn flip_of(client: &Client, variable: &str, to: bool) -> OpKind {
    let spec = FlagSpec {
        name: "resume".into(),
        service: IX,
        variable: variable.into(),
        on: "true".into(),
        off: "false".into(),
        ..FlagSpec::default()
    };
    let traffic = read(client).await;
    let wanted = if to { Wanted::On } else { Wanted::Off };
    let now = warroom::clock::wall();
    OpKind::Flag(flags::freeze(&spec, Some(&traffic), (wanted, None), &flags::Extra::default(), now).unwrap())
}

fn operators(client: &Arc<Client>) -> (Operators, Receivers) {
    let (lanes, receivers) = lanes();
    let line = Line { client: client.clone(), read_now: Arc::new(Notify::new()) };
    (Operators::new([(IX, line)], lanes), receivers)
}

/// Sends `act` as an operator who consented just now.
fn send(operators: &mut Operators, op: &str, act: OpKind) {
    let until = warroom::clock::wall() + SENT_WITHIN;
    operators.operate(OpId(op.into()), act, Authority::from_consent(CONSENT_WORD).unwrap(), until);
}

/// The states told, with the last one's words, until `last` of them is told or nothing comes for a while.
async fn states(receivers: &mut Receivers, end: &[OpState]) -> (Vec<OpState>, String) {
    let mut states = Vec::new();
    loop {
        let msg = timeout(PATIENCE, receivers.control.recv()).await;
        if let Ok(Some(Msg::ToldToWait { .. })) = msg {
            continue;
        }
        let Ok(Some(Msg::Operated { state, detail, .. })) = msg else {
            panic!("after {states:?} came {msg:?}");
        };
        states.push(state);
        if end.contains(&state) {
            return (states, detail.to_string());
        }
    }
}

fn client(server: &Server) -> Arc<Client> {
    Arc::new(Client::new(&server.spec()))
}

/// Rolls back with these faults; answers with the states, the words, and how often it was sent and done.
async fn roll_back(faults: Vec<Fault>) -> (Vec<OpState>, String, usize, u32) {
    let server = Server::start().await;
    let act = rollback(&client(&server)).await;
    let hangs = faults.iter().any(|fault| matches!(fault, Fault::DoneThenHang));
    let patience = Duration::from_secs(if hangs { 2 } else { 60 });
    let client = Arc::new(Client::with_timeout(&server.spec(), patience));
    server.state.lock().await.faults = faults.into();
    let (mut operators, mut receivers) = operators(&client);
    send(&mut operators, "1", act.clone());
    // The same once more is not sent.
    send(&mut operators, "1", act);
    let (states, words) = states(&mut receivers, &[OpState::Effective, OpState::Failed]).await;
    assert!(!words.contains(TOKEN), "{words}");
    let state = server.state.lock().await;
    assert_eq!(state.wrong, Vec::<String>::new());
    (states, words, state.patches.len(), state.done)
}

fn refuse(status: u16, name: &str) -> Fault {
    let message = format!("{name}, Bearer {TOKEN}");
    Fault::Refuse(status, json!({"error": {"code": status, "status": name, "message": message}}))
}

#[tokio::test]
async fn a_rollback_moves_the_traffic_and_keeps_the_tags() {
    let server = Server::start().await;
    let client = client(&server);
    let act = rollback(&client).await;
    let (mut operators, mut receivers) = operators(&client);
    operators.validate(Token(5), act.clone());
    let validated = receivers.control.recv().await;
    assert_eq!(validated, Some(Msg::Validated { token: Token(5), error: None }));
    assert_eq!(server.state.lock().await.patches.len(), 0);
    send(&mut operators, "1", act);
    let told = states(&mut receivers, &[OpState::Effective]).await;
    let way = vec![OpState::Accepted, OpState::Reconciling, OpState::Effective];
    assert_eq!(told, (way, "cart-00001-kex serves 100 %".to_owned()));
    let state = server.state.lock().await;
    assert_eq!(state.wrong, Vec::<String>::new());
    let revision = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";
    assert_eq!(
        state.patches,
        [json!({"name": SERVICE, "etag": "\"e7/=\"", "traffic": [
        {"type": revision, "revision": "cart-00001-kex", "percent": 100},
        {"type": revision, "revision": "cart-00002-bim", "tag": "canary"}]})]
    );
}

#[tokio::test]
async fn a_refused_change_is_sent_once_and_says_why() {
    let cases = [
        (400, "INVALID_ARGUMENT", "nothing was moved: move the traffic: INVALID_ARGUMENT"),
        (403, "PERMISSION_DENIED", "nothing was moved: move the traffic: PERMISSION_DENIED"),
        (404, "NOT_FOUND", "nothing was moved: move the traffic: NOT_FOUND"),
        (
            409,
            "ABORTED",
            "409: the service was changed by somebody meanwhile: nothing was moved; the split is the same",
        ),
    ];
    for (status, name, expected) in cases {
        let (states, words, sent, done) = roll_back(vec![refuse(status, name)]).await;
        assert_eq!((states, sent, done), (vec![OpState::Failed], 1, 0), "{status}");
        assert!(words.starts_with(expected), "{words}");
    }
}

#[tokio::test]
async fn a_token_is_renewed_once() {
    let (states, _, sent, done) = roll_back(vec![refuse(401, "UNAUTHENTICATED")]).await;
    assert_eq!((states.last(), sent, done), (Some(&OpState::Effective), 2, 1));
    let refused = || refuse(401, "UNAUTHENTICATED");
    let (states, _, sent, done) = roll_back(vec![refused(), refused(), refused()]).await;
    assert_eq!((states, sent, done), (vec![OpState::Failed], 2, 0));
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_as_told() {
    let limited = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "slowly",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.4s"}]}});
    let began = warroom::clock::mono();
    let (states, _, sent, done) = roll_back(vec![Fault::Refuse(429, limited)]).await;
    assert_eq!((states.last(), sent, done), (Some(&OpState::Effective), 2, 1));
    assert!(warroom::clock::mono().since(began) >= Duration::from_millis(400));
}

#[tokio::test]
async fn an_answer_that_is_lost_is_looked_for_and_never_sent_again() {
    let faults = [
        Fault::DoneThen(500, "<html>oops</html>"),
        Fault::DoneThen(503, "{\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\"}}"),
        Fault::DoneThen(200, "<html>proxy</html>"),
        Fault::DoneThen(200, "{\"name\": \"projects/demo/lo"),
        Fault::DoneThenReset,
        Fault::DoneThenHang,
    ];
    let mut runs = JoinSet::new();
    for fault in faults {
        runs.spawn(async move { (format!("{fault:?}"), roll_back(vec![fault]).await) });
    }
    while let Some(run) = runs.join_next().await {
        let (fault, (states, _, sent, done)) = run.unwrap();
        assert_eq!(
            (states.first(), states.last()),
            (Some(&OpState::Unknown), Some(&OpState::Effective)),
            "{fault}"
        );
        assert_eq!((sent, done), (1, 1), "{fault}");
    }
}

#[tokio::test]
async fn a_change_that_was_not_done_stays_unknown_and_a_recheck_sends_nothing() {
    let server = Server::start().await;
    let client = client(&server);
    let act = rollback(&client).await;
    server.state.lock().await.faults = [Fault::Refuse(503, json!({}))].into();
    let (mut operators, mut receivers) = operators(&client);
    send(&mut operators, "1", act.clone());
    assert_eq!(states(&mut receivers, &[OpState::Unknown]).await.0, [OpState::Unknown]);
    let (_, words) = states(&mut receivers, &[OpState::Unknown]).await;
    assert!(words.starts_with("not applied so far"), "{words}");
    // Another console, which did not send it, looks: the same answer, and still one change on the wire.
    let (mut others, mut receivers) = self::operators(&client);
    others.recheck(OpId("1".into()), &act, Duration::ZERO);
    let (_, words) = states(&mut receivers, &[OpState::Unknown, OpState::Failed]).await;
    assert!(words.starts_with("not applied"), "{words}");
    assert_eq!(server.state.lock().await.patches.len(), 1);
}

/// The dialog may have stood open for a minute before it was sent: that says nothing about the sending.
#[tokio::test]
async fn an_act_frozen_long_ago_and_sent_just_now_is_not_called_failed() {
    let server = Server::start().await;
    let client = client(&server);
    let OpKind::Rollback(mut change) = rollback(&client).await else { unreachable!() };
    change.frozen_at -= Duration::from_mins(1);
    let (mut operators, mut receivers) = operators(&client);
    operators.recheck(OpId("of-ines".into()), &OpKind::Rollback(change), Duration::from_secs(1));
    let (states, words) = states(&mut receivers, &[OpState::Unknown, OpState::Failed]).await;
    assert_eq!(states, [OpState::Unknown], "{words}");
    assert_eq!(server.state.lock().await.patches.len(), 0);
}

/// A console that looks after half a minute of silence must not find a runner that still waits to send.
#[tokio::test]
async fn a_rate_limit_longer_than_others_wait_ends_it_and_nothing_is_sent_later() {
    let limited = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "slowly",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "90s"}]}});
    let (states, words, sent, done) = roll_back(vec![Fault::Refuse(429, limited)]).await;
    assert_eq!((states, sent, done), (vec![OpState::Failed], 1, 0));
    assert!(words.starts_with("rate limited: nothing was moved; try again in 1m30s"), "{words}");
}

/// Others know from the record when it left at the latest: later it leaves only where the journal has it that it waits.
#[tokio::test]
async fn what_waits_longer_than_its_record_says_is_sent_only_if_the_wait_is_recorded_too() {
    let limited = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "slowly",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.8s"}]}});
    for recorded in [false, true] {
        let server = Server::start().await;
        let client = client(&server);
        let act = rollback(&client).await;
        server.state.lock().await.faults = [Fault::Refuse(429, limited.clone())].into();
        let (mut operators, mut receivers) = operators(&client);
        let soon = warroom::clock::wall() + Duration::from_millis(600);
        let op = OpId("1".into());
        operators.operate(op.clone(), act, Authority::from_consent(CONSENT_WORD).unwrap(), soon);
        let told = timeout(PATIENCE, receivers.control.recv()).await;
        assert!(matches!(told, Ok(Some(Msg::ToldToWait { .. }))), "{told:?}");
        if recorded {
            operators.prolong(&op, soon + SENT_WITHIN);
        }
        let (states, words) = states(&mut receivers, &[OpState::Effective, OpState::Failed]).await;
        let sent = server.state.lock().await.patches.len();
        let wanted = if recorded { (OpState::Effective, 2) } else { (OpState::Failed, 1) };
        assert_eq!((states.last().copied(), sent), (Some(wanted.0), wanted.1), "{words}");
    }
}

#[tokio::test]
async fn what_was_stopped_or_ended_by_others_before_it_was_sent_is_not_sent() {
    let server = Server::start().await;
    let client = client(&server);
    let act = rollback(&client).await;
    let (mut operators, mut receivers) = operators(&client);
    // The process was stopped between the record and the sending.
    let authority = || Authority::from_consent(CONSENT_WORD).unwrap();
    let past = warroom::clock::wall() - Duration::from_millis(1);
    operators.operate(OpId("1".into()), act.clone(), authority(), past);
    let (_, words) = states(&mut receivers, &[OpState::Failed]).await;
    assert!(words.contains("nothing was moved"), "{words}");
    // Rate limited, and while it waits somebody writes its end down.
    let limited = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "slowly",
        "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "40s"}]}});
    server.state.lock().await.faults = [Fault::Refuse(429, limited)].into();
    send(&mut operators, "2", act);
    let refused = async {
        while server.state.lock().await.patches.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), refused).await.expect("it is sent once");
    // It ends with its reason, and not when the rest is over.
    operators.halt(&OpId("2".into()), Clean::new("taken back"));
    assert_eq!(states(&mut receivers, &[OpState::Failed]).await.1, "taken back");
    assert_eq!(server.state.lock().await.patches.len(), 1);
}

/// A login that asks a person: nothing goes on the wire, and that is what is said, in the time that it may take.
#[tokio::test]
async fn a_token_that_does_not_come_in_time_ends_it_before_anything_is_sent() {
    let server = Server::start().await;
    let act = rollback(&client(&server)).await;
    let hangs = ["sleep", "600"].map(str::to_owned).to_vec();
    let spec = CloudRunSpec { token: Some(SecretRef::Command(hangs)), ..server.spec() };
    let (mut operators, mut receivers) = operators(&Arc::new(Client::new(&spec)));
    // Others ask for a token too, and each waits for the one before.
    operators.validate(Token(1), act.clone());
    operators.validate(Token(2), act.clone());
    let soon = warroom::clock::wall() + Duration::from_millis(600);
    operators.operate(OpId("1".into()), act, Authority::from_consent(CONSENT_WORD).unwrap(), soon);
    let (states, words) = states(&mut receivers, &[OpState::Failed, OpState::Unknown]).await;
    assert_eq!(states, [OpState::Failed], "{words}");
    assert!(words.starts_with("nothing was sent: no token: command sleep gave no answer in 0."), "{words}");
    assert_eq!(server.state.lock().await.patches.len(), 0);
}

/// Written under a config with the services in another order.
#[tokio::test]
async fn looking_at_another_service_says_nothing_of_this_one() {
    let server = Server::start().await;
    let client = client(&server);
    let OpKind::Rollback(mut change) = rollback(&client).await else { unreachable!() };
    change.resource = change.resource.replace("cart", "chat");
    let (mut operators, mut receivers) = operators(&client);
    for service in [IX, ServiceIx(7)] {
        change.service = service;
        let op = OpId(format!("{service:?}"));
        operators.recheck(op, &OpKind::Rollback(change.clone()), Duration::from_mins(5));
        let (states, words) = states(&mut receivers, &[OpState::Unknown, OpState::Failed]).await;
        assert_eq!(states, [OpState::Unknown], "{words}");
        assert!(words.contains("services/chat is not in this config"), "{words}");
    }
}

#[tokio::test]
async fn an_operation_that_fails_says_what_the_service_says() {
    let (states, words, sent, _) = roll_back(vec![Fault::OperationFails("Revision is not ready")]).await;
    assert_eq!((states.last(), sent), (Some(&OpState::Failed), 1));
    let expected = "code 9: Revision is not ready; the service says: the container did not listen on 8080";
    assert_eq!(words, expected);
}

#[tokio::test]
async fn a_flip_keeps_the_template_and_says_that_it_gets_nothing() {
    let server = Server::start().await;
    let client = client(&server);
    let act = flip(&client).await;
    let (mut operators, mut receivers) = operators(&client);
    send(&mut operators, "1", act.clone());
    let (_, words) = states(&mut receivers, &[OpState::Effective, OpState::Failed]).await;
    assert_eq!(words, "cart-00003-new is ready and gets 0 %: the split is pinned");
    // Frozen before that change: the service is another one now, which has what is asked for. Nothing is changed again.
    send(&mut operators, "2", act);
    let (_, words) = states(&mut receivers, &[OpState::Effective, OpState::Failed]).await;
    assert!(words.starts_with("RESUME is as asked, changed by"), "{words}");
    let state = server.state.lock().await;
    assert_eq!(state.wrong, Vec::<String>::new());
    assert_eq!(
        state.patches,
        [json!({"name": SERVICE, "etag": "\"e7/=\"", "template": {
        "ofTomorrow": {"deep": true},
        "containers": [{"image": "img:b", "env": [{"name": "RESUME", "value": "true"}]}]}})]
    );
}

#[tokio::test]
async fn the_source_reads_all_pages_goes_down_in_words_and_comes_back() {
    let server = Server::start().await;
    let (lanes, mut receivers) = lanes();
    let (board, reader) = sources::traffic::board();
    let now = Arc::new(Notify::new());
    let mut tasks = JoinSet::new();
    let interval = Duration::from_millis(200);
    tasks.spawn(sources::traffic::run(IX, interval, client(&server), board, now.clone(), lanes));
    let mut next = async |wanted: &dyn Fn(&Msg) -> bool| loop {
        let msg = timeout(PATIENCE, receivers.data.recv()).await.unwrap().unwrap();
        if wanted(&msg) {
            return msg;
        }
    };
    let Msg::TrafficRead { traffic, .. } = next(&|msg| matches!(msg, Msg::TrafficRead { .. })).await else {
        unreachable!()
    };
    let names: Vec<_> = traffic.revisions.iter().map(|revision| revision.name.as_str()).collect();
    assert_eq!(names, ["cart-00002-bim", "cart-00001-kex"]);
    let alive = |msg: &Msg| matches!(msg, Msg::Linked { report: LinkReport::Alive, .. });
    next(&alive).await;
    let tag = ("https://canary---cart.example".to_owned(), "cart-00002-bim".to_owned());
    assert_eq!(reader.borrow().tags, [("canary".to_owned(), tag)].into());
    assert_eq!(reader.borrow().sole, None);
    server.state.lock().await.reads = Some((502, "<html>Bad Gateway</html>"));
    let down = |msg: &Msg| matches!(msg, Msg::Linked { report: LinkReport::Down { .. }, .. });
    let Msg::Linked { report: LinkReport::Down { error, attempt, .. }, .. } = next(&down).await else {
        unreachable!()
    };
    let expected = "read the service: HTTP 502, not the API's JSON: an HTML page, as a proxy sends it; \
        read again before anything else";
    assert_eq!((error.as_str(), attempt), (expected, 1));
    // What was known stays: an address does not get lost with the API.
    assert_eq!(reader.borrow().tags.len(), 1);
    server.state.lock().await.reads = None;
    now.notify_one();
    next(&alive).await;
    assert_eq!(server.state.lock().await.wrong, Vec::<String>::new());
}

#[tokio::test]
async fn nobody_there_and_no_token_are_told_apart() {
    let server = Server::start().await;
    let mut spec = server.spec();
    spec.endpoint = "http://127.0.0.1:1".into();
    let refused = Client::new(&spec).service().await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unreachable);
    let mut spec = server.spec();
    spec.token = Some(SecretRef::Env("WARROOM_NO_SUCH_VARIABLE".into()));
    let error = Client::new(&spec).service().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Credentials);
    assert!(error.to_string().contains("WARROOM_NO_SUCH_VARIABLE"), "{error}");
}

/// A login that is taken away shows while its last token is still good, and requests go on with that.
#[tokio::test]
async fn a_login_that_gives_no_new_token_is_told_while_the_old_one_is_good() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let login = folder.path().join("login");
    std::fs::write(&login, TOKEN).unwrap();
    let mut spec = server.spec();
    spec.token = Some(SecretRef::Command(vec!["cat".into(), login.display().to_string()]));
    let client = Arc::new(Client::new(&spec));
    client.service().await.unwrap();
    std::fs::remove_file(&login).unwrap();
    let (lanes, mut receivers) = lanes();
    let mut tasks = JoinSet::new();
    tasks.spawn(sources::traffic::renew(IX, Duration::from_millis(20), client.clone(), lanes));
    let mut told = async || timeout(PATIENCE, receivers.data.recv()).await.unwrap();
    let Some(Msg::Renewed { refused: Some(why), .. }) = told().await else { panic!("it was renewed") };
    assert!(why.contains("cat"), "{why}");
    client.service().await.expect("the old one is good");
    std::fs::write(&login, TOKEN).unwrap();
    assert!(matches!(told().await, Some(Msg::Renewed { refused: None, .. })));
}

/// The whole way against the simulated target: a canary with traffic, back to the stable one, then a flag.
#[tokio::test]
async fn the_simulated_target_is_rolled_back_and_flipped() {
    let options = demo::Options { speed: 10.0, ..demo::Options::default() };
    let target = demo::start(options).await.unwrap();
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(token.path(), target.token()).unwrap();
    let client = Arc::new(Client::new(&CloudRunSpec {
        project: demo::PROJECT.into(),
        region: demo::REGION.into(),
        service: demo::SERVICE.into(),
        endpoint: target.urls().cloud_run.clone(),
        token: Some(SecretRef::File(token.path().to_owned())),
        interval: Duration::from_secs(1),
        verify_for: Duration::from_secs(1),
    }));
    let mut state = TrafficState::default();
    let canary_serves = async {
        loop {
            state.read(read(&client).await, Mono::default());
            let traffic = state.traffic.as_ref().unwrap();
            if traffic.settled() && traffic.effective_percent(demo::CANARY) > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, canary_serves).await.expect("the canary gets traffic");
    assert_eq!((state.stable(), state.canary()), (Some(demo::STABLE), Some(demo::CANARY)));
    let change = state.freeze_rollback(IX, demo::STABLE, warroom::clock::wall()).unwrap();
    let (mut operators, mut receivers) = operators(&client);
    send(&mut operators, "1", OpKind::Rollback(change));
    let (way, words) = states(&mut receivers, &[OpState::Effective, OpState::Failed]).await;
    assert_eq!((way.last(), words), (Some(&OpState::Effective), format!("{} serves 100 %", demo::STABLE)));
    let after = read(&client).await;
    assert_eq!(after.sole(), Some(demo::STABLE));
    assert!(after.tag("canary").is_some(), "the tag survives");
    let act = flip_of(&client, "SESSION_RESUME", false).await;
    send(&mut operators, "2", act);
    let (_, words) = states(&mut receivers, &[OpState::Effective, OpState::Failed]).await;
    assert!(words.ends_with("is ready and gets 0 %: the split is pinned"), "{words}");
}

/// The command that gives the token hangs; meanwhile another console writes down that it was not sent.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_halted_while_the_token_is_fetched_does_not_leave() {
    let server = Server::start().await;
    let act = rollback(&client(&server)).await;
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("token");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let command = SecretRef::Command(vec!["cat".into(), pipe.display().to_string()]);
    let client = Arc::new(Client::new(&CloudRunSpec { token: Some(command), ..server.spec() }));
    let (mut operators, mut receivers) = operators(&client);
    send(&mut operators, "1", act);
    // Opened once the other end is: it was allowed to leave by then.
    let mut token = tokio::fs::OpenOptions::new().write(true).open(&pipe).await.unwrap();
    operators.halt(&OpId("1".into()), Clean::new("taken back"));
    tokio::io::AsyncWriteExt::write_all(&mut token, TOKEN.as_bytes()).await.unwrap();
    drop(token);
    let (told, words) = states(&mut receivers, &[OpState::Failed]).await;
    assert_eq!(told, [OpState::Failed]);
    assert!(words.contains("it is too late to send it"), "{words}");
    assert_eq!(server.state.lock().await.patches.len(), 0);
}
