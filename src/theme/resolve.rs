//! From a theme file to styles, for each depth of colour.

use ratatui::style::{Color, Modifier, Style};
use strum::IntoEnumIterator;

use super::colour::{Palette, Rgb};
use super::file::{Paint, ThemeFile};
use super::{BUILT_IN, Depth, Role, Theme};

/// Contrast that text keeps on every ground, as WCAG 2 asks of body text.
const READABLE: f64 = 4.5;
/// Contrast that marks without text keep, as WCAG 2 asks of graphics.
const VISIBLE: f64 = 3.0;

/// The file's colours in 24 bits or from the palette.
pub(super) fn coloured(file: &ThemeFile, depth: Depth) -> Theme {
    let mixer = Mixer::new(file, depth);
    let (r, g, t, f) = (&file.roles, &file.grounds, &file.tints, &file.fills);
    let text = mixer.ink(r.text);
    let on = |ink: Paint, fill: Paint| mixer.on(ink, fill);
    Theme {
        roles: by_role(|role| match role {
            Role::Text => text,
            Role::Strong => mixer.ink(r.strong),
            Role::Muted => mixer.ink(r.muted),
            Role::Faint => mixer.mark(r.faint, 1.0),
            Role::Title => mixer.ink(r.title),
            Role::Accent => mixer.ink(r.accent),
            Role::Focus => mixer.ink(r.focus),
            Role::Key => mixer.ink(r.key),
            Role::Selected => mixer.ground(g.selected),
            Role::Match => mixer.ink(r.strong).patch(mixer.ground(g.matched)),
            Role::Good => mixer.ink(r.good),
            Role::Warn => mixer.ink(r.warn),
            Role::Bad => mixer.ink(r.bad),
            Role::Unknown => mixer.ink(r.unknown),
            Role::Prod => mixer.ink(r.prod),
            Role::Input => text.patch(mixer.ground(g.input)),
            Role::Chart => mixer.mark(r.chart, VISIBLE),
        }),
        base: text.patch(mixer.ground(g.ground)),
        raised: text.patch(mixer.ground(g.raised)),
        backdrop: mixer.mark(r.backdrop, READABLE).patch(mixer.ground(g.ground)),
        tints: [t.good, t.warn, t.bad, t.unknown].map(|paint| mixer.ground(paint)),
        fills: [
            on(f.on, f.good),
            on(f.on, f.warn),
            on(f.on_bad, f.bad),
            on(f.on, f.unknown),
            on(f.on, f.prod),
            on(f.on, f.accent),
        ],
        mono: false,
    }
}

/// The sixteen colours of the terminal; the file has no say.
pub(super) fn sixteen() -> Theme {
    let (plain, bold) = (Style::new(), Style::new().add_modifier(Modifier::BOLD));
    let roles = by_role(|role| match role {
        Role::Text => plain,
        Role::Strong | Role::Title => bold,
        Role::Muted => plain.add_modifier(Modifier::DIM),
        // The ground is not known, and blue is not legible on every black.
        Role::Faint | Role::Chart => plain.fg(Color::DarkGray),
        Role::Accent => plain.fg(Color::Cyan),
        Role::Focus => plain.fg(Color::LightCyan),
        Role::Key => bold.fg(Color::Cyan),
        Role::Selected => plain.add_modifier(Modifier::REVERSED),
        Role::Match => bold.add_modifier(Modifier::UNDERLINED),
        Role::Good => plain.fg(Color::Green),
        Role::Warn => plain.fg(Color::Yellow),
        Role::Bad => bold.fg(Color::LightRed),
        Role::Unknown => plain.fg(Color::Magenta),
        Role::Prod => bold.fg(Color::Magenta),
        Role::Input => plain.add_modifier(Modifier::UNDERLINED),
    });
    let reverse = |role: Role| roles[role as usize].add_modifier(Modifier::REVERSED);
    let fills = [Role::Good, Role::Warn, Role::Bad, Role::Unknown, Role::Prod, Role::Accent].map(reverse);
    Theme { roles, base: plain, raised: plain, backdrop: plain, tints: [plain; 4], fills, mono: false }
}

