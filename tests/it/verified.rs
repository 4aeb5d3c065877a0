//! No sequence of readings, silences, answers, faults and restarts makes the room send what was not journaled, send twice, or
//! call an operation VERIFIED that is not: of one rollback second by second, and of several services, groups and a flag.

use proptest::prelude::*;
use warroom::domain::{OpState, ServiceIx};

mod world;

use world::{Answers, Second, Step, World};

fn state() -> impl Strategy<Value = OpState> {
    use OpState::{Accepted, Effective, Failed, Reconciling, Requested, Unknown};
    prop::sample::select(vec![
        Requested,
        Accepted,
        Reconciling,
        Effective,
        Effective,
        Effective,
        Failed,
        Unknown,
    ])
}

/// A second of one service, mostly good.
fn of_one() -> impl Strategy<Value = Step> {
    let pass = |second| Just(Step::Pass(0, second, 1));
    prop_oneof![
        30 => pass(Second::Good),
        2 => pass(Second::Bad),
        3 => pass(Second::Silent),
        3 => pass(Second::Unread),
        1 => pass(Second::BadUnread),
        1 => pass(Second::Reconciling),
        1 => Just(Step::Other(0)),
        2 => state().prop_map(|state| Step::Told(0, state)),
        1 => Just(Step::Restart),
    ]
}

fn of_many() -> impl Strategy<Value = Step> {
    let second = prop_oneof![
        6 => Just(Second::Good),
        1 => Just(Second::Bad),
        2 => Just(Second::Silent),
        2 => Just(Second::Unread),
        1 => Just(Second::BadUnread),
        1 => Just(Second::Reconciling),
    ];
    let keys = vec![
        (":rollback api\n", "00001"),
        (":rollback web\n", "00001"),
        (":rollback --group both\n", "both"),
        (":rollback --all\n", "all"),
        (":flip FAST\n", "FAST"),
    ];
    prop_oneof![
        10 => (0..2_usize, second, 1..14_u64).prop_map(|(of, second, long)| Step::Pass(of, second, long)),
        6 => prop::sample::select(keys).prop_map(|(ask, word)| Step::Keys(ask, word)),
        8 => (0..2_usize, state()).prop_map(|(back, state)| Step::Told(back, state)),
        6 => (0..2_usize).prop_map(Step::Arrives),
        1 => (0..2_usize).prop_map(Step::Other),
        3 => prop::sample::select(vec![Answers::AtOnce, Answers::AtOnce, Answers::Later, Answers::Never])
            .prop_map(Step::Journal),
        2 => Just(Step::Restart),
        3 => Just(Step::OtherConsole),
    ]
}

/// Asked for and done: what is told of it is still to come.
fn asked(ask: &'static str, word: &'static str) -> World {
    let mut world = World::new();
    world.step(Step::Keys(ask, word));
    assert_eq!(world.sent.len(), 1, "{}", world.screen());
    world.step(Step::Arrives(0));
    world.step(Step::Pass(0, Second::Good, 1));
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn nothing_is_called_verified_that_is_not_and_nothing_is_sent_again(
        steps in prop::collection::vec(of_one(), 1..90),
        effective_at in 0..20_usize,
    ) {
        let mut world = asked(":rollback api\n", "00001");
        for (at, step) in steps.into_iter().enumerate() {
            if at == effective_at {
                world.step(Step::Told(0, OpState::Effective));
            }
            world.step(step);
        }
        prop_assert_eq!(world.sent.len(), 1);
    }

    #[test]
    fn of_several_services_groups_and_flags_nothing_is_sent_twice_or_called_verified_too_early(
        steps in prop::collection::vec(of_many(), 1..40),
    ) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
    }
}

/// The same world in which all goes well: it gets there, so the properties above are not empty.
#[test]
fn a_group_gets_there_when_all_goes_well() {
    let mut world = World::new();
    world.step(Step::Keys(":rollback --group both\n", "both"));
    for _ in 0..2 {
        assert!(!world.sent.is_empty(), "{}", world.screen());
        world.step(Step::Arrives(0));
        world.step(Step::Told(0, OpState::Accepted));
        world.step(Step::Pass(0, Second::Good, 1));
        world.step(Step::Told(0, OpState::Effective));
        world.step(Step::Pass(0, Second::Good, 2));
    }
    assert_eq!(world.sent.len(), 2, "each once, in order");
    let of = |at: usize| world.sent[at].1.service();
    assert_eq!((of(0), of(1)), (ServiceIx(1), ServiceIx(0)));
    world.step(Step::Pass(0, Second::Good, 20));
    assert_eq!(world.verified, 2);
}

