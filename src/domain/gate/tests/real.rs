//! Output in the very form of pytest 9, unittest, cargo test, nextest 0.9, go 1.19, Jest 30, Vitest 4, node 20 and prove 3.44.

use super::*;

/// What a gate that counts by its exit status is worth.
fn worth(exit: i32, output: &str) -> String {
    told(Proof::Exit, &[], exit, output)
}

#[test]
fn python() {
    let xdist = "\x1b[31m========== \x1b[31m\x1b[1m1 failed\x1b[0m, \x1b[32m1 passed\x1b[0m, \x1b[33m1 skipped\x1b[0m, \
                 \x1b[33m1 xfailed\x1b[0m, \x1b[31m\x1b[1m1 error\x1b[0m\x1b[31m in 0.06s\x1b[0m\x1b[31m ==========\x1b[0m\n";
    assert_eq!(worth(1, xdist), "failed: exit 1: 1 failed, 1 error, 1 passed, 2 skipped");
    let collection = "==== ERRORS ====\n____ ERROR collecting test_d.py ____\nE   ModuleNotFoundError: No module named 'x'\n\
        ==== short test summary info ====\nERROR test_d.py\n!!!! Interrupted: 1 error during collection !!!!\n\
        ==== 1 error in 0.16s ====\n";
    assert_eq!(worth(2, collection), "failed: exit 2: 1 error, 0 passed");
    assert_eq!(worth(0, "xXx                     [100%]\n2 xfailed, 1 xpassed in 0.02s\n"), "passed");
    assert_eq!(worth(0, "ss        [100%]\n2 skipped in 0.01s\n"), "open: all 2 skipped: nothing was tested");
    assert_eq!(worth(0, "==== 2 passed, 1 warning in 0.01s ====\n"), "passed");
    assert_eq!(worth(5, "no tests ran in 0.01s\n"), "failed: exit 5: no tests ran");
    assert_eq!(worth(0, "test_a.py::test_a[4]\n\n5 tests collected in 0.00s\n"), "open: no tests ran");
    // `-qq` sums up nothing: the marks are all there is.
    assert_eq!(worth(0, "ss                      [100%]\n"), "open: all 2 skipped: nothing was tested");
    assert_eq!(counts("..F.s     [ 50%]\nE....     [100%]\n"), Some((7, 1, 1, 1)));
    let unittest = "FsxEu.\n----\nRan 6 tests in 0.001s\n\nFAILED (failures=1, errors=1, skipped=1, \
        expected failures=1, unexpected successes=1)\n";
    assert_eq!(counts(unittest), Some((1, 2, 2, 1)));
    assert_eq!(worth(0, "\n----\nRan 0 tests in 0.000s\n\nOK\n"), "open: no tests ran");
    assert_eq!(
        worth(0, "s\n----\nRan 1 test in 0.000s\n\nOK (skipped=1)\n"),
        "open: all 1 skipped: nothing was tested"
    );
}

#[test]
fn cargo_and_nextest() {
    let none = "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 4 filtered out; \
        finished in 0.00s\n\n     Running tests/i.rs (target/debug/deps/i-316b55a4d082a384)\n\nrunning 0 tests\n\n\
        test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.00s\n";
    assert_eq!(worth(0, none), "open: no tests ran");
    // What a failed test wrote is shown, and is a summary of libtest.
    let nextest = " Nextest run ID 473e637e with nextest profile: default\n    Starting 5 tests across 2 binaries (1 test skipped)\n\
        \x20       FAIL [   0.109s] (4/5) shop cart::total\n  stdout ───\n    running 1 test\n\
        \x20   test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.09s\n\
        ────────────\n     Summary [   0.164s] 5 tests run: 4 passed, 1 failed, 1 skipped\n\
        \x20       FAIL [   0.109s] (4/5) shop cart::total\nerror: test run failed\n";
    assert_eq!(worth(100, nextest), "failed: exit 100: 1 failed, 4 passed, 1 skipped");
    let early = "     Summary [   0.077s] 2/5 tests run: 1 passed, 1 failed, 1 skipped\n";
    assert_eq!(counts(early), Some((1, 1, 1, 0)));
    let nothing = "     Summary [   0.000s] 0 tests run: 0 passed, 6 skipped\n";
    assert_eq!(worth(0, nothing), "open: all 6 skipped: nothing was tested");
}

