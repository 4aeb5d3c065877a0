//! From a configured address to an open WebSocket: where to go, what to send along, and what a refusal said.

use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::header::{DATE, LOCATION, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{Error, Message};
use url::Url;

use super::socket::Socket;
use crate::clients::{failure, secret, tls};
use crate::clock;
use crate::domain::room::{EventsSpec, TokenPlace};
use crate::domain::{Clean, Origin};
use crate::sources::addressing::Board;

/// The largest message taken from the wire at all: larger than what is read (a mebibyte), so that a large frame is
/// counted instead of ending the connection, and small enough to stay inside the program's memory.
const MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// Bytes kept for what comes over one connection: of a few, and of each of many.
const MANY: usize = 64 * 1024;
const FEW: usize = 16 * 1024;

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Refused {
    /// An HTTP answer other than 101.
    Status(u16, Clean),
    /// No usable answer.
    Failed(Clean),
}

/// When the handshake was asked and answered (Unix microseconds), and the answer's `Date` (Unix seconds).
pub(super) type Dated = Option<(i64, i64, i64)>;

/// Where to go now, and whom that reaches.
pub(super) fn address(spec: &EventsSpec, board: &Board) -> Result<(Url, Origin), Clean> {
    let url =
        Url::parse(&spec.url).map_err(|error| Clean::new(&format!("{error}; check the stream's url")))?;
    board.resolve(&spec.addressed, &url).ok_or_else(|| {
        Clean::new("the Cloud Run tag of this stream is not known; is it set, and the service readable?")
    })
}

/// Connects, shakes hands and subscribes.
pub(super) async fn dial(spec: &EventsSpec, mut url: Url) -> Result<(Socket, Dated), Refused> {
    tls::ensure();
    let request = request(spec, &mut url).await.map_err(Refused::Failed)?;
    let failed = |text: String| Refused::Failed(Clean::new(&text));
    let host = url.host_str().ok_or_else(|| failed("the url has no host".to_owned()))?;
    let port = url.port_or_known_default().unwrap_or(80);
    let host = host.trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, port)).await;
    let stream = stream.map_err(|error| Refused::Failed(words(&Error::Io(error))))?;
    let _only_faster = stream.set_nodelay(true);
    let room = if spec.connections > 4 { FEW } else { MANY };
    let asked = clock::wall().timestamp_micros();
    let stream = match url.scheme() {
        "ws" => MaybeTlsStream::Plain(stream),
        "wss" => MaybeTlsStream::Rustls(tls::over(stream, host).await.map_err(|e| refused(&Error::Io(e)))?),
        other => return Err(failed(format!("{other}: is no WebSocket; write ws: or wss:"))),
    };
    let shaken = Socket::open(request, stream, MAX_MESSAGE, room).await;
    let (mut socket, response) = shaken.map_err(|error| refused(&error))?;
    let read = clock::wall().timestamp_micros();
    for text in &spec.send {
        let sent = socket.send(Message::text(text.as_str())).await;
        sent.map_err(|error| failed(format!("subscribing: {}", words(&error))))?;
    }
    Ok((socket, date(response.headers()).map(|date| (asked, read, date))))
}

async fn request(spec: &EventsSpec, url: &mut Url) -> Result<Request, Clean> {
    let token = match &spec.token {
        Some(token) => Some(secret::read(token).await.map_err(|error| Clean::new(&error.to_string()))?),
        None => None,
    };
    let token = token.as_ref().map(ExposeSecret::expose_secret);
    if let (Some(token), TokenPlace::Query(name)) = (token, &spec.token_place) {
        url.query_pairs_mut().append_pair(name, token);
    }
    let mut request =
        url.as_str().into_client_request().map_err(|error| Clean::new(&format!("the url: {error}")))?;
    let headers = request.headers_mut();
    for (name, value) in &spec.headers {
        let value = secret::value(value).await.map_err(|error| Clean::new(&error.to_string()))?;
        let parsed = HeaderName::try_from(name.as_str());
        let parsed = parsed.map_err(|error| Clean::new(&format!("header {name}: {error}")))?;
        headers.insert(parsed, hidden(value.expose_secret(), name)?);
    }
    let mut protocols = spec.subprotocols.clone();
    match (token, &spec.token_place) {
        (Some(token), TokenPlace::Header) => {
            headers.insert("authorization", hidden(&format!("Bearer {token}"), "authorization")?);
        }
        (Some(token), TokenPlace::Subprotocol(prefix)) => protocols.push(format!("{prefix}{token}")),
        (Some(_), TokenPlace::Query(_)) | (None, _) => {}
    }
    if !protocols.is_empty() {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, hidden(&protocols.join(", "), "subprotocols")?);
    }
    Ok(request)
}

/// A header value that is not logged; an error does not repeat it.
fn hidden(value: &str, name: &str) -> Result<HeaderValue, Clean> {
    let mut header = HeaderValue::from_str(value).map_err(|_holds_the_value| {
        Clean::new(&format!("the value of header {name} has bytes that no header may have"))
    })?;
    header.set_sensitive(true);
    Ok(header)
}

fn refused(error: &Error) -> Refused {
    let Error::Http(response) = error else { return Refused::Failed(words(error)) };
    let status = response.status();
    let said = if status.is_redirection() {
        let to =
            response.headers().get(LOCATION).map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
        let to = to.unwrap_or_else(|| "nowhere".to_owned());
        format!("handshake answered {status}: redirected to {to}, not followed; correct the url")
    } else {
        format!("handshake refused: {status}")
    };
    Refused::Status(status.as_u16(), Clean::new(&said))
}

/// An error in words.
pub(super) fn words(error: &Error) -> Clean {
    failure::known(error).unwrap_or_else(|| Clean::new(&tls::causes(error)))
}

/// The `Date` of an answer in Unix seconds.
fn date(headers: &HeaderMap) -> Option<i64> {
    let text = headers.get(DATE)?.to_str().ok()?;
    chrono::DateTime::parse_from_rfc2822(text).ok().map(|date| date.timestamp())
}
