//! Comparing any two revisions, and what serves here with what serves elsewhere: one is marked in the list, another is
//! compared with it; or both are named.

use crate::domain::comparison::{Comparison, Environment, Measured, Pair, Side};
use crate::domain::{Clean, PanelId, Revision, ServiceIx, Wall, format};

use super::Model;
use super::copied::PAGE;
use super::modal::{Modal, Page, Topic};
use super::sides::{Between, Numbers};
use super::traffic::TrafficState;

/// The environment that this one is compared with, and when it was read; or why it was not.
pub type Counterpart = (Result<Environment, Clean>, Wall);

impl Model {
    /// What serves here with what serves in the environment that this one is compared with.
    pub(super) fn compare_environments(&mut self) {
        let compared = match &self.counterpart {
            None => Err(Clean::new("the other environment is still being read")),
            Some((Err(why), _)) => Err(Clean::new(&format!("the other environment is not known: {why}"))),
            Some((Ok(there), at)) => {
                let found = Comparison::of_environments(&self.environment_here(), there);
                Ok(Comparison { read: Some(*at), ..found })
            }
        };
        self.show_pair(compared);
    }

    /// The services of this room on Cloud Run, as they were read last.
    fn environment_here(&self) -> Environment {
        let on_cloud = self.room.service_ixs().zip(&self.room.services);
        let on_cloud = on_cloud.filter(|(_, service)| service.cloud_run.is_some());
        let read = |ix| match self.unread_for(ix) {
            // What served then may not be what serves.
            Some(unread) => Err(Clean::new(&format!("not read for {}", format::age(unread)))),
            None => self.traffic(ix).cloned().ok_or_else(|| Clean::new("not read yet")),
        };
        let services = on_cloud.map(|(ix, service)| (service.name.clone(), read(ix))).collect();
        Environment { name: Clean::new(&self.room.environment.name), services }
    }

    /// Marks the revision under the cursor; with another one marked, compares the two.
    pub(super) fn mark_or_compare(&mut self) {
        let Some((ix, name)) = self.revision_under_cursor() else {
            return self.say("no revision is known yet");
        };
        let short = self.short_revision(ix, &name).to_owned();
        match self.ui.marked.take() {
            Some(marked) if marked == (ix, name.clone()) => {
                self.say(&format!("{short} is not marked any more"));
            }
            Some(marked) => {
                let compared = self.sides((marked.0, &marked.1), (ix, &name));
                self.ui.marked = Some(marked);
                self.show_pair(compared);
            }
            None => {
                self.ui.marked = Some((ix, name));
                self.say(&format!("{short} marked: the same key on another one compares them"));
            }
        }
    }

    /// What is measured of both, of two revisions of one service.
    fn measures(&self, of: &Comparison) -> Option<Between> {
        let [Pair { one, other }] = of.pairs.as_slice() else { return None };
        let ix = self.room.service_ixs().find(|ix| *one.service == *self.service_name(*ix))?;
        let names = [&one.revision.name, &other.revision.name].map(Clone::clone);
        (one.service == other.service && one.environment.is_none())
            .then_some(Between::Revisions(ix, names))
            .filter(|between| !self.numbers(between).is_empty())
    }

    /// Shows the cohorts of this name side by side.
    pub(super) fn compare_cohorts(&mut self, name: &str) {
        let of = |ix: ServiceIx| {
            let at = self.room.service(ix)?.cohorts.iter().position(|cohort| cohort.name == name)?;
            Some(Between::Cohorts(ix, at))
        };
        if let Some(between) = self.room.service_ixs().find_map(of) {
            self.show_pair(Ok(Comparison::default()));
            self.ui.between = Some(between);
        }
    }

    /// `REV REV`, `SERVICE REV REV` or two services, as typed: opens the comparison, or says what is wrong.
    pub(super) fn compare_typed(&mut self, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        let compared = self.compared(&words);
        self.show_pair(compared);
    }

