//! Tables with limits in columns: Target, Alert If, Warning, Critical, Before.

use std::sync::LazyLock;

use super::MANY;
use super::rows::Row;
use crate::document::blocks::{Block, Blocks, Kind, Text};
use crate::document::both;
use crate::document::needles::Needles;
use crate::domain::plan::{Finding, Origin, Plan, Threshold};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Target,
    Warning,
    Critical,
    Baseline,
    Description,
    Other,
}

/// Words of headings, in lower case, and what they announce; the first that fits counts.
const HEADINGS: [(&str, Column); 68] = [
    ("metric", Column::Name),
    ("indicator", Column::Name),
    ("signal", Column::Name),
    ("metrik", Column::Name),
    ("messgröße", Column::Name),
    ("métrique", Column::Name),
    ("indicateur", Column::Name),
    ("métrica", Column::Name),
    ("metrica", Column::Name),
    ("indicador", Column::Name),
    ("指标", Column::Name),
    ("指標", Column::Name),
    ("メトリクス", Column::Name),
    ("date", Column::Other),
    ("frequency", Column::Other),
    ("häufigkeit", Column::Other),
    ("fréquence", Column::Other),
    ("frecuencia", Column::Other),
    ("owner", Column::Other),
    ("status", Column::Other),
    ("channel", Column::Other),
    ("environment", Column::Other),
    ("response", Column::Other),
    ("warning", Column::Warning),
    ("warn", Column::Warning),
    ("yellow", Column::Warning),
    ("amber", Column::Warning),
    ("avertissement", Column::Warning),
    ("advertencia", Column::Warning),
    ("aviso", Column::Warning),
    ("警告", Column::Warning),
    ("alert", Column::Critical),
    ("critical", Column::Critical),
    ("rollback", Column::Critical),
    ("roll back", Column::Critical),
    ("abort", Column::Critical),
    ("page if", Column::Critical),
    ("red", Column::Critical),
    ("kritisch", Column::Critical),
    ("critique", Column::Critical),
    ("crítico", Column::Critical),
    ("严重", Column::Critical),
    ("告警", Column::Critical),
    ("アラート", Column::Critical),
    ("重大", Column::Critical),
    ("target", Column::Target),
    ("slo", Column::Target),
    ("objective", Column::Target),
    ("goal", Column::Target),
    ("acceptable", Column::Target),
    ("ziel", Column::Target),
    ("zielwert", Column::Target),
    ("sollwert", Column::Target),
    ("soll", Column::Target),
    ("objectif", Column::Target),
    ("cible", Column::Target),
    ("objetivo", Column::Target),
    ("meta", Column::Target),
    ("目标", Column::Target),
    ("目標", Column::Target),
    ("before", Column::Baseline),
    ("baseline", Column::Baseline),
    ("vorher", Column::Baseline),
    ("avant", Column::Baseline),
    ("antes", Column::Baseline),
    ("之前", Column::Baseline),
    ("description", Column::Description),
    ("meaning", Column::Description),
];

/// Headings that name a limit without saying of which kind: the section does.
const LIMITS: [&str; 11] = [
    "threshold",
    "limit",
    "schwelle",
    "grenzwert",
    "seuil",
    "umbral",
    "limite",
    "阈值",
    "閾値",
    "criteria",
    "criterion",
];

/// Words of grades, and of limits.
static GRADES: LazyLock<Needles> = LazyLock::new(|| {
    let graded = |(_, column): &&(&str, Column)| matches!(column, Column::Warning | Column::Critical);
    Needles::of(HEADINGS.iter().filter(graded).map(|(word, _)| word).chain(&LIMITS))
});

