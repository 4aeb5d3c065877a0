//! The row of hints: the keys that work here and now, most useful first, read back from the map.

use crate::domain::{Action, Chord};

use super::{Context, Keymap, chord, words};

/// One hint: `R roll back…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The key or keys, as written: `R`, `j k`, `1-9`.
    pub key: String,
    /// What they do.
    pub label: &'static str,
    /// The first of them.
    pub action: Action,
}

/// A view to give hints for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The overview of wide screens, with this panel in focus.
    Overview(Context),
    /// The list of panels on small screens.
    List,
    /// One panel at full size.
    Full(Context),
    /// A page that is read: story, contacts, doctor.
    Page,
    /// The list of findings.
    Findings,
    /// A dialog after its act was sent.
    Ended,
}

/// Keys that are shown together, and the words for all of them.
struct Spec(Vec<Action>, &'static str);

fn one(action: Action) -> Spec {
    Spec(vec![action], words::short(action))
}

fn moving(what: &'static str) -> Spec {
    Spec(vec![Action::Down, Action::Up], what)
}

fn window() -> Spec {
    Spec(vec![Action::ShorterWindow, Action::LongerWindow], "time")
}

fn digits() -> Spec {
    use Action::{Panel4, Panel5, Panel6, Panel7, Panel8, Panel9, Reason1, Reason2, Reason3};
    Spec(vec![Reason1, Reason2, Reason3, Panel4, Panel5, Panel6, Panel7, Panel8, Panel9], "panel")
}

fn specs(place: Place) -> Vec<Spec> {
    let mut specs = match place {
        Place::Overview(context) => overview(context),
        Place::List => vec![moving("move"), one(Action::Open), one(Action::Rollback)],
        Place::Full(context) => full(context),
        Place::Page => return vec![moving("move"), one(Action::Copy), one(Action::Back)],
        Place::Findings => {
            let spec = [moving("move"), Spec(vec![Action::Open], "text"), one(Action::Edit)];
            return spec.into_iter().chain([one(Action::Copy), one(Action::Back)]).collect();
        }
        Place::Ended => return vec![one(Action::Recheck), one(Action::Copy), one(Action::Back)],
    };
    specs.extend([one(Action::Filter), one(Action::Palette), one(Action::Help)]);
    specs
}

fn overview(context: Context) -> Vec<Spec> {
    let mut specs = vec![digits(), one(Action::NextPanel), one(Action::Open), one(Action::Zoom)];
    if context == Context::Checklist {
        specs.push(one(Action::Tick));
        specs.push(one(Action::Gate));
    }
    specs.push(one(Action::Undo));
    specs.push(one(if context == Context::Events { Action::Follow } else { Action::Flip }));
    specs.push(one(Action::Rollback));
    specs
}

fn full(context: Context) -> Vec<Spec> {
    let mut specs = match context {
        Context::Checklist => vec![
            one(Action::Tick),
            one(Action::Undo),
            Spec(vec![Action::NextOpen, Action::PreviousOpen], "next open"),
            one(Action::Note),
            one(Action::Gate),
            one(Action::Waive),
            one(Action::OpenOnly),
            one(Action::MyRole),
            one(Action::NextFilter),
            Spec(vec![Action::Fold, Action::Unfold], "fold"),
            Spec(vec![Action::Open], "detail"),
            one(Action::Findings),
            one(Action::Edit),
        ],
        Context::Events => vec![
            moving("run"),
            Spec(vec![Action::Open], "story"),
            one(Action::Pin),
            one(Action::Follow),
            Spec(vec![Action::NextOpen, Action::PreviousOpen], "next wrong"),
            one(Action::Copy),
        ],
        Context::Gates => gates(),
        Context::Alerts => {
            vec![moving("alert"), one(Action::Acknowledge), one(Action::Mute), one(Action::Unmute)]
        }
        Context::Stages => {
            vec![moving("stage"), one(Action::Hold), one(Action::Rollback)]
        }
        Context::Logs => logs(),
        Context::Closes => vec![moving("code"), one(Action::Copy)],
        Context::Flags => vec![moving("move"), Spec(vec![Action::Flip], "flip…"), one(Action::Copy)],
        Context::Traffic => {
            let all = [Action::Compare, Action::Logs, Action::Rollback, Action::Unlock, Action::Copy];
            std::iter::once(moving("move")).chain(all.map(one)).collect()
        }
        Context::Journal => vec![moving("move"), one(Action::Note), one(Action::Story), one(Action::Copy)],
        Context::Triggers => vec![moving("move"), one(Action::Rollback), one(Action::Copy)],
        Context::Metrics | Context::Dashboard => vec![moving("move"), window(), one(Action::Copy)],
        Context::Everywhere
        | Context::Room
        | Context::Health
        | Context::Startup
        | Context::Findings
        | Context::Dialog => vec![moving("move"), one(Action::Copy)],
    };
    specs.push(one(Action::Back));
    specs
}

fn gates() -> Vec<Spec> {
    vec![
        moving("gate"),
        one(Action::Gate),
        one(Action::OnTerminal),
        one(Action::StopGate),
        Spec(vec![Action::HalfPageUp, Action::HalfPageDown], "output"),
        Spec(vec![Action::NextOpen, Action::PreviousOpen], "next match"),
        one(Action::Follow),
        one(Action::Edit),
    ]
}

fn logs() -> Vec<Spec> {
    vec![
        moving("entry"),
        Spec(vec![Action::Open], "whole"),
        Spec(vec![Action::NextFilter], "severity"),
        Spec(vec![Action::Fold, Action::Unfold], "fold noise"),
        one(Action::Follow),
        Spec(vec![Action::NextOpen, Action::PreviousOpen], "next wrong"),
        one(Action::Copy),
    ]
}

impl Place {
    /// The context whose keys work here.
    pub fn context(self) -> Context {
        match self {
            Self::Overview(context) | Self::Full(context) => context,
            Self::List => Context::Room,
            Self::Page => Context::Everywhere,
            Self::Findings => Context::Findings,
            Self::Ended => Context::Dialog,
        }
    }
}

impl Keymap {
    /// The hints for `place`; what is not bound (or not allowed) is not among them.
    pub fn hints(&self, place: Place) -> Vec<Hint> {
        let context = place.context();
        let hint = |Spec(actions, label): Spec| {
            let chords: Vec<Chord> =
                actions.iter().filter_map(|action| self.chords(context, *action).next()).collect();
            let action = actions.first().copied().filter(|_| !chords.is_empty())?;
            Some(Hint { key: joined(&chords), label, action })
        };
        specs(place).into_iter().filter_map(hint).collect()
    }
}

/// Keys side by side; a run of more than two neighbouring digits as `1-9`.
fn joined(chords: &[Chord]) -> String {
    let texts: Vec<String> = chords.iter().map(|chord| chord::text(*chord)).collect();
    let neighbours = |pair: &[String]| match pair {
        [one, next] => {
            matches!((one.parse::<u8>(), next.parse::<u8>()), (Ok(one), Ok(next)) if next == one + 1)
        }
        _ => false,
    };
    match (texts.first(), texts.last()) {
        (Some(first), Some(last)) if texts.len() > 2 && texts.windows(2).all(neighbours) => {
            format!("{first}-{last}")
        }
        _ => texts.join(" "),
    }
}
