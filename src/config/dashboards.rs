//! `[[dashboard]]`: which panels stand where; also of the file in which a console keeps those that were edited. And
//! `[money]`.

use std::collections::BTreeSet;

use strum::IntoEnumIterator;
use toml::de::DeTable;

use super::problem::{Problem, Problems, suggestion};
use super::section::Section;
use super::service::check_unique;
use crate::domain::PanelId;
use crate::domain::dashboard::{Column, Dashboard, MOST_COLUMNS, MOST_DASHBOARDS, MOST_SHARE, Tile};
use crate::domain::room::MoneySpec;

/// Most panels and charts of one dashboard.
const MOST: usize = 50;

pub(super) fn read(top: &Section<'_>) -> Vec<Dashboard> {
    let sections = top.sections("dashboard", MOST_DASHBOARDS);
    let dashboards: Vec<Dashboard> = sections.iter().map(dashboard).collect();
    let named =
        dashboards.iter().zip(&sections).map(|(it, section)| (it.name.as_str(), section.span("name")));
    check_unique(top.problems, "dashboard", named);
    dashboards
}

/// Reads the file of a console that keeps dashboards: nothing but these.
///
/// # Errors
/// What is wrong with it, each with its line.
pub fn parse(text: &str) -> Result<Vec<Dashboard>, Vec<Problem>> {
    let problems = Problems::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let next = "correct the line, or save the dashboard again";
        problems.add(&span, error.message(), "the file is not TOML here", next);
    }
    let dashboards = read(&Section::top(document.get_ref(), &problems));
    let problems = problems.into_sorted();
    if problems.is_empty() { Ok(dashboards) } else { Err(problems) }
}

fn dashboard(section: &Section<'_>) -> Dashboard {
    let name = section.required("name", "write name = \"night\" under [[dashboard]]");
    if name.contains(char::is_whitespace) {
        let what = format!("`{}` is \"{name}\"", section.dotted("name"));
        section.wrong("name", &what, "it is one word: a command is called after it", "write a hyphen");
    }
    let columns: Vec<Column> = section.sections("column", MOST_COLUMNS).iter().map(column).collect();
    let mut seen = BTreeSet::new();
    let twice = columns.iter().flat_map(|column| &column.panels).find(|tile| !seen.insert(tile.panel));
    if let Some(Tile { panel, .. }) = twice {
        let what = format!("dashboard {name} has the panel {panel} twice");
        section.wrong("name", &what, "the cursor is in one of them", "keep one of them");
    }
    if columns.iter().all(|column| column.panels.is_empty()) {
        let next = "write [[dashboard.column]] and panels = [\"metrics\"] below it";
        section.wrong("name", &format!("dashboard {name} has no panel"), "it would be empty", next);
    }
    let mut charts = section.texts("charts", &[]);
    charts.truncate(MOST);
    Dashboard { name, charts, columns }
}

fn column(section: &Section<'_>) -> Column {
    let width = section.whole("width", 1, 1..=u64::from(MOST_SHARE));
    let panels = section.texts("panels", &[]);
    let panels = panels.iter().take(MOST).filter_map(|text| tile(section, text)).collect();
    Column { width: u8::try_from(width).unwrap_or(1), panels }
}

/// `NAME` or `NAME:HEIGHT`.
fn tile(section: &Section<'_>, text: &str) -> Option<Tile> {
    let (name, height) = text.split_once(':').unwrap_or((text, "1"));
    let what = format!("`{}` has \"{text}\"", section.dotted("panels"));
    let Ok(panel) = name.parse() else {
        let known: Vec<&str> = PanelId::iter().map(<&'static str>::from).collect();
        section.wrong("panels", &what, "there is no panel of this name", &suggestion(name, &known));
        return None;
    };
    let height = height.parse().ok().filter(|height| (1..=MOST_SHARE).contains(height));
    if height.is_none() {
        let why = format!("behind the colon stands its share of the rows, 1 to {MOST_SHARE}");
        section.wrong("panels", &what, &why, &format!("write \"{name}:2\""));
    }
    Some(Tile { panel, height: height.unwrap_or(1) })
}

/// `[money]`.
pub(super) fn money(top: &Section<'_>) -> Option<MoneySpec> {
    let section = top.optional("money")?;
    let per_minute = section.number("per_minute", 0.0);
    if per_minute <= 0.0 {
        let why = "without it nothing can be said of money";
        section.wrong("per_minute", "`money.per_minute` is missing or 0", why, "write per_minute = 120");
    }
    Some(MoneySpec { per_minute, currency: section.text_or("currency", "") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        let built_in = Dashboard::built_in();
        let mut all = built_in.clone();
        all[1].charts = vec!["error_rate".to_owned()];
        let text = all.iter().map(Dashboard::toml).collect::<Vec<_>>().join("\n");
        assert_eq!(parse(&text).expect("dashboards"), all);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let wrong = |text: &str| {
            let problems = parse(text).expect_err("a problem");
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        let text =
            "[[dashboard]]\nname = \"a b\"\n[[dashboard.column]]\npanels = [\"metric\", \"events:12\"]\n";
        let told = wrong(text);
        for words in ["2:8", "one word", "4:10", "`metrics`", "1 to 9"] {
            assert!(told.contains(words), "{words} in {told}");
        }
        let twice = "[[dashboard]]\nname = \"a\"\n[[dashboard.column]]\npanels = [\"events\", \"events\"]\n";
        assert!(wrong(twice).contains("twice"));
        assert!(wrong("[[dashboard]]\nname = \"a\"\n").contains("no panel"));
        assert!(wrong("[[dashboard]\n").contains("not TOML"));
        assert!(wrong("[service]\n").contains("unknown key"));
    }
}
