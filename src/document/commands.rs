//! Commands: in fences with a shell's language (or text that can be nothing else), and in inline code of items. Each is
//! cut as a shell would cut it, and said to be a gate, a mutation and so on. Nothing is run.

mod attach;
mod classify;
mod cloud;
mod dangers;
mod data;
mod expected;
mod fences;
mod form;
mod http;
mod inline;
#[cfg(test)]
mod kinds_tests;
mod programs;
mod scripts;
mod table;
mod targets;
#[cfg(test)]
mod tests;
mod unset;
mod wrappers;

use std::collections::HashMap;
use std::ops::Range;

use rustc_hash::FxBuildHasher;
use sha2::{Digest, Sha256};

use self::classify::Class;
use self::fences::Found;
pub(super) use self::fences::{Tongue, tongue};
use super::blocks::{Block, Blocks, Kind, Text};
use super::items::Items;
use super::{hex, tidy};
use crate::domain::plan::{Command, CommandKind, Expected, Proof};
use crate::domain::{Clean, Item, Meaning};

/// No more commands are kept of one document, and no longer ones.
const MAX_COMMANDS: usize = 5000;
const MAX_COMMAND: usize = 32 * 1024;

/// The commands of the document called `name`, whose items stand at the places of `items`.
pub(super) fn find(name: &str, body: &str, blocks: &Blocks, items: &Items) -> Vec<Command> {
    let mut pass = Pass {
        name,
        body,
        blocks,
        items,
        found: Vec::new(),
        group: None,
        announced: None,
        fences: 0,
        seen: HashMap::default(),
    };
    for (place, block) in blocks.list.iter().enumerate() {
        pass.take(place, block);
    }
    pass.found
}

struct Pass<'a> {
    name: &'a str,
    body: &'a str,
    blocks: &'a Blocks,
    items: &'a Items,
    found: Vec<Command>,
    group: Option<Group>,
    /// The label that announces what the group's commands should show.
    announced: Option<usize>,
    fences: u32,
    seen: HashMap<[u8; 32], u32, FxBuildHasher>,
}

/// The newest commands that stand together: of one fence, or of one item's text.
#[derive(Clone)]
struct Group {
    commands: Range<usize>,
    head: Option<usize>,
    /// The item that holds them.
    owner: Option<usize>,
    inside: Option<usize>,
    /// How much was expected of them so far.
    told: usize,
}

