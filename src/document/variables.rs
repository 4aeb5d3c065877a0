//! Environment variables that a document names as required: below such a heading, in a table that says so, in a sentence
//! about a missing one, or exported in code below a line about them. `POSTGRES_*` is a pattern.

mod how;

use super::beginning;
use super::blocks::{Block, Kind, Text};
use super::outline::Outline;
use super::topic::{Topic, Topics};
use crate::domain::Clean;
use crate::domain::plan::{PlannedFlag, PlannedVariable};
use crate::domain::room::Must;

/// No more is looked at of one line.
const MAX_LINE: usize = 4096;
/// So many characters around a name may say that it is required.
const NEAR: usize = 48;
/// Longer names are none.
const LONGEST: usize = 80;

/// What speaks of environment variables, in lower case.
const VARIABLES: [&str; 14] = [
    "environment variable",
    "env variable",
    "env var",
    "env-var",
    "envvar",
    "umgebungsvariable",
    "variables d'environnement",
    "variable d'environnement",
    "variables de entorno",
    "variable de entorno",
    "variáveis de ambiente",
    "variável de ambiente",
    "环境变量",
    "環境変数",
];

/// What says of a variable beside it that it must be there, besides the words that mean required anywhere.
const DEMANDS: [&str; 12] = [
    "needed",
    "missing",
    "must be",
    "has to be set",
    "have to be set",
    "needs to be",
    "not set",
    "unset",
    "fehlt",
    "manquant",
    "falta",
    "缺少",
];

/// The variables, in file order, each once; what is a flag is none.
pub(super) fn find(outline: &Outline<'_>, flags: &[PlannedFlag]) -> Vec<PlannedVariable> {
    let mut found = Found { list: Vec::new(), flags };
    // Most lines name nothing that could be one.
    let read = |block: &&Block| may_name(block) && !outline.blocks.is_set_aside(block);
    for block in outline.blocks.list.iter().filter(read) {
        let above = Above::of(outline, block);
        match &block.kind {
            Kind::Paragraph(text) | Kind::Item { text, .. } => {
                found.in_text(block.line, beginning(&text.plain, MAX_LINE), &above);
            }
            Kind::Table { header, rows } => found.in_table(header, rows, &above),
            Kind::Fence { language, code, line } if above.names => {
                let exported = !matches!(language.as_str(), "env" | "dotenv" | "ini" | "properties");
                found.in_code(*line, code, exported, &above);
            }
            Kind::Fence { .. } | Kind::Html(_) => {}
        }
    }
    found.list
}

/// Whether there is anything in it that is written as a variable is.
fn may_name(block: &Block) -> bool {
    let has = |text: &str| names(beginning(text, MAX_LINE), true).next().is_some();
    match &block.kind {
        Kind::Paragraph(text) | Kind::Item { text, .. } => has(&text.plain),
        Kind::Table { rows, .. } => {
            rows.iter().any(|(_, cells)| cells.first().is_some_and(|cell| has(&cell.plain)))
        }
        Kind::Fence { code, .. } => code.contains('='),
        Kind::Html(_) => false,
    }
}

/// What the headings and labels above say.
struct Above {
    /// They speak of environment variables.
    names: bool,
    /// They say that what is below is required.
    demands: bool,
    must: Option<Must>,
}

impl Above {
    fn of(outline: &Outline<'_>, block: &Block) -> Self {
        let blocks = outline.blocks;
        let head = std::iter::successors(block.head, |at| blocks.heads.get(*at).and_then(|head| head.under));
        let heads = head.filter_map(|at| blocks.heads.get(at)).map(|head| head.text.to_string());
        let text = |place: usize| match &blocks.list.get(place)?.kind {
            Kind::Paragraph(text) | Kind::Item { text, .. } => Some(text.plain.to_string()),
            Kind::Fence { .. } | Kind::Table { .. } | Kind::Html(_) => None,
        };
        let near = [block.label, block.inside].into_iter().flatten().filter_map(text);
        // The nearest line that speaks of variables decides.
        let line = near.chain(heads).find(|line| is_about_variables(line));
        Self {
            names: line.is_some(),
            demands: line.as_deref().is_some_and(says_required),
            must: line.as_deref().and_then(stated),
        }
    }
}

struct Found<'a> {
    list: Vec<PlannedVariable>,
    flags: &'a [PlannedFlag],
}

