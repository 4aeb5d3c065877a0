//! Lines whose end is free text: a name, then whatever a person writes.

use crate::domain::flag::Wanted;

use super::actions::TICK;
use super::{BEGIN, COMPARE, Command, FLAG, LOGS, MUTE, NOTE, READING, REPORT, SHIFT, TAG};

/// The name after which the rest of the line is free text, if it is.
pub(super) fn free(command: &Command) -> Option<&'static str> {
    match command {
        Command::Note(_) => Some(NOTE),
        Command::TickItem(_) => Some(TICK),
        Command::Logs(_) => Some(LOGS),
        Command::FlagLine(_) => Some(FLAG),
        Command::Reading(_) => Some(READING),
        Command::RolloutBegin(Some(_)) => Some(BEGIN),
        Command::Report(Some(_)) => Some(REPORT),
        Command::Mute(_) => Some(MUTE),
        Command::Shift(_) => Some(SHIFT),
        Command::Tag(_) => Some(TAG),
        Command::Compare(_) => Some(COMPARE),
        Command::RolloutBegin(None)
        | Command::Report(None)
        | Command::Acknowledge(_)
        | Command::Unmute(_)
        | Command::Plan
        | Command::Sides(_)
        | Command::Dashboard(_)
        | Command::ProbeRun
        | Command::Act(_)
        | Command::Panel(_)
        | Command::Show(_)
        | Command::Rollback(..)
        | Command::Forward(..)
        | Command::Group(..)
        | Command::Step(..)
        | Command::Rehearse(_)
        | Command::RehearseGroup(_)
        | Command::Unlock(_)
        | Command::Flip(_)
        | Command::SetFlag(..)
        | Command::T0
        | Command::Gate(_)
        | Command::Trust(_)
        | Command::Override(_)
        | Command::Stage(_)
        | Command::StageTraffic(_)
        | Command::Accept(..)
        | Command::RolloutEnd(_) => None,
    }
}

/// What follows `name` and a space.
pub(super) fn text_after<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.trim_start().strip_prefix(name)?.strip_prefix(' ').map(str::trim)
}

/// Whether `text` says what the command needs. A flag's words have lines of their own, so that no beginning of one runs.
pub(super) fn takes(command: &Command, text: &str) -> bool {
    let value = text.trim_end_matches([' ', '%']).rsplit(' ').next().unwrap_or_default();
    let is_share = || matches!(value.parse(), Ok(Wanted::Percent(_)));
    !matches!(command, Command::FlagLine(_)) || is_share()
}

/// `command` with its text.
pub(super) fn filled(command: &Command, text: &str) -> Command {
    match command {
        Command::RolloutBegin(_) => Command::RolloutBegin(Some(text.to_owned())),
        Command::Report(_) => Command::Report(Some(text.to_owned())),
        Command::Reading(_) => Command::Reading(text.to_owned()),
        Command::TickItem(_) => Command::TickItem(text.to_owned()),
        Command::Mute(_) => Command::Mute(text.to_owned()),
        Command::Logs(_) => Command::Logs(text.to_owned()),
        Command::FlagLine(_) => Command::FlagLine(text.to_owned()),
        Command::Shift(_) => Command::Shift(text.to_owned()),
        Command::Tag(_) => Command::Tag(text.to_owned()),
        Command::Compare(_) => Command::Compare(text.to_owned()),
        _ => Command::Note(text.to_owned()),
    }
}
