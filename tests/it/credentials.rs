//! Every kind of Google credentials against endpoints on loopback, by what the real binary says of them: it must have
//! shown the token that its kind gets.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

mod federated;
mod told;

/// Google on loopback: tokens, the metadata server, impersonation, STS, and a service that wants one of the tokens.
#[derive(Clone, Default)]
struct Google {
    /// Permissions that the caller has.
    held: Arc<Vec<&'static str>>,
    /// So many first requests of the API are refused with 401.
    refuses: Arc<AtomicU32>,
    /// So many seconds a workload's token lives; 0: an hour.
    lives: u32,
    /// So many first exchanges of a workload's token are refused.
    doubts: Arc<AtomicU32>,
    /// Told of each that is asked for.
    exchanged: Arc<Notify>,
}

async fn answer(
    State(google): State<Google>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let ok = |json: Value| (StatusCode::OK, json.to_string());
    let form = String::from_utf8_lossy(&body).into_owned();
    let header =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let bearer = header("authorization");
    let path = uri.path();
    let token = |token: &str| json!({"access_token": token, "expires_in": 3600, "token_type": "Bearer"});
    if let Some(told) = a_login(path, &form, &bearer) {
        return told;
    }
    if let Some(told) = federation(&google, path, &form, &header) {
        return told;
    }
    let may_impersonate = ["Bearer of-a-login", "Bearer of-a-workload"].contains(&bearer.as_str());
    if path.ends_with(":generateAccessToken") && may_impersonate {
        let until = chrono::Utc::now() + chrono::Duration::hours(1);
        return ok(
            json!({"accessToken": "of-somebody-else", "expireTime": until.format("%Y-%m-%dT%H:%M:%SZ").to_string()}),
        );
    }
    if path.starts_with("/computeMetadata/v1/") && header("metadata-flavor") == "Google" {
        return match path.rsplit('/').next() {
            Some("token") => ok(token("of-a-machine")),
            Some("email") => (StatusCode::OK, "machine@p.iam.gserviceaccount.com".to_owned()),
            _ => (StatusCode::NOT_FOUND, String::new()),
        };
    }
    if !path.starts_with("/v2/") || !good(&bearer) {
        return (
            StatusCode::UNAUTHORIZED,
            json!({"error": {"code": 401, "message": "who are you", "status": "UNAUTHENTICATED"}})
                .to_string(),
        );
    }
    let refuse = google.refuses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
    if refuse.is_ok() {
        return (
            StatusCode::UNAUTHORIZED,
            json!({"error": {"code": 401, "message": "expired", "status": "UNAUTHENTICATED"}}).to_string(),
        );
    }
    let name = "projects/p/locations/l/services/cart";
    match (method, path) {
        (Method::POST, path) if path.ends_with("/cart:testIamPermissions") => {
            let asked: Value = serde_json::from_slice(&body).unwrap();
            let asked = asked["permissions"].as_array().unwrap().iter();
            let held: Vec<_> = asked.filter(|it| google.held.contains(&it.as_str().unwrap())).collect();
            ok(if held.is_empty() { json!({}) } else { json!({ "permissions": held }) })
        }
        (Method::GET, path) if path.ends_with("/revisions") => ok(json!({"revisions": []})),
        (Method::GET, _) => {
            ok(json!({"name": name, "etag": "e", "generation": "1", "observedGeneration": "1",
            "terminalCondition": {"type": "Ready", "state": "CONDITION_SUCCEEDED"}}))
        }
        _ => (StatusCode::NOT_FOUND, String::new()),
    }
}

/// A person's login: its refreshing, and what is told of its token.
fn a_login(path: &str, form: &str, bearer: &str) -> Option<(StatusCode, String)> {
    let told = match path {
        "/token" if form.contains("taken-away") => {
            return Some((StatusCode::BAD_REQUEST, json!({"error": "invalid_grant"}).to_string()));
        }
        "/token" if form.contains("refresh_token") => {
            json!({"access_token": "of-a-login", "expires_in": 3600, "token_type": "Bearer"})
        }
        "/tokeninfo" if good(bearer) => {
            json!({"exp": "4102455845", "expires_in": "2000000", "access_type": "offline"})
        }
        _ => return None,
    };
    Some((StatusCode::OK, told.to_string()))
}