impl Found<'_> {
    /// The line itself is not kept: a value may stand in it.
    fn add(&mut self, line: u32, name: &str, must: Option<Must>) {
        if self.flags.iter().any(|flag| &*flag.name == name) {
            return;
        }
        match self.list.iter_mut().find(|known| &*known.name == name) {
            // What is said more strictly further down counts.
            Some(known) if known.must == Must::Set => known.must = must.unwrap_or(Must::Set),
            Some(_) => {}
            None => self.list.push(PlannedVariable {
                line,
                name: Clean::new(name),
                must: must.unwrap_or(Must::Set),
            }),
        }
    }

    fn in_text(&mut self, line: u32, text: &str, above: &Above) {
        if is_optional(text) {
            return;
        }
        let listed = above.names && (above.demands || says_required(text));
        let about = is_about_variables(text);
        for (at, name) in names(text, listed) {
            // Below such a heading a line begins with the name, or is one.
            let begins = text.get(..at).is_some_and(|before| before.chars().all(|c| !c.is_alphanumeric()));
            if (listed && begins) || is_demanded(text, at, name) || (about && says_required(text)) {
                self.add(line, name, stated(text).or(above.must));
            }
        }
    }

    fn in_table(&mut self, header: &[Text], rows: &[(u32, Vec<Text>)], above: &Above) {
        let says = |cell: &Text| says_required(&cell.plain);
        let column = header.iter().position(says);
        let speaks = above.names
            || header.iter().any(|cell| is_about_variables(&cell.plain))
            || header.first().is_some_and(|cell| cell.plain.to_lowercase().contains("variable"));
        for (line, cells) in rows {
            let Some(first) = cells.first() else { continue };
            let row: Vec<&str> = cells.iter().map(|cell| &*cell.plain).collect();
            let row = row.join(" · ");
            let required = match column.and_then(|column| cells.get(column)) {
                Some(cell) => is_yes(&cell.plain),
                None => (above.demands || says_required(&row)) && !is_optional(&row),
            };
            if !(speaks && required) {
                continue;
            }
            for (_, name) in names(&first.plain, true) {
                self.add(*line, name, stated(&row).or(above.must));
            }
        }
    }

    /// `export NAME=…`; in a file of variables every `NAME=…`.
    fn in_code(&mut self, first: u32, code: &str, exported: bool, above: &Above) {
        for (text, at) in code.lines().zip(0_u32..) {
            let text = beginning(text, MAX_LINE).trim();
            let assigned = match text.strip_prefix("export ") {
                Some(rest) => rest,
                None if exported => continue,
                None => text,
            };
            let Some((name, value)) = assigned.split_once('=') else { continue };
            if !is_name(name.trim(), true) || is_optional(value) {
                continue;
            }
            let said = value.split_once('#').map_or("", |(_, said)| said.trim());
            self.add(first.saturating_add(at), name.trim(), stated(said).or(above.must));
        }
    }
}

fn is_about_variables(text: &str) -> bool {
    let lower = text.to_lowercase();
    VARIABLES.iter().any(|words| lower.contains(words))
}

fn says_required(text: &str) -> bool {
    let lower = text.to_lowercase();
    Topics::of(text).has(Topic::Required) || DEMANDS.iter().any(|words| lower.contains(words))
}

fn is_optional(text: &str) -> bool {
    Topics::of(text).has(Topic::Optional) || text.to_lowercase().contains("not needed")
}

/// What a cell of a column "Required" says.
fn is_yes(cell: &str) -> bool {
    let word = cell.trim().to_lowercase();
    let yes = [
        "yes", "y", "true", "x", "✓", "✔", "✅", "☑", "ja", "oui", "sí", "si", "sim", "是", "はい", "always",
    ];
    yes.iter().any(|it| word.split(|c: char| c.is_whitespace() || c == ',').next() == Some(*it))
        || (says_required(&word) && !is_optional(&word))
}

/// Whether the words beside the name ask for it.
fn is_demanded(text: &str, at: usize, name: &str) -> bool {
    let from = text.floor_char_boundary(at.saturating_sub(NEAR));
    let end = at + name.len();
    let to = text.floor_char_boundary((end + NEAR).min(text.len()));
    let behind = text.get(end..to).unwrap_or_default();
    // What is set there is not missing.
    if behind.starts_with('=') {
        return false;
    }
    let near = format!("{} {behind}", text.get(from..at).unwrap_or_default()).to_lowercase();
    let asks = DEMANDS.iter().any(|words| near.contains(words)) || Topics::of(&near).has(Topic::Required);
    // A name in capitals alone may be anything: a table, a job, a script.
    let variable = ["variable", "coordinat", "must be set", "to be set", "is required"];
    (asks && (is_about_variables(text) || variable.iter().any(|words| near.contains(words))))
        || how::is_said(text.get(end..).unwrap_or_default())
}

/// What is said of how it must be there, besides that.
fn stated(text: &str) -> Option<Must> {
    let mut lower = text.to_owned();
    for (_, name) in names(text, false) {
        lower = lower.replace(name, " ");
    }
    let lower = lower.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&["secret", "geheim", "секрет", "密钥", "シークレット"]) {
        return Some(Must::Secret);
    }
    let same = [
        "same in",
        "same across",
        "same for all",
        "identical",
        "equal across",
        "equal in",
        "must match",
        "shared by",
        "shared across",
        "coordinat",
    ];
    says(&same).then_some(Must::Equal)
}