/// Adds to `plan` the limits of all tables; many rows are shared by two threads.
pub(super) fn find(blocks: &Blocks, plan: &mut Plan) {
    let mut rows: Vec<Row<'_>> = blocks.list.iter().flat_map(|block| rows_of(blocks, block)).collect();
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
fn rows_of<'a>(blocks: &'a Blocks, block: &'a Block) -> Vec<Row<'a>> {
    let Kind::Table { header, rows } = &block.kind else { return Vec::new() };
    if blocks.is_struck(block) {
        return Vec::new();
    }
    let section: String = blocks.path(block.head).iter().map(|head| head.to_lowercase() + "\n").collect();
    let mut columns: Vec<Column> = header.iter().map(|cell| column(&cell.plain, &section)).collect();
    name_first(&mut columns);
    alert_is_warning(header, &mut columns);
    let place = |wanted: Column| columns.iter().position(|column| *column == wanted);
    let (target, warning, critical) =
        (place(Column::Target), place(Column::Warning), place(Column::Critical));
    if target.or(warning).or(critical).is_none() {
        return Vec::new();
    }
    let (name, description) = (place(Column::Name).unwrap_or(0), place(Column::Description));
    let baseline = place(Column::Baseline);
    let priority = super::priority(blocks, block.head);
    let above = block.head.and_then(|head| blocks.heads.get(head)).map_or("", |head| &*head.text);
    let of = |(line, cells): &'a (u32, Vec<Text>)| {
        let text = |at: Option<usize>| at.and_then(|at| cells.get(at)).map(|cell: &'a Text| &*cell.plain);
        let first = text(Some(name)).unwrap_or_default();
        // Rows `Warning`, `Critical` of one metric: what is measured is the section's.
        let alone = first.split_whitespace().count() == 1;
        let grade = if alone && GRADES.are_in(first) { column(first, "") } else { Column::Other };
        let graded = matches!(grade, Column::Warning | Column::Critical);
        let limit = text(critical).or(text(target));
        Row {
            line: *line,
            name: if graded { above } else { first },
            target: if graded { None } else { text(target) },
            warning: if graded { limit.filter(|_| grade == Column::Warning) } else { text(warning) },
            critical: if graded { limit.filter(|_| grade == Column::Critical) } else { text(critical) },
            baseline: text(baseline),
            description: text(description).unwrap_or_default(),
            priority,
            item: None,
            lasts: None,
        }
    };
    let is_struck = |cells: &[Text]| cells.get(name).is_some_and(|cell| cell.is_struck);
    rows.iter().filter(|(_, cells)| !is_struck(cells)).map(of).collect()
}

/// Where a table has a column of alerts and one of what is critical, alerts warn.
fn alert_is_warning(header: &[Text], columns: &mut [Column]) {
    const ALERTS: [&str; 6] = ["alert", "alerte", "alarm", "告警", "アラート", "warnschwelle"];
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

/// Without a column of names, what stands first names what the others tell of it, though it be an objective itself: of a
/// table `Threshold | Outcome` nothing is left that is a limit.
fn name_first(columns: &mut [Column]) {
    let unnamed = !columns.contains(&Column::Name);
    if let Some(first) = columns.first_mut().filter(|first| unnamed && **first == Column::Target) {
        *first = Column::Name;
    }
}

/// What a column under `heading` holds, in a section whose headings are `section` in lower case.
fn column(heading: &str, section: &str) -> Column {
    let heading = heading.to_lowercase();
    let words: Vec<&str> = heading.split(|c: char| !c.is_alphanumeric()).collect();
    // Short Latin words are whole words, so that "red" is not in "required".
    let is = |said: &str, word: &str| said == word || said.strip_suffix('s') == Some(word);
    let has = |word: &str| {
        let short = word.is_ascii() && word.len() <= 5;
        if short { words.iter().any(|said| is(said, word)) } else { heading.contains(word) }
    };
    if let Some((_, column)) = HEADINGS.iter().find(|(word, _)| has(word)) {
        return *column;
    }
    if LIMITS.iter().any(|word| heading.contains(word)) {
        let good =
            ["success", "acceptance", "target", "slo", "goal"].iter().any(|word| section.contains(word));
        return if good { Column::Target } else { Column::Critical };
    }
    Column::Other
}
