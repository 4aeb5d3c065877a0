//! Whether a run says anything of what is rolled out now.

use crate::model::checklist::Rollouts;

use super::Past;

/// Why it does not: it began before it, or it was at another commit than the candidate.
pub(super) fn why(past: &Past, rollouts: &Rollouts) -> Option<String> {
    // A run that goes on while the image changes ran against the one before, at least in part.
    if past.begun.or(past.seq).is_some_and(|seq| seq < rollouts.proves_since()) {
        return Some("before this candidate".to_owned());
    }
    let given = rollouts.current()?.given.as_ref().map(|given| given.to_lowercase())?;
    let ran_at = past.evidence.repository.commit.as_ref().map(|commit| commit.to_lowercase())?;
    let is_commit =
        |text: &str| (7..=40).contains(&text.len()) && text.chars().all(|c| c.is_ascii_hexdigit());
    let differs = is_commit(&given) && !given.starts_with(&ran_at) && !ran_at.starts_with(&given);
    let short = |commit: &str| commit.chars().take(8).collect::<String>();
    differs.then(|| format!("at {}, the candidate is {}", short(&ran_at), short(&given)))
}
