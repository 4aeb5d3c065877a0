//! One stream in pieces of every kind: what is read does not depend on where it was cut.

use std::future::poll_fn;
use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{Socket, Take};

const MOST: usize = 200_000;

/// What was taken, in words; a text that came another way than plain is marked.
#[derive(Default)]
struct Heard(Vec<String>);

impl Take for Heard {
    fn text(&mut self, text: &str) {
        self.0.push(format!("{} {}", text.len(), text.chars().next().unwrap_or('-')));
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Text(text) => self.text(&text),
            Message::Close(frame) => self.0.push(format!("{:?}", frame.map(|frame| u16::from(frame.code)))),
            other => self.0.push(format!("{other:?}")),
        }
    }

    fn has_room(&self) -> bool {
        self.0.last().is_none_or(|last| !last.starts_with("Some("))
    }
}

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        length @ 0..126 => out.push(length as u8),
        length @ 126..65_536 => {
            out.push(126);
            out.extend((length as u16).to_be_bytes());
        }
        length => {
            out.push(127);
            out.extend((length as u64).to_be_bytes());
        }
    }
    out.extend(payload);
    out
}

/// Sends `stream` behind the handshake's answer, cut into `pieces`; gives what was heard, how it ended, and what came
/// back.
async fn hear(stream: &[u8], piece: usize, room: usize) -> (Vec<String>, Option<Error>, Vec<u8>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = async {
        let (mut peer, _) = listener.accept().await.unwrap();
        peer.set_nodelay(true).unwrap();
        let mut asked = vec![0; 4_096];
        let mut length = 0;
        while !asked[..length].ends_with(b"\r\n\r\n") {
            length += peer.read(&mut asked[length..]).await.unwrap();
        }
        let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
        let key = asked.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
        let accept = derive_accept_key(key.as_bytes());
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        for piece in [head.as_bytes(), stream].concat().chunks(piece) {
            peer.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
        // The client may be gone already.
        let mut back = Vec::new();
        let _ended = (peer.shutdown().await, peer.read_to_end(&mut back).await);
        back
    };
    let client = async {
        let request = format!("ws://{address}/").into_client_request().unwrap();
        let stream = MaybeTlsStream::Plain(TcpStream::connect(address).await.unwrap());
        let (mut socket, _) = Socket::open(request, stream, MOST, room).await.unwrap();
        let mut heard = Heard::default();
        let end = loop {
            match poll_fn(|cx| socket.poll(cx, &mut heard)).await {
                Some(end) => break end.err(),
                None if !heard.has_room() => break None,
                None => {}
            }
        };
        (heard.0, end)
    };
    let (back, (heard, end)) = tokio::join!(server, client);
    (heard, end, back)
}

#[tokio::test]
async fn a_stream_is_read_the_same_wherever_it_is_cut() {
    let stream = [
        frame(0x81, b"short"),
        frame(0x81, b""),
        frame(0x81, "é".repeat(200).as_bytes()),
        frame(0x89, b"ping"),
        frame(0x01, b"in "),
        frame(0x8a, b""),
        frame(0x00, b"three "),
        frame(0x80, b"parts"),
        frame(0x81, "x".repeat(3_000).as_bytes()),
        frame(0x82, b"\xff"),
        frame(0x81, "y".repeat(70_000).as_bytes()),
        frame(0x81, b"last"),
        frame(0x88, &[0x03, 0xe8]),
    ]
    .concat();
    let expected = [
        "5 s",
        "0 -",
        "400 é",
        "Ping(b\"ping\")",
        "Pong(b\"\")",
        "14 i",
        "3000 x",
        "Binary(b\"\\xff\")",
        "70000 y",
        "4 l",
        "Some(1000)",
    ];
    for (piece, room) in
        [(usize::MAX, 64 * 1_024), (usize::MAX, 1_024), (1_000, 1_024), (16, 1_024), (7, 1_024)]
    {
        let (heard, end, back) = hear(&stream, piece, room).await;
        assert_eq!(heard, expected, "pieces of {piece}, {room} bytes kept");
        assert!(end.is_none(), "{end:?}");
        assert_eq!(back.first(), Some(&0x8a), "the ping was answered");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_by_the_protocol() {
    let end = async |bytes: &[u8]| {
        let (heard, end, _) = hear(&[frame(0x81, b"before"), bytes.to_vec()].concat(), usize::MAX, 512).await;
        assert_eq!(heard, ["6 b"]);
        end
    };
    assert!(matches!(end(&frame(0x81, b"\xc3")).await, Some(Error::Utf8(_))));
    assert!(matches!(end(&frame(0xc1, b"compressed")).await, Some(Error::Protocol(_))));
    assert!(matches!(end(&frame(0x80, b"part of nothing")).await, Some(Error::Protocol(_))));
    assert!(matches!(end(&[frame(0x01, b"a"), frame(0x81, b"b")].concat()).await, Some(Error::Protocol(_))));
    assert!(matches!(end(&[0x81, 0x83, 1, 2, 3, 4, 0, 0, 0]).await, Some(Error::Protocol(_))), "masked");
    assert!(matches!(end(&[0x81, 127, 0xff, 0, 0, 0, 0, 0, 0, 0]).await, Some(Error::Capacity(_))));
    assert!(matches!(end(b"\x81").await, Some(Error::Protocol(_))), "cut in a header");
    assert!(matches!(end(b"\x81\x05abc").await, Some(Error::Protocol(_))), "cut in a text");
}
