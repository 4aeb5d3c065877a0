//! Which words above conditions are understood. A line that says more (`Only during business hours:`) may say of all below
//! it when they count, so what stands there is left to a person.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Topic, bare, is_ideograph, normal, phrases};

/// What may stand there besides the words of triggers, in many languages.
const WORDS: &str = "any of the following these this that those one or more if when whenever is are was occur occurs happen happens \
    met true reached exceeded observed detected seen crossed breached hit tripped fire fires a an and then we must should will be \
    to immediate immediately automatic automatically automated auto manual manually critical urgent emergency red hard major \
    severe high low medium minor condition conditions trigger triggers triggered threshold thresholds limit limits metric metrics alert alerts \
    criteria deployment release rollout version change deploy our your execute initiate perform start begin do at once now \
    right away without delay signal signals indicator indicators list table matrix decision quantitative numeric technical \
    back issue issues problem problems business performance availability error errors rate latency stability data integrity \
    security user users impact health infrastructure application backend frontend database monitoring based current plan \
    severity priority sev level tier \
    wenn falls sobald eine einer eines einem der die das den folgenden folgende folgender bedingungen bedingung eintritt eintreten erfüllt zutrifft \
    ist wird werden sofort automatisch automatische manuell manuelle kritisch kritische oder und von bei werte wert schwellen grenzwerte zurückrollen \
    si un une des le la les l d de du suivants suivantes suivant suivante est sont atteint atteints dépassé dépassés rempli remplie remplies immédiat \
    immédiatement automatique automatiques manuel critique critiques ou et en cas seuil seuils \
    alguna alguno algún una uno las los el siguientes se cumple cumplen inmediato inmediata inmediatamente automático automáticos automática crítico \
    crítica críticos o y caso umbral umbrales ocurre ocurren señales \
    alguma algum qualquer um uma das dos seguintes ocorrer imediato imediata automáticos for forem atingido atingida atendida e em urgente";

/// The same in scripts without spaces.
const IDEOGRAPHIC: &str = "以下 任一 任意 一项 之一 条件 满足 出现 发生 情况 时 的 立即 自动 手动 紧急 即 或 触发 指标 阈值 标准 设计 回滚 下列 如果 若 \
    條件 滿足 發生 情況 時 自動 手動 緊急 觸發 指標 閾值 標準 回滾 \
    次の いずれか 以下の 場合 基準 即時 に は が を の で した する 満たす 満たした 該当 閾値 ロールバック 切り戻し 切戻し 判断 実施 発動 一つでも";

static LATIN: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
    // "rückgängig" is a word as much as "if" is.
    let single = of_triggers().filter(|phrase| !phrase.contains(' '));
    WORDS.split_whitespace().map(normal).chain(single).collect()
});

/// Phrases of several words by their first one, the longest first: their words say something together only.
static PHRASES: LazyLock<FxHashMap<String, Vec<String>>> = LazyLock::new(|| {
    let mut all: FxHashMap<String, Vec<String>> = FxHashMap::default();
    for phrase in of_triggers() {
        if let Some((first, _)) = phrase.split_once(' ') {
            all.entry(first.to_owned()).or_default().push(phrase);
        }
    }
    for phrases in all.values_mut() {
        phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
    }
    all
});

static OTHERS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let phrases = of_triggers().filter(|phrase| phrase.chars().any(is_ideograph));
    let mut all: Vec<String> = phrases.chain(IDEOGRAPHIC.split_whitespace().map(normal)).collect();
    all.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
    all
});

/// All phrases of what asks for a rollback, and of how it is done.
fn of_triggers() -> impl Iterator<Item = String> {
    const TOPICS: [Topic; 4] = [Topic::Trigger, Topic::Bare, Topic::Rollback, Topic::RollbackPlan];
    let lists = phrases::ALL.iter().filter(|(topic, _)| TOPICS.contains(topic)).map(|(_, list)| *list);
    let words = phrases::TRIGGERS.iter().chain(&phrases::LEADS).copied();
    lists.flat_map(|list| list.split(',')).chain(words).map(normal)
}

/// The words of `text`, a line above conditions, from the first on that is not understood.
pub(in crate::document) fn left_over(text: &str) -> Option<String> {
    let text = normal(text);
    // "四、回滚条件"
    let mut rest = bare(&text).trim_start_matches(|c| "一二三四五六七八九十".contains(c));
    let mut before = "";
    while !rest.is_empty() {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { break };
        let length = if is_ideograph(first) {
            OTHERS.iter().find(|phrase| rest.starts_with(phrase.as_str())).map(String::len)
        } else {
            let end = rest.find(|c: char| c == ' ' || is_ideograph(c)).unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or_default();
            let known = LATIN.contains(word) || is_grade(before, word);
            before = word;
            phrase_at(rest, word).or(known.then_some(end))
        };
        let Some(length) = length else { return Some(rest.chars().take(40).collect()) };
        rest = rest.get(length..).unwrap_or_default();
    }
    None
}

/// The length of the phrase of several words that `rest` begins with; `word` is its first one.
fn phrase_at(rest: &str, word: &str) -> Option<usize> {
    let fits = |phrase: &&String| {
        let after = rest.strip_prefix(phrase.as_str());
        after.is_some_and(|after| after.is_empty() || after.starts_with(' '))
    };
    PHRASES.get(word)?.iter().find(fits).map(String::len)
}

/// `p0`, `sev1`, `severity 1`.
fn is_grade(before: &str, word: &str) -> bool {
    let digit = |word: &str| word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_digit());
    let short = ["p", "s", "sev"].iter().find_map(|begin| word.strip_prefix(begin)).is_some_and(digit);
    short || (digit(word) && matches!(before, "severity" | "priority" | "sev" | "level" | "tier"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_above_conditions_is_understood_whole_or_not_at_all() {
        for text in [
            "Rollback triggers",
            "3.2 Automatic Rollback Triggers (Critical)",
            "Roll back immediately if any of the following occurs:",
            "🚨 Rollback criteria – P0",
            "Rollback-Auslöser",
            "Zurückrollen, wenn eine der folgenden Bedingungen eintritt:",
            "Critères de retour arrière immédiat",
            "Triggers de Rollback",
            "Critérios para rollback imediato:",
            "回滚触发条件（任一满足立即回滚）：",
            "四、回滚条件",
            "ロールバック基準",
            "Severity 1",
        ] {
            assert_eq!(left_over(text), None, "{text}");
        }
        for (text, left) in [
            ("Only during business hours:", "only during business hours"),
            ("After three consecutive failures:", "after three consecutive failures"),
            ("Rollback triggers (production only)", "production only"),
            ("Consider rollback if", "consider rollback if"),
            ("Any 2 of the following:", "2 of the following"),
            ("All of these must be true:", "all of these must be true"),
            ("Rollback triggers (sustained for 5 minutes)", "sustained for 5 minutes"),
            ("回滚触发条件（持续5分钟）", "持续5分钟"),
            ("ロールバック基準（5分以上継続した場合）", "5分以上継続した場合"),
            ("Si l'un des seuils est dépassé pendant plus de 5 minutes :", "pendant plus de 5 minutes"),
            ("Rollback is triggered if any of the following occur for 10 minutes:", "10 minutes"),
            // Of the phrases "success criteria not met" and "rollback verification" no word says anything alone.
            ("Rollback not immediately", "not immediately"),
            ("Success", "success"),
            ("Verification", "verification"),
        ] {
            assert_eq!(left_over(text).as_deref(), Some(left), "{text}");
        }
    }
}
