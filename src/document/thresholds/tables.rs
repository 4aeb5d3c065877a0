//! Tables with limits in columns: Target, Alert If, Warning, Critical, Before.

mod columns;

use std::sync::LazyLock;

use self::columns::{Column, HEADINGS, LIMITS, column};
use super::MANY;
use super::rows::{Row, Told};
use crate::document::blocks::{Block, Kind, Text};
use crate::document::both;
use crate::document::bound::{Cell, cell};
use crate::document::needles::Needles;
use crate::document::outline::Outline;
use crate::domain::plan::{Finding, Origin, Plan, Threshold};

/// Words of grades, and of limits.
static GRADES: LazyLock<Needles> = LazyLock::new(|| {
    let graded = |(_, column): &&(&str, Column)| matches!(column, Column::Warning | Column::Critical);
    Needles::of(HEADINGS.iter().filter(graded).map(|(word, _)| word).chain(&LIMITS))
});

/// Adds to `plan` the limits of all tables; many rows are shared by two threads.
pub(super) fn find(outline: &Outline<'_>, plan: &mut Plan) {
    let all = outline.blocks.list.iter().enumerate();
    let mut rows: Vec<Row<'_>> = all.flat_map(|(place, block)| rows_of(outline, place, block)).collect();
    let second = rows.split_off(rows.len() / 2);
    let (first, second) = both(second.len() >= MANY, || read(rows), || read(second));
    plan.thresholds.reserve(first.0.len() + second.0.len());
    for (thresholds, findings) in [first, second] {
        plan.thresholds.extend(thresholds);
        plan.findings.extend(findings);
    }
}

fn read(rows: Vec<Row<'_>>) -> (Vec<Threshold>, Vec<Finding>) {
    let mut findings = Vec::new();
    let thresholds = rows.into_iter().filter_map(|row| row.read(Origin::Table, &mut findings)).collect();
    (thresholds, findings)
}

/// The rows of `block` that may state a limit, if it is a table of such.
fn rows_of<'a>(outline: &Outline<'a>, place: usize, block: &'a Block) -> Vec<Row<'a>> {
    let blocks = outline.blocks;
    let Kind::Table { header, rows } = &block.kind else { return Vec::new() };
    if blocks.is_set_aside(block) || super::is_taken_back(outline, place) {
        return Vec::new();
    }
    let mut columns: Vec<Column> = header.iter().map(|cell| column(&cell.plain)).collect();
    names_are_no_limits(header, rows, &mut columns);
    name_first(header, &mut columns);
    alert_is_warning(header, &mut columns);
    limit_is_target(&mut columns);
    let place = |wanted: Column| columns.iter().position(|column| *column == wanted);
    let (target, warning, critical) =
        (place(Column::Target), place(Column::Warning), place(Column::Critical));
    let limit = place(Column::Limit);
    if target.or(warning).or(critical).or(limit).is_none() {
        return Vec::new();
    }
    // What only counts the rows names nothing.
    let name = place(Column::Name).unwrap_or_else(|| first_of_names(header, &columns));
    let (description, baseline, lasts) =
        (place(Column::Description), place(Column::Baseline), place(Column::Lasts));
    let (severity, note) = (place(Column::Severity), place(Column::Note));
    // Over which time something is counted is not how long it lasts.
    let in_window =
        lasts.and_then(|at| header.get(at)).is_some_and(|cell| cell.plain.to_lowercase().contains("window"));
    let priority = super::priority(blocks, block.head);
    let above = block.head.and_then(|head| blocks.heads.get(head)).map_or("", |head| &*head.text);
    let said = above.to_lowercase();
    let of_warnings = ["warning threshold", "warning limit"].iter().any(|words| said.contains(words));
    let told = Told::by(&blocks.path(block.head));
    let of = |(line, cells): &'a (u32, Vec<Text>)| {
        let text = |at: Option<usize>| at.and_then(|at| cells.get(at)).map(|cell: &'a Text| &*cell.plain);
        let first = text(Some(name)).unwrap_or_default();
        // Rows `Warning`, `Critical` of one metric: what is measured is the section's.
        let alone = first.split_whitespace().count() == 1;
        let grade = if alone && GRADES.are_in(first) { column(first) } else { Column::Other };
        let graded = matches!(grade, Column::Warning | Column::Critical);
        let said = text(critical).or(text(target)).or(text(limit));
        Row {
            line: *line,
            name: if graded { above } else { first },
            target: if graded { None } else { text(target) },
            warning: if graded { said.filter(|_| grade == Column::Warning) } else { text(warning) },
            critical: if graded { said.filter(|_| grade == Column::Critical) } else { text(critical) },
            limit: if graded { None } else { text(limit).map(|limit| (limit, told)) },
            baseline: text(baseline),
            description: text(description).unwrap_or_default(),
            priority,
            item: None,
            warns: text(severity).map_or(of_warnings && critical.is_none(), says_warning),
            note: text(note).filter(|note| restricts(note)),
            lasts: text(lasts).filter(|_| graded || limit.or(warning).or(critical).is_some()).map(|said| {
                if in_window && said.chars().any(char::is_alphanumeric) { "window" } else { said }
            }),
        }
    };
    let is_struck = |cells: &[Text]| cells.get(name).is_some_and(|cell| cell.is_struck);
    rows.iter().filter(|(_, cells)| !is_struck(cells)).map(of).collect()
}

