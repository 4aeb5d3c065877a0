//! Moving about.

use super::*;

const LONG: Extent = Extent { rows: 100, page: 10 };

fn at(focus: &Focus) -> (PanelId, bool) {
    (focus.place().panel, focus.place().full)
}

#[test]
fn enter_opens_esc_closes_and_ctrl_o_goes_the_way_back() {
    let mut focus = Focus::default();
    assert_eq!(focus.act(Action::NextPanel, false, LONG), Moved::Done);
    assert_eq!(focus.act(Action::Open, false, LONG), Moved::Done);
    assert_eq!(at(&focus), (PanelId::Events, true));
    assert_eq!(focus.act(Action::Open, false, LONG), Moved::OpenRow(PanelId::Events));
    focus.open(PanelId::Closes);
    focus.act(Action::Panel6, false, LONG);
    assert_eq!(at(&focus), (PanelId::Checklist, true));
    focus.act(Action::JumpBack, false, LONG);
    focus.act(Action::JumpBack, false, LONG);
    assert_eq!(at(&focus), (PanelId::Events, true));
    assert_eq!(focus.act(Action::Back, false, LONG), Moved::Done);
    assert_eq!(at(&focus), (PanelId::Events, false));
    assert_eq!(focus.act(Action::Back, false, LONG), Moved::NotMine);
}

#[test]
fn the_number_of_a_panel_is_its_place_in_the_order() {
    let mut focus = Focus::default();
    for (n, action) in (4..=9).zip([
        Action::Panel4,
        Action::Panel5,
        Action::Panel6,
        Action::Panel7,
        Action::Panel8,
        Action::Panel9,
    ]) {
        focus.act(action, false, LONG);
        assert_eq!(Some(focus.panel()), PanelId::iter().nth(n - 1));
    }
}

#[test]
fn panels_go_round_and_a_small_screen_chooses_them_by_down_and_up() {
    let mut focus = Focus::default();
    focus.act(Action::PreviousPanel, false, LONG);
    assert_eq!(focus.panel(), PanelId::Journal, "gates stand inside the checklist of wide screens");
    focus.act(Action::Down, true, LONG);
    assert_eq!(focus.panel(), PanelId::Gates);
    focus.act(Action::Down, true, LONG);
    assert_eq!(focus.panel(), PanelId::Closes);
    focus.act(Action::Open, true, LONG);
    focus.act(Action::Down, true, LONG);
    assert_eq!((focus.panel(), focus.cursor(PanelId::Closes).row), (PanelId::Closes, 1));
}

#[test]
fn esc_clears_the_filter_before_it_closes() {
    let mut focus = Focus::default();
    focus.open(PanelId::Events);
    focus.set_filter(PanelId::Events, "4402".into());
    focus.act(Action::Back, false, LONG);
    assert_eq!((focus.filter(PanelId::Events), focus.full()), ("", Some(PanelId::Events)));
}

#[test]
fn the_cursor_stays_in_the_list_and_on_the_screen() {
    let mut cursor = Cursor::default();
    cursor.act(Action::Up, LONG);
    assert_eq!((cursor.row, cursor.top(LONG)), (0, 0));
    for _ in 0..12 {
        cursor.act(Action::Down, LONG);
    }
    assert_eq!((cursor.row, cursor.top(LONG)), (12, 3));
    cursor.act(Action::Up, LONG);
    assert_eq!((cursor.row, cursor.top(LONG)), (11, 3), "the screen does not move with it");
    cursor.act(Action::Last, LONG);
    assert_eq!((cursor.row, cursor.top(LONG)), (99, 90));
    assert_eq!(cursor.top(Extent { rows: 3, page: 10 }), 0, "the list became short");
    cursor.act(Action::HalfPageUp, LONG);
    assert_eq!(cursor.row, 94);
    cursor.act(Action::Down, Extent::default());
    assert_eq!(cursor.row, 0);
}

#[test]
fn rows_that_come_in_above_do_not_move_the_row_under_the_cursor() {
    let mut cursor = Cursor::default();
    cursor.inserted_above(5);
    assert_eq!(cursor.row, 0, "on the first row it follows");
    cursor.act(Action::Down, LONG);
    cursor.inserted_above(5);
    assert_eq!(cursor.row, 6);
}

#[test]
fn the_way_back_is_bounded() {
    let mut focus = Focus::default();
    for n in 0..500 {
        focus.open(if n % 2 == 0 { PanelId::Events } else { PanelId::Health });
    }
    assert_eq!(focus.history.len(), HISTORY);
}
