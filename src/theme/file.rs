//! The theme file: every role, ground, tint and fill, each a colour `#rrggbb`, attributes, or both.
//!
//! All keys are required and no other is allowed, so that a theme cannot be half a theme.

use ratatui::style::Modifier;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::colour::Rgb;

/// A theme as its file says it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeFile {
    /// Ink by role.
    pub roles: Roles,
    /// Grounds.
    pub grounds: Grounds,
    /// Faint grounds of the verdict block and of marked rows.
    pub tints: Tints,
    /// Loud grounds of badges, and the ink on them.
    pub fills: Fills,
}

/// Ink by role.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the roles'")]
pub struct Roles {
    pub text: Paint,
    pub strong: Paint,
    pub muted: Paint,
    pub faint: Paint,
    pub title: Paint,
    pub accent: Paint,
    pub focus: Paint,
    pub key: Paint,
    pub good: Paint,
    pub warn: Paint,
    pub bad: Paint,
    pub unknown: Paint,
    pub prod: Paint,
    pub chart: Paint,
    pub backdrop: Paint,
}

/// Grounds, each with the role of its name where there is one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the grounds'")]
pub struct Grounds {
    pub ground: Paint,
    pub raised: Paint,
    pub selected: Paint,
    #[serde(rename = "match")]
    pub matched: Paint,
    pub input: Paint,
}

/// Faint grounds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the roles'")]
pub struct Tints {
    pub good: Paint,
    pub warn: Paint,
    pub bad: Paint,
    pub unknown: Paint,
}

/// Loud grounds and the ink on them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the roles'")]
pub struct Fills {
    pub good: Paint,
    pub warn: Paint,
    pub bad: Paint,
    pub unknown: Paint,
    pub prod: Paint,
    pub accent: Paint,
    /// Ink on every fill but `bad`.
    pub on: Paint,
    /// Ink on `bad`.
    pub on_bad: Paint,
}

/// A colour, attributes, or both: `"#f4f7fb bold"`, `"reverse"`, `"plain"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    /// The colour; none leaves the terminal's own.
    pub colour: Option<Rgb>,
    /// Bold, underlined and so on.
    pub modifier: Modifier,
}

/// Why a theme file was refused.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ThemeError(#[from] toml::de::Error);

impl ThemeFile {
    /// Reads a theme file; the error names line and key.
    pub fn parse(text: &str) -> Result<Self, ThemeError> {
        Ok(toml::from_str(text)?)
    }
}

impl Paint {
    fn parse(text: &str) -> Result<Self, String> {
        let mut paint = Self { colour: None, modifier: Modifier::empty() };
        for word in text.split_whitespace() {
            match word {
                "plain" => {}
                "bold" => paint.modifier |= Modifier::BOLD,
                "dim" => paint.modifier |= Modifier::DIM,
                "italic" => paint.modifier |= Modifier::ITALIC,
                "underline" => paint.modifier |= Modifier::UNDERLINED,
                "reverse" => paint.modifier |= Modifier::REVERSED,
                _ => {
                    paint.colour = Some(Rgb::parse(word).ok_or_else(|| {
                        format!("`{word}` is not #rrggbb, plain, bold, dim, italic, underline or reverse")
                    })?);
                }
            }
        }
        Ok(paint)
    }
}

impl<'de> Deserialize<'de> for Paint {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}
