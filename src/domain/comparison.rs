//! Revisions side by side: two of one service, or those that serve here and those that serve elsewhere.

use serde::{Deserialize, Serialize};

use super::difference::{Difference, Kind, differences};
use super::revision::ServiceScaling;
use super::{Clean, Revision, Traffic, Wall};

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// Of which environment, where there are two.
    pub environment: Option<Clean>,
    /// Of which service, as its room calls it.
    pub service: Clean,
    /// The revision, as it was read.
    pub revision: Revision,
    /// How its service is scaled.
    pub scaling: ServiceScaling,
}

/// Two sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The one.
    pub one: Side,
    /// The other.
    pub other: Side,
}

/// Revisions side by side, as they were read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// Pairs, in the order of the room's services.
    pub pairs: Vec<Pair>,
    /// What has no counterpart or could not be read, in words.
    pub alone: Vec<Clean>,
    /// Whether something could not be read: then what differs is not known.
    pub unread: bool,
    /// Whether values were asked for.
    pub values: bool,
    /// When the other environment was read.
    pub read: Option<Wall>,
    /// What is measured of both.
    pub measured: Option<Measured>,
}

/// Numbers of both sides, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// What the sides are called.
    pub sides: [String; 2],
    /// What, and the number of each with its samples.
    pub rows: Vec<[String; 3]>,
}

/// A line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// What the columns are.
    Sides(String, String),
    /// What differs; the lines after the first of one thing have no name.
    Row {
        /// What.
        what: String,
        /// How the one has it.
        one: String,
        /// How the other has it.
        other: String,
    },
    /// A heading between groups.
    Group(String),
    /// Something said.
    Said(String),
    /// Nothing.
    Empty,
}

/// Lines that one value takes at most.
const TALL: usize = 6;

impl Side {
    /// `production chat-backend-00417-hux`.
    pub fn words(&self) -> String {
        match &self.environment {
            Some(environment) => format!("{environment} {}", self.revision.name),
            None => self.revision.name.clone(),
        }
    }

    /// The side that serves most of `traffic`; of equal shares the newest.
    pub fn serving(environment: Option<Clean>, service: &str, traffic: &Traffic) -> Option<Self> {
        let share = |revision: &&Revision| traffic.effective_percent(&revision.name);
        // Revisions stand newest first, and the last of equals is taken.
        let most = traffic.revisions.iter().rev().max_by_key(share).filter(|it| share(it) > 0)?;
        let (revision, scaling) = (most.clone(), traffic.scaling);
        Some(Self { environment, service: Clean::new(service), revision, scaling })
    }
}

impl Pair {
    /// What differs. Of two environments only the variables: these have images and accounts of their own.
    pub fn differences(&self, values: bool) -> Vec<Difference> {
        let (a, b) = (&self.one, &self.other);
        let mut found = differences(&a.revision, &b.revision, values);
        if a.environment.is_some() {
            found.retain(|it| it.kind != Kind::Fact);
            return found;
        }
        let words = |side: &Side| Clean::new(&side.scaling.words().unwrap_or_else(|| "not set".to_owned()));
        // Two revisions of one service are scaled as one.
        if a.scaling != b.scaling {
            let (one, other) = (words(a), words(b));
            let place = found.iter().take_while(|it| it.kind == Kind::Fact).count();
            found.insert(
                place,
                Difference { what: "service scaling".to_owned(), kind: Kind::Fact, one, other },
            );
        }
        found
    }
}

impl Pair {
    /// What stands above the variables of a kind, of two environments.
    fn heading(&self, kind: Kind) -> Option<String> {
        let (one, other) = (self.one.environment.as_ref()?, self.other.environment.as_ref()?);
        match kind {
            Kind::Fact => None,
            Kind::OnlyOne => Some(format!("only in {one}")),
            Kind::OnlyOther => Some(format!("only in {other}")),
            Kind::Differs => Some("in both, with other values".to_owned()),
        }
    }
}

