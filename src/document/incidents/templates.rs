//! Templates of messages: YAML maps with a title and a message; below a heading that says so, fences of text, and
//! paragraphs, quotes and bullets with a gap `{{name}}`.

use super::is_yaml;
use crate::document::blocks::{Block, Blocks, Kind, Text};
use crate::document::items::labelled;
use crate::document::panels::words_above;
use crate::document::yaml::{Node, read};
use crate::domain::Clean;
use crate::domain::plan::{Plan, Template};

/// Keys below which the text of a message stands.
const MESSAGE: [&str; 5] = ["message", "body", "text", "template", "content"];

/// Lines of one message that are kept.
const MAX_LINES: usize = 200;

pub(super) fn find(blocks: &Blocks, plan: &mut Plan) {
    let mut from = 0;
    for (place, block) in blocks.list.iter().enumerate() {
        match &block.kind {
            Kind::Fence { language, code, line } if is_yaml(language) => {
                if code.contains("message") || code.contains("body") || code.contains("{{") {
                    let announced = announced(blocks, block).is_some();
                    for node in read(code).unwrap_or_default() {
                        node.walk(&mut |name, at, node| {
                            plan.templates.extend(from_yaml(name, line + at, node));
                            let named = if name.is_empty() { announced } else { announces(name) };
                            plan.templates.extend(named_in_yaml(named, *line, node));
                        });
                    }
                }
            }
            Kind::Fence { language, code, line } => {
                let is_text =
                    matches!(language.as_str(), "" | "text" | "txt" | "markdown" | "md" | "plaintext");
                if let Some(name) = is_text.then(|| announced(blocks, block)).flatten() {
                    plan.templates.extend(from_text(name, *line, code));
                }
            }
            Kind::Paragraph(_) | Kind::Item { .. } if place >= from => {
                let (template, next) = written(blocks, place);
                plan.templates.extend(template);
                from = next;
            }
            Kind::Paragraph(_) | Kind::Item { .. } | Kind::Table { .. } | Kind::Html(_) => {}
        }
    }
}

/// What a template below the lines over `block` is called: as the label right above it, or the nearest heading, if one of
/// them or a heading further out announces one. `None`: nothing announces one.
pub(in crate::document) fn announced<'a>(blocks: &'a Blocks, block: &Block) -> Option<&'a Clean> {
    let near = words_above(blocks, block);
    let next = |at: &usize| blocks.heads.get(*at).and_then(|head| head.under);
    let mut heads =
        std::iter::successors(block.head, next).filter_map(|at| blocks.heads.get(at)).map(|head| &head.text);
    let announced = near.iter().any(|text| announces(text)) || heads.any(|text| announces(text));
    near.first().copied().filter(|_| announced)
}

/// Whether a label or heading says that a template follows.
fn announces(text: &str) -> bool {
    const WORDS: [&str; 12] = [
        "template",
        "messages",
        "vorlage",
        "modèle de message",
        "modèles de message",
        "plantilla",
        "modelo de mensaje",
        "modelo de mensagem",
        "modelos de mens",
        "模板",
        "テンプレート",
        "message text",
    ];
    let text = text.to_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

/// The template that the paragraphs from `place` on are, or the item there; and where the next may begin.
fn written(blocks: &Blocks, place: usize) -> (Option<Template>, usize) {
    let all = blocks.list.get(place..).unwrap_or_default();
    let Some(first) = all.first() else { return (None, place + 1) };
    if let Kind::Item { text, .. } = &first.kind {
        let name = gaps(&text.plain).next().and_then(|_| announced(blocks, first));
        return (name.map(|name| bullet(name, first.line, text)), place + 1);
    }
    let same = |other: &&Block| {
        matches!(&other.kind, Kind::Paragraph(text) if !text.introduces())
            && (other.head, other.label, other.inside) == (first.head, first.label, first.inside)
    };
    let own: Vec<&Block> = all.iter().take_while(same).collect();
    let has_gap = |block: &&Block| gaps(blocks.source(block)).next().is_some();
    let name = own.iter().any(has_gap).then(|| announced(blocks, first)).flatten();
    let template = name.map(|name| {
        let bare = |line: &str| line.trim_start_matches(['>', ' ']).to_owned();
        let lines = |block: &&Block| blocks.source(block).lines().map(bare).collect::<Vec<_>>().join("\n");
        let message = own.iter().map(lines).collect::<Vec<_>>().join("\n\n");
        template(name.trim_end_matches([':', '：']), first.line, "", &message)
    });
    (template, place + own.len().max(1))
}

/// `- Start: "We begin with {{service}}"`.
fn bullet(name: &Clean, line: u32, text: &Text) -> Template {
    let own = labelled(&text.plain).filter(|(name, _)| !name.contains("{{"));
    let (name, message) = own.unwrap_or((name, &text.plain));
    template(name, line, "", message.trim_matches(['"', '“', '”', '„']))
}

fn from_yaml(name: &str, line: u32, node: &Node) -> Option<Template> {
    // The annotations of an alert rule are templates of Prometheus, which fills them.
    if name == "annotations" {
        return None;
    }
    let title = node.get(&["title", "subject", "headline", "summary"]).and_then(Node::text);
    let message = node.get(&MESSAGE).and_then(Node::text)?;
    if title.is_none() && !message.contains("{{") {
        return None;
    }
    let name = if name.is_empty() { node.get(&["name", "id"]).and_then(Node::text).or(title)? } else { name };
    Some(template(name, line, title.unwrap_or_default(), message))
}

/// Messages by their names below a key of templates, or in a block of them: `templates: { start: "We begin {{service}}" }`.
fn named_in_yaml(is_of_templates: bool, line: u32, node: &Node) -> Vec<Template> {
    // What has a message of its own is one template with parts.
    if !is_of_templates || node.get(&MESSAGE).is_some() {
        return Vec::new();
    }
    let texts = node.entries().iter().filter_map(|(name, at, node)| Some((name, at, node.text()?)));
    let messages = texts.filter(|(_, _, text)| gaps(text).next().is_some());
    messages.map(|(name, at, text)| template(name, line + at, "", text)).collect()
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
    for name in gaps(title).chain(gaps(message)) {
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
fn gaps(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| {
        let name = rest.split_once("}}")?.0.trim();
        let plain = !name.is_empty()
            && name.len() <= 64
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '$'));
        plain.then_some(name)
    })
}