/// Without a column of names, the first with words that is none of limits.
fn first_of_names(header: &[Text], columns: &[Column]) -> usize {
    let named = |at: &usize| header.get(*at).is_some_and(|cell| letters(&cell.plain) > 2);
    let apart =
        |at: &usize| columns.get(*at).is_some_and(|it| matches!(it, Column::Other | Column::Description));
    let all = || 0..header.len();
    all().find(|at| named(at) && apart(at)).or_else(|| all().find(named)).unwrap_or(0)
}

/// How many letters a heading has; an ideograph is a word.
fn letters(text: &str) -> usize {
    text.chars().map(|c| if c > '\u{3000}' { 2 } else { usize::from(c.is_alphabetic()) }).sum()
}

/// Whether a column with this heading holds limits.
pub(in crate::document) fn is_limit_column(heading: &str) -> bool {
    matches!(column(heading), Column::Target | Column::Warning | Column::Critical | Column::Limit)
}

/// Whether a severity says that a limit is no more than a warning.
fn says_warning(text: &str) -> bool {
    const WORDS: [&str; 11] = [
        "warn",
        "info",
        "notice",
        "minor",
        "low",
        "yellow",
        "avertissement",
        "advertencia",
        "aviso",
        "gering",
        "警告",
    ];
    let text = text.to_lowercase();
    WORDS.iter().any(|word| text.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with(word))
}

/// Whether a note beside a limit says where or when it does not hold.
fn restricts(note: &str) -> bool {
    const WORDS: [&str; 20] = [
        "only",
        "disabled",
        "inactive",
        "except",
        "unless",
        "staging",
        "test",
        "not",
        "no",
        "never",
        "ignore",
        "deprecated",
        "nur",
        "nicht",
        "außer",
        "seulement",
        "sauf",
        "solo",
        "excepto",
        "apenas",
    ];
    let note = note.to_lowercase();
    let mut words = note.split(|c: char| !c.is_alphanumeric());
    words.any(|word| WORDS.contains(&word)) || ["仅", "除", "のみ"].iter().any(|word| note.contains(word))
}

