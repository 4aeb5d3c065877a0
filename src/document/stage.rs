//! Headings that begin a stage of the rollout: `Phase 1A: Core (Week 1)`, `Stage 2 – Canary`, `第2阶段：灰度`.

/// Words that a stage begins with.
const WORDS: [&str; 12] = [
    "phase",
    "stage",
    "wave",
    "ring",
    "stufe",
    "étape",
    "etape",
    "fase",
    "etapa",
    "阶段",
    "階段",
    "フェーズ",
];

/// The name of the stage that the heading `text` begins: what follows the word and its number, or these if nothing does.
/// `None`: it begins none.
pub(super) fn name(text: &str) -> Option<String> {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let after = after_word(text).or_else(|| after_ordinal(text))?;
    // "Phase 5 の成果物" is about a stage, and begins none.
    if after.trim_start().starts_with('の') {
        return None;
    }
    // "Phase 6-7: Polish"
    let range =
        after.strip_prefix(['-', '–']).map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let after = range.filter(|rest| rest.is_empty() || rest.starts_with([':', ' ', '：'])).unwrap_or(after);
    // 「第一阶段（5%）」 has no other name.
    let name = if after.trim_start().starts_with('（') { "" } else { after };
    // "Phase 1 (24 hours): 5%"
    let timed = name.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let name =
        timed.filter(|(inside, _)| super::window::length(inside).is_some()).map_or(name, |(_, rest)| rest);
    let name = name.trim_start_matches(|c: char| !c.is_alphanumeric()).trim();
    let name = without_times(name);
    let name = if name.contains('(') { name } else { name.trim_end_matches(')') };
    Some(if name.is_empty() { without_times(text.trim()).to_owned() } else { name.to_owned() })
}

/// What the heading `text` calls its stage by, whatever its name is: `phase 1a`, `第2阶段`.
pub(super) fn key(text: &str) -> String {
    let text = super::topic::normal(text);
    let words = if text.starts_with(|c: char| c.is_ascii_alphabetic()) { 2 } else { 1 };
    text.split(' ').take(words).collect::<Vec<_>>().join(" ")
}

/// What follows `Phase 1A` or `フェーズ2`.
fn after_word(text: &str) -> Option<&str> {
    let lower = text.to_lowercase();
    let word = WORDS.iter().find(|word| lower.starts_with(**word))?;
    // Lower case is as long for all of these words.
    let rest = text.get(word.len()..)?;
    let spaced = rest.trim_start();
    if word.is_ascii() && spaced.len() == rest.len() {
        return None;
    }
    let end = spaced.find(|c: char| !(c.is_alphanumeric() || c == '.')).unwrap_or(spaced.len());
    let (number, after) = spaced.split_at_checked(end)?;
    let digits = number.chars().take_while(char::is_ascii_digit).count();
    let numbered = digits > 0 && number.chars().count() <= digits + 3;
    let lettered =
        number.len() == 1 || (!number.is_empty() && number.chars().all(|c| matches!(c, 'I' | 'V' | 'X')));
    if !word.is_ascii() && digits == 0 && spaced.starts_with(|c| "一二三四五六七八九十".contains(c))
    {
        return spaced.chars().next().and_then(|first| spaced.get(first.len_utf8()..));
    }
    // In scripts without spaces the name may follow the number at once.
    if !word.is_ascii() && digits > 0 {
        return spaced.get(digits..);
    }
    (numbered || (lettered && number.chars().all(char::is_uppercase))).then_some(after)
}

/// What follows `第2阶段` or `第一阶段`.
fn after_ordinal(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('第')?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || "一二三四五六七八九十".contains(c)))?;
    let rest = rest.get(end..)?;
    ["阶段", "階段", "フェーズ", "期"].iter().find_map(|word| rest.strip_prefix(word)).filter(|_| end > 0)
}

/// Without a parenthesis at the end that says when: `(Days 1-2)`.
fn without_times(name: &str) -> &str {
    let Some((before, inside)) = name.trim_end_matches([')', '）']).rsplit_once(['(', '（']) else {
        return name;
    };
    let is_time = super::window::of(inside).is_some() || super::window::length(inside).is_some();
    if is_time && !before.trim().is_empty() { before.trim_end() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_a_word_with_a_number_and_its_name_is_what_follows() {
        for (text, expected) in [
            ("Phase 1A: Core services (Week 1, Day 1-3)", "Core services"),
            ("🚀 Phase 2 – Canary (Days 3-5)", "Canary"),
            ("Stage B) Everyone", "Everyone"),
            ("Phase II: Half", "Half"),
            ("Phase 3", "Phase 3"),
            ("Phase 1 (24 hours): 5%", "5%"),
            ("阶段一：灰度 5%", "灰度 5%"),
            ("Wave 1 (10%)", "10%"),
            ("Étape 2 : production", "production"),
            ("Fase 1: Preparación", "Preparación"),
            ("第一阶段：灰度", "灰度"),
            ("阶段2：全量", "全量"),
            ("フェーズ1 カナリア", "カナリア"),
        ] {
            assert_eq!(name(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "Phase ordering",
            "Phases",
            "Staging",
            "Startup Phases (in order)",
            "Stage fright",
            "第三方",
            "Phase a b",
        ] {
            assert_eq!(name(text), None, "{text}");
        }
    }
}
