//! Scripts and their pieces.

use super::*;

/// Statements, `#comments` and `!unclosed` lines.
fn told(script: &str) -> Vec<String> {
    let parts = split(script);
    let whole: String = parts.iter().filter_map(|part| script.get(part.at.clone())).collect();
    assert_eq!(whole, script, "nothing is lost");
    let text = |part: &Part| script.get(part.at.clone()).unwrap_or_default().to_owned();
    let piece = |part: &Part| match part.kind {
        PartKind::Blank => None,
        PartKind::Comment | PartKind::Statement => Some(text(part)),
        PartKind::Unclosed => Some(format!("!{}", text(part))),
    };
    parts.iter().filter_map(piece).collect()
}

#[test]
fn a_line_is_a_statement_and_a_list_stays_together() {
    assert_eq!(
        told("# all\nnpm test\n\ncd web && npm run lint; ls | wc -l  # count\ngo vet ./... &\n"),
        ["# all", "npm test", "cd web && npm run lint; ls | wc -l", "# count", "go vet ./... &"]
    );
    assert_eq!(told("a &&\n  b ||\n# why\n c |\n d\ne"), ["a &&\n  b ||\n# why\n c |\n d", "e"]);
    assert_eq!(told("curl x#y 'a#b' \"#\" ${#v} $#"), ["curl x#y 'a#b' \"#\" ${#v} $#"]);
    assert_eq!(told("a 2>&1 >x\nb &>y\nc"), ["a 2>&1 >x", "b &>y", "c"]);
}

#[test]
fn lines_that_continue_and_quotes_over_lines_stay_together() {
    assert_eq!(told("docker run \\\n  -p 1:1 \\\n  img\nls"), ["docker run \\\n  -p 1:1 \\\n  img", "ls"]);
    assert_eq!(
        told("git commit -m \"one\n\n- it's two\"\nls"),
        ["git commit -m \"one\n\n- it's two\"", "ls"]
    );
    assert_eq!(told("echo 'a\n# b\n'\nls"), ["echo 'a\n# b\n'", "ls"]);
    assert_eq!(told("x=$(date\n) y=`ls\n`\nls"), ["x=$(date\n) y=`ls\n`", "ls"]);
    assert_eq!(told("echo \"$(echo \"in)ner\")\"\nls"), ["echo \"$(echo \"in)ner\")\"", "ls"]);
    assert_eq!(told("echo $'it\\'s'\nls"), ["echo $'it\\'s'", "ls"]);
}

#[test]
fn here_documents_and_groups_stay_together() {
    assert_eq!(
        told("cat <<EOF >a && b\nit's $x\n# no\nEOF\nls"),
        ["cat <<EOF >a && b\nit's $x\n# no\nEOF", "ls"]
    );
    assert_eq!(told("psql <<-'SQL'\nselect 1\n\tSQL\nls"), ["psql <<-'SQL'\nselect 1\n\tSQL", "ls"]);
    assert_eq!(told("grep x <<< \"$y\"\nls"), ["grep x <<< \"$y\"", "ls"]);
    assert_eq!(told("echo $((1 << 2))\nls"), ["echo $((1 << 2))", "ls"]);
    for group in [
        "if [ -f x ]; then\n  ls\n\n  # why\nelse\n  pwd\nfi",
        "for i in 1 2; do\n  echo $i\ndone",
        "for ((i=0; i<3; i++))\ndo\n  echo done\ndone | sort",
        "while true; do\n  if a; then b; fi\ndone",
        "case $x in\n  a|b) ls ;;\n  (c)\n    pwd\n    ;;\nesac",
        "{\n  ls\n  pwd\n} > out",
        "check() {\n  curl x\n}",
        "function check\n{\n ls\n}",
        "wait_for()\n{\n  until ls; do sleep 1; done\n}",
        "(\n  cd x\n  ls\n)",
        "if [[ $a < $b &&\n $c ]]; then ls; fi",
    ] {
        assert_eq!(told(&format!("{group}\npwd")), [group, "pwd"]);
    }
}

#[test]
fn what_is_never_closed_is_one_line_and_the_rest_is_read() {
    assert_eq!(told("echo don't\nls -l\npwd"), ["!echo don't", "ls -l", "pwd"]);
    assert_eq!(told("cat <<EOF\nls"), ["!cat <<EOF", "ls"]);
    assert_eq!(told("if x; then\nls"), ["!if x; then", "ls"]);
    assert_eq!(told("ls |"), ["!ls |"]);
    assert_eq!(told("a \\\n b 'c\nls"), ["!a \\\n b 'c", "ls"]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_is_lost_of_any_script(pieces in proptest::collection::vec(
        proptest::sample::select(vec![
            "a", " ", "\n", "'", "\"", "\\", "`", "$(", "${", "((", "(", ")", "}", "{ ", "<<E\n", "E\n", "#", "if ",
            "; fi", "for x in y; do ", "; done", "case x in ", ";; esac", "[[ ", "]]", "&&", "|", ";", "é", "\r\n", "\t",
        ]), 0..40)
    ) {
        let script = pieces.concat();
        let parts = split(&script);
        let mut at = 0;
        for part in &parts {
            proptest::prop_assert_eq!(part.at.start, at);
            proptest::prop_assert!(script.get(part.at.clone()).is_some_and(|text| !text.is_empty()));
            at = part.at.end;
        }
        proptest::prop_assert_eq!(at, script.len());
    }
}

#[test]
fn a_function_is_whole_wherever_its_body_begins() {
    for script in [
        "function f\n{\n  ls\n}",
        "function f()\n{\n  ls\n}",
        "function f ( )\n\n# why\n{\n  ls\n}",
        "function f {\n  ls\n}",
        "function f { ls; }",
        "f()\n{\n  ls\n}",
        "f () {\n  ls\n}",
        "function f\n(\n  ls\n)",
    ] {
        assert_eq!(told(&format!("{script}\nls")), [script, "ls"], "{script}");
    }
    assert_eq!(told("functional --test\nls"), ["functional --test", "ls"]);
    assert_eq!(told("function"), ["function"]);
    assert_eq!(told("function f"), ["!function f"]);
}
