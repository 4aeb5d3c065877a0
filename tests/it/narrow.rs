//! What small screens and plain terminals still say.

use warroom::domain::Key;
use warroom::view::Glyphs;

use crate::frames::frame;
use crate::frames::room::{Mood, room};
use crate::frames::text;
use crate::screens::Person;

#[test]
fn a_narrow_dialog_says_whether_its_target_is_as_it_was() {
    for (width, words) in [(80, "─ frozen 14:0"), (60, "─ ✓ unchanged ─")] {
        let mut ines = Person::at(Mood::Tripped, (width, 24));
        let dialog = ines.keys("R").unguarded().screen();
        let title = dialog.lines().find(|line| line.contains("Roll back chat")).expect("a title");
        assert!(title.contains("✓ unchanged") && title.contains(words), "{title}");
    }
}

#[test]
fn what_lies_over_the_panels_is_plain_where_the_terminal_is() {
    let size = (80, 24);
    for opens in [":", "?", ":dash", "R"] {
        let mut ines = Person::at(Mood::Bad, size);
        ines.keys(opens);
        let drawn = text(&frame(&ines.model, size, "mono", Glyphs::Ascii));
        assert!(drawn.is_ascii(), "{opens}: {drawn}");
    }
}

#[test]
fn a_lost_source_keeps_its_name_on_the_smallest_screens() {
    let drawn = |size| text(&frame(&room(Mood::Lost, size), size, "dark", Glyphs::Unicode));
    let tiny = drawn((40, 10));
    let first = tiny.lines().find(|line| line.starts_with(" 1 ?")).expect("a reason");
    assert!(first.starts_with(" 1 ? probe api") && !first.contains('…'), "{tiny}");
    assert_eq!(first.matches("m59s").count(), 1, "once is enough: {tiny}");
    let least = drawn((12, 3));
    assert!(least.lines().nth(2).is_some_and(|line| line.contains("prob")), "{least}");
}

#[test]
fn the_verdict_is_a_whole_word_on_the_smallest_screens() {
    for (mood, word) in [(Mood::Tripped, "ROLL BACK"), (Mood::Bad, "NO-GO"), (Mood::Healthy, "GO")] {
        let drawn = text(&frame(&room(mood, (12, 3)), (12, 3), "dark", Glyphs::Unicode));
        assert!(drawn.lines().nth(1).is_some_and(|line| line.trim_end().ends_with(word)), "{drawn}");
    }
}

#[test]
fn the_way_to_verified_says_all_that_is_not_good_yet() {
    let mut ines = Person::at(Mood::Tripped, (80, 24));
    ines.rolls_back();
    let drawn = ines.screen();
    let sheet: String = drawn.split_whitespace().collect::<Vec<_>>().join(" ");
    let what = ines.model.why_bad(warroom::domain::ServiceIx(0)).expect("something is bad").to_owned();
    assert!(sheet.contains(&format!("not good yet: {what}")), "{what}\n{drawn}");
    ines.key(Key::Esc);
    ines.wait(6_000);
    let banner = ines.screen().lines().find(|line| line.contains("EFFECTIVE")).expect("a banner").to_owned();
    let cut =
        banner.trim_end().strip_suffix('…').is_some_and(|kept| kept.ends_with(|c: char| c.is_ascii_digit()));
    assert!(!cut, "no number is cut in two: {banner}");
}

#[test]
fn the_list_of_revisions_has_its_headings_and_answers_whole() {
    for width in [98, 100, 104, 112, 120] {
        let mut ines = Person::at(Mood::Bad, (width, 30));
        let drawn = ines.keys(":traffic\n").screen();
        let head =
            drawn.lines().find(|line| line.contains("wanted") && line.contains("tag")).expect("a heading");
        let words: Vec<&str> = head.split_whitespace().collect();
        assert!(["created", "age", "ready"].iter().all(|word| words.contains(word)), "{width}: {head}");
        assert!(!head.contains('…'), "{width}: {head}");
        let canary =
            drawn.lines().find(|line| line.contains("00418-ral") && line.contains("━")).expect("a row");
        assert!(canary.contains(" Ready") || canary.contains("not Ready"), "{width}: {canary}");
    }
}

#[test]
fn of_a_close_code_that_never_came_nothing_is_usual_while_nobody_looks() {
    let drawn = text(&frame(&room(Mood::Lost, (160, 48)), (160, 48), "dark", Glyphs::Unicode));
    let row = drawn.lines().find(|line| line.contains("1012 service restart")).expect("the code");
    let (_, told) = row.split_once("1012 service restart").expect("its row");
    let cells: Vec<&str> = told.split('│').next().expect("the panel").split_whitespace().collect();
    assert_eq!(cells[..2], ["--", "--"], "{row}");
}
