//! Statements and the commands in them.

use super::*;

/// `words` of each command, with its redirections and how it is joined.
fn told(statement: &str) -> Vec<String> {
    let one = |c: &Simple| {
        if let Some(name) = &c.defines {
            return format!("{name}()");
        }
        let mut out: Vec<String> = c.assigns.iter().map(|(n, v)| format!("{n}={v}")).collect();
        out.extend(c.words.iter().map(|w| if w.contains(' ') { format!("[{w}]") } else { w.clone() }));
        out.extend(c.writes.iter().map(|w| format!(">{w}")));
        out.extend(c.input.iter().map(|w| format!("<{w:?}")));
        let join = match c.join {
            Join::Then => "",
            Join::And => " &&",
            Join::Or => " ||",
            Join::Pipe => " |",
            Join::Background => " &",
        };
        let nested = if c.nested { "$ " } else { "" };
        format!("{nested}{}{join}", out.join(" "))
    };
    commands(statement).expect("not deep").iter().map(one).collect()
}

#[test]
fn words_are_without_quotes_and_joined_as_written() {
    assert_eq!(told("A=1 B='x y' npm  test -- \"a b\" c\\ d"), ["A=1 B=x y npm test -- [a b] [c d]"]);
    assert_eq!(told("cd x && make; ls | wc -l || true"), ["cd x &&", "make", "ls |", "wc -l ||", "true"]);
    assert_eq!(told("curl x > /tmp/a 2>&1 2>/dev/null < in"), ["curl x >/tmp/a >1 >/dev/null"]);
    assert_eq!(told("a &> x & b"), ["a >x &", "b"]);
    assert_eq!(told("docker run \\\n  -d \\\n  img"), ["docker run -d img"]);
    assert_eq!(told("echo a # b"), ["echo a"]);
    assert_eq!(told("X=1"), ["X=1"]);
}

#[test]
fn commands_in_substitutions_groups_and_keywords_are_found() {
    assert_eq!(
        told("kill $(pgrep x) \"`rm y`\" \"a $(date +%s) b\""),
        ["$ pgrep x", "$ rm y", "$ date +%s", "kill $(…) $(…) [a $(…) b]"]
    );
    assert_eq!(told("if [ -f x ]; then rm x; else ls; fi"), ["[ -f x ]", "rm x", "ls"]);
    assert_eq!(told("for i in 1 $(seq 2); do curl $i; done"), ["$ seq 2", "curl $i"]);
    assert_eq!(told("case $x in a|b) rm a ;; (c) ls ;; esac"), ["rm a", "ls"]);
    assert_eq!(told("(cd x; rm y) && ls"), ["cd x", "rm y &&", "ls"]);
    assert_eq!(told("f() {\n rm x\n}"), ["f()", "rm x"]);
    assert_eq!(told("function ls { rm x; }; ls"), ["ls()", "rm x", "ls"]);
    assert_eq!(told("function f ( )\n{ rm x; }"), ["f()", "rm x"]);
    assert_eq!(told("while true; do ls; done"), ["true", "ls"]);
    assert_eq!(told("diff <(ls a) <(rm b)"), ["$ ls a", "$ rm b", "diff $(…) $(…)"]);
    assert_eq!(told("! grep -q x y"), ["grep -q x y"]);
    assert_eq!(told("time npm test"), ["npm test"]);
}

#[test]
fn here_documents_are_input() {
    assert_eq!(told("psql x <<'EOF' | cat\nselect 1;\nEOF\nls"), ["psql x <\"select 1;\\n\" |", "cat", "ls"]);
    assert_eq!(told("cat > f <<EOF\na\nEOF"), ["cat >f <\"a\\n\""]);
    assert_eq!(told("grep x <<< \"$y\""), ["grep x <\"$y\""]);
}

#[test]
fn what_is_too_deep_is_not_looked_into() {
    assert_eq!(commands(&"$(".repeat(400)), None);
    assert_eq!(commands("echo ${x:-$(rm y)}"), None);
    assert!(commands(&")".repeat(2000)).is_some());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]

    #[test]
    fn any_statement_is_survived(pieces in proptest::collection::vec(
        proptest::sample::select(vec![
            "a", " ", "\n", "'", "\"", "\\", "`", "$(", "${", "$((", "(", ")", "}", "<<E", "\nE\n", "#", "if ", "case x in ",
            "&&", "|", ";", "é", ">", "<", "=", "A=", "&", "for ", "2>",
        ]), 0..40)
    ) {
        let _ = commands(&pieces.concat());
    }
}
