//! `plan --check-golden DIR`: the team's example frames, replayed through the configured decoder and schemas.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::json;

use crate::cli::{Failure, Global, session, written};
use crate::domain::room::{EventsSpec, Service};
use crate::sources::envelopes::{Difference, Schemas, replay};

/// Replays `dir`: of a room with several streams its folder of the service's name, where there is one.
pub(super) fn run(global: &Global, dir: &Path, json: bool) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let streams: Vec<(&Service, &EventsSpec)> =
        loaded.room.services.iter().filter_map(|service| Some((service, service.events.as_ref()?))).collect();
    let Some(first) = streams.first() else {
        let why = "the config has no [service.events]";
        return Err(Failure::usage("golden frames cannot be checked", why, "add the stream with its fields"));
    };
    let own: Vec<_> = streams.iter().filter(|(service, _)| dir.join(&service.name).is_dir()).collect();
    let chosen = if own.is_empty() { vec![first] } else { own };
    let mut different = false;
    for (service, events) in chosen {
        let folder = dir.join(&service.name);
        let folder = if folder.is_dir() { folder } else { dir.to_owned() };
        let refused = |why: crate::domain::Clean| {
            Failure::failed("golden frames cannot be checked", &why, "correct it and try again")
        };
        let schemas = events.schemas.as_deref().map(Schemas::load).transpose().map_err(refused)?;
        let told = replay(&folder, events, schemas.as_ref()).map_err(refused)?;
        different |= !told.differences.is_empty();
        let mut out = BufWriter::new(io::stdout().lock());
        let (frames, checked) = (told.frames, told.checked);
        let outcome = if json {
            let rows: Vec<_> = told.differences.iter().map(row).collect();
            let told = json!({ "schema": "warroom.golden/1", "service": service.name, "frames": frames,
                "checked": checked, "differences": rows });
            writeln!(out, "{told}")
        } else {
            let lines = told.differences.iter().try_for_each(|difference| line(&mut out, difference));
            let count = told.differences.len();
            lines.and_then(|()| {
                let unheld = if schemas.is_none() { ", no schemas are configured" } else { "" };
                let mark = if count == 0 { "✓" } else { "✗" };
                let name = &service.name;
                writeln!(
                    out,
                    "{mark} {name}: {frames} golden frames, {checked} held against schemas{unheld}, {count} differences"
                )
            })
        };
        written(outcome.and_then(|()| out.flush()))?;
    }
    Ok(u8::from(different))
}

fn line(out: &mut impl Write, difference: &Difference) -> io::Result<()> {
    let Difference { file, line, kind, place, what } = difference;
    let at: Vec<&str> = [&**kind, &**place].into_iter().filter(|part| !part.is_empty()).collect();
    let at = if at.is_empty() { String::new() } else { format!(" {}:", at.join(" at ")) };
    writeln!(out, "{file}:{line}:{at} {what}")
}

fn row(difference: &Difference) -> serde_json::Value {
    let Difference { file, line, kind, place, what } = difference;
    json!({ "file": file, "line": line, "type": kind, "place": place, "text": what })
}
