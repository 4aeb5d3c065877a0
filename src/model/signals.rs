//! The registry of signals: every panel writes its readings here, and conditions read nothing else.

use std::collections::HashMap;

use crate::domain::{Reading, ServiceIx, SignalKey};

/// All readings of one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Signals {
    readings: HashMap<SignalKey, Reading>,
}

impl Signals {
    /// Takes in the readings of one panel; an absent one stays absent.
    pub fn extend(&mut self, service: ServiceIx, readings: Vec<(String, Option<Reading>)>) {
        for (name, reading) in readings {
            if let Some(reading) = reading {
                self.readings.insert(SignalKey { service, name }, reading);
            }
        }
    }

    /// The reading of `key`, if there is one.
    pub fn get(&self, key: &SignalKey) -> Option<&Reading> {
        self.readings.get(key)
    }

    /// A reading by its parts.
    pub fn named(&self, service: ServiceIx, name: &str) -> Option<&Reading> {
        self.readings.get(&SignalKey::new(service, name))
    }

    /// Forgets all readings, to be written anew.
    pub fn clear(&mut self) {
        self.readings.clear();
    }
}
