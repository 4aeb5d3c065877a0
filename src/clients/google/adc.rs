//! Which Application Default Credentials there are, and whose: read from the same places as Google's library reads
//! them. No secret of a file is kept.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use http::header::{AUTHORIZATION, HeaderMap};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::clients::{http as bounded, secret, tls};
use crate::domain::room::SecretRef;
use crate::domain::{Clean, Wall};

/// How long the metadata server may take, which is on the same machine, and whoever is asked for more than a token.
pub(super) const METADATA: Duration = Duration::from_secs(1);

/// How long a program may take that a file has asked for a token, if the file does not say.
const PROGRAM: Duration = Duration::from_secs(30);

/// The largest file of credentials.
const MAX_BYTES: u64 = 64 * 1024;

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// As IAM names a member, for instance `serviceAccount:ops@…`; empty: nobody told.
    pub member: Clean,
    /// What it is and where it comes from, in words.
    pub about: Clean,
    /// When its token ends, if that can be seen; it is refreshed ahead of that.
    pub expires: Option<Wall>,
}

/// A file of credentials.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) path: PathBuf,
}

/// The file that the environment names, else the one that `gcloud auth application-default login` writes. A named one that
/// is not there is found all the same: it is an error, and nothing else is tried.
pub(super) fn find() -> Option<Found> {
    if let Some(path) = std::env::var_os("GOOGLE_APPLICATION_CREDENTIALS") {
        return Some(Found { path: path.into() });
    }
    let (root, rest) = if cfg!(windows) {
        ("APPDATA", "gcloud/application_default_credentials.json")
    } else {
        ("HOME", ".config/gcloud/application_default_credentials.json")
    };
    let path = Path::new(&std::env::var_os(root)?).join(rest);
    path.is_file().then_some(Found { path })
}

/// How long the program may take that the file has asked for a token; nothing where it names none.
pub(super) fn asks_a_program() -> Option<Duration> {
    let program = read(&find()?.path)?.pointer("/credential_source/executable")?.clone();
    let millis = program.get("timeout_millis").and_then(Value::as_u64);
    Some(millis.map_or(PROGRAM, Duration::from_millis).min(PROGRAM * 4))
}

/// Whether the environment names a metadata server.
pub(super) fn names_metadata() -> bool {
    std::env::var_os("GCE_METADATA_HOST").is_some()
}

/// Whose a file is.
pub(super) fn of_file(found: &Found) -> Told {
    let from = found.path.display();
    let Some((member, kind)) = read(&found.path).as_ref().and_then(whose) else {
        return Told {
            about: Clean::new(&format!("credentials of an unknown kind in {from}")),
            ..Told::default()
        };
    };
    let named = member.split_once(':').map_or("", |(_, name)| name);
    let gap = if named.is_empty() { "" } else { " " };
    let about = Clean::new(&format!("{kind}{gap}{named} from {from}"));
    Told { member: Clean::new(&member), about, expires: None }
}

/// What a file holds, its secrets too.
pub(super) fn read(path: &Path) -> Option<Value> {
    let small = std::fs::metadata(path).is_ok_and(|about| about.len() <= MAX_BYTES);
    let text = if small { std::fs::read_to_string(path).ok() } else { None };
    text.and_then(|text| serde_json::from_str(&text).ok())
}

/// The member and the kind that a file's content tells; a person's login names nobody, or by `account`.
fn whose(json: &Value) -> Option<(String, &'static str)> {
    let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default();
    let impersonated = || {
        let url = text("service_account_impersonation_url");
        let email = url.rsplit('/').next().and_then(|last| last.split(':').next());
        email.filter(|email| email.contains('@')).map(|email| format!("serviceAccount:{email}"))
    };
    Some(match text("type") {
        "service_account" => (format!("serviceAccount:{}", text("client_email")), "service account"),
        "authorized_user" => match text("account") {
            "" => (String::new(), "a person's login"),
            account => (format!("user:{account}"), "a person's login,"),
        },
        "impersonated_service_account" => (impersonated()?, "impersonated service account"),
        "external_account" => match impersonated() {
            Some(member) => (member, "a federated workload as service account"),
            None => (String::new(), "a federated workload"),
        },
        _ => return None,
    })
}

/// Where the metadata server is.
fn metadata_host() -> String {
    std::env::var("GCE_METADATA_HOST").unwrap_or_else(|_unset| "metadata.google.internal".to_owned())
}

/// What the metadata server says of the account of this machine.
pub(super) async fn metadata(what: &str) -> Option<Vec<u8>> {
    let host = metadata_host();
    let url = format!("http://{host}/computeMetadata/v1/instance/service-accounts/default/{what}");
    let request = tls::http(METADATA).ok()?.get(url).header("metadata-flavor", "Google");
    let answer = bounded::ask(request, 16 * 1024, METADATA).await.ok()?;
    (answer.status == 200).then_some(answer.body)
}

