//! How an item stands, and how many stand how.

use crate::domain::{Attestation, Clean, Evidence, Item, ItemId, Mark, Meaning, Wall};

use super::Checklist;

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState<'a> {
    /// Signed off.
    Done(&'a Attestation),
    /// Said not to apply.
    NotApplicable(&'a Attestation),
    /// Tried, and not good.
    Failed(&'a Attestation),
    /// The rollout goes on without it.
    Waived(&'a Attestation),
    /// It was signed off, and that does not hold any more.
    Lapsed {
        /// What was said.
        was: &'a Attestation,
        /// Why it does not hold.
        why: &'a Clean,
    },
    /// What a trigger describes happened, as a person says.
    Happened(&'a Attestation),
    /// A criterion is met, as a person says.
    Met(&'a Attestation),
    /// A trigger or criterion that the room measures.
    Measured(&'a Evidence),
    /// The room's evidence is good: a person may take it.
    Proposed(&'a Evidence),
    /// The file says that it is done, and nobody attested it.
    Claimed,
    /// The file strikes it through, and nobody said anything else of it.
    Struck,
    /// Its time has not come.
    NotDue {
        /// When it comes, if that is known.
        from: Option<Wall>,
    },
    /// A trigger of a stage that has not begun: that one.
    NotBegun(&'a Clean),
    /// A trigger of a stage before: a later one, named first, says this of it.
    Replaced(&'a Clean),
    /// To do; for a trigger or criterion: nobody said that it is true.
    Open,
}

impl<'a> ItemState<'a> {
    pub(super) fn said(tick: &'a Attestation) -> Self {
        match tick.mark {
            Mark::Done => Self::Done(tick),
            Mark::NotApplicable => Self::NotApplicable(tick),
            Mark::Failed => Self::Failed(tick),
            Mark::Waived => Self::Waived(tick),
            Mark::Happened => Self::Happened(tick),
            Mark::Met => Self::Met(tick),
        }
    }

    /// One word, as scripts read it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::NotApplicable(_) => "not_applicable",
            Self::Failed(_) => "failed",
            Self::Waived(_) => "waived",
            Self::Lapsed { .. } => "lapsed",
            Self::Happened(_) => "happened",
            Self::Met(_) => "met",
            Self::Measured(_) => "measured",
            Self::Proposed(_) => "proposed",
            Self::Claimed => "claimed",
            Self::Struck => "struck",
            Self::NotDue { .. } | Self::NotBegun(_) => "not_due",
            Self::Replaced(_) => "replaced",
            Self::Open => "open",
        }
    }

    /// What was said of it, whether it holds or not.
    pub fn attestation(self) -> Option<&'a Attestation> {
        match self {
            Self::Done(said)
            | Self::NotApplicable(said)
            | Self::Failed(said)
            | Self::Waived(said)
            | Self::Happened(said)
            | Self::Met(said)
            | Self::Lapsed { was: said, .. } => Some(said),
            Self::Measured(_)
            | Self::Proposed(_)
            | Self::Claimed
            | Self::Struck
            | Self::NotDue { .. }
            | Self::NotBegun(_)
            | Self::Replaced(_)
            | Self::Open => None,
        }
    }

    /// Whether nothing more is asked of anybody: done, not applicable or waived, or struck through.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Done(_) | Self::NotApplicable(_) | Self::Waived(_) | Self::Struck)
    }
}

/// How many of how many are done. Only work, sign-offs, what is due and required criteria count; triggers, claims and other
/// criteria do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Settled: done, not applicable or waived.
    pub done: usize,
    /// All of them.
    pub all: usize,
    /// Required, and not settled.
    pub required_open: usize,
    /// Required, settled or not.
    pub required: usize,
    /// Signed off once, and lapsed.
    pub lapsed: usize,
    /// Failed.
    pub failed: usize,
}

impl Checklist {
    /// How `item` stands.
    pub fn state<'a>(&'a self, item: &Item) -> ItemState<'a> {
        let pending = self.pending.values().rev().find(|(id, _)| *id == item.id);
        if let Some((_, tick)) = pending {
            return ItemState::said(tick);
        }
        if let Some(was) = self.signed.get(&item.id) {
            return match self.facts.lapsed.get(&item.id) {
                Some(why) => ItemState::Lapsed { was, why },
                None => ItemState::said(was),
            };
        }
        if let Some((was, why)) = self.facts.moved.get(&item.id) {
            return ItemState::Lapsed { was, why };
        }
        self.unsaid(item)
    }

    /// Whether a person said that the item called `id` does not apply, or that the rollout goes on without it, and that holds.
    pub fn is_set_aside(&self, id: &ItemId) -> bool {
        let said = self.signed.get(id).filter(|_| !self.facts.lapsed.contains_key(id));
        said.is_some_and(|said| matches!(said.mark, Mark::NotApplicable | Mark::Waived))
    }

    /// How `item` stands apart from what anybody said of it.
    pub(super) fn unsaid<'a>(&'a self, item: &Item) -> ItemState<'a> {
        if item.struck {
            return ItemState::Struck;
        }
        if let Some(stage) = self.waits.get(&item.id) {
            return ItemState::NotBegun(stage);
        }
        if let Some(words) = self.replaced.get(&item.id) {
            return ItemState::Replaced(words);
        }
        let later = self.facts.later.get(&item.id);
        match (&item.meaning, self.facts.proofs.get(&item.id)) {
            (Meaning::Trigger | Meaning::Criterion, Some(proof)) => ItemState::Measured(proof),
            (Meaning::Later { .. }, _) if later.is_none_or(|later| !later.due) => {
                ItemState::NotDue { from: later.and_then(|later| later.from) }
            }
            (_, Some(proof)) if proof.good == Some(true) => ItemState::Proposed(proof),
            _ if item.claimed || item.meaning == Meaning::Claim => ItemState::Claimed,
            _ => ItemState::Open,
        }
    }

    /// Whether `item` counts as progress: work, sign-offs, later work that is due, and criteria that must be met; not what is
    /// struck through.
    pub fn counts(&self, item: &Item) -> bool {
        match item.meaning {
            _ if item.struck => false,
            Meaning::Work | Meaning::SignOff { .. } => true,
            Meaning::Later { .. } => !matches!(self.state(item), ItemState::NotDue { .. }),
            Meaning::Criterion => item.required,
            Meaning::Trigger | Meaning::Claim => false,
        }
    }

    /// Whether `item` asks something of a person.
    pub fn is_open(&self, item: &Item) -> bool {
        self.counts(item) && !self.standing(item).is_settled()
    }

    /// Counts over `items`.
    pub fn progress<'a>(&self, items: impl IntoIterator<Item = &'a Item>) -> Progress {
        let mut sum = Progress::default();
        for item in items.into_iter().filter(|item| self.counts(item)) {
            let state = self.state(item);
            let settled = self.standing(item).is_settled();
            sum.all += 1;
            sum.done += usize::from(settled);
            sum.required += usize::from(item.required);
            // What the journal has not taken settles nothing that is required.
            let kept = settled && self.pending.values().all(|(id, _)| *id != item.id);
            sum.required_open += usize::from(item.required && !kept);
            sum.lapsed += usize::from(matches!(state, ItemState::Lapsed { .. }));
            sum.failed += usize::from(matches!(state, ItemState::Failed(_)));
        }
        sum
    }

    /// Counts over everything.
    pub fn total(&self) -> Progress {
        self.progress(self.items())
    }
}
