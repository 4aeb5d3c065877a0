//! Guarded files that are not there: where a document stands in a repository, a path that matches no file guards nothing.

use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::plan::{Finding, FindingKind};
use crate::domain::{Clean, Document};

/// Adds to the findings of `documents` what their guards do not guard. Outside of a repository nothing can be said.
pub(super) fn find(documents: &mut [Document]) {
    for document in documents {
        let Some((root, folder)) = repository(Path::new(&document.path)) else { continue };
        let missing = document.plan.guards.iter().filter(|guard| {
            let path = guard.path.trim_start_matches("./");
            !matches_any(&root, path) && !matches_any(&folder, path)
        });
        let found: Vec<Finding> = missing
            .map(|guard| {
                let text = format!(
                    "“{}” guards nothing: no file of this repository is called so; correct the path, from the repository's root",
                    guard.path
                );
                Finding { line: guard.line, kind: FindingKind::Unread, text: Clean::new(&text) }
            })
            .collect();
        document.plan.findings.extend(found);
        document.plan.findings.sort_by_key(|finding| finding.line);
    }
}

/// The repository that the file at `path` stands in, and its folder.
fn repository(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let path = path.canonicalize().ok()?;
    let root = path.ancestors().find(|folder| folder.join(".git").exists())?;
    Some((root.to_owned(), path.parent()?.to_owned()))
}

/// Whether a file or folder below `root` matches `path`; of what stands behind `**` only the folder before it is looked for.
fn matches_any(root: &Path, path: &str) -> bool {
    let Some((before, rest)) = path.split_once('*') else { return root.join(path).exists() };
    let (folder, begin) = before.rsplit_once('/').unwrap_or(("", before));
    let folder = root.join(folder);
    if rest.contains(['*', '/']) {
        return folder.is_dir();
    }
    let named = |name: &str| {
        name.len() >= begin.len() + rest.len() && name.starts_with(begin) && name.ends_with(rest)
    };
    fs::read_dir(folder)
        .is_ok_and(|entries| entries.flatten().any(|entry| named(&entry.file_name().to_string_lossy())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::PathGuard;

    #[test]
    fn a_path_that_matches_no_file_is_told_where_there_is_a_repository() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("docs/GO.md");
        fs::create_dir_all(dir.path().join("docs")).expect("a folder");
        fs::create_dir_all(dir.path().join("src")).expect("a folder");
        fs::write(&file, "").expect("a file");
        fs::write(dir.path().join("src/auth.py"), "").expect("a file");
        let guard = |path: &str| PathGuard { line: 3, path: path.into(), text: Clean::default() };
        let told = || {
            let mut document = Document { path: file.display().to_string(), ..Document::default() };
            let paths =
                ["src/auth.py", "src/*.py", "src/**/x.py", "GO.md", "src/login.py", "src/*.rs", "lib/*.py"];
            document.plan.guards = paths.iter().map(|path| guard(path)).collect();
            find(std::slice::from_mut(&mut document));
            document.plan.findings.iter().map(|it| it.text.to_string()).collect::<Vec<_>>()
        };
        assert!(told().is_empty(), "no repository, no word");
        fs::create_dir_all(dir.path().join(".git")).expect("a folder");
        let told = told();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("“src/login.py” guards nothing"), "{told:?}");
    }
}
