//! A bold line right below a list, without indentation or an empty line between: Markdown takes it for the end of the last
//! item, and its author for the beginning of what follows.

use std::ops::Range;

use super::{Into, Kind, Walk};

impl Walk<'_> {
    /// Bold text begins at `at`: whether it is such a line, and then the text of the item ends.
    pub(super) fn lazy_label(&mut self, at: &Range<usize>) {
        if !matches!(self.into, Into::Item(_)) {
            return;
        }
        let body = self.lines.body;
        let before = body.get(..at.start).unwrap_or_default();
        let indent = before.rsplit('\n').next().unwrap_or_default();
        let behind = body.get(at.end..).unwrap_or_default();
        let rest = behind.split('\n').next().unwrap_or_default();
        let at_edge = indent.is_empty() || (indent.starts_with('>') && indent.trim_end().ends_with('>'));
        let deep = indent.ends_with("  ") || !indent.trim_matches(['>', ' ']).is_empty();
        if before.contains('\n') && at_edge && !deep && matches!(rest.trim(), "" | ":" | "：") {
            self.end_item_text();
            let line = self.lines.of(at.start);
            self.into = Into::Lazy(line, at.start..at.end + rest.len());
        }
    }

    /// The line ends: it stands beside the outermost list, and is the label of what follows there.
    pub(super) fn end_lazy(&mut self, line: u32, at: Range<usize>) {
        let text = self.text.finish();
        let introduces = text.introduces();
        let label = self.open.first().and_then(|open| open.label);
        let place = self.push_at(line, at, Kind::Paragraph(text));
        if let Some(block) = self.done.list.last_mut() {
            (block.inside, block.label) = (None, label);
        }
        if let (true, Some(open)) = (introduces, self.open.first_mut()) {
            open.label = Some(place);
        }
    }
}
