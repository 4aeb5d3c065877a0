//! Alerts of two tellers.

use super::*;

fn alert(name: &str, state: FiringState) -> Firing {
    let empty = Clean::default;
    Firing { name: name.into(), labels: empty(), severity: empty(), summary: empty(), state, since: None }
}

fn read(teller: Teller, rules: Option<&[&str]>, active: Vec<Firing>) -> AlertsRead {
    let rules = rules.map(|rules| rules.iter().map(|rule| Clean::new(rule)).collect());
    AlertsRead { teller, at: Mono::from_secs(10), answer: Ok(Alerts { rules, active, left_out: 0 }) }
}

fn told(teller: Teller) -> Told {
    Told { teller, period: Duration::from_secs(5), read: None, problem: None }
}

#[test]
fn a_rule_that_rests_is_zero_and_one_that_does_not_exist_is_not_known() {
    let mut alerts = Elsewhere { tellers: vec![told(Teller::Prometheus)] };
    assert_eq!(alerts.firing(None), None, "nobody answered yet");
    let active = vec![alert("Slow", FiringState::Firing), alert("Late", FiringState::Pending)];
    alerts.read(&read(Teller::Prometheus, Some(&["Slow", "Late", "Down"]), active));
    let counts = ["Slow", "Late", "Down", "Nope"].map(|name| alerts.firing(Some(name)));
    assert_eq!((counts, alerts.firing(None)), ([Some(1), Some(0), Some(0), None], Some(1)));
    let now = |seconds| {
        alerts.reading("alerts.firing{Slow}", Mono::from_secs(seconds)).map(|it| (it.value, it.fresh))
    };
    assert_eq!((now(12), now(30)), (Some((1.0, true)), Some((1.0, false))));
    // A failed look leaves what was seen, to grow stale.
    let failed = AlertsRead { answer: Err("HTTP 502".into()), ..read(Teller::Prometheus, None, Vec::new()) };
    alerts.read(&failed);
    assert_eq!((alerts.firing(Some("Slow")), alerts.tellers()[0].problem.is_some()), (Some(1), true));
}

#[test]
fn what_is_silenced_does_not_count_and_is_told_once() {
    let mut alerts = Elsewhere { tellers: vec![told(Teller::Prometheus), told(Teller::Alertmanager)] };
    let active = vec![alert("Slow", FiringState::Firing), alert("Full", FiringState::Firing)];
    alerts.read(&read(Teller::Prometheus, Some(&["Slow", "Full"]), active));
    assert_eq!(alerts.firing(Some("Slow")), None, "it may be silenced: the other was not asked yet");
    let held = vec![alert("Slow", FiringState::Silenced), alert("Hand", FiringState::Firing)];
    alerts.read(&read(Teller::Alertmanager, None, held));
    let counts = ["Slow", "Full", "Hand", "Nope"].map(|name| alerts.firing(Some(name)));
    assert_eq!(counts, [Some(0), Some(1), Some(1), None]);
    let all: Vec<_> = alerts.active().map(|(teller, it)| (teller, it.name.to_string())).collect();
    let of = |teller, name: &str| (teller, name.to_owned());
    let expected =
        [of(Teller::Alertmanager, "Slow"), of(Teller::Alertmanager, "Hand"), of(Teller::Prometheus, "Full")];
    assert_eq!(all, expected);
}
