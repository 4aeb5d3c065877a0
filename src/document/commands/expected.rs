//! What a command's output is to look like, as the document says it.

mod counted;

use std::sync::LazyLock;

use self::counted::passed;
use crate::document::bound::limits;
use crate::document::needles::Needles;
use crate::document::{lower, tidy};
use crate::domain::Clean;
use crate::domain::plan::{Check, Expected};

/// What follows a label that announces what is expected (`Expected Output: …`); `None`: `text` is no such label.
pub(super) fn announced(text: &str) -> Option<&str> {
    const LABELS: [&str; 40] = [
        "expected output",
        "expected outputs",
        "expected result",
        "expected results",
        "expected response",
        "expected behavior",
        "expected behaviour",
        "expected return",
        "expected status",
        "expected",
        "expect",
        "expects",
        "you should see",
        "should see",
        "should return",
        "should show",
        "should output",
        "should print",
        "output should be",
        "should be",
        "sample output",
        "success output",
        "erwartete ausgabe",
        "erwartetes ergebnis",
        "erwartet",
        "sortie attendue",
        "résultat attendu",
        "attendu",
        "salida esperada",
        "resultado esperado",
        "respuesta esperada",
        "esperado",
        "saída esperada",
        "resposta esperada",
        "预期输出",
        "预期结果",
        "期望输出",
        "期待される出力",
        "期待される結果",
        "期待結果",
    ];
    let text = text.trim_start_matches(['*', '_', '✅', '→', '>', ' ']);
    let lower = text.to_lowercase();
    let label = LABELS.iter().filter(|label| lower.starts_with(**label)).max_by_key(|label| label.len())?;
    // Lower case can be longer or shorter: only where the lengths agree is the place the same.
    let rest = text.get(label.len()..).filter(|_| lower.len() == text.len())?;
    let rest = rest.trim_start();
    // `Expected Output (all nodes):`
    let rest = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((_, behind)) if behind.trim_start().starts_with([':', '：']) => behind.trim_start(),
        _ => rest,
    };
    if rest.is_empty() {
        return Some("");
    }
    let says = label.starts_with("should") || label.starts_with("you should") || *label == "expect";
    rest.strip_prefix([':', '：', '=', '→'])
        .map(str::trim)
        .or_else(|| says.then_some(rest))
        .map(|rest| rest.trim_start_matches('*').trim())
}

/// What stands from such a label on at the end of the item `text`: `Check it: curl … Expected: 7.4.0`.
pub(super) fn behind(text: &str) -> Option<&str> {
    const BEGINS: [&str; 6] =
        [" expected", " erwarte", " attendu", " résultat attendu", " esperado", " resultado esperado"];
    let small = lower(text);
    let at = BEGINS.iter().filter_map(|label| small.find(label)).min()? + 1;
    let label = text.get(at..).filter(|_| small.len() == text.len())?;
    announced(label).filter(|rest| !rest.is_empty()).map(|_| label)
}

/// What `text`, which stands where an expectation stands, asks for. What no machine can compare is for a person.
pub(super) fn said(text: &str, codes: &[String], http: bool) -> Vec<Expected> {
    let text = text.trim().trim_start_matches(['-', '*', '•']).trim();
    let core = announced(text).filter(|rest| !rest.is_empty()).unwrap_or(text);
    let core = core.trim_start_matches(['✅', '✓', '✔', '❌', '☑', '→', '\u{fe0f}', ' ']).trim();
    let core = [
        "Body:",
        "body:",
        "Response:",
        "response:",
        "Output:",
        "output:",
        "Result:",
        "Returns:",
        "returns:",
        "=>",
        "->",
    ]
    .iter()
    .find_map(|label| core.strip_prefix(label))
    .unwrap_or(core)
    .trim();
    if core.is_empty() {
        return Vec::new();
    }
    let one = |check: Check| Expected { text: tidy(text), check };
    let passing = [text, core].into_iter().map(|text| aside(text, http)).find(|found| !found.is_empty());
    let mut checks: Vec<Check> = passing.into_iter().flatten().map(|expected| expected.check).collect();
    checks.retain(|check| *check != Check::Person);
    if matches!(&*lower(core), "empty" | "nothing" | "leer" | "vide" | "vacío" | "vazio" | "空" | "なし")
    {
        checks = vec![Check::Empty];
    }
    // `2xx` is no text that the output has.
    let is_class = core.strip_suffix("xx").is_some_and(|digit| digit.parse::<u8>().is_ok());
    if checks.is_empty() && !is_class {
        checks = literal(core, codes, http);
    }
    if checks.is_empty() {
        checks.push(Check::Person);
    }
    checks.into_iter().map(one).collect()
}

