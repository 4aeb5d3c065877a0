//! Fuzzy matching for the palette: every word of the query is found, in order of its letters, somewhere in the line.

/// Where the letters of `query` are in `line` (positions in characters), and how well they fit; `None`: they do not.
/// Neighbouring letters and beginnings of words count more, so that `rb chat` finds `rollback chat-backend` first.
pub fn find(query: &str, line: &str) -> Option<(i32, Vec<usize>)> {
    let letters: Vec<char> = line.chars().map(|c| c.to_ascii_lowercase()).collect();
    if query.trim().is_empty() {
        return Some((0, Vec::new()));
    }
    let mut total = 0;
    let mut hits: Vec<usize> = Vec::new();
    for word in query.split_whitespace() {
        let (score, mut found) = best(word, &letters, &hits)?;
        total += score;
        hits.append(&mut found);
    }
    hits.sort_unstable();
    hits.dedup();
    let unused = i32::try_from(letters.len().saturating_sub(hits.len())).unwrap_or(i32::MAX);
    Some((total.saturating_sub(unused / 4), hits))
}

/// The best of all places where `word` may begin, letters already `taken` by another word excluded.
fn best(word: &str, letters: &[char], taken: &[usize]) -> Option<(i32, Vec<usize>)> {
    let word: Vec<char> = word.chars().map(|c| c.to_ascii_lowercase()).collect();
    (0..letters.len())
        .filter(|at| letters.get(*at) == word.first())
        .filter_map(|start| from(start, &word, letters, taken))
        .max_by_key(|(score, hits)| (*score, std::cmp::Reverse(hits.first().copied())))
}

fn from(start: usize, word: &[char], letters: &[char], taken: &[usize]) -> Option<(i32, Vec<usize>)> {
    let mut hits: Vec<usize> = Vec::with_capacity(word.len());
    let mut score = 0;
    let mut at = start;
    for wanted in word {
        let free = |i: &usize| letters.get(*i) == Some(wanted) && !taken.contains(i);
        let next = (at..letters.len()).find(free)?;
        score += 1;
        if begins(next, letters) {
            score += 8;
        }
        if hits.last().is_some_and(|last| last + 1 == next) {
            score += 5;
        }
        hits.push(next);
        at = next + 1;
    }
    Some((score, hits))
}

fn begins(at: usize, letters: &[char]) -> bool {
    at.checked_sub(1).and_then(|before| letters.get(before)).is_none_or(|c| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order<'a>(query: &str, lines: &[&'a str]) -> Vec<&'a str> {
        let mut found: Vec<_> = lines.iter().filter_map(|line| Some((find(query, line)?.0, *line))).collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn letters_are_found_in_order_and_beginnings_first() {
        assert_eq!(
            find("rb chat", "rollback chat-backend").map(|(_, hits)| hits),
            Some(vec![0, 4, 9, 10, 11, 12])
        );
        assert_eq!(find("CL", "closes").map(|(_, hits)| hits), Some(vec![0, 1]));
        assert_eq!(find("zz", "closes"), None);
        assert_eq!(find("", "closes").map(|(_, hits)| hits), Some(vec![]));
        assert_eq!(
            order("fl", &["rollback fleet", "flags", "flip FAST_LANE", "help"]),
            ["flags", "flip FAST_LANE", "rollback fleet"]
        );
    }

    #[test]
    fn two_words_do_not_share_letters() {
        assert_eq!(find("a a", "a"), None);
        assert_eq!(find("note note", "note"), None);
    }
}
