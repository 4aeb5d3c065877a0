//! Targets that cannot be: a quantile beyond the last bucket of its histogram, a connection that is to live longer than
//! the platform lets it.

use std::sync::LazyLock;

use crate::document::blocks::{Block, Blocks, Kind};
use crate::document::needles::Needles;
use crate::document::window;
use crate::domain::plan::{Bound, Comparator, Finding, FindingKind, Plan, Query, Stated, Threshold};
use crate::domain::{Clean, Document};

/// Where the buckets of a histogram end if nobody chose them, in seconds.
const DEFAULT_END: f64 = 10.0;

/// Platforms that end every request and connection, and after how many seconds.
const PLATFORMS: [(&str, u64); 3] =
    [("cloud run", CLOUD_RUN), ("gcloud run", CLOUD_RUN), ("app engine", 3600)];

/// Cloud Run ends every request after an hour, whatever its time-out is set to.
const CLOUD_RUN: u64 = 3600;

/// Longer lines are no settings.
const LONGEST: usize = 400;

pub(super) fn find(blocks: &Blocks, plan: &Plan, found: &mut Vec<Finding>) {
    buckets(blocks, plan, found);
    cuts(blocks, plan, found);
}

/// Every limit of a threshold.
fn limits(threshold: &Threshold) -> impl Iterator<Item = &Bound> {
    let parts = [&threshold.target, &threshold.warning, &threshold.critical];
    parts.into_iter().flatten().filter_map(|stated: &Stated| stated.bound.as_ref())
}

fn buckets(blocks: &Blocks, plan: &Plan, found: &mut Vec<Finding>) {
    let quantile = |query: &&Query| query.query.contains("histogram_quantile") && query.error.is_none();
    let mut stated: Option<Vec<(u32, String, Vec<f64>)>> = None;
    for query in plan.panels.iter().filter(quantile) {
        let Some(line) = query.threshold else { continue };
        let Some((metric, seconds)) = histogram(&query.query) else { continue };
        let of_query = |threshold: &&Threshold| threshold.line == line;
        let Some(threshold) = plan.thresholds.iter().find(of_query) else { continue };
        let stated = stated.get_or_insert_with(|| stated_buckets(blocks));
        let own = stated.iter().find(|(_, text, _)| text.contains(metric)).or(match stated.as_slice() {
            [one] => Some(one),
            _ => None,
        });
        for limit in limits(threshold) {
            let Some(wanted) = in_seconds(limit).map(|wanted| wanted / seconds) else { continue };
            let shown = format!("{} {}", limit.value, limit.unit);
            let text = match own {
                Some((at, _, ends)) => {
                    let last = ends.iter().copied().fold(f64::MIN, f64::max);
                    let exact = ends.iter().any(|end| (end - wanted).abs() <= wanted.abs() * 1e-6);
                    if exact {
                        continue;
                    }
                    let why = if last < wanted {
                        format!("its buckets end at {last} (line {at}), so it can never be seen")
                    } else {
                        format!("it has no bucket there (line {at}), so the quantile is a guess")
                    };
                    format!("the limit {shown} on {metric} cannot be judged: {why}; add the bucket {wanted}")
                }
                None if wanted * seconds > DEFAULT_END => format!(
                    "the limit {shown} on {metric} can be judged only with a bucket at {wanted}; by default buckets end at 10 \
                     seconds: check those of the histogram"
                ),
                None => continue,
            };
            found.push(Finding { line, kind: FindingKind::Target, text: Clean::new(&text) });
            break;
        }
    }
}

/// The histogram that a quantile is of, and how many seconds its unit has.
fn histogram(query: &str) -> Option<(&str, f64)> {
    let end = query.find("_bucket")?;
    let before = query.get(..end)?;
    let from =
        before.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).map_or(0, |at| at + 1);
    let name = before.get(from..)?;
    let seconds = if name.ends_with("_seconds") {
        1.0
    } else if name.ends_with("_ms") || name.ends_with("milliseconds") {
        0.001
    } else {
        return None;
    };
    Some((name, seconds))
}

