//! The sections of items and gates.

use super::super::facts::{Gate, Item, Report};
use super::super::words::{count, length};
use super::escape::{code, inline};
use super::parts::{Page, evidence};
use super::table::table;

pub(super) fn items(report: &Report, page: &mut Page) {
    let items = &report.items;
    page.section("Items");
    for problem in &items.problems {
        page.paragraph(&format!("Could not be read: {}", inline(problem)));
    }
    if items.rows.is_empty() {
        return page.paragraph("The room has no checklist with items.");
    }
    let states: [(&str, &[&str]); 11] = [
        ("Signed off", &["done"]),
        ("Met", &["met"]),
        ("Measured, and said by nobody", &["measured"]),
        ("Happened", &["happened"]),
        ("Failed", &["failed"]),
        ("Lapsed", &["lapsed"]),
        ("Open", &["open", "proposed"]),
        ("Claimed by the document, attested by nobody", &["claimed"]),
        ("Waived, or not applicable", &["waived", "not_applicable"]),
        ("Set aside in the document", &["struck"]),
        ("Not due yet", &["not_due"]),
    ];
    for (title, of) in states {
        // A trigger that nobody says happened is no open work.
        let listed = |item: &&Item| of.contains(&item.state) && (item.state != "open" || item.counts());
        let rows: Vec<[String; 4]> =
            items.rows.iter().filter(listed).map(|item| item_row(item, items.documents.len())).collect();
        if !rows.is_empty() {
            page.subsection(&format!("{title} ({})", rows.len()));
            page.raw(&table(
                &item_head(of),
                &rows.into_iter().map(|row| columns(row, of)).collect::<Vec<_>>(),
            ));
        }
    }
    let conditions = || items.rows.iter().filter(|item| item.state == "open" && !item.counts());
    let taken_back = |item: &Item| {
        let note = inline(item.note.as_ref()?);
        Some(format!("“{}”: {note}.", inline(&item.text)))
    };
    if conditions().next().is_some() {
        page.subsection(&format!("Triggers and criteria that nobody sets ({})", conditions().count()));
    }
    page.bullets(&conditions().filter_map(taken_back).collect::<Vec<_>>());
    let untold = conditions().filter(|item| item.note.is_none()).count();
    if untold > 0 {
        page.paragraph(&format!(
            "{} of the documents that nobody spoke of.",
            count(untold as u64, "condition")
        ));
    }
}

fn item_head(of: &[&str]) -> Vec<&'static str> {
    if has_who(of) {
        vec!["Item", "Who and when", "Note and evidence", "Where"]
    } else {
        vec!["Item", "Where"]
    }
}

/// Whether somebody said something of items of these states.
fn has_who(of: &[&str]) -> bool {
    !of.iter().any(|state| matches!(*state, "open" | "claimed" | "struck" | "not_due"))
}

fn columns(row: [String; 4], of: &[&str]) -> Vec<String> {
    let [item, who, note, place] = row;
    if has_who(of) { vec![item, who, note, place] } else { vec![item, place] }
}

fn item_row(item: &Item, documents: usize) -> [String; 4] {
    let unsaid = |word: &str| !item.text.to_lowercase().contains(word);
    let required = match (item.required, item.optional) {
        (true, _) if unsaid("required") => " (required)",
        (false, true) if unsaid("optional") && item.state != "struck" => " (optional)",
        _ => "",
    };
    let role = item.role.as_ref().map(|role| format!(" ({})", inline(role))).unwrap_or_default();
    let who = item.by.as_ref().map(|by| {
        let at = item.at.map(|at| format!(", {}", at.0.format("%Y-%m-%d %H:%M:%SZ"))).unwrap_or_default();
        format!("{}{role}{at}{}", inline(by), evidence(item.record))
    });
    let mut notes: Vec<String> = item.note.iter().map(|note| inline(note)).collect();
    // One table has both.
    if let (true, Some(note)) = (matches!(item.state, "waived" | "not_applicable"), notes.first_mut()) {
        *note = format!("{}: {note}", item.state.replace('_', " "));
    }
    for evidence in item.evidence.iter().map(|evidence| inline(evidence)) {
        if !notes.contains(&evidence) {
            notes.push(evidence);
        }
    }
    let heading = item.section.last().map(|heading| inline(heading)).unwrap_or_default();
    let line = if documents > 1 {
        format!("{}:{}", item.document, item.line)
    } else {
        format!("line {}", item.line)
    };
    let place = if heading.is_empty() { inline(&line) } else { format!("{heading}, {}", inline(&line)) };
    [format!("{}{required}", inline(&item.text)), who.unwrap_or_default(), notes.join("; "), place]
}

pub(super) fn gates(report: &Report, page: &mut Page) {
    if report.gates.is_empty() {
        return;
    }
    page.section("Gates");
    let row = |gate: &Gate| {
        let commit = gate.commit.as_ref().map(|commit| code(&commit.chars().take(10).collect::<String>()));
        let dirty = if gate.dirty == Some(true) { ", with changes that were not committed" } else { "" };
        let who = gate.by.as_ref().map(|by| {
            let at = gate.at.map(|at| format!(", {}", at.0.format("%Y-%m-%d %H:%M:%SZ"))).unwrap_or_default();
            format!("{}{at}{}", inline(by), evidence(gate.record))
        });
        vec![
            inline(&gate.name),
            inline(&gate.result()),
            gate.seconds.map(length).unwrap_or_default(),
            commit.map(|commit| format!("{commit}{dirty}")).unwrap_or_default(),
            who.unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> = report.gates.iter().map(row).collect();
    page.raw(&table(&["Gate", "Result", "Took", "Commit", "Who and when"], &rows));
    let told = |gate: &&Gate| gate.is_bad() || gate.state == "unclear";
    let log = |gate: &Gate| Some((inline(&gate.name), code(gate.log.as_ref()?)));
    let logs: Vec<(String, String)> = report.gates.iter().filter(told).filter_map(log).collect();
    match logs.as_slice() {
        [] => {}
        [(name, file)] => page.paragraph(&format!("The output of {name} is in {file}.")),
        several => {
            page.paragraph("Their output:");
            page.bullets(&several.iter().map(|(name, file)| format!("{name}: {file}")).collect::<Vec<_>>());
        }
    }
}
