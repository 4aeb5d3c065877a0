//! Alerts of two tellers.

use super::*;
use crate::domain::Now;
use crate::model::msg::Msg;

fn alert(name: &str, state: FiringState) -> Firing {
    labelled(name, &[], state)
}

fn labelled(name: &str, more: &[&str], state: FiringState) -> Firing {
    let (labels, severity, summary) = (Clean::default(), Clean::default(), Clean::default());
    let named = format!("alertname={name}");
    let set = std::iter::once(named.as_str()).chain(more.iter().copied()).map(Clean::new).collect();
    Firing { name: name.into(), labels, set, severity, summary, state, since: None }
}

fn read(teller: Teller, rules: Option<&[&str]>, active: Vec<Firing>) -> AlertsRead {
    let rules = rules.map(|rules| rules.iter().map(|rule| Clean::new(rule)).collect());
    AlertsRead { teller, at: Mono::from_secs(10), answer: Ok(Alerts { rules, active, left_out: 0 }) }
}

fn told(teller: Teller) -> Told {
    Told { teller, period: Duration::from_secs(5), external: Vec::new(), read: None, problem: None }
}

#[test]
fn a_rule_that_rests_is_zero_and_one_that_does_not_exist_is_not_known() {
    let mut alerts = Elsewhere { tellers: vec![told(Teller::Prometheus)], own: "room=night".into() };
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
    let mut alerts = Elsewhere {
        tellers: vec![told(Teller::Prometheus), told(Teller::Alertmanager)],
        own: "room=night".into(),
    };
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

#[test]
fn what_is_silenced_elsewhere_under_the_same_name_hides_nothing_here() {
    let mut alerts = Elsewhere {
        tellers: vec![told(Teller::Prometheus), told(Teller::Alertmanager)],
        own: "room=night".into(),
    };
    let of = |instance: &str, state| labelled("Down", &[instance], state);
    let here = ["instance=a", "instance=b"].map(|instance| of(instance, FiringState::Firing));
    alerts.read(&read(Teller::Prometheus, Some(&["Down"]), here.to_vec()));
    let there = ["instance=c", "instance=d"].map(|instance| of(instance, FiringState::Silenced));
    alerts.read(&read(Teller::Alertmanager, None, there.to_vec()));
    assert_eq!(alerts.firing(Some("Down")), Some(2), "neither of them is silenced");
    assert_eq!(alerts.active().count(), 4);
    let one = [of("instance=a", FiringState::Inhibited), of("instance=c", FiringState::Firing)];
    alerts.read(&read(Teller::Alertmanager, None, one.to_vec()));
    assert_eq!((alerts.firing(Some("Down")), alerts.active().count()), (Some(2), 3), "b here and c there");
}

#[test]
fn labels_that_prometheus_adds_when_it_sends_are_known() {
    let external = ["cluster=eu", "team=shop"].map(Clean::new).to_vec();
    let engine = Told { external, ..told(Teller::Prometheus) };
    let mut alerts =
        Elsewhere { tellers: vec![engine, told(Teller::Alertmanager)], own: "room=night".into() };
    let here = labelled("Down", &["team=web"], FiringState::Firing);
    alerts.read(&read(Teller::Prometheus, Some(&["Down"]), vec![here]));
    let mut silenced = |more: &[&str]| {
        let held = labelled("Down", more, FiringState::Silenced);
        alerts.read(&read(Teller::Alertmanager, None, vec![held]));
        alerts.firing(None)
    };
    assert_eq!(silenced(&["cluster=eu", "team=web"]), Some(0), "its own label stays");
    assert_eq!(silenced(&["cluster=us", "team=web"]), Some(1), "another cluster's");
    assert_eq!(silenced(&["team=web"]), Some(1));
}

#[test]
fn an_alertmanager_that_hangs_is_a_reason_with_its_name() {
    const CONFIG: &str =
        "[alertmanager]\nurl = \"http://127.0.0.1:9\"\ninterval = \"5s\"\n[[service]]\nname = \"api\"\n";
    let told_of = |condition: &str| {
        let config = format!("{CONFIG}{condition}");
        let none = crate::config::Overrides::default();
        let loaded =
            crate::config::parse(&config, std::path::Path::new("c.toml"), &none, "mara").expect("config");
        let mut model = Model::new(std::sync::Arc::new(loaded.room), "c".into(), Now::default(), (80, 24));
        let mut tell = |second, answer| {
            let at = Mono::from_secs(second);
            model.update(Msg::AlertsRead(Box::new(AlertsRead { teller: Teller::Alertmanager, at, answer })));
            model.update(Msg::Ticked(Now { mono: at, ..Now::default() }));
            let mut reasons = model.verdicts.now.reasons.iter();
            reasons
                .find(|it| it.subject.contains("Alertmanager"))
                .map(|it| (it.kind, it.told_whole().to_string()))
        };
        let none = Alerts { rules: None, active: Vec::new(), left_out: 0 };
        assert_eq!((tell(10, Ok(none)), tell(12, Err("no answer in 2s".into()))), (None, None), "not yet");
        tell(31, Err("no answer in 2s".into())).expect("a reason")
    };
    let words =
        "Alertmanager is not heard: no answer in 2s (it answered 21s ago: what is silenced is not known)";
    assert_eq!(told_of(""), (ReasonKind::Warning, words.to_owned()));
    let judged = "[[condition]]\nname = \"f\"\nsignal = \"alerts.firing\"\nfail = \"> 0\"\n";
    assert_eq!(told_of(judged), (ReasonKind::Unseen, words.to_owned()));
}

/// Alertmanager holds what the room raised itself: counted, a condition on all of them would never end.
#[test]
fn what_the_room_raised_itself_is_not_counted() {
    let mut alerts = Elsewhere { tellers: vec![told(Teller::Alertmanager)], own: "room=night".into() };
    let held = |rooms: &[&str]| {
        let own = |room: &&str| {
            labelled("any alert", &[&format!("room={room}"), "source=warroom"], FiringState::Firing)
        };
        read(Teller::Alertmanager, None, rooms.iter().map(own).collect())
    };
    alerts.read(&held(&["night"]));
    assert_eq!((alerts.firing(None), alerts.active().count()), (Some(0), 1), "it is listed");
    alerts.read(&held(&["night", "another"]));
    assert_eq!(alerts.firing(None), Some(1), "another room's is news");
}
