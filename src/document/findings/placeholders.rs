//! What was never filled in: `[Contact Info]`, `{{ version }}`, `+1-xxx-xxx-xxxx`, TBD.

use std::sync::LazyLock;

use super::{MOST, texts_of};
use crate::document::blocks::{Blocks, Text};
use crate::document::incidents::announced_template;
use crate::document::needles::Needles;
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind};

/// A longer bracket is no placeholder.
const LONGEST: usize = 60;

/// Words of a bracket that somebody was to fill in.
const FILL: [&str; 50] = [
    "pending",
    "tbd",
    "todo",
    "insert",
    "your",
    "name",
    "contact",
    "date",
    "fill",
    "placeholder",
    "info",
    "phone",
    "number",
    "owner",
    "who",
    "nummer",
    "numéro",
    "número",
    "email",
    "url",
    "version",
    "enter",
    "link",
    "ausstehend",
    "einfügen",
    "ausfüllen",
    "à compléter",
    "pendiente",
    "completar",
    "preencher",
    "pendente",
    "待填写",
    "待定",
    "未定",
    "氏名",
    "電話番号",
    "teléfono",
    "telefone",
    "téléphone",
    "telefon",
    "日付",
    "記載",
    "姓名",
    "电话",
    "邮箱",
    "日期",
    "填写",
    "链接",
    "連絡先",
    "名前",
];

/// Words that stand for something that is not there yet.
const MISSING: [&str; 11] = [
    "à compléter",
    "por completar",
    "to be created",
    "to be written",
    "to be defined",
    "to be determined",
    "coming soon",
    "por definir",
    "à définir",
    "a definir",
    "noch offen",
];

/// What stands alone behind a colon where nobody knew yet.
const UNKNOWN: [&str; 4] = ["未定", "待定", "tba", "???"];

/// Addresses that stand in templates.
const ADDRESSES: [&str; 4] = ["@company.com", "@yourcompany.", "@your-company.", "@yourdomain."];

/// One of these stands in every text with a placeholder: most have none, and are not looked at closely.
const SIGNS_OF_ONE: [&str; 27] = [
    "compléter",
    "completar",
    "x.y.z",
    "〔",
    "【",
    "［",
    "未定",
    "待定",
    "tba",
    "???",
    " definir",
    "définir",
    "noch offen",
    "[",
    "{{",
    "tbd",
    "tbc",
    "fixme",
    "xxx",
    "yyyy-mm",
    "dd.mm",
    "dd/mm",
    "mm/dd",
    "tt.mm",
    "@",
    "to be ",
    "coming soon",
];

/// Adds what of headings and texts was never filled in.
pub(super) fn find(blocks: &Blocks, found: &mut Vec<Finding>) {
    let heads = blocks.heads.iter().filter_map(|head| Some((head.line, placeholder(&head.text, &[])?)));
    let texts = blocks
        .list
        .iter()
        .flat_map(|block| texts_of(blocks, block).into_iter().map(move |said| (block, said)));
    let texts = texts.filter_map(|(block, said)| {
        let Text { plain, code, .. } = said.text;
        let what = placeholder(plain, code)?;
        // The gaps of a message's template are filled in when it is sent.
        let is_gap = what.starts_with("{{") && announced_template(blocks, block).is_some();
        (!is_gap).then(|| (said.line_of(|line| line.contains(what)), what))
    });
    let mut all: Vec<(u32, &str)> = heads.chain(texts).collect();
    all.sort_by_key(|(line, _)| *line);
    found.extend(all.into_iter().take(MOST).map(|(line, what)| {
        let text = if MISSING.contains(&what) {
            format!("it names something that is \"{what}\"; create it, or take it out, before the rollout")
        } else {
            format!("\"{what}\" was never filled in; write what is meant before the rollout")
        };
        Finding { line, kind: FindingKind::Placeholder, text: Clean::new(&text) }
    }));
}

