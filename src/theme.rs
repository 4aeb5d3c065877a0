//! Colour by meaning: widgets name a [`Role`], a theme says how it looks on this terminal.
//!
//! A theme is a file (`themes/*.toml`, or one's own) resolved once for the terminal's [`Depth`]. Without colours, and
//! with sixteen, the table of roles is fixed, because the terminal's own palette decides what they look like.

pub mod colour;
pub mod file;
mod resolve;
#[cfg(test)]
mod tests;

use ratatui::style::Style;

pub use file::{Paint, ThemeError, ThemeFile};

/// What a piece of the screen means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumIter)]
pub enum Role {
    /// Content.
    Text,
    /// The value to look at.
    Strong,
    /// Labels, units, ages.
    Muted,
    /// Borders and tracks; never text.
    Faint,
    /// Panel names.
    Title,
    /// Ids, links, what is running.
    Accent,
    /// The one focused border.
    Focus,
    /// Keys in hints.
    Key,
    /// The row under the cursor (a ground).
    Selected,
    /// Hits of a filter or a fuzzy search.
    Match,
    /// Holds.
    Good,
    /// Near, waiting, needs a person.
    Warn,
    /// Broken, over, tripped.
    Bad,
    /// No data, stale, claimed.
    Unknown,
    /// Production.
    Prod,
    /// A field to type in.
    Input,
    /// Bars without a judgement.
    Chart,
}

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// 24 bits.
    True,
    /// The 256-colour palette.
    #[default]
    Palette,
    /// The terminal's own sixteen.
    Sixteen,
    /// None: bold, underline and reverse only.
    Mono,
}

impl Depth {
    /// From the environment's `NO_COLOR`, `COLORTERM` and `TERM`, as they are set.
    pub fn detect(no_color: Option<&str>, colorterm: Option<&str>, term: Option<&str>) -> Self {
        let term = term.unwrap_or_default();
        if no_color.is_some_and(|value| !value.is_empty()) || term == "dumb" || term == "vt100" {
            return Self::Mono;
        }
        match colorterm {
            Some("truecolor" | "24bit") => Self::True,
            _ if term.ends_with("-direct") => Self::True,
            _ if term.contains("256") => Self::Palette,
            _ => Self::Sixteen,
        }
    }
}

/// A theme resolved for one terminal.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    roles: [Style; 17],
    base: Style,
    raised: Style,
    backdrop: Style,
    tints: [Style; 4],
    fills: [Style; 6],
    mono: bool,
}

/// The themes that come with the program, by name.
pub const BUILT_IN: [(&str, &str); 5] = [
    ("dark", include_str!("../themes/dark.toml")),
    ("light", include_str!("../themes/light.toml")),
    ("high-contrast", include_str!("../themes/high-contrast.toml")),
    ("colour-blind", include_str!("../themes/colour-blind.toml")),
    ("mono", include_str!("../themes/mono.toml")),
];

/// The text of the built-in theme `name`.
pub fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

impl Theme {
    /// The file's theme as this terminal can show it. Without colours every file looks like `mono`.
    pub fn resolve(file: &ThemeFile, depth: Depth) -> Self {
        let mono = file.roles.text.colour.is_none();
        match depth {
            Depth::True | Depth::Palette if !mono => resolve::coloured(file, depth),
            Depth::Sixteen if !mono => resolve::sixteen(),
            Depth::True | Depth::Palette | Depth::Sixteen | Depth::Mono => resolve::mono(),
        }
    }

    /// A built-in theme; an unknown name gives `dark`.
    pub fn named(name: &str, depth: Depth) -> Self {
        let text = built_in(name).unwrap_or(BUILT_IN[0].1);
        // A test reads every built-in file; if one were broken all the same, the screen must still come up.
        ThemeFile::parse(text).map_or_else(|_| resolve::sixteen(), |file| Self::resolve(&file, depth))
    }

    /// How this role looks; a ground role only changes the ground.
    pub fn style(&self, role: Role) -> Style {
        self.roles[role as usize]
    }

    /// Plain text on the screen's ground.
    pub fn base(&self) -> Style {
        self.base
    }

    /// Plain text on a dialog's ground.
    pub fn raised(&self) -> Style {
        self.raised
    }

    /// Text behind a dialog, on the screen's ground.
    pub fn backdrop(&self) -> Style {
        self.backdrop
    }

    /// The role as a faint ground (good, warn, bad, unknown; nothing for others).
    pub fn tint(&self, role: Role) -> Style {
        self.tints.get(judged(role)).copied().unwrap_or_default()
    }

    /// The role as a loud ground with ink that can be read on it (good, warn, bad, unknown, prod, accent).
    pub fn fill(&self, role: Role) -> Style {
        self.fills.get(judged(role)).copied().unwrap_or(self.base)
    }

    /// Whether there is no colour, so that the focused border is drawn double.
    pub fn is_mono(&self) -> bool {
        self.mono
    }
}

/// Index of a judging role in tints and fills; past their end for every other role.
fn judged(role: Role) -> usize {
    match role {
        Role::Good => 0,
        Role::Warn => 1,
        Role::Bad => 2,
        Role::Unknown => 3,
        Role::Prod => 4,
        Role::Accent => 5,
        Role::Text
        | Role::Strong
        | Role::Muted
        | Role::Faint
        | Role::Title
        | Role::Focus
        | Role::Key
        | Role::Selected
        | Role::Match
        | Role::Input
        | Role::Chart => usize::MAX,
    }
}
