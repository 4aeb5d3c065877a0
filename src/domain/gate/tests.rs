//! Runs and what they are worth.

mod real;

use super::*;
use crate::domain::plan::Expected;

fn command(proof: Proof, expected: &[Check]) -> Command {
    let expected =
        expected.iter().map(|check| Expected { text: "so".into(), check: check.clone() }).collect();
    Command {
        id: String::new(),
        line: 1,
        text: String::new(),
        section: Vec::new(),
        item: None,
        fence: None,
        kind: CommandKind::Gate,
        why: Clean::default(),
        proof,
        comment: Clean::default(),
        expected,
    }
}

/// `passed`, `failed: why` or `open: why`.
fn told(proof: Proof, expected: &[Check], exit: i32, output: &str) -> String {
    let ended = Ended { exit: Some(exit), took: Duration::from_secs(3), output, cut: false };
    match judge(&command(proof, expected), &ended) {
        GateResult::Passed => "passed".to_owned(),
        GateResult::Failed { why } => format!("failed: {why}"),
        GateResult::Inconclusive { why } => format!("open: {why}"),
    }
}

#[test]
fn a_status_that_says_something_by_itself_is_told_in_words() {
    let of = |text: &str, exit| {
        let command = Command { text: text.into(), ..command(Proof::Exit, &[]) };
        let ended = Ended { exit: Some(exit), took: Duration::ZERO, output: "", cut: false };
        judge(&command, &ended)
    };
    assert_eq!(of("curl -s https://a.example", 7), failed("exit 7: nobody answers there"));
    assert_eq!(of("./curl-all", 7), failed("exit 7"));
    assert_eq!(of("pytset -q", 127), failed("exit 127: command not found"));
}

#[test]
fn a_test_runner_passes_by_its_exit_status_and_its_counts() {
    let exit = |code, output| told(Proof::Exit, &[], code, output);
    assert_eq!(exit(0, ""), "passed");
    assert_eq!(exit(0, "== 41 passed, 3 skipped in 2.10s =="), "passed");
    assert_eq!(exit(1, "== 1 failed, 41 passed in 2.10s =="), "failed: exit 1: 1 failed, 41 passed");
    assert_eq!(exit(2, "boom"), "failed: exit 2");
    assert_eq!(exit(0, "== 1 failed, 41 passed in 2s =="), "failed: 1 failed, 41 passed");
    assert_eq!(exit(0, "3 skipped in 0.01s"), "open: all 3 skipped: nothing was tested");
    assert_eq!(exit(0, "running 0 tests\ntest result: ok. 0 passed; 0 failed"), "open: no tests ran");
    assert_eq!(exit(5, "no tests ran in 0.01s"), "failed: exit 5: no tests ran");
    let by_signal = Ended { exit: None, took: Duration::ZERO, output: "", cut: false };
    assert_eq!(judge(&command(Proof::Exit, &[]), &by_signal), failed("ended by a signal"));
}

