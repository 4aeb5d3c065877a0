//! Severities: headings `Severity 1 …` with criteria and clocks below them, and tables with a column of response times.

use crate::document::blocks::{Blocks, Kind, Text};
use crate::document::bound::seconds;
use crate::document::labels::labelled;
use crate::document::thresholds::rank;
use crate::domain::Clean;
use crate::domain::plan::{Plan, Severity};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Response,
    Escalation,
    Action,
    Criteria,
    Other,
}

/// Labels, in lower case.
const LABELS: [(&str, Part); 50] = [
    ("response time", Part::Response),
    ("response", Part::Response),
    ("response sla", Part::Response),
    ("respond within", Part::Response),
    ("initial response", Part::Response),
    ("time to respond", Part::Response),
    ("reaktionszeit", Part::Response),
    ("temps de réponse", Part::Response),
    ("délai de réponse", Part::Response),
    ("tiempo de respuesta", Part::Response),
    ("tempo de resposta", Part::Response),
    ("响应时间", Part::Response),
    ("応答時間", Part::Response),
    ("対応時間", Part::Response),
    ("escalation", Part::Escalation),
    ("escalate to", Part::Escalation),
    ("escalate", Part::Escalation),
    ("escalation path", Part::Escalation),
    ("notify", Part::Escalation),
    ("notification", Part::Escalation),
    ("eskalation", Part::Escalation),
    ("escalade", Part::Escalation),
    ("escalada", Part::Escalation),
    ("escalamiento", Part::Escalation),
    ("escalonamento", Part::Escalation),
    ("升级", Part::Escalation),
    ("エスカレーション", Part::Escalation),
    ("action", Part::Action),
    ("actions", Part::Action),
    ("maßnahme", Part::Action),
    ("maßnahmen", Part::Action),
    ("mesure", Part::Action),
    ("acción", Part::Action),
    ("ação", Part::Action),
    ("处理", Part::Action),
    ("措施", Part::Action),
    ("対応", Part::Action),
    ("examples", Part::Other),
    ("example", Part::Other),
    ("criteria", Part::Criteria),
    ("criterion", Part::Criteria),
    ("definition", Part::Criteria),
    ("description", Part::Criteria),
    ("kriterien", Part::Criteria),
    ("critères", Part::Criteria),
    ("criterios", Part::Criteria),
    ("critérios", Part::Criteria),
    ("communication", Part::Other),
    ("resolution time", Part::Other),
    ("resolution", Part::Other),
];

pub(super) fn find(blocks: &Blocks, plan: &mut Plan) {
    let mut found: Vec<(usize, Severity)> = Vec::new();
    for (place, head) in blocks.heads.iter().enumerate() {
        if is_severity(&head.text) && !head.aside && !head.struck {
            found.push((place, empty(head.line, &head.text)));
        }
    }
    let at: std::collections::HashMap<usize, usize> =
        found.iter().enumerate().map(|(at, (head, _))| (*head, at)).collect();
    for block in &blocks.list {
        let severity = block.head.and_then(|head| at.get(&head)).and_then(|at| found.get_mut(*at));
        let Some((_, severity)) = severity else { continue };
        match &block.kind {
            Kind::Paragraph(text) => take_labels(severity, &text.plain),
            Kind::Item { text, depth: 0, .. } if labelled(&text.plain, &LABELS).is_empty() => {
                if !takes_sentence(severity, &text.plain) {
                    severity.criteria.push(text.plain.clone());
                }
            }
            Kind::Item { text, .. } => take_labels(severity, &text.plain),
            Kind::Fence { .. } | Kind::Table { .. } | Kind::Html(_) => {}
        }
    }
    plan.severities.extend(found.into_iter().map(|(_, severity)| severity).filter(says_something));
    for block in &blocks.list {
        if let Kind::Table { header, rows } = &block.kind {
            table(header, rows, plan);
        }
    }
    plan.severities.sort_by_key(|severity| severity.line);
}

/// Whether a heading begins with the word for a severity and its number.
fn is_severity(heading: &str) -> bool {
    let start = heading.trim_start_matches(|c: char| !c.is_alphabetic());
    let words: String = start
        .split(|c: char| c.is_whitespace() || matches!(c, ':' | '(' | '—' | '–'))
        .take(2)
        .collect::<Vec<_>>()
        .join(" ");
    let first = words.to_lowercase();
    !first.starts_with("priority") && rank(&words).is_some()
}

