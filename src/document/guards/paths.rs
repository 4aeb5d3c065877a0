//! Paths of a repository as documents name them: with lines (`a.py:10-20`, `a.py#L10-L20`), several in a row, with blanks in
//! inline code, as the target of a link.

use crate::document::blocks::Text;

/// What may stand between two paths of one line.
const BETWEEN: [&str; 13] = [",", ";", "&", "+", "、", "，", "und ", "and ", "or ", "et ", "y ", "e ", "ou "];

/// The paths that a text begins with, or else the first that it names as code or by a link; and what it says of them.
pub(super) fn of(text: &Text) -> (Vec<String>, &str) {
    let (mut paths, mut rest) = leading(text);
    if paths.is_empty() {
        let code = text.code.iter().find_map(|code| of_code(code));
        paths.extend(code.map(str::to_owned));
        rest = &text.plain;
    }
    let links: Vec<String> = text.links.iter().filter_map(|link| of_link(link)).collect();
    if paths.is_empty() && text.is_link {
        return (links.into_iter().take(1).collect(), rest);
    }
    // A link says where the file is that its text names.
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    for path in &mut paths {
        if let Some(link) = links.iter().find(|link| name(link) == name(path)) {
            path.clone_from(link);
        }
    }
    (paths, rest)
}

/// Whether a text begins with a path.
pub(super) fn begin(text: &Text) -> bool {
    !leading(text).0.is_empty()
}

/// The paths that a text begins with, and what stands behind them.
fn leading(text: &Text) -> (Vec<String>, &str) {
    let (mut paths, mut rest, mut told) = (Vec::new(), text.plain.as_str(), text.plain.as_str());
    let mut codes = text.code.iter().map(|code| code.trim()).peekable();
    loop {
        let next = rest.trim_start();
        let behind = BETWEEN.iter().find_map(|between| next.strip_prefix(between)).map(str::trim_start);
        let Some(next) = (if paths.is_empty() { Some(next) } else { behind }) else { break };
        let code = codes.next_if(|code| !code.is_empty() && next.starts_with(code));
        let word = next.split_whitespace().next().unwrap_or_default().trim_end_matches([':', ',', ';']);
        let said = code.unwrap_or(word);
        let Some(path) = (if code.is_some() { of_code(said) } else { file(said) }) else { break };
        paths.push(path.to_owned());
        rest = next.get(said.len()..).unwrap_or_default();
        told = next.get(path.len()..).unwrap_or_default();
    }
    (paths, told)
}

/// The path that a piece of inline code, or a line of a list, is; it may have blanks.
pub(super) fn of_code(code: &str) -> Option<&str> {
    let path = without_lines(code.trim());
    if !path.contains(' ') {
        return Some(path).filter(|path| is_path(path));
    }
    // `scripts/check.sh src/a.py` is a command with its argument.
    let mut words = path.split(' ');
    let last = words.next_back().unwrap_or_default();
    let folder = path.split(' ').next().is_some_and(|first| first.contains('/'));
    let is_one = words.all(|word| !word.is_empty() && !word.starts_with('-') && !known_extension(word));
    (folder && is_one && !last.starts_with('-') && is_path(&path.replace(' ', "_"))).then_some(path)
}

/// The path that a word is.
fn file(word: &str) -> Option<&str> {
    Some(without_lines(word)).filter(|path| is_path(path))
}

/// The file of the document's repository that a link leads to.
fn of_link(link: &str) -> Option<String> {
    let link = without_lines(link).replace("%20", " ");
    let inner = link.trim_start_matches("./").trim_start_matches("../").replace(' ', "_");
    let is_file = !inner.contains("//") && inner.rsplit('/').next().is_some_and(|name| name.contains('.'));
    (is_file && is_path(&inner)).then_some(link)
}

/// `path` without the lines that are meant of it: `:126-141`, `#L10-L20`.
fn without_lines(path: &str) -> &str {
    let lines = |rest: &str| {
        let digits = rest.trim_start_matches('L');
        digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.chars().all(|c| c.is_ascii_digit() || "-–:,LC".contains(c))
    };
    match path.split_once(['#', ':']) {
        Some((path, rest)) if lines(rest) => path,
        _ => path,
    }
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

    #[test]
    fn a_path_may_have_blanks_in_code_and_is_no_command() {
        for (code, path) in [
            ("shop/due dates.py", Some("shop/due dates.py")),
            ("shop/total.py:126-141", Some("shop/total.py")),
            ("shop/total.py#L10-L20", Some("shop/total.py")),
            ("shop/total.py:7", Some("shop/total.py")),
            ("pytest shop/total.py", None),
            ("./check.sh shop/total.py", None),
            ("shop/run --all shop/total.py", None),
            ("https://x.example/a.py", None),
            ("total.py:main", None),
        ] {
            assert_eq!(of_code(code), path, "{code}");
        }
    }
}