#[test]
fn what_only_shows_a_state_never_passes_by_its_exit_status() {
    let shown = |expected: &[Check], exit, output| told(Proof::Output, expected, exit, output);
    assert!(shown(&[], 0, "web  Up 2 hours").starts_with("open: it shows a state"));
    assert_eq!(shown(&[Check::Person], 0, "web  Up"), "open: look whether it shows: so");
    assert_eq!(shown(&[], 0, "HTTP/1.1 503 Service Unavailable\n\n{}"), "failed: HTTP 503");
    assert!(shown(&[], 0, "HTTP/1.1 200 OK\n\n{}").starts_with("open: "));
    assert!(shown(&[], 0, "41 passed, 1 failed in 3s").starts_with("open: "));
    let ok = Check::Status(200);
    assert_eq!(shown(std::slice::from_ref(&ok), 0, "HTTP/2 200 \r\nx: y\r\n"), "passed");
    assert_eq!(shown(std::slice::from_ref(&ok), 0, "HTTP/1.1 503 No\n"), "failed: HTTP 503, expected 200");
    assert!(shown(&[ok], 0, "{\"status\":\"healthy\"}").starts_with("open: expected HTTP 200"));
    assert_eq!(shown(&[Check::Status(503)], 22, "HTTP/1.1 503 No\n"), "passed");
    assert_eq!(shown(&[Check::Status(503)], 7, ""), "failed: exit 7");
    assert_eq!(shown(&[Check::Empty], 1, "\n"), "passed");
    assert_eq!(shown(&[Check::Empty], 0, "a\nb"), "failed: expected no output, and there are 2 lines");
    let healthy = [Check::Contains("\"status\": \"ok\"".into())];
    assert_eq!(shown(&healthy, 0, "{\"status\":\"ok\"}"), "passed");
    assert!(shown(&healthy, 0, "{\"status\":\"down\"}").starts_with("failed: expected in the output"));
    let holds = |text: &str, output| shown(&[Check::Contains(text.into())], 0, output) == "passed";
    assert!(
        holds("0", "open: 0\n")
            && holds("healthy", "web: healthy.")
            && holds("accepting connections", "accepting  connections")
    );
    assert!(
        !holds("0", "10 open") && !holds("0", "0.5") && !holds("5", "0.5") && !holds("healthy", "unhealthy")
    );
    assert!(!holds("ok", "{\"token\": 1}") && holds("正常", "状态正常"));
    assert!(told(Proof::Setup, &[], 0, "").starts_with("open: it prepares"));
}

#[test]
fn what_is_expected_and_denied_in_the_output_is_not_met() {
    let said = |text: &str, output| told(Proof::Output, &[Check::Contains(text.into())], 0, output);
    assert_eq!(said("passed", "3 failed, 0 passed in 1s"), "failed: 3 failed, 0 passed, expected passed");
    assert_eq!(said("passed", "smoke: 0 passed"), "failed: expected passed, and it says: smoke: 0 passed");
    assert_eq!(said("success", "success: false"), "failed: expected success, and it says: success: false");
    assert_eq!(said("200", "HTTP/1.1 500\nx: 200"), "failed: HTTP 500, expected 200");
    for (text, denied) in [
        ("success", "{\"success\": false, \"n\": 3}"),
        ("ready", "web is not ready"),
        ("ready", "web: not yet ready"),
        ("healthy", "the pool isn't healthy"),
        ("healthy", "healthy = no"),
        ("ready", "ready\tfalse"),
    ] {
        assert!(said(text, denied).starts_with("failed: expected "), "{denied}: {}", said(text, denied));
    }
    for partly in ["web ready\ndb not ready", "2/3 ready", "ready: 3 pods\nready: false"] {
        assert!(said("ready", partly).starts_with("open: expected ready, and not all"), "{partly}");
    }
    // What only words suggest is not known to be contrary: a person looks.
    for (text, perhaps) in [
        ("ok", "no changes ok"),
        ("success", "no errors success"),
        ("pending", "pending: 0"),
        ("healthy", "healthy = none"),
        ("ready", "drained: no ready: 3"),
        ("passed", "skipped: 0 passed: 12"),
    ] {
        assert!(said(text, perhaps).starts_with("open: expected "), "{perhaps}: {}", said(text, perhaps));
    }
    for (text, output) in [
        ("success", "no errors, success"),
        ("success", "0 errors. success"),
        ("ready", "3/3 ready"),
        ("ready", "10 ready"),
        ("ok", "version 1.0 ok"),
        ("ready", "ready no_proxy=x"),
        ("ready: false", "ready: false"),
        ("0 failed", "3 ok, 0 failed"),
        ("200", "HTTP/1.1 200 OK"),
        ("success", "success: true"),
        ("not ready", "web not ready"),
    ] {
        assert_eq!(said(text, output), "passed", "{text}: {output}");
    }
}

