//! Lines about the traffic of services.

use crate::domain::{Action, Room, ServiceIx};

use super::{Command, LOGS, Line};
use crate::model::forward::Way;
use crate::model::group::ALL;

/// Shares are written after it, free.
pub(in crate::model) const SHIFT: &str = "traffic";
/// Likewise a tag.
pub(super) const TAG: &str = "tag";

/// Likewise the two that are compared.
pub(super) const COMPARE: &str = "compare";

/// The services whose traffic can be moved.
pub(super) fn movable(room: &Room) -> impl Iterator<Item = (&str, ServiceIx)> {
    let services = room.services.iter().zip(room.service_ixs());
    services.filter(|(service, _)| service.cloud_run.is_some()).map(|(service, ix)| (&*service.name, ix))
}

/// The same by Cloud Run's own name of the service, where that is another one.
pub(in crate::model) fn in_cloud(room: &Room) -> impl Iterator<Item = (&str, ServiceIx)> {
    movable(room).filter_map(|(name, ix)| {
        let cloud = &*room.service(ix)?.cloud_run.as_ref()?.service;
        let taken = movable(room).any(|(other, _)| other == cloud);
        (cloud != name && !taken).then_some((cloud, ix))
    })
}

pub(super) fn traffic_lines(room: &Room) -> Vec<Line> {
    let of = |(name, ix): (&str, ServiceIx)| -> [Line; 4] {
        let (unlock, key) = (Command::Unlock(ix), Some(Action::Unlock));
        let (newer, latest) = (Command::Forward(ix, Way::Newer), Command::Forward(ix, Way::Latest));
        [
            (format!("unlock {name}"), "lets forward deploys and flips through, asks", unlock, key),
            (format!("forward {name}"), "100 % to the newer revision, asks", newer, None),
            (
                format!("rehearse {name}"),
                "walks a rollback's path, moves nothing",
                Command::Rehearse(Some(ix)),
                None,
            ),
            (format!("to-latest {name}"), "traffic follows the latest again, asks", latest, None),
        ]
    };
    let mut lines: Vec<Line> = movable(room).flat_map(of).collect();
    if !lines.is_empty() {
        let (rollback, key) = (Command::Act(Action::Rollback), Some(Action::Rollback));
        lines.push(("rollback".to_owned(), "what the key opens, asks", rollback, key));
        let rehearse = Command::Rehearse(None);
        lines.push(("rehearse".to_owned(), "the path of what R opens, moves nothing", rehearse, None));
        let logs = Command::Logs(String::new());
        lines.push((
            format!("{LOGS} SERVICE REVISION"),
            "its log entries; of all without",
            logs,
            Some(Action::Logs),
        ));
        let (shift, tag) = (Command::Shift(String::new()), Command::Tag(String::new()));
        lines.push((format!("{SHIFT} SERVICE REV=PERCENT"), "shifts traffic, asks", shift, None));
        lines.push((
            format!("{TAG} SERVICE TAG=REV"),
            "an address of its own for a revision, asks",
            tag,
            None,
        ));
    }
    lines
}

/// What is put side by side.
pub(super) fn compare_lines(room: &Room) -> Vec<Line> {
    let mut lines = Vec::new();
    if movable(room).next().is_some() {
        let (about, command) = ("image, variables, scaling side by side", Command::Compare(String::new()));
        lines.push((format!("{COMPARE} REV REV"), about, command, Some(Action::Compare)));
    }
    if room.compare_with.is_some() {
        let about = "variables of what serves here and in the other environment";
        lines.push(("env compare".to_owned(), about, Command::Sides(None), None));
    }
    lines.extend(room.services.iter().flat_map(|service| &service.cohorts).map(|cohort| {
        let command = Command::Sides(Some(cohort.name.clone()));
        (format!("cohorts {}", cohort.name), "errors, latency, closes side by side", command, None)
    }));
    lines
}

/// Groups that are rolled back as one act: those of the config, and all services where there are several.
pub(super) fn group_lines(room: &Room) -> Vec<Line> {
    let several = movable(room).count() > 1;
    let all = several.then(|| ("--all".to_owned(), ALL.to_owned(), false));
    let named =
        room.groups.iter().map(|group| (format!("--group {}", group.name), group.name.clone(), group.go_on));
    let of = |(words, name, go_on): (String, String, bool)| -> [Line; 3] {
        let other = if go_on { "--stop" } else { "--go-on" };
        let (otherwise, about) = if go_on {
            ("stops when one fails, asks", "in order, goes on when one fails, asks")
        } else {
            ("goes on when one fails, asks", "in order, stops when one fails, asks")
        };
        [
            (format!("rollback {words}"), about, Command::Group(name.clone(), None), None),
            (
                format!("rollback {words} {other}"),
                otherwise,
                Command::Group(name.clone(), Some(!go_on)),
                None,
            ),
            (
                format!("rehearse {words}"),
                "walks the path of each, moves nothing",
                Command::RehearseGroup(name),
                None,
            ),
        ]
    };
    all.into_iter().chain(named).flat_map(of).collect()
}
