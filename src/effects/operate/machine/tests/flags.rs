//! A flag that is a variable, refused because the service was changed.

use super::*;
use crate::domain::FlagChange;
use crate::domain::revision::EnvValue;

fn flip(before: &str, image: Option<&str>) -> OpKind {
    OpKind::Flag(FlagChange {
        resource: "r".into(),
        flag: "FAST".into(),
        variable: "FAST".into(),
        before: Some(before.into()),
        after: "true".into(),
        etag: "e7".into(),
        generation: 7,
        image: image.map(str::to_owned),
        ..FlagChange::default()
    })
}

fn with(value: &str, settled: bool) -> Answer {
    let env = [("FAST".to_owned(), EnvValue::Plain(value.into()))].into();
    seen(Traffic { template_env: env, ..service("b", settled, 8) })
}

fn after_a_conflict(act: OpKind, answers: Vec<Answer>) -> Vec<(OpState, String)> {
    let refused = Answer::Sent(Err(error(ErrorKind::Conflict)));
    told(Run::new(act), std::iter::once(refused).chain(answers).collect())
}

#[test]
fn a_conflict_with_the_value_that_was_asked_is_no_failure() {
    let words = "FAST is as asked, changed by ci@example.com: b is ready and gets 100 % \
        (the service was changed meanwhile)";
    let done = [(OpState::Effective, words.to_owned())];
    assert_eq!(after_a_conflict(flip("false", None), vec![with("true", true)]), done);
    let late = after_a_conflict(flip("false", None), vec![with("true", false), with("true", true)]);
    assert_eq!(
        late.iter().map(|(state, _)| *state).collect::<Vec<_>>(),
        [OpState::Reconciling, OpState::Effective]
    );
}

#[test]
fn a_conflict_with_anything_else_is_one() {
    let words =
        "409: the service was changed by ci@example.com meanwhile: nothing was moved; FAST is false now";
    let other = after_a_conflict(flip("false", None), vec![with("false", true)]);
    assert_eq!(other, [(OpState::Failed, words.to_owned())]);
    // It was so before, or it was to come with another image.
    for act in [flip("true", None), flip("false", Some("img@1"))] {
        assert_eq!(after_a_conflict(act, vec![with("true", true)])[0].0, OpState::Failed);
    }
}
