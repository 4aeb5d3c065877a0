//! The schemas that frames are held against: whether all of them can be read.

use super::{Check, State};
use crate::domain::{Room, format};
use crate::sources::envelopes::Schemas;

/// One check for each stream that names schemas.
pub(super) fn checks(room: &Room) -> Vec<Check> {
    let streams = room
        .services
        .iter()
        .filter_map(|service| Some((&service.name, service.events.as_ref()?.schemas.as_ref()?)));
    let check = |(service, path): (&String, &std::path::PathBuf)| {
        let name = format!("schemas of {service}");
        match Schemas::load(path) {
            Ok(schemas) => {
                let seen = format!("{}: {}", path.display(), format::counted(schemas.count(), "schema"));
                Check::new(&name, State::Good, &seen, "")
            }
            Err(why) => {
                let next =
                    "correct the file, or service.events.schemas: until then no frame is held against them";
                Check::new(&name, State::Bad, &why, next)
            }
        }
    };
    streams.map(check).collect()
}
