//! What the gates proved, in sentences: the summary's, the recommendation's, and what is to be done next.

use crate::report::validation::facts::{Gate, Report};
use crate::report::validation::words::{count, few, list, number, sentence};

/// More are counted, not named.
const NAMED: usize = 5;

/// The sentence of the summary.
pub(in crate::report::validation) fn summary(report: &Report) -> Option<String> {
    let all = &report.gates;
    if all.is_empty() {
        return None;
    }
    let of = |state: &str| all.iter().filter(|gate| gate.state == state).count();
    let (passed, never, earlier) = (of("passed"), of("never"), of("earlier"));
    let ran = all.len() - never - earlier;
    let mut text = match (ran, passed) {
        (0, _) if earlier > 0 => "No gate ran for this candidate".to_owned(),
        (0, _) => {
            let none = sentence(&format!("none of {}", count(all.len() as u64, "gate")));
            return Some(format!("{none} ran."));
        }
        (1, 1) => "The one gate that ran passed".to_owned(),
        (1, _) => "The one gate that ran did not pass".to_owned(),
        _ => format!("{} of {} that ran passed", sentence(&number(passed)), few(ran, "gate")),
    };
    let bad: Vec<&Gate> = all.iter().filter(|gate| gate.is_bad() && !is_earlier(gate)).collect();
    if !bad.is_empty() {
        text.push_str(&format!(
            "; not good: {}",
            some(&bad, |gate| format!("{} ({})", gate.name, gate.result()))
        ));
    }
    let unclear = of("unclear");
    if unclear > 0 {
        text.push_str(&format!("; {unclear} proved nothing by themselves"));
    }
    if earlier > 0 {
        let verb = if earlier == 1 { "has" } else { "have" };
        text.push_str(&format!("; {} ran before it and {verb} to run again", number(earlier)));
    }
    if never > 0 {
        text.push_str(&format!("; {} did not run", few(never, "further gate")));
    }
    Some(format!("{text}."))
}

fn is_earlier(gate: &Gate) -> bool {
    gate.state == "earlier"
}

/// The names of the first of them, and how many more there are.
fn some(gates: &[&Gate], name: impl Fn(&Gate) -> String) -> String {
    let first: Vec<&Gate> = gates.iter().take(NAMED).copied().collect();
    let mut names: Vec<String> = first.into_iter().map(name).collect();
    if gates.len() > NAMED {
        names.push(format!("{} more", gates.len() - NAMED));
    }
    list(&names)
}

/// What stands in the way of going on, since nothing was proved.
pub(in crate::report::validation) fn proves_nothing(all: &[Gate], say: &mut impl FnMut(String, Option<u64>)) {
    let open = |gate: &&Gate| {
        let never = gate.required && matches!(gate.state, "never" | "refused" | "unclear");
        never || matches!(gate.state, "stopped" | "unseen" | "running" | "queued" | "lapsed" | "orphaned")
    };
    for gate in all.iter().filter(open) {
        say(format!("The gate {} proves nothing: {}.", gate.name, gate.result()), gate.record);
    }
    let earlier: Vec<&Gate> = all.iter().filter(|gate| is_earlier(gate)).collect();
    if !earlier.is_empty() {
        let (count, names) = (few(earlier.len(), "gate"), some(&earlier, |gate| gate.name.to_string()));
        let record = earlier.iter().filter_map(|gate| gate.record).max();
        say(format!("{} did not run for this candidate: {names}.", sentence(&count)), record);
    }
}

/// What is to be done about gates that are not good.
pub(in crate::report::validation) fn steps(all: &[Gate], say: &mut impl FnMut(String, Option<u64>)) {
    for gate in all.iter().filter(|gate| gate.is_bad() && !is_earlier(gate) && !gate.waived) {
        let act = match gate.state {
            "failed" | "timed_out" => "Repair and run",
            _ => "Run",
        };
        say(format!("{act} the gate {} again: {}.", gate.name, gate.result()), gate.record);
    }
    let earlier: Vec<&Gate> = all.iter().filter(|gate| is_earlier(gate)).collect();
    if !earlier.is_empty() {
        say(format!("Run again for this candidate: {}.", some(&earlier, |gate| gate.name.to_string())), None);
    }
}
