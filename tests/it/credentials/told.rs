//! What the doctor says of credentials that are not as one thinks: whose they really are, what to do when they are
//! refused, when they end, and each permission that is missing.

use super::*;

/// One row of the doctor's answer: state, words, next step.
fn row(told: &Value, name: &str) -> [String; 3] {
    let check = told["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap();
    ["state", "seen", "next"].map(|key| check[key].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_login_of_gcloud_is_not_called_application_default() {
    let room = Room::new(all()).await;
    let path = fake_gcloud(room.dir.path());
    let host = format!("127.0.0.1:{}", crate::servers::free_port());
    let told = room.told(&[("PATH", &path), ("GCE_METADATA_HOST", &host)]).await;
    let [state, seen, _] = row(&told, "cart Cloud Run API");
    assert_eq!((&*state, &*seen), ("ok", "read as the login of `gcloud` (auth print-access-token)"));
    let [_, seen, _] = row(&told, "cart credentials");
    assert!(seen.contains("its token ends 04:05:06Z"), "{seen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_refused_has_the_step_of_its_own_kind() {
    // Every request is refused, also with a new token.
    let room = Room::new(Google { refuses: Arc::new(AtomicU32::new(1000)), ..all() }).await;
    let file = room.file(&login(room.port));
    let told = room.told(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)]).await;
    let step = "log in again: gcloud auth application-default login";
    for name in ["cart Cloud Run API", "cart permissions"] {
        let [state, _, next] = row(&told, name);
        assert_eq!((&*state, &*next), ("wrong", step), "{name}");
    }

    let path = fake_gcloud(room.dir.path());
    let host = format!("127.0.0.1:{}", crate::servers::free_port());
    let told = room.told(&[("PATH", &path), ("GCE_METADATA_HOST", &host)]).await;
    assert_eq!(row(&told, "cart permissions")[2], "log in again: gcloud auth login");

    let config = room.dir.path().join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{text}token = {{ env = \"CART_TOKEN\" }}\n")).unwrap();
    let told = room.told(&[("CART_TOKEN", "of-nobody")]).await;
    for name in ["cart Cloud Run API", "cart permissions"] {
        assert_eq!(
            row(&told, name)[2],
            "give another token: that of variable CART_TOKEN is refused",
            "{name}"
        );
    }
    let told = room.told(&[]).await;
    for name in ["cart Cloud Run API", "cart credentials"] {
        let [state, _, next] = row(&told, name);
        assert_eq!((&*state, &*next), ("wrong", "make the secret readable where the config says it is"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_was_taken_away_is_made_anew_and_a_file_that_is_not_there_is_named() {
    let room = Room::new(all()).await;
    let mut gone = login(room.port);
    gone["refresh_token"] = "taken-away".into();
    let file = room.file(&gone);
    let told = room.told(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)]).await;
    for name in ["cart Cloud Run API", "cart credentials"] {
        let [state, seen, next] = row(&told, name);
        assert_eq!((&*state, &*next), ("wrong", "log in again: gcloud auth application-default login"));
        assert!(seen.contains("invalid_grant"), "{name}: {seen}");
    }
    let told = room.told(&[("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/key.json")]).await;
    let step = "correct or unset GOOGLE_APPLICATION_CREDENTIALS: /no/such/key.json is no file of credentials";
    for name in ["cart Cloud Run API", "cart credentials"] {
        assert_eq!(row(&told, name)[2], step, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_token_is_asked_for_where_it_does_not_tell_it_itself() {
    let room = Room::new(all()).await;
    let impersonated = json!({"type": "impersonated_service_account", "source_credentials": login(room.port),
        "service_account_impersonation_url": format!(
            "http://127.0.0.1:{}/v1/projects/-/serviceAccounts/ops@p.iam.gserviceaccount.com:generateAccessToken",
            room.port)});
    for file in [login(room.port), impersonated] {
        let path = room.file(&file);
        let told = room.told(&[("GOOGLE_APPLICATION_CREDENTIALS", &path)]).await;
        let [_, seen, _] = row(&told, "cart credentials");
        assert!(seen.contains("its token ends 03:04:05Z"), "{}: {seen}", file["type"]);
    }
    let host = format!("127.0.0.1:{}", room.port);
    let told = room.told(&[("GCE_METADATA_HOST", &host)]).await;
    let [_, seen, _] = row(&told, "cart credentials");
    assert!(seen.contains("its token ends ") && seen.contains("from the metadata server"), "{seen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_permission_that_is_missing_is_named() {
    let room = Room::new(Google::default()).await;
    let file = room.file(&login(room.port));
    let told = room.told(&[("GOOGLE_APPLICATION_CREDENTIALS", &file)]).await;
    let [state, seen, next] = row(&told, "cart permissions");
    assert_eq!((&*state, &*seen), ("wrong", "run.services.get and run.services.update are missing"));
    assert!(
        next.starts_with("ask for roles/run.developer: gcloud run services add-iam-policy-binding"),
        "{next}"
    );
}