#[test]
fn go() {
    let failed = "--- FAIL: TestB (0.00s)\n    --- FAIL: TestB/x (0.00s)\n        a_test.go:4: no\nFAIL\n\
        FAIL\tshop/fail\t0.004s\n?   \tshop/none\t[no test files]\nok  \tshop/pass\t0.002s\nFAIL\n";
    assert!(worth(1, failed).starts_with("failed: exit 1: "), "{}", worth(1, failed));
    let broken =
        "# shop/x [shop/x.test]\nx/a_test.go:3:27: undefined: y\nFAIL\tshop/x [build failed]\nFAIL\n";
    assert_eq!(worth(2, broken), "failed: exit 2: 1 error, 0 passed");
    assert_eq!(worth(0, "ok  \tshop/pass\t0.002s [no tests to run]\n"), "open: no tests ran");
    let skipped = "=== RUN   TestC\n    a_test.go:3: x\n--- SKIP: TestC (0.00s)\nPASS\nok  \tshop\t0.002s\n";
    assert_eq!(worth(0, skipped), "open: all 1 skipped: nothing was tested");
    // Packages are no tests.
    let packages = "ok  \tshop/cart\t0.01s\tcoverage: 71.2% of statements\nok  \tshop/pay\t(cached)\n";
    assert_eq!(worth(0, packages), "passed");
    assert_eq!(counts(packages), None, "packages are no tests");
    // As they are in the record of a run, where tabs are spaces.
    assert_eq!(
        worth(0, "testing: warning: no tests to run\nPASS\nok   shop/a 0.003s [no tests to run]\n"),
        "open: no tests ran"
    );
    assert_eq!(worth(0, "?    shop/a [no test files]\n"), "open: no tests ran");
    assert_eq!(worth(0, "ok   shop/a (cached)\nFAIL shop/b 0.010s\nFAIL\n"), "failed: 1 failed, 1 passed");
    assert_eq!(worth(0, "FAIL shop/x [build failed]\n"), "failed: 1 error, 0 passed");
    let seven = told(Proof::Exit, &[Check::Passed(7)], 0, packages);
    assert!(seven.starts_with("open: expected 7 passed, and this names packages"), "{seven}");
}

