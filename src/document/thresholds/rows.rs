//! A row of limits: what a bare number means follows from the others, and from what is measured.

use std::borrow::Cow;

use crate::document::bound::{Cell, Unread, magnitude, seconds};
use crate::document::topic::normal;
use crate::domain::Clean;
use crate::domain::item::ItemId;
use crate::domain::plan::{Bound, Comparator, Finding, Origin, Relative, Stated, Threshold};

use super::unread;
use super::whole::cell;

/// A row as the document writes it.
#[derive(Debug, Default)]
pub(in crate::document) struct Row<'a> {
    pub(in crate::document) line: u32,
    pub(in crate::document) name: &'a str,
    /// What of it the limit is of, where its own cell says that: `error rate` of a service.
    pub(in crate::document) measure: &'a str,
    pub(in crate::document) target: Option<&'a str>,
    pub(in crate::document) warning: Option<&'a str>,
    pub(in crate::document) critical: Option<&'a str>,
    pub(in crate::document) baseline: Option<&'a str>,
    /// A limit whose column does not say whether it is good, and what the headings above say.
    pub(in crate::document) limit: Option<(&'a str, Told)>,
    /// Whether its limit is no more than a warning.
    pub(in crate::document) warns: bool,
    /// What is noted beside it and says that it does not hold always.
    pub(in crate::document) note: Option<&'a str>,
    /// How long the warning and the critical limit are crossed.
    pub(in crate::document) lasts: Option<&'a str>,
    pub(in crate::document) description: &'a str,
    pub(in crate::document) priority: Option<u8>,
    pub(in crate::document) item: Option<ItemId>,
}

/// What headings say of the limits below them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::document) enum Told {
    /// That they are to be met.
    Good,
    /// That something is done when they are crossed.
    Bad,
    Nothing,
}

impl Told {
    /// By the headings above, the outermost first.
    pub(super) fn by(path: &[Clean]) -> Self {
        const GOOD: [&str; 22] = [
            "success",
            "accept",
            "target",
            "slo",
            "goal",
            "erfolg",
            "abnahme",
            "akzept",
            "ziel",
            "succes",
            "réussite",
            "acept",
            "objecti",
            "éxito",
            "objetivo",
            "sucesso",
            "aceita",
            "成功",
            "验收",
            "合格",
            "目标",
            "目標",
        ];
        const BAD: [&str; 16] = [
            "rollback",
            "roll back",
            "trigger",
            "alert",
            "abort",
            "critical",
            "rückfall",
            "abbruch",
            "alarm",
            "retour arrière",
            "回滚",
            "回滾",
            "告警",
            "触发",
            "切り戻し",
            "アラート",
        ];
        let says = |head: &str, words: &[&str]| {
            let head = head.to_lowercase().replace('è', "e");
            words.iter().any(|word| head.contains(word))
        };
        // The nearest that says anything.
        let said = |head: &Clean| match head {
            bad if says(bad, &BAD) => Some(Self::Bad),
            good if says(good, &GOOD) => Some(Self::Good),
            _ => None,
        };
        path.iter().rev().find_map(said).unwrap_or(Self::Nothing)
    }
}

/// A statement together with what its cell says.
type Read = Option<(Stated, Option<Bound>)>;

