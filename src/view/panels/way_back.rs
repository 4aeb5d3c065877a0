//! The way back: whether a rollback of each service could be carried out now, to which revision, and when that was looked at.

use crate::domain::SourceId;
use crate::domain::room::Mode;
use crate::model::Model;
use crate::model::readiness::Standing;
use crate::model::service::ServiceState;
use crate::view::widgets::Mark;

use super::lines::{Line, Lines, worst};
use super::{age, several, traffic};

pub(super) fn gather(model: &Model) -> Lines {
    let with = || model.services.iter().filter(|service| service.traffic.is_some());
    let lines: Vec<Line> = with().map(|service| line(model, service)).collect();
    let open = lines.iter().filter(|line| line.mark == Mark::Good).count();
    let words = match worst(&lines) {
        _ if several(model) => format!("{open}/{} open", lines.len()),
        Mark::Good => "open".to_owned(),
        Mark::Unknown => "not known".to_owned(),
        _ => "not open".to_owned(),
    };
    Lines {
        name: "Way back",
        age: age(model, with().map(|service| SourceId::CloudRun { service: service.ix })),
        state: (worst(&lines), words),
        lines,
        foot: vec!["asked as a dry run every two minutes · :rehearse SERVICE".to_owned()],
        empty: ("No Cloud Run service in the config.", "[service.cloud_run] names one"),
    }
}

fn line(model: &Model, service: &ServiceState) -> Line {
    let name = model.service_name(service.ix);
    let Some(way) = model.way_back_of(service.ix) else {
        let whole =
            service.traffic.as_ref().and_then(|it| it.traffic.as_ref()).is_some_and(|it| it.sole().is_some());
        return match model.room.operator.mode {
            Mode::ReadOnly => Line::new(Mark::Unknown, name, "not asked").note("this console only watches"),
            Mode::Operate if whole => {
                Line::new(Mark::Idle, name, "none needed").note("one revision has everything")
            }
            Mode::Operate => Line::new(Mark::Unknown, name, "not known").note("the traffic was not read yet"),
        };
    };
    let to = way.to.as_deref().map_or("", |to| model.short_revision(service.ix, to)).to_owned();
    let (mark, words) = traffic::way_back(model, service, &way);
    let word = match way.standing {
        Standing::Ready(_) => to.clone(),
        Standing::NotKnown(_) => format!("{to} ?"),
        Standing::NoTarget | Standing::Not(_) => "closed".to_owned(),
    };
    // Where it leads stands at the right of the row already.
    let note = words.trim_start_matches("way back ");
    let note = note.strip_prefix(&to).map_or(note, |rest| rest.trim_start_matches([',', ' ']));
    Line::new(mark, name, word).note(note.to_owned())
}