    /// The comparison that these words ask for: two revisions, with the service before them where there are several; or
    /// two services, which are compared by what serves.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn compared(&self, words: &[&str]) -> Result<Comparison, Clean> {
        let service = |name: &str| self.room.service_called(name);
        match words {
            [one, other] => match (service(one), service(other)) {
                (Some(one), Some(other)) if one != other => self.services_compared(one, other),
                _ => {
                    let (one, other) = (self.revision_of_any(one)?, self.revision_of_any(other)?);
                    self.sides((one.0, &one.1), (other.0, &other.1))
                }
            },
            [name, one, other] => {
                let ix = service(name);
                let ix = ix.ok_or_else(|| Clean::new(&format!("there is no service {name}")))?;
                let (one, other) = (self.revision_named(ix, one)?, self.revision_named(ix, other)?);
                self.sides((ix, &one), (ix, &other))
            }
            _ => Err(Clean::new("write two revisions, for instance compare 00417 00418, or two services")),
        }
    }

    /// The one revision of this name in any service.
    fn revision_of_any(&self, name: &str) -> Result<(ServiceIx, String), Clean> {
        let read = self.room.service_ixs().filter(|ix| self.traffic(*ix).is_some());
        let found: Vec<_> = read.map(|ix| (ix, self.revision_named(ix, name))).collect();
        let mut good = found.iter().filter_map(|(ix, found)| Some((*ix, found.clone().ok()?)));
        match (good.next(), good.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(Clean::new(&format!(
                "more than one service has a revision {name}: write the service before it"
            ))),
            (None, _) => match found.into_iter().find_map(|(_, found)| found.err()) {
                Some(why) => Err(why),
                None => Err(Clean::new("no service on Cloud Run was read yet")),
            },
        }
    }

    fn sides(&self, one: (ServiceIx, &str), other: (ServiceIx, &str)) -> Result<Comparison, Clean> {
        if one == other {
            return Err(Clean::new("that is one revision twice"));
        }
        let pair = Pair { one: self.side(one.0, one.1)?, other: self.side(other.0, other.1)? };
        Ok(Comparison { pairs: vec![pair], ..Comparison::default() })
    }

    fn side(&self, ix: ServiceIx, name: &str) -> Result<Side, Clean> {
        let gone = || Clean::new(&format!("{name} is not among the revisions any more"));
        let traffic = self.traffic(ix).ok_or_else(gone)?;
        let revision = traffic.revisions.iter().find(|revision| revision.name == name).ok_or_else(gone)?;
        let (service, scaling) = (Clean::new(&self.service_name(ix)), traffic.scaling);
        Ok(Side { environment: None, service, revision: revision.clone(), scaling })
    }

    /// What serves of two services of this room.
    fn services_compared(&self, one: ServiceIx, other: ServiceIx) -> Result<Comparison, Clean> {
        let side = |ix: ServiceIx| {
            let name = self.service_name(ix);
            let traffic = self.traffic(ix);
            let side = traffic.and_then(|traffic| Side::serving(Some(Clean::new(&name)), &name, traffic));
            side.ok_or_else(|| Clean::new(&format!("what serves of {name} is not known")))
        };
        let pair = Pair { one: side(one)?, other: side(other)? };
        Ok(Comparison { pairs: vec![pair], ..Comparison::default() })
    }

    pub(super) fn show_pair(&mut self, compared: Result<Comparison, Clean>) {
        match compared {
            Ok(comparison) => {
                self.ui.between = self.measures(&comparison);
                self.ui.comparison = comparison;
                self.ui.hush();
                self.show(Modal::Page(Page::new(Topic::Comparison)));
            }
            Err(why) => self.say(&why),
        }
    }

    /// What is side by side, with what is measured now.
    pub fn comparison(&self) -> Comparison {
        let measured = self.ui.between.as_ref().map(|between| {
            let sides = match between {
                Between::Revisions(ix, names) => {
                    names.each_ref().map(|name| self.short_revision(*ix, name).to_owned())
                }
                Between::Cohorts(ix, at) => {
                    let cohort = self.cohort(*ix, *at);
                    let of = |side: usize| Some(format!("{} {}", cohort?.label, cohort?.values.get(side)?));
                    [0, 1].map(|side| of(side).unwrap_or_default())
                }
            };
            let row = |it: Numbers| [it.name.clone(), it.words(0), it.words(1)];
            Measured { sides, rows: self.numbers(between).into_iter().map(row).collect() }
        });
        Comparison { measured, ..self.ui.comparison.clone() }
    }

    /// Shows values, or hides them again.
    pub(super) fn toggle_values(&mut self) {
        self.ui.comparison.values = !self.ui.comparison.values;
    }

    /// The cells that a line of the page may take.
    pub fn comparison_cells(&self) -> usize {
        usize::from(self.size.0.min(PAGE)).saturating_sub(4)
    }

    /// What the revision under the cursor, `name`, is compared with in the view: the marked one of its service; else the
    /// stable one, that itself with the canary, or with what served before.
    pub fn compared_with(&self, ix: ServiceIx, name: &str) -> Option<&Revision> {
        let state = self.service(ix)?.traffic.as_ref()?;
        let marked = self.ui.marked.as_ref().filter(|(of, _)| *of == ix).map(|(_, name)| name.as_str());
        let others = [marked, state.stable(), state.canary(), state.previous()];
        let other = others.into_iter().flatten().find(|other| *other != name)?;
        state.traffic.as_ref()?.revisions.iter().find(|revision| revision.name == other)
    }

    /// The revision under the cursor of the traffic's list.
    pub(super) fn revision_under_cursor(&self) -> Option<(ServiceIx, String)> {
        let rows = self.services.iter().flat_map(|service| {
            let rows = service.traffic.iter().flat_map(TrafficState::listed);
            rows.map(|row| (service.ix, row.name.to_owned()))
        });
        let rows: Vec<_> = rows.collect();
        let at = self.ui.focus.cursor(PanelId::Traffic).row.min(rows.len().saturating_sub(1));
        rows.into_iter().nth(at)
    }
}
