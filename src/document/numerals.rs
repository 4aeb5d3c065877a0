//! Numbers in words: `fifteen`, `forty-five`, `two hundred`, `fünfzehn`, `quinze`, `treinta`.

use std::collections::HashMap;
use std::sync::LazyLock;

use rustc_hash::FxBuildHasher;

use super::beginning;

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

/// The number in words that `text` (lower case) begins with, and its length.
pub(super) fn at_start(text: &str) -> Option<(f64, usize)> {
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
    ends(text, end).then_some((value, end))
}

/// The same, where a unit follows.
pub(super) fn before_a_unit(text: &str) -> Option<(f64, usize)> {
    at_start(text).or_else(|| {
        let (first, end) = word(text)?;
        RARE.get(first).map(|value| (*value, end))
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
            assert_eq!(at_start(text).map(|(value, _)| value), wanted, "{text}");
        }
        assert_eq!(before_a_unit("dos horas"), Some((2.0, 3)));
    }
}
