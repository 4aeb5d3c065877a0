//! Feature flags that a document names with a value: `NAME=true`, "enable the flag `name`".
//!
//! Not every variable is a flag: one is taken for it if its value switches something (`true`, `off`), or if it is called
//! one. Values of anything that may be a secret are never kept.

use std::collections::HashSet;

mod table;

use super::blocks::{Blocks, Kind, Text};
use super::{beginning, lower, tidy};
use crate::domain::Clean;
use crate::domain::plan::PlannedFlag;
use crate::domain::secret::is_secret_name;

/// No more is looked at of one line, and of the inline code of one block.
const MAX_LINE: usize = 4096;
const MAX_CODES: usize = 20;

/// The flags, in file order; each once a line.
pub(super) fn find(blocks: &Blocks) -> Vec<PlannedFlag> {
    let found = all(blocks, &HashSet::new());
    // What is a flag in one place is one where it gets another value, too: `NEW_MIX=shadow`.
    let known: HashSet<String> = found.iter().map(|flag| flag.name.to_string()).collect();
    if known.is_empty() { found } else { all(blocks, &known) }
}

fn all(blocks: &Blocks, known: &HashSet<String>) -> Vec<PlannedFlag> {
    let mut found = Vec::new();
    for block in blocks.list.iter().filter(|block| !blocks.is_set_aside(block)) {
        match &block.kind {
            Kind::Item { text, .. } | Kind::Paragraph(text) => in_text(&mut found, known, block.line, text),
            Kind::Fence { language, code, line }
                if !matches!(language.as_str(), "promql" | "json" | "sql") =>
            {
                for (n, text) in code.lines().enumerate() {
                    let line = line.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
                    assigned(&mut found, known, line, text);
                }
            }
            Kind::Table { header, rows } => {
                let columns = table::columns(header);
                for (line, cells) in rows {
                    for cell in cells {
                        in_text(&mut found, known, *line, cell);
                    }
                    if let Some((name, value)) = columns.and_then(|columns| table::flag(columns, cells)) {
                        let cells: Vec<&str> = cells.iter().map(|cell| &*cell.plain).collect();
                        push(&mut found, *line, name, value, percent(&cells.join(" ")));
                    }
                }
            }
            Kind::Fence { .. } | Kind::Html(_) => {}
        }
    }
    found
}

fn in_text(found: &mut Vec<PlannedFlag>, known: &HashSet<String>, line: u32, text: &Text) {
    assigned(found, known, line, &text.plain);
    for code in &text.code {
        assigned(found, known, line, code);
    }
    switched(found, line, text);
}

fn push(found: &mut Vec<PlannedFlag>, line: u32, name: &str, value: &str, percent: Option<u8>) {
    let known = found.iter().rev().take_while(|flag| flag.line == line).any(|flag| &*flag.name == name);
    if !known {
        found.push(PlannedFlag { line, name: Clean::new(name), value: Clean::new(value), percent });
    }
}

/// Every `NAME=value` in `text`.
fn assigned(found: &mut Vec<PlannedFlag>, known: &HashSet<String>, line: u32, text: &str) {
    let text = beginning(text, MAX_LINE);
    for (at, _) in text.match_indices('=') {
        let Some((before, after)) = text.get(..at).zip(text.get(at + 1..)) else { continue };
        let name =
            before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default();
        let begins = before.get(..before.len() - name.len()).and_then(|rest| rest.chars().next_back());
        let stands = begins.is_none_or(|c| c.is_whitespace() || "\"'`,=^(:".contains(c));
        let after = after.trim_start_matches(['"', '\'']);
        let value =
            after.split(|c: char| !(c.is_alphanumeric() || "_.-%".contains(c))).next().unwrap_or_default();
        let value = value.trim_end_matches(['.', '-']);
        let is_word = (2..=20).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_lowercase());
        let other = || is_word && known.contains(name) && !is_secret_name(name);
        if stands && (is_flag(name, value, text) || other()) {
            push(found, line, name, value, percent(text.get(at..).unwrap_or_default()));
        }
    }
}

