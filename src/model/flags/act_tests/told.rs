//! In whose name a change of a flag is told, and where the flag is kept.

use super::*;

fn of(id: &str, by: &str, act: OpKind, states: &[OpState], second: u64) -> Operation {
    let mut op = Operation::new(OpId(id.into()), act, "".into(), by.into(), Token(second));
    for state in states {
        assert!(op.advance(*state, "".into(), at(second).wall));
    }
    op
}

/// The provider tells the name of the token that all of them use.
#[test]
fn what_the_room_set_is_told_by_who_asked_for_it_and_not_by_the_name_of_its_token() {
    let by_admin = |percent| FlagRead { changed_by: "admin".into(), ..on(Some(percent)) };
    let asked_for = |model: &Model, percent| {
        model.flag_change("pay", Wanted::Percent(percent), &Extra::default()).expect("a change")
    };
    let sent: &[OpState] = &[OpState::Requested, OpState::Accepted];
    let serves: &[OpState] = &[OpState::Requested, OpState::Effective];
    for (his, reads, words) in [
        (serves, 40, "replaced by what ben did, effective at 00:00:14Z"),
        (sent, 40, "replaced by what ben asked for"),
        (sent, 70, "the flag is on 70 % now, changed by admin"),
    ] {
        let mut model = model(unleash("staging"));
        see(&mut model, 1, on(Some(10)));
        model.ops.push(of("1", "mara", asked_for(&model, 20), serves, 12));
        let act = asked_for(&model, 40);
        model.ops.push(of("2", "ben", act, his, 14));
        see(&mut model, 16, by_admin(reads));
        model.update(Msg::Ticked(at(17)));
        let first = model.ops.get(&OpId("1".into())).expect("it");
        assert_eq!(first.state(), Some(OpState::Superseded));
        assert_eq!(first.steps.last().map(|step| &*step.detail), Some(words));
    }
    // The same in a dialog that is open meanwhile.
    for (reads, words) in
        [(40, "the flag is on 40 % now, changed by ben"), (70, "the flag is on 70 % now, changed by admin")]
    {
        let mut model = model(unleash("staging"));
        see(&mut model, 1, on(Some(10)));
        model.open_set(0, Wanted::Percent(60), &mut Vec::new());
        model.ops.push(of("1", "ben", asked_for(&model, 40), sent, 2));
        see(&mut model, 3, by_admin(reads));
        assert!(matches!(&asked(&mut model).stage, Stage::Changed { how } if **how == *words), "{words}");
    }
}

#[test]
fn a_flag_that_cannot_be_read_is_told_with_its_place() {
    let flagd = FlagSource::Flagd(FlagdSpec { file: "/etc/flags/f.json".into(), ..FlagdSpec::default() });
    for (flag, place) in [
        (unleash("staging"), "staging"),
        (FlagSpec { source: flagd, ..unleash("") }, "f.json"),
        (FlagSpec { service: ServiceIx(0), ..unleash("staging") }, "staging"),
        (variable(), "s"),
    ] {
        let model = model(flag);
        let flag = model.flag(0).expect("a flag");
        assert!(flag.read.is_none());
        assert_eq!(&*model.flag_place(&flag), place);
    }
}
