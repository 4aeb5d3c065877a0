//! What the Cloud Run API says of a service, as little of it as tests of the model need.

use std::collections::BTreeMap;

use warroom::domain::{Clean, Revision, Traffic, TrafficTarget};

/// A revision's share, without a tag.
pub fn share(revision: &str, percent: u8) -> TrafficTarget {
    TrafficTarget { revision: Some(revision.into()), percent, tag: None, uri: None }
}

/// A settled service called `projects/p/locations/r/services/NAME`, its revisions Ready, the newest first.
pub fn service(name: &str, split: Vec<TrafficTarget>, revisions: [&str; 2], generation: i64) -> Traffic {
    let newest = Some(revisions[0].to_owned());
    let revision = |name: &str| Revision {
        name: name.into(),
        ready: Some(true),
        message: None,
        image: Clean::new("image"),
        created: None,
        creator: Clean::default(),
        facts: warroom::domain::revision::RevisionFacts::default(),
        env: BTreeMap::new(),
    };
    Traffic {
        name: format!("projects/p/locations/r/services/{name}"),
        desired: split.clone(),
        effective: split,
        latest_ready: newest.clone(),
        latest_created: newest,
        reconciling: false,
        generation,
        observed_generation: generation,
        terminal: Some(true),
        message: None,
        etag: format!("etag-{generation}"),
        uri: String::new(),
        revisions: revisions.map(revision).into(),
        template_env: BTreeMap::new(),
        template_containers: BTreeMap::new(),
        template_image: Clean::new("image"),
        template_sidecars: Vec::new(),
        template_main: Clean::default(),
        last_modifier: Clean::default(),
        scaling: warroom::domain::revision::ServiceScaling::default(),
    }
}
