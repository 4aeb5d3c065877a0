//! In which unit a query answers, as far as its functions and the names of its metrics tell.
//!
//! Prometheus' naming rules put the unit at the end of a name (<https://prometheus.io/docs/practices/naming/>): `_seconds`,
//! `_bytes`, `_ratio`, before `_total`, `_bucket`, `_sum` and `_count`. A limit in another unit would never be crossed, or
//! always; so what is not known stays `None`, and is no plain number.

use promql_parser::parser::token::{T_ADD, T_COUNT, T_DIV, T_EQLC, T_GTE, T_GTR, T_LSS, T_LTE, T_MUL, T_SUB};
use promql_parser::parser::{BinaryExpr, Call, Expr, parse};

use super::guard;

/// The unit of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Thousandths of a second.
    Milliseconds,
    /// Bytes.
    Bytes,
    /// Hundredths of a whole.
    Percent,
    /// Parts of one.
    Share,
    /// So often a second.
    PerSecond,
    /// So often in so many seconds.
    Within(u64),
    /// A count of things now.
    Count,
}

/// The unit in which `query` answers; `None`: nothing tells.
pub fn unit(query: &str) -> Option<Unit> {
    guard(query).ok()?;
    of(&parse(query).ok()?)
}

/// The unit of a query as a metric shows it; empty: none is known.
pub fn shown(query: &str) -> &'static str {
    name_of(unit(query))
}

fn name_of(unit: Option<Unit>) -> &'static str {
    match unit {
        Some(Unit::Seconds) => "s",
        Some(Unit::Milliseconds) => "ms",
        Some(Unit::Bytes) => "B",
        Some(Unit::Percent) => "%",
        Some(Unit::PerSecond) => "/s",
        Some(Unit::Within(60)) => "/min",
        Some(Unit::Within(3600)) => "/h",
        Some(Unit::Within(86_400)) => "/day",
        Some(Unit::Share | Unit::Count | Unit::Within(_)) | None => "",
    }
}

/// The number `value` of the unit `from` in `to`; a plain one is in it already. `None`: nothing tells how.
pub fn convert(value: f64, from: &str, to: &str) -> Option<f64> {
    const KINDS: [&[(&str, f64)]; 3] = [
        &[
            ("ns", 1e-9),
            ("µs", 1e-6),
            ("ms", 1e-3),
            ("s", 1.0),
            ("min", 60.0),
            ("h", 3600.0),
            ("d", 86_400.0),
        ],
        &[
            ("B", 1.0),
            ("KB", 1e3),
            ("MB", 1e6),
            ("GB", 1e9),
            ("TB", 1e12),
            ("KiB", 1024.0),
            ("MiB", 1_048_576.0),
            ("GiB", 1_073_741_824.0),
        ],
        &[("/s", 1.0), ("/min", 1.0 / 60.0), ("/h", 1.0 / 3600.0), ("/day", 1.0 / 86_400.0)],
    ];
    // None is none in every unit.
    if from.is_empty() || from == to || value == 0.0 {
        return Some(value);
    }
    KINDS.iter().find_map(|kind| {
        let of = |unit: &str| kind.iter().find(|(name, _)| *name == unit).map(|(_, factor)| factor);
        Some(value * of(from)? / of(to)?)
    })
}

/// Whether a limit in the unit `stated` can be compared with what answers in `unit`.
pub fn fits(unit: Option<Unit>, stated: &str) -> bool {
    let share = stated == "%" && unit == Some(Unit::Share);
    share || convert(1.0, stated, name_of(unit)).is_some()
}

pub(super) fn of(expr: &Expr) -> Option<Unit> {
    match expr {
        Expr::Paren(paren) => of(&paren.expr),
        Expr::Unary(unary) => of(&unary.expr),
        Expr::Aggregate(aggregate) if aggregate.op.id() == T_COUNT => Some(Unit::Count),
        Expr::Aggregate(aggregate) => of(&aggregate.expr),
        Expr::Subquery(subquery) => of(&subquery.expr),
        Expr::Call(call) => of_call(call),
        Expr::Binary(binary) => of_binary(binary),
        Expr::VectorSelector(_) | Expr::MatrixSelector(_) => named(name(expr)?),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => None,
    }
}

