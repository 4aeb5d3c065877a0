//! What an open room knows now and no record has: for a report that is written from it.

use crate::domain::{Measured, Verdict};

use super::Model;

/// The room at a moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Live {
    /// The verdict of the room now; a person's word against it is a record.
    pub verdict: Verdict,
    /// The URL of each service, by name, as its platform says it.
    pub urls: Vec<(String, String)>,
    /// What this console watched since its last record of that, if it is the keeper.
    pub unwritten: Option<Measured>,
}

impl Model {
    /// What is known now.
    pub fn live(&self) -> Live {
        let services = self.room.services.iter().zip(&self.services);
        let urls = services.filter_map(|(spec, state)| {
            let traffic = state.traffic.as_ref()?.traffic.as_ref()?;
            (!traffic.uri.is_empty()).then(|| (spec.name.clone(), traffic.uri.clone()))
        });
        Live { verdict: self.verdicts.room.clone(), urls: urls.collect(), unwritten: self.meter.unwritten() }
    }
}
