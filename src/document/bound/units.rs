//! Units of limits: how they are written, and the one name each has in a [`crate::domain::Bound`].

use crate::document::lower;

/// A unit as read: its canonical name, and what the number before it is multiplied by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unit {
    pub(super) name: &'static str,
    pub(super) factor: f64,
}

/// Milliseconds of the units of time; `None` for other units.
pub(super) fn milliseconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1e-6,
        "µs" => 1e-3,
        "ms" => 1.0,
        "s" => 1000.0,
        "min" => 60_000.0,
        "h" => 3_600_000.0,
        "d" => 86_400_000.0,
        _ => return None,
    })
}

/// The unit that `word` (as written) stands for behind a number. A word that is a magnitude has an empty name.
pub(super) fn of(word: &str) -> Option<Unit> {
    let exact = |name| Some(Unit { name, factor: 1.0 });
    match word {
        "%" | "％" | "٪" => return exact("%"),
        "$" => return exact("$"),
        "€" => return exact("€"),
        "£" => return exact("£"),
        "M" => return Some(Unit { name: "", factor: 1e6 }),
        "K" | "k" => return Some(Unit { name: "", factor: 1e3 }),
        "B" => return exact("B"),
        "Mb" | "Mbit" | "Mbps" => return exact("Mbit/s"),
        "Gb" | "Gbit" | "Gbps" => return exact("Gbit/s"),
        "x" | "X" | "×" => return exact("x"),
        _ => {}
    }
    // Nothing longer is a unit: no need to look.
    if word.len() > 16 {
        return None;
    }
    let word = lower(word);
    time(&word).or_else(|| size(&word)).or_else(|| other(&word))
}

/// A unit of time, in lower case.
pub(super) fn time(word: &str) -> Option<Unit> {
    let (name, factor) = match word {
        "ns" | "nanosecond" | "nanoseconds" => ("ns", 1.0),
        "us" | "µs" | "μs" | "microsecond" | "microseconds" => ("µs", 1.0),
        "ms" | "msec" | "msecs" | "milli" | "millis" | "millisecond" | "milliseconds" | "millisekunde"
        | "millisekunden" | "milliseconde" | "millisecondes" | "milisegundo" | "milisegundos"
        | "milissegundo" | "milissegundos" | "毫秒" | "ミリ秒" => ("ms", 1.0),
        "s" | "sec" | "secs" | "second" | "seconds" | "sek" | "sekunde" | "sekunden" | "seconde"
        | "secondes" | "seg" | "segundo" | "segundos" | "秒" | "秒間" | "秒钟" => ("s", 1.0),
        "m" | "min" | "mins" | "minute" | "minutes" | "minuten" | "minuto" | "minutos" | "分" | "分間"
        | "分钟" | "分鐘" => ("min", 1.0),
        "h" | "hr" | "hrs" | "hour" | "hours" | "std" | "stunde" | "stunden" | "heure" | "heures"
        | "hora" | "horas" | "小时" | "小時" | "時間" => ("h", 1.0),
        "d" | "day" | "days" | "tag" | "tage" | "tagen" | "jour" | "jours" | "dia" | "dias" | "día"
        | "días" | "天" | "日" | "日間" => ("d", 1.0),
        "month" | "months" | "monat" | "monate" | "monaten" | "mois" | "mes" | "meses" | "mês" | "个月"
        | "個月" | "か月" | "ヶ月" => ("d", 30.0),
        "year" | "years" | "yr" | "yrs" | "jahr" | "jahre" | "jahren" | "an" | "ans" | "année" | "années"
        | "año" | "años" | "ano" | "anos" | "年" => ("d", 365.0),
        "w" | "wk" | "week" | "weeks" | "woche" | "wochen" | "semaine" | "semaines" | "semana"
        | "semanas" | "周" | "週" | "週間" => ("d", 7.0),
        _ => return None,
    };
    Some(Unit { name, factor })
}

fn size(word: &str) -> Option<Unit> {
    let name = match word {
        "byte" | "bytes" | "octets" => "B",
        "kb" | "kilobyte" | "kilobytes" => "KB",
        "mb" | "megabyte" | "megabytes" | "mo" => "MB",
        "gb" | "gigabyte" | "gigabytes" | "go" => "GB",
        "tb" | "terabyte" | "terabytes" => "TB",
        "kib" | "ki" => "KiB",
        "mib" | "mi" => "MiB",
        "gib" | "gi" => "GiB",
        "tib" | "ti" => "TiB",
        "mbit" | "mbps" | "mbit/s" => "Mbit/s",
        "gbit" | "gbps" | "gbit/s" => "Gbit/s",
        _ => return None,
    };
    Some(Unit { name, factor: 1.0 })
}

fn other(word: &str) -> Option<Unit> {
    let (name, factor) = match word {
        "percent" | "percents" | "pct" | "prozent" | "パーセント" => ("%", 1.0),
        "pp" => ("pp", 1.0),
        "倍" => ("x", 1.0),
        // Of something, or how often.
        "times" | "fold" | "mal" | "fois" | "veces" | "vezes" => ("times", 1.0),
        "thousand" | "tausend" | "mille" | "mil" => ("", 1e3),
        "million" | "mio" | "millionen" | "millions" | "millones" => ("", 1e6),
        "万" | "萬" => ("", 1e4),
        "rps" | "qps" | "tps" | "eps" => ("/s", 1.0),
        "rpm" => ("/min", 1.0),
        "usd" | "dollars" => ("$", 1.0),
        "eur" | "euro" | "euros" => ("€", 1.0),
        _ => return None,
    };
    Some(Unit { name, factor })
}

/// A rate, from the time that stands behind `/` or `per`, in lower case.
pub(super) fn rate(word: &str) -> Option<&'static str> {
    if matches!(word, "mo" | "month" | "months" | "monat" | "mois" | "mes" | "mês" | "月") {
        return Some("/month");
    }
    let unit = time(word)?;
    if unit.factor > 7.0 {
        return None;
    }
    Some(match (unit.name, unit.factor > 1.0) {
        ("s", _) => "/s",
        ("min", _) => "/min",
        ("h", _) => "/h",
        ("d", false) => "/day",
        ("d", true) => "/week",
        _ => return None,
    })
}
