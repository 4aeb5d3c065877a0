//! What is understood of a document, as whole values.

use super::*;
use crate::domain::Item;
use crate::domain::plan::FindingKind;

fn document(text: &str) -> Document {
    read("release.md", text.as_bytes()).document.expect("a text")
}

/// `path/line: depth claimed required owner text` of every item.
fn told(text: &str) -> Vec<String> {
    let item = |path: &str, i: &Item| {
        let mark = if i.claimed { "x" } else { " " };
        let must = if i.required { "!" } else { "" };
        let owner = i.owner.as_ref().map(|o| format!(" <{o}>")).unwrap_or_default();
        format!("{path}:{} {}[{mark}]{must} {}{owner}", i.line, "  ".repeat(usize::from(i.depth)), i.text)
    };
    let sections = document(text).sections;
    let lines = sections.iter().flat_map(|s| {
        let path: Vec<&str> = s.path.iter().map(|p| &**p).collect();
        let path = path.join(" / ");
        s.items.iter().map(move |i| item(&path, i)).collect::<Vec<_>>()
    });
    lines.collect()
}

#[test]
fn every_kind_of_task_item_is_read_with_its_headings_line_and_depth() {
    let text = "\
# Release 7
- [ ] before any part
## Tests
* [x] unit **tests** pass
+ [X] `lint` is clean
1. [ ] first (required)
2. [ ] second
   - [ ] nested, with a
     second line
     1. [x] deeper @mara
## Approvals
> - [ ] in a quote (QA)

- plain bullet
  - [ ] below a plain one
- [ ] loose

  its second paragraph is detail

  ```sh
  - [ ] not an item
  ```
### Deep
- [ ] last
# Next
- [ ] elsewhere
";
    assert_eq!(
        told(text),
        [
            "Release 7:2 [ ] before any part",
            "Release 7 / Tests:4 [x] unit tests pass",
            "Release 7 / Tests:5 [x] lint is clean",
            "Release 7 / Tests:6 [ ]! first (required)",
            "Release 7 / Tests:7 [ ] second",
            "Release 7 / Tests:8   [ ] nested, with a second line",
            "Release 7 / Tests:10     [x] deeper @mara <@mara>",
            "Release 7 / Approvals:12 [ ] in a quote (QA) <QA>",
            "Release 7 / Approvals:15   [ ] below a plain one",
            "Release 7 / Approvals:16 [ ] loose",
            "Release 7 / Approvals / Deep:24 [ ] last",
            "Next:26 [ ] elsewhere",
        ]
    );
}

#[test]
fn front_matter_marks_and_line_ends_do_not_move_lines() {
    let plain = "# A\n- [ ] x\n\n---\n\n## B\n- [ ] y\n";
    let expected = ["A:2 [ ] x", "A / B:7 [ ] y"];
    assert_eq!(told(plain), expected);
    assert_eq!(told(&plain.replace('\n', "\r\n")), expected);
    assert_eq!(told(&format!("\u{feff}{plain}")), expected);
    assert_eq!(told(&format!("---\ntitle: t\n---\n{plain}")), ["A:5 [ ] x", "A / B:10 [ ] y"]);
}

#[test]
fn a_document_without_headings_is_called_by_its_file_and_its_items_stand_at_the_top() {
    let document = read("docs/plan.md", b"- [ ] only\n").document.expect("a text");
    assert_eq!((&*document.title, &*document.path), ("plan.md", "docs/plan.md"));
    assert_eq!((document.sections[0].path.len(), document.sections[0].line), (0, 0));
    assert_eq!(document.sha256.len(), 64);
}

fn ids(text: &str) -> Vec<String> {
    document(text).sections.iter().flat_map(|s| &s.items).map(|i| i.id.0.clone()).collect()
}

#[test]
fn items_that_look_alike_are_told_apart_and_edits_elsewhere_change_no_identity() {
    let text = "# A\n- [ ] x\n- [ ] x\n# A\n- [ ] x\n# B\n- [ ] x\n";
    let before = ids(text);
    let distinct: std::collections::BTreeSet<_> = before.iter().collect();
    assert_eq!(distinct.len(), 4);
    let edited = text
        .replace("# B", "\nintro\n\n- [ ] new\n\n# B")
        .replace("# A\n- [ ] x\n- [ ] x", "# A\n\n- [x] x\n- [ ] x");
    let after = ids(&edited);
    assert_eq!([&after[..3], &after[4..]].concat(), before);
    let other = read("other.md", text.as_bytes()).document.expect("a text");
    assert!(other.sections.iter().flat_map(|s| &s.items).all(|i| !before.contains(&i.id.0)));
}