impl Pass<'_> {
    fn take(&mut self, place: usize, block: &Block) {
        // What is set aside is not run. A fence keeps its number.
        if self.blocks.is_struck(block) {
            self.fences += u32::from(matches!(block.kind, Kind::Fence { .. }));
            return;
        }
        let from = self.found.len();
        self.look(place, block);
        if self.blocks.is_below_aside(block) {
            for command in self.found.iter_mut().skip(from) {
                command.kind = CommandKind::Sample;
                command.why = Clean::new("a heading above sets it aside: an example, or no longer in use");
            }
        }
    }

    fn look(&mut self, place: usize, block: &Block) {
        match &block.kind {
            Kind::Fence { language, code, line } => {
                let number = self.fences;
                self.fences += 1;
                let same = self.group.as_ref().is_some_and(|group| group.head == block.head);
                if same && self.announced.is_some_and(|label| label + 1 == place) {
                    self.expect_lines(code);
                    // That is the output; a list further down is something else.
                    self.announced = None;
                    return;
                }
                match tongue(language, code) {
                    Tongue::Shell => self.fence(place, block, number, code, *line),
                    Tongue::Foreign => self.sample(place, block, number, code, *line),
                    Tongue::Other => {}
                }
            }
            Kind::Paragraph(text) => {
                self.text(place, block, text);
            }
            Kind::Item { text, .. } => {
                let belongs = self
                    .announced
                    .is_some_and(|label| block.label == Some(label) || block.inside == Some(label));
                if belongs {
                    self.expect(&text.plain, &text.code);
                } else if !self.text(place, block, text) {
                    self.inline(place, block, text);
                }
            }
            Kind::Table { header, rows } => self.table(place, block, header, rows),
            Kind::Html(_) => {}
        }
    }

    /// Whether the text announces what is expected of the newest commands.
    fn text(&mut self, place: usize, block: &Block, text: &Text) -> bool {
        let near = self.group.as_ref().is_some_and(|group| {
            let same = block.inside == group.inside || (group.owner.is_some() && block.inside == group.owner);
            group.head == block.head && same
        });
        let Some(rest) = near.then(|| expected::announced(&text.plain)).flatten() else { return false };
        self.announced = Some(place).filter(|_| rest.is_empty() || text.introduces());
        if !rest.is_empty() {
            // A paragraph keeps its lines only in the file.
            let raw = self.body.get(block.at.clone()).unwrap_or_default();
            if matches!(block.kind, Kind::Paragraph(_)) && raw.trim().contains('\n') {
                let lines: Vec<String> = raw.lines().map(|line| line.replace("**", "")).collect();
                for line in &lines {
                    let rest = expected::announced(line).unwrap_or(line);
                    self.expect(rest, &[]);
                }
            } else {
                self.expect(&text.plain, &text.code);
            }
        }
        true
    }

    /// The item that a block belongs to: the one that holds it, or the step right above a fence that is not indented.
    fn owner(&self, place: usize, block: &Block) -> Option<usize> {
        block.inside.or_else(|| {
            let before = place.checked_sub(1)?;
            let above = self.blocks.list.get(before)?;
            let item = if matches!(above.kind, Kind::Item { .. }) { before } else { above.inside? };
            let Block { kind: Kind::Item { ticked, number, text, .. }, head, .. } =
                self.blocks.list.get(item)?
            else {
                return None;
            };
            let step = ticked.is_some() || number.is_some() || text.introduces();
            // What people say, or is watched, is measured by what stands in it: this only follows it.
            let told = self.signed(item).is_some_and(|item| {
                matches!(item.meaning, Meaning::Trigger | Meaning::Criterion | Meaning::SignOff { .. })
            });
            (*head == block.head && step && !told).then_some(item)
        })
    }

    /// The nearest item, going outward, that a person can sign off.
    fn signed(&self, owner: usize) -> Option<&Item> {
        let outer = |place: &usize| self.blocks.list.get(*place).and_then(|block| block.inside);
        std::iter::successors(Some(owner), outer).find_map(|place| self.items.of_block(place))
    }

    fn fence(&mut self, place: usize, block: &Block, number: u32, code: &str, line: u32) {
        let owner = self.owner(place, block);
        let code = code.replace("\r\n", "\n");
        let from = self.found.len();
        for found in fences::commands(&code) {
            let class = filled_in(class(&found), &found.text, before(&code, &found));
            self.push_as(block, owner, Some(number), line.saturating_add(found.line), &found, &class);
        }
        self.group_of(from, block, owner);
        self.by_owner(owner);
    }

    fn group_of(&mut self, from: usize, block: &Block, owner: Option<usize>) {
        if self.found.len() > from {
            let commands = from..self.found.len();
            self.group = Some(Group { commands, head: block.head, owner, inside: block.inside, told: 0 });
            self.announced = None;
        }
    }

    /// What the item that holds the newest commands says of them in passing: `(< 30 seconds)`.
    fn by_owner(&mut self, owner: Option<usize>) {
        let text = owner.and_then(|owner| self.blocks.list.get(owner)).and_then(|block| match &block.kind {
            Kind::Item { text, .. } => Some(text.plain.clone()),
            _ => None,
        });
        let Some((text, group)) = text.zip(self.group.clone()) else { return };
        let http = self.is_http(&group.commands);
        let said = match expected::behind(&text) {
            Some(label) => expected::said(label, &[], http),
            None => expected::aside(&text, http),
        };
        self.attach(said);
    }

    fn is_http(&self, commands: &Range<usize>) -> bool {
        let asks = |command: &Command| {
            ["curl", "wget", "http ", "httpie", "xh "].iter().any(|name| command.text.contains(name))
        };
        self.found.get(commands.clone()).is_some_and(|found| found.iter().any(asks))
    }

    fn sample(&mut self, place: usize, block: &Block, number: u32, code: &str, line: u32) {
        let found = Found {
            line: 0,
            text: code.trim_end().to_owned(),
            unclosed: false,
            comments: Vec::new(),
            expected: Vec::new(),
            transcript: false,
        };
        let class = Class {
            kind: CommandKind::Sample,
            proof: Proof::Output,
            why: "it is for another shell".to_owned(),
        };
        let owner = self.owner(place, block);
        if !found.text.trim().is_empty() {
            self.push_as(block, owner, Some(number), line, &found, &class);
        }
    }

    fn push(&mut self, block: &Block, owner: Option<usize>, fence: Option<u32>, line: u32, found: &Found) {
        let class = filled_in(class(found), &found.text, &found.text);
        self.push_as(block, owner, fence, line, found, &class);
    }

    fn push_as(
        &mut self,
        block: &Block,
        owner: Option<usize>,
        fence: Option<u32>,
        line: u32,
        found: &Found,
        class: &Class,
    ) {
        if self.found.len() >= MAX_COMMANDS {
            return;
        }
        let section = self.blocks.path(block.head);
        let id = self.identity(&section, &found.text);
        let place = self.found.len();
        self.found.push(Command {
            id,
            line,
            text: found.text.clone(),
            section,
            item: owner.and_then(|owner| self.signed(owner)).map(|item| item.id.clone()),
            fence,
            kind: class.kind,
            why: Clean::new(&class.why),
            proof: class.proof,
            comment: tidy(&found.comments.join(" ")),
            expected: Vec::new(),
        });
        let http = self.is_http(&(place..place + 1));
        let mut expected: Vec<Expected> =
            found.comments.iter().flat_map(|comment| expected::aside(comment, http)).collect();
        expected.extend(found.expected.iter().flat_map(|comment| expected::said(comment, &[], http)));
        if let Some(command) = self.found.get_mut(place) {
            attach::add(command, expected);
        }
    }

    /// As an item's: a hash of file, headings, text, and how often these stood before.
    fn identity(&mut self, path: &[Clean], text: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(b"command\x1d");
        hash.update(self.name);
        for heading in path {
            hash.update(b"\x1f");
            hash.update(heading.as_bytes());
        }
        hash.update(b"\x1e");
        hash.update(text);
        let alike: [u8; 32] = hash.finalize().into();
        let ordinal = self.seen.entry(alike).or_default();
        let whole = Sha256::new().chain_update(alike).chain_update(ordinal.to_be_bytes()).finalize();
        *ordinal += 1;
        hex(whole.get(..6).unwrap_or_default())
    }
}