#[test]
fn node_jest_and_vitest() {
    let node = "TAP version 13\n# Subtest: one\nok 1 - one\n  ---\n  duration_ms: 0.5\n  ...\n# Subtest: two\nnot ok 2 - two\n\
        1..2\n# tests 2\n# suites 0\n# pass 1\n# fail 1\n# cancelled 0\n# skipped 0\n# todo 0\n# duration_ms 79.8\n";
    assert_eq!(worth(1, node), "failed: exit 1: 1 failed, 1 passed");
    let skipped = "﹣ one (0.69ms) # no\nℹ tests 1\nℹ suites 0\nℹ pass 0\nℹ fail 0\nℹ cancelled 0\nℹ skipped 1\nℹ todo 0\n";
    assert_eq!(worth(0, skipped), "open: all 1 skipped: nothing was tested");
    // A suite that cannot be loaded has no failed test.
    let jest = "PASS t/b.test.js\n\n\x1b[1mTest Suites: \x1b[22m\x1b[1m\x1b[31m1 failed\x1b[39m\x1b[22m, \x1b[1m\x1b[32m1 passed\
        \x1b[39m\x1b[22m, 2 total\n\x1b[1mTests:       \x1b[22m\x1b[1m\x1b[32m2 passed\x1b[39m\x1b[22m, 2 total\n\
        Snapshots:   0 total\nTime:        0.349 s\nRan all test suites.\n";
    assert_eq!(worth(1, jest), "failed: exit 1: 1 error, 2 passed");
    let todo = "Test Suites: 1 passed, 1 total\nTests:       1 todo, 1 total\nSnapshots:   0 total\n";
    assert_eq!(worth(0, todo), "open: all 1 skipped: nothing was tested");
    let snapshots =
        "Test Suites: 1 passed, 1 total\nTests:       1 passed, 1 total\nSnapshots:   3 passed, 3 total\n";
    assert_eq!(counts(snapshots), Some((1, 0, 0, 0)));
    let vitest = "\x1b[2m Test Files \x1b[22m \x1b[1m\x1b[31m1 failed\x1b[39m\x1b[22m\x1b[2m | \x1b[22m\x1b[1m\x1b[32m1 passed\
        \x1b[39m\x1b[22m\x1b[90m (2)\x1b[39m\n\x1b[2m      Tests \x1b[22m \x1b[1m\x1b[32m2 passed\x1b[39m\x1b[22m\x1b[90m (2)\
        \x1b[39m\n";
    assert_eq!(worth(1, vitest), "failed: exit 1: 1 error, 2 passed");
    assert_eq!(counts(" Test Files  1 failed (1)\n      Tests  no tests\n"), None);
    assert_eq!(worth(0, "No test files found, exiting with code 0\n"), "open: no tests ran");
}

#[test]
fn a_summary_that_an_error_follows_is_not_the_end_of_it() {
    let after = "== 12 passed in 0.31s ==\ncat: nofile: No such file or directory\ndone\n";
    assert_eq!(worth(0, after), "open: after its summary: cat: nofile: No such file or directory");
    let before = "error: expected, it is tested\n== 12 passed in 0.31s ==\n";
    assert_eq!(worth(0, before), "passed");
    let between =
        "1 passed in 0.1s\nFAIL Required test coverage of 90% not reached. Total coverage: 50.00%\n";
    assert!(worth(0, between).starts_with("open: after its summary: FAIL Required"));
}

#[test]
fn ava() {
    assert_eq!(counts("  ✔ a\n  - [skip] b\n  ─\n\n  1 test passed\n  1 test skipped\n"), Some((1, 0, 1, 0)));
    assert_eq!(worth(0, "  2 tests skipped\n"), "open: all 2 skipped: nothing was tested");
    assert_eq!(worth(0, "  1 test passed\n  1 unhandled rejection\n"), "failed: 1 failed, 1 passed");
}

#[test]
fn prove_and_tap() {
    let passed = "p/a.t .. ok\nAll tests successful.\nFiles=1, Tests=3,  0 wallclock secs ( 0.01 usr  0.00 sys =  0.03 CPU)\n\
        Result: PASS\n";
    assert_eq!(counts(passed), Some((3, 0, 0, 0)));
    let failed = "f/b.t .. \nDubious, test returned 1 (wstat 256, 0x100)\nFailed 1/4 subtests \n\
        \t(less 1 skipped subtest: 2 okay)\n\nTest Summary Report\n-------------------\n\
        f/b.t (Wstat: 256 (exited 1) Tests: 4 Failed: 1)\n  Failed test:  2\n  Non-zero exit status: 1\n\
        Files=2, Tests=7,  0 wallclock secs ( 0.01 usr =  0.07 CPU)\nResult: FAIL\n";
    assert_eq!(worth(1, failed), "failed: exit 1: 1 failed, 5 passed, 1 skipped");
    let died = "b/a.t (Wstat: 65280 (exited 255) Tests: 1 Failed: 0)\n  Parse errors: Bad plan.  You planned 5 tests but ran 1.\n\
        Files=1, Tests=1,  1 wallclock secs ( 0.01 usr =  0.03 CPU)\nResult: FAIL\n";
    assert_eq!(worth(1, died), "failed: exit 1: 1 error, 1 passed");
    let nothing = "s/a.t .. skipped: no database\nFiles=1, Tests=0,  0 wallclock secs\nResult: NOTESTS\n";
    assert_eq!(worth(0, nothing), "open: no tests ran");
    // With `-v` each test is there, and counted once.
    let verbose = "p/a.t .. \n1..2\nok 1 - a\nok 2 # skip n\nok\nAll tests successful.\nFiles=1, Tests=2,  0 wallclock secs\n\
        Result: PASS\n";
    assert_eq!(counts(verbose), Some((1, 0, 1, 0)));
    let planned = "1..5\nok 1\ngone at die.t line 1.\n# Looks like your test exited with 255 just after 1.\n";
    assert_eq!(worth(0, planned), "failed: 1 error, 1 passed");
    assert_eq!(worth(0, "ok 1 - a\nBail out! no database\n"), "failed: 1 error, 1 passed");
    assert_eq!(worth(0, "1..5\n"), "passed", "a plan alone may be anything");
    let mocha = "ok 1 x a\nok 2 x b # SKIP -\nok 3 x c\n# tests 2\n# pass 2\n# fail 0\n1..3\n";
    assert_eq!(counts(mocha), Some((2, 0, 0, 0)));
    let nested = "# Subtest: x\n    1..2\n    ok 1 - i\n    ok 2 - j\nok 1 - x\n1..1\n";
    assert_eq!(counts(nested), Some((1, 0, 0, 0)));
}

