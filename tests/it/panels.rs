//! Every panel by itself, content and style: with nothing configured, nothing known, as usual, at its worst, lost,
//! and narrow; and every panel at full size.

mod dashboards;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use strum::IntoEnumIterator;
use unicode_width::UnicodeWidthStr;

use warroom::config::{self, Overrides};
use warroom::domain::event::{EventsDelta, Line, RunsDelta};
use warroom::domain::{Clean, LinkReport, Mono, Now, PanelId, ServiceIx, SourceId, Wall};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::msg::Msg;
use warroom::theme::{Depth, Role, Theme};
use warroom::view::{self, Ctx, Glyphs, full, panels};

use crate::frames::room::{Mood, bare, empty, room, watched};
use crate::frames::{GLYPHS, frame, is_dots, roles, text};

const SCREEN: (u16, u16) = (160, 48);

/// A case: its name and its room.
type Case = (&'static str, Model);

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    vec![
        ("not set up", bare(SCREEN)),
        ("nothing known", empty(SCREEN)),
        ("typical", room(Mood::Healthy, SCREEN)),
        ("worst", room(Mood::Tripped, SCREEN)),
        ("lost", room(Mood::Lost, SCREEN)),
    ]
});

fn case(name: &str) -> &'static Model {
    &CASES.iter().find(|(known, _)| *known == name).expect("a case of that name").1
}

/// Width of the panel's column on a screen of 160, and a height at which nothing of it is hidden.
fn size(id: PanelId) -> (u16, u16) {
    match id {
        PanelId::Startup | PanelId::Health | PanelId::Traffic | PanelId::Flags | PanelId::Journal => (46, 11),
        PanelId::Closes | PanelId::Events => (60, 16),
        PanelId::Triggers
        | PanelId::Metrics
        | PanelId::Checklist
        | PanelId::Gates
        | PanelId::Alerts
        | PanelId::Stages => (54, 12),
        PanelId::GoldenPath
        | PanelId::Users
        | PanelId::Budget
        | PanelId::Money
        | PanelId::Components
        | PanelId::Trends
        | PanelId::Deployment
        | PanelId::WayBack
        | PanelId::Logs => (66, 18),
    }
}