/// Whose the metadata server is.
pub(super) async fn of_metadata() -> Told {
    let host = metadata_host();
    let email = metadata("email").await.and_then(|body| String::from_utf8(body).ok());
    match email.filter(|email| email.contains('@')) {
        Some(email) => Told {
            member: Clean::new(&format!("serviceAccount:{}", email.trim())),
            about: Clean::new(&format!("service account {} from the metadata server {host}", email.trim())),
            expires: None,
        },
        None => Told { about: Clean::new(&format!("the metadata server {host}")), ..Told::default() },
    }
}

/// What to do where the credentials give no token, or one that is refused.
pub(super) fn remedy() -> String {
    let Some(found) = find() else {
        return "log in with `gcloud auth application-default login`, or name a key file in \
                GOOGLE_APPLICATION_CREDENTIALS, or a token in the config"
            .into();
    };
    let login = "log in again: gcloud auth application-default login";
    let path = found.path.display();
    let json = read(&found.path).unwrap_or_default();
    match json.get("type").and_then(Value::as_str) {
        Some("authorized_user") => login.into(),
        Some("impersonated_service_account") => match whose(&json) {
            Some((member, _)) => {
                let account = member.trim_start_matches("serviceAccount:");
                format!("{login} --impersonate-service-account={account}")
            }
            None => login.into(),
        },
        Some("service_account") => {
            format!(
                "name another key in GOOGLE_APPLICATION_CREDENTIALS: that of {path} may be deleted or disabled"
            )
        }
        Some("external_account") => {
            format!("see whether the workload has its own token and its provider still takes it, by {path}")
        }
        _ => format!("correct or unset GOOGLE_APPLICATION_CREDENTIALS: {path} is no file of credentials"),
    }
}

/// Whose login `gcloud` has.
pub(super) async fn of_gcloud() -> Told {
    let words = ["gcloud", "config", "get-value", "account"].map(str::to_owned).to_vec();
    let account = secret::read(&SecretRef::Command(words)).await.ok();
    let account = account.map(|account| account.expose_secret().to_owned()).filter(|it| it.contains('@'));
    let from = "from `gcloud auth print-access-token`: there are no Application Default Credentials";
    let kind = |it: &str| if it.ends_with(".gserviceaccount.com") { "serviceAccount" } else { "user" };
    match account {
        Some(account) => Told {
            member: Clean::new(&format!("{}:{account}", kind(&account))),
            about: Clean::new(&format!("{account} {from}")),
            expires: None,
        },
        None => Told { about: Clean::new(&format!("the login of gcloud, {from}")), ..Told::default() },
    }
}

/// When a token ends that tells it itself: one that is signed here. Others are opaque.
pub(in crate::clients) fn expiry(headers: &HeaderMap) -> Option<Wall> {
    let token = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    let mut parts = token.split('.');
    let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    let payload: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    chrono::DateTime::from_timestamp(payload.get("exp")?.as_i64()?, 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_of_file_tells_whose_it_is() {
        let url = "https://iam.example/v1/projects/-/serviceAccounts/ops@p.iam.gserviceaccount.com:generateAccessToken";
        let cases = [
            (json!({"type": "service_account", "client_email": "a@b"}), Some("serviceAccount:a@b")),
            (json!({"type": "authorized_user", "refresh_token": "r"}), Some("")),
            (json!({"type": "authorized_user", "account": "ines@b"}), Some("user:ines@b")),
            (
                json!({"type": "impersonated_service_account", "service_account_impersonation_url": url}),
                Some("serviceAccount:ops@p.iam.gserviceaccount.com"),
            ),
            (json!({"type": "external_account", "audience": "//iam"}), Some("")),
            (json!({"type": "something else"}), None),
            (json!([]), None),
        ];
        for (json, member) in cases {
            assert_eq!(whose(&json).map(|(member, _)| member).as_deref(), member, "{json}");
        }
    }

    #[test]
    fn a_signed_token_tells_its_end_and_an_opaque_one_does_not() {
        let of = |token: &str| {
            let value = format!("Bearer {token}").parse().expect("a header");
            expiry(&HeaderMap::from_iter([(AUTHORIZATION, value)])).map(|at| at.timestamp())
        };
        let payload = BASE64_URL_SAFE_NO_PAD.encode(br#"{"exp":1795168800}"#);
        assert_eq!(of(&format!("e30.{payload}.sig")), Some(1_795_168_800));
        assert_eq!([of("ya29.a0-opaque"), of("a.b.c"), of("")], [None, None, None]);
    }
}