fn empty(line: u32, name: &str) -> Severity {
    let response = name.to_lowercase().contains("respon");
    Severity {
        line,
        name: Clean::new(name.trim()),
        response_seconds: seconds(name).filter(|_| response),
        escalation: Clean::default(),
        action: Clean::default(),
        criteria: Vec::new(),
    }
}

fn says_something(severity: &Severity) -> bool {
    severity.response_seconds.is_some()
        || !severity.escalation.is_empty()
        || !severity.action.is_empty()
        || !severity.criteria.is_empty()
}

fn take_labels(severity: &mut Severity, text: &str) {
    for (part, said) in labelled(text, &LABELS) {
        let said = said.trim_end_matches('.');
        match part {
            // What stands under the heading outweighs the heading.
            Part::Response => severity.response_seconds = seconds(said).or(severity.response_seconds),
            Part::Escalation => fill(&mut severity.escalation, said),
            Part::Action => fill(&mut severity.action, said),
            Part::Criteria if !said.is_empty() => severity.criteria.push(Clean::new(said)),
            Part::Criteria | Part::Other => {}
        }
    }
}

/// Takes what a sentence says of clocks: `Escalate after 15 minutes to the CTO`, `Respond within 30 minutes`.
fn takes_sentence(severity: &mut Severity, text: &str) -> bool {
    const SENTENCES: [(&str, Part); 8] = [
        ("escalate ", Part::Escalation),
        ("eskalieren ", Part::Escalation),
        ("respond within ", Part::Response),
        ("respond in ", Part::Response),
        ("response within ", Part::Response),
        ("response in ", Part::Response),
        ("acknowledge within ", Part::Response),
        ("reaktion innerhalb ", Part::Response),
    ];
    let begins = |begin: &str| text.get(..begin.len()).is_some_and(|start| start.to_lowercase() == begin);
    let Some((begin, part)) = SENTENCES.iter().find(|(begin, _)| begins(begin)) else { return false };
    let said = text.get(begin.len()..).unwrap_or_default();
    match (part, seconds(said)) {
        (Part::Response, Some(seconds)) => severity.response_seconds = Some(seconds),
        (Part::Response, None) => return false,
        _ => fill(&mut severity.escalation, said),
    }
    true
}

fn fill(slot: &mut Clean, said: &str) {
    if slot.is_empty() {
        *slot = Clean::new(said);
    }
}

/// Columns of severities and of response times, by parts of their names in lower case.
const NAMES: [&str; 18] = [
    "stufe",
    "severidade",
    "severity",
    "sev",
    "priority",
    "level",
    "schwere",
    "sévérité",
    "gravité",
    "niveau",
    "severidad",
    "gravedad",
    "nivel",
    "nível",
    "gravidade",
    "级别",
    "重大度",
    "优先级",
];
const RESPONSES: [&str; 9] =
    ["response", "respond", "reaktion", "réponse", "respuesta", "resposta", "响应", "対応時間", "応答"];

/// A table with a column of severities and one of response times.
fn table(header: &[Text], rows: &[(u32, Vec<Text>)], plan: &mut Plan) {
    let titles: Vec<String> = header.iter().map(|cell| cell.plain.to_lowercase()).collect();
    let column =
        |words: &[&str]| titles.iter().position(|title| words.iter().any(|word| title.contains(word)));
    let (name, response) = (column(&NAMES), column(&RESPONSES));
    let (Some(name), Some(response)) = (name, response.filter(|at| Some(*at) != name)) else { return };
    let escalation = column(&[
        "escalat",
        "notif",
        "who",
        "wer",
        "contact",
        "eskalation",
        "escalad",
        "escalam",
        "escalon",
        "notificar",
        "升级",
        "エスカレーション",
    ]);
    let action = column(&["action", "maßnahme", "acción", "ação", "措施"]);
    let criteria = column(&[
        "description",
        "definition",
        "criteria",
        "impact",
        "example",
        "beschreibung",
        "wann",
        "cuándo",
        "quando",
        "descripción",
        "描述",
        "定義",
    ]);
    for (line, cells) in rows {
        let text = |at: Option<usize>| {
            at.and_then(|at| cells.get(at)).map(|cell| cell.plain.clone()).unwrap_or_default()
        };
        let response_seconds = seconds(&text(Some(response)));
        if text(Some(name)).is_empty() || (response_seconds.is_none() && text(Some(response)).is_empty()) {
            continue;
        }
        plan.severities.push(Severity {
            line: *line,
            name: text(Some(name)),
            response_seconds,
            escalation: text(escalation),
            action: text(action),
            criteria: Some(text(criteria)).filter(|text| !text.is_empty()).into_iter().collect(),
        });
    }
}
