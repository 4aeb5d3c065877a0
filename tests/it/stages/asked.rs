//! What a stage asks for, and when: items that several stages name, the countdown, stages that are gone from the config.

use std::path::Path;

use warroom::config::{self, Overrides};
use warroom::domain::{Entry, VerdictState};
use warroom::model::msg::Msg;
use warroom::model::stages::StageAct;

use super::{CHECKLIST, CONFIG, Console};

fn starts(config: &str, stages: &str) -> String {
    config.replacen(
        "[[stage]]",
        &format!("[stages]\nstart = \"2026-03-05T13:40:00Z\"\n{stages}\n[[stage]]"),
        1,
    )
}

#[test]
fn an_item_of_a_stage_before_counts_also_where_a_later_one_names_it_again() {
    let again = CONFIG.replace("name = \"Full\"\n", "name = \"Full\"\nbefore = [\"Sign-off\"]\n");
    let mut console = Console::new(&again, CHECKLIST);
    for item in ["lead agrees", "support knows", "QA verification"] {
        console.tick_item(item);
    }
    console.pass(6);
    console.advance();
    console.pass(40);
    assert_eq!(console.verdict(), (VerdictState::Go, "Canary 10 %".into()), "{:?}", console.reasons());
    console.untick_item("lead agrees");
    console.pass(4);
    let told = console.reasons();
    assert!(told.contains(&"1 required item open: 1 of 2".to_owned()), "{told:?}");
    assert_eq!(console.verdict().0, VerdictState::Hold);
}

#[test]
fn what_is_due_before_the_start_counts_as_any_other_item_once_a_stage_was_entered() {
    let config = starts(CONFIG, "[[stages.countdown]]\nbefore = \"30m\"\nitems = [\"support knows\"]");
    let mut console = Console::new(&config, CHECKLIST);
    console.tick_item("lead agrees");
    console.pass(6);
    let told = console.reasons();
    assert!(!told.iter().any(|it| it.contains("required item")), "it is not due yet: {told:?}");
    console.act_on(StageAct::Advance, "");
    console.pass(4);
    let told = console.reasons();
    assert!(told.contains(&"1 required item open: 1 of 2".to_owned()), "{told:?}");
}

#[test]
fn a_countdown_without_a_start_is_refused() {
    let countdown = "[[stages.countdown]]\nbefore = \"30m\"\nitems = [\"support knows\"]\n[[stage]]";
    let config = CONFIG.replacen("[[stage]]", countdown, 1);
    let loaded = config::parse(&config, Path::new("/x/config.toml"), &Overrides::default(), "mara");
    let error = loaded.expect_err("wrong").to_string();
    assert!(error.contains("`stages.countdown` has nothing to count down to"), "{error}");
}

#[test]
fn a_planned_start_holds_a_room_of_any_kind() {
    let none = CONFIG.split("[[stage]]").next().expect("the config without its stages");
    let config = format!("{none}[stages]\nstart = \"2026-03-05T13:40:00Z\"\n");
    let checklist = "# R\n## Work\n- [ ] look around\n## T-30 min\n- [ ] announce it (required)\n";
    let mut console = Console::new(&config, checklist);
    console.pass(6);
    let told = console.reasons();
    assert_eq!(console.verdict().0, VerdictState::Hold, "{told:?}");
    assert!(told.contains(&"planned start 13:40: in 39:54".to_owned()), "{told:?}");
    console.world += 600;
    console.pass(2);
    let told = console.reasons();
    assert!(told.contains(&"1 item due since T−30m open: 0 of 1".to_owned()), "{told:?}");
    assert!(!told.iter().any(|it| it.contains("required item")), "told once: {told:?}");
    console.tick_item("announce it");
    console.world += 1_800;
    console.pass(6);
    assert_eq!(console.verdict().0, VerdictState::Go, "{:?}", console.reasons());
    // A proposal of a document is held up by the start and by a freeze as well.
    let freeze = "[[stages.freeze]]\nfrom = \"2026-03-05\"\nuntil = \"2026-03-05\"\nwhy = \"the fair\"\n";
    let proposed =
        "# R\n## Phase 1: Internal\n### Steps\n- [ ] switch on\n## Phase 2: Full\n### Steps\n- [ ] all\n";
    let mut console = Console::new(&config, proposed);
    console.pass(6);
    let why = console.model.stage_obstacle(StageAct::Advance).expect("it is too early");
    assert!(why.starts_with("waits for GO, the verdict is HOLD: planned start 13:40"), "{why}");
    let mut console = Console::new(&format!("{none}[stages]\n{freeze}"), proposed);
    console.pass(6);
    assert_eq!(console.verdict().0, VerdictState::Go, "{:?}", console.reasons());
    let why = console.model.stage_obstacle(StageAct::Advance).expect("it is frozen");
    assert!(why.starts_with("not ready: frozen until 03-06 00:00: the fair"), "{why}");
}

