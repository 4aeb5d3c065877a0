//! The routes of the service, and the WebSocket handshake on `/ws/events`.
//!
//! A bearer token is taken from `Authorization: Bearer T`, from `?token=T`, or from a subprotocol `bearer.T`. Without
//! the right one the handshake is refused with HTTP 403, as servers do that close before they accept; in `auth-storm`
//! the socket is accepted and closed with 4401, as those do that look at the token afterwards.
//!
//! On `/ws/chat` every text that comes begins a run, and only its events are sent: a user's own conversation.
//!
//! `?close=CODE` is for whoever tests a client: after three events the socket closes with that code (1006: the
//! connection is dropped without a close frame).

use std::collections::HashMap;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::door::Door;
use super::socket::{self, Ending};
use super::{Scenario, exposition, health, hostile};

/// Everything that the service answers to.
pub(super) fn routes(door: Door) -> Router {
    Router::new()
        .route("/health", get(health::handler))
        .route("/metrics", get(metrics))
        .route("/ws/events", axum::routing::any(events))
        .route("/ws/chat", axum::routing::any(events))
        .with_state(door)
}

/// `GET /metrics`.
async fn metrics(State(door): State<Door>) -> Response {
    let text = door.hub.ask(|world| {
        let honest = exposition::text(world);
        let garbage = world.scenario == Scenario::Garbage;
        let evil = if garbage { hostile::metrics(&mut world.dice, &honest) } else { None };
        evil.unwrap_or(honest)
    });
    match text.await {
        Some(text) => ([(header::CONTENT_TYPE, exposition::CONTENT_TYPE)], text).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The handshake.
async fn events(
    State(door): State<Door>,
    Query(query): Query<HashMap<String, String>>,
    mut request: Request,
) -> Response {
    let Some(key) = websocket_key(request.method(), request.headers()) else {
        let upgrade = [(header::UPGRADE, "websocket"), (header::CONNECTION, "Upgrade")];
        return (StatusCode::UPGRADE_REQUIRED, upgrade, "This is a WebSocket.\n").into_response();
    };
    let offered = subprotocols(request.headers());
    let accepted = token_of(request.headers(), &query, &offered).is_some_and(|token| *token == *door.token);
    let Some((late, refused)) =
        door.hub.ask(|world| (world.scenario == Scenario::AuthStorm, world.refuses())).await
    else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    if refused || (!accepted && !late) {
        return (StatusCode::FORBIDDEN, "Forbidden\n").into_response();
    }
    let ending = if accepted {
        let code = query.get("close").and_then(|code| code.parse().ok());
        code.map(|code| Ending { code, reason: "as asked".to_owned(), after: 3 })
    } else {
        Some(Ending { code: 4401, reason: "session token not accepted".to_owned(), after: 0 })
    };
    let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let work = door.work.clone();
    let conversation = request.uri().path() == "/ws/chat";
    let serving = Box::pin(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let config = WebSocketConfig::default().max_write_buffer_size(64 << 20);
        let socket =
            WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
        socket::serve(socket, door, ending, conversation).await;
    });
    if work.send(serving).await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    switching(&derive_accept_key(key.as_bytes()), &offered)
}

/// The key of a proper WebSocket handshake.
fn websocket_key(method: &Method, headers: &HeaderMap) -> Option<String> {
    let has = |name: header::HeaderName, word: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(',').any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    let proper = method == Method::GET
        && has(header::CONNECTION, "upgrade")
        && has(header::UPGRADE, "websocket")
        && has(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?.to_str().ok()?;
    proper.then(|| key.to_owned())
}

fn subprotocols(headers: &HeaderMap) -> Vec<String> {
    let values =
        headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|part| part.trim().to_owned()).collect()
}

fn token_of(headers: &HeaderMap, query: &HashMap<String, String>, offered: &[String]) -> Option<String> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = header.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
    let named = || offered.iter().find_map(|protocol| protocol.strip_prefix("bearer.")).map(str::to_owned);
    bearer.or_else(|| query.get("token").cloned()).or_else(named)
}

/// Answers 101. Of the offered subprotocols the first is chosen that is no token; if there is none, the token's own, since many
/// clients give up when none of theirs is chosen.
fn switching(accept: &str, offered: &[String]) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(accept) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    let chosen = offered.iter().find(|name| !name.starts_with("bearer.")).or_else(|| offered.first());
    if let Some(chosen) = chosen.and_then(|name| HeaderValue::from_str(name).ok()) {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, chosen);
    }
    response
}
