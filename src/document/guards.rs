//! Files that must not change after their gate passed: named below a heading or label such as "verify that these files
//! have NOT been modified without running tests".

use std::sync::LazyLock;

use super::blocks::{Block, Blocks, Kind, Text};
use super::needles::Needles;
use super::tidy;
use crate::domain::plan::PathGuard;

/// The guarded paths, in file order.
pub(super) fn find(blocks: &Blocks) -> Vec<PathGuard> {
    let mut found: Vec<PathGuard> = Vec::new();
    for block in &blocks.list {
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
                for (n, path) in code.lines().enumerate().filter(|(_, path)| is_path(path.trim())) {
                    let line = line.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
                    found.push(PathGuard { line, path: tidy(path), text: tidy("") });
                }
            }
            Kind::Table { rows, .. } if is_guarded(blocks, block) => {
                for (line, cells) in rows {
                    if let Some(path) = cells.first().and_then(path_of) {
                        let said: Vec<&str> = cells.iter().skip(1).map(|cell| &*cell.plain).collect();
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
        let paths = text.code.iter().filter(|code| is_path(code.trim()));
        found.extend(paths.map(|path| PathGuard { line, path: tidy(path), text: text.plain.clone() }));
        return;
    }
    if let Some(path) = path_of(text) {
        let rest = text.plain.strip_prefix(path.as_str()).unwrap_or(&text.plain);
        let rest = rest.trim_start_matches([' ', '-', '–', '—', ':', '|', '(']).trim();
        found.push(PathGuard { line, path: tidy(&path), text: tidy(rest) });
    }
}

/// The path that a text begins with, or names as code.
fn path_of(text: &Text) -> Option<String> {
    let code = text.code.iter().map(|code| code.trim()).find(|code| is_path(code));
    let first = || text.plain.split_whitespace().next().map(|word| word.trim_end_matches([':', ',']));
    code.or_else(|| first().filter(|word| is_path(word))).map(str::to_owned)
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
    path_of(text).is_some_and(|path| text.plain.starts_with(path.as_str())) && is_guarded(blocks, block)
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

/// Whether `text` is a path of a repository.
fn is_path(text: &str) -> bool {
    // Most words are none.
    if memchr::memchr2(b'.', b'/', text.as_bytes()).is_none() && !text.ends_with("file") {
        return false;
    }
    let fits = !text.is_empty()
        && text.len() <= 300
        && text.chars().all(|c| c.is_alphanumeric() || "/._-*@+[]{}$~".contains(c))
        && !text.contains("://")
        && !text.starts_with(['/', '-', '~', '@'])
        && !text.contains("..");
    let name = text.rsplit('/').next().unwrap_or(text);
    let extension = name.rsplit_once('.').is_some_and(|(stem, extension)| {
        (!stem.is_empty() || name.starts_with('.'))
            && (1..=10).contains(&extension.len())
            && extension.chars().all(char::is_alphanumeric)
            && extension.chars().any(char::is_alphabetic)
    });
    let folders = text.contains('/') && text.split('/').all(|part| !part.is_empty() || text.ends_with('/'));
    // `app.state.ready` is no file: one dot, unless there are folders.
    let whole = fits && matches!(text, "Dockerfile" | "Makefile" | "Procfile" | "Justfile");
    whole || fits && (folders || (extension && text.matches('.').count() <= 2 && known_extension(name)))
}

fn known_extension(name: &str) -> bool {
    const KNOWN: [&str; 46] = [
        "py",
        "rs",
        "go",
        "js",
        "ts",
        "tsx",
        "jsx",
        "mjs",
        "cjs",
        "java",
        "kt",
        "rb",
        "php",
        "c",
        "h",
        "cc",
        "cpp",
        "cs",
        "swift",
        "scala",
        "ex",
        "exs",
        "sql",
        "sh",
        "yaml",
        "yml",
        "toml",
        "json",
        "xml",
        "tf",
        "hcl",
        "md",
        "txt",
        "ini",
        "cfg",
        "conf",
        "env",
        "lock",
        "proto",
        "graphql",
        "html",
        "css",
        "scss",
        "vue",
        "gradle",
        "properties",
    ];
    name.rsplit_once('.').is_some_and(|(_, extension)| KNOWN.contains(&extension.to_lowercase().as_str()))
        || matches!(name, "Dockerfile" | "Makefile" | "Procfile")
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
    fn what_was_changed_is_no_guard() {
        assert_eq!(told("Do not modify `Makefile` without running the tests.\n").len(), 1);
        assert!(told("## Files modified\n- `a/b.rs`\n").is_empty());
        assert!(told("## Notes\n- `a/b.rs`: no changes needed unless the module moves\n").is_empty());
        assert!(told("Do not change the plan:\n- Mara\n- https://x.example/y\n").is_empty());
    }
}
