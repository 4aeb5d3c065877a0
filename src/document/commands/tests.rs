//! Commands of documents, as whole values.

use super::*;
use crate::document::read;
use crate::domain::plan::Check;

fn commands(text: &str) -> Vec<Command> {
    read("release.md", text.as_bytes()).document.expect("a text").plan.commands
}

/// `line kind text` and `  = check` of each command.
fn told(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for c in commands(text) {
        let item = if c.item.is_some() { " (item)" } else { "" };
        out.push(format!("{} {} {}{item}", c.line, c.kind, c.text));
        out.extend(c.expected.iter().map(|e| format!("  = {:?}", e.check)));
    }
    out
}

#[test]
fn fences_and_inline_code_give_commands_with_their_items() {
    let text = "\
## Before
- [ ] Tests are green (`< 2 minutes`)
  ```bash
  npm ci  # once
  npm test
  ```
- [ ] Run `make lint` and look at `cart.rs`, `cart.total` and `README.md`
1. Look:
```
$ kubectl get pods
cart-1 Running
```
2. Only prompts
```console
$ git status
$ docker ps \\
>   -a
```

```powershell
Get-Service cart
```

```yaml
a: 1
```

```
src/
  cart.rs
```

    docker ps
";
    assert_eq!(
        told(text),
        [
            "4 mutation npm ci (item)",
            "5 gate npm test (item)",
            "  = Within(120000)",
            "7 gate make lint (item)",
            "10 transcript kubectl get pods",
            "15 gate git status",
            "16 gate docker ps \\\n  -a",
            "21 sample Get-Service cart",
            "33 gate docker ps",
        ]
    );
    let commands = commands(text);
    let fences: Vec<Option<u32>> = commands.iter().map(|command| command.fence).collect();
    assert_eq!(fences, [Some(0), Some(0), None, Some(1), Some(2), Some(2), Some(3), Some(6)]);
    assert_eq!((&*commands[0].comment, &*commands[0].section[0]), ("once", "Before"));
}

#[test]
fn a_program_that_runs_another_is_a_command_in_a_sentence_too() {
    let text = "# A\n- [ ] `uv run alembic upgrade head`\n- [ ] `poetry run alembic upgrade head`\n- [ ] `yarn exec jest all of it`\n- [ ] `make sure that it works`\n";
    let plan = crate::document::read("r.md", text.as_bytes()).document.expect("a text").plan;
    let lines: Vec<u32> = plan.commands.iter().map(|command| command.line).collect();
    assert_eq!(lines, [2, 3, 4]);
    assert_eq!(plan.commands.first().map(|command| command.kind), Some(CommandKind::Mutation));
}

#[test]
fn what_is_expected_belongs_to_the_command_above() {
    let text = "\
## Health
```bash
# While it starts (should return 503)
curl -i https://shop.example/health
# Expected: HTTP/1.1 503 and a body
# Body: {\"status\": \"starting\", \"phase\": ...}

# Nothing may be left over
grep -r TODO src
# Should be empty
```
## Tests
```bash
pytest tests/test_cart.py
pytest tests/test_pay.py
```
**Expected Output:**
- ✅ All 5 tests in `test_cart.py` pass
- No warnings

## Cache
```bash
redis-cli ping
```
Expected: `PONG`

## Rows
```bash
psql -c 'select 1'
```
**Expected result:**
```
1
```
```bash
date
```
";
    assert_eq!(
        told(text),
        [
            "4 gate curl -i https://shop.example/health",
            "  = Status(503)",
            "  = Status(503)",
            "  = Contains(\"\\\"status\\\": \\\"starting\\\"\")",
            "9 gate grep -r TODO src",
            "  = Empty",
            "14 gate pytest tests/test_cart.py",
            "  = Passed(5)",
            "  = Person",
            "15 gate pytest tests/test_pay.py",
            "  = Person",
            "23 gate redis-cli ping",
            "  = Contains(\"PONG\")",
            "29 gate psql -c 'select 1'",
            "  = Contains(\"1\")",
            "36 gate date",
        ]
    );
}

#[test]
fn identities_are_unique_and_stay_when_something_else_is_edited() {
    let text = "# A\n```sh\nls a\nls a\n```\n# B\n```sh\nls a\n```\n";
    let ids: Vec<String> = commands(text).into_iter().map(|command| command.id).collect();
    let edited = text.replace("# B", "text\n\n# B\n\n```sh\nls b\n```\n");
    let after: Vec<String> = commands(&edited).into_iter().map(|command| command.id).collect();
    assert_eq!([&after[..2], &after[3..]].concat(), ids);
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0].len() == 12);
}

