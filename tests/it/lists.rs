//! The checklist as a list: hundreds of items in every state, size and theme, and what was not understood of it.

mod states;

use std::os::unix::fs::PermissionsExt;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use warroom::document;
use warroom::domain::{Action, Chord, Clean, Entry, KeyPress, Mark, PanelId, Record};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::msg::Msg;
use warroom::theme::{Depth, Theme};
use warroom::view::{self, Ctx, Glyphs};

use crate::frames::room::bare;
use crate::frames::text;
use crate::pty::Terminal;

/// A document of `sections` sections with eight items each: nested, wide, long, claimed, owned, for later.
fn markdown(title: &str, sections: usize) -> String {
    use std::fmt::Write as _;
    let mut out = format!("# {title}\n\n");
    for n in 1..=sections {
        if n % 6 == 1 {
            let _ = writeln!(out, "## Part {}\n", n / 6 + 1);
        }
        let _ = writeln!(
            out,
            "### Step {n}\n\n- [ ] Read the notes of step {n} (required)\n- [ ] 数据库迁移已完成并验证 {n}\n  - [ ] Nested \
             below it {n}\n    - [ ] And deeper {n}\n- [x] Reviewed {n}\n- [ ] 🚀 Roll out {n} @sam\n- [ ] A long text \
             that says more than any row of any screen could ever hold, so that it has to be cut somewhere {n}\n- [ ] \
             Last of {n}\n"
        );
    }
    out.push_str(
        "## Rollback triggers\n\n- [ ] Users see errors\n- [ ] Data is lost\n\n## Success criteria\n\n- [ ] Nobody \
         complains\n\n## Sign-off\n\n- [ ] QA (QA)\n- [ ] Product owner\n\n## Contacts\n\n- On call: [Contact Info]\n",
    );
    out
}

fn read(model: &mut Model, files: &[(&str, String)]) {
    let read = |(name, text): &(&str, String)| document::read(name, text.as_bytes()).document;
    let documents = files.iter().filter_map(read).collect();
    model.update(Msg::DocumentsRead { documents, problems: Vec::new() });
}

fn long(size: (u16, u16)) -> Model {
    let mut model = bare(size);
    read(&mut model, &[("DEPLOY.md", markdown("Deploying", 20)), ("data.md", markdown("Data", 10))]);
    let items: Vec<_> = model.checklist.items().cloned().collect();
    let marks = [Mark::Done, Mark::Waived, Mark::Failed, Mark::NotApplicable];
    let record = |(seq, (n, item)): (u64, (usize, &warroom::domain::Item))| {
        let said = warroom::domain::Attestation {
            mark: if n < 24 { Mark::Done } else { *marks.get(n % 4).unwrap_or(&Mark::Done) },
            text: item.text.clone(),
            note: Clean::new("seen by two of us"),
            ..Default::default()
        };
        Record {
            seq,
            at: model.now.wall,
            by: Clean::new("sam"),
            role: Clean::new("deployer"),
            entry: Entry::of_item(item.id.0.clone(), said),
            hash: String::new(),
            late: false,
        }
    };
    let records: Vec<Record> = (1..).zip(items.iter().enumerate().take(40)).map(record).collect();
    model.update(Msg::Recorded { records });
    model.ui.focus.open(PanelId::Checklist);
    model
}

fn act(model: &mut Model, action: Action) {
    let press = KeyPress { chord: Chord::char('x'), at: model.now.mono, repeat: false };
    model.update(Msg::Pressed { press, action: Some(action) });
}

fn frame(model: &Model, theme: &str, glyphs: Glyphs) -> Buffer {
    let (theme, keymap) = (Theme::named(theme, Depth::True), Keymap::default());
    let ctx = Ctx { glyphs, ..Ctx::new(&theme, &keymap, model.now) };
    let area = Rect::new(0, 0, model.size.0, model.size.1);
    let mut buf = Buffer::empty(area);
    view::draw(model, &ctx, area, &mut buf);
    buf
}

fn picture(model: &Model) -> String {
    text(&frame(model, "dark", Glyphs::Unicode))
}

const SIZES: [(u16, u16); 4] = [(120, 38), (160, 48), (80, 24), (40, 10)];

#[test]
fn two_hundred_and_forty_items() {
    for size in SIZES {
        let mut model = long(size);
        insta::assert_snapshot!(format!("list-{}x{}", size.0, size.1), picture(&model));
        if size == (120, 38) || size == (80, 24) {
            for _ in 0..3 {
                act(&mut model, Action::NextOpen);
            }
            act(&mut model, Action::Open);
            insta::assert_snapshot!(format!("list-detail-{}x{}", size.0, size.1), picture(&model));
            act(&mut model, Action::Back);
            act(&mut model, Action::NextFilter);
            insta::assert_snapshot!(format!("list-open-{}x{}", size.0, size.1), picture(&model));
            act(&mut model, Action::Findings);
            act(&mut model, Action::Down);
            insta::assert_snapshot!(format!("findings-{}x{}", size.0, size.1), picture(&model));
        }
        if size == (80, 24) {
            act(&mut model, Action::Open);
            insta::assert_snapshot!("finding-80x24", picture(&model));
        }
    }
}

