//! A WebSocket whose plain frames are read where they lie.
//!
//! Nearly all that a stream sends are short text frames in one piece, and to take such a frame out of the bytes that
//! came is a handful of instructions. Everything else (control frames, fragments, long frames, what is wrong) goes
//! through `tungstenite` as it came, byte by byte: it knows the protocol, answers pings and names the errors.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_with_config};

/// A final text frame without extensions.
const TEXT: u8 = 0x81;
/// The longest message that the protocol builds from parts is read in pieces of this size.
const PIECE: usize = 8 * 1024;

/// An open WebSocket.
#[derive(Debug)]
pub(super) struct Socket {
    protocol: WebSocketStream<Inbox>,
}

/// Takes what comes.
pub(super) trait Take {
    /// A text in one frame.
    fn text(&mut self, text: &str);
    /// Any other message.
    fn message(&mut self, message: Message);
    /// Whether more can be taken now.
    fn has_room(&self) -> bool;
}

/// What came and was not taken yet. The protocol sees as much of it as is let through.
#[derive(Debug)]
struct Inbox {
    stream: MaybeTlsStream<TcpStream>,
    bytes: Box<[u8]>,
    from: usize,
    to: usize,
    /// The protocol may read up to here.
    through: usize,
    /// Bytes of its frame that have not come yet.
    owed: u64,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The answer to the handshake is read by the protocol, but nothing behind it.
    Shaking,
    /// Between messages.
    Between,
    /// Within a message of several frames.
    Within,
}

impl Socket {
    /// Shakes hands over a stream; keeps `room` bytes for what comes.
    pub(super) async fn open(
        request: Request,
        stream: MaybeTlsStream<TcpStream>,
        most: usize,
        room: usize,
    ) -> Result<(Self, Response), Error> {
        let limits = WebSocketConfig::default()
            .max_message_size(Some(most))
            .max_frame_size(Some(most))
            .read_buffer_size(PIECE);
        let inbox = Inbox {
            stream,
            bytes: vec![0; room].into_boxed_slice(),
            from: 0,
            to: 0,
            through: 0,
            owed: 0,
            stage: Stage::Shaking,
        };
        let (mut protocol, response) = client_async_with_config(request, inbox, Some(limits)).await?;
        let inbox = protocol.get_mut();
        (inbox.stage, inbox.through) = (Stage::Between, inbox.from);
        Ok((Self { protocol }, response))
    }

