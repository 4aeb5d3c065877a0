//! Output of a run as it is shown: its beginning and its end, bounded.

use std::collections::VecDeque;

use crate::domain::Clean;

/// Kept of the beginning and of the end, in bytes.
const HEAD: usize = 50_000;
const TAIL: usize = 150_000;

/// The lines of one run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    head: Vec<Clean>,
    head_bytes: usize,
    tail: VecDeque<Clean>,
    tail_bytes: usize,
    skipped: u64,
    partial: Clean,
}

/// A line, or where lines are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// A line of output.
    Said(&'a Clean),
    /// So many lines are left out here; the log has them.
    Skipped(u64),
}

impl Shown {
    /// Further lines came, with `skipped` more before them that nobody kept.
    pub fn told(&mut self, lines: Vec<Clean>, skipped: u64, partial: Clean) {
        self.skipped += skipped;
        self.partial = partial;
        for line in lines {
            let size = line.len() + 1;
            if self.skipped == 0 && self.tail.is_empty() && self.head_bytes + size <= HEAD {
                self.head_bytes += size;
                self.head.push(line);
                continue;
            }
            self.tail_bytes += size;
            self.tail.push_back(line);
        }
        while self.tail_bytes > TAIL
            && let Some(gone) = self.tail.pop_front()
        {
            self.tail_bytes -= gone.len() + 1;
            self.skipped += 1;
        }
    }

    /// All of it, in order.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let gap = (self.skipped > 0).then_some(Line::Skipped(self.skipped));
        let partial = Some(&self.partial).filter(|partial| !partial.is_empty());
        let before = self.head.iter().map(Line::Said);
        before.chain(gap).chain(self.tail.iter().chain(partial).map(Line::Said))
    }

    /// Whole lines after the first `told` of all there were; and how many before them are not kept.
    pub fn since(&self, told: u64) -> (u64, impl Iterator<Item = &Clean>) {
        let head = self.head.len() as u64;
        let from = told.saturating_sub(head);
        let lost = if told >= head { self.skipped.saturating_sub(from) } else { self.skipped };
        let tail = from.saturating_sub(self.skipped) as usize;
        (lost, self.head.iter().skip(told.min(head) as usize).chain(self.tail.iter().skip(tail)))
    }

    /// How many rows that is.
    pub fn rows(&self) -> usize {
        self.head.len()
            + self.tail.len()
            + usize::from(self.skipped > 0)
            + usize::from(!self.partial.is_empty())
    }

    /// All lines there were.
    pub fn count(&self) -> u64 {
        (self.head.len() + self.tail.len()) as u64 + self.skipped
    }
}
