//! Dashboards: each in every size, healthy, bad and lost; and the keys that go through them.

use std::path::Path;
use std::sync::Arc;

use warroom::config::{self, Overrides};
use warroom::domain::metric::{MetricValue, Scraped};
use warroom::domain::room::MoneySpec;
use warroom::domain::{Key, LinkReport, Mono, Now, PanelId, ServiceIx, SourceId};
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::msg::Msg;
use warroom::view::panels;
use warroom::view::widgets::Mark;

use crate::frames::room::Mood;
use crate::pty::Terminal;
use crate::screens::Person;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn with_money(mood: Mood, size: (u16, u16)) -> Person {
    let mut person = Person::at(mood, size);
    let mut room = (*person.model.room).clone();
    room.money = Some(MoneySpec { per_minute: 120.0, currency: "EUR".into() });
    person.model.room = Arc::new(room);
    person
}

#[test]
fn each_dashboard_in_every_size_and_mood() {
    for name in ["executive", "engineering", "operations"] {
        for mood in [Mood::Healthy, Mood::Bad, Mood::Lost] {
            for size in SIZES {
                let mut person = with_money(mood, size);
                person.keys(&format!(":dashboard {name}\n"));
                // What was said about it is gone.
                person.wait(6_000);
                let screen = format!("{name}-{mood:?}-{}x{}", size.0, size.1).to_lowercase();
                insta::assert_snapshot!(screen, person.screen());
            }
        }
    }
}

#[test]
fn a_key_goes_round_and_comes_back_from_a_panel_that_fills_the_screen() {
    let mut ines = Person::at(Mood::Bad, (160, 48));
    let overview = ines.screen();
    for name in ["executive", "engineering", "operations"] {
        ines.keys("d");
        assert!(ines.screen().contains(&format!("dashboard {name}")), "{}", ines.screen());
        assert!(ines.screen().contains("✗ NO-GO"), "the verdict stands above each: {}", ines.screen());
    }
    let alone = ines.model.dashboard_panels().expect("a dashboard");
    assert!(alone.contains(&ines.model.ui.focus.panel()), "the focus is on one of its panels");
    let count = alone.len();
    for _ in 0..count {
        ines.key(Key::Tab);
        assert!(alone.contains(&ines.model.ui.focus.panel()));
    }
    ines.key(Key::Enter);
    assert!(ines.model.ui.focus.full().is_some());
    ines.keys("d");
    assert!(ines.model.ui.focus.full().is_none(), "back to the dashboard it came from");
    assert_eq!(ines.model.dashboards.current().name, "operations");
    ines.keys("d");
    ines.wait(6_000);
    assert_eq!(ines.model.dashboards.current().name, "overview");
    assert!(!ines.model.ui.focus.panel().is_of_dashboards());
    let panels = |screen: &str| screen.lines().filter(|row| row.contains('╭')).count();
    assert_eq!(panels(&overview), panels(&ines.screen()));
}

#[test]
fn what_the_room_has_not_is_left_out_and_panels_open_by_name() {
    let mut ines = Person::at(Mood::Healthy, (120, 40));
    ines.keys(":dashboard executive\n");
    assert!(!ines.screen().contains("Money at risk"), "{}", ines.screen());
    ines.keys(":way_back\n");
    assert_eq!(ines.model.ui.focus.full(), Some(PanelId::WayBack));
    assert!(ines.screen().contains("Way back"), "{}", ines.screen());
}

#[test]
fn a_budget_that_is_spent_and_one_that_nobody_sees_are_told_apart() {
    let text = "[room]\nname = \"t\"\n[[service]]\nname = \"api\"\n[service.metrics]\nurl = \"http://127.0.0.1:1/m\"\n\
                [[objective]]\nname = \"chat\"\ntarget = \"99.5 %\"\nratio = 'ok[$window]'\n";
    let loaded = config::parse(text, Path::new("c.toml"), &Overrides::default(), "mara").expect("a config");
    let mut model = Model::new(Arc::new(loaded.room), "t".into(), Now::default(), (120, 40));
    let told = |model: &Model| {
        let panel = panels::gather(PanelId::Budget, model);
        (panel.summary().mark, panel.summary().words)
    };
    assert_eq!(told(&model), (Mark::Unknown, "--".to_owned()));
    let at = Mono::from_secs(5);
    let value = |name: &str, value: f64| MetricValue {
        name: name.to_owned(),
        value: Some(value),
        ..MetricValue::default()
    };
    let mut scrape = |left: f64| {
        let values = vec![value("budget.chat", left), value("burn.chat.1h", 14.4)];
        model.update(Msg::Linked {
            source: SourceId::Metrics { service: ServiceIx(0) },
            report: LinkReport::Alive,
            at,
        });
        model.update(Msg::Scraped(Box::new(Scraped { at, values, ..Scraped::default() })));
        model.update(Msg::Ticked(Now { mono: at, ..Now::default() }));
        told(&model)
    };
    assert_eq!(scrape(62.0), (Mark::Good, "least left 62.0 %".to_owned()));
    assert_eq!(scrape(-8.0), (Mark::Bad, "least left -8.0 %".to_owned()));
}

