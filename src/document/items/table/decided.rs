//! Tables of what is decided in which case: a row that says to go on, or to look, asks for no rollback.

use crate::document::back_if::speaks_of_it;
use crate::document::blocks::Text;
use crate::document::bound::limits;
use crate::document::topic::{denies, normal};

/// Columns of what is decided, as [`normal`] has them.
const DECISIONS: [&str; 6] = ["decision", "recommendation", "entscheidung", "decisao", "决定", "判断"];

/// Columns of what is done, of which a row is a trigger all the same where it speaks of going back.
const ACTIONS: [&str; 9] =
    ["action", "actions", "response", "what to do", "massnahme", "aktion", "accion", "acao", "対応"];

/// With what begins what is decided where it is looked at first, whatever is done if it gets worse.
const LOOKS: [&str; 12] = [
    "monitor",
    "monitoring",
    "watch",
    "observe",
    "beobachten",
    "surveiller",
    "monitorizar",
    "monitorear",
    "monitorar",
    "监控",
    "観察",
    "監視",
];

/// With what begins what is decided where it goes on; `Proceed with rollback` does not.
const GOES_ON: [&str; 14] = [
    "continue",
    "proceed",
    "accept",
    "ignore",
    "keep going",
    "carry on",
    "no action",
    "no rollback",
    "log only",
    "fix forward",
    "weiter",
    "fortfahren",
    "continuer",
    "continuar",
];

/// What is decided in the row with these cells, if nobody goes back then. A row with a limit stays what it is: it may be
/// looked at first.
pub(in crate::document) fn decision_to_go_on<'a>(header: &[Text], cells: &'a [Text]) -> Option<&'a str> {
    let place = |known: &[&str]| header.iter().position(|cell| known.contains(&&*normal(&cell.plain)));
    let decides = place(&DECISIONS);
    let said = cells.get(decides.or_else(|| place(&ACTIONS))?)?;
    // In what time somebody acts limits nothing.
    let limited = |(at, cell): (usize, &Text)| {
        !super::is_deadline(header.get(at), cell) && !limits(&cell.plain).is_empty()
    };
    if cells.iter().enumerate().any(limited) {
        return None;
    }
    let folded = normal(&said.plain);
    let begins = |known: &[&str]| {
        known.iter().any(|begin| {
            let rest = folded.strip_prefix(begin);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') || !begin.is_ascii())
        })
    };
    let goes_back = speaks_of_it(&said.plain) && !denies(&said.plain);
    let goes_on =
        if goes_back { decides.is_some() && begins(&LOOKS) } else { begins(&LOOKS) || begins(&GOES_ON) };
    goes_on.then_some(&*said.plain)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_row_that_decides_to_go_on_is_no_trigger_and_told_and_one_with_a_limit_or_a_rollback_is_one() {
        let text = "# R\n\n## Rollback decision matrix\n\n| Risk | Severity | Decision | Timeline |\n|---|---|---|---|\n| Low | Critical | Rollback | Within 1 hour |\n\
                    | Low | Minor | Monitor → Rollback if worsens | Within 24 hours |\n| Low | Major | Escalate → Rollback | |\n| Errors | > 5 % | Monitor for 5 minutes | |\n\n\
                    ## Rollback triggers\n\n| Case | Action |\n|---|---|\n| Slow pages | Monitor |\n| Lost orders | Monitor, then roll back |\n";
        let plan = crate::document::read("r.md", text.as_bytes()).document.expect("a text").plan;
        assert_eq!(plan.triggers.iter().map(|it| it.line).collect::<Vec<_>>(), [7, 9, 10, 17]);
        let told = plan.findings.iter().filter(|it| it.text.contains("decides to go on"));
        assert_eq!(told.map(|it| it.line).collect::<Vec<_>>(), [8, 16], "{:?}", plan.findings);
    }

    #[test]
    fn a_row_that_goes_on_with_a_rollback_is_a_trigger() {
        for (decision, triggers) in [
            ("Proceed with rollback", 1),
            ("Continue, then roll back", 1),
            ("Accept → Rollback", 1),
            ("Weiter mit Rollback", 1),
            ("Monitor → Rollback if worsens", 0),
            ("Proceed", 0),
            ("No rollback", 0),
            ("Proceed, no rollback", 0),
        ] {
            let text = format!(
                "# R\n\n## Rollback decision matrix\n\n| Risk | Severity | Decision |\n|---|---|---|\n| Lost orders | Critical | {decision} |\n"
            );
            let plan = crate::document::read("r.md", text.as_bytes()).document.expect("a text").plan;
            assert_eq!(plan.triggers.len(), triggers, "{decision}");
        }
    }
}