#[test]
fn counts_and_durations_are_held_against_the_document() {
    let five = [Check::Passed(5)];
    assert_eq!(told(Proof::Exit, &five, 0, "5 passed in 1s"), "passed");
    assert_eq!(told(Proof::Exit, &five, 0, "4 passed in 1s"), "failed: 4 passed, expected 5 passed");
    assert!(
        told(Proof::Exit, &five, 0, "6 passed in 1s").starts_with("open: 6 passed, the document expects 5")
    );
    assert!(
        told(Proof::Exit, &five, 0, "fine").starts_with("open: expected 5 passed, and the output shows no")
    );
    assert_eq!(told(Proof::Counts, &[], 0, "5 passed in 1s"), "passed");
    assert!(told(Proof::Counts, &[], 0, "fine").starts_with("open: no counts"));
    assert_eq!(told(Proof::Exit, &[Check::Within(3001)], 0, ""), "passed");
    assert_eq!(told(Proof::Exit, &[Check::Within(2000)], 0, ""), "failed: took 3 s, expected under 2 s");
    assert!(told(Proof::Output, &[Check::Within(9000)], 0, "").starts_with("open: "));
    let cut = Ended {
        exit: Some(0),
        took: Duration::ZERO,
        output: "test result: ok. 3 passed; 0 failed",
        cut: true,
    };
    assert!(matches!(judge(&command(Proof::Exit, &five), &cut), GateResult::Inconclusive { .. }));
}

#[test]
fn what_is_no_gate_is_never_passed() {
    let mut command = command(Proof::Exit, &[]);
    command.kind = CommandKind::Mutation;
    let ended = Ended { exit: Some(0), took: Duration::ZERO, output: "done", cut: false };
    assert!(matches!(judge(&command, &ended), GateResult::Inconclusive { .. }));
}

/// passed, failed, skipped, errors.
fn counts(output: &str) -> Option<(u32, u32, u32, u32)> {
    summary(output).map(|s| (s.passed, s.failed, s.skipped, s.errors))
}

#[test]
fn python_runners_are_read() {
    let bars = "\x1b[31m====== \x1b[31m\x1b[1m2 failed\x1b[0m, \x1b[32m41 passed\x1b[0m, 3 skipped, 1 xfailed, \
                9 warnings, 1 error\x1b[31m in 65.21s (0:01:05)\x1b[0m ======\x1b[0m\n";
    assert_eq!(counts(bars), Some((41, 2, 4, 1)));
    assert_eq!(counts(".....\n5 passed in 0.12s\n"), Some((5, 0, 0, 0)));
    assert_eq!(counts("==== no tests ran in 0.00s ===="), Some((0, 0, 0, 0)));
    assert_eq!(counts("2 deselected in 0.01s"), Some((0, 0, 0, 0)));
    assert_eq!(counts("....\n------\nRan 4 tests in 0.010s\n\nOK\n"), Some((4, 0, 0, 0)));
    assert_eq!(
        counts("Ran 7 tests in 0.01s\n\nFAILED (failures=1, errors=2, skipped=1)\n"),
        Some((3, 1, 1, 2))
    );
    assert_eq!(counts("Ran 0 tests in 0.000s\n\nNO TESTS RAN\n"), Some((0, 0, 0, 0)));
    assert_eq!(counts("5 passed the review in time"), None);
}

#[test]
fn cargo_and_go_are_read_over_all_their_parts() {
    let cargo = "running 2 tests\ntest a ... ok\n\
        test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
        test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 4 filtered out; finished in 0.10s\n";
    assert_eq!(counts(cargo), Some((5, 1, 1, 0)));
    let nextest = "     Summary [   0.123s] 10 tests run: 8 passed (1 slow), 2 failed, 3 skipped\n";
    assert_eq!(counts(nextest), Some((8, 2, 3, 0)));
    assert_eq!(
        counts("ok  \tshop/cart\t0.01s\nFAIL\tshop/pay\t0.2s\n?   \tshop\t[no test files]\n"),
        Some((1, 1, 0, 0))
    );
    assert_eq!(counts("?   \tshop\t[no test files]\n"), Some((0, 0, 0, 0)));
    let verbose = "=== RUN   TestA\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/x (0.00s)\n--- SKIP: TestB (0.00s)\n\
        PASS\nok  \tshop\t0.01s\nFAIL\tshop/pay [build failed]\n";
    assert_eq!(counts(verbose), Some((1, 0, 1, 1)));
    let json = "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"TestA\"}\n\
        {\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"TestA/x\",\"Elapsed\":0}\n\
        {\"Action\":\"fail\",\"Package\":\"p\",\"Test\":\"TestA\"}\n\
        {\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"TestB\"}\n{\"Action\":\"fail\",\"Package\":\"p\"}\n";
    assert_eq!(counts(json), Some((1, 1, 0, 0)));
}

