//! `[[require_env]]`: variables that services must have, each a rule and a condition of each of its services.

use super::problem::suggestion;
use super::section::Section;
use crate::domain::ServiceIx;
use crate::domain::room::{EnvRule, Must, Service};

/// Most of them.
const MOST: usize = 100;

pub(super) fn read(top: &Section<'_>, services: &[Service]) -> Vec<EnvRule> {
    let sections = top.sections("require_env", MOST);
    sections.iter().flat_map(|section| rules(section, services)).collect()
}

fn rules(section: &Section<'_>, services: &[Service]) -> Vec<EnvRule> {
    let variables = section.texts("names", &[]);
    if variables.is_empty() {
        let next = "write names = [\"DATABASE_URL\", \"POSTGRES_*\"]";
        section.wrong("names", "`require_env.names` is missing", "it says which variables are meant", next);
    }
    let must = match section.word("must", "set", &["set", "equal", "secret"]) {
        "equal" => Must::Equal,
        "secret" => Must::Secret,
        _ => Must::Set,
    };
    let on_cloud = |(_, service): &(u16, &Service)| service.cloud_run.is_some();
    let all: Vec<(u16, &str)> =
        (0_u16..).zip(services).filter(on_cloud).map(|(ix, service)| (ix, service.name.as_str())).collect();
    let named = section.texts("services", &[]);
    let of = if named.is_empty() {
        all.iter().map(|(ix, _)| ServiceIx(*ix)).collect()
    } else {
        named.iter().filter_map(|name| place(section, name, &all)).collect::<Vec<_>>()
    };
    if must == Must::Equal && of.len() < 2 {
        let why = "one service is always equal to itself";
        section.wrong(
            "must",
            "`require_env.must` is \"equal\"",
            why,
            "name two services on Cloud Run or more",
        );
    }
    variables.into_iter().map(|variable| EnvRule { variable, must, services: of.clone() }).collect()
}

fn place(section: &Section<'_>, name: &str, all: &[(u16, &str)]) -> Option<ServiceIx> {
    let found = all.iter().find(|(_, known)| known == &name);
    if found.is_none() {
        let names: Vec<&str> = all.iter().map(|(_, known)| *known).collect();
        let what = format!("`require_env.services` has \"{name}\"");
        let why = "no [[service]] with [service.cloud_run] has this name";
        section.wrong("services", &what, why, &suggestion(name, &names));
    }
    found.map(|(ix, _)| ServiceIx(*ix))
}
