//! What is wrong with the sources, why, and what to do about it, in words.

use crate::domain::{Clean, Freshness, Link, Now, Room, SourceId, format};

use super::Model;
use super::links::{self, Links};

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name.
    pub name: String,
    /// How it is.
    pub health: Health,
    /// What it is, in a few words: `live 1s`, `down 1m02s, try 7 in 4s`.
    pub what: String,
    /// Why, as the source said it; empty when it is live.
    pub why: String,
    /// The next step; empty when it is live.
    pub next: &'static str,
}

/// How a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Something of this console is not as it should be.
    Wrong,
    /// Down.
    Down,
    /// It answered once, but not lately.
    Stale,
    /// Nothing was heard yet.
    Never,
    /// Live.
    Live,
}

impl Model {
    /// What is wrong with dashboards, and all sources, the worst first.
    pub fn doctor(&self) -> Vec<Finding> {
        let mut found = self.dashboard_findings();
        found.extend(findings(&self.room, &self.links, self.now));
        found
    }

    /// A file that cannot be used, and charts of metrics that there are not.
    fn dashboard_findings(&self) -> Vec<Finding> {
        let wrong = |name: String, what: String, why: String, next| Finding {
            name,
            health: Health::Wrong,
            what,
            why,
            next,
        };
        let file = self.dashboards.problem().map(|problem| {
            let next = "mend or remove that file: until then the config's are shown, and nothing is saved";
            wrong("edited dashboards".to_owned(), "not used".to_owned(), problem.to_string(), next)
        });
        let metrics = || self.services.iter().filter_map(|service| service.metrics.as_ref());
        let is_there = |chart: &str| metrics().any(|it| it.metrics().iter().any(|it| it.spec.name == chart));
        let charts = self.dashboards.all().iter().flat_map(|dashboard| {
            let missing = dashboard.charts.iter().filter(|chart| !is_there(chart));
            missing.map(|chart| {
                let name = format!("dashboard {}", Clean::new(&dashboard.name));
                let what = format!("chart {}", Clean::new(chart));
                let next = "correct `charts` of this [[dashboard]]; the metrics view has the names";
                wrong(name, what, "no metric of the room has this name".to_owned(), next)
            })
        });
        file.into_iter().chain(charts).collect()
    }
}

/// All sources, the worst first.
fn findings(room: &Room, links: &Links, now: Now) -> Vec<Finding> {
    let mut found: Vec<Finding> =
        links.iter().map(|(source, link)| finding(links::name(room, source), source, link, now)).collect();
    found.sort_by_key(|finding| finding.health);
    found
}

fn finding(name: String, source: &SourceId, link: &Link, now: Now) -> Finding {
    let dropped = if link.dropped > 0 {
        format!(" · {} lost in all", format::count(link.dropped))
    } else {
        String::new()
    };
    let (health, what, why) = match (link.freshness(now.mono), &link.down) {
        (Freshness::Live(age), _) => {
            (Health::Live, format!("live {}", format::age_seconds(age)), String::new())
        }
        (Freshness::Down(length), Some(down)) => {
            let retry = format::age_seconds(down.retry_at.since(now.mono));
            let length = format::age_seconds(length);
            (Health::Down, format!("down {length}, try {} in {retry}", down.attempt), down.error.to_string())
        }
        (Freshness::Stale(age) | Freshness::Down(age), _) => {
            let why = "it answered before; nothing came for more than two intervals".to_owned();
            (Health::Stale, format!("stale {}", format::age_seconds(age)), why)
        }
        (Freshness::Never, _) => (Health::Never, "connecting".to_owned(), "no answer yet".to_owned()),
    };
    let next = if health == Health::Live { "" } else { next(source, &why) };
    Finding { name, health, what: what + &dropped, why, next }
}

/// The first step that helps in most cases, from the error's words.
fn next(source: &SourceId, why: &str) -> &'static str {
    let why = why.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| why.contains(word));
    if *source == SourceId::Journal {
        return "check space and rights of the store's directory (--store names another file)";
    }
    if *source == SourceId::Documents {
        return "check the paths under [room] checklists, relative to the config";
    }
    if says(&["401", "403", "unauthor", "permission", "forbidden", "token", "credential"]) {
        return match source {
            SourceId::CloudRun { .. } => {
                "check the credentials and the role run.viewer (run.developer to act); warroom doctor says which"
            }
            _ => "check the token that this block of the config names; has it expired?",
        };
    }
    if says(&["dns", "resolve", "lookup", "name or service"]) {
        return "check the host's name in the config, and this machine's network";
    }
    if says(&["certificate", "tls", "handshake"]) {
        return "check https or wss against http or ws, and the certificate's chain";
    }
    if says(&["refused", "reset", "unreachable"]) {
        return "is it running, and is the port right? try the address with curl";
    }
    if says(&["timed out", "timeout", "deadline", "no answer"]) {
        return "it is slow or filtered: check the address, proxies and firewalls";
    }
    if says(&["404", "not found"]) {
        return "check the path, project, region and name in the config";
    }
    if says(&["html", "json", "redirect"]) {
        return "something else answers there: a login page or a proxy? check the address";
    }
    "warroom doctor checks it step by step"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LinkReport, Mono, ServiceIx};
    use std::time::Duration;

    #[test]
    fn a_source_that_is_down_says_why_and_what_next() {
        let mut link = Link::new(Duration::from_secs(2));
        link.report(&LinkReport::Alive, Mono::from_secs(5));
        let down = LinkReport::Down {
            error: "connection refused".into(),
            attempt: 7,
            retry_at: Mono::from_secs(70),
        };
        link.report(&down, Mono::from_secs(6));
        link.report(&LinkReport::Dropped { count: 1204 }, Mono::from_secs(6));
        let now = Now { mono: Mono::from_secs(66), ..Now::default() };
        let source = SourceId::Events { service: ServiceIx(0) };
        assert_eq!(
            finding("events chat".into(), &source, &link, now),
            Finding {
                name: "events chat".into(),
                health: Health::Down,
                what: "down 1m00s, try 7 in 4s · 1,204 lost in all".into(),
                why: "connection refused".into(),
                next: "is it running, and is the port right? try the address with curl",
            }
        );
    }

    #[test]
    fn every_source_that_is_not_live_has_a_next_step() {
        let link = Link::new(Duration::from_secs(2));
        for source in [SourceId::Journal, SourceId::Documents, SourceId::CloudRun { service: ServiceIx(0) }] {
            let found = finding("x".into(), &source, &link, Now::default());
            assert_eq!(found.health, Health::Never);
            assert!(!found.next.is_empty());
        }
    }
}