impl Row<'_> {
    /// The threshold, unless no cell has a number; and what cannot be read.
    pub(in crate::document) fn read(self, origin: Origin, findings: &mut Vec<Finding>) -> Option<Threshold> {
        let (of_target, of_warning, of_critical) = self.sort(findings);
        let mut state = |text: Option<&str>| text.and_then(|text| self.state(text, findings));
        let (mut target, mut warning, mut critical) =
            (state(of_target), state(of_warning), state(of_critical));
        let mut baseline = state(self.baseline);
        same_unit([&mut target, &mut warning, &mut critical]);
        if let Some(text) = mixed([&mut target, &mut warning, &mut critical]) {
            findings.push(self.unread(&text, &Unread::Order));
        }
        let has_number = |(stated, bare): &(Stated, Option<Bound>)| stated.bound.is_some() || bare.is_some();
        if ![&target, &warning, &critical].into_iter().flatten().any(has_number) {
            return None;
        }
        let wordless = [&warning, &critical].into_iter().flatten().filter(|read| is_wordless(read));
        findings.extend(wordless.map(|(stated, _)| self.unread(&stated.text, &Unread::Wordless)));
        let rises = self.bad_when_high(&[&target, &warning, &critical]);
        // A count may well have to be just that; of a time or a share nothing tells on which side it is good.
        let sided = |bare: &Bound| bare.value != 0.0 && !(bare.unit.is_empty() && bare.value.fract() == 0.0);
        if rises.is_none()
            && let Some((stated, bare)) = target.as_mut()
            && bare.take_if(|bare| sided(bare)).is_some()
        {
            findings.push(self.unread(&stated.text, &Unread::Side));
        }
        settle(&mut target, |bare| match (rises, bare.value.abs() < f64::EPSILON) {
            (_, true) => Comparator::Equal,
            (Some(true), false) => Comparator::AtMost,
            (Some(false), false) => Comparator::AtLeast,
            (None, false) => Comparator::Equal,
        });
        for limit in [&mut warning, &mut critical] {
            // Nothing tells on which side `critical: 90%` alone is.
            if rises.is_none()
                && let Some((stated, bare)) = limit.as_mut()
                && bare.take_if(|bare| bare.value != 0.0).is_some()
            {
                findings.push(self.unread(&stated.text, &Unread::Side));
            }
            settle(limit, |bare| match bare.baseline {
                // "drops 5 %": by so much or more.
                Some(Relative::Above | Relative::Below) => Comparator::AtLeast,
                _ if rises == Some(false) => Comparator::AtMost,
                _ => Comparator::AtLeast,
            });
        }
        settle(&mut baseline, |_| Comparator::Equal);
        self.last([&mut warning, &mut critical], findings);
        self.noted([&mut warning, &mut critical], findings);
        let kept = |read: Read| read.map(|(stated, _)| stated);
        Some(Threshold {
            line: self.line,
            name: Clean::new(&self.full_name()),
            target: kept(target),
            warning: kept(warning),
            critical: kept(critical),
            baseline: kept(baseline),
            priority: self.priority,
            description: Clean::new(self.description),
            origin,
            section: Vec::new(),
            item: self.item,
        })
    }

    /// What is measured, with what the cell of the limit says of it.
    fn full_name(&self) -> Cow<'_, str> {
        let known = self.measure.is_empty() || normal(self.name).contains(&normal(self.measure));
        if known { Cow::Borrowed(self.name) } else { Cow::Owned(format!("{} {}", self.name, self.measure)) }
    }

    /// What the target, the warning and the critical limit say.
    fn sort(&self, findings: &mut Vec<Finding>) -> (Option<&str>, Option<&str>, Option<&str>) {
        let (target, critical) = self.sort_limit(findings);
        let warns = self.warns && self.warning.is_none();
        if warns { (target, critical, None) } else { (target, self.warning, critical) }
    }

    /// What the target and the critical limit say: of [`Self::limit`] its side tells which of them it is, else a person does.
    fn sort_limit(&self, findings: &mut Vec<Finding>) -> (Option<&str>, Option<&str>) {
        let Some((text, told)) = self.limit else { return (self.target, self.critical) };
        let (bound, bare) = match cell(text, &self.full_name()) {
            Cell::Limit(bound) => (bound, false),
            Cell::Bare(bound) => (bound, true),
            // Why it is not read is told where it is read.
            Cell::Nothing | Cell::Unread(_) => return (Some(text), None),
        };
        let rises = self.rises_by_name();
        let crosses = match bound.comparator {
            _ if bare => None,
            // Of what is counted any may be too much.
            Comparator::Above if bound.value == 0.0 => Some(true),
            Comparator::Above | Comparator::AtLeast => rises,
            Comparator::Below | Comparator::AtMost => rises.map(|rises| !rises),
            Comparator::Equal | Comparator::About => None,
        };
        match (crosses, told) {
            (Some(true), Told::Bad | Told::Nothing) => (None, Some(text)),
            (Some(false), Told::Good | Told::Nothing) | (None, Told::Good) => (Some(text), None),
            (None, Told::Bad) if !bare || rises.is_some() => (None, Some(text)),
            (None, Told::Nothing) if bare && rises.is_some() => (Some(text), None),
            (None, Told::Nothing | Told::Bad) => {
                findings.push(self.unread(text, &Unread::Column));
                (None, None)
            }
            (Some(false), Told::Bad) => {
                findings.push(self.unread(text, &Unread::Kept));
                (None, None)
            }
            (Some(true), Told::Good) => {
                findings.push(self.unread(text, &Unread::Shunned));
                (None, None)
            }
        }
    }

    /// Why `text` is a person's.
    fn unread(&self, text: &str, why: &Unread) -> Finding {
        unread(self.line, &format!("{}: {text}", self.full_name()), why)
    }

    /// Whether more of it is worse, as its name tells.
    fn rises_by_name(&self) -> Option<bool> {
        super::names::bad_when_high(&self.full_name())
            .or_else(|| super::kept::is_slow(&self.full_name().to_lowercase()).then_some(true))
    }

    /// Gives `reads` the time that is said beside them; one that is not understood leaves them to a person.
    fn last(&self, reads: [&mut Read; 2], findings: &mut Vec<Finding>) {
        let is_said = |lasts: &&str| lasts.chars().any(char::is_alphanumeric);
        let Some(lasts) = self.lasts.filter(is_said) else { return };
        let time = seconds(lasts).filter(|_| !lasts.to_lowercase().contains("window"));
        let bounds = reads.into_iter().flatten().map(|(stated, _)| &mut stated.bound);
        let mut any = false;
        for bound in bounds.filter(|bound| bound.is_some()) {
            any = true;
            match (time, bound.as_mut()) {
                (Some(time), Some(it)) => {
                    it.for_seconds = it.for_seconds.or(Some(time).filter(|time| *time > 0));
                }
                _ => *bound = None,
            }
        }
        if time.is_none() && any {
            findings.push(self.unread(lasts, &Unread::Time));
        }
    }

    /// Leaves limits with a note that they do not hold always to a person.
    fn noted(&self, reads: [&mut Read; 2], findings: &mut Vec<Finding>) {
        let Some(note) = self.note else { return };
        let bounds = reads.into_iter().flatten().map(|(stated, _)| &mut stated.bound);
        let taken = bounds.filter_map(Option::take).count();
        if taken > 0 {
            findings.push(unread(self.line, &self.full_name(), &Unread::Noted(note.to_owned())));
        }
    }

    fn state(&self, text: &str, findings: &mut Vec<Finding>) -> Read {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let stated = |bound| Stated { text: Clean::new(text), bound };
        Some(match cell(text, &self.full_name()) {
            Cell::Nothing => (stated(None), None),
            Cell::Limit(bound) => (stated(Some(bound)), None),
            Cell::Bare(bound) => (stated(None), Some(bound)),
            Cell::Unread(why) => {
                findings.push(self.unread(text, &why));
                (stated(None), None)
            }
        })
    }

    /// Whether more of it is worse: by the comparators of the row, the order of its numbers, else by its name and unit.
    fn bad_when_high(&self, [target, warning, critical]: &[&Read; 3]) -> Option<bool> {
        let side = |read: &Read| match read.as_ref()?.0.bound.as_ref()?.comparator {
            Comparator::Below | Comparator::AtMost => Some(true),
            Comparator::Above | Comparator::AtLeast => Some(false),
            Comparator::Equal | Comparator::About => None,
        };
        let by_sign =
            side(target).or_else(|| side(critical).map(|low| !low)).or_else(|| side(warning).map(|low| !low));
        // In one unit: 1 s is more than 200 ms. What is of another kind says nothing of the order.
        let number = |read: &Read| {
            let (stated, bare) = read.as_ref()?;
            stated.bound.as_ref().or(bare.as_ref()).map(|bound| {
                let (value, unit) = magnitude(bound);
                (value, unit.to_owned())
            })
        };
        let (target, warning, critical) = (number(target), number(warning), number(critical));
        let rises = |from: &Option<(f64, String)>, to: &Option<(f64, String)>| {
            let ((from, unit), (to, other)) = (from.as_ref()?, to.as_ref()?);
            (unit == other && (to - from).abs() > f64::EPSILON).then_some(to > from)
        };
        by_sign
            .or_else(|| rises(&target, &critical))
            .or_else(|| rises(&target, &warning))
            .or_else(|| rises(&warning, &critical))
            .or_else(|| self.rises_by_name())
    }
}

