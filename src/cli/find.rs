//! The one item that a script names: by its id, the beginning of it, its text, or a part of the text that no other has.

use super::Failure;
use crate::domain::{Clean, Item};
use crate::model::checklist::Checklist;
use crate::model::checklist::named::{is_long_enough, plain};

/// As many items are told when several fit, or none.
const TOLD: usize = 8;

/// The item that `wanted` names, if it names one.
pub(super) fn item(checklist: &Checklist, wanted: &str) -> Result<Item, Failure> {
    let found = checklist.named(wanted);
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(unknown(checklist, wanted, &plain(wanted))),
        several => {
            let what = format!("\"{}\" is {} items", Clean::new(wanted), several.len());
            Err(Failure::usage(&what, &told(checklist, several), "name one by its id"))
        }
    }
}

fn unknown(checklist: &Checklist, wanted: &str, plain_wanted: &str) -> Failure {
    let what = format!("no item is called \"{}\"", Clean::new(wanted));
    let all: Vec<&Item> = checklist.items().collect();
    if all.is_empty() || !is_long_enough(plain_wanted) {
        let next = "`warroom items` lists all with their ids";
        let short = !all.is_empty() && !plain_wanted.is_empty();
        let why =
            if short { "four characters or more name an item".to_owned() } else { what_there_is(checklist) };
        return Failure::usage(&what, &why, next);
    }
    let alike = |item: &&Item| likeness(&plain(&item.text), plain_wanted);
    let mut near: Vec<(f64, &Item)> = all.iter().map(|item| (alike(item), *item)).collect();
    near.retain(|(alike, _)| *alike >= 0.4);
    near.sort_by(|one, other| other.0.total_cmp(&one.0));
    let near: Vec<&Item> = near.into_iter().take(3).map(|(_, item)| item).collect();
    if near.is_empty() {
        return Failure::usage(&what, &what_there_is(checklist), "`warroom items` lists all with their ids");
    }
    let why = format!("nearest:\n{}", told(checklist, &near));
    Failure::usage(&what, &why, "name one by its id; `warroom items` lists all")
}

/// How alike a text, or some words of it in a row, and what was wanted are: 0 to 1.
fn likeness(text: &str, wanted: &str) -> f64 {
    let words: Vec<&str> = text.split(' ').take(200).collect();
    let count = wanted.split(' ').count();
    let parts = words.windows(count.min(words.len()).max(1)).map(|part| part.join(" "));
    let part = parts.map(|part| strsim::normalized_damerau_levenshtein(&part, wanted)).fold(0.0, f64::max);
    // Half of a short word is nothing.
    let part = if part >= 0.6 { part } else { 0.0 };
    part.max(strsim::sorensen_dice(text, wanted))
}

/// A line each: id, text, and the heading above.
fn told(checklist: &Checklist, items: &[&Item]) -> String {
    let heading = |item: &Item| {
        let sections = checklist.documents().iter().flat_map(|document| &document.sections);
        let mut of = sections.filter(|section| section.items.iter().any(|known| known.id == item.id));
        of.next().and_then(|section| section.path.last()).map(|heading| format!("  ({heading})"))
    };
    let line = |item: &&Item| format!("{} {}{}", item.id.0, item.text, heading(item).unwrap_or_default());
    let mut lines: Vec<String> = items.iter().take(TOLD).map(line).collect();
    lines.extend((items.len() > TOLD).then(|| format!("and {} more", items.len() - TOLD)));
    lines.join("\n")
}

fn what_there_is(checklist: &Checklist) -> String {
    let problems: Vec<&str> = checklist.problems().iter().map(|problem| &**problem).collect();
    let (count, files) = (checklist.items().count(), checklist.documents().len());
    let said = format!("{count} items in {files} checklist files were read");
    if problems.is_empty() { said } else { format!("{said}; {}", problems.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(wanted: &str) -> Result<String, String> {
        let text = "# R\n- [ ] Unit tests pass\n- [ ] latest image is signed\n- [ ] 回滚计划已准备\n- [ ] Überlast getestet\n\
                    - [ ] twice\n## S\n- [ ] twice\n- [ ] QA\n";
        let mut checklist = Checklist::default();
        let document = crate::document::read("r.md", text.as_bytes()).document.expect("a document");
        checklist.documents_read(vec![document], vec![]);
        item(&checklist, wanted)
            .map(|item| item.text.to_string())
            .map_err(|failure| format!("{} | {}", failure.what, failure.why))
    }

    #[test]
    fn an_item_is_named_by_its_text_or_a_part_that_no_other_has() {
        for (wanted, text) in [
            ("unit  TESTS pass", "Unit tests pass"),
            ("image is", "latest image is signed"),
            ("回滚", "回滚计划已准备"),
            ("überlast", "Überlast getestet"),
            ("qa", "QA"),
        ] {
            assert_eq!(found(wanted), Ok(text.to_owned()), "{wanted}");
        }
        let twice = found("twice").expect_err("two");
        assert!(twice.starts_with("\"twice\" is 2 items | ") && twice.contains("twice  (S)"), "{twice}");
        let test = found("test").expect_err("unit tests, latest, getestet");
        assert!(test.contains("is 3 items"), "{test}");
        let near = found("unit test passes").expect_err("not quite");
        assert!(near.contains("nearest:\n") && near.contains("Unit tests pass"), "{near}");
        let near = found("sigend").expect_err("a slip");
        assert!(near.contains("nearest:\n") && near.contains("latest image is signed"), "{near}");
        assert!(found("  ").expect_err("nothing").contains("7 items in 1 checklist files"));
        assert!(found("un").expect_err("too short").contains("four characters"));
        assert!(found("zzyzx quorum").expect_err("nothing like it").contains("items in 1 checklist files"));
    }
}
