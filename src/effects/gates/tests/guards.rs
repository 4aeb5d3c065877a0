//! What git tells of guarded files in repositories of every kind.

use super::*;

/// A repository with guarded files, some with spaces, and a watch of a gate that passed at its commit.
async fn passed(dir: &Path, paths: &[&str]) -> Watch {
    beside(dir, dir, paths).await
}

/// As [`passed`], where the paths are named by a document in `folder`.
async fn beside(dir: &Path, folder: &Path, paths: &[&str]) -> Watch {
    let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
    let guards = Guards { paths, beside: folder.to_owned() };
    let repository = git::repository(dir, &guards).await;
    Watch { gate: "unit".into(), run: RunId("r".into()), dir: dir.to_owned(), repository, guards }
}

fn begin(dir: &Path) {
    std::fs::create_dir_all(dir.join("src/auth")).unwrap();
    git(dir, &["init", "-q"]);
    for name in ["src/auth/login page.py", "src/auth/token.py", "src/für.py", "notes.md"] {
        std::fs::write(dir.join(name), format!("{name}\n").repeat(20)).unwrap();
    }
    git(dir, &["add", "."]);
    git(dir, &["commit", "-qm", "first"]);
}

/// `path in subject`, one a change.
async fn told(watch: &Watch) -> Vec<String> {
    let (changes, _) = git::compare(watch).await.unwrap_or_else(|why| panic!("{why}"));
    changes.iter().map(|change| format!("{} in {}", change.path, change.subject)).collect()
}

#[tokio::test]
async fn names_with_spaces_renames_and_deletions_are_told() {
    let rig = rig();
    let dir = rig.dir.path().join("repo");
    begin(&dir);
    let watch = passed(&dir, &["src/auth/login page.py", "src/auth/token.py", "src/für.py"]).await;
    assert_eq!(told(&watch).await, Vec::<String>::new());
    git(&dir, &["mv", "src/auth/login page.py", "src/auth/sign in.py"]);
    git(&dir, &["commit", "-qm", "Another name"]);
    git(&dir, &["rm", "-q", "src/auth/token.py"]);
    git(&dir, &["commit", "-qm", "No tokens"]);
    std::fs::write(dir.join("src/für.py"), "else\n").unwrap();
    std::fs::write(dir.join("notes.md"), "else\n").unwrap();
    assert_eq!(
        told(&watch).await,
        [
            "src/auth/login page.py in Another name",
            "src/auth/token.py in No tokens",
            "src/für.py in not committed"
        ]
    );
    // A folder guards all below it, also what is new there.
    let folder = passed(&dir, &["src/auth"]).await;
    std::fs::write(dir.join("src/auth/new.py"), "new\n").unwrap();
    assert_eq!(told(&folder).await, ["src/auth/new.py in not committed"]);
    git(&dir, &["checkout", "-q", "--orphan", "other"]);
    git(&dir, &["commit", "-qm", "Another history"]);
    let said = told(&watch).await;
    assert!(said.iter().any(|line| line.starts_with("src/auth/token.py in ")), "{said:?}");
}

#[tokio::test]
async fn stars_links_and_files_beside_the_document_are_found_and_what_git_does_not_know_is_told() {
    let rig = rig();
    let dir = rig.dir.path().join("repo");
    begin(&dir);
    let docs = dir.join("docs/ops");
    std::fs::create_dir_all(&docs).unwrap();
    std::fs::write(dir.join(".gitignore"), "local.env\n").unwrap();
    for name in
        ["docs/ops/plan.md", "docs/ops/rates.yaml", "src/[id].ts", "src/a.ts", "src/auth/b.ts", "local.env"]
    {
        std::fs::write(dir.join(name), "one\n").unwrap();
    }
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "more"]);
    let paths = [
        "src/**/*.ts",
        "../../src/für.py",
        "rates.yaml",
        "src/[id].ts",
        "gone.py",
        "local.env",
        "../../../x.py",
    ];
    let watch = beside(&dir, &docs, &paths).await;
    let (changes, unknown) = git::compare(&watch).await.unwrap();
    assert_eq!(changes, []);
    assert_eq!(
        unknown.as_deref(),
        Some("gone.py, local.env, ../../../x.py: guards nothing, git knows no such file")
    );
    for name in ["docs/ops/rates.yaml", "src/[id].ts", "src/a.ts", "src/auth/b.ts", "src/für.py", "local.env"]
    {
        std::fs::write(dir.join(name), "two\n").unwrap();
    }
    let all = |by: &str| {
        ["docs/ops/rates.yaml", "src/[id].ts", "src/a.ts", "src/auth/b.ts", "src/für.py"]
            .map(|name| format!("{name} in {by}"))
    };
    assert_eq!(told(&watch).await, all("not committed"));
    git(&dir, &["commit", "-qam", "two"]);
    assert_eq!(told(&watch).await, all("two"));
    // What is deleted since was guarded, and is told as changed only.
    git(&dir, &["rm", "-q", "docs/ops/rates.yaml"]);
    git(&dir, &["commit", "-qm", "No rates"]);
    let (_, unknown) = git::compare(&watch).await.unwrap();
    assert_eq!(told(&watch).await.first().map(String::as_str), Some("docs/ops/rates.yaml in No rates"));
    assert!(unknown.is_some_and(|told| !told.contains("rates.yaml")));
}

