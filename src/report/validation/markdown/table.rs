//! Tables in Markdown, aligned for those who read the text itself.

use unicode_width::UnicodeWidthStr;

/// Columns are not padded beyond this: one long cell does not spread them all.
const WIDEST: usize = 90;

/// A table of cells that are Markdown already; nothing without rows.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width());
        let widest = cells.filter(|width| *width <= WIDEST).max().unwrap_or(0);
        widest.max(head.get(column).map_or(0, |title| title.width())).max(3)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells: Vec<String> = cells.zip(&widths).map(|(cell, width)| padded(cell, *width)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut out = line(&mut head.iter().copied());
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    out.push_str(&format!("| {} |\n", rules.join(" | ")));
    for row in rows {
        out.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    out
}

fn padded(cell: &str, width: usize) -> String {
    format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [["a", "1"], ["long one", ""]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(
            table(&["Name", "N"], &rows),
            "| Name     | N   |\n| -------- | --- |\n| a        | 1   |\n| long one |     |\n"
        );
        assert_eq!(table(&["Name"], &[]), "");
    }
}
