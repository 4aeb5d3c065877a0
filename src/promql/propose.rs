//! Which series a metric may be that a document names, by the words of both names. A proposal, for a person to decide on.

use std::collections::BTreeSet;

use super::unit::{self, Unit};
use crate::domain::Clean;
use crate::domain::metric::Proposal;

/// Proposals for one metric at most.
const MOST: usize = 3;

/// Longest name of a series that is looked at, in bytes.
const LONGEST: usize = 200;

/// Words that say how something is told, and nothing of what it is.
const FORM: [&str; 16] = [
    "total",
    "bucket",
    "sum",
    "count",
    "seconds",
    "milliseconds",
    "ms",
    "bytes",
    "ratio",
    "percent",
    "p50",
    "p90",
    "p95",
    "p99",
    "median",
    "per",
];

/// Words that many names have: alone they tell nothing.
const COMMON: [&str; 8] = ["rate", "time", "usage", "number", "value", "size", "max", "current"];

/// Different words for one thing.
const SAME: [(&str, &str); 14] = [
    ("duration", "time"),
    ("latency", "time"),
    ("failure", "error"),
    ("failed", "error"),
    ("fail", "error"),
    ("conn", "connection"),
    ("ws", "websocket"),
    ("db", "database"),
    ("mem", "memory"),
    ("response", "request"),
    ("req", "request"),
    ("succeeded", "success"),
    ("ok", "success"),
    ("msg", "message"),
];

/// The series of `names` that resemble `wanted`, best first.
pub fn propose<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<Proposal> {
    let looked_for = words(wanted);
    let mut found: Vec<(usize, usize, &str)> = names
        .filter(|name| name.len() <= LONGEST && !name.ends_with("_sum") && !name.ends_with("_created"))
        .filter_map(|name| {
            let has = words(name);
            let shared: Vec<&String> = looked_for.intersection(&has).collect();
            let telling = shared.iter().any(|word| word.len() > 2 && !COMMON.contains(&word.as_str()));
            let enough = telling && shared.len() * 2 >= looked_for.len();
            enough.then_some((looked_for.len() - shared.len(), has.len() - shared.len(), name))
        })
        .collect();
    // A histogram is told by its buckets.
    let buckets: BTreeSet<&str> = found.iter().filter_map(|it| it.2.strip_suffix("_bucket")).collect();
    found.retain(|it| it.2.strip_suffix("_count").is_none_or(|base| !buckets.contains(base)));
    found.sort_unstable();
    found.dedup();
    let proposal =
        |name: &str| Proposal { series: Clean::new(name), query: Clean::new(&query(name, wanted)) };
    found.into_iter().take(MOST).map(|(_, _, name)| proposal(name)).collect()
}

/// What a name tells, in one form of each word.
fn words(name: &str) -> BTreeSet<String> {
    let lower = name.to_lowercase();
    let parts = lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let plain = parts.filter(|part| !FORM.contains(part)).map(|part| {
        let one = part.strip_suffix('s').filter(|one| one.len() > 2 && !one.ends_with('s')).unwrap_or(part);
        let same = SAME.iter().find(|(word, _)| *word == one || *word == part);
        same.map_or(one, |(_, same)| same).to_owned()
    });
    plain.collect()
}

/// How a series is asked for one number.
fn query(name: &str, wanted: &str) -> String {
    let has = |word: &str| wanted.to_lowercase().contains(word);
    if name.ends_with("_bucket") {
        let quantile = match () {
            () if has("p99") => "0.99",
            () if has("p90") => "0.9",
            () if has("p50") || has("median") => "0.5",
            () => "0.95",
        };
        return format!("histogram_quantile({quantile}, sum by (le) (rate({name}[5m])))");
    }
    if name.ends_with("_total") || name.ends_with("_count") {
        return format!("sum(rate({name}[5m]))");
    }
    match unit::unit(name) {
        Some(Unit::Share) => format!("100 * avg({name})"),
        Some(Unit::Percent | Unit::Seconds | Unit::Milliseconds) => format!("avg({name})"),
        _ if has("rate") || has("usage") || has("quality") => format!("avg({name})"),
        _ => format!("sum({name})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(wanted: &str, names: &[&str]) -> Vec<String> {
        propose(wanted, names.iter().copied()).into_iter().map(|it| it.query.to_string()).collect()
    }

    #[test]
    fn what_shares_its_telling_words_is_proposed_best_first() {
        let names = [
            "up",
            "http_requests_total",
            "http_request_duration_seconds_bucket",
            "http_request_duration_seconds_count",
            "http_request_duration_seconds_sum",
            "db_connection_pool_usage_ratio",
            "db_queries_total",
            "process_memory_bytes",
            "ws_connections_open",
            "golden_path_success_rate",
            "golden_path_runs_total",
        ];
        assert_eq!(
            found("response_time_p99", &names),
            [
                "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))",
                "sum(rate(http_requests_total[5m]))",
            ]
        );
        assert_eq!(
            found("database_connection_pool_usage", &names),
            ["100 * avg(db_connection_pool_usage_ratio)"]
        );
        assert_eq!(
            found("golden_path_success_rate", &names),
            ["avg(golden_path_success_rate)", "sum(rate(golden_path_runs_total[5m]))"]
        );
        assert_eq!(
            found("websocket connections", &names),
            ["sum(ws_connections_open)", "100 * avg(db_connection_pool_usage_ratio)",]
        );
        // A word that all have tells nothing, and nothing is taken for want of better.
        assert_eq!(found("rate", &names), Vec::<String>::new());
        assert_eq!(found("chat_response_quality", &["chats_open"]), Vec::<String>::new());
    }
}