/// What of `text` was to be filled in. What stands in one of the pieces of `code` may be a template's own.
fn placeholder<'a>(text: &'a str, code: &[String]) -> Option<&'a str> {
    static SIGNS: LazyLock<Needles> = LazyLock::new(|| Needles::of(&SIGNS_OF_ONE));
    if !SIGNS.are_in(text) {
        return angle(text, code);
    }
    bracket(text).or_else(|| angle(text, code)).or_else(|| braces(text, code)).or_else(|| word(text)).or_else(
        || {
            let missing = MISSING.iter().find(|missing| text.contains(**missing)).copied();
            // "Coming soon: dark mode" announces something.
            let found = missing.and_then(|missing| Some((text.find(missing)?, missing)));
            found.and_then(|(at, missing)| {
                let announces = text.get(at + missing.len()..)?.starts_with(':');
                text.get(at..at + missing.len()).filter(|_| !announces)
            })
        },
    )
}

/// `[Contact Info]`.
fn bracket(text: &str) -> Option<&str> {
    let mut pieces = text.match_indices(['[', '〔', '【', '［']).filter_map(|(at, open)| {
        let rest = text.get(at..)?;
        let close = match open {
            "〔" => '〕',
            "【" => '】',
            "［" => '］',
            _ => ']',
        };
        let end = beginning(rest).find(close)?;
        let (inside, whole) = (rest.get(open.len()..end)?, rest.get(..end + close.len_utf8())?);
        // `[the runbook][rb]` is a link.
        let links = text.get(at + whole.len()..).is_some_and(|rest| rest.starts_with('['))
            || text.get(..at).is_some_and(|before| before.ends_with(']'));
        // `[TOC]`, `[[Page]]` and `[!NOTE]` are marks of a wiki or of GitHub.
        let is_mark = inside.starts_with(['[', '!'])
            || inside.trim_matches('_').eq_ignore_ascii_case("toc")
            || text.get(..at).is_some_and(|before| before.ends_with('['));
        (!links && !is_mark && (inside.len() >= 3 || matches!(inside, "X" | "N" | "XX")))
            .then_some((whole, inside))
    });
    // "[手順1]" alone, where something should stand; "[X]%".
    let is_all = |whole: &str| text.trim() == whole && !whole.contains("](");
    let rest = |whole: &str| text.split_once(whole).is_some_and(|(_, rest)| rest.starts_with(['%', '％']));
    pieces.find(|(whole, inside)| is_all(whole) || rest(whole) || says_fill(inside)).map(|(whole, _)| whole)
}

/// Whether `inside` has a word for what somebody was to fill in.
fn says_fill(inside: &str) -> bool {
    let inside = inside.to_lowercase();
    let words = || inside.split(|c: char| !c.is_alphanumeric());
    FILL.iter().any(
        |fill| {
            if fill.is_ascii() { words().any(|word| word == *fill) } else { inside.contains(fill) }
        },
    )
}

/// `<name>`, `SRE: <who>`; not what stands in one of the pieces of `code`.
fn angle<'a>(text: &'a str, code: &[String]) -> Option<&'a str> {
    let mut pieces = memchr::memchr_iter(b'<', text.as_bytes()).filter_map(|at| {
        let rest = text.get(at..)?;
        // Most are signs of limits.
        rest.get(1..)?.starts_with(char::is_alphabetic).then_some(())?;
        let end = beginning(rest).find('>')?;
        let (inside, whole) = (rest.get(1..end)?, rest.get(..=end)?);
        // "Press <Enter>"
        let fits = inside.starts_with(char::is_alphabetic)
            && !inside.eq_ignore_ascii_case("enter")
            && inside.chars().all(|c| c.is_alphanumeric() || " _-".contains(c));
        (fits && !code.iter().any(|code| code.contains(whole))).then_some((whole, inside))
    });
    let is_value =
        |whole: &str| text.rsplit_once([':', '：']).is_some_and(|(_, value)| value.trim() == whole);
    pieces.find(|(whole, inside)| is_value(whole) || says_fill(inside)).map(|(whole, _)| whole)
}

/// `{{ version }}`, but not `${{ secrets.KEY }}`, nor what a template of code holds.
fn braces<'a>(text: &'a str, code: &[String]) -> Option<&'a str> {
    let mut pieces = text.match_indices("{{").filter_map(|(at, _)| {
        let rest = text.get(at..)?;
        let close = beginning(rest).find("}}")?;
        let name = rest.get(2..close)?.trim();
        let is_name = !name.is_empty()
            && !name.starts_with(['.', '$', '#', '/', '%'])
            && name.chars().all(|c| c.is_alphanumeric() || " _-.".contains(c));
        let apart = !text.get(..at)?.ends_with('$');
        let whole = rest.get(..close + 2)?;
        (is_name && apart && !code.iter().any(|code| code.contains(whole))).then_some(whole)
    });
    pieces.next()
}

