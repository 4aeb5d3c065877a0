//! A rollout with the real binary and a Cloud Run Admin API: what lapses with which revision, T0, and what is left over.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::block_in_place;
use warroom::demo::{Scenario, Target};

use super::{good, item, refused, room};
use crate::cli::{parsed, said};
use crate::cloud_run::server::{SERVICE, Server, State};
use crate::demo_protocol::{python, target};

fn watched(server: &Server) -> TempDir {
    let spec = server.spec();
    let Some(warroom::domain::room::SecretRef::File(token)) = spec.token else { panic!("a file") };
    room(&format!(
        "[[service]]\nname = \"cart\"\n[service.cloud_run]\nproject = \"demo\"\nregion = \"here\"\nservice = \"cart\"\n\
         endpoint = \"{}\"\ntoken = {{ file = \"{}\" }}\ninterval = \"1s\"\n\
         [[gate]]\nname = \"smoke\"\nrequired = true\ncommand = \"printf '== 3 passed in 0.10s ==\\\\n'\"\n\
         [[condition]]\nname = \"gates to pass\"\nsignal = \"gates.required_open\"\nfail = \"> 0\"\n",
        server.endpoint,
        token.display()
    ))
}

fn revision(name: &str, image: &str, flag: &str) -> Value {
    json!({"name": format!("{SERVICE}/revisions/{name}"), "createTime": "2026-11-20T10:00:00Z",
        "containers": [{"image": image, "env": [{"name": "RESUME", "value": flag}]}],
        "conditions": [{"type": "Ready", "state": "CONDITION_SUCCEEDED"}]})
}

/// The first revision serves the rest; the newest of `newer` has `percent`.
fn deploy(state: &mut State, newer: &[Value], percent: u32) {
    let old = revision("cart-00001-kex", "docker.example.com/cart@sha256:aaaaaaaa11", "false");
    let all: Vec<Value> = newer.iter().rev().cloned().chain([old]).collect();
    let newest = all[0]["name"].clone();
    let short = newest.as_str().and_then(|name| name.rsplit('/').next()).expect("a name");
    let pinned = |name: &str, percent: u32| json!({"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": name, "percent": percent});
    let mut canary = pinned(short, percent);
    canary["tag"] = "canary".into();
    let split = json!([pinned("cart-00001-kex", 100 - percent), canary]);
    for key in ["traffic", "trafficStatuses"] {
        state.service[key] = split.clone();
    }
    for key in ["latestReadyRevision", "latestCreatedRevision"] {
        state.service[key] = newest.clone();
    }
    // The stub answers with three pages.
    state.pages =
        vec![json!({"revisions": all, "nextPageToken": "p/1="}), json!({"nextPageToken": "p/2="}), json!({})];
}

fn watch(dir: &Path) {
    block_in_place(|| said(dir, &["watch", "--for", "6s"]));
}

/// How many required gates have to pass, as a condition of the room sees it, and why it does not go forward.
fn gates_open(dir: &Path) -> (Value, String) {
    let (out, err, _) = block_in_place(|| said(dir, &["verdict", "--json", "--warm-up", "5s"]));
    let all = parsed(&out);
    let conditions = all["conditions"].as_array().expect("conditions").iter();
    let open = conditions.filter(|of| of["name"] == "gates to pass").find_map(|of| of.get("value").cloned());
    (open.unwrap_or_else(|| panic!("{out}{err}")), all["verdict"]["reasons"].to_string())
}

