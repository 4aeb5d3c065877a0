//! The machine against every kind of answer, in any order.

use proptest::prelude::*;

use super::*;
use crate::domain::revision::same_split;
use crate::domain::{ServiceIx, TrafficChange, TrafficTarget, Wall};

mod flags;
mod rests;

fn share(revision: &str, percent: u8) -> TrafficTarget {
    TrafficTarget { revision: Some(revision.into()), percent, tag: None, uri: None }
}

fn rollback() -> OpKind {
    OpKind::Rollback(TrafficChange {
        service: ServiceIx(0),
        resource: "r".into(),
        to: "a".into(),
        before: vec![share("b", 100)],
        after: vec![share("a", 100)],
        generation: 7,
        etag: "e7".into(),
        frozen_at: Wall::default(),
    })
}

fn service(to: &str, settled: bool, generation: i64) -> Traffic {
    Traffic {
        name: "r".into(),
        desired: vec![share(to, 100)],
        effective: vec![share(if settled { to } else { "b" }, 100)],
        latest_ready: Some("b".into()),
        latest_created: Some("b".into()),
        reconciling: !settled,
        generation,
        observed_generation: if settled { generation } else { generation - 1 },
        terminal: settled.then_some(true),
        message: None,
        etag: format!("e{generation}"),
        uri: String::new(),
        revisions: vec![],
        template_env: std::collections::BTreeMap::new(),
        template_containers: std::collections::BTreeMap::new(),
        template_image: Clean::default(),
        template_sidecars: Vec::new(),
        template_main: Clean::default(),
        last_modifier: Clean::new("ci@example.com"),
        scaling: crate::domain::revision::ServiceScaling::default(),
    }
}

fn failed(to: &str) -> Traffic {
    let message = Some(Clean::new("no container"));
    Traffic { reconciling: false, terminal: Some(false), message, ..service(to, false, 8) }
}

/// `to` serves everything, and a newer revision cannot start.
fn broken(to: &str) -> Traffic {
    let message = Some(Clean::new("no container"));
    Traffic { terminal: Some(false), message, observed_generation: 7, ..service(to, true, 8) }
}

fn error(kind: ErrorKind) -> ApiError {
    ApiError { kind, what: "move the traffic", why: Clean::new("why") }
}

fn operation(done: bool, error: Option<&str>) -> Operation {
    Operation { name: "op".into(), done, error: error.map(Clean::new) }
}

fn kinds() -> impl Strategy<Value = ErrorKind> {
    prop_oneof![
        Just(ErrorKind::Conflict),
        Just(ErrorKind::Permission),
        Just(ErrorKind::Unauthenticated),
        Just(ErrorKind::NotFound),
        Just(ErrorKind::Invalid),
        Just(ErrorKind::RateLimited { retry: Duration::from_millis(1500) }),
        Just(ErrorKind::Unavailable),
        Just(ErrorKind::NoAnswer),
        Just(ErrorKind::Unreachable),
        Just(ErrorKind::BadBody),
        Just(ErrorKind::Credentials),
    ]
}

fn operations() -> impl Strategy<Value = Result<Operation, ApiError>> {
    prop_oneof![
        Just(Ok(operation(false, None))),
        Just(Ok(operation(true, None))),
        Just(Ok(operation(true, Some("code 9: not ready")))),
        kinds().prop_map(|kind| Err(error(kind))),
    ]
}

fn services() -> impl Strategy<Value = Result<Traffic, ApiError>> {
    prop_oneof![
        (prop_oneof![Just("a"), Just("b")], any::<bool>(), 7..9_i64)
            .prop_map(|(to, on, g)| Ok(service(to, on, g))),
        Just(Ok(failed("a"))),
        Just(Ok(broken("a"))),
        kinds().prop_map(|kind| Err(error(kind))),
    ]
}

/// An answer to a change or about an operation, one about the service, and the seconds since the last.
type Round = (Result<Operation, ApiError>, Result<Traffic, ApiError>, u64);

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    prop::collection::vec((operations(), services(), 0..90_u64), 0..40)
}

