//! `[[group]]`: services that are rolled back as one act.

use super::problem::suggestion;
use super::section::Section;
use super::service::check_unique;
use crate::domain::ServiceIx;
use crate::domain::room::{GroupSpec, Service};

/// Most groups.
const MOST: usize = 100;

/// All services, whatever the file says.
pub(super) const ALL: &str = "all";

pub(super) fn read(top: &Section<'_>, services: &[Service]) -> Vec<GroupSpec> {
    let sections = top.sections("group", MOST);
    let groups: Vec<GroupSpec> = sections.iter().map(|section| group(section, services)).collect();
    let names = groups.iter().zip(&sections).map(|(g, section)| (g.name.as_str(), section.span("name")));
    check_unique(top.problems, "group", names);
    groups
}

fn group(section: &Section<'_>, services: &[Service]) -> GroupSpec {
    let name = section.required("name", "write name = \"…\" under [[group]]");
    if name == ALL || name.contains(char::is_whitespace) {
        let why = "its name is typed to confirm, and `all` is the room's own group of all services";
        section.wrong("name", &format!("a group is called \"{name}\""), why, "give it another name");
    }
    let movable: Vec<&str> =
        services.iter().filter(|s| s.cloud_run.is_some()).map(|s| s.name.as_str()).collect();
    let mut members = Vec::new();
    for service in section.texts("services", &[]) {
        let at = services.iter().position(|known| known.name == service && known.cloud_run.is_some());
        match at.and_then(|at| u16::try_from(at).ok()).map(ServiceIx) {
            Some(ix) if !members.contains(&ix) => members.push(ix),
            Some(_) => {
                let what = format!("group {name} has {service} twice");
                section.wrong("services", &what, "each is rolled back once", "remove one");
            }
            None => {
                let what = format!("group {name} has \"{service}\"");
                let why = "no [[service]] with a [service.cloud_run] has this name";
                section.wrong("services", &what, why, &suggestion(&service, &movable));
            }
        }
    }
    if members.is_empty() {
        let next = "write services = [\"…\"], in the order in which they go back";
        section.wrong(
            "services",
            &format!("group {name} has no service"),
            "there is nothing to roll back",
            next,
        );
    }
    let go_on = section.word("on_failure", "stop", &["stop", "go-on"]) == "go-on";
    GroupSpec { name, services: members, go_on }
}
