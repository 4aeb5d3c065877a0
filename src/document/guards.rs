//! Files that must not change after their gate passed: named below a heading or label such as "verify that these files
//! have NOT been modified without running tests".

mod paths;

use std::sync::LazyLock;

use super::blocks::{Block, Blocks, Kind, Text};
use super::needles::Needles;
use super::tidy;
use crate::domain::plan::PathGuard;

/// The guarded paths, in file order.
pub(super) fn find(blocks: &Blocks) -> Vec<PathGuard> {
    let mut found: Vec<PathGuard> = Vec::new();
    for block in blocks.list.iter().filter(|block| !blocks.is_set_aside(block)) {
        match &block.kind {
            Kind::Item { text, .. } | Kind::Paragraph(text) => {
                let item = matches!(block.kind, Kind::Item { .. });
                // A sentence that forbids and names a path guards it alone.
                let alone = forbids(&text.plain) && !text.introduces();
                if alone || (item && is_guarded(blocks, block)) {
                    guard(&mut found, block.line, text, alone && !item);
                }
            }
            Kind::Fence { language, code, line } if is_list(language) && is_guarded(blocks, block) => {
                for (n, path) in
                    code.lines().enumerate().filter_map(|(n, path)| Some((n, paths::of_code(path)?)))
                {
                    let line = line.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
                    found.push(PathGuard { line, path: tidy(path), text: tidy("") });
                }
            }
            Kind::Table { rows, .. } if is_guarded(blocks, block) => {
                for (line, cells) in rows {
                    let said: Vec<&str> = cells.iter().skip(1).map(|cell| &*cell.plain).collect();
                    for path in cells.first().map(|cell| paths::of(cell).0).unwrap_or_default() {
                        found.push(PathGuard { line: *line, path: tidy(&path), text: tidy(&said.join(" ")) });
                    }
                }
            }
            Kind::Fence { .. } | Kind::Table { .. } | Kind::Html(_) => {}
        }
    }
    found
}

fn is_list(language: &str) -> bool {
    matches!(language, "" | "text" | "txt" | "plaintext" | "plain")
}

fn guard(found: &mut Vec<PathGuard>, line: u32, text: &Text, every: bool) {
    if every {
        let paths = text.code.iter().filter_map(|code| paths::of_code(code));
        found.extend(paths.map(|path| PathGuard { line, path: tidy(path), text: text.plain.clone() }));
        return;
    }
    let (paths, rest) = paths::of(text);
    let rest = rest.trim_start_matches([' ', '-', '–', '—', ':', '#', '|', '(']).trim();
    found.extend(paths.iter().map(|path| PathGuard { line, path: tidy(path), text: tidy(rest) }));
}

/// Whether the block stands below a heading or label that forbids changes.
fn is_guarded(blocks: &Blocks, block: &Block) -> bool {
    let label = block.label.and_then(|at| blocks.list.get(at)).and_then(text_of);
    let parent = block.inside.and_then(|at| blocks.list.get(at)).and_then(text_of);
    let head = block.head.and_then(|at| blocks.heads.get(at)).map(|head| &*head.text);
    // The nearest introduction decides: a label ends what the heading said.
    let said = parent.or(label).or(head);
    said.is_some_and(forbids)
}

/// Whether the bullet `block` with `text` does nothing but name a guarded file: it is looked at, and not done.
pub(super) fn is_entry(blocks: &Blocks, block: &Block, text: &Text) -> bool {
    paths::begin(text) && is_guarded(blocks, block)
}

fn text_of(block: &Block) -> Option<&str> {
    match &block.kind {
        Kind::Item { text, .. } | Kind::Paragraph(text) => Some(&text.plain),
        Kind::Fence { .. } | Kind::Table { .. } | Kind::Html(_) => None,
    }
}

const WHOLE: [&str; 21] = [
    "unmodified",
    "do not touch",
    "don't touch",
    "do-not-touch",
    "hands off",
    "frozen file",
    "protected file",
    "protected path",
    "guarded file",
    "guarded path",
    "locked file",
    "must stay unchanged",
    "must remain unchanged",
    "are unchanged",
    "unverändert",
    "inchangés",
    "sin cambios",
    "inalterad",
    "未修改",
    "未被修改",
    "変更されていない",
];
const NOT: [&str; 15] = [
    " not ", "n't ", "never ", "nobody ", "no one ", "nicht ", "ne pas", " pas ", " no deb", " no se ",
    " no han ", "não ", "ohne ", "不得", "不要",
];
const CHANGE: [&str; 18] = [
    "modif",
    "chang",
    "touched",
    "edited",
    "altered",
    "be edited",
    "geändert",
    "verändert",
    "ändern",
    "alterad",
    "alterar",
    "cambi",
    "touch ",
    "修改",
    "変更",
    "edit these",
    "edit this",
    "alter ",
];
const THING: [&str; 17] = [
    "file",
    "path",
    "module",
    "these",
    "following",
    "without",
    "code",
    "datei",
    "fichier",
    "archivo",
    "arquivo",
    "文件",
    "ファイル",
    "migration",
    "script",
    "component",
    "config",
];