/// Plays the answers; checks at each step what must never happen, and answers with the states.
fn play(mut run: Run, rounds: &[Round]) -> (u32, Vec<OpState>) {
    let (mut sends, mut state, mut states, mut elapsed) = (0, run.state, vec![], 0);
    let (mut may_send, mut rested, mut as_frozen) = (true, Duration::ZERO, false);
    for (op, service, seconds) in rounds {
        let Some((ask, rest)) = run.next() else { break };
        elapsed += seconds;
        let answer = match ask {
            Ask::Send => {
                assert!(may_send, "sent although the last answer left it open");
                sends += 1;
                assert_eq!(run.clone().next(), None, "handed out twice");
                may_send = matches!(op, Err(ApiError { kind: ErrorKind::RateLimited { .. }, .. }));
                assert!(sends == 1 || rested >= Duration::from_millis(1500), "not waited as told");
                assert!(sends == 1 || as_frozen, "not looked at before it is sent once more");
                Answer::Sent(op.clone())
            }
            Ask::Operation(_) => Answer::Operation(op.clone()),
            Ask::Service => {
                (rested, as_frozen) = (rest, matches!(service, Ok(seen) if seen.etag == "e7"));
                Answer::Service(Box::new(service.clone()))
            }
        };
        let seen = matches!(&answer, Answer::Service(s) if matches!(&**s, Ok(t) if t.traffic_settled()
            && same_split(&t.effective, &[share("a", 100)])));
        for (next, _) in run.take(answer, Duration::from_secs(elapsed)) {
            assert!(state.may_become(next), "{state} became {next}");
            assert!(next != OpState::Effective || seen, "effective without having been seen");
            assert!(!matches!(next, OpState::Verified | OpState::Drained | OpState::Requested));
            state = next;
            states.push(next);
        }
    }
    (sends, states)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_sequence_of_answers_sends_twice(rounds in rounds()) {
        let (sends, _) = play(Run::new(rollback()), &rounds);
        prop_assert!(sends <= 1 + RESENDS);
    }

    #[test]
    fn a_recheck_sends_nothing(rounds in rounds(), ago in 0..100_u64) {
        let (sends, _) = play(Run::recheck(rollback(), Duration::from_secs(ago)), &rounds);
        prop_assert_eq!(sends, 0);
    }
}

/// The states that this list of answers leads to, and the last words.
fn told(run: Run, answers: Vec<Answer>) -> Vec<(OpState, String)> {
    let mut run = run;
    let mut told = Vec::new();
    for (answer, second) in answers.into_iter().zip(1..) {
        run.next().expect("it asks until it is over");
        let reports = run.take(answer, Duration::from_secs(second));
        told.extend(reports.into_iter().map(|(state, words)| (state, words.to_string())));
    }
    assert_eq!(run.next(), None, "it is over");
    told
}

fn seen(traffic: Traffic) -> Answer {
    Answer::Service(Box::new(Ok(traffic)))
}

#[test]
fn a_rollback_goes_its_way() {
    let answers = vec![
        Answer::Sent(Ok(operation(false, None))),
        Answer::Operation(Ok(operation(false, None))),
        Answer::Operation(Ok(operation(true, None))),
        seen(service("a", false, 8)),
        seen(service("a", true, 8)),
    ];
    assert_eq!(
        told(Run::new(rollback()), answers),
        [
            (OpState::Accepted, "op".into()),
            (OpState::Reconciling, "the operation runs".into()),
            (OpState::Effective, "a serves 100 %".into()),
        ]
    );
}

#[test]
fn a_lost_answer_is_unknown_until_the_service_shows_it() {
    let answers = vec![
        Answer::Sent(Err(error(ErrorKind::NoAnswer))),
        Answer::Service(Box::new(Err(error(ErrorKind::Unavailable)))),
        seen(service("a", false, 8)),
        seen(service("a", true, 8)),
    ];
    let states: Vec<_> = told(Run::new(rollback()), answers).into_iter().map(|(state, _)| state).collect();
    assert_eq!(states, [OpState::Unknown, OpState::Reconciling, OpState::Effective]);
}

