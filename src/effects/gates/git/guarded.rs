//! What guarded paths are to git: files of the repository, or beside the document that names them, or nothing.

use std::path::{Component, Path, PathBuf};

use super::{git, top};
use crate::domain::run::Guards;

/// What git is asked of, and the paths that it does not know.
pub(super) struct Found {
    pub(super) specs: Vec<String>,
    pub(super) unknown: Vec<String>,
}

/// Most paths that are looked for.
const MOST: usize = 200;

/// The paths of `guards` of which the repository around `dir` knows no file.
pub async fn unknown(dir: &Path, guards: &Guards) -> Vec<String> {
    match top(dir).await {
        Ok(top) => find(Path::new(&top), guards, None).await.unknown,
        Err(_no_repository) => Vec::new(),
    }
}

/// Looks for `guards` in the repository at `top`; what was deleted since `commit` was guarded, too.
pub(super) async fn find(top: &Path, guards: &Guards, commit: Option<&str>) -> Found {
    let folder = guards.beside.canonicalize().ok();
    let folder = folder.zip(top.canonicalize().ok());
    let folder = folder.and_then(|(folder, top)| folder.strip_prefix(top).map(Path::to_owned).ok());
    let mut places: Vec<(&String, Vec<String>)> = Vec::new();
    for path in guards.paths.iter().take(MOST) {
        let bases = [Some(PathBuf::new()), folder.clone()];
        let mut all: Vec<String> =
            bases.iter().flatten().filter_map(|base| inside(top, base, path)).collect();
        all.dedup();
        places.push((path, all));
    }
    let plain =
        places.iter().flat_map(|(_, all)| all).filter(|path| !has_stars(path)).map(|path| literal(path));
    let plain: Vec<String> = plain.collect();
    let there = if plain.is_empty() { Vec::new() } else { listed(top, &plain).await };
    // What is not looked for is guarded as it is written.
    let rest = guards.paths.iter().skip(MOST).filter_map(|path| inside(top, Path::new(""), path));
    let mut found = Found { specs: rest.map(|path| spec(&path)).collect(), unknown: Vec::new() };
    for (path, all) in places {
        let mut known = None;
        for place in &all {
            let below = format!("{place}/");
            let listed =
                |files: &[String]| files.iter().any(|file| file == place || file.starts_with(&below));
            let spec = spec(place);
            if listed(&there)
                || (has_stars(place) && !self::listed(top, std::slice::from_ref(&spec)).await.is_empty())
                || was_there(top, commit, &spec).await
            {
                known = Some(spec);
                break;
            }
        }
        if known.is_none() {
            found.unknown.push(path.clone());
        }
        // It may come to be.
        found.specs.extend(known.or_else(|| all.first().map(|place| spec(place))));
    }
    found
}

/// `path` from the repository's root, if it is said from `base` there and does not lead out of it.
fn inside(top: &Path, base: &Path, path: &str) -> Option<String> {
    let path = Path::new(path);
    let path = if path.is_absolute() { path.strip_prefix(top).ok()? } else { path };
    let mut parts: Vec<&str> = Vec::new();
    for part in base.components().chain(path.components()) {
        match part {
            Component::Normal(name) => parts.push(name.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn has_stars(path: &str) -> bool {
    path.contains('*')
}

/// How git is asked for `path` and nothing else.
pub(super) fn literal(path: &str) -> String {
    format!(":(literal){path}")
}

/// How git is asked for `path`, which may have stars.
fn spec(path: &str) -> String {
    if !has_stars(path) {
        return literal(path);
    }
    let plain = path.replace('[', "\\[").replace(']', "\\]").replace('?', "\\?");
    format!(":(glob){plain}")
}

/// The files that git knows, or would add.
async fn listed(top: &Path, specs: &[String]) -> Vec<String> {
    let mut words = vec!["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"];
    words.extend(specs.iter().map(String::as_str));
    let files = git(top, &words).await.unwrap_or_default();
    files.split('\0').filter(|file| !file.is_empty()).map(str::to_owned).collect()
}

/// Whether something of it was deleted since `commit`.
async fn was_there(top: &Path, commit: Option<&str>, spec: &str) -> bool {
    let Some(commit) = commit else { return false };
    let words = [
        "diff",
        "--name-only",
        "-z",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        commit,
        "HEAD",
        "--",
        spec,
    ];
    git(top, &words).await.is_ok_and(|files| !files.is_empty())
}