/// The address that a workload has its token from, and the exchange of it.
fn federation(
    google: &Google,
    path: &str,
    form: &str,
    header: &dyn Fn(&str) -> String,
) -> Option<(StatusCode, String)> {
    if path == "/subject" {
        let known = header("x-workload") == "yes" && header("accept-version") == "2";
        let status = if known { StatusCode::OK } else { StatusCode::FORBIDDEN };
        return Some((status, json!({"id": {"nothing": 1}, "jwt": "of-the-workload"}).to_string()));
    }
    let of_aws = match path {
        "/aws/session" => Some("session".to_owned()),
        "/aws/zone" if header("x-aws-ec2-metadata-token") == "session" => Some("eu-central-1b".to_owned()),
        "/aws/roles" => Some("ops".to_owned()),
        "/aws/roles/ops" => {
            let keys = json!({"AccessKeyId": "of-the-workload", "SecretAccessKey": "s3cret", "Token": "t"});
            Some(keys.to_string())
        }
        _ => None,
    };
    if let Some(told) = of_aws {
        return Some((StatusCode::OK, told));
    }
    let exchanges = path == "/sts" && form.contains("of-the-workload") && form.contains("token-exchange");
    exchanges.then(|| {
        google.exchanged.notify_one();
        let doubt =
            google.doubts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if doubt.is_ok() {
            return (StatusCode::BAD_REQUEST, json!({"error": "invalid_grant"}).to_string());
        }
        let lives = if google.lives == 0 { 3600 } else { google.lives };
        let told = json!({"access_token": "of-a-workload", "expires_in": lives, "token_type": "Bearer",
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"});
        (StatusCode::OK, told.to_string())
    })
}

/// One of the tokens, or one that is signed by the key's owner for this use.
fn good(bearer: &str) -> bool {
    let token = bearer.strip_prefix("Bearer ").unwrap_or_default();
    let known = ["of-a-login", "of-a-workload", "of-somebody-else", "of-a-machine"];
    let claims = token.split('.').nth(1).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Option<Value> = claims.and_then(|claims| serde_json::from_slice(&claims).ok());
    let signed = claims.is_some_and(|it| {
        it["iss"] == "key@p.iam.gserviceaccount.com"
            && it["scope"] == "https://www.googleapis.com/auth/cloud-platform"
    });
    known.contains(&token) || token.starts_with("of-gcloud-") || signed
}

struct Room {
    dir: tempfile::TempDir,
    port: u16,
    _server: JoinSet<()>,
}

impl Room {
    async fn new(google: Google) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut server = JoinSet::new();
        let app = Router::new().fallback(answer).with_state(google);
        server.spawn(async move { axum::serve(listener, app).await.unwrap() });
        let dir = tempfile::tempdir().unwrap();
        let config = format!(
            "[room]\nname = \"t\"\n[operator]\nname = \"mara\"\n[store]\npath = \"room.db\"\n[[service]]\nname = \"cart\"\n\
             [service.cloud_run]\nproject = \"p\"\nregion = \"l\"\nservice = \"cart\"\nendpoint = \"http://127.0.0.1:{port}\"\n"
        );
        std::fs::write(dir.path().join("config.toml"), config).unwrap();
        Self { dir, port, _server: server }
    }

    fn file(&self, json: &Value) -> String {
        let path = self.dir.path().join("credentials.json");
        std::fs::write(&path, json.to_string()).unwrap();
        path.display().to_string()
    }

    /// All that the doctor says.
    async fn told(&self, environment: &[(&str, &str)]) -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
        command.args(["doctor", "--json"]).current_dir(self.dir.path());
        for name in [
            "GOOGLE_APPLICATION_CREDENTIALS",
            "GCE_METADATA_HOST",
            "WARROOM_OPERATOR",
            "AWS_REGION",
            "AWS_DEFAULT_REGION",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
        ] {
            command.env_remove(name);
        }
        command.env("XDG_CONFIG_HOME", self.dir.path()).env("HOME", self.dir.path());
        command.envs(environment.iter().copied());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// What the doctor says of credentials and of permissions: state, words, next step.
    async fn doctor(&self, environment: &[(&str, &str)]) -> [(String, String, String); 2] {
        let told = self.told(environment).await;
        ["cart credentials", "cart permissions"].map(|name| {
            let check = told["checks"].as_array().unwrap().iter().find(|check| check["name"] == name);
            let check = check.unwrap_or(&Value::Null);
            let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
            (text("state"), text("seen"), text("next"))
        })
    }
}

fn all() -> Google {
    Google { held: Arc::new(vec!["run.services.get", "run.services.update"]), ..Google::default() }
}

fn login(port: u16) -> Value {
    json!({"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r",
        "account": "ines@example.com", "token_uri": format!("http://127.0.0.1:{port}/token")})
}

/// A private key as Google's key files have it.
fn key() -> String {
    let script = "from cryptography.hazmat.primitives.asymmetric import rsa\n\
        from cryptography.hazmat.primitives.serialization import *\n\
        k = rsa.generate_private_key(public_exponent=65537, key_size=2048)\n\
        print(k.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())";
    let output = Command::new("python3").args(["-c", script]).output().unwrap();
    assert!(output.status.success(), "this test needs Python's cryptography");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_credentials_gets_its_token_and_is_told_by_name() {
    let room = Room::new(all()).await;
    let at = |path: &str| format!("http://127.0.0.1:{}{path}", room.port);
    let subject = room.dir.path().join("subject");
    std::fs::write(&subject, "of-the-workload").unwrap();
    let other = "ops@p.iam.gserviceaccount.com";
    let files = [
        (
            json!({"type": "service_account", "project_id": "p", "private_key_id": "k", "private_key": key(),
                "client_email": "key@p.iam.gserviceaccount.com", "client_id": "1", "token_uri": at("/token")}),
            "service account key@p.iam.gserviceaccount.com from ",
        ),
        (login(room.port), "a person's login, ines@example.com from "),
        (
            json!({"type": "impersonated_service_account", "source_credentials": login(room.port),
                "service_account_impersonation_url": at(&format!("/v1/projects/-/serviceAccounts/{other}:generateAccessToken"))}),
            "impersonated service account ops@p.iam.gserviceaccount.com from ",
        ),
        (
            json!({"type": "external_account", "audience": "//iam.googleapis.com/pool/provider",
                "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": at("/sts"),
                "credential_source": {"file": subject}}),
            "a federated workload from ",
        ),
    ];
    for (file, who) in files {
        let path = room.file(&file);
        let [credentials, permissions] = room.doctor(&[("GOOGLE_APPLICATION_CREDENTIALS", &path)]).await;
        assert_eq!(credentials.0, "ok", "{who}: {credentials:?}");
        assert!(credentials.1.starts_with(who) && credentials.1.contains(&path), "{credentials:?}");
        let federated = file["type"] == "external_account";
        assert_eq!(credentials.1.contains("its token ends "), !federated, "{credentials:?}");
        assert_eq!(permissions.0, "ok", "{who}: {permissions:?}");
    }
    let host = format!("127.0.0.1:{}", room.port);
    let [credentials, _] = room.doctor(&[("GCE_METADATA_HOST", &host)]).await;
    let machine =
        format!("service account machine@p.iam.gserviceaccount.com from the metadata server {host}");
    assert!(credentials.0 == "ok" && credentials.1.starts_with(&machine), "{credentials:?}");
    // A named file that is not there is an error; nothing else is tried.
    let environment = [("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/key.json"), ("GCE_METADATA_HOST", &host)];
    let [credentials, permissions] = room.doctor(&environment).await;
    assert_eq!(credentials.0, "wrong", "{credentials:?}");
    assert_eq!(permissions.0, "", "nothing can be said of them");
}

/// A stand-in for `gcloud`, which prints another token each time.
fn fake_gcloud(dir: &Path) -> String {
    let bin = dir.join("bin");
    std::fs::create_dir(&bin).unwrap();
    let count = dir.join("count");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n'auth print-access-token') echo x >> {0}; echo of-gcloud-$(wc -l < {0} | tr -d ' ');;\n\
         'config get-value account') echo sam@example.com;;\n\
         'config config-helper --format=value(credential.token_expiry)') echo 2099-12-31T04:05:06Z;;\n*) exit 2;;\nesac\n",
        count.display()
    );
    let path = bin.join("gcloud");
    std::fs::write(&path, script).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    format!("{}:{}", bin.display(), std::env::var("PATH").unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_the_login_of_gcloud_is_taken_and_said_to_be_that() {
    let room = Room::new(Google { refuses: Arc::new(AtomicU32::new(1)), ..all() }).await;
    let path = fake_gcloud(room.dir.path());
    // Nobody listens there.
    let closed = crate::servers::free_port();
    let host = format!("127.0.0.1:{closed}");
    let [credentials, permissions] = room.doctor(&[("PATH", &path), ("GCE_METADATA_HOST", &host)]).await;
    let who =
        "sam@example.com from `gcloud auth print-access-token`: there are no Application Default Credentials";
    assert!(credentials.0 == "ok" && credentials.1.starts_with(who), "{credentials:?}");
    assert_eq!(permissions.0, "ok", "{permissions:?}");
    let asked = std::fs::read_to_string(room.dir.path().join("count")).unwrap().lines().count();
    assert!(asked >= 2, "after a 401 it is asked again, {asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_told_with_the_role_and_for_whom() {
    let viewer = Google { held: Arc::new(vec!["run.services.get"]), ..Google::default() };
    let room = Room::new(viewer).await;
    let file = room.file(&login(room.port));
    let [_, permissions] = room.doctor(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)]).await;
    let words = "run.services.get, but run.services.update is missing: nothing can be rolled back or flipped";
    let line = "ask for roles/run.developer: gcloud run services add-iam-policy-binding cart --project=p --region=l \
                --member=user:ines@example.com --role=roles/run.developer";
    assert_eq!(permissions, ("wrong".to_owned(), words.to_owned(), line.to_owned()));
}
