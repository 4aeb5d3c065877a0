//! What the API asks to wait for before a change is sent once more.

use super::*;

/// Waited as told up to a minute, and then looked at before it is sent once more.
#[test]
fn a_rate_limit_is_waited_for_as_told_and_the_service_is_read_before_it_is_sent_once_more() {
    let limited = || Answer::Sent(Err(error(ErrorKind::RateLimited { retry: Duration::from_secs(40) })));
    let asked_after = |read: Answer| {
        let mut run = Run::new(rollback());
        assert_eq!(run.next(), Some((Ask::Send, Duration::ZERO)));
        assert_eq!(run.take(limited(), Duration::from_secs(1)), []);
        assert_eq!(run.told_to_wait().map(|(wait, _)| wait.as_secs()), Some(40));
        assert_eq!(run.next(), Some((Ask::Service, Duration::from_secs(40))));
        let told = run.take(read, Duration::from_secs(42)).pop();
        (run.next(), told.map(|(state, words)| format!("{state} {words}")))
    };
    assert_eq!(asked_after(seen(service("b", true, 7))), (Some((Ask::Send, Duration::ZERO)), None));
    let words = "failed not sent once more: the service was changed by ci@example.com meanwhile: nothing was moved; \
        the split is c 100 % now, it was b 100 %";
    assert_eq!(asked_after(seen(service("c", true, 8))), (None, Some(words.to_owned())));
    let blind = Answer::Service(Box::new(Err(error(ErrorKind::Unavailable))));
    let (next, words) = asked_after(blind);
    assert!(
        next.is_none() && words.is_some_and(|words| words.contains("not sent once more, nothing was moved"))
    );
    // The answer was untrue: it was done.
    let words = "effective serves what was asked, moved by ci@example.com: a serves 100 % \
        (the service was changed meanwhile)";
    assert_eq!(asked_after(seen(service("a", true, 8))), (None, Some(words.to_owned())));
    // Reading is limited too: waited for as well, within the same minute.
    let again =
        || Answer::Service(Box::new(Err(error(ErrorKind::RateLimited { retry: Duration::from_secs(10) }))));
    assert_eq!(asked_after(again()), (Some((Ask::Service, Duration::from_secs(10))), None));
}

#[test]
fn a_rate_limit_is_not_waited_for_longer_than_others_wait() {
    let limited =
        |seconds| Answer::Sent(Err(error(ErrorKind::RateLimited { retry: Duration::from_secs(seconds) })));
    let words = |wait| format!("rate limited: nothing was moved; try again in {wait} (why)");
    assert_eq!(told(Run::new(rollback()), vec![limited(60)]), [(OpState::Failed, words("1m00s"))]);
    let mut run = Run::new(rollback());
    run.next();
    run.take(limited(60), Duration::from_secs(1));
    assert_eq!(run.told_to_wait().map(|(wait, _)| wait.as_secs()), Some(60), "until then it is refused");
    // Short waits add up: whoever has only the record must know when it was sent at the latest.
    let frozen = || seen(service("b", true, 7));
    let answers = vec![limited(20), frozen(), limited(30), frozen(), limited(56)];
    assert_eq!(told(Run::new(rollback()), answers), [(OpState::Failed, words("56s"))]);
    let late = told(Run::new(rollback()), vec![limited(2), frozen(), Answer::Unsent(Clean::new("too late"))]);
    assert_eq!(late, [(OpState::Failed, "too late".to_owned())]);
}

#[test]
fn a_wait_that_the_api_asked_for_is_told_with_its_length_and_words() {
    let limited = || error(ErrorKind::RateLimited { retry: Duration::from_secs(4) });
    let mut run = Run::new(rollback());
    run.next();
    assert_eq!(run.take(Answer::Sent(Err(limited())), Duration::ZERO), []);
    assert_eq!(run.told_to_wait(), Some((Duration::from_secs(4), Clean::new("why"))));
    assert_eq!(run.told_to_wait(), None, "once");
    assert_eq!(run.next(), Some((Ask::Service, Duration::from_secs(4))));
    run.take(seen(service("b", true, 7)), Duration::from_secs(4));
    assert_eq!(run.next(), Some((Ask::Send, Duration::ZERO)));
    run.take(Answer::Sent(Ok(operation(false, None))), Duration::from_secs(4));
    assert_eq!(run.told_to_wait(), None, "it was taken");
    run.take(Answer::Operation(Err(limited())), Duration::from_secs(5));
    assert_eq!(run.told_to_wait(), Some((Duration::from_secs(4), Clean::new("why"))), "a look rests as long");
}
