//! What every built-in theme must pass: all roles defined, and the contrast ratios computed from the resolved styles.

use ratatui::style::{Color, Modifier, Style};
use strum::IntoEnumIterator;

use super::colour::{Rgb, entry};
use super::*;

const TEXTS: [Role; 13] = [
    Role::Text,
    Role::Strong,
    Role::Muted,
    Role::Title,
    Role::Accent,
    Role::Focus,
    Role::Key,
    Role::Good,
    Role::Warn,
    Role::Bad,
    Role::Unknown,
    Role::Prod,
    Role::Match,
];
const JUDGED: [Role; 4] = [Role::Good, Role::Warn, Role::Bad, Role::Unknown];

fn rgb(colour: Option<Color>) -> Rgb {
    if let Some(Color::Rgb(r, g, b)) = colour {
        return Rgb(r, g, b);
    }
    let Some(Color::Indexed(index)) = colour else {
        panic!("{colour:?} is neither 24 bits nor from the palette")
    };
    entry(index)
}

fn ratio(ink: Style, ground: Style) -> f64 {
    rgb(ink.fg).contrast(rgb(ground.bg))
}

fn coloured() -> impl Iterator<Item = (&'static str, Depth, Theme)> {
    BUILT_IN.iter().filter(|(name, _)| *name != "mono").flat_map(|(name, text)| {
        let file = ThemeFile::parse(text).unwrap();
        [Depth::True, Depth::Palette].map(|depth| (*name, depth, Theme::resolve(&file, depth)))
    })
}

#[test]
fn every_built_in_file_is_whole() {
    for (name, text) in BUILT_IN {
        ThemeFile::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn a_wrong_key_or_colour_is_named() {
    let wrong = built_in("dark").unwrap().replace("muted =", "mutde =");
    assert!(ThemeFile::parse(&wrong).unwrap_err().to_string().contains("mutde"));
    let wrong = built_in("dark").unwrap().replace("#929dae", "grey");
    assert!(ThemeFile::parse(&wrong).unwrap_err().to_string().contains("`grey` is not #rrggbb"));
}

#[test]
fn text_can_be_read_on_every_ground() {
    for (name, depth, theme) in coloured() {
        let selected = theme.base().patch(theme.style(Role::Selected));
        let input = theme.style(Role::Input);
        let tints = JUDGED.map(|role| theme.tint(role));
        for role in TEXTS {
            for ground in [theme.base(), theme.raised(), selected, input].into_iter().chain(tints) {
                let ink = theme.style(role);
                let got = ratio(ink, ground);
                assert!(got >= 4.5, "{name} {depth:?}: {role:?} has {got:.2} on {:?}", ground.bg);
            }
            if name == "high-contrast" {
                assert!(ratio(theme.style(role), theme.base()) >= 7.0, "{name} {depth:?}: {role:?}");
            }
        }
        let hit = theme.style(Role::Match);
        assert!(ratio(hit, hit) >= 4.5, "{name} {depth:?}: match");
        assert!(ratio(theme.backdrop(), theme.base()) >= 4.5, "{name} {depth:?}: backdrop");
    }
}

#[test]
fn fills_and_charts_can_be_seen_and_what_is_on_them_read() {
    for (name, depth, theme) in coloured() {
        assert!(ratio(theme.style(Role::Chart), theme.base()) >= 3.0, "{name} {depth:?}: chart");
        for role in JUDGED.into_iter().chain([Role::Prod, Role::Accent]) {
            let fill = theme.fill(role);
            let on = ratio(fill, fill);
            assert!(on >= 4.5, "{name} {depth:?}: on fill({role:?}) {on:.2}");
            let seen = rgb(fill.bg).contrast(rgb(theme.base().bg));
            assert!(seen >= 3.0, "{name} {depth:?}: fill({role:?}) on the ground {seen:.2}");
        }
    }
}

#[test]
fn judgements_differ_from_each_other_in_every_depth() {
    for (name, _) in BUILT_IN {
        for depth in [Depth::True, Depth::Palette, Depth::Sixteen] {
            let theme = Theme::named(name, depth);
            if theme.is_mono() {
                continue;
            }
            for (a, b) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
                assert_ne!(theme.style(JUDGED[a]), theme.style(JUDGED[b]), "{name} {depth:?} {a} {b}");
            }
        }
    }
}

#[test]
fn without_colour_nothing_is_coloured_and_urgency_still_shows() {
    let mono = Theme::named("dark", Depth::Mono);
    assert_eq!(mono, Theme::named("mono", Depth::True));
    for role in Role::iter() {
        let style = mono.style(role);
        assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
    }
    assert!(mono.style(Role::Bad).add_modifier.contains(Modifier::BOLD));
    assert!(mono.fill(Role::Bad).add_modifier.contains(Modifier::REVERSED));
    assert!(mono.style(Role::Selected).add_modifier.contains(Modifier::REVERSED));
}

#[test]
fn the_environment_decides_the_depth() {
    let detect = |no_color, colorterm, term| Depth::detect(no_color, colorterm, term);
    assert_eq!(detect(Some("1"), Some("truecolor"), Some("xterm-256color")), Depth::Mono);
    assert_eq!(detect(Some(""), Some("truecolor"), None), Depth::True);
    assert_eq!(detect(None, None, Some("tmux-256color")), Depth::Palette);
    assert_eq!(detect(None, None, Some("xterm")), Depth::Sixteen);
    assert_eq!(detect(None, None, Some("dumb")), Depth::Mono);
}