/// At most so much of `text` as a placeholder can be long.
fn beginning(text: &str) -> &str {
    crate::document::beginning(text, LONGEST + 2)
}

/// TBD, a number of `x`, the address of a template, a date that is its own pattern.
fn word(text: &str) -> Option<&str> {
    let known = || text.split(|c: char| !c.is_alphanumeric()).find(|w| matches!(*w, "TBD" | "TBC" | "FIXME"));
    let mut before = "";
    let mut spaced = || {
        text.split_whitespace().find(|word| {
            let labelled = std::mem::replace(&mut before, word).ends_with([':', '：']);
            let digits = word.trim_matches(|c: char| "()[],.;".contains(c));
            let number = digits.chars().all(|c| c.is_ascii_digit() || "xX+-()./".contains(c))
                && digits.to_ascii_lowercase().contains("xxx");
            let date = labelled
                && matches!(digits, "YYYY-MM-DD" | "DD.MM.YYYY" | "DD/MM/YYYY" | "MM/DD/YYYY" | "TT.MM.JJJJ");
            let id = digits.split_once('-').is_some_and(|(project, number)| {
                !project.is_empty()
                    && project.chars().all(|c| c.is_ascii_uppercase())
                    && number.len() >= 3
                    && number.chars().all(|c| c == 'X')
            });
            let other = matches!(digits, "vX.Y.Z" | "X.Y.Z" | "@TODO" | "@TBD" | "@todo" | "@tbd");
            number || date || id || other || ADDRESSES.iter().any(|address| word.contains(address))
        })
    };
    let unknown = || {
        let (_, said) = text.rsplit_once([':', '：'])?;
        let said = said.trim();
        UNKNOWN.iter().any(|unknown| said.eq_ignore_ascii_case(unknown)).then_some(said)
    };
    known().or_else(&mut spaced).or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_a_sign() {
        let signs = Needles::of(&SIGNS_OF_ONE);
        for text in MISSING.iter().chain(&ADDRESSES) {
            assert!(signs.are_in(text), "{text}");
        }
    }

    #[test]
    fn what_was_never_filled_in_is_found_and_what_is_code_is_not() {
        for (text, expected) in [
            ("Lead: [Contact Info]", Some("[Contact Info]")),
            ("Upgrade to {{ version }}", Some("{{ version }}")),
            ("Owner: TBD", Some("TBD")),
            ("Call +44-xxx-xxxxxx first", Some("+44-xxx-xxxxxx")),
            ("[準備事項1]", Some("[準備事項1]")),
            ("基準（[X]%以上）", Some("[X]")),
            ("[X] done", None),
            ("窓口：未定", Some("未定")),
            ("電話：〔電話番号〕", Some("〔電話番号〕")),
            ("未定の項目を確認", None),
            ("【必須】確認", None),
            ("Window: YYYY-MM-DD", Some("YYYY-MM-DD")),
            ("ops@company.com", Some("ops@company.com")),
            ("a link to be created", Some("to be created")),
            ("Files are named YYYY-MM-DD", None),
            ("Set ${{ secrets.KEY }}", None),
            ("Shows {{ .Values.image }}", None),
            ("see [1] and [the rota]", None),
            ("SRE: <who>", Some("<who>")),
            ("Call <your name> first", Some("<your name>")),
            ("a < b and b > c", None),
            ("Press <Enter>", None),
            ("maxxx and 5xx", None),
            ("[TOC]", None),
            ("see [[Release Notes]]", None),
            ("[[Contact Info]]", None),
            ("[!IMPORTANT] read this", None),
            ("Coming soon: dark mode.", None),
            ("The runbook is coming soon", Some("coming soon")),
            ("Owner: @TODO", Some("@TODO")),
            ("See OPS-XXXX", Some("OPS-XXXX")),
            ("Deploy vX.Y.Z", Some("vX.Y.Z")),
        ] {
            assert_eq!(placeholder(text, &[]), expected, "{text}");
        }
        assert_eq!(placeholder("Run x <name>", &["x <name>".to_owned()]), None);
        assert_eq!(placeholder("Write {{ name }}", &["{{ name }}".to_owned()]), None);
    }
}
