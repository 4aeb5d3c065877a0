//! The newest lines of a stream: following or paused, all or those that a filter takes.

use std::collections::VecDeque;

use crate::domain::event::Line;
use crate::domain::event::story::{Ending, Step, Story};

/// Lines kept.
const KEPT: usize = 1_000;

/// The newest lines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tail {
    lines: VecDeque<Line>,
    /// While paused: how many lines came since, as far as they are kept.
    paused: Option<usize>,
    filter: Filter,
}

impl Tail {
    /// Takes in lines, oldest first.
    pub fn take(&mut self, lines: &[Line]) {
        self.lines.extend(lines.iter().cloned());
        let over = self.lines.len().saturating_sub(KEPT);
        self.lines.drain(..over);
        if let Some(new) = &mut self.paused {
            *new = (*new + lines.len()).min(KEPT);
        }
    }

    /// Stops or resumes following; what was shown stays while paused, as long as it is kept.
    pub fn toggle_pause(&mut self) {
        self.paused = if self.paused.is_some() { None } else { Some(0) };
    }

    /// Whether new lines are held back.
    pub fn paused(&self) -> bool {
        self.paused.is_some()
    }

    /// Lines held back by the pause that the filter takes.
    pub fn held_back(&self) -> usize {
        let new = self.paused.unwrap_or(0);
        self.lines.iter().rev().take(new).filter(|line| self.filter.takes(line)).count()
    }

    /// Sets the filter.
    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The lines to show, newest first.
    pub fn shown(&self) -> impl Iterator<Item = &Line> {
        let skip = self.paused.unwrap_or(0);
        self.lines.iter().rev().skip(skip).filter(|line| self.filter.takes(line))
    }

    /// Lines kept, shown or not.
    pub fn kept(&self) -> usize {
        self.lines.len()
    }
}

/// Which lines are shown. `type=agent_completed run=7f3a` wants both, `or` between groups wants one of them;
/// `missing>0` takes lines that ended an incomplete run; another word is searched in the whole line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    text: String,
    /// One of these groups, all of its terms.
    groups: Vec<Vec<Term>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Type(String),
    Run(String),
    Call(String),
    Detail(String),
    Missing,
    Word(String),
}

impl Filter {
    /// Reads a filter; every text is one.
    pub fn parse(text: &str) -> Self {
        let mut groups = vec![Vec::new()];
        for word in text.split_whitespace() {
            if word == "or" {
                groups.push(Vec::new());
            } else if let Some(group) = groups.last_mut() {
                group.push(Term::parse(word));
            }
        }
        groups.retain(|group| !group.is_empty());
        Self { text: text.to_owned(), groups }
    }

    /// As typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether everything is shown.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Whether `line` is shown.
    pub fn takes(&self, line: &Line) -> bool {
        self.groups.is_empty() || self.groups.iter().any(|group| group.iter().all(|term| term.takes(line)))
    }

    /// Whether `run` is listed, with its steps by the names of their types.
    pub(super) fn takes_run(&self, run: &Story, seen: &[(&str, &Step)]) -> bool {
        let takes = |group: &Vec<Term>| group.iter().all(|term| term.takes_run(run, seen));
        self.groups.is_empty() || self.groups.iter().any(takes)
    }
}

impl Term {
    fn parse(word: &str) -> Self {
        let lower = word.to_lowercase();
        match lower.split_once('=') {
            Some(("type", value)) => Self::Type(value.to_owned()),
            Some(("run", value)) => Self::Run(value.to_owned()),
            Some(("call", value)) => Self::Call(value.to_owned()),
            Some(("detail" | "tool" | "agent", value)) => Self::Detail(value.to_owned()),
            _ if lower == "missing>0" => Self::Missing,
            _ => Self::Word(lower),
        }
    }

    fn takes_run(&self, run: &Story, seen: &[(&str, &Step)]) -> bool {
        let has = |text: &str, part: &str| text.to_lowercase().contains(part);
        match self {
            Self::Type(part) => seen.iter().any(|(kind, _)| has(kind, part)),
            Self::Run(part) => run.run.to_lowercase().starts_with(part.as_str()),
            Self::Call(part) => seen.iter().any(|(_, step)| has(&step.call, part)),
            Self::Detail(part) => seen.iter().any(|(_, step)| has(&step.detail, part)),
            Self::Missing => run.ending.is_some_and(Ending::is_incomplete),
            Self::Word(part) => {
                let own = [&*run.run, &*run.revision, &run.wrong()].iter().any(|text| has(text, part));
                own || seen.iter().any(|(kind, step)| {
                    [*kind, &*step.call, &*step.detail].iter().any(|text| has(text, part))
                })
            }
        }
    }

    fn takes(&self, line: &Line) -> bool {
        let has = |text: &str, part: &str| text.to_lowercase().contains(part);
        match self {
            Self::Type(part) => has(&line.kind, part),
            Self::Run(part) => line.run.to_lowercase().starts_with(part.as_str()),
            Self::Call(part) => has(&line.call, part),
            Self::Detail(part) => has(&line.detail, part),
            Self::Missing => line.ended.is_some_and(Ending::is_incomplete),
            Self::Word(part) => [&line.kind, &line.run, &line.call, &line.detail, &line.raw]
                .iter()
                .any(|text| has(text, part)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: &str, run: &str) -> Line {
        Line {
            kind: kind.into(),
            run: run.into(),
            raw: format!("{kind} {run} raw").into(),
            ..Line::default()
        }
    }

    #[test]
    fn filters_take_what_they_name() {
        let broken = Line { ended: Some(Ending::Incomplete), ..line("agent_completed", "7f3a91") };
        let fine = line("agent_completed", "19c7aa");
        let takes = |text: &str| (Filter::parse(text).takes(&broken), Filter::parse(text).takes(&fine));
        assert_eq!(takes(""), (true, true));
        assert_eq!(takes("type=completed run=7f3a"), (true, false));
        assert_eq!(takes("missing>0"), (true, false));
        assert_eq!(takes("run=19 or missing>0"), (true, true));
        assert_eq!(takes("RAW"), (true, true));
        assert_eq!(takes("type=thinking"), (false, false));
        assert_eq!(takes("or"), (true, true));
    }

    #[test]
    fn a_pause_holds_back_and_counts() {
        let mut tail = Tail::default();
        tail.take(&[line("a", "1"), line("b", "2")]);
        tail.toggle_pause();
        tail.take(&[line("c", "3"), line("d", "4")]);
        tail.set_filter(Filter::parse("c or b"));
        assert_eq!(tail.shown().map(|l| l.kind.to_string()).collect::<Vec<_>>(), ["b"]);
        assert_eq!(tail.held_back(), 1);
        tail.toggle_pause();
        assert_eq!(tail.shown().map(|l| l.kind.to_string()).collect::<Vec<_>>(), ["c", "b"]);
        tail.take(&vec![line("x", "1"); KEPT * 2]);
        assert_eq!(tail.kept(), KEPT);
    }
}
