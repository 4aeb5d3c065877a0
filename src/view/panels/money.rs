//! Money at risk, by the figure that the team states, and how that is computed.
//!
//! ```text
//! ╭─ Money at risk ✗ EUR 12.00 a minute ────────────────────────────╮
//! │ ✗ now        EUR 12.00  a minute, at 10 % of the traffic        │
//! │   so far    EUR 340.00  in 28m of NO-GO or ROLL BACK            │
//! │ EUR 120.00 a minute × the candidate's share of the traffic      │
//! ╰─────────────────────────────────────────────────────────────────╯
//! ```

use crate::domain::{SourceId, VerdictState, format};
use crate::model::Model;
use crate::view::widgets::{Age, Mark};

use super::age;
use super::lines::{Line, Lines};

pub(super) fn gather(model: &Model) -> Lines {
    let with = model.services.iter().filter(|service| service.traffic.is_some());
    let mut panel = Lines {
        name: "Money at risk",
        age: age(model, with.map(|service| SourceId::CloudRun { service: service.ix })),
        state: (Mark::Idle, String::new()),
        lines: Vec::new(),
        foot: Vec::new(),
        empty: ("The team states no figure.", "[money] per_minute is what an outage costs"),
    };
    let Some((spec, risk)) = model.room.money.as_ref().zip(model.money_at_risk()) else { return panel };
    let amount = |value: f64| amount(&spec.currency, value);
    let against = matches!(model.verdicts.room.state, VerdictState::NoGo | VerdictState::RollBack);
    let mark = match risk.now {
        None => Mark::Unknown,
        Some(now) if now > 0.0 => Mark::Bad,
        Some(_) if against => Mark::Warn,
        Some(_) => Mark::Good,
    };
    let now = format::or_unknown(risk.now, amount);
    let share = format::or_unknown(risk.share, |share| format::percent_whole((share * 100.0).round() as u8));
    panel
        .lines
        .push(Line::new(mark, "now, a minute", now.clone()).note(format!("at {share} of the traffic")));
    let length = |time: chrono::TimeDelta| format::age(time.to_std().unwrap_or_default());
    let note = match risk.so_far {
        Some(_) => format!("in {} of NO-GO or ROLL BACK", length(risk.against)),
        None if model.checklist.rollout().is_none() => "no rollout has begun".to_owned(),
        None => "nothing of that time is known".to_owned(),
    };
    let so_far = format::or_unknown(risk.so_far, amount);
    let so_far_mark = if risk.so_far.is_none() { Mark::Unknown } else { Mark::Idle };
    panel.lines.push(Line::new(so_far_mark, "this rollout", so_far).note(note));
    if risk.unknown.num_seconds() > 0 {
        let note = "unwatched, or the share is unknown";
        panel.lines.push(Line::new(Mark::Unknown, "not counted", length(risk.unknown)).note(note));
    }
    panel.foot = vec![
        format!("{} a minute × the candidate's share of traffic,", amount(spec.per_minute)),
        "while the verdict is NO-GO or ROLL BACK".to_owned(),
    ];
    panel.state = (mark, format!("{now} a minute"));
    if panel.age == Age::NotSetUp {
        panel.age = Age::Local;
    }
    panel
}

/// `EUR 1,234`, below a thousand with two decimals.
fn amount(currency: &str, value: f64) -> String {
    let number =
        if value < 1_000.0 { format!("{value:.2}") } else { format::count(value.round().max(0.0) as u64) };
    if currency.is_empty() { number } else { format!("{currency} {number}") }
}
