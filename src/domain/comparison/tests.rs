//! Sides, environments and lines of comparisons.

use super::*;
use crate::domain::revision::{EnvValue, RevisionFacts, TrafficTarget};

fn revision(name: &str, env: &[(&str, &str)]) -> Revision {
    let value = |text: &str| EnvValue::Plain(Clean::new(text));
    Revision {
        name: name.into(),
        ready: Some(true),
        message: None,
        image: Clean::new(name),
        created: None,
        creator: Clean::default(),
        env: env.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect(),
        facts: RevisionFacts::default(),
    }
}

fn serving(revisions: Vec<Revision>, split: &[(&str, u8)]) -> Traffic {
    let target = |(name, percent): &(&str, u8)| TrafficTarget {
        revision: Some((*name).to_owned()),
        percent: *percent,
        tag: None,
        uri: None,
    };
    let effective = split.iter().map(target).collect();
    Traffic { effective, revisions, ..Traffic::default() }
}

fn environment(name: &str, services: Vec<(&str, Result<Traffic, Clean>)>) -> Environment {
    let services = services.into_iter().map(|(name, read)| (name.to_owned(), read)).collect();
    Environment { name: Clean::new(name), services }
}

#[test]
fn what_serves_most_stands_for_its_environment() {
    let both = || vec![revision("new", &[("A", "1"), ("NEW", "1")]), revision("old", &[("A", "2")])];
    let here = environment("production", vec![("api", Ok(serving(both(), &[("new", 10), ("old", 90)])))]);
    let there = environment("staging", vec![("web", Ok(serving(both(), &[("new", 50), ("old", 50)])))]);
    let found = Comparison::of_environments(&here, &there);
    let [pair] = found.pairs.as_slice() else { panic!("one service each belongs together: {found:?}") };
    assert_eq!((pair.one.words(), pair.other.words()), ("production old".into(), "staging new".into()));
    let kinds: Vec<_> = pair.differences(false).iter().map(|it| (it.what.clone(), it.kind)).collect();
    // The image is another one in each environment, and that is no difference between them.
    assert_eq!(kinds, [("A".to_owned(), Kind::Differs), ("NEW".to_owned(), Kind::OnlyOther)]);
    assert!(!found.is_same());
}

#[test]
fn what_has_no_counterpart_or_was_not_read_is_told_and_is_not_the_same() {
    let traffic = || Ok(serving(vec![revision("r", &[])], &[("r", 100)]));
    let here = environment("here", vec![("a", traffic()), ("b", traffic()), ("c", Err("refused".into()))]);
    let there = environment("there", vec![("a", traffic()), ("c", traffic()), ("d", traffic())]);
    let found = Comparison::of_environments(&here, &there);
    let alone: Vec<&str> = found.alone.iter().map(|words| &**words).collect();
    assert_eq!(alone, ["there has no service b", "c in here: refused", "here has no service d"]);
    assert!(!found.is_same() && found.unread);
    assert!(found.text(80).contains("no variable differs"), "{}", found.text(80));
    let same = Comparison { pairs: found.pairs.clone(), ..Comparison::default() };
    assert!(same.is_same());
    assert!(!Comparison::default().is_same(), "nothing compared is not the same");
}

#[test]
fn long_values_go_on_below_and_nothing_is_lost() {
    let long = |end: &str| format!("https://{}.example.com/{end}", "x".repeat(60));
    let (a, b) = (revision("a", &[("URL", &long("1"))]), revision("a", &[("URL", &long("2"))]));
    let side = |revision: Revision| Side {
        environment: None,
        service: "s".into(),
        revision,
        scaling: ServiceScaling::default(),
    };
    let pairs = vec![Pair { one: side(a), other: side(b) }];
    let comparison = Comparison { pairs, values: true, ..Comparison::default() };
    let lines = comparison.lines(76);
    let one: String = lines
        .iter()
        .filter_map(|line| if let Line::Row { one, .. } = line { Some(one.as_str()) } else { None })
        .collect();
    assert_eq!(one, long("1"));
    assert!(comparison.text(76).lines().all(|line| line.chars().count() <= 76));
}
