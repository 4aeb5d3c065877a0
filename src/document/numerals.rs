//! Numbers in words: `fifteen`, `forty-five`, `two hundred`, `fünfzehn`, `quinze`, `treinta`.

use std::collections::HashMap;
use std::sync::LazyLock;

use rustc_hash::FxBuildHasher;

use super::{beginning, bound};

/// Words of a number each: English, German, French, Spanish, Portuguese. What means something else as often (`neuf`, `dos`,
/// `acht`) stands below.
const WORDS: &[(f64, &str)] = &[
    (0.5, "half"),
    (1.0, "one"),
    (2.0, "two|zwei|deux|dois|duas"),
    (3.0, "three|drei|trois|tres|três"),
    (4.0, "four|vier|quatre|cuatro|quatro"),
    (5.0, "five|fünf|cinq|cinco"),
    (6.0, "six|sechs|seis"),
    (7.0, "seven|sieben|siete|sete"),
    (8.0, "eight|huit|ocho|oito"),
    (9.0, "nine|neun|nueve"),
    (10.0, "ten|zehn|dix|diez|dez"),
    (11.0, "eleven|elf|onze"),
    (12.0, "twelve|zwölf|douze|doce|doze"),
    (13.0, "thirteen"),
    (14.0, "fourteen|vierzehn|quatorze|catorce"),
    (15.0, "fifteen|fünfzehn|quinze|quince"),
    (16.0, "sixteen"),
    (17.0, "seventeen"),
    (18.0, "eighteen"),
    (19.0, "nineteen"),
    (20.0, "twenty|zwanzig|vingt|veinte|vinte"),
    (25.0, "veinticinco"),
    (30.0, "thirty|dreißig|dreissig|trente|treinta|trinta"),
    (40.0, "forty|fourty|vierzig|quarante|cuarenta|quarenta"),
    (50.0, "fifty|fünfzig|cinquante|cincuenta|cinquenta"),
    (60.0, "sixty|sechzig|soixante|sesenta|sessenta"),
    (70.0, "seventy|siebzig|setenta"),
    (80.0, "eighty|achtzig|ochenta|oitenta"),
    (90.0, "ninety|neunzig|noventa"),
];

/// Numbers only before a unit.
const BEFORE_A_UNIT: &[(f64, &str)] = &[(2.0, "dos"), (7.0, "sept"), (8.0, "acht"), (9.0, "neuf|nove")];

type Known = HashMap<&'static str, f64, FxBuildHasher>;