#[test]
fn runners_of_scripts_are_read() {
    let jest =
        "Test Suites: 1 failed, 2 passed, 3 total\nTests:       1 failed, 2 skipped, 41 passed, 44 total\n";
    assert_eq!(counts(jest), Some((41, 1, 2, 0)));
    let vitest = " Test Files  3 passed (3)\n      Tests  41 passed | 2 skipped (43)\n";
    assert_eq!(counts(vitest), Some((41, 0, 2, 0)));
    assert_eq!(counts("No tests found, exiting with code 0"), Some((0, 0, 0, 0)));
    assert_eq!(counts("  12 passing (2s)\n  3 pending\n  1 failing\n"), Some((12, 1, 3, 0)));
    assert_eq!(
        counts("  1 failed\n    [chromium] › a.spec.ts\n  2 flaky\n  40 passed (10.0s)\n"),
        Some((40, 1, 0, 0))
    );
    assert_eq!(counts("ℹ tests 5\nℹ pass 4\nℹ fail 1\nℹ skipped 0\n"), Some((4, 1, 0, 0)));
    assert_eq!(
        counts("TAP version 13\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP slow\n1..3\n"),
        Some((1, 1, 1, 0))
    );
    assert_eq!(counts("1..0 # no tests\n"), Some((0, 0, 0, 0)));
    assert_eq!(counts("ok 1 - a\n# tests 1\n# pass 1\n# fail 0\n"), Some((1, 0, 0, 0)));
    assert_eq!(counts("ok | 5 passed | 0 failed | 1 ignored (10ms)"), Some((5, 0, 1, 0)));
}

#[test]
fn other_runners_are_read() {
    let maven = "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in shop.CartTest\n\
        [ERROR] Tests run: 7, Failures: 1, Errors: 1, Skipped: 2\n[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 0\n";
    assert_eq!(counts(maven), Some((8, 1, 2, 1)));
    assert_eq!(
        counts("[         5 tests successful      ]\n[         1 tests failed          ]\n"),
        Some((5, 1, 0, 0))
    );
    assert_eq!(counts("9 tests completed, 2 failed, 1 skipped"), Some((6, 2, 1, 0)));
    assert_eq!(counts("12 examples, 1 failure, 2 pending\n"), Some((9, 1, 2, 0)));
    assert_eq!(counts("0 examples, 0 failures"), Some((0, 0, 0, 0)));
    assert_eq!(counts("5 runs, 9 assertions, 1 failures, 1 errors, 0 skips"), Some((3, 1, 0, 1)));
    assert_eq!(counts("OK (5 tests, 10 assertions)"), Some((5, 0, 0, 0)));
    assert_eq!(counts("Tests: 6, Assertions: 9, Errors: 1, Failures: 1, Skipped: 1."), Some((3, 1, 1, 1)));
    assert_eq!(
        counts("Passed!  - Failed:     0, Passed:     5, Skipped:     1, Total:     6, Duration: 3 ms"),
        Some((5, 0, 1, 0))
    );
    assert_eq!(counts("80% tests passed, 1 tests failed out of 5"), Some((4, 1, 0, 0)));
    assert_eq!(counts("5 tests, 0 failures\n"), Some((5, 0, 0, 0)));
    assert_eq!(counts("nothing of the kind\n5 tests\npassed the gate\n"), None);
}