#[test]
fn what_is_good_for_long_enough_is_verified_also_by_the_next_console() {
    for restart in [false, true] {
        let mut world = asked(":rollback api\n", "00001");
        world.step(Step::Told(0, OpState::Effective));
        if restart {
            world.step(Step::Restart);
        }
        world.step(Step::Pass(0, Second::Good, 60));
        assert_eq!(world.verified, 1, "restart: {restart}");
    }
}

/// Both consoles live: one act at a time on a service, whoever asks; and whoever lives looks after what a dead one began.
#[test]
fn two_consoles_send_one_act_and_the_one_that_lives_looks_after_it() {
    let mut world = World::new();
    world.step(Step::OtherConsole);
    for _ in 0..2 {
        world.step(Step::Keys(":rollback api\n", "00001"));
        world.step(Step::OtherConsole);
    }
    assert_eq!(world.sent.len(), 1, "{}", world.screen());
    world.step(Step::OtherConsole);
    world.step(Step::Keys(":rollback web\n", "00001"));
    assert_eq!(world.sent.len(), 2, "{}", world.screen());
    (0..2).for_each(|back| world.step(Step::Arrives(back)));
    (0..2).for_each(|back| world.step(Step::Told(back, OpState::Effective)));
    world.step(Step::Pass(0, Second::Good, 2));
    world.step(Step::Restart);
    world.step(Step::Pass(0, Second::Good, 9));
    assert_eq!(world.verified, 1, "by the one that sent it and lives");
    world.step(Step::Pass(0, Second::Good, 60));
    assert_eq!(world.verified, 2, "and by the one that took over");
}

/// Silence stops the clock: half of the time, then long silence, then not at once.
#[test]
fn what_is_not_heard_does_not_count() {
    for silence in [Second::Silent, Second::Unread] {
        let mut world = asked(":rollback web\n", "00001");
        world.step(Step::Told(0, OpState::Effective));
        world.step(Step::Pass(1, Second::Good, 3));
        world.step(Step::Pass(1, silence, 60));
        assert_eq!(world.verified, 0, "a minute of silence");
        world.step(Step::Pass(1, Second::Good, 20));
        assert_eq!(world.verified, 1, "it goes on when data comes");
    }
}

/// What is seen to be bad, or to serve something else, begins the time anew, also while the rest is not seen.
#[test]
fn what_speaks_against_it_begins_the_time_anew() {
    for (ask, word) in [(":rollback api\n", "00001"), (":flip FAST\n", "FAST")] {
        for against in [Second::Bad, Second::Reconciling, Second::BadUnread] {
            let mut world = asked(ask, word);
            world.step(Step::Told(0, OpState::Effective));
            world.step(Step::Pass(0, Second::Good, 4));
            world.step(Step::Pass(0, Second::Unread, 4));
            world.step(Step::Pass(0, against, 1));
            world.step(Step::Pass(0, Second::Good, 7));
            assert_eq!(world.verified, 0, "{ask} {against:?}");
            world.step(Step::Pass(0, Second::Good, 4));
            assert_eq!(world.verified, 1, "{ask} {against:?}");
        }
    }
}

/// Each operation has a clock of its own: the second one's does not begin anew what the first has heard.
#[test]
fn two_operations_on_a_service_are_judged_each_by_what_it_heard() {
    let mut world = World::new();
    world.step(Step::Keys(":rollback api\n", "00001"));
    // It was told too early: the next one may begin, and moves what the first asked for.
    world.step(Step::Told(0, OpState::Effective));
    world.step(Step::Keys(":rollback --all\n", "all"));
    assert_eq!(world.sent.len(), 2, "{}", world.screen());
    world.step(Step::Arrives(0));
    world.step(Step::Pass(0, Second::Good, 5));
    world.step(Step::Told(0, OpState::Effective));
    world.step(Step::Pass(0, Second::Good, 5));
    assert_eq!(world.verified, 1, "the first has served for its whole time");
    world.step(Step::Pass(0, Second::Good, 5));
    assert_eq!(world.verified, 2);
}