fn known(words: &[(f64, &'static str)]) -> Known {
    words.iter().flat_map(|(value, words)| words.split('|').map(|word| (word, *value))).collect()
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| known(WORDS));
static RARE: LazyLock<Known> = LazyLock::new(|| known(BEFORE_A_UNIT));

/// The longest word that is looked up.
const LONGEST: usize = 20;

/// Words that belong to a number and are not read: what they stand in is no number that is known.
const HEADS: &[&str] = &[
    "hundred",
    "hundreds",
    "thousand",
    "thousands",
    "million",
    "millions",
    "billion",
    "dozen",
    "dozens",
    "hundert",
    "tausend",
    "cent",
    "cents",
    "mille",
    "cien",
    "ciento",
    "mil",
    "quinientos",
    "cem",
    "cento",
    "duzentos",
    "trezentos",
    "quinhentos",
];

/// Words that end a number that is not read.
const TAILS: &[&str] = &[
    "third",
    "thirds",
    "quarter",
    "quarters",
    "fifth",
    "fifths",
    "tenth",
    "tenths",
    "hundredth",
    "hundredths",
    "thousandth",
    "thousandths",
    "halves",
    "halbe",
    "halb",
    "demi",
    "demie",
    "media",
    "medio",
    "meia",
    "meio",
];

/// What joins number words to one number, or to a range.
const JOINTS: &[&str] = &[
    " ",
    "-",
    ", ",
    " and ",
    " point ",
    " to ",
    " or ",
    " und ",
    " komma ",
    " bis ",
    " oder ",
    " et ",
    " virgule ",
    " à ",
    " ou ",
    " y ",
    " coma ",
    " a ",
    " o ",
    " e ",
    " vírgula ",
];

/// What makes a share of two numbers, if no time stands behind them.
const SHARES: &[&str] = &[
    " in ",
    " out of ",
    " of ",
    " per ",
    "/",
    " for every ",
    " von ",
    " auf ",
    " sur ",
    " de ",
    " em ",
    " en ",
];

/// Before the second number.
const ARTICLES: &[&str] =
    &["a ", "an ", "every ", "each ", "the ", "eine ", "einer ", "cada ", "une ", "un "];

/// Longer runs of number words are none that anybody means.
const MOST: usize = 200;

/// The number in words that `text` (lower case) begins with, and its length; no number, but the length, where the words
/// are not understood to their end: `two hundred fifty`, `one in twenty`, `two and a half`.
pub(super) fn at_start(text: &str) -> Option<(Option<f64>, usize)> {
    run(beginning(text, MOST))
}

fn run(text: &str) -> Option<(Option<f64>, usize)> {
    let (first, _) = word(text)?;
    let (value, end) = simple(text).map(|(value, end)| (Some(value), end)).or_else(|| {
        let behind = text.get(first.len()..)?;
        let part = is_head(first) || (TAILS.contains(&first) && behind.starts_with(" of "));
        let point = || behind.strip_prefix(' ').is_some_and(|behind| run(behind).is_some());
        (part || (first == "point" && point())).then_some((None, first.len()))
    })?;
    let rest = text.get(end..)?;
    match goes_on(rest).or_else(|| share(rest, |rest| run(rest).map(|(_, length)| length))) {
        Some(more) => Some((None, end + more)),
        None => ends(text, end).then_some((value, end)),
    }
}

/// The length of what continues a number of words: `-five`, ` and a half`, ` to ten`.
fn goes_on(rest: &str) -> Option<usize> {
    JOINTS.iter().find_map(|joint| {
        let behind = rest.strip_prefix(joint)?;
        let behind = ARTICLES.iter().find_map(|article| behind.strip_prefix(article)).unwrap_or(behind);
        let tail = || word(behind).filter(|(word, _)| TAILS.contains(word)).map(|(_, length)| length);
        let length = run(behind).map(|(_, length)| length).or_else(tail)?;
        Some(rest.len() - behind.len() + length)
    })
}

/// The length of what makes a share of the number before it: ` in twenty`, ` out of 20`, ` per thousand`.
pub(super) fn share_behind(rest: &str) -> Option<usize> {
    let rest = beginning(rest, MOST);
    let half = || rest.starts_with(" and a half").then_some(" and a half".len());
    let few = ["in ", "out of ", "per "]
        .iter()
        .any(|word| rest.get(1..).is_some_and(|rest| rest.starts_with(word)));
    let number = |rest: &str| run(rest).map(|(_, length)| length);
    share(rest, number).filter(|_| few).or_else(half)
}

fn share(rest: &str, number: impl Fn(&str) -> Option<usize>) -> Option<usize> {
    SHARES.iter().find_map(|joint| {
        let behind = rest.strip_prefix(joint)?;
        let behind = ARTICLES.iter().find_map(|article| behind.strip_prefix(article)).unwrap_or(behind);
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        // "one in 1000" is read.
        let length = number(behind).or((digits > 0 && *joint != " in ").then_some(digits))?;
        let after = behind.get(length..)?.trim_start_matches([' ', '-']);
        let timed = word(after).is_some_and(|(word, _)| bound::is_time(word));
        (!timed).then_some(rest.len() - behind.len() + length)
    })
}

fn is_head(word: &str) -> bool {
    HEADS.contains(&word)
        || ["hundert", "tausend", "cientos", "cientas", "centos", "centas"]
            .iter()
            .any(|end| word.ends_with(end))
}

/// `fifteen`, `forty-five`, `two hundred`, and the length.
fn simple(text: &str) -> Option<(f64, usize)> {
    let (first, mut end) = word(text)?;
    let mut value = one(first)?;
    // "forty-five", "forty five", "treinta y cinco"
    let tens = value >= 20.0 && value % 10.0 == 0.0;
    let joined = || {
        ["-", " ", " y ", " e "].into_iter().find_map(|gap| {
            let rest = text.get(end..)?.strip_prefix(gap)?;
            let (ones, length) = word(rest).and_then(|(ones, length)| Some((one(ones)?, length)))?;
            (1.0..10.0).contains(&ones).then_some((ones, gap.len() + length))
        })
    };
    if let Some((ones, length)) = tens.then(joined).flatten() {
        (value, end) = (value + ones, end + length);
    }
    for (times, word) in [(100.0, " hundred"), (1000.0, " thousand")] {
        if text.get(end..).is_some_and(|rest| rest.starts_with(word)) {
            (value, end) = (value * times, end + word.len());
        }
    }
    Some((value, end))
}

/// The same, where a unit follows.
pub(super) fn before_a_unit(text: &str) -> Option<(Option<f64>, usize)> {
    at_start(text).or_else(|| {
        let (first, end) = word(text)?;
        RARE.get(first).map(|value| (Some(*value), end))
    })
}

fn one(word: &str) -> Option<f64> {
    if word.len() > LONGEST {
        return None;
    }
    // "fünfundvierzig"
    let both = || {
        let (ones, tens) = word.split_once("und")?;
        let ones = if ones == "ein" { 1.0 } else { *KNOWN.get(ones).or_else(|| RARE.get(ones))? };
        let tens = *KNOWN.get(tens).filter(|tens| **tens >= 20.0)?;
        Some(ones + tens)
    };
    KNOWN.get(word).copied().or_else(both)
}

/// The letters that `text` begins with, and their length, if they are not too many for a number.
fn word(text: &str) -> Option<(&str, usize)> {
    let near = beginning(text, LONGEST + 1);
    let end = near.find(|c: char| !c.is_alphabetic()).or((text.len() <= LONGEST).then_some(text.len()))?;
    text.get(..end).filter(|word| !word.is_empty()).map(|word| (word, end))
}

/// Whether a word ends there: `two-factor` and `three_way` are names.
fn ends(text: &str, at: usize) -> bool {
    let next = text.get(at..).and_then(|rest| rest.chars().next());
    next.is_none_or(|next| !(next.is_alphanumeric() || matches!(next, '_' | '-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_their_words() {
        for (text, wanted) in [
            ("fifteen minutes", Some(15.0)),
            ("ninety", Some(90.0)),
            ("forty-five seconds", Some(45.0)),
            ("twenty five", Some(25.0)),
            ("two hundred", Some(200.0)),
            ("fünfundvierzig minuten", Some(45.0)),
            ("einundzwanzig", Some(21.0)),
            ("dreißig", Some(30.0)),
            ("quarante-cinq", Some(45.0)),
            ("treinta y cinco", Some(35.0)),
            ("trinta e cinco", Some(35.0)),
            ("two-factor", None),
            ("tense", None),
            ("dos", None),
            ("bundle", None),
            ("", None),
        ] {
            assert_eq!(at_start(text).and_then(|(value, _)| value), wanted, "{text}");
        }
        assert_eq!(before_a_unit("dos horas"), Some((Some(2.0), 3)));
    }

    #[test]
    fn words_that_are_not_understood_to_their_end_are_no_number() {
        for (text, words) in [
            ("two hundred fifty per minute", "two hundred fifty"),
            ("hundred twenty per minute", "hundred twenty"),
            ("one thousand five hundred ms", "one thousand five hundred"),
            ("two and a half seconds", "two and a half"),
            ("one hundred and twenty seconds", "one hundred and twenty"),
            ("ninety-nine point nine percent", "ninety-nine point nine"),
            ("two hundred forty-five", "two hundred forty-five"),
            ("point five percent", "point five"),
            ("one in twenty requests", "one in twenty"),
            ("one in a thousand", "one in a thousand"),
            ("two out of 30 requests", "two out of 30"),
            ("three per thousand", "three per thousand"),
            ("two thirds of them", "two thirds"),
            ("five to ten errors", "five to ten"),
            ("doscientos cincuenta", "doscientos cincuenta"),
            ("zwei komma fünf prozent", "zwei komma fünf"),
        ] {
            assert_eq!(at_start(text), Some((None, words.len())), "{text}");
        }
        for (text, value) in
            [("two in ten minutes", 2.0), ("five per 10 min", 5.0), ("ten five-minute windows", 10.0)]
        {
            assert_eq!(at_start(text).map(|(value, _)| value), Some(Some(value)), "{text}");
        }
        assert!(at_start(&"one ".repeat(100_000)).is_some(), "however long they are");
    }
}
