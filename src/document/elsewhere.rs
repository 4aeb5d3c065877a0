//! Limits of another environment than production: what stands below a label or heading `Staging:` judges nothing here.

use rustc_hash::FxHashSet;

use super::beginning;
use super::blocks::{Block, Blocks, Kind};
use super::outline::Outline;
use super::topic::normal;
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind, Plan};

/// Other environments, as [`normal`] has them.
const OTHERS: [&str; 22] = [
    "staging",
    "stage environment",
    "dev",
    "uat",
    "preprod",
    "pre prod",
    "preproduction",
    "pre production",
    "sandbox",
    "testumgebung",
    "entwicklungsumgebung",
    "vorproduktion",
    "recette",
    "preproduccion",
    "homologacao",
    "测试环境",
    "预发布环境",
    "预生产环境",
    "开发环境",
    "ステージング",
    "検証環境",
    "開発環境",
];

/// Words that are one beside a word for environment, and something to do or somebody alone.
const BESIDE: [&str; 14] = [
    "test",
    "testing",
    "qa",
    "development",
    "integration",
    "demo",
    "local",
    "lab",
    "ci",
    "pruebas",
    "desarrollo",
    "desenvolvimento",
    "testes",
    "developpement",
];

/// Words for environment.
const ENVIRONMENT: [&str; 8] =
    ["environment", "environments", "env", "umgebung", "environnement", "entorno", "ambiente", "cluster"];

/// What may stand beside its name where a line says nothing else.
const FILLS: [&str; 30] = [
    "only",
    "in",
    "on",
    "for",
    "the",
    "limits",
    "limit",
    "thresholds",
    "threshold",
    "metrics",
    "slos",
    "slo",
    "targets",
    "alerts",
    "values",
    "config",
    "configuration",
    "settings",
    "nur",
    "fur",
    "en",
    "dans",
    "no",
    "em",
    "grenzwerte",
    "seuils",
    "umbrales",
    "limites",
    "de",
    "der",
];

/// The environment, other than production, that `line` names, if it says nothing else: `Staging`, `In the test environment:`.
pub(super) fn named(line: &str) -> Option<String> {
    let folded = normal(beginning(line, 80));
    let of = |word: &str| {
        OTHERS.contains(&word) || word.contains('境') && OTHERS.iter().any(|it| word.starts_with(it))
    };
    let found =
        OTHERS.iter().find(|name| folded == **name || has_words(&folded, name)).map(|it| (*it).to_owned());
    let beside = || {
        let is_named = folded.split(' ').any(|word| ENVIRONMENT.contains(&word));
        BESIDE.iter().find(|name| is_named && has_words(&folded, name)).map(|it| (*it).to_owned())
    };
    let found = found.or_else(beside)?;
    let rest = folded.replacen(&found, "", 1);
    let says_more = rest.split(' ').any(|word| {
        !(word.is_empty()
            || of(word)
            || ENVIRONMENT.contains(&word)
            || FILLS.contains(&word)
            || word.bytes().all(|byte| byte.is_ascii_digit()))
    });
    (!says_more).then_some(found)
}

/// Whether `note` speaks of another environment than production, and not of production.
pub(super) fn is_said(note: &str) -> bool {
    let folded = normal(note);
    OTHERS.iter().chain(&["qa", "test", "development"]).any(|name| has_words(&folded, name)) && !is_live(note)
}

/// Whether `line` names production.
fn is_live(line: &str) -> bool {
    const LIVE: [&str; 8] =
        ["prod", "production", "produktion", "produccion", "producao", "live", "生产", "本番"];
    let folded = normal(beginning(line, 80));
    LIVE.iter().any(|name| has_words(&folded, name))
}

fn has_words(text: &str, words: &str) -> bool {
    let ideographic = !words.is_ascii();
    text.match_indices(words).any(|(at, _)| {
        let end = at + words.len();
        let before = text.get(..at).is_none_or(|it| it.is_empty() || it.ends_with(' '));
        let behind = text.get(end..).is_none_or(|it| it.is_empty() || it.starts_with(' '));
        ideographic || (before && behind)
    })
}

