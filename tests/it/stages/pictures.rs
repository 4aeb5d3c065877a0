//! Stages on the screen: the rail, the list, one of them alone.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use warroom::domain::PanelId;
use warroom::keymap::Keymap;
use warroom::model::msg::Msg;
use warroom::theme::{Depth, Theme};
use warroom::view::{self, Ctx};

use super::{Console, in_canary};
use crate::frames::text;

fn drawn(console: &mut Console, (width, height): (u16, u16)) -> String {
    console.model.update(Msg::Resized { columns: width, rows: height });
    let (theme, keymap) = (Theme::named("dark", Depth::True), Keymap::default());
    let ctx = Ctx::new(&theme, &keymap, console.model.now);
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    drop(view::draw(&console.model, &ctx, area, &mut buf));
    text(&buf)
}

fn rail(console: &mut Console, width: u16) -> String {
    drawn(console, (width, 30)).lines().nth(5).unwrap_or_default().to_owned()
}

#[test]
fn the_view_of_stages_at_every_size() {
    let mut console = in_canary();
    console.pass(70);
    console.model.ui.focus.open(PanelId::Stages);
    console.key(warroom::domain::Key::Down);
    for size in [(80, 24), (120, 40), (200, 60)] {
        insta::assert_snapshot!(format!("stages_{}x{}", size.0, size.1), drawn(&mut console, size));
    }
    for size in [(1, 1), (12, 3), (59, 14), (60, 15), (99, 20), (100, 15)] {
        drawn(&mut console, size);
    }
}

#[test]
fn the_rail_tells_most_of_the_stage_under_way() {
    let mut console = in_canary();
    console.pass(70);
    let mut all: Vec<String> = [80, 120, 160, 200].map(|width| rail(&mut console, width)).into();
    console.answers = None;
    console.pass(20);
    all.push(rail(&mut console, 120));
    console.answers = Some(false);
    console.pass(2);
    all.push(rail(&mut console, 120));
    console.keys("Hlunch\n");
    all.push(rail(&mut console, 120));
    insta::assert_snapshot!("stages_rail", all.join("\n"));
}
