//! Known programs and what their words mean, from `table.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a program does with certain words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Its exit status says whether all is well.
    Test,
    /// It shows a state.
    Show,
    /// It changes something.
    Change,
    /// It runs until stopped.
    Long,
    /// It prepares the shell, or waits.
    Setup,
}

/// One program of the table.
#[derive(Debug, Default)]
pub(super) struct Program {
    /// Options that take a value.
    value: Vec<&'static str>,
    rules: Vec<(Effect, Vec<&'static str>)>,
    options: Vec<(Effect, &'static str)>,
}

static TABLE: LazyLock<HashMap<&'static str, Program>> = LazyLock::new(|| {
    let mut table: HashMap<&'static str, Program> = HashMap::new();
    for line in include_str!("table.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let (Some(names), Some(effect)) = (words.next(), words.next()) else { continue };
        let words: Vec<&'static str> = words.collect();
        for name in names.split(',') {
            let program = table.entry(name).or_default();
            match (effect, effect_of(effect.trim_start_matches("if-"))) {
                ("value", _) => program.value.extend(&words),
                (_, Some(to)) if effect.starts_with("if-") => {
                    program.options.extend(words.iter().map(|word| (to, *word)));
                }
                (_, Some(to)) => {
                    program.rules.extend(words.iter().map(|word| (to, word.split('+').collect())));
                }
                _ => {}
            }
        }
    }
    table
});

fn effect_of(word: &str) -> Option<Effect> {
    Some(match word {
        "test" => Effect::Test,
        "show" => Effect::Show,
        "change" => Effect::Change,
        "long" => Effect::Long,
        "setup" => Effect::Setup,
        _ => return None,
    })
}

/// The program called `name`.
pub(super) fn find(name: &str) -> Option<&'static Program> {
    TABLE.get(name)
}

impl Program {
    /// What it does with `arguments`, and the words that said so.
    pub(super) fn effect(&self, arguments: &[String]) -> (Effect, String) {
        let words = positional(arguments, &self.value);
        let rule = self.rules.iter().filter(|(_, pattern)| matches(pattern, &words));
        let best = rule.max_by_key(|(_, pattern)| pattern.iter().map(|word| weight(word)).sum::<usize>());
        let (effect, said) = match best {
            Some((effect, pattern)) => {
                let named = pattern.iter().filter(|word| **word != "*").count();
                (*effect, words.get(..named.min(words.len())).unwrap_or_default().join(" "))
            }
            None => (Effect::Change, words.first().copied().unwrap_or_default().to_owned()),
        };
        // An option can turn a show into a watch, a fix into a check and the other way round.
        let by_option = self.options.iter().find(|(_, option)| {
            arguments.iter().any(|word| {
                word == option || (option.starts_with("--") && word.split('=').next() == Some(option))
            })
        });
        let bare_option = self.options.iter().find(|(_, word)| words.first() == Some(word));
        match by_option.or(bare_option) {
            // Following output only makes a show endless.
            Some((Effect::Long, option)) if effect != Effect::Change => (Effect::Long, (*option).to_owned()),
            Some((Effect::Long, _)) | None => (effect, said),
            Some((to, option)) => (*to, (*option).to_owned()),
        }
    }
}

/// The words that are neither options nor their values.
pub(super) fn positional<'a>(arguments: &'a [String], value: &[&str]) -> Vec<&'a str> {
    let mut words = Vec::new();
    let mut skip = false;
    for word in arguments {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word == "--" {
            continue;
        }
        if word.starts_with('-') && word.len() > 1 {
            skip = value.contains(&word.as_str());
        } else if !word.starts_with('+') || word.len() == 1 {
            words.push(word.as_str());
        }
    }
    words
}

fn matches(pattern: &[&str], words: &[&str]) -> bool {
    for (at, part) in pattern.iter().enumerate() {
        if let Some(part) = part.strip_suffix('$') {
            return (part.is_empty() || words.get(at) == Some(&part))
                && words.len() == at + usize::from(!part.is_empty());
        }
        let Some(word) = words.get(at) else { return *part == "*" && pattern.len() == 1 };
        let fits = match part.strip_suffix('*') {
            Some(begin) => word.starts_with(begin),
            None => word == part,
        };
        if !fits {
            return false;
        }
    }
    true
}

/// How much a part of a pattern says.
fn weight(part: &str) -> usize {
    match part {
        "*" => 1,
        part if part.ends_with('*') => 2,
        _ => 3,
    }
}
