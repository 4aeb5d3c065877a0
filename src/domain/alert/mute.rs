//! Mutes: alerts of a name are not sent for a while. What they speak of stays as bad as it is.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::domain::{Clean, Wall, format, time};

/// The longest time that a mute may last.
const LONGEST: TimeDelta = TimeDelta::days(7);

/// A mute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// The alert's name; `*` stands for anything.
    pub what: Clean,
    /// Since when.
    pub since: Wall,
    /// When it ends by itself.
    pub until: Wall,
    /// Why.
    pub reason: Clean,
    /// Who muted.
    pub by: Clean,
    /// When it was ended before its time.
    pub ended: Option<Wall>,
}

impl Mute {
    /// When it is over.
    pub fn end(&self) -> Wall {
        self.ended.map_or(self.until, |ended| ended.min(self.until))
    }

    /// Whether it lasts at this moment.
    pub fn lasts(&self, at: Wall) -> bool {
        self.since <= at && at < self.end()
    }

    /// In words: `errors > 5 % until 14:30 by sam: deploying`.
    pub fn words(&self) -> String {
        let until = format::moment(self.until, self.since);
        format!("{} until {until} by {}: {}", self.what, self.by, self.reason)
    }
}

/// The end of a mute that begins now.
///
/// # Errors
/// It is too far away.
pub fn mute_end(now: Wall, length: Duration) -> Result<Wall, &'static str> {
    let length = TimeDelta::from_std(length).ok().filter(|length| *length <= LONGEST);
    length
        .and_then(|length| now.checked_add_signed(length))
        .ok_or("a mute lasts seven days at most; nobody would know then why")
}

/// The end of a mute that was recorded at `at` with the end `until`.
pub fn latest(at: Wall, until: Wall) -> Wall {
    at.checked_add_signed(LONGEST).map_or(until, |latest| until.min(latest))
}

/// Whether a name is what `pattern` means: the same, in whatever case; `*` stands for anything.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.trim().to_lowercase(), name.trim().to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(last)
}

/// Reads `NAME TIME REASON…`. A name may have blanks and times in it, so one of `names` that stands there in full wins;
/// else it ends before the first time.
///
/// # Errors
/// What is missing, in words.
pub fn split<'a>(
    text: &str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(String, Duration, String), &'static str> {
    const FORM: &str = "name, time, reason: mute errors* 30m deploying";
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_time = |at: &usize| words.get(*at).is_some_and(|word| time::duration(word).is_ok());
    let stands = |name: &str| {
        let count = name.split_whitespace().count();
        let same = words.get(..count).is_some_and(|head| matches(name, &head.join(" ")));
        (same && is_time(&count)).then_some(count)
    };
    let at = names.filter_map(stands).max().or_else(|| (1..words.len()).find(is_time));
    let Some(at) = at else {
        return Err(if words.is_empty() { FORM } else { "for how long? mute NAME 30m reason" });
    };
    let length = words.get(at).and_then(|word| time::duration(word).ok()).filter(|length| !length.is_zero());
    let length = length.ok_or("a mute needs an end: 30m, 2h")?;
    let reason = words.get(at + 1..).unwrap_or_default().join(" ");
    if reason.is_empty() {
        return Err("why? a mute needs a reason");
    }
    Ok((words.get(..at).unwrap_or_default().join(" "), length, reason))
}