#[test]
fn hostile_documents_take_no_longer_than_others() {
    let many = |piece: &str| piece.repeat(200_000 / piece.len());
    let fence = |text: &str| format!("# A\n```sh\n{text}\n```\n");
    // What grows with the square of its size would take minutes here.
    for text in [
        fence(&many("echo don't\n")),
        fence(&many("if x; then\n")),
        fence(&many("cat <<EOF\n")),
        fence(&many("$ 'a\nb\n")),
        fence(&many("{{")),
        fence(&many("${")),
        fence(&many("$(")),
        fence(&many("<a")),
        fence(&many("FF_A=1 ")),
        fence(&many("ls\n")) + "Expected output:\n\n" + &many("- all ls\n"),
        many("- `FF_A` `flag-x` enable flag\n"),
        "Do not change these files:\n\n".to_owned() + &many("- `a/b.rs`\n"),
    ] {
        let _ = read("release.md", text.as_bytes());
    }
}

#[test]
fn a_number_that_a_comment_demands_is_expected_and_left_to_a_person() {
    let text = "# A\n```bash\n# Throughput (must be > 600 orders/sec)\npytest tests/load\n# all of them\npytest\n```\n";
    let plan = crate::document::read("a.md", text.as_bytes()).document.expect("a text").plan;
    let expected = |at: usize| plan.commands.get(at).map(|command| command.expected.clone());
    let text = Clean::new("Throughput (must be > 600 orders/sec)");
    assert_eq!(expected(0), Some(vec![Expected { text, check: Check::Person }]));
    assert_eq!(expected(1), Some(Vec::new()));
}

#[test]
fn what_stands_below_a_fence_in_a_tight_item_is_read_and_times_are_compared() {
    let text = "# A\n- [ ] Smoke tests pass in < 1 second\n  ```bash\n  make smoke\n  ```\n- [ ] Warm\n  ```bash\n  \
                make lint\n  ```\n  Expected: < 5 seconds\n- [ ] Rows\n  ```bash\n  # Expected: under 3 s\n  make check\n  \
                ```\n";
    assert_eq!(
        told(text),
        [
            "4 gate make smoke (item)",
            "  = Within(1000)",
            "8 gate make lint (item)",
            "  = Within(5000)",
            "14 gate make check (item)",
            "  = Within(3000)",
        ]
    );
}

#[test]
fn an_announced_output_ends_with_its_fence_and_what_comes_next_is_no_output() {
    let text = "# A\n```bash\npytest tests/unit\n```\nExpected Output:\n```\n41 passed\n```\n\n1. Check the version\n2. Tell support\n";
    assert_eq!(told(text), ["3 gate pytest tests/unit", "  = Passed(41)"]);
}

#[test]
fn a_table_gives_commands_from_the_column_that_has_some_and_what_its_rows_expect() {
    let text = "# A\n| Check | Command | Expected |\n|---|---|---|\n| Up | `curl -fsS https://x.example/up` | 200 |\n\
                | DB | `pg_isready -q` | accepting connections |\n| Who | ask Kim | - |\n";
    assert_eq!(
        told(text),
        ["4 gate curl -fsS https://x.example/up", "  = Status(200)", "5 gate pg_isready -q", "  = Person",]
    );
}

#[test]
fn in_a_column_of_commands_they_need_no_marks_and_prose_is_none() {
    let text = "# A\n| What | Command |\n|---|---|\n| Pods | kubectl get pods -l app=shop \\| wc -l |\n\
                | Sync | mailctl sync --all |\n| One | kubectl describe pod <pod> |\n| Who | ask Kim to look |\n\
                | Look | check the dashboard |\n\n| What | Check |\n|---|---|\n| Pods | kubectl get pods |\n";
    assert_eq!(
        told(text),
        [
            "4 gate kubectl get pods -l app=shop | wc -l",
            "5 mutation mailctl sync --all",
            "6 refused kubectl describe pod <pod>",
        ]
    );
}

#[test]
fn a_program_nobody_knows_is_a_command_where_the_words_say_to_run_it() {
    let text = "# A\n- [ ] Run `zaphod`\n- [ ] Execute `zaphod sync`, then look\n- [ ] `zaphod` ausführen\n- [ ] Lancer `zaphod`\n\
                - [ ] 运行 `zaphod`\n- [ ] `zaphod` を実行する\n- [ ] Run the `billing` tests\n- [ ] Run `smoke` suite\n\
                - [ ] Look at `zaphod`\n- [ ] Run `config.yaml`\n- [ ] Run `Zaphod`\n- [ ] Overrun `zaphod`\n";
    assert_eq!(
        told(text),
        [
            "2 mutation zaphod (item)",
            "3 mutation zaphod sync (item)",
            "4 mutation zaphod (item)",
            "5 mutation zaphod (item)",
            "6 mutation zaphod (item)",
            "7 mutation zaphod (item)",
        ]
    );
}

