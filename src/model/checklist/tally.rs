//! How items stand, and what they add up to below a heading.

use crate::domain::{Item, Meaning};

/// How an item stands, as far as lists and counts ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Nothing is left to do with it: signed off, waived, not applicable, or its condition holds.
    Settled,
    /// To do, or not met.
    Open,
    /// The document says that it is done; nobody attested it, and it asks for that.
    Claimed,
    /// The document reports it, or strikes it through: it asks for nothing, and counts for nothing.
    Reported,
    /// Its time has not come: it asks for nothing yet.
    NotDue,
    /// It was signed off, and that does not hold any more.
    Lapsed,
    /// It was tried, and is not good.
    Failed,
    /// What asks for a rollback did not happen.
    Clear,
    /// What asks for a rollback happened.
    Happened,
    /// It is a condition, and nobody can see whether it holds.
    Unseen,
}

impl Standing {
    /// Whether it is over with, and may be put away.
    pub fn is_settled(self) -> bool {
        self == Self::Settled
    }

    /// Whether it asks a person for something.
    pub fn asks(self) -> bool {
        match self {
            Self::Settled | Self::Reported | Self::NotDue | Self::Clear | Self::Unseen => false,
            Self::Open | Self::Claimed | Self::Lapsed | Self::Failed | Self::Happened => true,
        }
    }
}

/// What stands below a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Items of work and sign-offs, and later ones that are due.
    pub all: usize,
    /// Those that are settled.
    pub done: usize,
    /// Required ones among them.
    pub required: usize,
    /// Required ones that are not settled.
    pub required_open: usize,
    /// Those that failed or lapsed.
    pub bad: usize,
    /// Those that lapsed.
    pub lapsed: usize,
    /// Criteria: conditions that are met when true.
    pub criteria: usize,
    /// Criteria that hold.
    pub hold: usize,
    /// Conditions that ask for a rollback.
    pub triggers: usize,
    /// Those that happened.
    pub happened: usize,
    /// Those that nobody can see.
    pub unseen: usize,
    /// What the document reports.
    pub claims: usize,
    /// Claims that a person attested.
    pub done_claims: usize,
    /// Items whose time has not come.
    pub later: usize,
}

impl Tally {
    /// Adds one item.
    pub fn add(&mut self, item: &Item, standing: Standing) {
        match item.meaning {
            _ if item.struck => {}
            // A later stage says something else of it.
            Meaning::Trigger if standing == Standing::Reported => {}
            Meaning::Trigger if standing == Standing::NotDue => self.later += 1,
            Meaning::Trigger => {
                self.triggers += 1;
                self.happened += usize::from(standing == Standing::Happened);
                self.unseen += usize::from(standing == Standing::Unseen);
            }
            Meaning::Criterion => {
                self.criteria += 1;
                self.hold += usize::from(standing.is_settled());
                if item.required {
                    self.add_asked(item, standing);
                }
            }
            Meaning::Claim => {
                self.claims += 1;
                self.done_claims += usize::from(standing.is_settled());
            }
            Meaning::Later { .. } if standing == Standing::NotDue => self.later += 1,
            Meaning::Work | Meaning::SignOff { .. } | Meaning::Later { .. } => {
                self.add_asked(item, standing);
            }
        }
    }

    /// Adds one that asks for something.
    fn add_asked(&mut self, item: &Item, standing: Standing) {
        self.all += 1;
        self.done += usize::from(standing.is_settled());
        self.required += usize::from(item.required);
        self.required_open += usize::from(item.required && !standing.is_settled());
        self.bad += usize::from(matches!(standing, Standing::Failed | Standing::Lapsed));
        self.lapsed += usize::from(standing == Standing::Lapsed);
    }

    /// Adds what stands below another heading.
    pub fn merge(&mut self, other: Self) {
        self.all += other.all;
        self.done += other.done;
        self.required += other.required;
        self.required_open += other.required_open;
        self.bad += other.bad;
        self.lapsed += other.lapsed;
        self.criteria += other.criteria;
        self.hold += other.hold;
        self.triggers += other.triggers;
        self.happened += other.happened;
        self.unseen += other.unseen;
        self.claims += other.claims;
        self.done_claims += other.done_claims;
        self.later += other.later;
    }

    /// Whether nothing below it asks for anything, nor will.
    pub fn is_finished(&self) -> bool {
        let any = self.all + self.criteria > 0;
        let watched = self.triggers + self.later > 0 || self.claims > self.done_claims;
        any && self.done == self.all && self.hold == self.criteria && !watched
    }

    /// How far it is: `6/8`; conditions alone as `3/5 hold`, triggers alone as `2 clear`.
    pub fn words(&self) -> String {
        let Self {
            all, done, criteria, hold, triggers, happened, unseen, claims, done_claims, later, ..
        } = self;
        match (all, criteria, triggers, claims) {
            (1.., ..) => format!("{done}/{all}"),
            (0, 1.., ..) => format!("{hold}/{criteria} hold"),
            (0, 0, 1.., _) if *happened > 0 => format!("{happened} happened"),
            (0, 0, 1.., _) if unseen == triggers => format!("{unseen} to watch"),
            (0, 0, 1.., _) => format!("{} clear", triggers - unseen),
            (0, 0, 0, 1..) if *done_claims > 0 => format!("{done_claims}/{claims} attested"),
            (0, 0, 0, 1..) => format!("{claims} claimed"),
            (0, 0, 0, 0) if *later > 0 => format!("{later} later"),
            (0, 0, 0, 0) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(items: &[(Meaning, Standing)]) -> Tally {
        let mut tally = Tally::default();
        for (meaning, standing) in items {
            tally.add(&Item { meaning: meaning.clone(), ..Item::default() }, *standing);
        }
        tally
    }

    #[test]
    fn each_kind_of_item_counts_as_what_it_is() {
        use Standing::{Clear, Happened, NotDue, Open, Reported, Settled, Unseen};
        let later = Meaning::Later { from_seconds: Some(3600), until_seconds: None };
        let (work, met, trips, claim) = (Meaning::Work, Meaning::Criterion, Meaning::Trigger, Meaning::Claim);
        let words = |items: &[(Meaning, Standing)]| tally(items).words();
        assert_eq!(words(&[]), "");
        assert_eq!(words(&[(work.clone(), Settled), (work.clone(), Open), (met.clone(), Open)]), "1/2");
        assert_eq!(words(&[(met.clone(), Settled), (met.clone(), Unseen)]), "1/2 hold");
        assert_eq!(words(&[(trips.clone(), Clear), (trips.clone(), Unseen)]), "1 clear");
        assert_eq!(words(&[(trips.clone(), Unseen)]), "1 to watch");
        assert_eq!(words(&[(trips.clone(), Happened), (trips.clone(), Clear)]), "1 happened");
        assert_eq!(words(&[(claim.clone(), Reported), (claim.clone(), Reported)]), "2 claimed");
        assert_eq!(words(&[(claim, Settled)]), "1/1 attested");
        assert_eq!(words(&[(later.clone(), NotDue)]), "1 later");
        assert_eq!(words(&[(later, Open)]), "0/1");
        assert!(tally(&[(work.clone(), Settled), (met, Settled)]).is_finished());
        assert!(!tally(&[(work, Settled), (trips, Clear)]).is_finished(), "a trigger is watched to the end");
        assert!(!Tally::default().is_finished());
    }
}
