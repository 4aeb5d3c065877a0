//! When a token ends that does not tell it itself: asked of whoever made it.

use chrono::DateTime;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::adc::{self, Found};
use crate::clients::{http as bounded, secret, tls};
use crate::clock;
use crate::domain::Wall;
use crate::domain::room::SecretRef;

/// Where Google's logins are refreshed, where a file names no other place; what it made it tells beside.
const TOKENS: &str = "https://oauth2.googleapis.com/token";

/// The most that is read of an answer.
const MAX_BYTES: usize = 16 * 1024;

/// The end of a token that `found` gave: Google tells it of a login's, and of a service account's. One of a federation is
/// not known there.
pub(super) async fn of_file(found: &Found, headers: &HeaderMap) -> Option<Wall> {
    let json = adc::read(&found.path)?;
    let login = match json.get("type")?.as_str()? {
        "authorized_user" => &json,
        "impersonated_service_account" => json.get("source_credentials")?,
        _ => return None,
    };
    let tokens = login.get("token_uri").and_then(Value::as_str).unwrap_or(TOKENS);
    let request = tls::http(adc::METADATA).ok()?.post(format!("{tokens}info"));
    let request = request.header(AUTHORIZATION, headers.get(AUTHORIZATION)?).header(CONTENT_LENGTH, 0);
    let answer = bounded::ask(request, MAX_BYTES, adc::METADATA).await.ok()?;
    let told: Value = serde_json::from_slice(&answer.body).ok()?;
    DateTime::from_timestamp(told.get("exp")?.as_str()?.parse().ok()?, 0)
}

/// The end of the token that the metadata server keeps.
pub(super) async fn of_metadata() -> Option<Wall> {
    let told: Value = serde_json::from_slice(&adc::metadata("token").await?).ok()?;
    let left = told.get("expires_in")?.as_u64()?;
    clock::wall().checked_add_signed(chrono::TimeDelta::try_seconds(left.try_into().ok()?)?)
}

/// The end of the token that `gcloud` prints.
pub(super) async fn of_gcloud() -> Option<Wall> {
    let words = ["gcloud", "config", "config-helper", "--format=value(credential.token_expiry)"];
    let told = secret::read(&SecretRef::Command(words.map(str::to_owned).to_vec())).await.ok()?;
    DateTime::parse_from_rfc3339(told.expose_secret()).ok().map(|at| at.to_utc())
}