fn is_switch(value: &str) -> bool {
    matches!(
        value.to_lowercase().as_str(),
        "true" | "false" | "on" | "off" | "enabled" | "disabled" | "yes" | "no"
    )
}

/// Whether setting `name` to `value` turns a flag.
fn is_flag(name: &str, value: &str, text: &str) -> bool {
    // Switches of tools, not of the product.
    const TOOLS: [&str; 20] = [
        "CI",
        "DEBUG",
        "VERBOSE",
        "FORCE_COLOR",
        "NO_COLOR",
        "HEADLESS",
        "DOCKER_BUILDKIT",
        "COMPOSE_DOCKER_CLI_BUILD",
        "TF_IN_AUTOMATION",
        "PYTHONUNBUFFERED",
        "PYTHONDONTWRITEBYTECODE",
        "CGO_ENABLED",
        "SKIP_TESTS",
        "DRY_RUN",
        "HUSKY",
        "RAILS_SERVE_STATIC_FILES",
        "RAILS_LOG_TO_STDOUT",
        "TF_INPUT",
        "GO111MODULE",
        "NPM_CONFIG_PRODUCTION",
    ];
    let shouted = name.len() > 2
        && name.contains('_')
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if !shouted || TOOLS.contains(&name) || value.is_empty() {
        return false;
    }
    if is_switch(value) {
        return true;
    }
    let called =
        ["FEATURE", "FLAG", "FF_", "ROLLOUT", "TOGGLE", "EXPERIMENT"].iter().any(|word| name.contains(word))
            || name.starts_with("ENABLE_")
            || name.starts_with("DISABLE_")
            || name.ends_with("_ENABLED")
            || name.ends_with("_DISABLED");
    let lower = lower(text);
    let said =
        lower.contains("feature flag") || lower.contains("feature-flag") || lower.contains("feature toggle");
    let number = value.trim_end_matches('%').parse::<f64>().is_ok();
    (called || said) && number && !is_secret_name(name)
}

const ON: [&str; 22] = [
    "enable",
    "enabled",
    "turn on",
    "switch on",
    "activate",
    "flip on",
    "toggle on",
    "aktiviere",
    "aktivieren",
    "einschalten",
    "activer",
    "activez",
    "habilitar",
    "activar",
    "ativar",
    "启用",
    "打开",
    "开启",
    "有効",
    "roll out",
    "release the flag",
    "activate the",
];
const OFF: [&str; 15] = [
    "disable",
    "disabled",
    "turn off",
    "switch off",
    "deactivate",
    "kill switch",
    "toggle off",
    "deaktiviere",
    "ausschalten",
    "désactiver",
    "desactivar",
    "deshabilitar",
    "desativar",
    "禁用",
    "無効",
];
const FLAG: [&str; 9] = [
    "flag",
    "toggle",
    "schalter",
    "drapeau",
    "indicador",
    "特性开关",
    "功能开关",
    "フラグ",
    "fonctionnalité",
];

/// "Enable the feature flag `x`", "set flag `x` to off", "turn off `x` flag".
fn switched(found: &mut Vec<PlannedFlag>, line: u32, text: &Text) {
    let lower = lower(&text.plain);
    if !FLAG.iter().any(|word| lower.contains(word)) {
        return;
    }
    for code in text.code.iter().take(MAX_CODES).map(|code| code.trim()).filter(|code| is_flag_name(code)) {
        let Some(at) = lower.find(&code.to_lowercase()) else { continue };
        let (before, after) =
            (lower.get(..at).unwrap_or_default(), lower.get(at + code.len()..).unwrap_or_default());
        let set = ["to ", "auf ", "à ", "a ", "= "]
            .iter()
            .find_map(|to| after.trim_start().strip_prefix(to))
            .and_then(|rest| rest.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()))
            .filter(|word| is_switch(word));
        let newest = |words: &[&str]| words.iter().filter_map(|word| before.rfind(word)).max();
        // `disable` says the opposite of what `able` might; the newest word before the name counts.
        let value = match (set, newest(&OFF), newest(&ON)) {
            (Some(value), _, _) => value,
            (None, Some(off), on) if on.is_none_or(|on| on <= off + 2) => "false",
            (None, _, Some(_)) => "true",
            (None, _, None) => continue,
        };
        let value = value.to_owned();
        push(found, line, code, &value, percent(after));
    }
}

