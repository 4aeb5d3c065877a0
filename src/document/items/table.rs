//! Rows of tables that are items: those with a box in a cell, approvals, and conditions for a rollback.

use std::ops::Range;

mod asked;
mod decided;

use self::asked::Asked;
pub(in crate::document) use self::decided::decision_to_go_on;
use super::{fields, meaning};
use crate::document::blocks::{RowMark, Text, begins_with_box, has_marks, is_choice, is_template, row_mark};
use crate::document::marks;
use crate::document::outline::Outline;
use crate::document::topic::normal;
use crate::domain::{Clean, Field, Meaning};

/// A row that is an item.
pub(super) struct Row {
    pub(super) line: u32,
    pub(super) text: Text,
    pub(super) claimed: bool,
    pub(super) inferred: bool,
    pub(super) meaning: Meaning,
    pub(super) owner: Option<Clean>,
    pub(super) fields: Vec<Field>,
    pub(super) mark: Option<Range<usize>>,
    /// Whether it says of itself that it is required.
    pub(super) required: Option<bool>,
}

/// The items in the table at `place`.
pub(super) fn items(
    outline: &Outline<'_>,
    place: usize,
    header: &[Text],
    rows: &[(u32, Vec<Text>)],
) -> Vec<Row> {
    let boxed = has_marks(rows);
    let templated = boxed && is_template(rows);
    let meaning = match meaning::of(outline, place, &Text::default(), false, boxed) {
        Meaning::Work if !boxed && is_to_be_signed(header) => Meaning::SignOff { role: None },
        meaning => meaning,
    };
    let asked = match meaning {
        _ if boxed || outline.is_told(place) => None,
        _ => asked::of(header, outline.above(place), &meaning),
    };
    if let Some(asked) = asked {
        return rows.iter().filter_map(|(line, cells)| asked_row(header, *line, cells, &asked)).collect();
    }
    let takes = boxed
        || match meaning {
            Meaning::SignOff { .. } => header.first().is_some_and(|cell| !is_limit(&cell.plain)),
            Meaning::Trigger => true,
            _ => false,
        };
    if !takes || (outline.is_told(place) && !boxed) {
        return Vec::new();
    }
    // Where a row decides to go on, nobody goes back; it is told.
    let goes_on = |cells: &[Text]| {
        !boxed && meaning == Meaning::Trigger && decided::decision_to_go_on(header, cells).is_some()
    };
    let rows = rows.iter().filter(|(_, cells)| !goes_on(cells)).filter_map(|(line, cells)| {
        let mark = boxed.then(|| row_mark(header, cells, &outline.blocks.body, templated));
        row(header, *line, cells, mark, &meaning)
    });
    rows.collect()
}

fn is_limit(name: &str) -> bool {
    matches!(
        normal(name).as_str(),
        "metric"
            | "metrics"
            | "target"
            | "date"
            | "version"
            | "field"
            | "feld"
            | "champ"
            | "campo"
            | "property"
    )
}

/// Whether the columns ask for signatures of roles: `Role | Name | Signature`, `Rôle | Nom | Visa`.
fn is_to_be_signed(header: &[Text]) -> bool {
    let has = |known: &[&str]| header.iter().any(|cell| known.contains(&normal(&cell.plain).as_str()));
    has(&[
        "role", "rolle", "rol", "funktion", "function", "funcion", "funcao", "papel", "fonction", "役割",
        "角色",
    ]) && has(&[
        "signature",
        "signed",
        "visa",
        "unterschrift",
        "firma",
        "assinatura",
        "署名",
        "签字",
        "sign off",
    ])
}

/// Whether a cell only tells which row it is, or when: `3`, `W-01`, `22:10`, `T-30m`.
fn is_mark(text: &str) -> bool {
    if is_distance(text) {
        return true;
    }
    let has_digit = text.contains(|c: char| c.is_ascii_digit());
    let letters = text.chars().take_while(char::is_ascii_uppercase).count();
    let rest = text.get(letters..).unwrap_or_default();
    has_digit && letters <= 5 && rest.chars().all(|c| c.is_ascii_digit() || ".#-–:h ".contains(c))
}

