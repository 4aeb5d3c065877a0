//! Commands outside of fences: inline code of items, and cells of tables.

use super::{MAX_COMMAND, Pass, fences};
use crate::document::beginning;
use crate::document::blocks::{Block, Text};
use crate::document::commands::classify::Class;
use crate::document::commands::fences::Found;
use crate::document::guards;
use crate::domain::plan::{CommandKind, Proof};

/// Words right before inline code that say that it is run, in lower case.
const RUN: [&str; 22] = [
    "run",
    "runs",
    "rerun",
    "re-run",
    "execute",
    "invoke",
    "call",
    "type",
    "run:",
    "execute:",
    "exécuter",
    "exécutez",
    "lancer",
    "lancez",
    "ejecutar",
    "ejecute",
    "ejecuta",
    "lanzar",
    "executar",
    "execute",
    "rodar",
    "rode",
];

/// The same right behind it.
const TO_RUN: [&str; 5] = ["ausführen", "laufen lassen", "starten", "を実行", "实行"];

/// The same in a script without spaces.
const RUN_IDEOGRAPHIC: [&str; 5] = ["运行", "执行", "執行", "運行", "実行:"];

/// Words right before inline code that use it in another way than by running it.
const USE: [&str; 14] = [
    "use",
    "uses",
    "using",
    "running",
    "calling",
    "executing",
    "execution",
    "of",
    "benutzen",
    "verwenden",
    "utiliser",
    "usar",
    "utilizar",
    "the",
];

/// Words before inline code that is only spoken of.
const SPOKEN: [&str; 17] = [
    "unless",
    "instead of",
    "rather than",
    "replace",
    "remove",
    "rename",
    "document",
    "explain",
    "mention",
    "statt",
    "anstelle von",
    "ersetze",
    "au lieu de",
    "remplacer",
    "en lugar de",
    "em vez de",
    "除非",
];

/// The same, where nobody is asked to look whether it is so.
const IF: [&str; 11] =
    ["if", "when", "once", "wenn", "falls", "sobald", "si", "quand", "cuando", "se", "如果"];

/// Beginnings of words that ask somebody to look.
const LOOK: [&str; 15] = [
    "check",
    "see",
    "verif",
    "test",
    "confirm",
    "ensure",
    "make sure",
    "find out",
    "prüf",
    "vérif",
    "comprob",
    "comprueb",
    "asegur",
    "确认",
    "確認",
];

/// Words that deny what is said behind them, as whole words.
const DENIES: [&str; 18] = [
    "not", "never", "nobody", "no-one", "avoid", "without", "neither", "nicht", "nie", "niemals", "niemand",
    "ohne", "jamais", "sans", "nunca", "evitar", "não", "no",
];

/// What is said behind inline code that is only spoken of.
const TOLD: [&str; 24] = [
    "is documented",
    "is described",
    "is explained",
    "is deprecated",
    "is obsolete",
    "is gone",
    "is no longer",
    "must not be run",
    "should not be run",
    "may not be run",
    "is not run",
    "is not to be run",
    "steht in",
    "steht im",
    "ist dokumentiert",
    "ist beschrieben",
    "nicht ausführen",
    "nicht starten",
    "nicht laufen",
    "est documenté",
    "está documentad",
    "を実行しない",
    "は実行しない",
    "を使わない",
];

/// Words behind inline code that end what is run.
const ENDS: [&str; 28] = [
    "and", "then", "to", "in", "on", "from", "with", "against", "once", "again", "twice", "as", "at",
    "before", "after", "until", "for", "und", "dann", "et", "puis", "y", "luego", "e", "depois", "once.",
    "locally", "there",
];