#[test]
fn a_change_that_does_not_show_stays_unknown_and_is_not_sent_again() {
    let untouched = || seen(service("b", true, 7));
    let answers =
        vec![Answer::Sent(Err(error(ErrorKind::Unavailable))), untouched(), untouched(), untouched()];
    let told_first = told(Run::new(rollback()), answers);
    assert_eq!(told_first.last().map(|(state, _)| *state), Some(OpState::Unknown));
    let check = |ago, looks: usize| {
        told(
            Run::recheck(rollback(), Duration::from_secs(ago)),
            std::iter::repeat_with(untouched).take(looks).collect(),
        )
    };
    let words = "not applied: the service is as it was before the request";
    assert_eq!(check(60, 3), [(OpState::Failed, words.to_owned())]);
    // Too early to say so, it looks on until no request can arrive any more: half a minute after the sending.
    let early = "not applied so far; the request may still arrive: looking on";
    let both = [(OpState::Unknown, early.to_owned()), (OpState::Failed, words.to_owned())];
    assert_eq!(check(26, 4), both);
    assert_eq!(check(0, 30), both);
    // Somebody else wrote in between: the old etag can no longer land.
    let other = || seen(service("b", true, 8));
    let answers = vec![other(), other(), other()];
    let words =
        "the service wants something else, changed by ci@example.com; the request can no longer be applied";
    assert_eq!(
        told(Run::recheck(rollback(), Duration::ZERO), answers),
        [(OpState::Failed, words.to_owned())]
    );
    let unnamed = || seen(Traffic { last_modifier: Clean::default(), ..service("b", true, 8) });
    let said = told(Run::recheck(rollback(), Duration::ZERO), vec![unnamed(), unnamed(), unnamed()]);
    let words = words.replace("ci@example.com", "somebody");
    assert_eq!(said, [(OpState::Failed, words)], "the API need not tell who");
}

#[test]
fn a_refusal_says_that_nothing_was_moved() {
    let refused = || Answer::Sent(Err(error(ErrorKind::Conflict)));
    let blind = Answer::Service(Box::new(Err(error(ErrorKind::Unavailable))));
    let words = "409, the service is another one now: nothing was moved (why)";
    assert_eq!(told(Run::new(rollback()), vec![refused(), blind]), [(OpState::Failed, words.to_owned())]);
    let conflict = told(Run::new(rollback()), vec![refused(), seen(service("c", true, 8))]);
    let words = "409: the service was changed by ci@example.com meanwhile: nothing was moved; \
        the split is c 100 % now, it was b 100 %";
    assert_eq!(conflict, [(OpState::Failed, words.to_owned())]);
    let denied = told(Run::new(rollback()), vec![Answer::Sent(Err(error(ErrorKind::Permission)))]);
    let words = "nothing was moved: move the traffic: why; ask for the permission named";
    assert_eq!(denied, [(OpState::Failed, words.to_owned())]);
}

/// A colleague used the same command line in that moment, or a 429 was answered to what was done all the same.
#[test]
fn a_conflict_with_what_was_asked_is_what_was_asked() {
    let refused = || Answer::Sent(Err(error(ErrorKind::Conflict)));
    let words = "serves what was asked, moved by ci@example.com: a serves 100 % \
        (the service was changed meanwhile)";
    let told_of = |read: Vec<Traffic>| {
        let read = read.into_iter().map(seen);
        told(Run::new(rollback()), std::iter::once(refused()).chain(read).collect())
    };
    assert_eq!(told_of(vec![service("a", true, 8)]), [(OpState::Effective, words.to_owned())]);
    // Wanted and not serving yet is watched; serving and not wanted any more is not it.
    let states: Vec<OpState> = told_of(vec![service("a", false, 8), service("a", true, 8)])
        .into_iter()
        .map(|(state, _)| state)
        .collect();
    assert_eq!(states, [OpState::Reconciling, OpState::Effective]);
    let unwanted = Traffic { desired: vec![share("b", 100)], ..service("a", true, 8) };
    assert_eq!(told_of(vec![unwanted])[0].0, OpState::Failed);
    // A split that was there before was not brought by anybody.
    let OpKind::Rollback(change) = rollback() else { unreachable!() };
    let same = OpKind::Traffic(TrafficChange { before: change.after.clone(), ..change });
    let told = told(Run::new(same), vec![refused(), seen(service("a", true, 8))]);
    assert_eq!(told[0].0, OpState::Failed);
}

#[test]
fn a_failed_operation_tells_the_services_own_words() {
    let answers = vec![Answer::Sent(Ok(operation(true, Some("code 9: not ready")))), seen(failed("a"))];
    assert_eq!(
        told(Run::new(rollback()), answers),
        [
            (OpState::Accepted, "op".to_owned()),
            (OpState::Failed, "code 9: not ready; the service says: no container".to_owned()),
        ]
    );
}

