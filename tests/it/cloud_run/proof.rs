//! Every act against an API that holds each request to Google's discovery document and breaks in every way it may, and
//! what Google's own client reads of the service afterwards.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;
use warroom::clients::cloud_run::Client;
use warroom::domain::{Mono, OpId, OpKind, OpState};
use warroom::model::msg::{Hurdle, Msg, Token};
use warroom::model::traffic::TrafficState;

use super::api::Api;
use super::{IX, flip_of, operators, read, rollback, send, states};

const ENDS: [OpState; 2] = [OpState::Effective, OpState::Failed];

async fn split(client: &Client, shares: &[(Option<&str>, u8)]) -> OpKind {
    let mut state = TrafficState::default();
    state.read(read(client).await, Mono::default());
    OpKind::Traffic(state.freeze_split(IX, shares, warroom::clock::wall()).expect("a split"))
}

/// Sends `act` after a dry run of it; answers with the states and the last words.
async fn carried_out(client: &Arc<Client>, act: OpKind) -> (Vec<OpState>, String) {
    let (mut operators, mut receivers) = operators(client);
    operators.validate(Token(5), act.clone());
    let validated = receivers.control.recv().await;
    assert_eq!(validated, Some(Msg::Validated { token: Token(5), error: None }));
    send(&mut operators, "1", act);
    states(&mut receivers, &ENDS).await
}

#[tokio::test(flavor = "multi_thread")]
async fn all_acts_are_valid_and_googles_client_reads_them_back() {
    let api = Api::start(&["cart"]);
    let client = api.client("cart");
    let before = api.read_back("cart").await["template"].clone();
    let (way, words) = carried_out(&client, rollback(&client).await).await;
    assert_eq!(way, [OpState::Accepted, OpState::Reconciling, OpState::Effective], "{words}");
    let seen = api.read_back("cart").await;
    let expected =
        json!([["REVISION", "cart-00001-kex", 100, ""], ["REVISION", "cart-00004-qad", 0, "canary"]]);
    assert_eq!((&seen["wanted"], &seen["serves"], &seen["settled"]), (&expected, &expected, &json!(true)));
    assert_eq!(seen["template"], before, "only the traffic is sent");

    let act = split(&client, &[(Some("cart-00003-lot"), 75), (Some("cart-00004-qad"), 25)]).await;
    carried_out(&client, act).await;
    let seen = api.read_back("cart").await;
    let expected =
        json!([["REVISION", "cart-00003-lot", 75, ""], ["REVISION", "cart-00004-qad", 25, "canary"]]);
    assert_eq!(seen["serves"], expected);

    // Pinned, so that the revision which the flip makes gets nothing.
    let (_, words) = carried_out(&client, flip_of(&client, "RESUME", true).await).await;
    assert_eq!(words, "cart-00005-new is ready and gets 0 %: the split is pinned");
    let flipped = api.read_back("cart").await;
    assert_eq!(flipped["serves"], expected);
    let mut wanted = before.clone();
    wanted["containers"][1]["env"][0]["value"] = "true".into();
    wanted.as_object_mut().expect("a template").remove("revision");
    assert_eq!(flipped["template"], wanted, "one variable of the container with the port, and nothing else");

    carried_out(&client, split(&client, &[(None, 100)]).await).await;
    let seen = api.read_back("cart").await;
    assert_eq!(seen["serves"], json!([["LATEST", "", 100, ""], ["REVISION", "cart-00004-qad", 0, "canary"]]));
    let masks: Vec<Value> = api.came("patch").await.iter().map(|came| came["query"].clone()).collect();
    let mask = |name: &str| json!({"updateMask": name});
    assert_eq!(masks, [mask("traffic"), mask("traffic"), mask("template"), mask("traffic")]);
    api.blameless().await;
}

