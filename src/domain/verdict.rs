//! The verdict: GO, HOLD, NO-GO or ROLL BACK for the next act, always with its reasons.

use serde::{Deserialize, Serialize};

use super::{Clean, Now, Override, PanelId, format};

/// The answer to "may we go on?". Ordered from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictState {
    /// All that the act needs is seen and good.
    Go,
    /// Wait: something is missing, running or cannot be seen.
    #[default]
    Hold,
    /// Do not go forward: a criterion fails.
    NoGo,
    /// A trigger tripped; a person should decide to roll back.
    RollBack,
}

impl VerdictState {
    /// All of them, from good to bad.
    pub const ALL: [Self; 4] = [Self::Go, Self::Hold, Self::NoGo, Self::RollBack];

    /// As typed and in the command line.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Hold => "hold",
            Self::NoGo => "no-go",
            Self::RollBack => "roll-back",
        }
    }

    /// As drawn and printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::Hold => "HOLD",
            Self::NoGo => "NO-GO",
            Self::RollBack => "ROLL BACK",
        }
    }
}

/// What kind of thing a reason is; also its glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// A trigger tripped (`↺`).
    Tripped,
    /// A criterion fails (`✗`).
    Failing,
    /// Something cannot be seen (`?`).
    Unseen,
    /// Not as it must be yet: a stopwatch runs, a target is missed, a required item is open (`▲`).
    Unmet,
    /// Waited for: startup, sign-off, an operation (`◦`).
    Waiting,
    /// Near a limit, or worth knowing: it holds nothing up (`▲`).
    Warning,
    /// It holds (`✓`); the reasons of GO.
    Holding,
}

/// One reason, as a row of the verdict block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Its kind.
    pub kind: ReasonKind,
    /// Subject: `closes 4401 unauthorized (app)`.
    pub subject: Clean,
    /// Value against limit: `12.4/min, limit 5`.
    pub value: Clean,
    /// What else helps: `canary only: 100 % of them on 00418-ral`.
    pub context: Clean,
    /// Since when.
    pub since: Option<Now>,
    /// The panel that explains it.
    pub panel: PanelId,
    /// The condition that says it, by its name.
    #[serde(default)]
    pub condition: Option<String>,
}

impl Reason {
    /// Whether it is no reason for what the verdict is, but tells what it is about to become.
    pub fn is_outlook(&self) -> bool {
        self.kind == ReasonKind::Waiting && self.condition.is_none() && self.subject.ends_with(" in sight")
    }

    /// As a clause: `gate smoke failed: 1 of 23`.
    pub fn told(&self) -> Clean {
        if self.value.is_empty() {
            self.subject.clone()
        } else {
            Clean::new(&format!("{}: {}", self.subject, self.value))
        }
    }

    /// The same with what else helps.
    pub fn told_whole(&self) -> Clean {
        let told = self.told();
        if self.context.is_empty() { told } else { Clean::new(&format!("{told} ({})", self.context)) }
    }
}

/// The verdict now.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Verdict {
    /// The answer.
    pub state: VerdictState,
    /// HOLD because something cannot be seen (drawn `? HOLD`).
    pub blind: bool,
    /// The act it is about; empty if there is none.
    pub act: Clean,
    /// Worst first, then oldest first.
    pub reasons: Vec<Reason>,
    /// Since when the state is what it is.
    pub since: Option<Now>,
    /// The state before, and for how long it lasted (seconds).
    pub was: Option<(VerdictState, u64)>,
    /// What a careful person would do now; never an executing key.
    pub next: Clean,
    /// What speaks against going on, by names that stay while it does: what fails or tripped, what cannot be seen.
    #[serde(default)]
    pub against: Vec<Clean>,
    /// What the room says by itself, while a person's word stands instead of it.
    pub overridden: Option<VerdictState>,
}

impl Verdict {
    /// Why nothing goes forward now, and the first reason that makes it so: what only warns refuses nothing.
    pub fn refusal(&self) -> Option<Clean> {
        if self.state == VerdictState::Go {
            return None;
        }
        let refuses = |it: &&Reason| !matches!(it.kind, ReasonKind::Warning | ReasonKind::Holding);
        let all = || self.reasons.iter().filter(refuses);
        let words = format!("waits for GO, the verdict is {}", self.state.word());
        let first = all().find(|it| !it.is_outlook()).or_else(|| all().next());
        Some(
            first.map_or_else(
                || Clean::new(&words),
                |it| Clean::new(&format!("{words}: {}", it.told_whole())),
            ),
        )
    }

    /// This verdict of the room under a person's word. The word is told among its reasons, also where it does not
    /// cover what the room says.
    #[must_use]
    pub fn under(&self, word: &Override, now: Now) -> Self {
        let (covered, ruling) = (word.covers(self), &word.ruling);
        let given = now.mono.before((now.wall - ruling.at).to_std().unwrap_or_default());
        let since = Now { mono: given, wall: ruling.at };
        let room = if covered { ", the room says" } else { " does not cover this" };
        let subject = format!("{} by {}{room} {}", word.state.word(), ruling.by, self.state.word());
        let told = Reason {
            kind: if covered && word.state > VerdictState::Go {
                ReasonKind::Unmet
            } else {
                ReasonKind::Warning
            },
            subject: Clean::new(&subject),
            value: Clean::new(&format!("until {}", format::moment(ruling.until, now.wall))),
            context: ruling.reason.clone(),
            since: Some(since),
            panel: PanelId::Journal,
            condition: None,
        };
        let mut under = self.clone();
        // Where it does not cover, what is bad comes first.
        under.reasons.insert(usize::from(!covered).min(under.reasons.len()), told);
        if covered {
            (under.state, under.overridden) = (word.state, Some(self.state));
            (under.since, under.was) = (Some(since), None);
        }
        under
    }
}
