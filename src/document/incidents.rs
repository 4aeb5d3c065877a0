//! What is to happen in an incident: severities, routes of alerts, templates of messages. All of it is inert data.

mod routes;
mod severities;
mod templates;
#[cfg(test)]
mod tests;

pub(super) use self::templates::announced as announced_template;
use super::blocks::Blocks;
use super::thresholds::yaml::is_yaml;
use crate::domain::plan::Plan;

/// Adds severities, routes and templates to `plan`, in file order.
pub(super) fn find(blocks: &Blocks, plan: &mut Plan) {
    severities::find(blocks, plan);
    routes::find(blocks, plan);
    templates::find(blocks, plan);
}