/// A column `Alert` or `Target team` without any number, beside one that has limits, holds names: of alerts, channels, people.
fn names_are_no_limits(header: &[Text], rows: &[(u32, Vec<Text>)], columns: &mut [Column]) {
    const NAMES: [&str; 6] = ["alert", "alerte", "alerta", "alarm", "target", "who"];
    const LIMITS: [&str; 12] = [
        "if",
        "when",
        "rollback",
        "roll",
        "abort",
        "critical",
        "threshold",
        "limit",
        "condition",
        "wenn",
        "si",
        "se",
    ];
    let may_name = |at: usize| {
        let heading = header.get(at).map(|cell| cell.plain.to_lowercase()).unwrap_or_default();
        let mut words = heading.split(|c: char| !c.is_alphanumeric());
        let says = |known: &[&str], word: &str| {
            known.iter().any(|it| word == *it || word.strip_suffix('s') == Some(it))
        };
        !words.clone().any(|word| says(&LIMITS, word)) && words.any(|word| says(&NAMES, word))
    };
    let states = |at: usize| {
        let mut cells = rows.iter().filter_map(|(_, cells)| cells.get(at));
        cells.any(|text| matches!(cell(&text.plain), Cell::Limit(_) | Cell::Bare(_)))
    };
    let is_limit =
        |it: Column| matches!(it, Column::Target | Column::Warning | Column::Critical | Column::Limit);
    let limits: Vec<(usize, bool)> =
        (0..).zip(columns.iter()).filter(|(_, it)| is_limit(**it)).map(|(at, _)| (at, states(at))).collect();
    let others = |of: usize| {
        limits.iter().any(|(at, states)| {
            let graded = columns.get(*at).is_some_and(|it| *it != Column::Target);
            *at != of && *states && graded
        })
    };
    let names: Vec<usize> = limits
        .iter()
        .filter(|(at, states)| !states && others(*at) && may_name(*at))
        .map(|(at, _)| *at)
        .collect();
    let named = columns.contains(&Column::Name);
    for at in names {
        if let Some(column) = columns.get_mut(at).filter(|it| **it != Column::Limit) {
            *column = if at == 0 && !named { Column::Name } else { Column::Other };
        }
    }
}

/// Where a table has a column of alerts and one of what is critical, alerts warn.
fn alert_is_warning(header: &[Text], columns: &mut [Column]) {
    const ALERTS: [&str; 7] = ["alert", "alerte", "alerta", "alarm", "告警", "アラート", "warnschwelle"];
    if columns.contains(&Column::Warning) || columns.iter().filter(|it| **it == Column::Critical).count() < 2
    {
        return;
    }
    let alerts = |cell: &Text| {
        let cell = cell.plain.to_lowercase();
        ALERTS.iter().any(|word| cell.contains(word)) && !cell.contains("critical")
    };
    let first = columns.iter_mut().zip(header).find(|(it, cell)| **it == Column::Critical && alerts(cell));
    if let Some((column, _)) = first {
        *column = Column::Warning;
    }
}

/// A limit beside a column of alerts is what is good; beside a target it is what is bad, unless another column says that.
fn limit_is_target(columns: &mut [Column]) {
    let has = |wanted: Column| columns.contains(&wanted);
    let mut is = match (has(Column::Warning) || has(Column::Critical), has(Column::Target)) {
        (true, false) => Column::Target,
        (false, true) => Column::Critical,
        (true, true) if has(Column::Critical) => Column::Other,
        (true, true) => Column::Critical,
        (false, false) => return,
    };
    for column in columns.iter_mut().filter(|column| **column == Column::Limit) {
        *column = is;
        is = Column::Other;
    }
}

/// Without a column of names, what stands first names what the others tell of it, though it be an objective itself: of a
/// table `Threshold | Outcome` nothing is left that is a limit. Criteria are names also behind a number: `# | Criterion`.
fn name_first(header: &[Text], columns: &mut [Column]) {
    if columns.contains(&Column::Name) {
        return;
    }
    let is_criterion = |cell: &Text| cell.plain.to_lowercase().contains("criteri");
    let limits = |column: &Column| !matches!(column, Column::Name | Column::Other);
    let named =
        header.iter().position(is_criterion).filter(|_| columns.iter().copied().filter(limits).count() > 1);
    let is_limit = |first: &&mut Column| matches!(first, Column::Target | Column::Limit);
    if let Some(first) = columns.get_mut(named.unwrap_or(0)).filter(is_limit) {
        *first = Column::Name;
    }
}