/// The lines of a fence, `code`, up to the end of the command that was `found` in it.
fn before<'c>(code: &'c str, found: &Found) -> &'c str {
    let lines = usize::try_from(found.line).unwrap_or(usize::MAX).saturating_add(found.text.lines().count());
    let end = code.match_indices('\n').nth(lines.saturating_sub(1)).map_or(code.len(), |(at, _)| at);
    code.get(..end).unwrap_or(code)
}

/// As `class`, unless `text` uses a variable in braces that its fence, `code`, sets nowhere.
fn filled_in(class: Class, text: &str, code: &str) -> Class {
    let runs = matches!(class.kind, CommandKind::Gate | CommandKind::Mutation | CommandKind::LongRunning);
    match unset::first(text, code).filter(|_| runs) {
        Some(name) => Class::refused(format!(
            "${{{name}}} is set nowhere in its fence: write the value, or set it there"
        )),
        None => class,
    }
}

/// What a command of a fence or of inline code is.
fn class(found: &Found) -> Class {
    let text = found.text.as_str();
    if found.transcript {
        return Class {
            kind: CommandKind::Transcript,
            proof: Proof::Output,
            why: "it stands at a prompt, with the output of an earlier run".to_owned(),
        };
    }
    if text.len() > MAX_COMMAND {
        return Class::refused("it is too long to be looked at");
    }
    if let Some(what) = form::placeholder(text) {
        return Class::refused(format!("{what} is a placeholder: fill it in"));
    }
    let known = |name: &str| programs::is_known(name.rsplit('/').next().unwrap_or(name));
    if let Some(why) = form::not_a_command(text, known) {
        return Class::refused(why);
    }
    if found.unclosed {
        return Class::refused("a quote, group or here-document in it is not closed");
    }
    classify::statement(text, 0)
}