fn of_call(call: &Call) -> Option<Unit> {
    let args = &call.args.args;
    let first = args.first()?;
    match call.func.name {
        "histogram_quantile" => named(name(args.get(1)?)?.strip_suffix("_bucket")?),
        // What grows by seconds a second, or by bytes, is no count.
        "rate" | "irate" | "deriv" => counts(first).then_some(Unit::PerSecond),
        "increase" | "delta" if counts(first) => Some(Unit::Within(window(first)?)),
        "increase" | "delta" | "abs" | "ceil" | "floor" | "round" | "clamp" | "clamp_min" | "clamp_max"
        | "sort" | "sort_desc" | "avg_over_time" | "min_over_time" | "max_over_time" | "last_over_time" => {
            of(first)
        }
        "quantile_over_time" => of(args.get(1)?),
        "count_over_time" => Some(Unit::Count),
        _ => None,
    }
}

fn of_binary(binary: &BinaryExpr) -> Option<Unit> {
    let (left, right) = (of(&binary.lhs), of(&binary.rhs));
    let (by_left, by_right) = (number(&binary.lhs), number(&binary.rhs));
    match binary.op.id() {
        T_MUL => match (by_left, by_right) {
            (Some(by), None) => scaled(right, by),
            (None, Some(by)) => scaled(left, by),
            (Some(_), Some(_)) | (None, None) => None,
        },
        T_DIV => match by_right {
            Some(by) => scaled(left, 1.0 / by),
            None if by_left.is_none() => {
                // `100 * bad / all` divides 100 times the bad ones.
                let (counted, factor) = without_factor(&binary.lhs);
                let share = || (of(counted) == right).then_some(Unit::Share);
                scaled(quotient(counted, &binary.rhs).or_else(share), factor)
            }
            None => None,
        },
        // `1 - share`, `100 - per cent`.
        T_SUB | T_ADD => match (by_left, by_right) {
            (Some(_), _) => right,
            (_, Some(_)) => left,
            (None, None) => left.filter(|_| left == right),
        },
        T_GTR | T_GTE | T_LSS | T_LTE | T_EQLC if !binary.return_bool() => left,
        _ => None,
    }
    .filter(|_| by_left.is_none() || by_right.is_none())
}

/// The mean of a summary or histogram: what it sums up, by how often.
fn quotient(left: &Expr, right: &Expr) -> Option<Unit> {
    let (sum, count) = (name(left)?.strip_suffix("_sum")?, name(right)?.strip_suffix("_count")?);
    if sum == count { named(sum) } else { None }
}

/// An expression and the number that it is multiplied by.
fn without_factor(expr: &Expr) -> (&Expr, f64) {
    match expr {
        Expr::Paren(paren) => without_factor(&paren.expr),
        Expr::Binary(binary) if binary.op.id() == T_MUL => match (number(&binary.lhs), number(&binary.rhs)) {
            (Some(by), None) => (&binary.rhs, by),
            (None, Some(by)) => (&binary.lhs, by),
            (Some(_), Some(_)) | (None, None) => (expr, 1.0),
        },
        _ => (expr, 1.0),
    }
}

/// A unit times a number.
fn scaled(unit: Option<Unit>, by: f64) -> Option<Unit> {
    let is = |wanted: f64| (by / wanted - 1.0).abs() < 1e-9;
    match unit? {
        Unit::Share if is(100.0) => Some(Unit::Percent),
        Unit::Seconds if is(1000.0) => Some(Unit::Milliseconds),
        Unit::Milliseconds if is(0.001) => Some(Unit::Seconds),
        // 60 times a rate is no rate of a second any more.
        Unit::PerSecond if is(60.0) => Some(Unit::Within(60)),
        Unit::PerSecond if is(3600.0) => Some(Unit::Within(3600)),
        Unit::PerSecond if is(86_400.0) => Some(Unit::Within(86_400)),
        unit if is(1.0) => Some(unit),
        _ => None,
    }
}

