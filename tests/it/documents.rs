//! Checklist files as a source: read, changed, lost and broken under a running console.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use warroom::document;
use warroom::domain::link::LinkReport;
use warroom::domain::room::Checklist;
use warroom::domain::{Clean, Document};
use warroom::lanes::{Receivers, lanes};
use warroom::model::msg::Msg;
use warroom::sources::documents;

use crate::pty::PATIENCE;

fn checklist(path: &Path) -> Checklist {
    let name = path.file_name().expect("name").to_string_lossy().into_owned();
    Checklist { name, path: path.to_owned() }
}

/// The next reading for which `wanted` holds.
async fn reading(
    receivers: &mut Receivers,
    wanted: impl Fn(&[Document], &[Clean]) -> bool,
) -> (Vec<Document>, Vec<Clean>) {
    let wait = async {
        loop {
            let msg = receivers.data.recv().await.expect("the source never ends");
            if let Msg::DocumentsRead { documents, problems } = msg
                && wanted(&documents, &problems)
            {
                return (documents, problems);
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("read in time")
}

fn items(document: &Document) -> Vec<String> {
    document.sections.iter().flat_map(|s| &s.items).map(|i| i.text.to_string()).collect()
}

#[tokio::test]
async fn a_changed_file_is_read_again_and_a_lost_one_keeps_what_was_read() {
    let dir = tempfile::tempdir().expect("dir");
    let path = dir.path().join("release.md");
    std::fs::write(&path, "# R\n- [ ] one\n").expect("write");
    let (lanes, mut receivers) = lanes();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(documents::run(vec![checklist(&path)], lanes));

    let (documents, problems) = reading(&mut receivers, |_, _| true).await;
    assert_eq!((items(&documents[0]), problems), (vec!["one".to_owned()], vec![]));
    let one = documents[0].sections[0].items[0].id.clone();

    std::fs::write(&path, "# R\n- [ ] one\n- [ ] two\n").expect("write");
    let (documents, _) = reading(&mut receivers, |documents, _| items(&documents[0]).len() == 2).await;
    assert_eq!(documents[0].sections[0].items[0].id, one);

    std::fs::remove_file(&path).expect("remove");
    let (documents, problems) = reading(&mut receivers, |_, problems| !problems.is_empty()).await;
    assert_eq!(items(&documents[0]), ["one", "two"]);
    let said = "release.md: no such file; check the path; showing what was last read";
    assert_eq!(problems, [Clean::new(said)]);
    let down = tokio::time::timeout(PATIENCE, receivers.data.recv()).await.expect("in time");
    assert!(matches!(down, Some(Msg::Linked { report: LinkReport::Down { .. }, .. })), "{down:?}");

    std::fs::write(&path, "# R\n- [ ] back\n").expect("write");
    // Written in two steps: it may be read while it is empty.
    reading(&mut receivers, |documents, problems| problems.is_empty() && items(&documents[0]) == ["back"])
        .await;
}

#[test]
fn one_broken_file_does_not_take_the_others_with_it() {
    let dir = tempfile::tempdir().expect("dir");
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("write");
        checklist(&path)
    };
    let good = write("good.md", b"- [ ] a\n");
    let binary = write("binary.md", b"\x00\x01\x02");
    let latin = write("latin.md", b"- [ ] caf\xe9\n");
    let missing = checklist(&dir.path().join("missing.md"));
    let folder = checklist(dir.path());
    let large = write("large.md", &vec![b'x'; 5 * 1024 * 1024]);
    let name = folder.name.clone();
    let (documents, problems) = documents::read_once(&[good, binary, latin, missing, folder, large]);
    let paths: Vec<&str> = documents.iter().map(|d| d.path.as_str()).collect();
    assert_eq!(paths, ["good.md", "latin.md"]);
    let expected = [
        "binary.md: this is not a text file; name a Markdown file".to_owned(),
        "latin.md: line 1 is not UTF-8; read with \u{fffd} in its place: save it as UTF-8".to_owned(),
        "missing.md: no such file; check the path".to_owned(),
        format!("{name}: this is a directory; name a Markdown file in it"),
        "large.md: larger than 4 MB; split it".to_owned(),
    ];
    assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
}

/// Longer than reading takes by orders of magnitude, shorter than anything that grows with the square of two megabytes.
const LONGEST: Duration = Duration::from_secs(60);

#[test]
fn text_made_to_be_slow_is_read_within_bounds() {
    for unit in [
        "# H\n- [ ] an item of *some* `length` with words\n  - [x] nested @mara (required)\n\n",
        "- [ ] a\n",
        "> ",
        "- ",
        "[",
        "*a **b ",
        "`` ` ",
        "<!-- ",
        "| a | b |\n",
        "# same\n- [ ] same\n",
        "---\n",
        "(@",
        "<summary>",
        "<p>",
        "☐ ",
        "- ☐ a\n",
        "[a",
        "## Phase 1: x\n- a\n",
        "**Rollback if:**\n",
        "1. a\n   - b: c\n",
        "| ☐ | a |\n|---|---|\n",
    ] {
        let text = unit.repeat((2 << 20) / unit.len());
        let (done, read) = mpsc::channel();
        std::thread::spawn(move || done.send(document::read("x.md", text.as_bytes()).document.is_some()));
        assert_eq!(read.recv_timeout(LONGEST), Ok(true), "{unit:?}");
    }
}

#[test]
fn time_grows_with_the_text_and_not_with_its_square() {
    let unit = "## Checks 7\n**Rollback if:**\n- [ ] Errors > 5 % (required)\n  - Owner: Mara\n1. step `a` [x](y)\n\ntext\n\n";
    let time = |bytes: usize| {
        let text = unit.repeat(bytes / unit.len());
        let once = || {
            let begin = std::time::Instant::now();
            let read = document::read("x.md", text.as_bytes()).document.expect("a text");
            assert!(!read.sections.is_empty());
            begin.elapsed()
        };
        // The best of a few: others may have the processor.
        (0..5).map(|_| once()).min().expect("five")
    };
    let (small, large) = (time(128 << 10), time(1 << 20));
    // Eight times the text; the square would be sixty-four times the time.
    assert!(large < small * 24, "{small:?} for 128 kB, {large:?} for 1 MB");
}
