//! The event source over real sockets, against peers that behave in every bad way.

use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use warroom::domain::event::{Closed, EventsDelta, Invalid};
use warroom::domain::room::{Addressed, EventFields, EventsSpec, SecretRef, TokenPlace, Value};
use warroom::domain::{LinkReport, ServiceIx};
use warroom::lanes::{Receivers, lanes};
use warroom::model::msg::Msg;
use warroom::sources::addressing::Board;
use warroom::sources::events;

use crate::pty::PATIENCE;

fn spec(url: String) -> EventsSpec {
    EventsSpec {
        url,
        token: None,
        token_place: TokenPlace::Header,
        headers: std::collections::BTreeMap::new(),
        subprotocols: Vec::new(),
        send: Vec::new(),
        addressed: Addressed::Service,
        connections: 1,
        fields: EventFields::default(),
        types: ["start", "end"].map(str::to_owned).to_vec(),
        first: Some("start".to_owned()),
        last: Some("end".to_owned()),
        pairs: Vec::new(),
        run_timeout: Duration::from_secs(30),
        delivery_limit: Duration::from_millis(100),
        ping: Duration::from_secs(5),
        active: None,
        schemas: None,
    }
}

/// A source that runs, and all that it said so far.
struct Watch {
    _tasks: JoinSet<()>,
    _board: watch::Sender<Board>,
    receivers: Receivers,
    deltas: Vec<EventsDelta>,
    links: Vec<LinkReport>,
    text: String,
}

impl Watch {
    fn new(spec: EventsSpec) -> Self {
        let (lanes, receivers) = lanes();
        let (board, reader) = watch::channel(Board::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(events::run(ServiceIx(0), spec, reader, lanes));
        Self {
            _tasks: tasks,
            _board: board,
            receivers,
            deltas: Vec::new(),
            links: Vec::new(),
            text: String::new(),
        }
    }

    /// Reads messages until `done`.
    async fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let all = async {
            while !done(self) {
                let msg = self.receivers.data.recv().await.expect("a source never ends");
                self.text.push_str(&serde_json::to_string(&msg).expect("messages are data"));
                if let Msg::Streamed(delta) = msg {
                    self.deltas.push(*delta);
                } else if let Msg::Linked { report, .. } = msg {
                    self.links.push(report);
                }
            }
        };
        let late = timeout(PATIENCE, all).await.is_err();
        assert!(!late, "never saw: {what}\n{:?}\n{:?}", self.links, self.deltas);
    }

    fn sum(&self, count: impl Fn(&EventsDelta) -> u64) -> u64 {
        self.deltas.iter().map(count).sum()
    }

    fn closes(&self) -> impl Iterator<Item = &Closed> {
        self.deltas.iter().flat_map(|delta| &delta.sockets.closes)
    }

    fn invalid(&self, kind: Invalid) -> u64 {
        self.sum(|delta| delta.invalid.get(&kind).copied().unwrap_or(0))
    }

