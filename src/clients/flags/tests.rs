//! Flag servers on real sockets that answer late, echo what they were sent, or say nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;
use crate::clock;
use crate::domain::Wall;
use crate::domain::room::UnleashSpec;

const TOKEN: &str = "*:*.0123456789abcdef";

const FEATURE: &str =
    r#"{"name":"f","environments":[{"name":"production","enabled":false,"strategies":[]}]}"#;

/// Answers each request by its first line and its token; `None`: never.
async fn server(
    tasks: &mut JoinSet<()>,
    answer: impl Fn(&str, &str) -> Option<(u16, String)> + Send + Clone + 'static,
) -> FlagServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    tasks.spawn(async move {
        let mut open = JoinSet::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            let answer = answer.clone();
            open.spawn(async move {
                let mut asked = Vec::new();
                while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                    if !matches!(socket.read_buf(&mut asked).await, Ok(1..)) {
                        return;
                    }
                }
                let asked = String::from_utf8_lossy(&asked).into_owned();
                let token = asked.lines().find_map(|line| line.strip_prefix("authorization: "));
                let line = asked.lines().next().unwrap_or_default();
                match answer(line, token.unwrap_or_default()) {
                    None => std::future::pending().await,
                    Some((status, body)) => {
                        let head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n");
                        let page = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
                        let _gone = socket.write_all(page.as_bytes()).await;
                    }
                }
            });
        }
    });
    let token = ConfigValue::Plain(TOKEN.to_owned());
    FlagServer {
        url,
        headers: [("authorization".to_owned(), token)].into(),
        timeout: Duration::from_secs(20),
        ..FlagServer::default()
    }
}

fn unleash(server: FlagServer) -> Unleash {
    Unleash::new(&UnleashSpec {
        server,
        project: "default".into(),
        feature: "f".into(),
        environment: "production".into(),
    })
}

fn permit() -> Permit {
    Permit::new(Wall::MAX_UTC, Arc::default())
}

async fn turned_on(unleash: &Unleash, permit: &Permit) -> Result<(), Fault> {
    let read = unleash.read().await.expect("read");
    let after = read.target(crate::domain::flag::Wanted::On, None).expect("a target");
    unleash.write(&LiveChange { after, version: read.version, ..LiveChange::default() }, permit).await
}

#[tokio::test]
async fn what_was_sent_is_not_shown_again() {
    let mut tasks = JoinSet::new();
    let echo = |_: &str, token: &str| Some((400, format!("{{\"message\":\"bad token {token}\"}}")));
    let at = server(&mut tasks, echo).await;
    let why = unleash(at).read().await.expect_err("refused").why().to_string();
    assert_eq!(why, "HTTP 400: bad token ***");
    let page = |_: &str, token: &str| Some((502, format!("{}{token}", "x".repeat(190))));
    let at = server(&mut tasks, page).await;
    let why = unleash(at).read().await.expect_err("refused").why().to_string();
    assert!(why.ends_with("***") && !why.contains("*:*"), "{why}");
}

#[tokio::test]
async fn a_time_out_that_the_server_tells_may_have_been_taken() {
    let mut tasks = JoinSet::new();
    let slow = |line: &str, _: &str| {
        let taken = (200, FEATURE.to_owned());
        Some(if line.starts_with("POST") { (408, String::new()) } else { taken })
    };
    let at = server(&mut tasks, slow).await;
    assert!(matches!(turned_on(&unleash(at), &permit()).await, Err(Fault::Open(_))));
}

#[tokio::test]
async fn nothing_leaves_after_its_time() {
    let mut tasks = JoinSet::new();
    let posted = Arc::new(AtomicBool::new(false));
    let halted = Arc::new(AtomicBool::new(false));
    let (seen, halts) = (posted.clone(), halted.clone());
    // It is halted while the definition is read again, between the look and the step.
    let reads = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let answer = move |line: &str, _: &str| {
        if line.starts_with("POST") {
            seen.store(true, Ordering::SeqCst);
        } else if line.contains("/projects/") && reads.fetch_add(1, Ordering::SeqCst) == 1 {
            halts.store(true, Ordering::SeqCst);
        }
        Some((200, FEATURE.to_owned()))
    };
    let at = server(&mut tasks, answer).await;
    let outcome = turned_on(&unleash(at), &Permit::new(Wall::MAX_UTC, halted)).await;
    assert!(matches!(outcome, Err(Fault::Refused(_))), "{outcome:?}");
    assert!(!posted.load(Ordering::SeqCst));
}

#[tokio::test]
async fn who_changed_it_does_not_hold_up_what_it_is() {
    let mut tasks = JoinSet::new();
    let silent = |line: &str, _: &str| (!line.contains("/events/")).then(|| (200, FEATURE.to_owned()));
    let at = server(&mut tasks, silent).await;
    let began = clock::mono();
    let read = unleash(at).read().await.expect("read");
    assert_eq!((read.setting.words(), read.changed_by.as_str()), ("off".to_owned(), ""));
    let took = clock::mono().since(began);
    assert!(took < Duration::from_secs(10), "{took:?}");
}