#[test]
fn an_answers_status_is_the_last_one() {
    let redirected = "HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\nHTTP/2 200 \r\n\r\nok";
    assert_eq!(http_status(redirected), Some(200));
    assert_eq!(http_status("* Connected\n< HTTP/1.1 503 Service Unavailable\n{\"a\": 200}"), Some(503));
    assert_eq!(http_status("HTTP request sent, awaiting response... 404 Not Found"), Some(404));
    assert_eq!(http_status("{\"ok\":true}200"), Some(200));
    assert_eq!(http_status("status=204\n"), Some(204));
    assert_eq!(http_status("{\"n\": 2000}"), None);
    assert_eq!(http_status("Status: 204\n"), Some(204));
    assert_eq!(http_status("healthy 200"), Some(200));
    // `-w "%{http_code} %{size_download}"`: which of them is the status is not known.
    for two in ["500 200", "500\n200", "code=500 size=200", "500 size: 200", "size: 200", "0.5 200"] {
        assert_eq!(http_status(two), None, "{two}");
    }
    assert_eq!(http_status(""), None);
}

#[test]
fn a_gate_on_this_machine_is_noticed() {
    assert_eq!(local_address("curl -i http://localhost:8080/health"), Some("localhost"));
    assert_eq!(local_address("nc -z 127.0.0.1 5432"), Some("127.0.0.1"));
    assert_eq!(local_address("curl http://[::1]/"), Some("[::1]"));
    for (asks, at) in [
        ("psql -h ::1 -c x", "::1"),
        ("wget 0.0.0.0:80", "0.0.0.0"),
        ("curl host.docker.internal/a", "host.docker.internal"),
    ] {
        assert_eq!(local_address(asks), Some(at));
    }
    assert_eq!(local_address("ping 2001:db8::1"), None);
    for other in
        ["curl https://api.shop.example", "cat localhost.md", "grep notlocalhost x", "curl http://10.0.0.1"]
    {
        assert_eq!(local_address(other), None, "{other}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]

    #[test]
    fn any_output_is_survived_and_never_turns_a_failure_into_a_pass(output in "\\PC{0,200}", exit in 1..255_i32) {
        let ended = Ended { exit: Some(exit), took: Duration::ZERO, output: &output, cut: false };
        let result = judge(&command(Proof::Exit, &[Check::Passed(3)]), &ended);
        let failed = matches!(result, GateResult::Failed { .. });
        proptest::prop_assert!(failed);
    }
}

#[test]
fn a_test_that_did_nothing_or_that_only_a_person_can_compare_is_no_pass() {
    let exit = |text: &str, output: &str| {
        let command = Command { text: text.into(), ..command(Proof::Exit, &[]) };
        let ended = Ended { exit: Some(0), took: Duration::from_secs(3), output, cut: false };
        matches!(judge(&command, &ended), GateResult::Inconclusive { .. })
    };
    for (text, output) in [
        ("make test", "make: Nothing to be done for 'test'."),
        ("make check", "make[1]: 'check' is up to date."),
        ("ctest", "No tests were found!!!"),
        ("mvn verify", "[INFO] Tests are skipped."),
        ("gradle test", "> Task :test NO-SOURCE"),
        ("behave", "0 scenarios passed, 0 failed, 9 skipped"),
        ("cargo test --no-run", ""),
        ("npm test --if-present", ""),
        ("pytest --markers", "@pytest.mark.slow: slow"),
    ] {
        assert!(exit(text, output), "{text}: {output}");
    }
    assert!(!exit("make test", "make: Leaving directory 'api'"));
    assert!(!exit("npm test --if-present", "> api@1 test"));
    let person = |proof, code, output| told(proof, &[Check::Person], code, output);
    assert_eq!(person(Proof::Exit, 0, "11 passed, 2 skipped in 1s"), "open: look whether it shows: so");
    assert_eq!(person(Proof::Exit, 2, "boom"), "failed: exit 2");
}
