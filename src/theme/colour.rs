//! Colours as numbers: parsing, WCAG contrast, and the nearest entry of the 256-colour palette.

use ratatui::style::Color;

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// From `#rrggbb`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.is_ascii())?;
        let n = u32::from_str_radix(hex, 16).ok()?;
        let [_, r, g, b] = n.to_be_bytes();
        Some(Self(r, g, b))
    }

    /// Relative luminance as WCAG 2.2 defines it, 0–1.
    pub fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Contrast ratio with `other` as WCAG 2.2 defines it, 1–21.
    pub fn contrast(self, other: Self) -> f64 {
        contrast(self.luminance(), other.luminance())
    }

    /// As the terminal is told, in 24 bits.
    pub fn true_colour(self) -> Color {
        Color::Rgb(self.0, self.1, self.2)
    }

    fn distance(self, other: Self) -> u32 {
        let d = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        d(self.0, other.0) + d(self.1, other.1) + d(self.2, other.2)
    }
}

fn contrast(a: f64, b: f64) -> f64 {
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The entries 16–255 of the 256-colour palette with their luminance. The first sixteen are the terminal's own
/// and are not used.
pub struct Palette(Vec<(u8, Rgb, f64)>);

impl Default for Palette {
    /// The palette of xterm.
    fn default() -> Self {
        Self((16..=255).map(|index| (index, entry(index))).map(|(i, c)| (i, c, c.luminance())).collect())
    }
}

impl Palette {
    /// The entry nearest to `colour`.
    pub fn nearest(&self, colour: Rgb) -> u8 {
        self.nearest_with_contrast(colour, &[], 1.0)
    }

    /// The entry nearest to `colour` that has at least `ratio` on each of the `grounds` (entries); if there is none,
    /// the nearest.
    pub fn nearest_with_contrast(&self, colour: Rgb, grounds: &[u8], ratio: f64) -> u8 {
        let grounds: Vec<f64> = grounds.iter().map(|index| entry(*index).luminance()).collect();
        let fits = |luminance: f64| grounds.iter().all(|ground| contrast(luminance, *ground) >= ratio);
        let nearest = |wanted: bool| {
            self.0
                .iter()
                .filter(|(_, _, luminance)| !wanted || fits(*luminance))
                .min_by_key(|(_, c, _)| c.distance(colour))
                .map(|(index, _, _)| *index)
        };
        nearest(true).or_else(|| nearest(false)).unwrap_or(u8::MAX)
    }
}

/// The colour of entry `index` of the palette: 16–231 a cube of six steps, 232–255 greys.
pub fn entry(index: u8) -> Rgb {
    let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    if index >= 232 {
        let grey = 8 + 10 * (index - 232);
        Rgb(grey, grey, grey)
    } else {
        let n = index.saturating_sub(16);
        Rgb(step(n / 36), step(n / 6 % 6), step(n % 6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_and_nothing_else() {
        assert_eq!(Rgb::parse("#10141b"), Some(Rgb(0x10, 0x14, 0x1b)));
        assert_eq!(["10141b", "#10141", "#10141bff", "#gggggg", "#é0000"].map(Rgb::parse), [None; 5]);
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((Rgb(0, 0, 0).contrast(Rgb(255, 255, 255)) - 21.0).abs() < 0.001);
        // The worked example of WebAIM: #777777 on white is just below 4.5.
        assert!((Rgb(0x77, 0x77, 0x77).contrast(Rgb(255, 255, 255)) - 4.478).abs() < 0.001);
    }

    #[test]
    fn palette_entries_map_to_themselves_or_a_twin() {
        let palette = Palette::default();
        for index in 16..=255 {
            assert_eq!(entry(palette.nearest(entry(index))), entry(index));
        }
        assert_eq!(palette.nearest(Rgb(255, 0, 0)), 196);
        let dim = palette.nearest_with_contrast(Rgb(10, 10, 10), &[232], 7.0);
        assert!(entry(dim).contrast(entry(232)) >= 7.0);
    }
}