#[test]
fn what_an_item_with_its_command_expects_may_stand_behind_it_in_the_same_lines() {
    let text = "## Steps\n3. Check it: `curl -fsS https://ledger.example/version`\n   Expected: 7.4.0\n4. `curl -i https://x.example/`, expected: HTTP 204\n";
    assert_eq!(
        told(text),
        [
            "2 gate curl -fsS https://ledger.example/version (item)",
            "  = Contains(\"7.4.0\")",
            "4 gate curl -i https://x.example/ (item)",
            "  = Status(204)",
        ]
    );
}

#[test]
fn a_fence_that_only_follows_what_people_say_is_not_its_measure() {
    let text = "\
## Rollback triggers
- [ ] Data is lost
- [ ] Orders are lost

```bash
test -f image.tar
```

## Sign-off
- [ ] QA Lead

```bash
test -f signed
```

## Success criteria
- [ ] Customers are happy
  ```bash
  test -f happy
  ```
- [ ] It answers: `test -f up`

## Work
- [ ] Back up

```bash
test -f backup
```

## Table
| Check | Command | Done |
|---|---|---|
| The lawyers know | `test -f told` | ☐ |
";
    assert_eq!(
        told(text),
        [
            "6 gate test -f image.tar",
            "13 gate test -f signed",
            "19 gate test -f happy (item)",
            "21 gate test -f up (item)",
            "27 gate test -f backup (item)",
            "33 gate test -f told (item)",
        ]
    );
}

#[test]
fn a_file_that_is_guarded_is_no_command() {
    let text = "## Files\nThese files must not be changed without the tests:\n1. `./shop/total.py`\n\n## Do\n1. `./shop/total.py`\n";
    assert_eq!(told(text), ["6 mutation ./shop/total.py"]);
}

#[test]
fn a_command_that_words_only_speak_of_is_not_run() {
    let kinds = |text: &str| commands(text).iter().map(|c| c.kind).collect::<Vec<_>>();
    for text in [
        "Do not run `pytest -q` before lunch",
        "Make sure that nobody runs `pytest -q`",
        "`pytest -q` is documented in the wiki",
        "Unless `pytest -q` fails, skip this",
        "Replace `pytest -q` by something faster",
        "If `pytest -q` fails, call the lead",
        "Nicht `pytest -q` ausführen",
        "Ne pas exécuter `pytest -q`",
        "No ejecutar `pytest -q`",
        "不要运行 `pytest -q`",
    ] {
        assert_eq!(kinds(&format!("- [ ] {text}\n")), [CommandKind::Sample], "{text}");
    }
    for text in [
        "`pytest -q` must not fail",
        "Check if `pytest -q` passes",
        "No errors: `pytest -q`",
        "If it is not warm, run `pytest -q`",
        "Make sure that it is not broken: `pytest -q`",
        "Deploy without downtime, then run `pytest -q`",
        "Run `pytest -q`",
    ] {
        assert_eq!(kinds(&format!("- [ ] {text}\n")), [CommandKind::Gate], "{text}");
    }
}

#[test]
fn how_many_tests_pass_is_read_in_other_languages_and_what_only_a_class_says_is_for_a_person() {
    let check = |expected: &str| {
        let text = format!("- [ ] Tests\n  ```bash\n  pytest -q\n  ```\n  Expected: {expected}\n");
        let checks: Vec<Check> = commands(&text)[0].expected.iter().map(|e| e.check.clone()).collect();
        checks
    };
    for text in [
        "All 5 tests",
        "Alle 5 Tests bestehen",
        "les 5 tests passent",
        "los 5 tests pasan",
        "Las 5 pruebas pasan",
        "Todos os 5 testes passam",
        "全部5个测试通过",
        "5件のテストが成功",
    ] {
        assert_eq!(check(text), [Check::Passed(5)], "{text}");
    }
    for text in ["Alle Tests bestehen", "tous les tests passent", "所有测试通过"] {
        assert_eq!(check(text), [Check::AllPassed], "{text}");
    }
    for text in ["2xx", "coverage ≥ 80 %", "no skipped tests"] {
        assert_eq!(check(text), [Check::Person], "{text}");
    }
    assert_eq!(check("empty"), [Check::Empty]);
}

#[test]
fn what_shows_once_does_not_run_on() {
    use CommandKind::{Gate, LongRunning};
    let kinds: Vec<CommandKind> =
        commands("```bash\ntop -bn1\ndocker stats --no-stream\ntop\ndocker stats\n```\n")
            .iter()
            .map(|c| c.kind)
            .collect();
    assert_eq!(kinds, [Gate, Gate, LongRunning, LongRunning]);
}
