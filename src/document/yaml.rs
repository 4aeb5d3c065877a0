//! YAML blocks as a tree with lines: bounded, and without following aliases, so that no block can grow by being read.

use serde_saphyr::granit_parser::{Event, Parser};

/// A longer block is not read.
const MAX_BYTES: usize = 256 * 1024;

/// Deeper nesting is not read.
const MAX_DEPTH: usize = 64;

/// More nodes are not read.
const MAX_NODES: usize = 20_000;

/// A node, with the line of the block it begins on, from 0.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) kind: Kind,
}

/// What a [`Node`] is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Text, a number, a truth value, as written. Of a long text, its lines.
    Scalar(String),
    List(Vec<Node>),
    /// Keys with the lines they stand on, in file order.
    Map(Vec<(String, u32, Node)>),
    /// An alias: what it stands for is not looked up.
    Alias,
}

/// Why a block is no YAML that is read here; with the line of the block, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) line: u32,
    pub(super) why: String,
}

/// Reads the documents of a block.
pub(super) fn read(text: &str) -> Result<Vec<Node>, Refused> {
    if text.len() > MAX_BYTES {
        return Err(Refused { line: 0, why: format!("it is longer than {} KiB", MAX_BYTES / 1024) });
    }
    let mut building = Building::default();
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => building.take(&event, line(span.start.line()))?,
            Err(error) => {
                return Err(Refused { line: line(error.marker().line()), why: error.info().clone() });
            }
        }
    }
    Ok(building.done)
}

/// Lines of the parser count from 1.
fn line(from_one: usize) -> u32 {
    u32::try_from(from_one.saturating_sub(1)).unwrap_or(u32::MAX)
}

/// A list or map that is open.
enum Open {
    List(u32, Vec<Node>),
    Map(u32, Vec<(String, u32, Node)>, Option<(String, u32)>),
}

#[derive(Default)]
struct Building {
    open: Vec<Open>,
    done: Vec<Node>,
    nodes: usize,
}

impl Building {
    fn take(&mut self, event: &Event<'_>, line: u32) -> Result<(), Refused> {
        self.nodes += 1;
        if self.nodes > MAX_NODES || self.open.len() > MAX_DEPTH {
            return Err(Refused { line, why: "it is too large or too deep".to_owned() });
        }
        match event {
            Event::Scalar(text, ..) => self.close(Node { line, kind: Kind::Scalar(text.to_string()) }),
            Event::Alias(..) => self.close(Node { line, kind: Kind::Alias }),
            Event::SequenceStart(..) => self.open.push(Open::List(line, Vec::new())),
            Event::MappingStart(..) => self.open.push(Open::Map(line, Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => {
                let node = match self.open.pop() {
                    Some(Open::List(line, nodes)) => Node { line, kind: Kind::List(nodes) },
                    Some(Open::Map(line, entries, _)) => Node { line, kind: Kind::Map(entries) },
                    None => return Ok(()),
                };
                self.close(node);
            }
            _ => {}
        }
        Ok(())
    }

    /// A node is whole: it belongs to what is open.
    fn close(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.done.push(node),
            Some(Open::List(_, nodes)) => nodes.push(node),
            Some(Open::Map(_, entries, key)) => {
                if let Some((name, line)) = key.take() {
                    entries.push((name, line, node));
                } else {
                    let line = node.line;
                    // A key that is no text has no name here.
                    *key = Some((node.into_text().unwrap_or_default(), line));
                }
            }
        }
    }
}

impl Node {
    /// The text of a scalar that is not empty.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Kind::List(_) | Kind::Map(_) | Kind::Alias => None,
        }
    }

    fn into_text(self) -> Option<String> {
        match self.kind {
            Kind::Scalar(text) => Some(text),
            Kind::List(_) | Kind::Map(_) | Kind::Alias => None,
        }
    }

    /// The entries of a map: name, line and value.
    pub(super) fn entries(&self) -> &[(String, u32, Node)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            Kind::Scalar(_) | Kind::List(_) | Kind::Alias => &[],
        }
    }

    /// The nodes of a list.
    pub(super) fn list(&self) -> &[Node] {
        match &self.kind {
            Kind::List(nodes) => nodes,
            Kind::Scalar(_) | Kind::Map(_) | Kind::Alias => &[],
        }
    }

    /// The first entry whose name is one of `names`, without regard to case and to `-` and `_`.
    pub(super) fn get(&self, names: &[&str]) -> Option<&Node> {
        let same = |name: &str| {
            let plain = plain(name);
            names.contains(&plain.as_str())
        };
        self.entries().iter().find(|(name, ..)| same(name)).map(|(_, _, node)| node)
    }

    /// All texts of a list, or of one scalar (parted at commas).
    pub(super) fn texts(&self) -> Vec<&str> {
        match &self.kind {
            Kind::Scalar(text) => text.split(',').map(str::trim).filter(|text| !text.is_empty()).collect(),
            Kind::List(nodes) => nodes.iter().filter_map(Node::text).collect(),
            Kind::Map(_) | Kind::Alias => Vec::new(),
        }
    }

    /// This node and all below it, outermost first, each with the name it has in its map and the line of that name.
    pub(super) fn walk<'a>(&'a self, see: &mut impl FnMut(&'a str, u32, &'a Node)) {
        self.walk_as("", self.line, see);
    }

    fn walk_as<'a>(&'a self, name: &'a str, line: u32, see: &mut impl FnMut(&'a str, u32, &'a Node)) {
        see(name, line, self);
        for (name, line, node) in self.entries() {
            node.walk_as(name, *line, see);
        }
        for node in self.list() {
            node.walk_as("", node.line, see);
        }
    }
}

/// A name in lower case, words joined by `_`.
pub(super) fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', ' '], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_becomes_a_tree_with_lines() {
        let nodes =
            read("a:\n  b-c: \">95%\"\n  # note\n  list: [x, y]\ntext: |\n  one\n  two\n").expect("YAML");
        let map = &nodes[0];
        let a = map.get(&["a"]).expect("a");
        assert_eq!(a.entries()[0].1, 1);
        assert_eq!(a.get(&["b_c"]).and_then(Node::text), Some(">95%"));
        assert_eq!(a.get(&["list"]).map(Node::texts), Some(vec!["x", "y"]));
        assert_eq!(map.get(&["text"]).and_then(Node::text), Some("one\ntwo"));
        let mut seen = Vec::new();
        map.walk(&mut |name, line, _| seen.push((name.to_owned(), line)));
        assert!(seen.contains(&("list".to_owned(), 3)), "{seen:?}");
    }

    #[test]
    fn hostile_blocks_are_refused_or_stay_small() {
        let mut bomb = String::from("a0: &a0 [x, x]\n");
        for n in 1..40 {
            bomb.push_str(&format!("a{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1));
        }
        let nodes = read(&bomb).expect("aliases are not followed");
        assert_eq!(nodes[0].get(&["a39"]).map(|node| node.list().len()), Some(2));
        assert!(read(&"[".repeat(100_000)).is_err());
        assert!(read(&"- ".repeat(50_000)).is_err());
        assert!(read(&"- x\n".repeat(50_000)).is_err());
        assert!(read(&" ".repeat(MAX_BYTES + 1)).is_err());
        assert_eq!(read("a: [1\nb: 2").map_err(|refused| refused.line).err(), Some(1));
    }
}