#[test]
fn a_stage_that_is_gone_from_the_config_is_not_skipped() {
    let mut console = super::in_canary();
    console.pass(4);
    let (head, rest) = CONFIG.split_once("[[stage]]\nname = \"Canary\"").expect("the canary");
    let (_, full) = rest.split_once("[[stage]]").expect("the last");
    console.config = format!("{head}[[stage]]{full}");
    console.restart(10);
    console.pass(6);
    let told = console.reasons();
    assert_eq!(console.verdict().0, VerdictState::Hold);
    assert!(told.contains(&"stage Canary: in no config and no document any more".to_owned()), "{told:?}");
    let why = console.model.stage_obstacle(StageAct::Advance).expect("nobody knows what comes next");
    assert_eq!(&*why, "stage Canary is in no config and no document any more");
    console.act_on(StageAct::Abort, "it is gone");
    console.pass(6);
    assert_eq!(console.verdict().1, "Full 100 %", "the stage after the last that was passed");
    // One that was passed and is gone leaves the others where they are.
    let mut console = super::in_canary();
    console.act_on(StageAct::Advance, "");
    console.act_on(StageAct::Abort, "not today");
    console.config = format!("{head}[[stage]]{full}");
    console.restart(10);
    console.pass(6);
    assert_eq!(console.verdict().1, "Full 100 %");
}

#[test]
fn a_short_look_goes_by_what_the_console_that_watches_says() {
    let turned = |from, to, why: &str| Entry::Verdict { from, to, reasons: vec![why.into()] };
    let go = || turned(VerdictState::RollBack, VerdictState::Go, "");
    let mut command = Console::new(CONFIG, CHECKLIST);
    for item in ["lead agrees", "support knows", "QA verification"] {
        command.tick_item(item);
    }
    command.model.verdict_line.glimpses = true;
    command.tell(Msg::Kept { mine: false, holder: "ana-may-17-1700000000000".into() });
    command.pass(8);
    assert_eq!(command.verdict().0, VerdictState::Go, "nothing was said: {:?}", command.reasons());
    let tripped = "trigger health api failing tripped: failing";
    command.elsewhere(turned(VerdictState::Go, VerdictState::RollBack, tripped));
    command.pass(8);
    let why = command.model.stage_obstacle(StageAct::Advance).expect("the console says otherwise");
    let said = "waits for GO, the verdict is ROLL BACK: the console of ana-may says ROLL BACK: trigger health api failing tripped";
    assert!(why.starts_with(said), "{why}");
    // Its word is what was overridden, and what counts for that is what this look sees itself.
    assert_eq!(command.model.verdicts.room.against, Vec::<warroom::domain::Clean>::new());
    command.elsewhere(go());
    command.pass(2);
    assert_eq!(command.verdict().0, VerdictState::RollBack, "and GO stands a moment here too");
    command.pass(4);
    assert_eq!(command.model.stage_obstacle(StageAct::Advance), None);
    // A console of its own opinion, one that is gone, and one that has looked for as long as the hysteresis remembers.
    command.elsewhere(turned(VerdictState::Go, VerdictState::NoGo, "errors: 9 %"));
    command.pass(2);
    assert_eq!(command.verdict().0, VerdictState::NoGo);
    command.model.verdict_line.glimpses = false;
    command.pass(8);
    assert_eq!(command.verdict().0, VerdictState::Go);
    command.model.verdict_line.glimpses = true;
    command.pass(2);
    assert_eq!(command.verdict().0, VerdictState::NoGo);
    command.keeps(true);
    command.pass(8);
    assert_eq!(command.verdict().0, VerdictState::Go);
    command.keeps(false);
    command.pass(2);
    assert_eq!(command.verdict().0, VerdictState::NoGo);
    command.pass(180);
    assert_eq!(command.verdict().0, VerdictState::Go);
}

#[test]
fn a_refusal_names_what_refuses_and_no_warning_beside_it() {
    let near = "[[condition]]\nname = \"quick\"\nsignal = \"health.api.latency_last\"\nwarn = \"> 50\"\nfail = \"> 900\"\n[[stage]]";
    let mut console = Console::new(&CONFIG.replacen("[[stage]]", near, 1), CHECKLIST);
    console.millis = 60;
    console.pass(6);
    let told = console.reasons();
    assert!(told.iter().any(|it| it.starts_with("quick: 60")), "it warns: {told:?}");
    let why = console.model.stage_obstacle(StageAct::Advance).expect("an item is open");
    assert!(why.starts_with("waits for GO, the verdict is HOLD: 1 required item open"), "{why}");
    assert!(told[0].starts_with("1 required item open"), "what holds comes first: {told:?}");
    console.tick_item("lead agrees");
    console.tick_item("support knows");
    console.pass(6);
    assert_eq!(
        console.verdict().0,
        VerdictState::Go,
        "a warning alone holds nothing: {:?}",
        console.reasons()
    );
    assert_eq!(console.model.stage_obstacle(StageAct::Advance), None);
}
