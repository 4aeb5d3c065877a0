//! Revisions and environments side by side on the command line, over the wire.

use serde_json::{Value, json};

use super::api::Api;
use super::console::run;

fn told(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn any_two_revisions_are_compared_and_the_status_says_whether_they_differ() {
    let api = Api::start(&["cart"]);
    let folder = api.room(&["cart"], "");
    let (status, out, err) = run(folder.path(), &["compare", "cart", "00001", "00002-bim"]);
    assert_eq!((status, err.as_str()), (Some(1), ""), "{out}");
    for part in ["cart-00001-kex", "cart-00002-bim", "image", "cart@sha256:0000"] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (status, out, err) = run(folder.path(), &["compare", "00001", "00004", "--json"]);
    assert_eq!((status, err.as_str()), (Some(1), ""), "{out}");
    let told = told(&out);
    assert_eq!(told["schema"], "warroom.compare/1");
    let pair = &told["pairs"][0];
    assert_eq!(pair["one"]["revision"], "cart-00001-kex");
    assert_eq!(pair["differences"][0]["what"], "image");
    for (words, why) in [
        (&["00001", "00001"][..], "that is one revision twice"),
        (&["00001", "00009"], "there is no revision 00009"),
        (&["shop", "00001", "00002"], "there is no service shop"),
    ] {
        let (status, _, err) = run(folder.path(), &[&["compare"], words].concat());
        assert!(status == Some(2) && err.contains(why), "{why}: {status:?} {err}");
    }
    api.blameless().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_differ_by_their_variables_and_values_are_told_on_request_alone() {
    let (production, staging) = (Api::start(&["cart", "mail"]), Api::start(&["cart"]));
    let (here, there) = (production.room(&["cart", "mail"], ""), staging.room(&["cart"], ""));
    let other = there.path().join("config.toml");
    let text = std::fs::read_to_string(&other).expect("config").replace("\"production\"", "\"staging\"");
    std::fs::write(&other, text).expect("written");
    let other = other.display().to_string();
    let alone = production.room(&["cart"], "");
    let (status, out, err) = run(alone.path(), &["env", "compare", &other]);
    assert_eq!((status, err.as_str()), (Some(0), ""), "{out}");

    let secret =
        json!({"name": "MAIL_KEY", "valueSource": {"secretKeyRef": {"secret": "mail", "version": "2"}}});
    let ours = json!([{"name": "REGION", "value": "here"}, secret]);
    production.order(json!({"services": {"cart": {"env": ours}}})).await;
    let theirs = json!([{"name": "REGION", "value": "there"}, {"name": "TRIAL", "value": "1"}]);
    staging.order(json!({"services": {"cart": {"env": theirs}}})).await;
    let (status, out, err) = run(here.path(), &["env", "compare", &other]);
    assert_eq!((status, err.as_str()), (Some(1), ""), "{out}");
    for part in [
        "production cart-00003-lot",
        "staging cart-00003-lot",
        "only in production",
        "MAIL_KEY",
        "secret mail, version 2",
        "only in staging",
        "TRIAL",
        "one value",
        "staging has no service mail",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (_, out, _) = run(here.path(), &["env", "compare", &other, "--values", "--json"]);
    let told = told(&out);
    let region = &told["pairs"][0]["differences"][1];
    assert_eq!(
        (&region["what"], &region["kind"], &region["one"], &region["other"]),
        (&json!("REGION"), &json!("differs"), &json!("here"), &json!("there"))
    );
    // Services of one config, by what serves.
    let (status, out, err) = run(here.path(), &["env", "compare", "mail", "--service", "cart"]);
    assert_eq!((status, err.as_str()), (Some(1), ""), "{out}");
    assert!(out.contains("only in cart") && out.contains("REGION"), "{out}");
    let (status, _, err) = run(here.path(), &["env", "compare", "nowhere.toml"]);
    assert_eq!(status, Some(2), "{err}");
    production.blameless().await;
    staging.blameless().await;
}