/// What `text`, a comment above a command or the item that holds it, asks for in passing.
pub(super) fn aside(text: &str, http: bool) -> Vec<Expected> {
    static ASKS: LazyLock<Needles> = LazyLock::new(|| {
        Needles::of(EMPTY.iter().chain(&[
            "pass", "green", "succeed", "tests", "tous les", "todos", "skipped", "failures", "must",
            "should", "needs to", "has to", "expect", "muss", "doit", "debe", "deve",
        ]))
    });
    let lower = lower(text);
    // Without a number, only these ask for anything.
    if !lower.bytes().any(|byte| byte.is_ascii_digit()) && lower.is_ascii() && !ASKS.are_in(&lower) {
        return Vec::new();
    }
    let found = [status(&lower, http), passed(&lower), within(&lower), empty(&lower)];
    let none = found.iter().all(Option::is_none);
    let number = (none && is_demand(&lower) && !limits(text).is_empty()).then_some(Check::Person);
    found.into_iter().flatten().chain(number).map(|check| Expected { text: tidy(text), check }).collect()
}

/// Whether a number is asked for: `must be > 500 events/sec`. No machine finds it in the output; a person is to look.
fn is_demand(lower: &str) -> bool {
    const DEMANDS: [&str; 12] = [
        "must be",
        "must stay",
        "should be",
        "should stay",
        "needs to be",
        "has to be",
        "expect",
        "muss",
        "doit",
        "debe",
        "deve",
        "必须",
    ];
    DEMANDS.iter().any(|demand| lower.contains(demand))
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| c.is_whitespace() || "(),;`\"'*".contains(c))
        .filter(|word| !word.is_empty())
        .collect()
}

/// `should return 503`, `HTTP/1.1 200 OK`, `→ 200`.
fn status(lower: &str, http: bool) -> Option<Check> {
    const BEFORE: [&str; 17] = [
        "return",
        "returns",
        "returned",
        "http",
        "status",
        "status:",
        "code",
        "code:",
        "expect",
        "expected",
        "expected:",
        "http/1.1",
        "http/2",
        "http/1.0",
        "response:",
        "→",
        "->",
    ];
    const AFTER: [&str; 12] = [
        "ok",
        "created",
        "accepted",
        "no",
        "moved",
        "found",
        "bad",
        "unauthorized",
        "forbidden",
        "not",
        "internal",
        "service",
    ];
    let words = words(lower);
    words.iter().enumerate().find_map(|(at, word)| {
        let number = word.trim_end_matches(['.', ':', '!']);
        let number = if number.len() == 3 { number.parse::<u16>().ok() } else { None };
        let number = number.filter(|number| (100..600).contains(number))?;
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        let after = words.get(at + 1);
        let protocol = before.is_some_and(|word| word.starts_with("http/"));
        let near = before.is_some_and(|word| BEFORE.contains(word))
            || after.is_some_and(|word| AFTER.contains(word))
            || words.len() == 1;
        (protocol || (http && near)).then_some(Check::Status(number))
    })
}

const TAKES: [&str; 14] = [
    "expected:",
    "expect:",
    "passes in",
    "pass in",
    "should take",
    "takes",
    "completes in",
    "complete in",
    "finishes in",
    "finish in",
    "runs in",
    "run in",
    "done in",
    "runtime:",
];

