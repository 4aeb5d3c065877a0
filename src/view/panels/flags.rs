//! Feature flags: on or off, for how many, and what a flip would do.
//!
//! ```text
//! ╭─ Flags 2 on, 1 off, 1 debt ────── live 1s ─╮
//! │ ✓ SESSION_RESUME          on env · deploys │
//! │ ✓ NEW_PLANNER        on 25 % ▲ from outside│
//! │ ◦ OLD_PARSER                  off debt 12d │
//! ╰────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::flag::Provider;
use crate::domain::{PanelId, SourceId};
use crate::model::Model;
use crate::model::flags::{FlagValue, FlagView};
use crate::model::focus::Extent;
use crate::model::mouse::Spot;
use crate::theme::Role;
use crate::view::widgets::text::width;
use crate::view::widgets::{Age, Align, Mark, Pen, Title};
use crate::view::{Ctx, Trust};

use super::{Chart, Panel, Summary, age};

pub(super) struct Flags<'m> {
    model: &'m Model,
    age: Age,
    rows: Vec<FlagView<'m>>,
}

pub(super) fn gather(model: &Model) -> Flags<'_> {
    let mut sources: Vec<SourceId> =
        (0..model.room.flags.len()).filter_map(|index| model.flag_source(index)).collect();
    sources.dedup();
    Flags { model, age: age(model, sources.into_iter()), rows: model.all_flags().collect() }
}

/// The glyph of a flag; `live`: its source is.
pub(in crate::view) fn mark(flag: &FlagView<'_>, live: bool) -> Mark {
    match flag.effective() {
        _ if !live => Mark::Unknown,
        Some(FlagValue::On) => Mark::Good,
        Some(FlagValue::Other(_) | FlagValue::Secret) | None => Mark::Active,
        Some(FlagValue::Off | FlagValue::Unset) => Mark::Idle,
        Some(FlagValue::Unknown) => Mark::Unknown,
    }
}

/// Whether what is said of flag `index` can be believed now.
pub(in crate::view) fn is_live(model: &Model, index: usize) -> bool {
    let source = model.flag_source(index);
    source.is_some_and(|source| model.links.is_live(&source, model.now.mono))
}

impl Flags<'_> {
    fn words(&self) -> String {
        // Where nothing is live the last state is shown whole, with its age.
        let all_old = self.age.trust() == Trust::Old;
        let shown = |at: usize| all_old || is_live(self.model, at);
        let live: Vec<_> = self.rows.iter().enumerate().filter(|(at, _)| shown(*at)).collect();
        let count =
            |wanted: Option<&FlagValue>| live.iter().filter(|(_, row)| row.effective() == wanted).count();
        let (on, off) = (count(Some(&FlagValue::On)), count(Some(&FlagValue::Off)));
        let unknown = count(Some(&FlagValue::Unknown)) + self.rows.len() - live.len();
        let split = count(None);
        let rest = self.rows.len() - on - off - split - unknown;
        let mut words = format!("{on} on, {off} off");
        if split > 0 {
            words += &format!(", {split} split");
        }
        if rest > 0 {
            words += &format!(", {rest} other");
        }
        if unknown > 0 {
            words += &format!(", ? {unknown}");
        }
        words
    }

    fn debt(&self) -> usize {
        self.rows.iter().filter(|flag| flag.overdue.is_some()).count()
    }
}

impl Panel for Flags<'_> {
    fn age(&self) -> Age {
        self.age
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let title = Title::new("Flags", self.age);
        if self.rows.is_empty() {
            return title.note("none", ctx.style(Role::Muted));
        }
        let title = title.note(self.words(), ctx.style(Role::Text));
        match self.debt() {
            0 => title,
            debt => title.note(format!("{debt} debt"), ctx.style(Role::Warn)),
        }
    }

    fn summary(&self) -> Summary {
        let unseen = self.age.trust() == Trust::Old;
        let (mark, words) = match (self.rows.is_empty(), self.debt()) {
            (true, _) => (Mark::Idle, "none configured".to_owned()),
            (false, _) if unseen => (Mark::Unknown, self.words()),
            (false, 0) => (Mark::Good, self.words()),
            (false, debt) => (Mark::Good, format!("{}, {debt} debt", self.words())),
        };
        Summary { mark, words, chart: Chart::None }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let rows = (self.rows.len() as u16).max(2);
        (rows.min(4), rows, false)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.rows.is_empty() {
            Pen::new(buf, area, 0).put("No flag in the config.", ctx.style(Role::Text));
            let mut pen = Pen::new(buf, area, 1);
            pen.put("[[flag]]", ctx.style(Role::Key))
                .put("  names one and its variable", ctx.style(Role::Muted));
            return;
        }
        let focus = &self.model.ui.focus;
        let cursor = focus.cursor(PanelId::Flags);
        let extent = Extent { rows: self.rows.len(), page: usize::from(area.height) };
        let top = cursor.top(extent);
        let column = column(&self.rows, area.width);
        for ((flag, at), row) in self.rows.iter().zip(0..).skip(top).zip(0..area.height) {
            if focus.panel() == PanelId::Flags && at == cursor.row {
                buf.set_style(Rect { y: area.y + row, height: 1, ..area }, ctx.style(Role::Selected));
            }
            let mut pen = Pen::new(buf, area, row);
            ctx.spot(pen.rest(), Spot::Row { panel: PanelId::Flags, row: at });
            let live = ctx.trust != Trust::Old && is_live(self.model, at);
            draw_flag(&mut pen, ctx, flag, live, column);
        }
    }
}