impl Comparison {
    /// Whether nothing differs, everything has a counterpart, and there is something.
    pub fn is_same(&self) -> bool {
        let same = |pair: &Pair| pair.differences(false).is_empty();
        !self.pairs.is_empty() && self.alone.is_empty() && self.pairs.iter().all(same)
    }

    /// All of it in lines of at most `cells`.
    pub fn lines(&self, cells: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        let (name, value) = self.columns(cells);
        for pair in &self.pairs {
            if !lines.is_empty() {
                lines.push(Line::Empty);
            }
            lines.push(Line::Sides(pair.one.words(), pair.other.words()));
            let found = pair.differences(self.values);
            if found.is_empty() {
                // Of two environments nothing else is looked at.
                let variables = pair.one.environment.is_some();
                let words =
                    if variables { "no variable differs" } else { "nothing differs of what is known" };
                lines.push(Line::Said(words.to_owned()));
            }
            let mut group = None;
            for it in sorted(&found, pair.one.environment.is_some()) {
                if group != Some(it.kind) {
                    group = Some(it.kind);
                    lines.extend(pair.heading(it.kind).map(Line::Group));
                }
                lines.extend(rows(it, name, value));
            }
        }
        if let Some(measured) = &self.measured {
            lines.extend((!lines.is_empty()).then_some(Line::Empty));
            lines.push(Line::Group("measured, each of how many samples".to_owned()));
            let [one, other] = measured.sides.clone();
            lines.push(Line::Sides(one, other));
            lines.extend(measured.rows.iter().cloned().map(|[what, one, other]| Line::Row {
                what,
                one,
                other,
            }));
            let none = measured.rows.is_empty();
            lines.extend(none.then(|| Line::Said("no series and no events tell them apart".to_owned())));
        }
        if !self.alone.is_empty() && !lines.is_empty() {
            lines.push(Line::Empty);
        }
        lines.extend(self.alone.iter().flat_map(|words| cut_into(words, cells).into_iter().map(Line::Said)));
        lines
    }

    /// All of it as plain text of `cells` columns.
    pub fn text(&self, cells: usize) -> String {
        let (name, value) = self.columns(cells);
        let line = |line: Line| match line {
            Line::Sides(one, other) => format!("{:name$}{one:value$}{other}", ""),
            Line::Row { what, one, other } => format!("{what:name$}{one:value$}{other}"),
            Line::Group(words) | Line::Said(words) => words,
            Line::Empty => String::new(),
        };
        self.lines(cells).into_iter().map(|it| line(it).trim_end().to_owned() + "\n").collect()
    }

    /// Cells of the names and of each side.
    pub fn columns(&self, cells: usize) -> (usize, usize) {
        let of = |pair: &Pair| pair.differences(self.values).iter().map(|it| it.what.chars().count()).max();
        let measured = self.measured.iter().flat_map(|it| &it.rows).map(|[what, ..]| what.chars().count());
        let longest = self.pairs.iter().filter_map(of).chain(measured).max().unwrap_or(0);
        let name = (longest + 2).clamp(14, (cells / 3).max(14));
        (name, cells.saturating_sub(name) / 2)
    }
}

/// By kind, of two environments: what is missing first.
fn sorted(found: &[Difference], by_kind: bool) -> Vec<&Difference> {
    let mut found: Vec<&Difference> = found.iter().collect();
    if by_kind {
        found.sort_by_key(|it| match it.kind {
            Kind::OnlyOne | Kind::Fact => 0,
            Kind::OnlyOther => 1,
            Kind::Differs => 2,
        });
    }
    found
}

/// A difference in as many rows as its parts need.
fn rows(of: &Difference, name: usize, value: usize) -> Vec<Line> {
    let parts = [(&*of.what, name), (&*of.one, value), (&*of.other, value)];
    let [what, one, other] = parts.map(|(text, cells)| cut_into(text, cells.saturating_sub(1).max(1)));
    let count = what.len().max(one.len()).max(other.len()).min(TALL);
    let part = |of: &[String], at: usize| of.get(at).cloned().unwrap_or_default();
    (0..count)
        .map(|at| Line::Row { what: part(&what, at), one: part(&one, at), other: part(&other, at) })
        .collect()
}

