//! Routes of alerts: whether their secrets can be read and somebody listens. Nothing is sent.

use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use super::{Check, State};
use crate::clients::{failure, secret};
use crate::domain::Room;
use crate::domain::room::{Identity, RouteKind, RouteSpec, SecretRef, Value};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);

/// One check a route; one more where alerts go nowhere.
pub(super) async fn checks(room: &Room) -> Vec<Check> {
    let Some(spec) = &room.alerts else { return Vec::new() };
    if spec.routes.is_empty() {
        let next = "add a [[route]], or they are shown in consoles alone";
        return vec![Check::new("alerts", State::Doubtful, "they go nowhere", next)];
    }
    let mut checks = Vec::new();
    for route in &spec.routes {
        let name = format!("route {}", route.name);
        let next = format!("correct it; `warroom alert test {}` sends a test", route.name);
        checks.push(match reach(route).await {
            Ok(seen) => Check::new(&name, State::Good, &seen, ""),
            Err(why) => Check::new(&name, State::Bad, &why, &next),
        });
    }
    checks
}

async fn reach(route: &RouteSpec) -> Result<String, String> {
    let (host, port) = match &route.kind {
        RouteKind::Webhook { url, token, .. } => {
            can_read(token.as_ref()).await?;
            place(url).await?
        }
        RouteKind::Slack { url } => place(url).await?,
        RouteKind::PagerDuty { key, url } => {
            can_read(Some(key)).await?;
            place(&Value::Plain(url.clone())).await?
        }
        RouteKind::Alertmanager { url, identity } => {
            let secret = match identity {
                Identity::Bearer(secret) | Identity::Basic { password: secret, .. } => Some(secret),
                Identity::Nobody | Identity::Google => None,
            };
            can_read(secret).await?;
            place(&Value::Plain(url.clone())).await?
        }
        RouteKind::Email(spec) => {
            can_read(spec.login.as_ref().map(|(_, password)| password)).await?;
            (spec.host.clone(), spec.port)
        }
    };
    match timeout(CONNECT, TcpStream::connect((host.as_str(), port))).await {
        Ok(Ok(_connected)) => Ok(format!("{} at {host}:{port} answers; nothing was sent", route.kind.word())),
        Ok(Err(error)) => Err(format!("{host}:{port}: {}", failure::of_io(&error))),
        Err(_late) => Err(format!("{host}:{port}: {}", failure::late(CONNECT))),
    }
}

async fn can_read(place: Option<&SecretRef>) -> Result<(), String> {
    match place {
        Some(place) => secret::read(place).await.map(|_secret| ()).map_err(|error| error.to_string()),
        None => Ok(()),
    }
}

/// Host and port of a URL, without anything else of it: the rest may be a secret.
async fn place(url: &Value) -> Result<(String, u16), String> {
    let text = secret::value(url).await.map_err(|error| error.to_string())?;
    let url = Url::parse(text.expose_secret()).map_err(|error| format!("its URL cannot be read: {error}"))?;
    let host = url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned());
    host.zip(url.port_or_known_default()).ok_or_else(|| "its URL names no host".to_owned())
}