/// A longer text does not introduce anything.
const MAX_SENTENCE: usize = 400;

/// Whether a text says that something must not be changed.
fn forbids(text: &str) -> bool {
    static SAYS: LazyLock<Needles> = LazyLock::new(|| Needles::of(WHOLE.iter().chain(&CHANGE)));
    // Few texts speak of changes at all.
    if text.len() > MAX_SENTENCE || !SAYS.are_in(text) {
        return false;
    }
    let lower = format!(" {} ", text.to_lowercase().replace('’', "'"));
    let has = |list: &[&str]| list.iter().any(|word| lower.contains(word));
    has(&WHOLE) || (has(&NOT) && has(&CHANGE) && has(&THING))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        find(&Blocks::of(text, 0)).iter().map(|g| format!("{} {}: {}", g.line, g.path, g.text)).collect()
    }

    #[test]
    fn files_below_a_label_or_heading_that_forbids_changes_are_guarded() {
        let text = "\
### Integration
Make sure that these files were not changed without a test run:
- `shop/cart/total.py` - lines 10-20 (rounding)
- shop/pay.go: the retry
- the retries of `x.y.z`

Also look at:
- `shop/other.py`

### Protected files (do not touch)
1. [ ] `db/schema.sql`

```
infra/main.tf
not a path
```
";
        assert_eq!(
            told(text),
            [
                "3 shop/cart/total.py: lines 10-20 (rounding)",
                "4 shop/pay.go: the retry",
                "11 db/schema.sql: ",
                "14 infra/main.tf: ",
            ]
        );
    }

    #[test]
    fn files_are_named_with_lines_several_in_a_row_with_blanks_and_by_links() {
        let text = "\
Verify that these files have NOT been modified without running the tests:

1. `shop/total.py:126-141` (rounding)
2. `shop/pay.py#L10-L20`
3. shop/tax.py, `shop/duty.py` and shop/fee.py: what is added
4. `shop/due dates/open.py`
5. `shop/**/*.ts`
6. [prices.yaml](../../shop/prices.yaml) as sold
7. [shop/vat.py](https://git.example/shop/blob/main/shop/vat.py)
8. [the rates](rates.yaml)

| File | Why |
|---|---|
| `a/b.sql:3`, `a/c.sql` | money |
";
        assert_eq!(
            told(text),
            [
                "3 shop/total.py: 126-141 (rounding)",
                "4 shop/pay.py: L10-L20",
                "5 shop/tax.py: what is added",
                "5 shop/duty.py: what is added",
                "5 shop/fee.py: what is added",
                "6 shop/due dates/open.py: ",
                "7 shop/**/*.ts: ",
                "8 ../../shop/prices.yaml: as sold",
                "9 shop/vat.py: ",
                "10 rates.yaml: the rates",
                "14 a/b.sql: money",
                "14 a/c.sql: money",
            ]
        );
    }

    #[test]
    fn a_sentence_and_other_languages_guard_too() {
        assert_eq!(
            told("The files `a/b.rs` and `c.toml` must not be modified before the release.\n").len(),
            2
        );
        assert_eq!(told("- [ ] `a/b.rs` has not been modified without a review of the module\n").len(), 1);
        assert_eq!(told("Diese Dateien dürfen nicht geändert werden:\n\n- `a/b.rs`\n").len(), 1);
        assert_eq!(told("Vérifier que ces fichiers n'ont pas été modifiés :\n\n- `a/b.rs`\n").len(), 1);
        assert_eq!(told("Estos archivos no deben cambiar:\n- `a/b.rs`\n").len(), 1);
        assert_eq!(told("以下文件不得修改：\n- `a/b.rs`\n").len(), 1);
    }

    #[test]
    fn what_was_struck_out_guards_nothing() {
        let text = "## ~~Protected files (do not touch)~~\n- `a/b.rs`\n\n```\nc/d.rs\n```\n\n| File |\n|---|\n| `e/f.rs` |\n";
        assert!(told(text).is_empty(), "{:?}", told(text));
        assert_eq!(told(&text.replace("~~", "")).len(), 3);
    }

    #[test]
    fn what_was_changed_is_no_guard() {
        assert_eq!(told("Do not modify `Makefile` without running the tests.\n").len(), 1);
        assert!(told("## Files modified\n- `a/b.rs`\n").is_empty());
        assert!(told("## Notes\n- `a/b.rs`: no changes needed unless the module moves\n").is_empty());
        assert!(told("Do not change the plan:\n- Mara\n- https://x.example/y\n").is_empty());
    }
}