/// What is to be said of a flag first: that it is overdue, was changed outside, or what a flip does.
fn first_thing(flag: &FlagView<'_>) -> (String, Role) {
    let outside = flag.change.is_some_and(|change| change.outside);
    match (flag.overdue, flag.spec.provider()) {
        (Some(days), _) => (format!("debt {days}d"), Role::Warn),
        _ if outside => ("▲ outside".to_owned(), Role::Warn),
        (None, Provider::CloudRun) if flag.pinned => ("deploys at 0 %".to_owned(), Role::Warn),
        (None, Provider::CloudRun) => ("deploys".to_owned(), Role::Warn),
        (None, Provider::Unleash | Provider::Flagd) => ("at once".to_owned(), Role::Muted),
        (None, Provider::Ofrep) => ("read only".to_owned(), Role::Muted),
    }
}

/// The column at the right, the same in all rows: who has the flag and what a flip does; the provider gives way before a
/// name is cut.
fn column(rows: &[FlagView<'_>], cells: u16) -> (bool, usize) {
    let widest = |with: bool| rows.iter().map(|flag| width(&ending(flag, with))).max().unwrap_or(0);
    let named = |flag: &FlagView<'_>| width(&flag.spec.name) + width(&words(flag)) + 4;
    let longest = rows.iter().map(named).max().unwrap_or(0);
    let roomy = longest + widest(true) <= usize::from(cells);
    (roomy, widest(roomy))
}

fn ending(flag: &FlagView<'_>, provider: bool) -> String {
    let effect = first_thing(flag).0;
    let name = match flag.spec.provider() {
        Provider::CloudRun => "env",
        Provider::Unleash => "unleash",
        Provider::Flagd => "flagd",
        Provider::Ofrep => "ofrep",
    };
    if provider { format!("{name} · {effect}") } else { effect }
}

/// What it is set to, in a few words: of a split the first share, which is of what is set.
fn words(flag: &FlagView<'_>) -> String {
    let words = flag.words();
    match (flag.effective(), words.split_once(", ")) {
        (None, Some((first, _))) if first.ends_with('%') => first.to_owned(),
        _ => words,
    }
}

fn draw_flag(
    pen: &mut Pen<'_>,
    ctx: &Ctx<'_>,
    flag: &FlagView<'_>,
    live: bool,
    (roomy, cells): (bool, usize),
) {
    let mark = mark(flag, live);
    let (effect, effect_role) = first_thing(flag);
    let role = if flag.differs() { Role::Warn } else { Role::Text };
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    let before = ending(flag, roomy);
    let before = before.strip_suffix(effect.as_str()).unwrap_or_default();
    let gap = cells.saturating_sub(width(before) + width(&effect));
    pen.put_right(&effect, ctx.style(effect_role)).put_right(before, ctx.style(Role::Muted));
    pen.skip_right(u16::try_from(gap).unwrap_or(0) + 1);
    pen.put_right(&words(flag), ctx.style(role)).skip_right(1);
    let cells = pen.room();
    pen.cell(&flag.spec.name, cells, Align::Left, ctx.style(Role::Text));
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::config::{self, Overrides};
    use crate::domain::flag::{FlagRead, FlagSeen, Setting};
    use crate::domain::room::FlagSpec;
    use crate::domain::{LinkReport, Mono, Now};
    use crate::model::msg::Msg;

    /// A flag whose backend does not answer any more is not counted as what it was.
    #[test]
    fn the_title_counts_what_is_live() {
        let config = r#"
[ofrep]
url = "http://127.0.0.1:1"
[[flag]]
name = "A"
provider = "ofrep"
[[flag]]
name = "B"
provider = "ofrep"
[[flag]]
name = "C"
provider = "ofrep"
"#;
        let loaded = config::parse(config, Path::new("config.toml"), &Overrides::default(), "mara");
        let room = Arc::new(loaded.expect("config").room);
        let mut model = Model::new(room, "test".into(), Now::default(), (80, 24));
        let mut told = |second, live: [bool; 3]| {
            let at = Mono::from_secs(second);
            for (flag, live) in (0_u16..).zip(live) {
                let source = SourceId::Flag { flag };
                let down = LinkReport::Down { error: "404".into(), attempt: 1, retry_at: at };
                let report = if live { LinkReport::Alive } else { down };
                model.update(Msg::Linked { source, report, at });
                let setting = Setting { enabled: flag != 1, ..Setting::default() };
                let read = FlagRead { setting, ..FlagRead::default() };
                model.update(Msg::FlagSeen(Box::new(FlagSeen { flag, at, read })));
            }
            // Ticks come each second; a jump would be this process's own standing still.
            model.now = Now { mono: at, ..Now::default() };
            gather(&model).words()
        };
        assert_eq!(told(1, [true; 3]), "2 on, 1 off");
        assert_eq!(told(60, [true, true, false]), "1 on, 1 off, ? 1");
        assert_eq!(told(120, [true, false, false]), "1 on, 0 off, ? 2");
        assert_eq!(told(180, [false; 3]), "2 on, 1 off", "the last state, with its age");
    }

    #[test]
    fn of_a_split_the_first_share_is_told_and_nothing_that_nobody_gets() {
        let spec = FlagSpec::default();
        let told = |serving: &[(FlagValue, u8)]| {
            let (value, serving) = (FlagValue::On, serving.to_vec());
            let flag = FlagView {
                spec: &spec,
                value,
                serving,
                pinned: true,
                read: None,
                change: None,
                overdue: None,
            };
            words(&flag)
        };
        assert_eq!(told(&[(FlagValue::On, 10), (FlagValue::Off, 90)]), "on 10 %");
        assert_eq!(
            told(&[(FlagValue::Off, 90), (FlagValue::Unset, 10)]),
            "on, serving off 90 %, not set 10 %"
        );
        assert_eq!(told(&[(FlagValue::Off, 100)]), "on, serving off");
    }
}
