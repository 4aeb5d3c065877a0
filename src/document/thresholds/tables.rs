//! Tables with limits in columns: Target, Alert If, Warning, Critical, Before.

mod columns;

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use self::columns::{Column, HEADINGS, LIMITS, column};
use super::MANY;
use super::rows::{Row, Told};
use crate::document::blocks::{Block, Kind, Text};
use crate::document::bound::{Cell, cell, limits};
use crate::document::needles::Needles;
use crate::document::outline::Outline;
use crate::document::topic::normal;
use crate::document::{aside, both, elsewhere};
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
    let (columns, conditions) = columns_of(header, rows);
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
    let in_window = is_window(header, lasts);
    let priority = super::priority(blocks, block.head);
    let above = block.head.and_then(|head| blocks.heads.get(head)).map_or("", |head| &*head.text);
    let of_warnings = is_of_warnings(above);
    let told = Told::by(&blocks.path(block.head));
    let of_parts = header.get(name).is_some_and(|cell| is_of_parts(&cell.plain));
    let of = |(line, cells): &'a (u32, Vec<Text>)| {
        let text = |at: Option<usize>| at.and_then(|at| cells.get(at)).map(|cell: &'a Text| &*cell.plain);
        let first = text(Some(name)).unwrap_or_default();
        // `api | error rate > 5 %`, `HighErrors | error_rate > 5 %`
        let measure =
            text(conditions.or(critical).or(warning).or(target).filter(|_| of_parts || conditions.is_some()));
        let measure = measure.map(measured_in).unwrap_or_default();
        let first = if conditions.is_some() && !measure.is_empty() { measure } else { first };
        // Rows `Warning`, `Critical` of one metric: what is measured is the section's.
        let alone = first.split_whitespace().count() == 1;
        let grade = if alone && GRADES.are_in(first) { column(first) } else { Column::Other };
        let graded = matches!(grade, Column::Warning | Column::Critical);
        let said = text(critical).or(text(target)).or(text(limit));
        Row {
            line: *line,
            measure: if conditions.is_none() { measure } else { "" },
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

/// What the columns of a table hold, and which of them says when an alert comes.
fn columns_of(header: &[Text], rows: &[(u32, Vec<Text>)]) -> (Vec<Column>, Option<usize>) {
    let mut columns: Vec<Column> = header.iter().map(|cell| column(&cell.plain)).collect();
    let of_alerts = names_are_no_limits(header, rows, &mut columns);
    name_first(header, &mut columns);
    let conditions = if of_alerts { state_when(header, &mut columns) } else { None };
    alert_is_warning(header, &mut columns);
    limit_is_target(&mut columns);
    (columns, conditions)
}

/// The columns that are read of a table of limits: of each kind the first.
pub(in crate::document) fn read_columns(header: &[Text], rows: &[(u32, Vec<Text>)]) -> Vec<usize> {
    let (columns, _) = columns_of(header, rows);
    let first = |at: &usize| {
        let kind = columns.get(*at);
        kind.is_some_and(|kind| *kind != Column::Other)
            && columns.iter().position(|it| Some(it) == kind) == Some(*at)
    };
    (0..header.len()).filter(first).collect()
}

/// Whether the heading `above` calls its limits warnings.
fn is_of_warnings(above: &str) -> bool {
    let said = above.to_lowercase();
    ["warning threshold", "warning limit"].iter().any(|words| said.contains(words))
}

/// Whether the column says over which time something is counted: that is not how long it lasts.
fn is_window(header: &[Text], lasts: Option<usize>) -> bool {
    lasts.and_then(|at| header.get(at)).is_some_and(|cell| cell.plain.to_lowercase().contains("window"))
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

/// Words of a note that say where or when a limit does not hold, as [`normal`] has them.
const NOT_ALWAYS: &str = "only|solely|disabled|inactive|muted|silenced|suspended|except|unless|not|no|never|ignore|ignored|\
    deprecated|informational|fyi|nur|nicht|ausser|deaktiviert|stillgelegt|seulement|uniquement|sauf|desactive|\
    solo|unicamente|excepto|salvo|desactivado|desactivada|apenas|somente|exceto|desativado|desativada";

/// The same in scripts without spaces.
const NOT_ALWAYS_CJK: [&str; 11] =
    ["仅", "僅限", "只在", "除外", "除非", "不适用", "停用", "禁用", "のみ", "除く", "無効"];

/// Whether a note beside a limit says where or when it does not hold.
fn restricts(note: &str) -> bool {
    static WORDS: LazyLock<FxHashSet<&str>> = LazyLock::new(|| NOT_ALWAYS.split('|').collect());
    let folded = normal(note);
    folded.split(' ').any(|word| WORDS.contains(word))
        || NOT_ALWAYS_CJK.iter().any(|word| note.contains(word))
        || elsewhere::is_said(note)
        || aside::says(note)
}

/// A column `Alert` or `Target team` without any number, beside one that has limits, holds names: of alerts, channels, people.
/// True: of alerts.
fn names_are_no_limits(header: &[Text], rows: &[(u32, Vec<Text>)], columns: &mut [Column]) -> bool {
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
    let conditions = header.iter().any(|cell| is_condition(&cell.plain));
    let others = |of: usize| {
        conditions
            || limits.iter().any(|(at, states)| {
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
    let alerts = |at: &usize| columns.get(*at) == Some(&Column::Critical);
    let of_alerts = names.iter().any(alerts);
    for at in names {
        if let Some(column) = columns.get_mut(at).filter(|it| **it != Column::Limit) {
            *column = if at == 0 && !named { Column::Name } else { Column::Other };
        }
    }
    of_alerts
}

/// Whether a column says when an alert comes.
fn is_condition(heading: &str) -> bool {
    const WORDS: [&str; 9] = [
        "condition",
        "conditions",
        "expression",
        "fires when",
        "bedingung",
        "condición",
        "condição",
        "条件",
        "触发条件",
    ];
    WORDS.contains(&heading.trim().to_lowercase().as_str())
}

/// Beside the names of alerts a limit says when they come, and so does a column of conditions, which name what is measured
/// themselves: its place.
fn state_when(header: &[Text], columns: &mut [Column]) -> Option<usize> {
    for column in columns.iter_mut().filter(|column| **column == Column::Limit) {
        *column = Column::Critical;
    }
    if columns.contains(&Column::Critical) {
        return None;
    }
    let at = header.iter().position(|cell| is_condition(&cell.plain))?;
    *columns.get_mut(at)? = Column::Critical;
    Some(at)
}

/// What the limit in `text` is of, where it says so before it.
fn measured_in(text: &str) -> &str {
    let at = limits(text).first().map_or(0, |limit| limit.at.start);
    text.get(..at).unwrap_or_default().trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '`'))
}

/// Whether a column holds parts of a system: what is measured of them is told elsewhere.
fn is_of_parts(heading: &str) -> bool {
    const WORDS: [&str; 22] = [
        "service",
        "services",
        "component",
        "system",
        "host",
        "node",
        "database",
        "endpoint",
        "team",
        "region",
        "dienst",
        "komponente",
        "composant",
        "servicio",
        "componente",
        "serviço",
        "sistema",
        "服务",
        "组件",
        "サービス",
        "コンポーネント",
        "application",
    ];
    WORDS.contains(&heading.trim().to_lowercase().as_str())
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