/// Attributes only, as `mono.toml` lists them.
pub(super) fn mono() -> Theme {
    let plain = Style::new();
    let Ok(file) = ThemeFile::parse(BUILT_IN[4].1) else { return sixteen() };
    let (r, g) = (&file.roles, &file.grounds);
    let roles = by_role(|role| {
        let paint = match role {
            Role::Text => r.text,
            Role::Strong => r.strong,
            Role::Muted => r.muted,
            Role::Faint => r.faint,
            Role::Title => r.title,
            Role::Accent => r.accent,
            Role::Focus => r.focus,
            Role::Key => r.key,
            Role::Selected => g.selected,
            Role::Match => g.matched,
            Role::Good => r.good,
            Role::Warn => r.warn,
            Role::Bad => r.bad,
            Role::Unknown => r.unknown,
            Role::Prod => r.prod,
            Role::Input => g.input,
            Role::Chart => r.chart,
        };
        plain.add_modifier(paint.modifier)
    });
    let f = &file.fills;
    Theme {
        roles,
        base: plain,
        raised: plain,
        backdrop: plain,
        tints: [plain; 4],
        fills: [f.good, f.warn, f.bad, f.unknown, f.prod, f.accent]
            .map(|fill| plain.add_modifier(fill.modifier)),
        mono: true,
    }
}

fn by_role(style: impl Fn(Role) -> Style) -> [Style; 17] {
    let mut out = [Style::new(); 17];
    for role in Role::iter() {
        out[role as usize] = style(role);
    }
    out
}

/// Turns paints into styles; with the palette it first finds the grounds and then ink that can be read on them.
struct Mixer {
    palette: Option<Palette>,
    ground: Vec<u8>,
    grounds: Vec<u8>,
}

impl Mixer {
    fn new(file: &ThemeFile, depth: Depth) -> Self {
        if depth != Depth::Palette {
            return Self { palette: None, ground: Vec::new(), grounds: Vec::new() };
        }
        let palette = Palette::default();
        let (g, t) = (&file.grounds, &file.tints);
        let entries = |paints: &[Paint]| {
            paints.iter().filter_map(|paint| paint.colour).map(|c| palette.nearest(c)).collect::<Vec<u8>>()
        };
        let ground = entries(&[g.ground]);
        let grounds = entries(&[g.ground, g.raised, g.selected, g.input, t.good, t.warn, t.bad, t.unknown]);
        Self { palette: Some(palette), ground, grounds }
    }

    fn style(paint: Paint, colour: impl FnOnce(Rgb) -> Color) -> Style {
        let style = Style::new().add_modifier(paint.modifier);
        paint.colour.map_or(style, |rgb| style.fg(colour(rgb)))
    }

    /// Ink for text on any ground.
    fn ink(&self, paint: Paint) -> Style {
        Self::style(paint, |rgb| match &self.palette {
            Some(palette) => Color::Indexed(palette.nearest_with_contrast(rgb, &self.grounds, READABLE)),
            None => rgb.true_colour(),
        })
    }

    /// Ink for marks on the screen's own ground.
    fn mark(&self, paint: Paint, ratio: f64) -> Style {
        Self::style(paint, |rgb| match &self.palette {
            Some(palette) => Color::Indexed(palette.nearest_with_contrast(rgb, &self.ground, ratio)),
            None => rgb.true_colour(),
        })
    }

    fn ground(&self, paint: Paint) -> Style {
        let style = Style::new().add_modifier(paint.modifier);
        paint.colour.map_or(style, |rgb| style.bg(self.nearest(rgb)))
    }

    fn on(&self, ink: Paint, fill: Paint) -> Style {
        let style = Style::new().add_modifier(ink.modifier | fill.modifier);
        let (Some(ink), Some(ground)) = (ink.colour, fill.colour) else { return style };
        let Some(palette) = &self.palette else {
            return style.fg(ink.true_colour()).bg(ground.true_colour());
        };
        let ground = palette.nearest_with_contrast(ground, &self.ground, VISIBLE);
        let ink = palette.nearest_with_contrast(ink, &[ground], READABLE);
        style.fg(Color::Indexed(ink)).bg(Color::Indexed(ground))
    }

    fn nearest(&self, rgb: Rgb) -> Color {
        self.palette
            .as_ref()
            .map_or_else(|| rgb.true_colour(), |palette| Color::Indexed(palette.nearest(rgb)))
    }
}
