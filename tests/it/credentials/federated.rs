//! A workload that speaks by the federation of its own platform: where its token comes from, and that it is made anew.

use super::*;

/// A federated workload whose token is had from `source`.
fn federated(port: u16, source: &Value) -> Value {
    json!({"type": "external_account", "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": format!("http://127.0.0.1:{port}/sts"),
        "credential_source": source})
}

/// A program that prints what Google's documentation asks of one.
fn program(dir: &Path) -> String {
    let path = dir.join("tell-token");
    let told = json!({"version": 1, "success": true, "token_type": "urn:ietf:params:oauth:token-type:jwt",
        "id_token": "of-the-workload", "expiration_time": 4_102_444_800_u64});
    std::fs::write(&path, format!("#!/bin/sh\ncat <<'END'\n{told}\nEND\n")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    path.display().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workload_has_its_token_from_a_file_an_address_or_a_program() {
    let room = Room::new(all()).await;
    let subject = room.dir.path().join("subject.json");
    std::fs::write(&subject, json!({"of": "it", "value": "of-the-workload"}).to_string()).unwrap();
    let address = format!("http://127.0.0.1:{}/subject", room.port);
    let sources = [
        json!({"file": subject, "format": {"type": "json", "subject_token_field_name": "value"}}),
        json!({"url": address, "headers": {"x-workload": "yes", "accept-version": "2"},
            "format": {"type": "json", "subject_token_field_name": "jwt"}}),
        json!({"executable": {"command": program(room.dir.path()), "timeout_millis": 5000}}),
    ];
    for source in sources {
        let path = room.file(&federated(room.port, &source));
        let environment = [
            ("GOOGLE_APPLICATION_CREDENTIALS", path.as_str()),
            ("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1"),
        ];
        let [credentials, permissions] = room.doctor(&environment).await;
        assert_eq!(
            (&*credentials.0, &*permissions.0),
            ("ok", "ok"),
            "{source}: {credentials:?} {permissions:?}"
        );
        assert!(credentials.1.starts_with("a federated workload from "), "{credentials:?}");
    }
    // It is not run unless that is allowed, and the word for it says how.
    let source = json!({"executable": {"command": program(room.dir.path())}});
    let path = room.file(&federated(room.port, &source));
    let [credentials, _] = room.doctor(&[("GOOGLE_APPLICATION_CREDENTIALS", &path)]).await;
    assert_eq!(credentials.0, "wrong");
    assert!(credentials.1.contains("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"), "{credentials:?}");
}

/// It signs a request to AWS, which Google's exchange sends on to learn who asks; the keys come from the machine's own
/// metadata server, or from the environment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workload_on_aws_signs_for_its_token() {
    let room = Room::new(all()).await;
    let at = |path: &str| format!("http://127.0.0.1:{}/aws/{path}", room.port);
    let mut file = federated(
        room.port,
        &json!({"environment_id": "aws1", "region_url": at("zone"), "url": at("roles"),
            "imdsv2_session_token_url": at("session"),
            "regional_cred_verification_url":
                "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"}),
    );
    file["subject_token_type"] = "urn:ietf:params:aws:token-type:aws4_request".into();
    let path = room.file(&file);
    let keys = [
        ("AWS_REGION", "eu-north-1"),
        ("AWS_ACCESS_KEY_ID", "of-the-workload"),
        ("AWS_SECRET_ACCESS_KEY", "s3cret"),
    ];
    for environment in [&keys[..], &[]] {
        let mut environment = environment.to_vec();
        environment.push(("GOOGLE_APPLICATION_CREDENTIALS", &path));
        let [credentials, permissions] = room.doctor(&environment).await;
        assert_eq!((&*credentials.0, &*permissions.0), ("ok", "ok"), "{credentials:?} {permissions:?}");
        assert!(credentials.1.starts_with("a federated workload from "), "{credentials:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workload_may_speak_as_a_service_account() {
    let room = Room::new(all()).await;
    let subject = room.dir.path().join("subject");
    std::fs::write(&subject, "of-the-workload").unwrap();
    let mut file = federated(room.port, &json!({"file": subject}));
    let other = "ops@p.iam.gserviceaccount.com";
    file["service_account_impersonation_url"] =
        format!("http://127.0.0.1:{}/v1/projects/-/serviceAccounts/{other}:generateAccessToken", room.port)
            .into();
    let path = room.file(&file);
    let [credentials, permissions] = room.doctor(&[("GOOGLE_APPLICATION_CREDENTIALS", &path)]).await;
    assert_eq!((&*credentials.0, &*permissions.0), ("ok", "ok"), "{credentials:?} {permissions:?}");
    assert!(
        credentials.1.starts_with(&format!("a federated workload as service account {other}")),
        "{credentials:?}"
    );
}

/// The file that its own token is in has another field than the credentials name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_token_file_holds_is_not_told() {
    let room = Room::new(all()).await;
    let subject = room.dir.path().join("subject.json");
    std::fs::write(&subject, json!({"id_token": "of-the-workload"}).to_string()).unwrap();
    let source = json!({"file": subject, "format": {"type": "json", "subject_token_field_name": "jwt"}});
    let path = room.file(&federated(room.port, &source));
    let told = room.told(&[("GOOGLE_APPLICATION_CREDENTIALS", &path)]).await.to_string();
    assert!(told.contains("field `jwt`") && !told.contains("of-the-workload"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_not_remembered() {
    let google = Google { doubts: Arc::new(AtomicU32::new(1)), ..all() };
    twice_in_time(google, "it was refused once, and was not asked for again").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_made_anew_ahead_of_its_end() {
    // Google's library does it four minutes ahead: two seconds after the first one came.
    let google = Google { lives: 242, ..all() };
    twice_in_time(google, "the first one still lives, and no second one was asked for").await;
}

/// A console that watches exchanges its workload's token twice.
async fn twice_in_time(google: Google, otherwise: &str) {
    let exchanged = google.exchanged.clone();
    let room = Room::new(google).await;
    let subject = room.dir.path().join("subject");
    std::fs::write(&subject, "of-the-workload").unwrap();
    let path = room.file(&federated(room.port, &json!({"file": subject})));
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command.args(["watch", "--json"]).current_dir(room.dir.path()).env("HOME", room.dir.path());
    command.env("GOOGLE_APPLICATION_CREDENTIALS", &path).env_remove("GCE_METADATA_HOST");
    let mut child =
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let twice = async {
        exchanged.notified().await;
        exchanged.notified().await;
    };
    let in_time = tokio::time::timeout(std::time::Duration::from_mins(2), twice).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(in_time.is_ok(), "{otherwise}");
}