/// `(< 30 seconds)`, `should complete in under 2 minutes`.
fn within(lower: &str) -> Option<Check> {
    if ["latency", "response time", "p95", "p99", "delay", "timeout", "within"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return None;
    }
    let inside = |open: char, close: char| {
        let (_, rest) = lower.split_once(open)?;
        rest.split_once(close).map(|(inside, _)| inside)
    };
    let groups =
        [inside('(', ')'), inside('`', '`'), Some(lower).filter(|text| text.trim_start().starts_with('<'))];
    let taken = TAKES.iter().find_map(|word| lower.split_once(word).map(|(_, rest)| rest));
    groups.into_iter().flatten().chain(taken).find_map(duration).map(Check::Within)
}

/// `< 30 seconds` as milliseconds; only of a second or more: shorter limits are not those of a command.
fn duration(text: &str) -> Option<u64> {
    let text = text.trim().trim_start_matches("should take").trim_start_matches("takes").trim();
    let rest = ["<=", "<", "≤", "under", "less than", "in under", "at most", "max", "no more than"]
        .iter()
        .find_map(|below| text.strip_prefix(below))?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    let number: f64 = rest.get(..end)?.parse().ok()?;
    let unit = rest.get(end..)?.trim_start();
    let unit = unit.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let seconds = match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        _ => return None,
    };
    let milliseconds = number * seconds * 1000.0;
    (1000.0..1e9).contains(&milliseconds).then_some(milliseconds as u64)
}

/// Words for no output.
const EMPTY: [&str; 9] = [
    "no output",
    "should be empty",
    "returns nothing",
    "return nothing",
    "should show nothing",
    "no results",
    "output is empty",
    "empty output",
    "print nothing",
];

/// `(no output)`, `should be empty`.
fn empty(lower: &str) -> Option<Check> {
    EMPTY.iter().any(|said| lower.contains(said)).then_some(Check::Empty)
}

const SHOWS: [&str; 11] = [
    "return", "show", "print", " see", "output", "display", "contain", "include", "says", "report", "respond",
];

/// A piece of output that is named letter by letter.
fn literal(core: &str, codes: &[String], http: bool) -> Vec<Check> {
    let open = |text: &str| text.contains("...") || text.contains('…') || text.contains('<');
    if core.starts_with('{') {
        return fields(core).into_iter().map(|field| Check::Contains(Clean::new(&field))).collect();
    }
    let quoted = |text: &str| {
        let inner = text.strip_prefix('`').and_then(|t| t.strip_suffix('`'));
        inner.or_else(|| text.strip_prefix('"').and_then(|t| t.strip_suffix('"'))).map(str::to_owned)
    };
    let whole = quoted(core).filter(|inner| !inner.contains(['`', '"']));
    let only = codes.iter().find(|code| code.trim() == core).cloned();
    let lower = core.to_lowercase();
    let shown = match codes {
        [code] if SHOWS.iter().any(|word| lower.contains(word)) => Some(code.clone()),
        _ => None,
    };
    let bare = (core.split_whitespace().count() == 1
        && core.len() <= 60
        && core.chars().any(char::is_alphanumeric)
        && !core.ends_with(':'))
    .then(|| core.to_owned());
    let found = whole.or(only).or(shown).or(bare).filter(|text| !open(text) && !text.trim().is_empty());
    match found {
        Some(text) if text.trim_start().starts_with('{') => {
            fields(&text).into_iter().map(|field| Check::Contains(Clean::new(&field))).collect()
        }
        // `200` of an answer is its status, as said before; of anything else, it is what is shown.
        Some(text) if !http || text.parse::<u16>().is_err() => vec![Check::Contains(Clean::new(&text))],
        _ => Vec::new(),
    }
}

/// The fields of a flat object, each as it must stand in the output, in whatever order; those left open are left out.
fn fields(object: &str) -> Vec<String> {
    let inside = object.trim().trim_start_matches('{').trim_end_matches('}');
    let mut fields = vec![String::new()];
    let (mut quoted, mut depth) = (false, 0_i32);
    for c in inside.chars().take(2000) {
        match c {
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                fields.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(field) = fields.last_mut() {
            field.push(c);
        }
    }
    let told = |field: &String| {
        field.contains(':') && !field.contains("...") && !field.contains('…') && !field.contains('<')
    };
    fields.into_iter().map(|field| field.trim().to_owned()).filter(told).collect()
}