    /// Takes what is there, or waits for it. `Some`: nothing more will come; without an error, the peer was asked to end.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut impl Take,
    ) -> Poll<Option<Result<(), Error>>> {
        let mut some = false;
        loop {
            let inbox = self.protocol.get_mut();
            while into.has_room()
                && let Some(text) = inbox.plain()
            {
                into.text(text);
                some = true;
            }
            if !into.has_room() {
                return Poll::Ready(None);
            }
            if inbox.let_through() {
                some = true;
                // Until nothing is left: answers to pings leave with the last look.
                while let Poll::Ready(next) = self.protocol.poll_next_unpin(cx) {
                    match next {
                        Some(Ok(message)) => into.message(message),
                        Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                        None => return Poll::Ready(Some(Ok(()))),
                    }
                }
                continue;
            }
            match inbox.fill(cx) {
                Poll::Ready(Ok(0)) => {
                    let error = Error::Protocol(ProtocolError::ResetWithoutClosingHandshake);
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(Error::Io(error)))),
                Poll::Pending if some => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Sends a message.
    pub(super) async fn send(&mut self, message: Message) -> Result<(), Error> {
        self.protocol.send(message).await
    }

    /// Sends a message without waiting: what does not fit into the socket's buffer now goes with the next one.
    pub(super) fn send_now(&mut self, message: Message) {
        let _later = self.protocol.send(message).now_or_never();
    }
}

impl Inbox {
    /// The next frame, if it is a plain one and here as a whole.
    #[inline]
    fn plain(&mut self) -> Option<&str> {
        if self.owed > 0 || self.stage != Stage::Between {
            return None;
        }
        let rest = self.bytes.get(self.from..self.to)?;
        let (begin, length) = match *rest {
            [TEXT, length @ ..126, ..] => (2, usize::from(length)),
            [TEXT, 126, high, low, ..] => (4, usize::from(u16::from_be_bytes([high, low]))),
            _ => return None,
        };
        let text = std::str::from_utf8(rest.get(begin..begin + length)?).ok()?;
        self.from += begin + length;
        self.through = self.from;
        Some(text)
    }

    /// Lets the protocol read what is here of the next frame; whether there is anything. A short text waits until it is
    /// here as a whole: it may be plain.
    fn let_through(&mut self) -> bool {
        if self.owed == 0 {
            let rest = self.bytes.get(self.from..self.to).unwrap_or_default();
            let Some((length, stage)) = frame(rest) else { return false };
            let text = rest.first() == Some(&TEXT) && self.stage == Stage::Between;
            if text && length > rest.len() as u64 && length <= self.bytes.len() as u64 {
                return false;
            }
            self.owed = length;
            self.stage = stage.unwrap_or(self.stage);
        }
        let here = self.owed.min((self.to - self.from) as u64);
        self.owed -= here;
        self.through = self.from + here as usize;
        here > 0
    }

    /// Reads behind what is here. There is room: of the protocol's frames nothing stays, and a plain one fits.
    fn fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.stage != Stage::Shaking && (self.from == self.to || self.to == self.bytes.len()) {
            self.bytes.copy_within(self.from..self.to, 0);
            (self.from, self.to, self.through) = (0, self.to - self.from, 0);
        }
        let mut buffer = ReadBuf::new(self.bytes.get_mut(self.to..).unwrap_or_default());
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        let count = buffer.filled().len();
        self.to += count;
        Poll::Ready(Ok(count))
    }
}

/// Of the frame that begins here: its length with its header, and the stage behind it where it changes that. `None`:
/// the header is not here as a whole.
fn frame(bytes: &[u8]) -> Option<(u64, Option<Stage>)> {
    let [first, second, rest @ ..] = bytes else { return None };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (length, begin) = match second & 0x7f {
        126 => (u16::from_be_bytes(*rest.first_chunk()?).into(), 4),
        127 => (u64::from_be_bytes(*rest.first_chunk()?), 10),
        short => (short.into(), 2),
    };
    let stage = match (first & 0x0f, first & 0x80) {
        (0..=2, 0) => Some(Stage::Within),
        (0..=2, _) => Some(Stage::Between),
        _ => None,
    };
    Some((length.saturating_add(begin + mask), stage))
}

impl AsyncRead for Inbox {
    /// What the protocol may read. While it shakes hands that is all up to the empty line that ends the answer; later
    /// nothing wakes it, because [`Socket::poll`] lets it read when something is there.
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let inbox = self.get_mut();
        if inbox.stage == Stage::Shaking && inbox.through == inbox.from {
            if inbox.to == inbox.bytes.len() {
                return Poll::Ready(Err(io::Error::other("the answer to the handshake is too long")));
            }
            // All of the answer stays in place, so that its end is found also where it comes in pieces.
            let before = inbox.to;
            if ready!(inbox.fill(cx))? == 0 {
                return Poll::Ready(Ok(()));
            }
            let answer = inbox.bytes.get(..inbox.to).unwrap_or_default();
            let end = memchr::memmem::find(answer, b"\r\n\r\n").map(|at| at + 4);
            inbox.through = end.unwrap_or(inbox.to).max(before);
        }
        let here = inbox.bytes.get(inbox.from..inbox.through).unwrap_or_default();
        if here.is_empty() {
            return Poll::Pending;
        }
        let count = here.len().min(buffer.remaining());
        buffer.put_slice(here.get(..count).unwrap_or_default());
        inbox.from += count;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Inbox {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
