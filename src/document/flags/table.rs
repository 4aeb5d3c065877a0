//! Flags in a table: a column that names them, and one with the value.

use super::{is_flag_name, is_switch};
use crate::document::blocks::Text;
use crate::document::topic::normal;
use crate::domain::secret::is_secret_name;

/// Where the names and the values stand.
pub(super) type Columns = (usize, usize);

/// The columns of a table whose heading says that it lists flags.
pub(super) fn columns(header: &[Text]) -> Option<Columns> {
    const NAMES: [&str; 13] = [
        "flag",
        "flags",
        "feature flag",
        "feature flags",
        "flag name",
        "toggle",
        "feature toggle",
        "feature",
        "schalter",
        "drapeau",
        "indicador",
        "フラグ",
        "开关",
    ];
    const VALUES: [&str; 23] = [
        "value",
        "set to",
        "setting",
        "state",
        "target",
        "target value",
        "new value",
        "after",
        "on off",
        "production",
        "prod",
        "wert",
        "zustand",
        "soll",
        "valeur",
        "etat",
        "valor",
        "estado",
        "値",
        "設定値",
        "设置值",
        "取值",
        "值",
    ];
    let names: Vec<String> = header.iter().map(|cell| normal(&cell.plain)).collect();
    let name = names.iter().position(|name| NAMES.contains(&name.as_str()))?;
    // What it is without anybody's doing is no value that it gets.
    let value = VALUES.iter().find_map(|known| names.iter().position(|name| name == known))?;
    (name != value).then_some((name, value))
}

/// The flag of a row, and its value.
pub(super) fn flag((name, value): Columns, cells: &[Text]) -> Option<(&str, &str)> {
    let (name, value) = (cells.get(name)?, cells.get(value)?);
    let name = name.code.first().map_or(&*name.plain, String::as_str).trim();
    let value = value.code.first().map_or(&*value.plain, String::as_str).trim();
    let word = value.split(|c: char| c.is_whitespace() || "(,;→".contains(c)).next().unwrap_or_default();
    let number = word.trim_end_matches('%').parse::<f64>().is_ok();
    let fits = is_flag_name(name) && !is_secret_name(name);
    (fits && (is_switch(word) || number)).then_some((name, word))
}
