//! The ASCII set: a finished frame is translated cell by cell, so that no widget has to know of it.

use ratatui::buffer::Buffer;

/// Replaces each glyph of the screen's own set by its stand-in; text in other scripts stays as it is.
pub fn translate(buf: &mut Buffer) {
    let mut wide_sign: Option<&'static str> = None;
    for cell in &mut buf.content {
        // A limit is two cells, sign and space; the stand-in uses both.
        if let Some(second) = wide_sign.take()
            && cell.symbol() == " "
        {
            cell.set_symbol(second);
            continue;
        }
        match cell.symbol() {
            "≥" => {
                cell.set_symbol(">");
                wide_sign = Some("=");
            }
            "≤" => {
                cell.set_symbol("<");
                wide_sign = Some("=");
            }
            symbol => {
                if let Some(ascii) = stand_in(symbol) {
                    cell.set_symbol(ascii);
                }
            }
        }
    }
}

fn stand_in(glyph: &str) -> Option<&'static str> {
    Some(match glyph {
        "✓" | "┼" | "╭" | "╮" | "╰" | "╯" | "▆" => "+",
        "▲" | "≠" => "!",
        "✗" | "×" => "x",
        "↺" | "←" => "<",
        "●" | "▇" => "*",
        "◦" | "·" | "▂" => ".",
        "☐" | "▁" => "_",
        "◇" => "\"",
        "◌" => "%",
        "▸" | "→" => ">",
        "▾" | "↓" => "v",
        "━" | "▅" | "═" => "=",
        "╸" | "─" | "╌" | "▄" | "⠹" | "⠦" => "-",
        "▃" => ":",
        "█" | "║" => "#",
        "…" | "±" => "~",
        "│" | "⠋" | "⠼" | "⠇" => "|",
        "↑" => "^",
        "⠙" | "⠴" | "⠏" => "/",
        "⠸" | "⠧" => "\\",
        _ => return dots(glyph),
    })
}

/// Dots of a chart: above, below or both.
fn dots(glyph: &str) -> Option<&'static str> {
    let dots = u32::from(glyph.chars().next()?).checked_sub(0x2800).filter(|dots| *dots < 0x100)?;
    // Bits 0, 1, 3 and 4 are the upper two rows, the others the lower two.
    Some(match (dots & 0b0001_1011 != 0, dots & 0b1110_0100 != 0) {
        (true, true) => ":",
        (true, false) => "'",
        (false, true) => ".",
        (false, false) => " ",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_use_the_space_after_them() {
        let mut buf = Buffer::with_lines(["✓ ≥ 95 │ ━╸─ ▁▄█·…"]);
        translate(&mut buf);
        assert_eq!(buf, Buffer::with_lines(["+ >=95 | =-- _-#.~"]));
    }
}