/// The text in pieces of at most `cells` characters, broken at spaces where there are any.
fn cut_into(text: &str, cells: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(cells) {
        let at = rest.get(..end).and_then(|fits| fits.rfind(' ')).filter(|at| *at > 0).unwrap_or(end);
        let (piece, after) = rest.split_at(at);
        pieces.push(piece.to_owned());
        rest = after.trim_start();
    }
    pieces.push(rest.to_owned());
    pieces
}

/// An environment as it was read: its services on Cloud Run, each as it was read, or why it was not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Its name: `staging`.
    pub name: Clean,
    /// Its services by name, in the config's order.
    pub services: Vec<(String, Result<Traffic, Clean>)>,
}

impl Environment {
    fn service(&self, name: &str) -> Option<&Result<Traffic, Clean>> {
        self.services.iter().find(|(known, _)| known == name).map(|(_, read)| read)
    }

    fn side(&self, name: &str, read: &Result<Traffic, Clean>) -> Result<Side, Clean> {
        let why = |why: &str| Clean::new(&format!("{} in {}: {why}", name, self.name));
        let traffic = read.as_ref().map_err(|error| why(error))?;
        let side = Side::serving(Some(self.name.clone()), name, traffic);
        side.ok_or_else(|| why("no revision serves"))
    }
}

impl Comparison {
    /// What serves `here` with what serves `there`: services of one name belong together; where each environment has but
    /// one, these two do.
    pub fn of_environments(here: &Environment, there: &Environment) -> Self {
        let mut found = Self::default();
        let lone = here.services.len() == 1 && there.services.len() == 1;
        let its = |name: &str| {
            let of = there.services.iter().find(|(known, _)| lone || known == name);
            of.map(|(name, read)| (name.as_str(), read))
        };
        for (name, read) in &here.services {
            let Some((other, other_read)) = its(name) else {
                found.alone.push(Clean::new(&format!("{} has no service {name}", there.name)));
                continue;
            };
            found.unread |= read.is_err() || other_read.is_err();
            match (here.side(name, read), there.side(other, other_read)) {
                (Ok(one), Ok(other)) => found.pairs.push(Pair { one, other }),
                (one, other) => found.alone.extend([one.err(), other.err()].into_iter().flatten()),
            }
        }
        let further = there.services.iter().filter(|(name, _)| !lone && here.service(name).is_none());
        let words = |(name, _): &(String, _)| Clean::new(&format!("{} has no service {name}", here.name));
        found.alone.extend(further.map(words));
        found
    }
}

/// What a comparison is as JSON.
#[derive(Debug, Serialize)]
pub struct Told {
    schema: &'static str,
    same: bool,
    pairs: Vec<ToldPair>,
    alone: Vec<Clean>,
}

#[derive(Debug, Serialize)]
struct ToldPair {
    one: ToldSide,
    other: ToldSide,
    differences: Vec<Difference>,
}

#[derive(Debug, Serialize)]
struct ToldSide {
    environment: Option<Clean>,
    service: Clean,
    revision: String,
}

impl Comparison {
    /// As JSON, schema `warroom.compare/1`.
    pub fn told(&self) -> Told {
        let side = |side: &Side| ToldSide {
            environment: side.environment.clone(),
            service: side.service.clone(),
            revision: side.revision.name.clone(),
        };
        let pair = |pair: &Pair| ToldPair {
            one: side(&pair.one),
            other: side(&pair.other),
            differences: pair.differences(self.values),
        };
        Told {
            schema: "warroom.compare/1",
            same: self.is_same(),
            pairs: self.pairs.iter().map(pair).collect(),
            alone: self.alone.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
