//! Templates of messages: YAML maps with a title and a message, and text fences below a heading that says so.

use super::{is_yaml, words_above};
use crate::document::blocks::{Blocks, Kind};
use crate::document::yaml::{Node, read};
use crate::domain::Clean;
use crate::domain::plan::{Plan, Template};

/// Lines of one message that are kept.
const MAX_LINES: usize = 200;

pub(super) fn find(blocks: &Blocks, plan: &mut Plan) {
    for block in &blocks.list {
        let Kind::Fence { language, code, line } = &block.kind else { continue };
        if is_yaml(language) {
            if code.contains("message") || code.contains("body") || code.contains("template") {
                for node in read(code).unwrap_or_default() {
                    node.walk(&mut |name, at, node| plan.templates.extend(from_yaml(name, line + at, node)));
                }
            }
        } else if matches!(language.as_str(), "" | "text" | "txt" | "markdown" | "md" | "plaintext") {
            let above = words_above(blocks, block);
            if let Some(name) = above.iter().find(|text| announces(text)) {
                plan.templates.extend(from_text(name, *line, code));
            }
        }
    }
}

/// Whether a label or heading says that a template follows.
fn announces(text: &str) -> bool {
    const WORDS: [&str; 9] = [
        "template",
        "vorlage",
        "modèle de message",
        "plantilla",
        "modelo de mensaje",
        "modelo de mensagem",
        "模板",
        "テンプレート",
        "message text",
    ];
    let text = text.to_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

fn from_yaml(name: &str, line: u32, node: &Node) -> Option<Template> {
    // The annotations of an alert rule are templates of Prometheus, which fills them.
    if name == "annotations" {
        return None;
    }
    let title = node.get(&["title", "subject", "headline", "summary"]).and_then(Node::text);
    let message = node.get(&["message", "body", "text", "template", "content"]).and_then(Node::text)?;
    if title.is_none() && !message.contains("{{") {
        return None;
    }
    let name = if name.is_empty() { node.get(&["name", "id"]).and_then(Node::text).or(title)? } else { name };
    Some(template(name, line, title.unwrap_or_default(), message))
}

fn from_text(name: &str, line: u32, code: &str) -> Option<Template> {
    let code = code.trim_end();
    // A fence with a real message has a place to fill in.
    if !(code.contains("{{") || code.contains('[') || code.contains('<')) {
        return None;
    }
    let first = code.lines().next()?.trim();
    let subject = ["subject:", "betreff:", "objet:", "asunto:", "assunto:", "title:", "件名:", "主题:"];
    let title = subject.iter().find_map(|label| {
        let (head, rest) = (first.get(..label.len())?, first.get(label.len()..)?);
        (head.to_lowercase() == *label).then_some(rest.trim())
    });
    let body = match title {
        Some(_) => code.split_once('\n').map_or("", |(_, body)| body).trim_start_matches(['\n', '\r']),
        None => code,
    };
    Some(template(name.trim_end_matches([':', '：']), line, title.unwrap_or_default(), body))
}

fn template(name: &str, line: u32, title: &str, message: &str) -> Template {
    let mut names: Vec<Clean> = Vec::new();
    for name in placeholders(title).chain(placeholders(message)) {
        let name = Clean::new(name);
        if names.len() < MAX_LINES && !names.contains(&name) {
            names.push(name);
        }
    }
    Template {
        line,
        name: Clean::new(name),
        title: Clean::new(title),
        message: message.lines().take(MAX_LINES).map(|line| Clean::new(line.trim_end())).collect(),
        names,
    }
}

/// Names in double braces.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| {
        let name = rest.split_once("}}")?.0.trim();
        let plain = !name.is_empty()
            && name.len() <= 64
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '$'));
        plain.then_some(name)
    })
}