/// Names of variables in `text`, with their places; one of a single word only where `listed`.
fn names(text: &str, listed: bool) -> impl Iterator<Item = (usize, &str)> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '*';
    let ends = move |(at, c): (usize, char)| (!part(c)).then_some(at);
    let places = text.char_indices().filter_map(ends).map(Some).chain([None]);
    let mut from = 0;
    places.filter_map(move |end| {
        let word = text.get(from..end.unwrap_or(text.len()));
        let at = from;
        from = end.map_or(text.len(), |end| {
            end + text.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
        });
        Some((at, word.filter(|word| is_name(word, listed))?))
    })
}

/// `DATABASE_URL`, `POSTGRES_*`; `PORT` only if a `single` word may be one.
fn is_name(word: &str, single: bool) -> bool {
    let shouted = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_' || c == '*';
    let apart = word.trim_end_matches('*').contains('_');
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && (3..=LONGEST).contains(&word.len())
        && word.chars().all(shouted)
        && word.matches('*').count() <= 1
        && !word.ends_with('_')
        && (apart || (single && !NO_NAMES.contains(&word)))
}

/// Words in capitals that are no variables where names are listed.
const NO_NAMES: [&str; 12] =
    ["MUST", "NOT", "API", "URL", "JSON", "HTTP", "TODO", "NOTE", "YES", "AND", "ALL", "REQUIRED"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::blocks::Blocks;

    fn told(text: &str) -> Vec<String> {
        let blocks = Blocks::of(text, 0);
        let found = find(&Outline::of(&blocks), &[]);
        found.iter().map(|it| format!("{} {} {}", it.line, it.name, it.must)).collect()
    }

    #[test]
    fn what_stands_below_a_heading_about_required_variables_is_one() {
        let text = "\
# Deploy

## Required environment variables

- `DATABASE_URL`: where orders are, from Secret Manager
- `PORT` — default 8080
- QUEUE_NAME (optional)
- The `LOG_LEVEL` is described elsewhere

```sh
export SHIP_TO=berlin   # same across all services
echo $HOME_DIR
```

## Other

- `OTHER_THING`: no variable
";
        assert_eq!(told(text), ["5 DATABASE_URL secret", "6 PORT set", "11 SHIP_TO equal"]);
    }

    #[test]
    fn a_table_says_which_of_its_variables_are_required() {
        let text = "\
## Configuration

| Environment variable | Required | What |
|---|---|---|
| `STORE_URL` | yes | where |
| `STORE_KEY` | yes, from a secret | how |
| `STORE_DEBUG` | no | when |

### Umgebungsvariablen (erforderlich)

| Name | Bedeutung |
|---|---|
| LAGER_URL | wo |
| LAGER_TEST | optional |
";
        assert_eq!(told(text), ["5 STORE_URL set", "6 STORE_KEY secret", "13 LAGER_URL set"]);
    }

    #[test]
    fn a_sentence_about_a_missing_one_names_it_and_patterns_are_taken() {
        let text = "\
1. **Database**: missing STORE_* environment variables
2. Workers (WORKER_SIGNING_KEY coordination required)
3. The variable `PAGE_SIZE` must be set
4. Missing required environment variables stop the start
5. TABLE_NAMES are required reading
6. [ ] Run `MAKE_ALL` (required)
";
        assert_eq!(told(text), ["1 STORE_* set", "2 WORKER_SIGNING_KEY equal", "3 PAGE_SIZE set"]);
    }

    #[test]
    fn what_all_services_must_share_and_what_must_come_from_a_secret_is_a_variable() {
        let text = "\
- `TOKEN_SIGNING_KEY` must be identical across all services
- DB_ACCOUNT and `MAIL_ACCOUNT` must come from Secret Manager.
- `QUEUE_NAME` has to be the same in every service; the rest may differ
- `ROW_COUNT` must be identical in both tables
- TABLE_NAMES are listed there, the password must come from Secret Manager
- `BUILD_ID` must not be the same in all services
";
        let wanted = [
            "1 TOKEN_SIGNING_KEY equal",
            "2 DB_ACCOUNT secret",
            "2 MAIL_ACCOUNT secret",
            "3 QUEUE_NAME equal",
        ];
        assert_eq!(told(text), wanted);
    }

    #[test]
    fn code_elsewhere_and_flags_propose_nothing() {
        let text = "## Build\n\n```sh\nexport PROJECT_ID=x\n```\n\nSet `NEW_CART=true`, it is required.\n";
        assert_eq!(told(text), Vec::<String>::new());
        let blocks = Blocks::of("The variable NEW_CART must be set\n", 0);
        let flag = PlannedFlag { line: 1, name: "NEW_CART".into(), value: "true".into(), percent: None };
        assert_eq!(find(&Outline::of(&blocks), &[flag]), []);
    }
}