#[test]
fn a_dashboard_is_edited_where_it_stands_and_saved_as_a_whole() {
    let mut ines = Person::at(Mood::Healthy, (160, 48));
    ines.keys("dE");
    insta::assert_snapshot!("arranging-160x48", ines.screen());
    ines.key(Key::Right);
    ines.keys("++>a");
    insta::assert_snapshot!("arranging-adds-160x48", ines.screen());
    ines.keys("\n");
    ines.keys("s");
    let saved = ines.effects.iter().find_map(|effect| match effect {
        Effect::SaveDashboards { dashboards } => Some(dashboards.clone()),
        _ => None,
    });
    let saved = saved.expect("it is to be kept");
    assert_eq!(saved.len(), 1);
    assert_eq!(&saved[0], ines.model.dashboards.current());
    let again = config::dashboards::parse(&saved[0].toml()).expect("the form of the config");
    assert_eq!(again, saved);
    ines.tell(Msg::DashboardsSaved { problem: None });
    assert!(ines.screen().contains("saved: executive"), "{}", ines.screen());

    let mut sam = Person::at(Mood::Healthy, (160, 48));
    sam.tell(Msg::DashboardsRead { dashboards: saved.clone(), problem: None, shown: None });
    sam.keys("d");
    assert_eq!(sam.model.dashboards.current(), &saved[0], "another console finds it");
    let remembered = sam.effects.iter().rev().find_map(|effect| match effect {
        Effect::RememberDashboard { name } => Some(name.clone()),
        _ => None,
    });
    assert_eq!(remembered.as_deref(), Some("executive"));
    let mut again = Person::at(Mood::Healthy, (160, 48));
    again.tell(Msg::DashboardsRead { dashboards: saved.clone(), problem: None, shown: remembered });
    assert_eq!(again.model.dashboards.current().name, "executive", "the one that was shown is shown again");
}

#[test]
fn what_is_left_is_as_it_was_and_a_wrong_file_is_not_written_over() {
    let mut ines = Person::at(Mood::Healthy, (160, 48));
    ines.wait(6_000);
    let before = ines.screen();
    ines.keys("Ex");
    assert_ne!(ines.screen(), before, "the overview can be edited, too");
    ines.key(Key::Esc);
    ines.wait(6_000);
    let panels = |screen: &str| {
        screen.lines().filter(|row| row.contains('╭')).map(|row| row.matches('╭').count()).collect::<Vec<_>>()
    };
    assert_eq!(panels(&ines.screen()), panels(&before));
    assert!(ines.model.dashboards.drawn().is_none());

    let problem = Some("night.toml: line 3: there is no such panel".into());
    ines.tell(Msg::DashboardsRead { dashboards: Vec::new(), problem, shown: None });
    assert!(ines.screen().contains("line 3"), "{}", ines.screen());
    let told = ines.model.doctor();
    assert!(told[0].name == "edited dashboards" && told[0].why.contains("line 3"), "{told:?}");
    ines.keys("dEx");
    ines.keys("s");
    assert!(!ines.effects.iter().any(|effect| matches!(effect, Effect::SaveDashboards { .. })));
    assert!(ines.screen().contains("not saved"), "{}", ines.screen());
    let mut small = Person::at(Mood::Healthy, (80, 24));
    small.keys("E");
    assert!(small.screen().contains("100 columns"), "{}", small.screen());
}

#[test]
fn a_console_finds_again_what_was_edited_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["demo", "--scenario", "healthy"];
    let mut terminal = Terminal::start(&args, folder.path(), 160, 48);
    terminal.until("chat-backend");
    terminal.press("d");
    terminal.until("dashboard executive");
    terminal.until("Golden path");
    terminal.press("E");
    terminal.until("golden_path · width 1 · height 3");
    terminal.press("x");
    terminal.gone("Golden path");
    terminal.until("users · width 1 · height 3");
    terminal.press("+");
    terminal.until("users · width 1 · height 4");
    terminal.press("s");
    terminal.until("saved: executive");
    assert_eq!(terminal.leave(), 0);

    let kept = folder.path().join("warroom/dashboards");
    let files = std::fs::read_dir(&kept).expect("the folder").map(|entry| entry.expect("an entry").path());
    let is_it = |path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "toml");
    let file = files.into_iter().find(is_it).expect("a file");
    let text = std::fs::read_to_string(&file).expect("what was saved");
    assert!(text.contains("\"users:4\"") && !text.contains("golden_path"), "{text}");

    let mut again = Terminal::start(&args, folder.path(), 160, 48);
    again.until("chat-backend");
    // The one that was shown last is shown again.
    again.until("dashboard executive");
    again.until("Users");
    assert!(!again.text().contains("Golden path"), "{}", again.text());
    assert_eq!(again.leave(), 0);

    std::fs::write(&file, "[[dashboard]]\nname = \"executive\"\nwidth = 3\n").expect("a wrong file");
    let mut wrong = Terminal::start(&args, folder.path(), 160, 48);
    wrong.until("has no panel");
    wrong.until("Golden path");
    assert_eq!(wrong.leave(), 0);
}