#[test]
fn the_panel_of_many_documents_tells_each() {
    let mut model = bare((160, 48));
    let files: Vec<(String, String)> =
        (1..=5).map(|n| (format!("part{n}.md"), markdown(&format!("Part of the system {n}"), 24))).collect();
    let files: Vec<(&str, String)> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    read(&mut model, &files);
    assert!(model.checklist.items().count() > 900);
    insta::assert_snapshot!("panel-five-documents", picture(&model));
}

#[test]
fn sections_in_the_panel_stand_below_their_document() {
    let mut model = bare((160, 48));
    let small = |name: &str| {
        format!("# {name}\n\n## Before\n\n- [ ] a {name}\n\n## After\n\n- [x] b {name}\n- [ ] c {name}\n")
    };
    read(&mut model, &[("app.md", small("App")), ("data.md", small("Data"))]);
    insta::assert_snapshot!("panel-two-documents", picture(&model));
}

#[test]
fn every_theme_and_size_keeps_its_rows() {
    for size in SIZES {
        for (theme, glyphs) in [
            ("dark", Glyphs::Unicode),
            ("light", Glyphs::Unicode),
            ("high-contrast", Glyphs::Unicode),
            ("mono", Glyphs::Ascii),
        ] {
            let mut model = long(size);
            for action in [Action::NextOpen, Action::Open, Action::Back, Action::Last, Action::Findings] {
                act(&mut model, action);
                let buf = frame(&model, theme, glyphs);
                for row in buf.content().chunks(usize::from(size.0)) {
                    // What is behind a wide character is not drawn.
                    let mut cells = row.iter().map(Cell::symbol);
                    let mut drawn = String::new();
                    while let Some(symbol) = cells.next() {
                        drawn.push_str(symbol);
                        if symbol.width() == 2 {
                            cells.next();
                        }
                    }
                    assert_eq!(drawn.width(), usize::from(size.0), "{theme} {size:?}: {drawn}");
                }
            }
        }
    }
}

#[test]
fn a_document_without_items_says_what_to_do() {
    let mut model = bare((120, 38));
    model.ui.focus.open(PanelId::Checklist);
    assert!(picture(&model).contains("Reading"));
    read(&mut model, &[("notes.md", "# Notes\n\nNothing to do here.\n".to_owned())]);
    let picture = picture(&model);
    assert!(picture.contains("Nothing in the document is an item"), "{picture}");
}

#[test]
fn the_editor_opens_at_the_items_line_and_the_file_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    std::fs::write(at.join("release.md"), "# Release\n\n## Steps\n\n- [ ] First step\n- [ ] Second step\n")
        .expect("a file");
    let script = "#!/bin/sh\necho \"EDITING $1\"\nread answer\necho \"- [ ] Third $answer\" >> \"$2\"\n";
    let editor = at.join("vim");
    std::fs::write(&editor, script).expect("a file");
    std::fs::set_permissions(&editor, PermissionsExt::from_mode(0o755)).expect("permissions");
    std::fs::write(at.join("config.toml"), "[room]\nname = \"t\"\nchecklists = [\"release.md\"]\n")
        .expect("a file");
    let mut terminal = Terminal::start(&[], at, 120, 38);
    terminal.until("Checklist");
    terminal.press("6");
    terminal.until("Second step");
    terminal.press("ne");
    terminal.until("EDITING +6");
    // What is typed now is the editor's alone.
    terminal.press("qq\r");
    terminal.until("Third qq");
    terminal.until("1 item more");
    assert_eq!(terminal.leave(), 0);
}

/// However little room there is, who is asked to sign off is counted.
#[test]
fn sign_offs_that_have_no_room_are_told_as_more() {
    use crate::panels::panel;
    let text_of = "# R\n\n## Deploy\n\n- [ ] go\n\n## Sign-off\n\n- [ ] Engineering lead (Sam)\n- [ ] On-call (Ines)\n- [ ] \
                   Product owner (Mara)\n- [ ] Security (Noor)\n";
    let mut model = bare((160, 48));
    read(&mut model, &[("r.md", text_of.to_owned())]);
    let mut marked = 0;
    for (width, height) in (44..80).flat_map(|width| (8..24).map(move |height| (width, height))) {
        let drawn = text(&panel(PanelId::Checklist, &model, (width, height), "dark"));
        let Some((_, signing)) = drawn.split_once("sign-off ") else { continue };
        let shown = signing.matches('☐').count();
        let more = signing.split_once('+').and_then(|(_, rest)| rest.split_once(" more"));
        let more = more.map_or(0, |(n, _)| n.parse().expect("a number"));
        assert_eq!(shown + more, 4, "{width}×{height}:\n{drawn}");
        marked += usize::from(more > 0);
    }
    assert!(marked > 0, "there was always room");
}