/// Takes the limits of other environments out of `plan`, and says so.
pub(super) fn take_out(outline: &Outline<'_>, plan: &mut Plan) {
    let blocks = outline.blocks;
    let mut told = FxHashSet::default();
    let mut findings = Vec::new();
    // Most stand below the same lines as the one before.
    let mut last = None;
    for threshold in &mut plan.thresholds {
        let at = blocks.list.partition_point(|block| block.line <= threshold.line).checked_sub(1);
        let Some(block) = at.and_then(|at| blocks.list.get(at)) else { continue };
        let key = (block.head, block.label, block.inside);
        let known = last.take_if(|(known, _)| *known == key);
        let (_, known) = &*last.insert(known.unwrap_or_else(|| (key, above(blocks, block))));
        let Some((line, said, name)) = known else { continue };
        let stated = [&mut threshold.target, &mut threshold.warning, &mut threshold.critical];
        for stated in stated.into_iter().flatten() {
            stated.bound = None;
        }
        if told.insert(*line) {
            let said: String = said.chars().take(60).collect();
            let text = format!(
                "limits stand below “{}”, which names the environment {name}: none of them judges here; a room of that environment has them in its config",
                said.trim_end_matches([':', '：', ' '])
            );
            findings.push(Finding { line: *line, kind: FindingKind::Threshold, text: Clean::new(&text) });
        }
    }
    plan.findings.extend(findings);
}

/// The nearest line above `block` that names nothing but an environment: with its words, and what it names; none, where one
/// names production before. The document's title says which room it is for.
fn above<'b>(blocks: &'b Blocks, block: &Block) -> Option<(u32, &'b str, String)> {
    let text = |at: usize| match blocks.list.get(at).map(|block| (block.line, &block.kind)) {
        Some((line, Kind::Paragraph(text) | Kind::Item { text, .. })) => Some((line, &*text.plain)),
        _ => None,
    };
    let labels = [block.label, block.inside].into_iter().flatten().filter_map(text);
    let next = |at: &usize| blocks.heads.get(*at).and_then(|head| head.under);
    let heads = std::iter::successors(block.head, next)
        .filter(|at| *at > 0 || blocks.heads.first().is_none_or(|it| it.level != 1));
    let heads = heads.filter_map(|at| blocks.heads.get(at)).map(|head| (head.line, &*head.text));
    let lines = labels.chain(heads).map(|(line, said)| (line, said, named(said)));
    let (line, said, name) = lines.into_iter().find(|(_, said, name)| name.is_some() || is_live(said))?;
    Some((line, said, name?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_an_environment_where_it_says_nothing_else() {
        for (line, wanted) in [
            ("Staging:", Some("staging")),
            ("**Staging only**", Some("staging")),
            ("In the test environment:", Some("test")),
            ("Thresholds for staging", Some("staging")),
            ("Pre-Prod", Some("pre prod")),
            ("Préproduction :", Some("preproduction")),
            ("Testumgebung", Some("testumgebung")),
            ("测试环境：", Some("测试环境")),
            ("ステージング", Some("ステージング")),
            ("Testing", None),
            ("QA", None),
            ("Staging and production", None),
            ("Deploy to staging", None),
            ("Production", None),
        ] {
            assert_eq!(named(line).as_deref(), wanted, "{line}");
        }
        assert!(is_said("staging only") && is_said("gilt in Staging") && !is_said("staging and production"));
    }

    #[test]
    fn what_stands_below_another_environment_judges_nothing_and_is_told_once() {
        let table = |name: &str| {
            format!("| Metric | Critical |\n|---|---|\n| {name} | > 100 |\n| {name} 2 | > 9 |\n\n")
        };
        let text = format!(
            "# R\n\n## Limits\n\nStaging:\n\n{}Production:\n\n{}## Staging\n\n```yaml\nlag:\n  critical_threshold: \"> 10\"\n```\n\n### Rate\n\
             ```promql\nrate(x[5m])\n```\n**Alert:** > 5\n\n## Production\n\n```yaml\nhits:\n  critical_threshold: \"> 10\"\n```\n\n\
             ## Sandbox\n\n**Production:**\n\n{}",
            table("queue"),
            table("cart"),
            table("depot")
        );
        let plan = crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan;
        let judges =
            |it: &&crate::domain::plan::Threshold| it.critical.as_ref().is_some_and(|it| it.bound.is_some());
        let live: Vec<&str> = plan.thresholds.iter().filter(judges).map(|it| &*it.name).collect();
        assert_eq!(live, ["cart", "cart 2", "hits", "depot", "depot 2"]);
        let told = plan.findings.iter().filter(|it| it.text.contains("names the environment staging"));
        assert_eq!(told.map(|it| it.line).collect::<Vec<_>>(), [5, 19]);
    }
}