/// What the name of a metric says.
fn named(name: &str) -> Option<Unit> {
    let bare = ["_total", "_bucket", "_sum", "_max", "_min"].iter().find_map(|end| name.strip_suffix(end));
    let ends = |ends: &[&str]| ends.iter().any(|end| bare.unwrap_or(name).ends_with(end));
    match () {
        () if ends(&["_seconds"]) => Some(Unit::Seconds),
        () if ends(&["_milliseconds", "_ms", "_millis"]) => Some(Unit::Milliseconds),
        () if ends(&["_bytes"]) => Some(Unit::Bytes),
        () if ends(&["_percent", "_pct", "_percentage"]) => Some(Unit::Percent),
        () if ends(&["_ratio"]) => Some(Unit::Share),
        () if name.ends_with("_count") || name.ends_with("_total") => Some(Unit::Count),
        () => None,
    }
}

/// Whether a counter counts things, by its name.
fn counts(expr: &Expr) -> bool {
    let unit = name(expr).and_then(named);
    unit.is_none() || unit == Some(Unit::Count)
}

/// The only metric that `expr` reads.
fn name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Paren(paren) => name(&paren.expr),
        Expr::Aggregate(aggregate) => name(&aggregate.expr),
        Expr::Call(call) => call.args.args.iter().find_map(|arg| name(arg)),
        Expr::Subquery(subquery) => name(&subquery.expr),
        Expr::VectorSelector(selector) => selector.name.as_deref(),
        Expr::MatrixSelector(matrix) => matrix.vs.name.as_deref(),
        Expr::Binary(_)
        | Expr::Unary(_)
        | Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::Extension(_) => None,
    }
}

fn window(expr: &Expr) -> Option<u64> {
    match expr {
        Expr::MatrixSelector(matrix) => Some(matrix.range.as_secs()).filter(|seconds| *seconds > 0),
        Expr::Paren(paren) => window(&paren.expr),
        _ => None,
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(literal) => Some(literal.val).filter(|value| value.is_finite()),
        Expr::Paren(paren) => number(&paren.expr),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_functions_tell_the_unit() {
        for (query, wanted) in [
            ("histogram_quantile(0.95, sum by (le) (rate(http_seconds_bucket[5m])))", Some(Unit::Seconds)),
            ("1000 * histogram_quantile(0.5, rate(http_seconds_bucket[5m]))", Some(Unit::Milliseconds)),
            ("sum(rate(took_seconds_sum[5m])) / sum(rate(took_seconds_count[5m]))", Some(Unit::Seconds)),
            ("sum(rate(bad_total[5m])) / sum(rate(all_total[5m]))", Some(Unit::Share)),
            ("100 * sum(rate(bad_total[5m])) / sum(rate(all_total[5m]))", Some(Unit::Percent)),
            ("(sum(rate(bad_total[5m])) / sum(rate(all_total[5m]))) * 100", Some(Unit::Percent)),
            ("100 * (1 - sum(rate(bad_total[5m])) / sum(rate(all_total[5m])))", Some(Unit::Percent)),
            ("sum by (code) (rate(closes_total[5m]))", Some(Unit::PerSecond)),
            ("60 * sum(rate(closes_total[5m]))", Some(Unit::Within(60))),
            ("sum(increase(closes_total[1d]))", Some(Unit::Within(86_400))),
            ("max(memory_bytes)", Some(Unit::Bytes)),
            ("count(up)", Some(Unit::Count)),
            ("pool_usage_ratio > 0.9", Some(Unit::Share)),
            // Seconds a second, and what no name tells.
            ("rate(cpu_seconds_total[5m])", None),
            ("success_rate", None),
            ("a / b * c", None),
            ("2 * 3", None),
            ("sum(", None),
        ] {
            assert_eq!(unit(query), wanted, "{query}");
        }
    }
}
