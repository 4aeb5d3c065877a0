//! Limits of one metric that contradict each other: what is well and what is critical overlap, or a warning comes after it.

use crate::document::bound::magnitude;
use crate::domain::Clean;
use crate::domain::plan::{Bound, Comparator, Finding, FindingKind, Plan, Stated, Threshold};

/// No more are told.
const MOST: usize = 20;

/// Adds to the findings of `plan`; limits that contradict each other judge nothing, and only their words are left.
pub(super) fn find(plan: &mut Plan, found: &mut Vec<Finding>) {
    let mut told = 0;
    for threshold in &mut plan.thresholds {
        let Some(why) = contradiction(threshold) else { continue };
        told += 1;
        if told <= MOST {
            let text = Clean::new(&format!(
                "“{}”: {why}; until it is said which is meant, a person decides",
                threshold.name
            ));
            found.push(Finding { line: threshold.line, kind: FindingKind::Contradiction, text });
        }
        let parts = [&mut threshold.target, &mut threshold.warning, &mut threshold.critical];
        parts.into_iter().flatten().for_each(|stated| stated.bound = None);
    }
}

fn contradiction(threshold: &Threshold) -> Option<String> {
    let bound = |stated: &Option<Stated>| stated.as_ref().and_then(|it| it.bound.clone());
    let (target, warning, critical) =
        (bound(&threshold.target), bound(&threshold.warning), bound(&threshold.critical)?);
    if let Some(target) = target.filter(|target| overlap(target, &critical)) {
        return Some(format!("target {target} and critical {critical} can both hold"));
    }
    let warning = warning.filter(|warning| comes_after(warning, &critical))?;
    Some(format!("the warning {warning} comes after the critical {critical}"))
}

/// Up or down, and the number in the smallest unit of its kind.
fn side(bound: &Bound) -> Option<(bool, f64)> {
    let up = match bound.comparator {
        Comparator::Above | Comparator::AtLeast => true,
        Comparator::Below | Comparator::AtMost => false,
        Comparator::Equal | Comparator::About => return None,
    };
    Some((up, magnitude(bound).0))
}

fn comparable(a: &Bound, b: &Bound) -> bool {
    let plain = |bound: &Bound| bound.within_ms.is_none() && bound.after_seconds.is_none();
    magnitude(a).1 == magnitude(b).1 && a.baseline == b.baseline && plain(a) && plain(b)
}

/// Whether something is well and critical at once, by more than a limit that both name.
fn overlap(target: &Bound, critical: &Bound) -> bool {
    let Some((up, limit)) = side(critical).filter(|_| comparable(target, critical)) else { return false };
    match (side(target), target.comparator) {
        (Some((good_up, _)), _) if good_up == up => true,
        (Some((_, good)), _) => {
            if up {
                limit < good
            } else {
                limit > good
            }
        }
        (None, Comparator::Equal) => {
            let good = magnitude(target).0;
            if up { good > limit } else { good < limit }
        }
        (None, _) => false,
    }
}

fn comes_after(warning: &Bound, critical: &Bound) -> bool {
    let sides = side(warning).zip(side(critical)).filter(|_| comparable(warning, critical));
    sides.is_some_and(|((up, warns), (also_up, limit))| {
        up == also_up && if up { warns > limit } else { warns < limit }
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn limits_that_cannot_all_be_meant_are_told_and_others_are_not() {
        let row = |target: &str, warning: &str, critical: &str| {
            let text = format!(
                "# A\n| Metric | Target | Warning | Critical |\n|---|---|---|---|\n| Rate | {target} | {warning} | {critical} |\n"
            );
            let plan = crate::document::read("r.md", text.as_bytes()).document.expect("a text").plan;
            plan.findings.iter().filter(|it| it.text.contains("which is meant")).count()
        };
        for (target, warning, critical) in [
            ("<10%", "", ">5%"),
            (">95%", "<90%", ">80%"),
            ("<1%", ">5%", ">2%"),
            (">99%", "<90%", "<95%"),
            ("< 5", "", "> 3"),
            ("< 2 s", "", "> 500 ms"),
        ] {
            assert_eq!(row(target, warning, critical), 1, "{target} {warning} {critical}");
        }
        for (target, warning, critical) in [
            ("<1%", ">2%", ">5%"),
            (">99%", "<97%", "<95%"),
            ("0", "1", "3"),
            ("< 500 ms", "> 800 ms", "> 2 s"),
            ("<= 1 %", "", ">= 1 %"),
            ("~2/day", "", ">10/day"),
        ] {
            assert_eq!(row(target, warning, critical), 0, "{target} {warning} {critical}");
        }
    }
}
