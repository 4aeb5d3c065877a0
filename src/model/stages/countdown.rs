//! What is due before the planned start: as configured, and below headings such as `T-30 min`.

use std::time::Duration;

use crate::domain::room::StagesSpec;
use crate::domain::time;
use crate::model::checklist::Checklist;

use super::items::{Found, find};

/// What is due how long before the start, the longest first.
pub(super) fn find_all(spec: &StagesSpec, checklist: &Checklist) -> Vec<(Duration, Found)> {
    let mut all: Vec<(Duration, Found)> =
        spec.countdown.iter().map(|it| (it.before, find(&it.items, checklist))).collect();
    // Without a planned start there is nothing to count down to.
    if spec.start.is_some() {
        for section in checklist.documents().iter().flat_map(|document| &document.sections) {
            let below = section.path.iter().rev().find_map(|heading| before(heading));
            for item in &section.items {
                let Some(length) = before(&item.text).or(below) else { continue };
                match all.iter_mut().find(|(known, _)| *known == length) {
                    Some((_, found)) if found.items.contains(&item.id) => {}
                    Some((_, found)) => found.items.push(item.id.clone()),
                    None => {
                        let items = vec![item.id.clone()];
                        all.push((length, Found { items, missing: Vec::new() }));
                    }
                }
            }
        }
    }
    all.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    all
}

/// How long before the start a text says that it is: `T-30 min: announce`, `T−1h`.
fn before(text: &str) -> Option<Duration> {
    let rest = text.trim_start().strip_prefix(['T', 't'])?.trim_start().strip_prefix(['-', '−', '–'])?;
    let rest = rest.trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    let (number, rest) = rest.split_at_checked(digits)?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let unit = match rest.get(..end)?.to_lowercase().as_str() {
        "" | "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        _ => return None,
    };
    time::duration(&format!("{number}{unit}")).ok().filter(|length| !length.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_before_the_start_is_written_as_people_do() {
        let minutes = |text| before(text).map(|length| length.as_secs() / 60);
        for (text, expected) in [
            ("T-30 min", Some(30)),
            ("T−30: announce it", Some(30)),
            ("T - 1h Freeze the queue", Some(60)),
            ("t-2 days", Some(2880)),
            ("T+30 min", None),
            ("T-shirts for all", None),
            ("T-0", None),
            ("Tests", None),
        ] {
            assert_eq!(minutes(text), expected, "{text}");
        }
    }
}