const NEW: &str = "docker.example.com/cart@sha256:bbbbbbbb22";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_flag_turned_lapses_nothing_and_another_image_or_text_does() {
    let server = Server::start().await;
    let room = watched(&server);
    let dir = room.path();
    let second = revision("cart-00002-bim", NEW, "false");
    deploy(&mut *server.state.lock().await, std::slice::from_ref(&second), 10);
    let state = |part: &str| block_in_place(|| item(dir, part));
    block_in_place(|| {
        good(dir, &["rollout", "begin", "--yes"]);
        good(dir, &["tick", "unit tests"]);
        good(dir, &["tick", "load test"]);
        good(dir, &["gate", "run", "smoke"]);
        // A console that writes, as this one does for a while, sees the first traffic.
        watch(dir);
        let told = good(dir, &["rollout", "show"]);
        assert!(
            told.contains("candidate sha256:bbbbbbbb22\n") && told.contains(", seen in the traffic"),
            "{told}"
        );
        refused(dir, &["rollout", "t0"], "T0 was ");
    });
    assert_eq!(state("unit")["state"], "done");
    // Only a variable is another.
    let third = revision("cart-00003-env", NEW, "true");
    deploy(&mut *server.state.lock().await, &[second.clone(), third.clone()], 10);
    watch(dir);
    assert_eq!(state("unit")["state"], "done", "{}", state("unit"));
    assert_eq!(state("load")["state"], "done");
    assert_eq!(gates_open(dir).0, json!(0.0), "the same image passed");
    let text = super::CHECKLIST.replace("at twice the rate", "at four times the rate");
    std::fs::write(dir.join("r.md"), text).expect("checklist");
    assert_eq!(state("load")["lapsed"], "its text changed, was: load test at twice the rate");
    assert_eq!(state("unit")["state"], "done", "the other item stays");
    let other = revision("cart-00004-new", "docker.example.com/cart@sha256:cccccccc33", "true");
    deploy(&mut *server.state.lock().await, &[second, third, other], 10);
    let unit = state("unit");
    assert_eq!(unit["lapsed"], "the candidate changed: sha256:bbbbbbbb → sha256:cccccccc", "{unit}");
    let (open, reasons) = gates_open(dir);
    assert!(open == json!(1.0) && reasons.contains("gate smoke is to run again"), "{open} {reasons}");
    block_in_place(|| {
        good(dir, &["tick", "unit tests"]);
        good(dir, &["gate", "run", "smoke"]);
    });
    watch(dir);
    assert_eq!(state("unit")["state"], "done", "signed off for that one");
    assert_eq!(gates_open(dir).0, json!(0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn t0_is_marked_by_hand_and_a_rollback_leaves_pin_and_lock_over() {
    let server = Server::start().await;
    let room = watched(&server);
    let dir = room.path();
    // A tag instead of a digest: it is said wherever it counts.
    let second = revision("cart-00002-bim", "docker.example.com/cart:v2", "false");
    deploy(&mut *server.state.lock().await, std::slice::from_ref(&second), 0);
    block_in_place(|| {
        let by_name = "by name only: a re-push of the tag is not seen (docker.example.com/cart:v2)";
        let (_, err, status) = said(dir, &["rollout", "begin", "--yes"]);
        assert_eq!((status, err), (0, format!("warning: cart is known {by_name}\n")));
        let told = good(dir, &["rollout", "show"]);
        assert!(told.contains("T0 has not come"), "{told}");
        assert!(told.contains(by_name), "{told}");
        good(dir, &["rollout", "t0"]);
    });
    deploy(&mut *server.state.lock().await, &[second], 10);
    watch(dir);
    block_in_place(|| {
        let told = good(dir, &["rollout", "show"]);
        assert!(told.contains(", marked"), "what a person marked stays: {told}");
        let report = good(dir, &["report"]);
        assert!(report.contains("(by name only: a re-push of the tag is not seen)"), "{report}");
        let (out, err, status) =
            said(dir, &["rollback", "cart", "--to", "cart-00001-kex", "--yes", "--reason", "4401"]);
        assert_eq!((status, err.as_str()), (0, ""), "{out}");
        let out = good(dir, &["rollout", "end", "rolled-back", "--yes"]);
        assert!(out.contains("left over: cart: the split is pinned"), "{out}");
        assert!(out.contains("left over: cart: deploys and flips forward are locked"), "{out}");
        let told = good(dir, &["rollout", "show"]);
        assert!(told.contains("left over: cart: the split is pinned"), "{told}");
    });
}

/// Two rooms watch the same service; the second one wants what the first one completed.
#[tokio::test(flavor = "multi_thread")]
async fn production_takes_stagings_word_for_a_digest_and_never_for_a_name() {
    let server = Server::start().await;
    let (staging, production) = (watched(&server), watched(&server));
    let (there, here) = (staging.path(), production.path());
    let config = std::fs::read_to_string(here.join("config.toml")).expect("config");
    let database = there.join("room.db");
    let rule = format!("{config}[signoff]\nrequires_evidence_from = \"{}\"\n", database.display());
    std::fs::write(here.join("config.toml"), rule).expect("config");
    let complete = || {
        for args in
            [&["rollout", "begin", "--yes"][..], &["tick", "unit"], &["rollout", "end", "completed", "--yes"]]
        {
            assert_eq!(said(there, args).2, 0, "{args:?}");
        }
    };
    let missing = || parsed(&said(here, &["items", "--json"]).0)["missing"].to_string();
    let tag = revision("cart-00002-bim", "docker.example.com/cart:v2", "false");
    deploy(&mut *server.state.lock().await, std::slice::from_ref(&tag), 10);
    block_in_place(|| {
        complete();
        let words =
            "proves nothing of cart:v2, which is known by name only: a re-push of the tag is not seen";
        assert!(missing().contains(words), "{}", missing());
        let (out, _, status) = said(here, &["verdict", "--json", "--warm-up", "5s"]);
        assert!(status != 0 && out.contains(words), "{out}");
    });
    let digest = revision("cart-00003-new", NEW, "false");
    deploy(&mut *server.state.lock().await, &[tag, digest], 10);
    block_in_place(|| {
        assert!(missing().contains("has completed no rollout of sha256:bbbbbbbb"), "{}", missing());
        complete();
        assert_eq!(missing(), "[]");
        // The database alone is carried over: a copy of it says the same.
        std::fs::copy(&database, here.join("staging.db")).expect("copied");
        let rule = format!("{config}[signoff]\nrequires_evidence_from = \"staging.db\"\n");
        std::fs::write(here.join("config.toml"), rule).expect("config");
        assert_eq!(missing(), "[]");
    });
}

/// What lapses, with the simulated target, which Google's own client deploys to.
#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_that_flips_a_variable_lapses_nothing_and_one_that_ships_an_image_does() {
    // In this scenario nobody else moves the traffic.
    let target = target(Scenario::PhaseHang, 10.0).await;
    let room = room("");
    let dir = room.path();
    target.write_files(dir).expect("written");
    let unit = || block_in_place(|| item(dir, "Announced"));
    let deploy = |change: &'static str| python_of(&target, change);
    let shown = || block_in_place(|| good(dir, &["rollout", "show"]));
    block_in_place(|| {
        good(dir, &["rollout", "begin", "--yes"]);
        good(dir, &["tick", "Announced"]);
    });
    let before = shown();
    assert!(before.contains("candidate sha256:") && !before.contains("by name only"), "{before}");
    let second = deploy("STREAM_COMPRESSION=true").await;
    watch(dir);
    assert_eq!(unit()["state"], "done", "{second}: {}", unit());
    let third = deploy("europe-west1-docker.pkg.dev/demo-chat/apps/chat-backend:2.420.0").await;
    assert_ne!(second, third);
    let lapsed = unit();
    assert!(lapsed["lapsed"].as_str().is_some_and(|why| why.starts_with("the candidate changed: sha256:")));
    assert_eq!(lapsed["state"], "lapsed", "{lapsed}");
    block_in_place(|| good(dir, &["tick", "Announced"]));
    watch(dir);
    assert_eq!(unit()["state"], "done", "asked again, and signed off for that one");
    target.stop().await;
}

async fn python_of(target: &Target, change: &str) -> String {
    python("deploy.py", &[&target.urls().cloud_run, target.token(), change]).await
}