fn in_seconds(bound: &Bound) -> Option<f64> {
    let seconds = match bound.unit.as_str() {
        "ms" => 0.001,
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    (bound.baseline.is_none() && bound.value > 0.0).then_some(bound.value * seconds)
}

/// Lines that list buckets: `buckets=[0.1, 1, 5]`.
fn stated_buckets(blocks: &Blocks) -> Vec<(u32, String, Vec<f64>)> {
    let mut found = Vec::new();
    for (line, text) in lines(blocks) {
        let Some(at) = text.find("buckets").or_else(|| text.find("Buckets")) else { continue };
        let rest = text.get(at + "buckets".len()..).unwrap_or_default();
        let rest = rest.split_once(']').map_or(rest, |(inside, _)| inside);
        let ends: Vec<f64> = rest
            .split([',', '[', ' ', '=', ':', '{', '(', ')'])
            .filter_map(|word| word.parse().ok())
            .collect();
        if ends.len() > 1 {
            found.push((line, text.to_owned(), ends));
        }
    }
    found
}

/// The lines of a document that stand in fences, paragraphs and items, which are short enough to be settings.
fn lines(blocks: &Blocks) -> impl Iterator<Item = (u32, &str)> {
    let of_block = |block: &Block| match &block.kind {
        Kind::Fence { line, .. } => *line,
        Kind::Item { .. } | Kind::Paragraph(_) | Kind::Table { .. } | Kind::Html(_) => block.line,
    };
    blocks
        .list
        .iter()
        .flat_map(move |block| {
            let text = match &block.kind {
                Kind::Fence { code, .. } => code.as_str(),
                Kind::Paragraph(text) | Kind::Item { text, .. } => &text.plain,
                Kind::Table { .. } | Kind::Html(_) => "",
            };
            (of_block(block)..).zip(text.lines())
        })
        .filter(|(_, line)| line.len() <= LONGEST)
}

/// Connections that are to live longer than something lets them.
fn cuts(blocks: &Blocks, plan: &Plan, found: &mut Vec<Finding>) {
    let wanted = long_connections(blocks, plan);
    if wanted.is_empty() {
        return;
    }
    let Some((line, what, cut)) = cut(blocks) else { return };
    for (at, seconds) in wanted.into_iter().filter(|(_, seconds)| *seconds > cut) {
        let (hours, minutes) = (seconds as f64 / 3600.0, cut / 60);
        let text = format!(
            "a connection that lives {hours} hours cannot be: {what} (line {line}) ends it after {minutes} minutes; lower \
             the target, or count reconnections as one"
        );
        found.push(Finding { line: at, kind: FindingKind::Target, text: Clean::new(&text) });
    }
}

/// What `documents` of one rollout say together: one names the platform, and another how long connections are to live.
pub(super) fn compare(documents: &[Document]) -> Vec<(usize, Finding)> {
    let runs = |document: &Document| {
        let command = document.plan.commands.iter().find(|command| command.text.contains("gcloud run"))?;
        Some((document.path.clone(), command.line))
    };
    let Some((at, (path, line))) =
        documents.iter().enumerate().find_map(|(at, document)| Some((at, runs(document)?)))
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (other, document) in
        documents.iter().enumerate().filter(|(other, document)| *other != at && runs(document).is_none())
    {
        for (wanted, seconds) in
            stated_connections(&document.plan).into_iter().filter(|(_, seconds)| *seconds > CLOUD_RUN)
        {
            let said = |known: &Finding| known.line == wanted && known.text.starts_with("a connection");
            if document.plan.findings.iter().any(said) {
                continue;
            }
            let text = format!(
                "a connection that lives {} hours cannot be: Cloud Run ({path} line {line}) ends it after {} minutes; \
                 lower the target, or count reconnections as one",
                seconds as f64 / 3600.0,
                CLOUD_RUN / 60
            );
            found.push((other, Finding { line: wanted, kind: FindingKind::Target, text: Clean::new(&text) }));
        }
    }
    found
}

fn is_connection(text: &str) -> bool {
    static NAMES: LazyLock<Needles> = LazyLock::new(|| {
        Needles::of(&[
            "socket",
            "connection",
            "ws ",
            "verbindung",
            "connexion",
            "conexión",
            "conexão",
            "连接",
            "接続",
        ])
    });
    NAMES.are_in(text)
}

/// Limits that want a connection to live long: their lines, and how many seconds.
fn stated_connections(plan: &Plan) -> Vec<(u32, u64)> {
    let mut wanted: Vec<(u32, u64)> = Vec::new();
    for threshold in plan.thresholds.iter().filter(|threshold| threshold.target.is_some()) {
        if !is_connection(&threshold.name) && !is_connection(&threshold.description) {
            continue;
        }
        let longest = [&threshold.target].into_iter().flatten().filter_map(|stated| stated.bound.as_ref());
        let longest =
            longest.filter(|bound| matches!(bound.comparator, Comparator::Above | Comparator::AtLeast));
        let seconds = longest.filter_map(in_seconds).map(|seconds| seconds as u64).max();
        wanted.extend(seconds.map(|seconds| (threshold.line, seconds)));
    }
    wanted
}

/// Lines that want a connection to live long, and how many seconds.
fn long_connections(blocks: &Blocks, plan: &Plan) -> Vec<(u32, u64)> {
    let mut wanted = stated_connections(plan);
    // "Hold a 2-hour WebSocket.", "A WebSocket stays open for 2 hours."
    for (line, text) in lines(blocks) {
        wanted.extend(stays(text).map(|seconds| (line, seconds)));
        let Some(at) = text.find("-hour").or_else(|| text.find("-minute")) else { continue };
        if !is_connection(text) {
            continue;
        }
        let from = text.get(..at).and_then(|before| before.rfind(' ')).map_or(0, |at| at + 1);
        let words = text.get(from..).unwrap_or_default().replacen('-', " ", 1);
        wanted.extend(window::length(&words).map(|seconds| (line, seconds)));
    }
    wanted.sort_unstable();
    wanted.dedup_by_key(|(line, _)| *line);
    wanted
}

/// For how many seconds a connection stays open, as a sentence says it.
fn stays(text: &str) -> Option<u64> {
    const STAYS: [&str; 24] = [
        "stays open",
        "stay open",
        "kept open",
        "keep open",
        "remains open",
        "remain open",
        "stays connected",
        "stay connected",
        "stays up",
        "stay up",
        "stays alive",
        "stay alive",
        "survives",
        "survive ",
        "lasts",
        "lives for",
        "live for",
        "bleibt offen",
        "bleiben offen",
        "reste ouvert",
        "restent ouvert",
        "permanece",
        "保持",
        "維持",
    ];
    static WORDS: LazyLock<Needles> = LazyLock::new(|| Needles::of(&STAYS));
    let numeric = text.bytes().any(|byte| byte.is_ascii_digit());
    if !numeric || !WORDS.are_in(text) || !is_connection(text) {
        return None;
    }
    let lower = text.to_lowercase();
    let behind = STAYS.iter().find_map(|word| lower.split_once(word)).map(|(_, behind)| behind)?;
    window::length(behind)
}

/// What ends connections, by the time-out that is set, or else by the platform that is named.
fn cut(blocks: &Blocks) -> Option<(u32, String, u64)> {
    let mut platform = None;
    for (line, text) in lines(blocks) {
        let lower = text.to_lowercase();
        if let Some((name, rest)) = ["--timeout=", "--timeout "]
            .iter()
            .find_map(|option| lower.split_once(option).map(|(_, rest)| ("its --timeout", rest)))
            .filter(|_| lower.contains("gcloud") || platform.is_some())
        {
            let digits =
                rest.trim_start_matches('"').split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit()).chars().next();
            let factor = if unit == Some('m') { 60 } else { 1 };
            if let Ok(seconds) = digits.parse::<u64>() {
                return Some((line, name.to_owned(), seconds.saturating_mul(factor)));
            }
        }
        if let Some((name, seconds)) = PLATFORMS.iter().find(|(name, _)| lower.contains(name))
            && platform.is_none()
        {
            let name = if *name == "app engine" { "App Engine" } else { "Cloud Run" };
            platform = Some((line, name.to_owned(), *seconds));
        }
    }
    platform
}