#[test]
fn hostile_text_is_scrubbed_where_it_enters() {
    let text = "# T\u{202e}\x1b]52;c;AAAA\x07\n- [ ] a\x1b[31m\u{200b}b &#27;[2J\n";
    let document = document(text);
    let all = format!("{document:?}");
    assert!(!all.contains('\x1b') && !all.contains('\u{202e}') && !all.contains('\x07'), "{all}");
    assert_eq!(&*document.sections[0].items[0].text, "a·[31mb ·[2J");
}

#[test]
fn what_is_not_text_is_told_by_name() {
    let reading = read("x.md", b"\x7fELF\0\0");
    assert_eq!(reading.document, None);
    assert_eq!(reading.problem.as_deref(), Some("x.md: this is not a text file; name a Markdown file"));
    let reading = read("x.md", b"# A\n- [ ] caf\xe9\n- [ ] ok\n");
    assert_eq!(reading.document.expect("read").sections[0].items.len(), 2);
    assert!(reading.problem.expect("told").starts_with("x.md: line 2 is not UTF-8"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_survived_and_identities_are_unique(
        pieces in proptest::collection::vec(
            proptest::prop_oneof![
                proptest::prelude::Just("- [ ] a\n".to_owned()),
                proptest::prelude::Just("# h\n".to_owned()),
                proptest::prelude::Just("  1. [x] b\n".to_owned()),
                proptest::prelude::Just("> ".to_owned()),
                proptest::prelude::Just("---\n".to_owned()),
                "\\PC{0,12}",
            ],
            0..60,
        )
    ) {
        let text = pieces.concat();
        let reading = read("p.md", text.as_bytes());
        let document = reading.document.expect("text without NUL");
        let ids: Vec<_> = document.sections.iter().flat_map(|s| &s.items).map(|i| &i.id).collect();
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        proptest::prop_assert_eq!(distinct.len(), ids.len());
        proptest::prop_assert!(document.sections.iter().all(|s| !s.items.is_empty()));
    }
}

#[test]
fn lines_that_are_typed_with_boxes_or_bullets_are_items_too() {
    let text = "# Before\n\n☐ one\n☑ two\n   goes on\n✅ three\n\n**Checks**\n☐ four `cmd`\n❌ five\n\n\
                • [ ] six\n• [x] seven\n\n[ ] eight\n\n> ☐ nine\n> ☐ ten\n\n- item\n\n  ☐ eleven\n\n\
                ## 確認事項\n\n・十二\n\n## 準備\n\n・[ ] 十三\n\n## Told\n\n✅ All is well.\n\nTemperature · pressure\n• x is\n";
    let items: Vec<String> = document(text)
        .sections
        .iter()
        .flat_map(|section| &section.items)
        .map(|item| format!("{}{} {}", item.line, if item.claimed { "x" } else { "" }, item.text))
        .collect();
    let expected = [
        "3 one",
        "4x two goes on",
        "6x three",
        "9 four cmd",
        "10 five",
        "12 six",
        "13x seven",
        "15 eight",
        "17 nine",
        "18 ten",
        "22 eleven",
        "26 十二",
        "30 十三",
    ];
    assert_eq!(items, expected);
    // Right below a bullet they are beside it.
    let text = "# A\n- [] one\n☐ two\n☑ three\n- [ ] four\n  ☐ five\n";
    let sections = document(text).sections;
    let items = sections.iter().flat_map(|section| &section.items);
    let items: Vec<String> = items.map(|it| format!("{} {} {}", it.line, it.depth, it.text)).collect();
    assert_eq!(items, ["2 0 one", "3 0 two", "4 0 three", "5 0 four", "6 1 five"]);
}

#[test]
fn what_is_demanded_of_a_window_after_the_deployment_is_required_and_what_does_without_is_not() {
    let text = "# A\n## Post-deployment validation (MUST)\n- [ ] look\n## Checks (MUST)\n- [ ] Non-blocking lint\n- [ ] docs, if applicable\n- [ ] all\n";
    let sections = document(text).sections;
    let required: Vec<bool> = sections.iter().flat_map(|it| &it.items).map(|it| it.required).collect();
    assert_eq!(required, [true, false, false, true]);
}

#[test]
fn an_owner_is_the_first_that_is_named_in_bullets_and_in_columns() {
    let text = "# A\n- [ ] one\n  - Owner: Petra\n  - Responsible: Ops\n- [ ] two @anna\n  - Responsible: Ops\n\n\
                | Step | Done | Owner |\n|---|---|---|\n| three | [ ] | @luca |\n| four | [ ] | (DBA) |\n| five | [ ] | Mara |\n| six | [ ] | - |\n";
    let document = document(text);
    let owners: Vec<_> = document
        .sections
        .iter()
        .flat_map(|section| &section.items)
        .map(|item| item.owner.as_deref())
        .collect();
    assert_eq!(owners, [Some("Petra"), Some("Ops"), Some("@luca"), Some("DBA"), Some("Mara"), None]);
}

#[test]
fn the_form_of_a_box_is_no_part_of_an_identity() {
    let of = |list: &str| -> Vec<String> {
        let document = document(&format!("# A\n\n{list}"));
        let items = document.sections.iter().flat_map(|section| &section.items);
        items.map(|item| format!("{} {}", item.id.0, item.text)).collect()
    };
    let plain = of("- [ ] five\n- [ ] six\n");
    assert_eq!(plain.len(), 2);
    for list in [
        "- [] five\n- [x] six\n",
        "- [x] five\n- \u{2610} six\n",
        "- \u{2611} five\n- [] six\n",
        "- \u{2b1c} five\n- \u{2b1c} six\n",
        "- \u{2705} five\n- \u{2705} six\n",
    ] {
        assert_eq!(of(list), plain, "{list}");
    }
}

#[test]
fn other_marks_in_a_list_of_boxes_are_items_and_told() {
    let text = "# A\n- [ ] one\n- [/] half\n- [>] later\n- [done] all\n- [N/A] none\n- ( ) round\n- (x) round too\n\
                - [RFC] label\n- [1] note\n- [~] away\n- <input type=\"checkbox\" checked> tag\n- :white_check_mark: sign\n- [ ]\n\
                1) [ ] first\na) [ ] letter\n– [ ] dash\n— [x] long dash\n\n- ( ) alone\n";
    let reading = document(text);
    let items = reading.sections.iter().flat_map(|section| &section.items);
    let items: Vec<String> =
        items.map(|it| format!("{}{} {}", it.line, if it.claimed { "x" } else { "" }, it.text)).collect();
    assert_eq!(
        items,
        [
            "2 one",
            "3 half",
            "4 later",
            "5x all",
            "6 none",
            "7 round",
            "8x round too",
            "9 [RFC] label",
            "11 away",
            "12x tag",
            "13x sign",
            "15 first",
            "16 letter",
            "17 dash",
            "18x long dash",
            "20 alone",
        ]
    );
    let unread = reading.plan.findings.iter().filter(|finding| finding.kind == FindingKind::Unread);
    let told: Vec<u32> = unread.map(|finding| finding.line).collect();
    assert_eq!(told, [3, 4, 5, 6, 11, 14], "{:?}", reading.plan.findings);
}

#[test]
fn nothing_below_a_struck_heading_is_run_asked_or_turned() {
    let text = "# A\n- [ ] one\n## ~~Old way~~\n```bash\nOLD_MIX=true ./old.sh\n```\n- Run `pytest -q`\n\n```promql\nup\n```\n\n\
                Required environment variables:\n- `OLD_URL`\n";
    let plan = document(text).plan;
    assert_eq!(
        (plan.commands.len(), plan.panels.len(), plan.flags.len(), plan.variables.len()),
        (0, 0, 0, 0)
    );
    let plan = document(&text.replace("~~", "")).plan;
    assert_eq!(
        (plan.commands.len(), plan.panels.len(), plan.flags.len(), plan.variables.len()),
        (2, 1, 1, 1)
    );
}

#[test]
fn a_table_that_was_pasted_with_tabs_is_told() {
    let text = "# A\n- [ ] one\n\n## Approvals\n\nRole\tName\tDate\nQA\tBen\ttoday\n";
    let findings = document(text).plan.findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].line == 6 && findings[0].text.contains("pasted with tabs"), "{findings:?}");
    assert!(document("# A\n- [ ] one\n\nsome\ttext\nand\tmore\n").plan.findings.is_empty());
}
