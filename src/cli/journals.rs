//! Which journal a room without a config has. It is called after one of the checklists, whichever was the first when they
//! were opened together first: in what order they are named later does not matter. Where another journal knows these
//! documents too, that is said.

use std::path::{Path, PathBuf};

use crate::config::{Loaded, Settings};
use crate::domain::room::Mode;

/// Chooses the journal of a room without a config; answers with what a person has to know of others.
pub(super) fn choose(loaded: &mut Loaded) -> Option<String> {
    if loaded.path.is_some() || loaded.settings.store.is_some() {
        return None;
    }
    let dirs = directories::ProjectDirs::from("", "", "warroom")?;
    let remembered = dirs.state_dir().unwrap_or(dirs.data_local_dir()).join("journals");
    let writes = loaded.room.operator.mode == Mode::Operate;
    choose_in(&mut loaded.settings, (dirs.data_dir(), &remembered), writes)
}

/// What a person has to know of a journal that is there with nothing in it: it was emptied, or just made by hand.
pub(super) fn emptied(path: &Path) -> Option<String> {
    let empty = std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == 0);
    let told = "is empty, and begins anew: if it had records, stop here, and put a backup in its place";
    empty.then(|| format!("the journal {} {told}", path.display()))
}

/// The same, with journals in `data`; `remembered` has a file for each checklist that another one's journal knows.
fn choose_in(settings: &mut Settings, (data, remembered): (&Path, &Path), writes: bool) -> Option<String> {
    let file = |name: &str| data.join(format!("{name}.db"));
    let names: Vec<String> = std::iter::once(&settings.file_name).chain(&settings.also).cloned().collect();
    let there = || names.iter().filter(|name| file(name).exists());
    let remembers = |name: &String| std::fs::read_to_string(remembered.join(name)).ok();
    // Of several, the one that the others were opened with before.
    let mut chosen = there().next().unwrap_or(&settings.file_name).clone();
    for _ in &names {
        let with = remembers(&chosen).map(|known| known.trim().to_owned());
        chosen = with.filter(|with| there().any(|name| name == with)).unwrap_or(chosen);
    }
    let mut others: Vec<PathBuf> = there().filter(|name| **name != chosen).map(|name| file(name)).collect();
    for name in &names {
        let Some(known) = remembers(name) else { continue };
        let other = file(known.trim());
        if known.trim() != chosen && other.exists() && !others.contains(&other) {
            others.push(other);
        }
    }
    if writes && names.len() > 1 {
        // Who cannot be told of it later is told nothing now.
        let _made = std::fs::create_dir_all(remembered);
        for name in names.iter().filter(|name| **name != chosen) {
            let _kept = std::fs::write(remembered.join(name), &chosen);
        }
    }
    settings.file_name = chosen;
    let read = file(&settings.file_name);
    let other = others.first()?;
    let more = if others.len() > 1 { format!(", and {} more", others.len() - 1) } else { String::new() };
    Some(format!(
        "the journal is {}; {} knows documents of this room too{more}: --store FILE reads another one",
        read.display(),
        other.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Overrides};

    #[test]
    fn a_journal_that_was_emptied_is_told_and_a_new_one_is_no_news() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("room.db");
        assert_eq!(emptied(&path), None);
        assert_eq!(emptied(dir.path()), None);
        std::fs::write(&path, "").expect("a file");
        assert!(emptied(&path).is_some_and(|told| told.contains("room.db is empty, and begins anew")));
        std::fs::write(&path, "records").expect("a file");
        assert_eq!(emptied(&path), None);
    }

    #[test]
    fn the_order_of_documents_does_not_matter_and_another_journal_is_named() {
        let dir = tempfile::tempdir().expect("dir");
        let (data, remembered) = (dir.path().join("data"), dir.path().join("state"));
        std::fs::create_dir_all(&data).expect("a folder");
        let opened = |names: &[&str]| {
            let checklists = names.iter().map(|name| {
                let path = dir.path().join(name);
                std::fs::write(&path, "- [ ] x\n").expect("a file");
                path
            });
            let overrides = Overrides { checklists: checklists.collect(), ..Overrides::default() };
            let mut settings = config::of_documents(&overrides).expect("a room").settings;
            let note = choose_in(&mut settings, (&data, &remembered), true);
            let (stem, _) = settings.file_name.split_once('-').expect("stem and hash");
            std::fs::write(data.join(format!("{}.db", settings.file_name)), "").expect("a journal");
            (stem.to_owned(), note.is_some())
        };
        assert_eq!(opened(&["DEPLOY.md", "BACK.md"]), ("DEPLOY".to_owned(), false));
        assert_eq!(opened(&["BACK.md", "DEPLOY.md"]), ("DEPLOY".to_owned(), false));
        assert_eq!(opened(&["BACK.md"]), ("BACK".to_owned(), true), "what was said in both is elsewhere");
        for both in [["BACK.md", "DEPLOY.md"], ["DEPLOY.md", "BACK.md"]] {
            assert_eq!(opened(&both), ("DEPLOY".to_owned(), true), "two know them now: {both:?}");
        }
        for three in [["BACK.md", "MORE.md", "DEPLOY.md"], ["MORE.md", "BACK.md", "DEPLOY.md"]] {
            assert_eq!(opened(&three), ("DEPLOY".to_owned(), true), "{three:?}");
        }
        assert_eq!(opened(&["OTHER.md"]), ("OTHER".to_owned(), false));
    }
}
