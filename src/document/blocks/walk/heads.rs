//! Headings, and bold lines that stand for one: `**Phase 1: Canary (10%)**`.

use pulldown_cmark::HeadingLevel;

use super::{Into, Walk};
use crate::document::blocks::{Head, Text};
use crate::document::{aside, lower, stage};
use crate::domain::Clean;

impl Walk<'_> {
    pub(super) fn end_heading(&mut self) {
        let Into::Heading(level, line) = std::mem::replace(&mut self.into, Into::Nothing) else { return };
        let text = self.text.finish();
        self.head(level, line, &text, false);
    }

    /// A heading of `level` with `text` on `line`; `bold`: a line that stands for one.
    pub(super) fn head(&mut self, level: HeadingLevel, line: u32, text: &Text, bold: bool) {
        self.path.retain(|(above, _)| *above < level);
        let under = self.path.last().map(|(_, head)| *head);
        let above = under.and_then(|under| self.done.heads.get(under));
        // The title speaks of all of the document, which somebody chose.
        let is_title = level == HeadingLevel::H1 && self.done.heads.is_empty();
        let aside = above.is_some_and(|it| it.aside) || (!is_title && aside::says(&text.plain));
        let struck = text.is_struck || above.is_some_and(|it| it.struck);
        self.path.push((level, self.done.heads.len()));
        let level = level as u8;
        let text = match text.plain.strip_suffix([':', '：']).filter(|_| bold) {
            Some(text) => Clean::new(text.trim_end()),
            None => text.plain.clone(),
        };
        self.done.heads.push(Head { line, level, text, under, bold, struck, aside });
        self.open.iter_mut().for_each(|open| open.label = None);
    }

    /// A rule ends what a bold line began.
    pub(super) fn end_bold_head(&mut self) {
        let is_bold = |head: usize| self.done.heads.get(head).is_some_and(|head| head.bold);
        if self.open.len() == 1 && self.path.pop_if(|(_, head)| is_bold(*head)).is_some() {
            self.open.iter_mut().for_each(|open| open.label = None);
        }
    }

    /// The level of the bold line `text`, if it begins a stage: right below the heading above.
    pub(super) fn stage_level(&self, text: &Text) -> Option<HeadingLevel> {
        let plain = text.plain.trim_end_matches([':', '：']).trim_end();
        let is_bold = text.strong.as_ref().is_some_and(|it| it.trim_end_matches([':', '：']).trim() == plain);
        // "**Étape 2 : la suite**" is a step, where it names no share.
        let may_be_step = ["étape", "etape", "etapa"].iter().any(|word| lower(plain).starts_with(word));
        let is_step = may_be_step && !plain.contains(['%', '％']);
        if self.open.len() > 1 || !is_bold || is_step || stage::name(plain).is_none() {
            return None;
        }
        let is_bold = |head: &usize| self.done.heads.get(*head).is_some_and(|head| head.bold);
        let above = self.path.iter().rev().find(|(_, head)| !is_bold(head));
        above.map_or(Some(HeadingLevel::H2), |(level, _)| HeadingLevel::try_from(*level as usize + 1).ok())
    }
}