fn is_flag_name(code: &str) -> bool {
    let parts = code.contains(['_', '-', '.']) || code.chars().any(|c| c.is_ascii_uppercase());
    parts
        && (3..=80).contains(&code.len())
        && code.starts_with(|c: char| c.is_ascii_alphabetic())
        && code.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:".contains(c))
        && !tidy(code).ends_with(".md")
}

/// The share that follows: `for 10% of users`, `to 5 %`, `(25 % rollout)`.
fn percent(after: &str) -> Option<u8> {
    let at = after.find('%')?;
    let before = after.get(..at)?.trim_end();
    let digits = before.len() - before.chars().rev().take_while(char::is_ascii_digit).count();
    let number: u8 = before.get(digits..)?.parse().ok().filter(|percent| *percent <= 100)?;
    let lead = before.get(..digits)?;
    let behind = after.get(at + 1..)?.trim_start().to_lowercase();
    let near = lead.len() <= 60 && !lead.trim_end().ends_with(['<', '>', '≥', '≤', '.']);
    let share = [
        "of",
        "rollout",
        "users",
        "traffic",
        "der",
        "des",
        "de ",
        "aller",
        "canary",
        "cohort",
        "prod",
        "internal",
        "用户",
        "流量",
        "ユーザー",
        "のユーザー",
    ]
    .iter()
    .any(|word| behind.starts_with(word))
        || ["for", "to", "at", "für", "auf", "pour", "à", "para", "al", "a", "(", "with", "覆盖"]
            .iter()
            .any(|word| lead.trim_end().to_lowercase().ends_with(word));
    (near && share).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let one = |flag: &PlannedFlag| {
            let percent = flag.percent.map(|percent| format!(" {percent}%")).unwrap_or_default();
            format!("{} {}={}{percent}", flag.line, flag.name, flag.value)
        };
        find(&Blocks::of(text, 0)).iter().map(one).collect()
    }

    #[test]
    fn switches_are_flags_wherever_they_stand() {
        let text = "\
- [ ] Set `CART_V2_ENABLED=true` for 10% of shoppers
- [ ] Then NEW_SEARCH=on

```bash
gcloud run services update shop --set-env-vars=CART_V2=true,LOG_LEVEL=info
export FF_PAY=25 DB_PASSWORD=hunter2 OTHER_NAME=x
```

1. Enable `CART_V2_ENABLED=true` for 100%
2. Turn off the feature flag `legacy-cart`
3. Activate flag `newCheckout` for 5 % of users
4. Set the flag `beta.search` to off
";
        assert_eq!(
            told(text),
            [
                "1 CART_V2_ENABLED=true 10%",
                "2 NEW_SEARCH=on",
                "5 CART_V2=true",
                "6 FF_PAY=25",
                "9 CART_V2_ENABLED=true 100%",
                "10 legacy-cart=false",
                "11 newCheckout=true 5%",
                "12 beta.search=off",
            ]
        );
    }

    #[test]
    fn a_table_of_flags_gives_each_its_value() {
        let text = "| Flag | Default | Value | Note |\n|---|---|---|---|\n| `new-checkout` | off | on | for 10% of users |\n\
                    | CART_V2 | false | `true` | |\n| API_TOKEN | | 1 | |\n| words only here | | on | |\n\n\
                    | Step | Value |\n|---|---|\n| new-checkout | on |\n";
        assert_eq!(told(text), ["3 new-checkout=on 10%", "4 CART_V2=true"]);
    }

    #[test]
    fn other_variables_and_secrets_are_none() {
        for text in [
            "`PGPASSWORD=x psql`",
            "`PATH=/bin`",
            "`DEBUG=true`",
            "`NODE_ENV=production`",
            "`API_TOKEN=12345`",
            "`a==true`",
            "`x=true`",
            "the flag is documented in `docs/flags.md`",
            "`FEATURE_API_KEY=12345`",
            "Error rate < 5% with `CART_V2`",
            "`--enable-new=true`",
            "`helm --set cart.enabled=true`",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
    }
}