/// Whether a limit without a number asks for something all the same: `any`, `outside`.
fn is_wordless((stated, bare): &(Stated, Option<Bound>)) -> bool {
    const NOTHING: [&str; 11] =
        ["", "n a", "na", "none", "no", "monitoring", "monitoring only", "keine", "aucun", "无", "なし"];
    let unread = stated.bound.is_none() && bare.is_none();
    unread && !NOTHING.contains(&&*normal(&stated.text)) && cell(&stated.text, "") == Cell::Nothing
}

/// Takes the numbers without a side out of a row whose numbers are of more than one kind (`300 ms`, `5 %`; `99.9 %`, `0.95`):
/// nothing tells how they lie to each other. The words of the first.
fn mixed(reads: [&mut Read; 3]) -> Option<String> {
    let kind = |read: &Read| {
        let (stated, bare) = read.as_ref()?;
        let bound = stated.bound.as_ref().or(bare.as_ref()).filter(|bound| bound.baseline.is_none())?;
        let (value, unit) = magnitude(bound);
        // A share told as a fraction beside one in percent.
        let fraction =
            bare.is_some() && unit == "%" && value > 0.0 && value < 1.0 && !stated.text.contains(['%', '％']);
        Some(if fraction { "fraction".to_owned() } else { unit.to_owned() })
    };
    let kinds: Vec<String> = reads.iter().filter_map(|read| kind(read)).collect();
    if kinds.windows(2).all(|pair| matches!(pair, [a, b] if a == b)) {
        return None;
    }
    let mut first = None;
    for (stated, bare) in reads.into_iter().flatten() {
        if bare.as_ref().is_some_and(|bare| bare.value != 0.0) {
            *bare = None;
            first.get_or_insert_with(|| stated.text.to_string());
        }
    }
    first
}

/// Gives numbers that stand alone in their cells the unit of the others: `99.9%`, `99.5`.
fn same_unit(reads: [&mut Read; 3]) {
    let unit = reads.iter().find_map(|read| {
        let (stated, bare) = read.as_ref()?;
        let bound = stated.bound.as_ref().or(bare.as_ref())?;
        (!bound.unit.is_empty() && bound.baseline.is_none()).then(|| bound.unit.clone())
    });
    let Some(unit) = unit else { return };
    for (stated, bare) in reads.into_iter().flatten() {
        if let Some(bare) = bare.as_mut().filter(|_| stated.text.trim().parse::<f64>().is_ok()) {
            bare.unit.clone_from(&unit);
        }
    }
}

/// Gives a number alone its side.
fn settle(read: &mut Read, side: impl FnOnce(&Bound) -> Comparator) {
    if let Some((stated, bare)) = read
        && let Some(bare) = bare.take()
    {
        let comparator = side(&bare);
        stated.bound = Some(Bound { comparator, ..bare });
    }
}

/// A limit with the words it stands in.
pub(in crate::document) fn stated(text: &str, bound: Bound) -> Stated {
    Stated { text: Clean::new(text), bound: Some(bound) }
}