fn drawn(
    model: &Model,
    theme: &Theme,
    (width, height): (u16, u16),
    draw: impl Fn(Rect, &mut Buffer, &Ctx<'_>),
) -> Buffer {
    let keymap = Keymap::default();
    let ctx = Ctx::new(theme, &keymap, model.now);
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    buf.set_style(area, theme.base());
    draw(area, &mut buf, &ctx);
    buf
}

pub(crate) fn panel(id: PanelId, model: &Model, size: (u16, u16), theme: &str) -> Buffer {
    let theme = Theme::named(theme, Depth::True);
    drawn(model, &theme, size, |area, buf, ctx| {
        panels::draw((id, panels::gather(id, model).as_ref()), area, buf, ctx, false);
    })
}

pub(crate) fn opened(id: PanelId, model: &Model, size: (u16, u16)) -> Buffer {
    let theme = Theme::named("dark", Depth::True);
    drawn(model, &theme, size, |area, buf, ctx| full::draw(area, buf, ctx, model, id))
}

/// The text and, beside it, one letter for the role of each cell.
fn both(buf: &Buffer) -> String {
    let theme = Theme::named("dark", Depth::True);
    format!("{}\n\n{}", text(buf), roles(buf, &theme))
}

#[test]
fn every_panel_in_every_case() {
    for id in PanelId::iter() {
        let (width, height) = size(id);
        let mut told = String::new();
        for (name, model) in CASES.iter() {
            told += &format!("{name}\n{}\n\n", both(&panel(id, model, (width, height), "dark")));
        }
        for (name, narrow) in [("narrow", (34, 8)), ("folded", (width, 1))] {
            let buf = panel(id, case("worst"), narrow, "dark");
            told += &format!("{name}\n{}\n\n", both(&buf));
        }
        insta::assert_snapshot!(format!("{id}").to_lowercase(), told.trim_end());
    }
}

#[test]
fn every_panel_at_full_size() {
    for id in PanelId::iter() {
        let mut told = String::new();
        for (name, size) in
            [("worst", (160, 40)), ("worst", (80, 20)), ("lost", (110, 30)), ("not set up", (80, 12))]
        {
            let buf = opened(id, case(name), size);
            told += &format!("{name} {}x{}\n{}\n\n", size.0, size.1, both(&buf));
        }
        insta::assert_snapshot!(format!("{id}-full").to_lowercase(), told.trim_end());
    }
}

#[test]
fn rows_are_whole_and_hold_known_glyphs_only() {
    let check = |id: PanelId, name: &str, buf: &Buffer| {
        for row in buf.content().chunks(usize::from(buf.area.width)) {
            let row: String = row.iter().map(Cell::symbol).collect();
            assert_eq!(row.width(), usize::from(buf.area.width), "{id} {name}: {row}");
            let odd = row.chars().find(|c| !c.is_ascii() && !GLYPHS.contains(*c) && !is_dots(*c));
            assert_eq!(odd, None, "{id} {name}: {row}");
        }
    };
    for id in PanelId::iter() {
        for (name, model) in CASES.iter() {
            for width in [20, 34, 46, 60, 80] {
                check(id, name, &panel(id, model, (width, 12), "dark"));
            }
            for size in [(60, 14), (80, 20), (120, 36), (200, 56)] {
                check(id, name, &opened(id, model, size));
            }
        }
    }
}

#[test]
fn without_colour_the_text_of_each_panel_tells_its_states_apart() {
    // What only an act changes is as good in a bad room as in a good one.
    let same = [
        PanelId::Startup,
        PanelId::Flags,
        PanelId::Checklist,
        PanelId::Journal,
        PanelId::Deployment,
        PanelId::WayBack,
    ];
    // These rooms have no gate, no alert, no stage, no objective and no figure of money, and read no logs.
    let none =
        [PanelId::Gates, PanelId::Alerts, PanelId::Stages, PanelId::Budget, PanelId::Money, PanelId::Logs];
    for id in PanelId::iter().filter(|id| !none.contains(id)) {
        let texts = ["nothing known", "typical", "worst", "lost"]
            .map(|name| text(&panel(id, case(name), size(id), "mono")));
        let local = [PanelId::Checklist, PanelId::Journal].contains(&id);
        assert_ne!(texts[0], texts[1], "{id}: nothing known looks like all is well");
        assert!(same.contains(&id) || texts[1] != texts[2], "{id}: bad looks like all is well");
        assert!(local || texts[1] != texts[3], "{id}: lost looks like all is well");
    }
}

#[test]
fn what_is_lost_is_nowhere_green_and_its_measured_numbers_are_gone() {
    let theme = Theme::named("dark", Depth::True);
    let good = [theme.style(Role::Good).fg, theme.fill(Role::Good).bg];
    let green = |buf: &Buffer| {
        buf.content().iter().any(|cell| good.contains(&Some(cell.fg)) || good.contains(&Some(cell.bg)))
    };
    let remote = || {
        PanelId::iter().filter(|id| {
            !matches!(id, PanelId::Checklist | PanelId::Gates | PanelId::Alerts | PanelId::Journal)
        })
    };
    for id in remote() {
        let small = panel(id, case("lost"), size(id), "dark");
        assert!(!green(&small), "{id}\n{}", text(&small));
        for size in [(80, 20), (160, 40)] {
            let large = opened(id, case("lost"), size);
            // What the verdict was before is in the journal, and stays what it was.
            assert!(id == PanelId::Stages || !green(&large), "{id} at full size\n{}", text(&large));
        }
    }
    let closes = text(&opened(PanelId::Closes, case("lost"), (120, 36)));
    assert!(!closes.contains("0.0/min"), "{closes}");
    for (id, wanted) in [
        (PanelId::Closes, "? 4401 unauthorized (app)    --"),
        (PanelId::Events, "delivery p50 -- p95 --"),
        (PanelId::Metrics, "? error_rate          --"),
        (PanelId::Health, "p95 --"),
        (PanelId::Triggers, "--:-- of 05:00"),
    ] {
        let text = text(&panel(id, case("lost"), size(id), "dark"));
        assert!(text.contains(wanted), "{id}: no {wanted:?} in\n{text}");
    }
}

#[test]
fn full_views_say_more_than_the_overview() {
    for (id, wanted) in [
        (PanelId::Health, ["GET http://127.0.0.1:1/health", "last error", "changes"].as_slice()),
        (PanelId::Startup, &["when, in the whole startup", "findings", "of 30s, 11.8s left"]),
        (PanelId::Metrics, &["query", "critical < 80 %", "by revision"]),
        (PanelId::Triggers, &["asks for a rollback when", "stopwatch", "speaks of"]),
        (PanelId::Traffic, &["wanted", "image", "generation", "operations"]),
        (PanelId::Journal, &["Record 3", "who", "kind"]),
    ] {
        let text = text(&opened(id, case("typical"), (160, 40)));
        for word in wanted {
            assert!(text.contains(word), "{id}: no {word:?} in\n{text}");
        }
    }
}

#[test]
fn every_theme_draws_the_same_text() {
    // These rooms have no gate, no alert and no stage.
    let none = [PanelId::Gates, PanelId::Alerts, PanelId::Stages];
    for id in PanelId::iter().filter(|id| !none.contains(id)) {
        let texts = ["dark", "light", "high-contrast", "mono"].map(|theme| {
            let name = case("worst");
            text(&panel(id, name, size(id), theme))
        });
        assert!(texts.iter().all(|text| *text == texts[0]), "{id}");
    }
    let model = case("worst");
    let theme = Theme::named("mono", Depth::True);
    let frame = drawn(model, &theme, SCREEN, |area, buf, ctx| drop(view::draw(model, ctx, area, buf)));
    assert!(text(&frame).contains("ROLL BACK"));
}

const TWO: &str = r#"
[room]
name = "chat"
[[service]]
name = "chat-backend"
[[service.health]]
name = "api"
url = "http://127.0.0.1:1/health"
[service.events]
url = "ws://127.0.0.1:1/ws/events"
[[service]]
name = "voice-backend"
[[service.health]]
name = "voice"
url = "http://127.0.0.1:2/health"
[service.events]
url = "ws://127.0.0.1:2/ws/events"
"#;

/// A room of two services, each with a stream of its own, told in turns.
fn two() -> Model {
    let loaded = config::parse(TWO, Path::new("config.toml"), &Overrides::default(), "mara");
    let start: Wall = "2026-11-21T13:50:00Z".parse().expect("a time");
    let now = |second: u64| Now {
        mono: Mono::from_secs(second),
        wall: start + chrono::TimeDelta::seconds(second.cast_signed()),
    };
    let room = loaded.unwrap_or_else(|error| panic!("{error}")).room;
    let mut model = Model::new(Arc::new(room), "test".into(), now(0), SCREEN);
    for second in 1..=6 {
        let service = ServiceIx(u16::from(second % 2 == 0));
        let at = Mono::from_secs(second);
        for service in [ServiceIx(0), ServiceIx(1)] {
            let source = SourceId::Events { service };
            model.update(Msg::Linked { source, report: LinkReport::Alive, at });
        }
        let run = Clean::new(&format!("{second}{second}{second}{second}-run"));
        let line = Line { at, kind: Clean::new("agent_started"), run, ..Line::default() };
        let delta = EventsDelta {
            service,
            at,
            received: 1,
            numbered: 1,
            by_type: vec![1, 0, 0, 0, 0],
            runs: RunsDelta { opened: 1, ..RunsDelta::default() },
            lines: vec![line],
            ..EventsDelta::default()
        };
        model.update(Msg::Streamed(Box::new(delta)));
        model.update(Msg::Ticked(now(second)));
    }
    model
}

#[test]
fn a_room_of_several_services_shows_all_of_them_by_name() {
    let model = two();
    let events = text(&panel(PanelId::Events, &model, (60, 24), "dark"));
    let tail: Vec<&str> = events.lines().filter(|line| line.contains(".000 ")).collect();
    let wanted = ["voice", "chat", "voice", "chat", "voice", "chat"];
    assert_eq!(tail.len(), wanted.len(), "{events}");
    for ((line, service), second) in tail.iter().zip(wanted).zip((1..=6).rev()) {
        assert!(line.contains(&format!("13:50:0{second}.000 {service}")), "{second}: {line}");
    }
    for id in [PanelId::Triggers, PanelId::Events] {
        let text = text(&panel(id, &model, (54, 24), "dark"));
        assert!(text.contains("│ chat-backend ") && text.contains("│ voice-backend "), "{text}");
        insta::assert_snapshot!(format!("{id}-two").to_lowercase(), text);
    }
}

#[test]
fn an_outage_stays_missing_in_the_charts_when_it_is_over() {
    // Parts of 20 s: 560 to 639 was not heard, the first and the last second of it were.
    let model = watched(Mood::Healthy, SCREEN, 561..639);
    for (id, row) in [(PanelId::Events, "agent_started"), (PanelId::Closes, "1011 internal")] {
        let text = text(&panel(id, &model, size(id), "dark"));
        let line = text.lines().find(|line| line.contains(row)).unwrap_or_default();
        let missing = line.matches('·').count();
        assert_eq!(missing, 4, "four parts, neither more nor as zeros: {text}");
        assert!(!line.trim_end_matches(['│', ' ']).ends_with('·'), "it is heard again: {text}");
    }
    let events = text(&panel(PanelId::Events, &model, size(PanelId::Events), "dark"));
    assert!(!events.lines().any(|line| line.contains("agent_started") && line.contains('▁')), "{events}");
}

#[test]
fn a_room_without_flags_and_without_cloud_run_hints_at_neither() {
    let line = |model: &Model| {
        text(&frame(model, (120, 40), "dark", Glyphs::Unicode)).lines().last().unwrap_or_default().to_owned()
    };
    let (full, none) = (line(&room(Mood::Healthy, (120, 40))), line(&bare((120, 40))));
    assert!(full.contains("R roll back") && full.contains("f flag"), "{full}");
    assert!(!none.contains("R roll back") && !none.contains("f flag") && none.contains("? keys"), "{none}");
}