    fn went_down(&self, word: &str) -> bool {
        let says =
            |report: &LinkReport| matches!(report, LinkReport::Down { error, .. } if error.contains(word));
        self.links.iter().any(says)
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback");
    let url = format!("ws://{}/ws/events", listener.local_addr().expect("bound"));
    (listener, url)
}

async fn accept(listener: &TcpListener) -> WebSocketStream<TcpStream> {
    let (stream, _) = listener.accept().await.expect("a client");
    tokio_tungstenite::accept_async(stream).await.expect("a handshake")
}

async fn text(socket: &mut WebSocketStream<TcpStream>, text: &str) {
    socket.send(Message::text(text)).await.expect("sent");
}

/// Answers one handshake with plain HTTP.
async fn answer(listener: &TcpListener, response: &str) {
    let (mut stream, _) = listener.accept().await.expect("a client");
    let mut head = [0; 4096];
    let _n = stream.read(&mut head).await.expect("a request");
    stream.write_all(response.as_bytes()).await.expect("an answer");
}

#[tokio::test]
async fn every_close_code_is_counted_with_its_reason_and_the_source_comes_back() {
    let (listener, url) = listen().await;
    let mut watch = Watch::new(EventsSpec { connections: 3, ..spec(url) });
    // Three connections, so that the growing pauses of one do not set the pace of the test.
    let codes = [1000, 1001, 1011, 1012, 1013, 4401];
    let server = async {
        for code in codes {
            let mut socket = accept(&listener).await;
            text(&mut socket, &format!(r#"{{"type":"start","run_id":"{code}"}}"#)).await;
            let frame =
                CloseFrame { code: CloseCode::from(code), reason: format!("why {code}\u{202e}").into() };
            socket.close(Some(frame)).await.expect("closing");
            while socket.next().await.is_some_and(|frame| frame.is_ok()) {}
            drop(socket);
            if code == 1000 {
                // The connection is cut without a frame: 1006.
                drop(accept(&listener).await);
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = server => {}
        () = watch.until("seven ends", |watch| watch.closes().count() >= 7) => {}
    }
    let mut seen: Vec<(u16, String)> = watch.closes().map(|c| (c.code, c.reason.to_string())).collect();
    seen.sort();
    assert_eq!(seen[2].0, 1006);
    seen.remove(2);
    assert_eq!(seen, codes.map(|code| (code, format!("why {code}·"))));
    assert_eq!(watch.sum(EventsDelta::valid), 6);
    assert_eq!(watch.sum(|delta| delta.sockets.opened), 7);
    assert!(watch.went_down("closed with 4401 why 4401"));
}

#[tokio::test]
async fn refusals_before_accept_and_redirects_are_said_and_not_followed() {
    let (listener, url) = listen().await;
    let mut watch = Watch::new(spec(url));
    let server = async {
        answer(&listener, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        let moved = "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:9/\x07else\r\nContent-Length: 0\r\n\r\n";
        answer(&listener, &moved.replace('\x07', "")).await;
        answer(&listener, "<html>not http</html>\r\n\r\n").await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = server => {}
        () = watch.until("three refusals", |watch| {
            watch.sum(|delta| delta.sockets.refused.values().sum::<u64>() + delta.sockets.failed) >= 3
        }) => {}
    }
    // Both may come in one hand-over, which keeps no order.
    let refused = watch.deltas.iter().flat_map(|delta| &delta.sockets.refused);
    let mut refused: Vec<(u16, u64)> = refused.map(|(status, count)| (*status, *count)).collect();
    refused.sort_unstable();
    assert_eq!(refused, [(302, 1), (403, 1)]);
    assert!(watch.went_down("403 Forbidden"));
    assert!(watch.went_down("redirected to ws://127.0.0.1:9/else, not followed"));
    assert_eq!(watch.sum(|delta| delta.sockets.opened), 0);
    assert_eq!(watch.closes().count(), 0, "never open, so never closed");
}

#[tokio::test]
async fn a_half_open_connection_is_noticed_in_two_intervals() {
    let (listener, url) = listen().await;
    let mut watch = Watch::new(EventsSpec { ping: Duration::from_millis(100), ..spec(url) });
    let server = async {
        // Never read again: no pong comes.
        let _stalled = accept(&listener).await;
        let mut good = accept(&listener).await;
        while good.next().await.is_some() {}
    };
    tokio::select! {
        () = server => {}
        () = watch.until("half-open, then alive again", |watch| {
            watch.went_down("half-open") && watch.links.last() == Some(&LinkReport::Alive)
        }) => {}
    }
    assert_eq!(watch.closes().map(|c| c.code).collect::<Vec<_>>(), [1006]);
}

#[tokio::test]
async fn a_handshake_that_is_never_answered_is_given_up_and_tried_again() {
    let (listener, url) = listen().await;
    let mut watch = Watch::new(spec(url));
    let server = async {
        // Taken, and never answered.
        let _hanging = listener.accept().await.expect("a client");
        let mut good = accept(&listener).await;
        while good.next().await.is_some() {}
    };
    tokio::select! {
        () = server => {}
        () = watch.until("no answer, then alive", |watch| {
            watch.went_down("no answer in 10 s") && watch.links.last() == Some(&LinkReport::Alive)
        }) => {}
    }
    assert_eq!(watch.closes().count(), 0, "never open, so never closed");
    assert_eq!(watch.sum(|delta| delta.sockets.failed), 1);
}

#[tokio::test]
async fn a_large_frame_and_broken_ones_are_counted_and_not_fatal() {
    let (listener, url) = listen().await;
    let mut watch = Watch::new(spec(url));
    let server = async {
        let mut socket = accept(&listener).await;
        text(&mut socket, &"x".repeat(10 * 1024 * 1024)).await;
        for broken in ["<html>", r#"{"type":"cut"#, "[1]", "{}", ""] {
            text(&mut socket, broken).await;
        }
        socket.send(Message::Binary(Bytes::from_static(b"\x00\xff"))).await.expect("sent");
        text(&mut socket, r#"{"type":"end","run_id":"r"}"#).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = server => {}
        () = watch.until("the event behind", |watch| watch.sum(EventsDelta::valid) == 1) => {}
    }
    let kinds = [Invalid::TooLarge, Invalid::NotJson, Invalid::NotObject, Invalid::NoType, Invalid::Binary];
    assert_eq!(kinds.map(|kind| watch.invalid(kind)), [1, 3, 1, 1, 1]);
    assert_eq!(watch.closes().count(), 0);
}

#[tokio::test]
async fn text_that_is_not_utf8_is_counted_and_the_source_comes_back() {
    let (listener, url) = listen().await;
    let mut watch = Watch::new(spec(url));
    let server = async {
        let mut socket = accept(&listener).await;
        socket.get_mut().write_all(&[0x81, 2, 0xff, 0xfe]).await.expect("sent");
        let mut again = accept(&listener).await;
        text(&mut again, r#"{"type":"start"}"#).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = server => {}
        () = watch.until("an event after it", |watch| watch.sum(EventsDelta::valid) == 1) => {}
    }
    assert_eq!(watch.invalid(Invalid::NotUtf8), 1);
    assert_eq!(watch.closes().map(|c| c.code).collect::<Vec<_>>(), [1007]);
}

#[tokio::test]
async fn hostile_text_in_every_field_leaves_nothing_unscrubbed() {
    let (listener, url) = listen().await;
    let mut hostile_spec = spec(url);
    hostile_spec.fields.count_by.insert("agent".to_owned(), "/agent".to_owned());
    let mut watch = Watch::new(hostile_spec);
    let evil = r"\u001b[31m\u001b]52;c;Zm9v\u0007\u0000\u202egnp\u009b2J";
    let literal = "\u{9b}2J\u{202e}\u{7f}";
    let server = async {
        let mut socket = accept(&listener).await;
        let fields = ["type", "run_id", "call_id", "tool_name", "revision", "agent", "seq", "timestamp"];
        let text_of = |value: &str| {
            let members: Vec<String> = fields.iter().map(|name| format!(r#""{name}":"{value}""#)).collect();
            format!("{{{}}}", members.join(","))
        };
        text(&mut socket, &text_of(evil)).await;
        text(&mut socket, &text_of(literal)).await;
        let frame = CloseFrame { code: CloseCode::Error, reason: "\u{1b}]0;x\u{7}\u{202e}".into() };
        socket.close(Some(frame)).await.expect("closing");
        while socket.next().await.is_some_and(|frame| frame.is_ok()) {}
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = server => {}
        () = watch.until("two events and the end", |watch| {
            watch.sum(EventsDelta::valid) == 2 && watch.closes().count() == 1
        }) => {}
    }
    let strings = watch.text.replace("\\\\u", "");
    for bad in ["\\u001b", "\\u0007", "\\u0000", "\u{9b}", "\u{202e}", "\u{7f}", "\u{1b}"] {
        assert!(!strings.contains(bad), "{bad:?} in {strings}");
    }
}

#[tokio::test]
async fn a_flood_is_counted_exactly_while_nobody_listens() {
    let (listener, url) = listen().await;
    let mut watch = Watch::new(spec(url));
    let n = 40_000;
    let (sent, all_sent) = tokio::sync::oneshot::channel();
    let mut server = JoinSet::new();
    server.spawn(async move {
        let mut socket = accept(&listener).await;
        for run in 0..n {
            for kind in ["start", "end"] {
                let event = format!(r#"{{"type":"{kind}","run_id":"{run}","seq":{run}}}"#);
                socket.feed(Message::text(event)).await.expect("fed");
            }
        }
        socket.flush().await.expect("flushed");
        sent.send(()).expect("a listener");
        std::future::pending::<()>().await;
    });
    // The model does not take a single message until everything was sent.
    timeout(PATIENCE, all_sent).await.expect("the source reads on").expect("sent");
    watch.until("all events", |watch| watch.sum(EventsDelta::valid) == 2 * n).await;
    assert_eq!(watch.sum(|delta| delta.runs.whole), n);
    assert_eq!((watch.sum(|d| d.duplicates), watch.sum(|d| d.gaps)), (n, 0), "each number came twice");
    assert!(watch.deltas.iter().all(|delta| delta.lines.len() <= 64 && delta.stories.len() <= 128));
}

#[tokio::test]
async fn token_headers_subprotocols_and_subscription_arrive_where_configured() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "s3cret\n").expect("written");
    let places = [
        TokenPlace::Header,
        TokenPlace::Query("access_token".to_owned()),
        TokenPlace::Subprotocol("bearer.".to_owned()),
    ];
    for place in places {
        let (listener, url) = listen().await;
        let mut watch = Watch::new(EventsSpec {
            token: Some(SecretRef::File(file.clone())),
            token_place: place.clone(),
            headers: [("x-room".to_owned(), Value::Plain("war".to_owned()))].into(),
            subprotocols: vec!["events.v1".to_owned()],
            send: vec!["subscribe".to_owned()],
            ..spec(url)
        });
        let server = async {
            let (stream, _) = listener.accept().await.expect("a client");
            let mut seen = String::new();
            #[expect(clippy::result_large_err, reason = "the library's own signature")]
            let look = |request: &Request, mut response: Response| {
                seen = format!("{} {:?}", request.uri(), request.headers());
                response.headers_mut().insert("sec-websocket-protocol", "events.v1".parse().expect("plain"));
                Ok(response)
            };
            let mut socket = tokio_tungstenite::accept_hdr_async(stream, look).await.expect("a handshake");
            let first = socket.next().await.expect("a frame").expect("valid");
            assert_eq!(first, Message::text("subscribe"));
            seen
        };
        let (seen, ()) = tokio::join!(server, watch.until("alive", |w| w.links.contains(&LinkReport::Alive)));
        let expected = match place {
            TokenPlace::Header => "Bearer s3cret",
            TokenPlace::Query(_) => "?access_token=s3cret",
            TokenPlace::Subprotocol(_) => "events.v1, bearer.s3cret",
        };
        assert!(seen.contains(expected) && seen.contains("\"x-room\": \"war\""), "{seen}");
        assert!(!watch.text.contains("s3cret"));
    }
}

#[tokio::test]
async fn a_target_that_is_down_or_speaks_no_tls_is_said_and_tried_again() {
    let (listener, url) = listen().await;
    drop(listener);
    let mut down = Watch::new(spec(url));
    down.until("two attempts", |watch| {
        watch.links.iter().any(|report| matches!(report, LinkReport::Down { attempt: 2, .. }))
    })
    .await;
    // In the words of the probes, not of the library.
    assert!(down.went_down("connection refused"), "{:?}", down.links);
    let (listener, url) = listen().await;
    let mut plain = Watch::new(spec(url.replace("ws://", "wss://")));
    let server = async {
        answer(&listener, "HTTP/1.1 400 Bad Request\r\n\r\n").await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = server => {}
        () = plain.until("its words and count", |watch| {
            watch.went_down("TLS refused: ") && watch.sum(|delta| delta.sockets.failed) >= 1
        }) => {}
    }
    assert_eq!(plain.sum(|delta| delta.sockets.opened), 0);
}
