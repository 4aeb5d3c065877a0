//! The checklist files: read at the start, and again whenever one of them changes.
//!
//! Looking at the files' times every two seconds costs next to nothing, works on every file system, and sees an editor
//! that replaces the file. A file that cannot be read any more keeps what was last read of it: an operator's list does
//! not vanish while a file is being saved.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tokio::time::sleep;

use crate::clock;
use crate::document;
use crate::domain::link::LinkReport;
use crate::domain::room::Checklist;
use crate::domain::{Clean, Document, SourceId};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// How often the files are looked at.
pub const LOOK: Duration = Duration::from_secs(2);

/// A larger file is no checklist.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// What tells that a file changed: its time and size, or the error.
type Trace = Result<(Option<SystemTime>, u64), String>;

/// Watches `checklists` for ever, and speaks when something changed; without any, says so once and rests.
pub async fn run(checklists: Vec<Checklist>, lanes: Lanes) {
    let mut files = Files::default();
    loop {
        let asked = checklists.clone();
        // A file on a dead network mount blocks its reader, and must block nobody else.
        let looked = tokio::task::spawn_blocking(move || {
            let changed = files.look(&asked);
            (files, changed)
        });
        let Ok((back, changed)) = looked.await else { return };
        files = back;
        let at = clock::mono();
        let report = match files.problems.first() {
            None => LinkReport::Alive,
            Some(problem) => {
                LinkReport::Down { error: problem.clone(), attempt: 1, retry_at: at.after(LOOK) }
            }
        };
        if changed {
            let (documents, problems) = (files.documents(&checklists), files.problems.clone());
            let read = Msg::DocumentsRead { documents, problems };
            for msg in [read, Msg::Linked { source: SourceId::Documents, report, at }] {
                if lanes.data.send(msg).await.is_err() {
                    return;
                }
            }
        }
        if checklists.is_empty() {
            return std::future::pending().await;
        }
        sleep(LOOK).await;
    }
}

/// The documents as last read, and what is wrong with the files now.
#[derive(Debug, Default)]
struct Files {
    looked: bool,
    traces: BTreeMap<String, Trace>,
    documents: BTreeMap<String, Document>,
    found: BTreeMap<String, Clean>,
    problems: Vec<Clean>,
}

impl Files {
    /// Reads what changed since the last look; whether anything did.
    fn look(&mut self, checklists: &[Checklist]) -> bool {
        let mut changed = !std::mem::replace(&mut self.looked, true);
        for checklist in checklists {
            let trace = trace(&checklist.path);
            if self.traces.get(&checklist.name) == Some(&trace) {
                continue;
            }
            changed = true;
            self.take(checklist, &trace);
            self.traces.insert(checklist.name.clone(), trace);
        }
        let names = checklists.iter().filter_map(|checklist| self.found.get(&checklist.name));
        self.problems = names.cloned().collect();
        changed
    }

    fn take(&mut self, checklist: &Checklist, trace: &Trace) {
        let name = &checklist.name;
        let bytes = match trace {
            Ok(_) => bytes(&checklist.path),
            Err(error) => Err(error.clone()),
        };
        let (document, mut problem) = match bytes {
            Ok(bytes) => {
                let reading = document::read_on(Some(clock::wall().date_naive()), name, &bytes);
                (reading.document, reading.problem)
            }
            Err(error) => (None, Some(Clean::new(&format!("{name}: {error}")))),
        };
        if let Some(document) = document {
            self.documents.insert(name.clone(), document);
        } else if let (Some(said), true) = (&problem, self.documents.contains_key(name)) {
            problem = Some(Clean::new(&format!("{said}; showing what was last read")));
        }
        match problem {
            Some(problem) => self.found.insert(name.clone(), problem),
            None => self.found.remove(name),
        };
    }

    /// In the config's order.
    fn documents(&self, checklists: &[Checklist]) -> Vec<Document> {
        let known = checklists.iter().filter_map(|checklist| self.documents.get(&checklist.name));
        let mut documents: Vec<Document> = known.cloned().collect();
        document::compare(&mut documents);
        documents
    }
}

/// Reads all `checklists` once: the documents in their order, and what is wrong.
pub fn read_once(checklists: &[Checklist]) -> (Vec<Document>, Vec<Clean>) {
    let mut files = Files::default();
    files.look(checklists);
    let Files { documents: mut read, problems, .. } = files;
    let mut documents: Vec<Document> =
        checklists.iter().filter_map(|checklist| read.remove(&checklist.name)).collect();
    document::compare(&mut documents);
    (documents, problems)
}

fn trace(path: &Path) -> Trace {
    let about = std::fs::metadata(path).map_err(|error| in_words(&error))?;
    if about.is_dir() {
        return Err("this is a directory; name a Markdown file in it".to_owned());
    }
    if !about.is_file() {
        return Err("this is no regular file; name a Markdown file".to_owned());
    }
    Ok((about.modified().ok(), about.len()))
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let file = std::fs::File::open(path).map_err(|error| in_words(&error))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| in_words(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err("larger than 4 MB; split it".to_owned());
    }
    Ok(bytes)
}

fn in_words(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    if error.kind() == ErrorKind::NotFound {
        "no such file; check the path".to_owned()
    } else if error.kind() == ErrorKind::PermissionDenied {
        "it may not be read; check its permissions".to_owned()
    } else {
        error.to_string()
    }
}
