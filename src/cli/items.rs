//! `warroom items`: every item with how it stands, for people and for scripts.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::desk::Desk;
use super::{Failure, Global, written};
use crate::domain::secret::without_told;
use crate::domain::{Attestation, Document, Item, Meaning, Section};
use crate::model::checklist::{Checklist, ItemState};
use crate::report::plan::leave_out;
use crate::report::snapshot::time;

/// Lists the items.
pub(super) async fn items(global: &Global, json: bool) -> Result<u8, Failure> {
    let desk = Desk::open_looking(global).await?;
    let mut out = io::stdout().lock();
    let outcome = if json { write_json(&desk, &mut out) } else { write_lines(&desk, &mut out) };
    for problem in desk.checklist.problems() {
        let _gone = writeln!(io::stderr().lock(), "warning: {problem}");
    }
    if let Some(words) = desk.checklist.gone_words() {
        let next = "put the file back, or sign off anew what is required";
        let _gone =
            writeln!(io::stderr().lock(), "warning: {words}, which is not read any more\n  next: {next}");
    }
    // What could not be read may be what is asked for, and what was changed in the journal too.
    let doubtful = desk.damage.is_some() || !desk.checklist.problems().is_empty();
    written(outcome).map(|()| u8::from(doubtful))
}

fn write_json(desk: &Desk, out: &mut impl Write) -> io::Result<()> {
    let mut items: Vec<Value> = Vec::new();
    for document in desk.checklist.documents() {
        for section in &document.sections {
            items.extend(section.items.iter().map(|item| row(&desk.checklist, document, section, item)));
        }
    }
    let problems: Vec<&str> = desk.checklist.problems().iter().map(|problem| &**problem).collect();
    let problems: Vec<&str> = problems.into_iter().chain(desk.damage.as_deref()).collect();
    let missing = &desk.missing;
    let mut object =
        json!({ "schema": "warroom.items/1", "items": items, "missing": missing, "problems": problems });
    leave_out(&mut object);
    writeln!(out, "{object}")
}

fn row(checklist: &Checklist, document: &Document, section: &Section, item: &Item) -> Value {
    let state = checklist.state(item);
    let said = state.attestation();
    let approval = said.and_then(|said| said.signing.approval.as_ref());
    let lapsed = match state {
        ItemState::Lapsed { why, .. } => Some(why),
        _ => None,
    };
    let due = match state {
        ItemState::NotDue { from } => from.map(time),
        _ => None,
    };
    json!({
        "id": item.id.0,
        "document": document.path,
        "section": section.path,
        "line": item.line,
        "text": item.text,
        "below": item.below,
        "meaning": item.meaning.word(),
        "inferred": item.inferred,
        "required": item.required,
        "struck": item.struck,
        "owner": item.owner,
        "asks": asks(item),
        "state": state.word(),
        "kind": said.map(Attestation::kind),
        "by": said.map(|said| &said.by),
        "role": said.map(|said| &said.role),
        "at": said.map(|said| time(said.at)),
        "note": said.map(|said| &said.note),
        "record": said.and_then(|said| said.seq),
        "candidate": said.and_then(|said| said.candidate.as_ref()),
        "images": said.map(|said| &said.signing.images),
        "evidence": said.map(|said| &said.signing.evidence),
        "approved_by": approval.map(|approval| &approval.by),
        "link": approval.map(|approval| &approval.link),
        "rests_on": checklist.rests_on(&item.id).map(|(kind, name)| json!({ "kind": kind, "name": name })).collect::<Vec<_>>(),
        "now": checklist.proof(&item.id),
        "lapsed": lapsed,
        "due_at": due,
    })
}

/// The role that a sign-off asks for.
fn asks(item: &Item) -> Option<&str> {
    match &item.meaning {
        Meaning::SignOff { role } => role.as_deref(),
        Meaning::Work | Meaning::Trigger | Meaning::Criterion | Meaning::Claim | Meaning::Later { .. } => {
            None
        }
    }
}

/// The same for people, without the credentials that stand in a document's words.
fn write_lines(desk: &Desk, out: &mut impl Write) -> io::Result<()> {
    let mut lines = Vec::new();
    tell_lines(desk, &mut lines)?;
    let text = String::from_utf8_lossy(&lines);
    text.lines().try_for_each(|line| writeln!(out, "{}", without_told(line)))
}

fn tell_lines(desk: &Desk, out: &mut impl Write) -> io::Result<()> {
    for document in desk.checklist.documents() {
        let all = document.sections.iter().flat_map(|section| &section.items);
        let progress = desk.checklist.progress(all);
        writeln!(out, "{} {}/{}", document.path, progress.done, progress.all)?;
        for section in &document.sections {
            if let Some(heading) = section.path.last() {
                writeln!(out, "  {heading}")?;
            }
            for item in &section.items {
                write_line(&desk.checklist, item, out)?;
            }
        }
    }
    for missing in &desk.missing {
        writeln!(out, "going forward waits: {missing}")?;
    }
    Ok(())
}

fn write_line(checklist: &Checklist, item: &Item, out: &mut impl Write) -> io::Result<()> {
    let state = checklist.state(item);
    let word = match state {
        ItemState::NotApplicable(_) => "n/a",
        other => other.word(),
    };
    let indent = "  ".repeat(usize::from(item.depth.min(8)));
    let required = if item.required { " (required)" } else { "" };
    let lower = item.text.to_lowercase();
    let required =
        if ["required", "mandatory"].iter().any(|word| lower.contains(word)) { "" } else { required };
    write!(out, "    {} {word:<8} {indent}{}{required}", item.id.0, item.shown())?;
    if let Some(said) = state.attestation() {
        write!(out, "  [{} {}]", said.who(), said.at.format("%Y-%m-%d %H:%M:%SZ"))?;
        if !said.note.is_empty() {
            write!(out, " {}", said.note)?;
        }
        if let Some(approval) = &said.signing.approval {
            write!(out, " see {}", approval.link)?;
        }
    }
    if let ItemState::Lapsed { why, .. } = state {
        write!(out, "  lapsed: {why}")?;
    }
    if let Some(proof) = checklist.proof(&item.id) {
        let good = match proof.good {
            Some(true) => "good",
            Some(false) => "bad",
            None => "not proven",
        };
        write!(out, "  now {good}: {}", proof.words())?;
    }
    writeln!(out)
}