#[tokio::test]
async fn what_was_not_committed_when_it_passed_may_stay_so_and_no_more() {
    let rig = rig();
    let dir = rig.dir.path().join("repo");
    begin(&dir);
    std::fs::write(dir.join("src/auth/token.py"), "unsaved\n").unwrap();
    let watch = passed(&dir, &["src/auth/token.py"]).await;
    assert_eq!(watch.repository.dirty, Some(true));
    assert_eq!(told(&watch).await, Vec::<String>::new());
    std::fs::write(dir.join("src/auth/token.py"), "unsaved, another\n").unwrap();
    assert_eq!(told(&watch).await, ["src/auth/token.py in not committed"]);
    git(&dir, &["checkout", "-q", "src/auth/token.py"]);
    assert_eq!(told(&watch).await, ["src/auth/token.py in not what it passed on"]);
    std::fs::write(dir.join("src/auth/token.py"), "unsaved\n").unwrap();
    git(&dir, &["commit", "-qam", "What it passed on"]);
    assert_eq!(told(&watch).await, Vec::<String>::new(), "committed as it was when the gate passed");
}

#[tokio::test]
async fn a_submodule_that_moved_is_told() {
    let rig = rig();
    let (lib, dir) = (rig.dir.path().join("lib"), rig.dir.path().join("repo"));
    begin(&lib);
    begin(&dir);
    let from = lib.to_string_lossy().into_owned();
    git(&dir, &["-c", "protocol.file.allow=always", "submodule", "add", "-q", &from, "vendor/lib"]);
    git(&dir, &["commit", "-qm", "With the library"]);
    let watch = passed(&dir, &["vendor/lib"]).await;
    assert_eq!(told(&watch).await, Vec::<String>::new());
    let inside = dir.join("vendor/lib");
    std::fs::write(inside.join("notes.md"), "else\n").unwrap();
    assert_eq!(told(&watch).await, ["vendor/lib in not committed"]);
    git(&inside, &["commit", "-qam", "Inside"]);
    git(&dir, &["commit", "-qam", "A newer library"]);
    assert_eq!(told(&watch).await, ["vendor/lib in A newer library"]);
}

#[tokio::test]
async fn where_git_cannot_tell_it_is_said_and_nothing_is_taken_for_unchanged() {
    let rig = rig();
    let plain = rig.dir.path().join("plain");
    std::fs::create_dir_all(&plain).unwrap();
    let watch = passed(&plain, &["a.py"]).await;
    assert_eq!(watch.repository, Repository::default());
    let why = git::compare(&watch).await.unwrap_err();
    assert_eq!(why, "the gate ran outside a repository: what changed since cannot be told");
    let dir = rig.dir.path().join("repo");
    begin(&dir);
    std::fs::write(dir.join("notes.md"), "else\n").unwrap();
    git(&dir, &["commit", "-qam", "second"]);
    let old = git(&dir, &["rev-parse", "HEAD~1"]);
    let from = format!("file://{}", dir.display());
    git(rig.dir.path(), &["clone", "-q", "--depth", "1", &from, "shallow"]);
    let shallow = rig.dir.path().join("shallow");
    // It passed at the commit that is there: compared as everywhere.
    let watch = passed(&shallow, &["src/auth"]).await;
    assert_eq!(told(&watch).await, Vec::<String>::new());
    // It passed at one that is not.
    let repository = Repository { commit: Some(old), ..watch.repository.clone() };
    let why = git::compare(&Watch { repository, ..watch }).await.unwrap_err();
    assert!(why.starts_with("commit ") && why.contains("cannot be compared with"), "{why}");
}

#[tokio::test]
async fn what_stands_behind_very_many_paths_is_guarded_too() {
    let rig = rig();
    let dir = rig.dir.path().join("repo");
    begin(&dir);
    let mut paths = vec!["src/other.py"; 200];
    paths.push("src/auth.py");
    let watch = passed(&dir, &paths).await;
    std::fs::write(dir.join("src/auth.py"), "two\n").unwrap();
    assert_eq!(told(&watch).await, ["src/auth.py in not committed"]);
}