impl Pass<'_> {
    pub(super) fn inline(&mut self, place: usize, block: &Block, text: &Text) {
        // A file that is guarded is not run.
        if guards::is_entry(self.blocks, block, text) {
            return;
        }
        let from = self.found.len();
        self.named_in(place, block, text, None);
        self.group_of(from, block, Some(place));
        if self.found.len() > from {
            self.by_owner(Some(place));
        }
    }

    /// Commands that the `text` of an item or of the row on `row` asks to be run.
    fn named_in(&mut self, place: usize, block: &Block, text: &Text, row: Option<u32>) {
        let mut behind = text.plain.as_str();
        for code in text.code.iter().map(|code| code.trim()).filter(|code| !code.is_empty()) {
            let (before, rest) = behind.split_once(code).unwrap_or(("", behind));
            behind = rest;
            if !(fences::is_command_inline(code) || (is_run(before, rest) && fences::is_program(code))) {
                continue;
            }
            let source = beginning(self.body.get(block.at.clone()).unwrap_or_default(), MAX_COMMAND);
            let below = source.lines().position(|line| line.contains(code)).unwrap_or(0);
            let line = row.unwrap_or(block.line.saturating_add(u32::try_from(below).unwrap_or(0)));
            if only_names(before, rest) {
                let why = "the words around it do not ask for it to be run".to_owned();
                let class = Class { kind: CommandKind::Sample, proof: Proof::Output, why };
                self.push_as(block, Some(place), None, line, &alone(code, None), &class);
                continue;
            }
            self.push(block, Some(place), None, line, &alone(code, None));
        }
    }

    /// Commands in the texts of rows that are items, as in those of a list.
    fn in_rows(&mut self, place: usize, block: &Block, rows: &[(u32, Vec<Text>)]) {
        for (line, cells) in rows {
            let Some(item) = self.items.of_row(*line) else { continue };
            let (id, of_item) = (item.id.clone(), |cell: &&Text| cell.plain == item.text);
            let Some(cell) = cells.iter().find(of_item).filter(|cell| !cell.code.is_empty()) else {
                continue;
            };
            let from = self.found.len();
            self.named_in(place, block, cell, Some(*line));
            self.found.iter_mut().skip(from).for_each(|command| command.item = Some(id.clone()));
        }
        self.group = None;
    }

    /// Commands in the column of a table that says that it has some, with what the row expects of them.
    pub(super) fn table(&mut self, place: usize, block: &Block, header: &[Text], rows: &[(u32, Vec<Text>)]) {
        const COMMANDS: [&str; 7] =
            ["command", "commands", "befehl", "commande", "comando", "命令", "コマンド"];
        const CHECKS: [&str; 3] = ["how to verify", "verification", "check"];
        const EXPECTED: [&str; 12] = [
            "expected",
            "expected result",
            "expected output",
            "erwartet",
            "erwartetes ergebnis",
            "attendu",
            "résultat attendu",
            "esperado",
            "resultado esperado",
            "预期结果",
            "期望",
            "期待結果",
        ];
        let is = |text: &Text, names: &[&str]| names.contains(&text.plain.trim().to_lowercase().as_str());
        let body = self.body;
        let commands = |column: usize, cell: &Text| -> Vec<String> {
            let marked: Vec<String> =
                cell.code.iter().filter(|code| fences::is_command(code)).cloned().collect();
            // Without marks only where the column is of nothing but commands.
            let pure = header.get(column).is_some_and(|text| is(text, &COMMANDS));
            let bare = body.get(cell.at.clone()).unwrap_or_default().trim().replace("\\|", "|");
            let alone = pure && cell.code.is_empty() && fences::is_command_inline(&bare);
            if alone { vec![bare] } else { marked }
        };
        let has_some = |column: usize| {
            let mut cells = rows.iter().filter_map(|(_, cells)| cells.get(column));
            cells.any(|cell| !commands(column, cell).is_empty())
        };
        let named = header
            .iter()
            .enumerate()
            .filter(|(_, text)| is(text, &COMMANDS) || is(text, &CHECKS))
            .map(|(at, _)| at);
        let Some(column) = named.into_iter().find(|at| has_some(*at)) else {
            return self.in_rows(place, block, rows);
        };
        let expected = header.iter().position(|text| is(text, &EXPECTED)).filter(|at| *at != column);
        for (line, cells) in rows {
            let from = self.found.len();
            for code in cells.get(column).map(|cell| commands(column, cell)).unwrap_or_default() {
                let comment = cells.first().filter(|_| column > 0).map(|cell| cell.plain.as_str());
                self.push(block, Some(place), None, *line, &alone(&code, comment));
                // A row with a box is what its command shows.
                let item = self.items.of_row(*line).map(|item| item.id.clone());
                if let Some(command) = self.found.last_mut().filter(|command| command.line == *line) {
                    command.item = item.or(command.item.take());
                }
            }
            let said = expected.and_then(|at| cells.get(at)).filter(|cell| !cell.plain.is_empty());
            if let Some(cell) = said {
                self.group_of(from, block, None);
                self.expect(&cell.plain, &cell.code);
            }
        }
        self.group = None;
    }
}

/// Whether the words around inline code do not ask for it to be run: `Do not run …`, `Unless … fails`, `… is documented`.
fn only_names(before: &str, behind: &str) -> bool {
    let before = before.to_lowercase().replace('’', "'");
    let before = before.trim_end_matches([' ', ':', '：', '"', '(']);
    let clause =
        before.rsplit(['.', ';', ',', '!', '?', ':', '。', '，', '；', '：']).next().unwrap_or_default();
    let ends = |word: &&str| {
        let rest = clause.strip_suffix(*word);
        rest.is_some_and(|rest| !word.is_ascii() || !rest.ends_with(char::is_alphanumeric))
    };
    let denied = clause.contains("n't ")
        || ["不要", "请勿", "切勿", "不得", "禁止", "避免"].iter().any(|word| clause.contains(word))
        || clause.split(' ').any(|word| DENIES.contains(&word) || word == "pas" || word.starts_with("kein"));
    let run = RUN.iter().chain(&RUN_IDEOGRAPHIC).chain(&USE).any(ends);
    let behind = behind.trim_start().to_lowercase();
    let looks = LOOK.iter().any(|word| clause.trim_start().starts_with(word));
    SPOKEN.iter().any(ends)
        || (!looks && IF.iter().any(ends))
        || (denied && (run || DENIES.iter().any(ends)))
        || TOLD.iter().any(|told| behind.starts_with(told))
}

/// A command that stands alone, with what is said of it.
fn alone(code: &str, comment: Option<&str>) -> Found {
    Found {
        line: 0,
        text: code.trim().to_owned(),
        unclosed: false,
        comments: comment.map(str::to_owned).into_iter().collect(),
        expected: Vec::new(),
        transcript: false,
    }
}

/// Whether the words around inline code say that it is run: `Run …`, `… ausführen`, and nothing behind it that it names,
/// as in "run `smoke` suite".
fn is_run(before: &str, behind: &str) -> bool {
    let last = before.split_whitespace().next_back().unwrap_or_default().to_lowercase();
    let before = before.trim_end();
    let behind = behind.trim_start();
    if TO_RUN.iter().any(|word| behind.starts_with(word)) {
        return true;
    }
    let next = behind.split_whitespace().next().unwrap_or_default().to_lowercase();
    let ends =
        next.is_empty() || next.starts_with(|c: char| !c.is_alphanumeric()) || ENDS.contains(&next.as_str());
    ends && (RUN.contains(&last.as_str()) || RUN_IDEOGRAPHIC.iter().any(|word| before.ends_with(word)))
}
