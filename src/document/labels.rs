//! Text with labels in it: `Response Time: 5 minutes  Escalation: on-call`, all in one paragraph.

/// The parts of `text` behind those of its colons whose label is in `table` (in lower case), each with what its label means.
pub(super) fn labelled<'a, T: Copy>(text: &'a str, table: &[(&str, T)]) -> Vec<(T, &'a str)> {
    let mut found: Vec<(T, usize, usize)> = Vec::new();
    let mut from = 0;
    for (at, colon) in text.match_indices([':', '：']) {
        // A label is short; only what stands right before the colon is looked at.
        let mut start = at.saturating_sub(48).max(from);
        while !text.is_char_boundary(start) {
            start += 1;
        }
        let before = text.get(start..at).unwrap_or_default().trim_end();
        if let Some((label, meaning)) = last_label(before, table) {
            let end = at + colon.len();
            found.push((meaning, start + before.len() - label, end));
            from = end;
        }
    }
    let ends = found.iter().skip(1).map(|(_, start, _)| *start).chain([text.len()]);
    let part = |((meaning, _, from), to): (&(T, usize, usize), usize)| {
        (
            *meaning,
            text.get(*from..to)
                .unwrap_or_default()
                .trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '|' | ';')),
        )
    };
    found.iter().zip(ends).map(part).collect()
}

/// The longest label of `table` that `text` ends with as whole words: its length and meaning.
fn last_label<T: Copy>(text: &str, table: &[(&str, T)]) -> Option<(usize, T)> {
    let fits = |label: &&(&str, T)| {
        let (label, _) = label;
        let Some(from) = text.len().checked_sub(label.len()).filter(|from| text.is_char_boundary(*from))
        else {
            return false;
        };
        let (before, end) = text.split_at(from);
        let apart = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() || !label.is_ascii());
        apart && end.to_lowercase() == *label
    };
    table
        .iter()
        .filter(fits)
        .max_by_key(|(label, _)| label.len())
        .map(|(label, meaning)| (label.len(), *meaning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_part_a_paragraph() {
        let table = [("target", 1), ("alert", 2), ("alert if", 3), ("告警", 4)];
        assert_eq!(labelled("Target: < 1% Alert if: > 5% now", &table), [(1, "< 1%"), (3, "> 5% now")]);
        assert_eq!(labelled("the target is 5", &table), []);
        assert_eq!(labelled("subtarget: 5", &table), []);
        assert_eq!(labelled("错误 告警：>5%", &table), [(4, ">5%")]);
        assert_eq!(labelled("ALERT: é", &table), [(2, "é")]);
    }
}
