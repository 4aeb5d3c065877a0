//! How many series are kept: so many of one name, and so many of all. A name with more is turned away whole, for a part of its
//! series answers nothing; the others stay.

use rustc_hash::FxHashMap;

/// All names together have the room of so many full ones, where nothing else is said.
const NAMES: usize = 5;

/// A name with fewer than this part of all series is not what is too much.
const LARGE: usize = 100;

/// A name of which not all series can be kept, so that none is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooMany {
    /// The name.
    pub name: String,
    /// So many are kept at most.
    pub most: usize,
    /// That is of all names together, of which this one had the most series; else of one.
    pub of_all: bool,
}

/// Which names have their series kept.
#[derive(Debug)]
pub(super) struct Places {
    each: usize,
    all: usize,
    kept: usize,
    of: FxHashMap<Box<[u8]>, usize>,
    away: FxHashMap<Box<[u8]>, Away>,
}

/// A name that is turned away.
#[derive(Debug)]
struct Away {
    of_all: bool,
    /// That was while the scrape was read that is read now.
    now: bool,
    /// Its samples in that scrape, since then.
    samples: usize,
}

impl Places {
    pub(super) fn new(each: usize) -> Self {
        let (of, away) = (FxHashMap::default(), FxHashMap::default());
        Self { each, all: each.saturating_mul(NAMES), kept: 0, of, away }
    }

    /// So many of all names from now on.
    pub(super) fn bound(&mut self, all: usize) {
        self.all = all.max(self.each);
    }

    /// Series of all names at most.
    pub(super) fn all(&self) -> usize {
        self.all
    }

    /// A scrape is read from its beginning.
    pub(super) fn begin(&mut self) {
        self.away.values_mut().for_each(|away| (away.now, away.samples) = (false, 0));
    }

    /// Whether a sample of `name` is turned away; it is counted.
    pub(super) fn refuses(&mut self, name: &[u8]) -> bool {
        if self.away.is_empty() {
            return false;
        }
        let Some(away) = self.away.get_mut(name) else { return false };
        away.samples += 1;
        true
    }

    /// Samples that were turned away since the scrape began.
    pub(super) fn refused(&self) -> u64 {
        self.away.values().map(|away| away.samples as u64).sum()
    }

    /// Whether a series of `name` can be taken without turning any away.
    pub(super) fn is_free(&self, name: &str) -> bool {
        let of = self.of.get(name.as_bytes()).copied().unwrap_or_default();
        of < self.each && self.kept < self.all && !self.away.contains_key(name.as_bytes())
    }

    /// Takes a place for one more series of `name`; else gives the name that is turned away, and whether series of it were kept.
    pub(super) fn take(&mut self, name: &str) -> Result<(), (Box<[u8]>, bool)> {
        let own: Box<[u8]> = name.as_bytes().into();
        if self.of.get(&own).is_some_and(|of| *of >= self.each) {
            return Err(self.turn_away(own, false));
        }
        if self.kept >= self.all {
            let largest = self.of.iter().max_by_key(|(name, of)| (**of, *name));
            let large = largest.filter(|(_, of)| **of * LARGE >= self.all);
            let away = large.map_or(own, |(name, _)| name.clone());
            return Err(self.turn_away(away, true));
        }
        self.kept += 1;
        *self.of.entry(own).or_default() += 1;
        Ok(())
    }

    fn turn_away(&mut self, name: Box<[u8]>, of_all: bool) -> (Box<[u8]>, bool) {
        let of = self.of.remove(&name).unwrap_or_default();
        self.kept -= of;
        self.away.insert(name.clone(), Away { of_all, now: true, samples: 0 });
        (name, of > 0)
    }

    /// Lets names in again that had few enough samples in the scrape that was read; gives those that had any: none of them was
    /// taken.
    pub(super) fn let_in(&mut self) -> Vec<Box<[u8]>> {
        if self.away.is_empty() {
            return Vec::new();
        }
        let few = self.away.iter().filter(|(_, away)| !away.now && away.samples <= self.each);
        let mut counted: Vec<_> = few.map(|(name, away)| (away.samples, name.clone())).collect();
        counted.sort_unstable();
        let mut kept = self.kept;
        let mut again = Vec::new();
        for (samples, name) in counted {
            kept += samples;
            if kept > self.all {
                break;
            }
            self.away.remove(&name);
            if samples > 0 {
                again.push(name);
            }
        }
        again
    }

    /// Counts anew what is kept.
    pub(super) fn count<'a>(&mut self, kept: impl Iterator<Item = &'a str>) {
        self.of.values_mut().for_each(|of| *of = 0);
        self.kept = 0;
        for name in kept {
            self.kept += 1;
            match self.of.get_mut(name.as_bytes()) {
                Some(of) => *of += 1,
                None => _ = self.of.insert(name.as_bytes().into(), 1),
            }
        }
        self.of.retain(|_, of| *of > 0);
    }

    /// Why `name` is turned away.
    pub(super) fn why(&self, name: &str) -> Option<TooMany> {
        self.away.get(name.as_bytes()).map(|away| self.told(name.as_bytes(), away))
    }

    /// The first by name that is turned away.
    pub(super) fn any(&self) -> Option<TooMany> {
        self.away.iter().min_by_key(|(name, _)| *name).map(|(name, away)| self.told(name, away))
    }

    fn told(&self, name: &[u8], away: &Away) -> TooMany {
        let name = String::from_utf8_lossy(name).into_owned();
        TooMany { name, most: if away.of_all { self.all } else { self.each }, of_all: away.of_all }
    }
}
