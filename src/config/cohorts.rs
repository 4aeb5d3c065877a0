//! `[[cohort]]`: two cohorts of a flag that are compared.

use super::room::service_ix;
use super::section::Section;
use super::service::check_unique;
use crate::domain::room::{CohortSpec, Service};

/// Most of them.
const MOST: usize = 20;

/// Gives each service its cohorts.
pub(super) fn add(top: &Section<'_>, services: &mut [Service], names: &[&str]) {
    let sections = top.sections("cohort", MOST);
    let read: Vec<_> = sections.iter().map(|section| (cohort(section), service_ix(section, names))).collect();
    let spanned =
        read.iter().zip(&sections).map(|((it, _), section)| (it.name.as_str(), section.span("name")));
    check_unique(top.problems, "cohort", spanned);
    for ((cohort, ix), section) in read.into_iter().zip(&sections) {
        let Some(service) = services.get_mut(usize::from(ix.0)) else { continue };
        if service.metrics.is_none() && service.events.is_none() {
            let what = format!("the cohort \"{}\" is of a service without metrics and events", cohort.name);
            let why = "there is nothing that could tell its cohorts apart";
            section.wrong("service", &what, why, "name a service with [service.metrics]");
        }
        service.cohorts.push(cohort);
    }
}

fn cohort(section: &Section<'_>) -> CohortSpec {
    let name = section.required("name", "write name = \"…\", for instance the flag's, under [[cohort]]");
    let label = section.required("label", "write label = \"cohort\", as the series have it");
    let part = |key| section.required(key, "write the label's values, a = \"control\" and b = \"treatment\"");
    let values = [part("a"), part("b")];
    if values[0] == values[1] && !values[0].is_empty() {
        let what = format!("both cohorts of {name} are \"{}\"", values[0]);
        section.wrong("b", &what, "they would be one", "write the label's two values");
    }
    CohortSpec { name, label, values }
}