/// An operation is a word about the service, which is there to be seen.
#[test]
fn what_the_service_serves_is_believed_whatever_its_operation_says() {
    let failed = || Answer::Sent(Ok(operation(true, Some("code 13: internal"))));
    let last = |answers| told(Run::new(rollback()), answers).pop();
    let words = "a serves 100 %; its operation failed all the same: code 13: internal";
    let effective = Some((OpState::Effective, words.to_owned()));
    assert_eq!(last(vec![failed(), seen(service("a", true, 8))]), effective);
    let unread = Answer::Service(Box::new(Err(error(ErrorKind::Unavailable))));
    let late = vec![failed(), seen(service("a", false, 8)), unread, seen(service("a", true, 8))];
    assert_eq!(last(late), effective, "it was still changing");
    let as_before = vec![failed(), seen(service("a", true, 7))];
    assert_eq!(last(as_before).map(|it| it.0), Some(OpState::Failed), "it was so before");
    let changing = || seen(service("a", false, 8));
    let never = last(vec![failed(), changing(), changing(), changing()]);
    assert_eq!(never, Some((OpState::Failed, "code 13: internal".to_owned())));

    // One that never is done is looked behind after a few looks, in turns.
    let runs = || Answer::Operation(Ok(operation(false, None)));
    let sent = Answer::Sent(Ok(operation(false, None)));
    let answers = vec![sent, runs(), runs(), changing(), runs(), seen(service("a", true, 8))];
    let words = "a serves 100 %; its operation is not done";
    assert_eq!(last(answers), Some((OpState::Effective, words.to_owned())));

    // Somebody else moved it on meanwhile, or made it anew: that is no matter of its operation. As it was before, it may lag.
    let after = |traffic: fn() -> Traffic| {
        let sent = Answer::Sent(Ok(operation(false, None)));
        let looks = std::iter::repeat_with(|| seen(traffic())).take(3);
        last([sent, runs(), runs()].into_iter().chain(looks).collect())
    };
    let replaced = "another change replaced it: the service was changed by ci@example.com";
    let replaced = Some((OpState::Failed, replaced.to_owned()));
    assert_eq!(after(|| service("b", true, 9)), replaced);
    assert_eq!(after(|| service("b", true, 1)), replaced);
    let sent = Answer::Sent(Ok(operation(false, None)));
    let lags = seen(service("b", true, 7));
    let answers = vec![sent, runs(), runs(), lags, runs(), seen(service("a", true, 8))];
    assert_eq!(last(answers).map(|it| it.0), Some(OpState::Effective));
}

#[test]
fn without_an_etag_a_late_request_is_waited_for_although_the_service_was_changed() {
    let OpKind::Rollback(change) = rollback() else { unreachable!() };
    let act = OpKind::Rollback(TrafficChange { etag: String::new(), ..change });
    let other = || seen(service("b", true, 8));
    let states = |ago, looks: usize| -> Vec<OpState> {
        let answers = std::iter::repeat_with(other).take(looks).collect();
        let told = told(Run::recheck(act.clone(), Duration::from_secs(ago)), answers);
        told.into_iter().map(|(state, _)| state).collect()
    };
    assert_eq!(states(26, 4), [OpState::Unknown, OpState::Failed]);
    assert_eq!(states(60, 3), [OpState::Failed]);
}

#[test]
fn a_deploy_that_failed_before_does_not_make_a_rollback_fail() {
    let mut run = Run::new(rollback());
    run.next();
    run.take(Answer::Sent(Ok(operation(true, None))), Duration::ZERO);
    let told = run.take(Answer::Service(Box::new(Ok(broken("a")))), Duration::from_secs(1));
    let words = "a serves 100 %; the service is not ready: no container";
    assert_eq!(told, [(OpState::Effective, Clean::new(words))]);
}

#[test]
fn what_was_done_to_a_tag_is_told_as_that() {
    let OpKind::Rollback(change) = rollback() else { unreachable!() };
    let tagged =
        |revision: &str| TrafficTarget { percent: 0, tag: Some("canary".into()), ..share(revision, 0) };
    let with = |tag: Option<TrafficTarget>| [share("b", 100)].into_iter().chain(tag).collect::<Vec<_>>();
    let words = |before: Option<TrafficTarget>, after: Option<TrafficTarget>| {
        let act = OpKind::Traffic(TrafficChange {
            before: with(before),
            after: with(after.clone()),
            ..change.clone()
        });
        let serves =
            Traffic { desired: with(after.clone()), effective: with(after), ..service("b", true, 8) };
        let told = told(Run::new(act), vec![Answer::Sent(Ok(operation(true, None))), seen(serves)]);
        told.last().map(|(_, words)| words.clone()).unwrap_or_default()
    };
    assert_eq!(words(None, Some(tagged("a"))), "tag canary is on a");
    assert_eq!(words(Some(tagged("a")), None), "tag canary is taken away");
}