/// What came of a rollback while the API broke like this: the states, the last words, and how often it was sent.
async fn broken(faults: Value) -> (Vec<OpState>, String, usize) {
    let api = Api::start(&["cart"]);
    let act = rollback(&api.client("cart")).await;
    let hangs = faults.to_string().contains("hang");
    let client = Client::with_timeout(&api.spec("cart"), Duration::from_secs(if hangs { 2 } else { 30 }));
    let client = Arc::new(client);
    api.order(json!({"faults": faults})).await;
    let (mut operators, mut receivers) = operators(&client);
    send(&mut operators, "1", act.clone());
    // The same once more is not sent.
    send(&mut operators, "1", act);
    let (states, words) = states(&mut receivers, &ENDS).await;
    api.blameless().await;
    (states, words, api.came("patch").await.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_applied_is_found_by_looking_however_the_answer_is_lost() {
    let lost = [
        json!({"kind": "after", "status": 503}),
        json!({"kind": "reset"}),
        json!({"kind": "hang"}),
        json!({"kind": "cut"}),
        json!({"kind": "html"}),
    ];
    for mut fault in lost {
        fault["on"] = "patch".into();
        let (states, words, sent) = broken(json!([fault])).await;
        assert_eq!(
            (states.first(), states.last(), sent),
            (Some(&OpState::Unknown), Some(&OpState::Effective), 1),
            "{fault}: {words}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_says_why_and_moves_nothing() {
    let denied = json!([{"on": "patch", "kind": "denied"}]);
    let (states, words, sent) = broken(denied).await;
    assert_eq!((states, sent), (vec![OpState::Failed], 1));
    assert!(words.contains("[missing run.services.update]"), "{words}");
    let expired = json!([{"on": "patch", "kind": "expired", "times": 9}]);
    let (states, words, sent) = broken(expired).await;
    assert_eq!((states, sent), (vec![OpState::Failed], 2), "{words}");
    assert!(words.contains("ACCESS_TOKEN_EXPIRED") && words.contains("log in again"), "{words}");
    let failed =
        json!([{"on": "patch", "kind": "fails", "message": "Revision 'cart-00001-kex' is not ready"}]);
    let (states, words, sent) = broken(failed).await;
    assert_eq!((states.last(), sent), (Some(&OpState::Failed), 1));
    assert!(words.contains("Revision 'cart-00001-kex' is not ready"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_says_what_the_service_is_now() {
    let (states, words, sent) = broken(json!([{"on": "patch", "kind": "conflict"}])).await;
    assert_eq!((states, sent), (vec![OpState::Failed], 1), "{words}");
    let expected = "409: the service was changed by ines@example.com meanwhile: nothing was moved; \
        the split is cart-00003-lot 80 %, cart-00004-qad 20 % now, it was cart-00003-lot 90 %, cart-00004-qad 10 %";
    assert_eq!(words, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_waited_for_and_the_change_is_done_once() {
    let passing = [
        (json!({"on": "patch", "kind": "rate", "delay": "0.4s"}), 2),
        (json!({"on": "patch", "kind": "expired"}), 2),
        (json!({"on": "operation", "kind": "gone", "times": 99}), 1),
        (json!({"on": "operation", "kind": "before", "status": 503, "times": 2}), 1),
        (json!({"on": "operation", "kind": "html"}), 1),
        (json!({"on": "operation", "kind": "cut"}), 1),
        (json!({"on": "operation", "kind": "reset"}), 1),
        (json!({"on": "service", "kind": "rate", "delay": "0.3s", "times": 2}), 1),
        (json!({"on": "service", "kind": "cut"}), 1),
        (json!({"on": "service", "kind": "html"}), 1),
    ];
    for (fault, sends) in passing {
        let (states, words, sent) = broken(json!([fault])).await;
        assert_eq!((states.last(), sent), (Some(&OpState::Effective), sends), "{fault}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revision_deleted_meanwhile_fails_in_the_operation_with_the_services_words() {
    let api = Api::start(&["cart"]);
    let client = api.client("cart");
    let act = rollback(&client).await;
    api.order(json!({"services": {"cart": {"delete": "cart-00001-kex"}}})).await;
    let (mut operators, mut receivers) = operators(&client);
    operators.validate(Token(5), act.clone());
    let Some(Msg::Validated { error: Some(error), .. }) = receivers.control.recv().await else {
        panic!("no answer")
    };
    assert_eq!(error.by, Hurdle::Request);
    assert!(error.why.contains("does not exist or is deleted"), "{error:?}");
    send(&mut operators, "1", act);
    let (way, words) = states(&mut receivers, &ENDS).await;
    assert_eq!(way.last(), Some(&OpState::Failed));
    assert!(words.contains("Revision 'cart-00001-kex' does not exist or is deleted"), "{words}");
    api.blameless().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_settles_is_never_called_effective() {
    let api = Api::start(&["cart"]);
    let client = api.client("cart");
    let act = rollback(&client).await;
    api.fault(json!({"on": "patch", "kind": "never"})).await;
    let (mut operators, mut receivers) = operators(&client);
    send(&mut operators, "1", act);
    let (way, _) = states(&mut receivers, &[OpState::Reconciling]).await;
    assert_eq!(way, [OpState::Accepted, OpState::Reconciling]);
    let more = timeout(Duration::from_secs(4), receivers.control.recv()).await;
    assert!(more.is_err(), "{more:?}");
    api.blameless().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_by_a_503_is_not_sent_again_and_found_not_to_be_there() {
    let api = Api::start(&["cart"]);
    let client = api.client("cart");
    let act = rollback(&client).await;
    api.fault(json!({"on": "patch", "kind": "before", "status": 503})).await;
    let (mut operators, mut receivers) = operators(&client);
    send(&mut operators, "1", act.clone());
    states(&mut receivers, &[OpState::Unknown]).await;
    let (_, words) = states(&mut receivers, &[OpState::Unknown]).await;
    assert!(words.starts_with("not applied so far"), "{words}");
    // Another console looks a minute later.
    let (mut others, mut receivers) = self::operators(&client);
    others.recheck(OpId("1".into()), &act, Duration::from_mins(1));
    let (_, words) = states(&mut receivers, &ENDS).await;
    assert_eq!(words, "not applied: the service is as it was before the request");
    assert_eq!(api.came("patch").await.len(), 1);
    api.blameless().await;
}