/// Whether `text` is a time before or after the deployment: `T-30m`, `T+1 h`, `+15 min`, `T0`.
fn is_distance(text: &str) -> bool {
    let text = text.trim();
    let rest = text.strip_prefix(['T', 't']).unwrap_or(text).trim_start();
    let number = rest.trim_start_matches(['+', '-', '−', '–', ' ']);
    let unit = number.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':').trim();
    let units =
        ["", "s", "sec", "m", "min", "mins", "minutes", "h", "hr", "hour", "hours", "d", "day", "days"];
    let is_signed = number.len() < rest.len() || rest.len() < text.len();
    is_signed && number.starts_with(|c: char| c.is_ascii_digit()) && units.contains(&unit)
}

/// Columns of mere numbers.
fn is_counter(name: &str) -> bool {
    matches!(name, "#" | "№") || matches!(normal(name).as_str(), "no" | "nr" | "n" | "序号" | "番号")
}

/// The item that a row is; `marked`: what its marks say, in a table that has any.
fn row(
    header: &[Text],
    line: u32,
    cells: &[Text],
    marked: Option<RowMark>,
    meaning: &Meaning,
) -> Option<Row> {
    let boxed = marked.is_some();
    let RowMark { at, ticked, .. } = marked.unwrap_or_default();
    let (box_at, mark) = match at {
        Some((n, mark)) => (Some(n), mark),
        None if boxed => return None,
        None => (None, None),
    };
    // The text is the first cell with words; beside the box in its own cell, if there are any.
    let words = |n: usize, cell: &Text| {
        let plain = &cell.plain;
        Some(n) != box_at && !plain.is_empty() && !is_mark(plain)
    };
    let any = || cells.iter().enumerate().position(|(n, cell)| Some(n) != box_at && !cell.plain.is_empty());
    // Who does it is no work; of approvals it is all.
    let is_owner = |n: usize| header.get(n).is_some_and(|name| fields::is_owner(&name.plain));
    let signs = matches!(meaning, Meaning::SignOff { .. });
    let own = |n: usize, cell: &Text| words(n, cell) && (signs || !is_owner(n));
    let first =
        |fits: &dyn Fn(usize, &Text) -> bool| cells.iter().enumerate().position(|(n, cell)| fits(n, cell));
    let text_at = first(&own).or_else(|| first(&words)).or_else(any).or(box_at)?;
    let mut text = cells.get(text_at)?.clone();
    if Some(text_at) == box_at {
        text.plain = Clean::new(after_box(&text.plain));
    }
    if *meaning == Meaning::Trigger {
        text.plain = Clean::new(&joined(header, cells));
    }
    if text.plain.is_empty() {
        return None;
    }
    let mut row = Row {
        line,
        claimed: ticked,
        inferred: !boxed,
        meaning: own_meaning(meaning, &text),
        owner: None,
        fields: Vec::new(),
        mark,
        text,
        required: None,
    };
    // All cells of a condition are in its text, but for the time in which somebody acts then; a second box of a row belongs to the first.
    let is_field = |(n, cell): &(usize, &Text)| {
        let is_box = Some(*n) == box_at;
        *n != text_at
            && (*meaning != Meaning::Trigger || is_deadline(header.get(*n), cell))
            && !cell.plain.is_empty()
            && (is_box || !(begins_with_box(cell) || is_choice(&cell.plain)))
    };
    for (n, cell) in cells.iter().enumerate().filter(is_field) {
        row.add(header.get(n).map(|name| &name.plain), cell, Some(n) == box_at);
    }
    Some(row)
}