#[test]
fn a_word_beside_another_state_or_an_error_is_for_a_person() {
    let contains = |text: &str| [Check::Contains(Clean::new(text))];
    let of = |text: &str, output: &str| told(Proof::Output, &contains(text), 0, output);
    for (text, output) in [
        ("Running", "NAME READY STATUS\na 1/1 Running\nb 0/1 Pending\n"),
        ("OK", "ERROR no route\nOK\n"),
        ("Ready", "not all nodes are Ready\n"),
        ("healthy", "healthy nodes: none\n"),
        ("healthy", "nothing is healthy\n"),
        ("healthy", "healthy 0\n"),
        ("healthy", "healthy (1/3)\n"),
    ] {
        assert!(of(text, output).starts_with("open: "), "{text}: {output}: {}", of(text, output));
    }
    for (text, output) in [("healthy", "healthy (0/3)\n"), ("healthy", "un-healthy\n")] {
        assert!(of(text, output).starts_with("failed: "), "{output}: {}", of(text, output));
    }
    for (text, output) in [
        ("Running", "NAME READY STATUS\na 1/1 Running\nb 1/1 Running\n"),
        ("healthy", "healthy (3/3)\n"),
        ("healthy", "HTTP/1.1 200 OK\nserver: x\n\n{\"status\": \"healthy\"}\n"),
        ("no errors", "error count is read\nno errors\n"),
    ] {
        assert_eq!(of(text, output), "passed", "{output}");
    }
}

#[test]
fn so_many_or_more_tests_and_none_skipped() {
    let of = |text: &str, wanted: u32, output: &str| {
        let expected = Expected { text: Clean::new(text), check: Check::Passed(wanted) };
        let command = Command { expected: vec![expected], ..command(Proof::Exit, &[]) };
        let ended = Ended { exit: Some(0), took: Duration::ZERO, output, cut: false };
        judge(&command, &ended) == GateResult::Passed
    };
    assert!(of("at least 12 tests pass", 12, "13 passed in 1s\n"));
    assert!(of("12+ tests pass", 12, "13 passed in 1s\n"));
    assert!(!of("at least 12 tests pass", 12, "11 passed in 1s\n"));
    assert!(of("more than 10 tests pass", 10, "11 passed in 1s\n"));
    assert!(!of("more than 10 tests pass", 10, "10 passed in 1s\n"));
    assert!(!of("12 tests pass, none skipped", 12, "12 passed, 1 skipped in 1s\n"));
    assert!(!of("12 tests pass", 12, "13 passed in 1s\n"), "one of them is out of date");
}