/// The item that a row without a box is, where its columns ask for something.
fn asked_row(header: &[Text], line: u32, cells: &[Text], asked: &Asked) -> Option<Row> {
    let (text_at, words) = asked.text(cells)?;
    let text = Text { plain: Clean::new(&words), ..cells.get(text_at)?.clone() };
    let mut row = Row {
        line,
        claimed: asked.is_done(cells),
        inferred: true,
        meaning: asked.meaning.clone(),
        owner: None,
        fields: Vec::new(),
        mark: None,
        required: asked.is_required(cells),
        text,
    };
    for (n, cell) in cells.iter().enumerate().filter(|(n, cell)| *n != text_at && !cell.plain.is_empty()) {
        row.add(header.get(n).map(|name| &name.plain), cell, false);
    }
    Some(row)
}

/// Whether a cell says in what time somebody acts on the condition of its row: `< 15 min` below "Timeline".
fn is_deadline(name: Option<&Text>, cell: &Text) -> bool {
    const BY: [&str; 14] = [
        "timeline",
        "deadline",
        "time to act",
        "time to respond",
        "reaction time",
        "zeitrahmen",
        "frist",
        "reaktionszeit",
        "delai de reaction",
        "delai",
        "plazo",
        "prazo",
        "时限",
        "対応期限",
    ];
    const TIMES: [&str; 8] = ["time", "timing", "when", "zeit", "temps", "tiempo", "tempo", "时间"];
    let Some(name) = name.map(|name| normal(&name.plain)) else { return false };
    let within = || cell.plain.starts_with(['<', '≤']) || cell.plain.to_lowercase().starts_with("within ");
    BY.contains(&name.as_str()) || (TIMES.contains(&name.as_str()) && within())
}

/// The cells of a condition in one line; how long it must last stands behind it as in a sentence.
fn joined(header: &[Text], cells: &[Text]) -> String {
    const LASTS: [&str; 14] = [
        "for",
        "duration",
        "sustained",
        "sustained for",
        "lasts",
        "held for",
        "dauer",
        "seit",
        "duree",
        "pendant",
        "duracion",
        "duracao",
        "持续时间",
        "継続時間",
    ];
    let mut line = String::new();
    let says =
        |n: usize, cell: &Text| !after_box(&cell.plain).is_empty() && !is_deadline(header.get(n), cell);
    for (n, cell) in cells.iter().enumerate().filter(|(n, cell)| says(*n, cell)) {
        let lasts = header.get(n).is_some_and(|name| LASTS.contains(&normal(&name.plain).as_str()));
        let between =
            if lasts && cell.plain.starts_with(|c: char| c.is_ascii_digit()) { " for " } else { " — " };
        if !line.is_empty() {
            line.push_str(between);
        }
        line.push_str(&cell.plain);
    }
    line
}

/// In a table of approvals each row is a role's.
fn own_meaning(meaning: &Meaning, text: &Text) -> Meaning {
    match meaning {
        Meaning::SignOff { .. } => {
            Meaning::SignOff { role: meaning::role(text).or_else(|| Some(text.plain.clone())) }
        }
        other => other.clone(),
    }
}

impl Row {
    fn add(&mut self, name: Option<&Clean>, cell: &Text, is_box: bool) {
        let value = if is_box { Clean::new(after_box(&cell.plain)) } else { cell.plain.clone() };
        let Some(name) = name.filter(|name| !name.is_empty() && !value.is_empty() && !is_counter(name))
        else {
            return;
        };
        let signs = matches!(self.meaning, Meaning::SignOff { .. }) && is_person(name);
        if fields::is_owner(name) || signs {
            let plain = value.starts_with(char::is_alphabetic).then(|| value.clone());
            self.owner = plain.or_else(|| marks::owner(&value).map(Clean::new)).or(self.owner.take());
        }
        self.fields.push(Field { line: self.line, name: name.clone(), value });
    }
}

/// Whether a column of approvals says who gives them.
fn is_person(name: &str) -> bool {
    matches!(
        normal(name).as_str(),
        "name"
            | "names"
            | "approver"
            | "person"
            | "who"
            | "nom"
            | "nombre"
            | "nome"
            | "wer"
            | "姓名"
            | "氏名"
            | "名前"
    )
}

/// What stands behind the box of a cell.
fn after_box(text: &str) -> &str {
    let length = crate::document::blocks::box_length(text);
    text.get(length..).unwrap_or_default().trim_start()
}
