//! The panel's state from hand-overs and scrapes.

use super::*;
use crate::domain::Wall;
use crate::domain::event::SocketsDelta;
use crate::domain::metric::ServerCloses;
use crate::domain::room::{MetricsSpec, Service};

fn closes() -> Closes {
    let metrics = MetricsSpec {
        url: Some(String::new()),
        headers: BTreeMap::new(),
        token: None,
        interval: Duration::from_secs(5),
        timeout: Duration::from_secs(4),
        revision_label: "revision".to_owned(),
        closes_total: "ws_closes_total".to_owned(),
        connection_seconds: String::new(),
        connections_open: String::new(),
        requests_total: String::new(),
        panels: Vec::new(),
    };
    let spec = ClosesSpec { show: vec![1000, 4401], ..ClosesSpec::default() };
    let service = Service { closes: spec, metrics: Some(metrics), ..Service::default() };
    Closes::new(&Room { services: vec![service], ..Room::default() }, ServiceIx(0))
}

fn now(second: u64) -> Now {
    Now { mono: Mono::from_secs(second), wall: Wall::default() }
}

fn scrape(second: u64, increase: Option<f64>, revision: &str) -> Scraped {
    let closes = ServerCloses { code: 4401, revision: Some(revision.into()), increase, total: 100.0 };
    Scraped { at: Mono::from_secs(second), closes: vec![closes], ..Scraped::default() }
}

fn ended(second: u64, code: u16, lived_ms: u64, reason: &str) -> EventsDelta {
    let at = Mono::from_secs(second);
    let mut sockets = SocketsDelta { attempts: 1, opened: 1, ..SocketsDelta::default() };
    sockets.close(Closed { at, code, reason: reason.into(), lived_ms, origin: Origin::Mixed });
    EventsDelta { at, sockets, ..EventsDelta::default() }
}

fn value(closes: &Closes, second: u64, name: &str, live: Live) -> Option<(f64, bool)> {
    let all = closes.signals(now(second), live);
    all.into_iter().find(|(known, _)| known == name).expect("known").1.map(|r| (r.value, r.fresh))
}

#[test]
fn nobody_has_seen_anything_is_no_zero() {
    let closes = closes();
    let rows = closes.rows(Mono::from_secs(10));
    assert_eq!(
        rows.iter().map(|row| (row.code, row.per_minute)).collect::<Vec<_>>(),
        [(1000, None), (4401, None)]
    );
    assert_eq!(value(&closes, 10, "closes.spiking", Live::default()), None);
}

#[test]
fn the_servers_count_is_preferred_and_both_are_shown() {
    let mut closes = closes();
    closes.streamed(&ended(9, 4401, 300, "token expired"));
    closes.scraped(&scrape(5, None, "b"));
    closes.scraped(&scrape(10, Some(3.0), "b"));
    let row = closes.row(4401, Mono::from_secs(10));
    assert_eq!((row.per_minute, row.client, row.server), (Some(3.0), Some(1.0), Some(3.0)));
    let live = Live { events: true, metrics: false };
    assert_eq!(value(&closes, 10, "closes.4401.per_minute", live), Some((3.0, false)), "its source is lost");
    assert_eq!(closes.by_revision(4401, Mono::from_secs(10)), [(Clean::new("b"), 100.0)]);
    assert_eq!(closes.by_reason(4401), [(Clean::new("token expired"), 100.0)]);
    assert_eq!(closes.by_age(4401), Some((100.0, Duration::from_millis(300))));
}

#[test]
fn a_server_that_tells_of_no_closes_any_more_does_not_say_that_nothing_closes() {
    let mut closes = closes();
    closes.scraped(&scrape(5, None, "b"));
    closes.scraped(&scrape(10, Some(30.0), "b"));
    let live = Live { events: true, metrics: true };
    let samples = |closes: &Closes, second| {
        let all = closes.signals(now(second), live);
        let of = |name: &str| all.iter().find(|(known, _)| known == name).and_then(|(_, it)| it.as_ref());
        ["closes.4401.per_minute", "closes.spiking"].map(|name| of(name).expect("heard").samples)
    };
    assert_eq!(samples(&closes, 60), [None; 2]);
    closes.scraped(&Scraped { at: Mono::from_secs(75), ..Scraped::default() });
    assert_eq!(samples(&closes, 75), [Some(0); 2]);
}

/// A healthy new service declares its counter and has closed nothing yet.
#[test]
fn a_server_that_has_closed_nothing_yet_says_that_it_is_none() {
    let mut closes = closes();
    let live = Live { events: false, metrics: true };
    closes.scraped(&Scraped { at: Mono::from_secs(5), ..Scraped::default() });
    assert_eq!(value(&closes, 5, "closes.spiking", live), None, "it says nothing of closes");
    for second in 6..=90 {
        closes.scraped(&Scraped { at: Mono::from_secs(second), none_closed: true, ..Scraped::default() });
    }
    assert_eq!(value(&closes, 90, "closes.spiking", live), Some((0.0, true)));
    assert_eq!(value(&closes, 90, "closes.4401.per_minute", live), Some((0.0, true)));
    assert_eq!(
        value(&closes, 90, "closes.spiking", Live::default()),
        Some((0.0, false)),
        "its source is lost"
    );
    let row = closes.row(4401, Mono::from_secs(90));
    assert_eq!((row.client, row.server, row.total), (None, Some(0.0), 0));
    // What the stream sees beside it is still told by the stream.
    closes.streamed(&ended(91, 4401, 300, "token expired"));
    let row = closes.row(4401, Mono::from_secs(91));
    assert_eq!((row.client, row.server, row.per_minute), (Some(1.0), None, Some(1.0)));
}

#[test]
fn a_spike_has_words_and_ends() {
    let mut closes = closes();
    let mut second = 0;
    let mut go = |closes: &mut Closes, seconds: u64, each_five: f64| {
        for _ in 0..seconds / 5 {
            second += 5;
            closes.scraped(&scrape(second, Some(each_five), "b"));
            closes.ticked(now(second));
        }
        Mono::from_secs(second)
    };
    let at = go(&mut closes, 600, 0.1);
    assert!(closes.spiking(at).is_empty());
    let at = go(&mut closes, 120, 1.0);
    let spiking = closes.spiking(at);
    assert_eq!(spiking[0].times().as_deref(), Some("10× the usual 1.2/min"));
    assert_eq!(
        value(&closes, 720, "closes.spiking", Live { metrics: true, ..Live::default() }),
        Some((1.0, true))
    );
    let at = go(&mut closes, 120, 0.1);
    assert!(closes.spiking(at).is_empty());
}

#[test]
fn what_only_this_client_sees_spikes_although_the_server_counts_the_code_too() {
    let mut closes = closes();
    for second in 1..=600 {
        if second % 5 == 0 {
            closes.scraped(&scrape(second, Some(0.0), "b"));
        }
        closes.streamed(&EventsDelta { at: Mono::from_secs(second), ..EventsDelta::default() });
        closes.ticked(now(second));
    }
    // A proxy ends its connections: the server knows nothing of it.
    for second in 601..=640 {
        if second % 5 == 0 {
            closes.scraped(&scrape(second, Some(0.0), "b"));
        }
        if second % 4 == 0 {
            closes.streamed(&ended(second, 4401, 100, "gone"));
        }
        closes.ticked(now(second));
    }
    let spiking = closes.spiking(Mono::from_secs(640));
    assert_eq!(spiking.iter().map(|row| row.code).collect::<Vec<_>>(), [4401]);
    assert_eq!((spiking[0].per_minute, spiking[0].server), (Some(10.0), Some(0.0)));
    let live = Live { events: true, metrics: true };
    assert_eq!(value(&closes, 640, "closes.spiking", live), Some((1.0, true)));
}

#[test]
fn what_was_counted_while_nobody_read_the_counter_is_of_all_that_time() {
    let mut closes = closes();
    for second in (5..=600).step_by(5) {
        closes.scraped(&scrape(second, Some(0.25), "b"));
        closes.ticked(now(second));
    }
    // The endpoint is lost for five minutes; the server closed twenty a minute meanwhile.
    closes.scraped(&scrape(900, Some(100.0), "b"));
    closes.ticked(now(900));
    let row = closes.row(4401, Mono::from_secs(900));
    assert!((row.per_minute.expect("counted") - 20.0).abs() < 0.5, "{row:?}");
    assert_eq!(row.total, 130);
    let of_them = closes.counted_on(&["b"], Mono::from_secs(900));
    assert_eq!(of_them, [(4401, vec![115.0])], "fifteen of them before, in ten minutes");
}

#[test]
fn a_time_without_a_connection_is_no_quiet_time() {
    let mut closes = closes();
    let live = |second: u64, open: u16| {
        let sockets = SocketsDelta { open, ..SocketsDelta::default() };
        EventsDelta { at: Mono::from_secs(second), sockets, ..EventsDelta::default() }
    };
    let go = |closes: &mut Closes, seconds: std::ops::Range<u64>, open: u16| {
        for second in seconds {
            let mut delta = live(second, open);
            if open > 0 && second % 15 == 0 {
                delta.sockets.close(ended(second, 4401, 900, "").sockets.closes[0].clone());
            }
            closes.streamed(&delta);
            closes.ticked(now(second));
        }
        closes.row(4401, Mono::from_secs(600)).usual
    };
    go(&mut closes, 0..180, 4);
    // Attempts fail for minutes: nothing can be closed, and nothing is quiet.
    go(&mut closes, 180..480, 0);
    let usual = go(&mut closes, 480..600, 4).expect("four minutes were seen");
    assert!((usual - 4.0).abs() < 0.5, "four a minute while it was there: {usual}");
}

#[test]
fn handshakes_tell_their_share_of_success() {
    let mut closes = closes();
    let sockets =
        SocketsDelta { attempts: 4, opened: 1, refused: [(403, 3)].into(), ..SocketsDelta::default() };
    closes.streamed(&EventsDelta { at: Mono::from_secs(5), sockets, ..EventsDelta::default() });
    let live = Live { events: true, metrics: true };
    assert_eq!(value(&closes, 6, "connections.success", live), Some((25.0, true)));
    assert_eq!(value(&closes, 6, "connections.refused", live), Some((3.0, true)));
    assert_eq!(closes.handshakes().success_percent(Mono::from_secs(900)), None);
}

#[test]
fn a_spike_is_said_of_the_revision_on_whose_account_it_is() {
    let live = Live { events: true, metrics: true };
    let origin = |closes: &Closes, second: u64, name: &str| {
        let all = closes.signals(now(second), live);
        all.into_iter().find(|(known, _)| known == name).and_then(|(_, r)| r).map(|reading| reading.origin)
    };
    let of = |name: &str| Some(Origin::Revision(name.to_owned()));
    let mut closes = closes();
    // This client's own socket belongs to the stable revision.
    closes.streamed(&EventsDelta { origin: Origin::Revision("stable".into()), ..ended(1, 1000, 300, "") });
    closes.scraped(&scrape(5, None, "canary"));
    closes.scraped(&scrape(10, Some(30.0), "canary"));
    closes.ticked(now(10));
    assert_eq!(value(&closes, 10, "closes.spiking", live), Some((1.0, true)));
    assert_eq!(origin(&closes, 10, "closes.spiking"), of("canary"));
    assert_eq!(origin(&closes, 10, "closes.4401.per_minute"), of("canary"));
    closes.scraped(&scrape(15, Some(1.0), "stable"));
    assert_eq!(origin(&closes, 15, "closes.spiking"), of("canary"), "one close in thirty is noise");
    closes.scraped(&scrape(20, Some(3.0), "stable"));
    assert_eq!(origin(&closes, 20, "closes.spiking"), of("canary"), "without it there would be no spike");
    closes.scraped(&scrape(25, Some(9.0), "stable"));
    assert_eq!(origin(&closes, 25, "closes.spiking"), Some(Origin::Mixed));
    assert_eq!(
        origin(&closes, 76, "closes.4401.per_minute"),
        of("stable"),
        "the canary's are over a minute old"
    );
}

#[test]
fn a_server_that_does_not_tell_its_revisions_apart_speaks_of_none() {
    let mut closes = closes();
    closes.streamed(&EventsDelta { origin: Origin::Revision("stable".into()), ..ended(1, 1000, 300, "") });
    for (second, increase) in [(5, None), (10, Some(30.0))] {
        let mut scraped = scrape(second, increase, "");
        scraped.closes[0].revision = None;
        closes.scraped(&scraped);
    }
    closes.ticked(now(10));
    let all = closes.signals(now(10), Live { events: true, metrics: true });
    let spiking =
        all.into_iter().find(|(name, _)| name == "closes.spiking").and_then(|(_, r)| r).expect("seen");
    assert_eq!((spiking.value, spiking.origin), (1.0, Origin::Unknown));
}

#[test]
fn a_silent_source_knows_no_rate_and_keeps_its_count() {
    let mut closes = closes();
    for second in 1..=120 {
        closes.streamed(&ended(second, 1000, 10, ""));
        if second % 5 == 0 {
            closes.scraped(&scrape(second, Some(5.0), "a"));
        }
    }
    let rates = |live: Live| {
        let rows = closes.known_rows(Mono::from_secs(120), live);
        rows.iter()
            .map(|row| (row.code, row.per_minute.is_some(), row.client.is_some(), row.total > 0))
            .collect::<Vec<_>>()
    };
    let both = Live { events: true, metrics: true };
    assert_eq!(rates(both), [(1000, true, true, true), (4401, true, true, true)]);
    let client = Live { metrics: false, ..both };
    assert_eq!(rates(client), [(1000, true, true, true), (4401, false, true, true)]);
    assert_eq!(rates(Live::default()), [(1000, false, false, true), (4401, false, false, true)]);
}

#[test]
fn what_closes_in_a_wave_of_logins_is_told_so_and_does_not_become_usual() {
    let mut closes = closes();
    let (mut second, mut open) = (0, 500.0);
    let mut go = |closes: &mut Closes, seconds: u64, came: f64, closed: f64| {
        for _ in 0..seconds / 5 {
            second += 5;
            open += came - closed;
            let connections = vec![Connections { open: Some(open), ..Connections::default() }];
            closes.scraped(&Scraped { connections, ..scrape(second, Some(closed), "b") });
            closes.ticked(now(second));
        }
        Mono::from_secs(second)
    };
    // A busy service: a hundred and twenty a minute come and go, two of them with 4401.
    let at = go(&mut closes, 1_200, 10.0, 0.2);
    assert_eq!((closes.wave(), closes.spiking(at).len()), (None, 0));
    let usual = closes.row(4401, at).usual;
    // Nine o'clock: five times as many, and of some the token is old.
    let at = go(&mut closes, 180, 50.0, 2.0);
    let wave = closes.wave().expect("many came at once");
    assert!((590.0..620.0).contains(&wave.came) && (wave.usual - 120.0).abs() < 2.0, "{wave:?}");
    assert_eq!(closes.spiking(at).len(), 1);
    let at = go(&mut closes, 60, 10.0, 0.2);
    assert!(closes.wave().is_some(), "it ended just now");
    let at = go(&mut closes, 600, 10.0, 0.2).max(at);
    assert_eq!((closes.wave(), closes.spiking(at).len()), (None, 0));
    let after = closes.row(4401, at).usual;
    assert!((after.expect("known") - usual.expect("known")).abs() < 0.3, "{usual:?} {after:?}");
}

/// Where an endpoint is scraped twice a second, each scrape tells of half a second.
#[test]
fn what_is_usual_comes_back_after_a_move_also_where_scrapes_are_frequent() {
    let mut closes = closes();
    closes.spec.spike.baseline = Duration::from_secs(30);
    let mut half = 0;
    let mut go = |closes: &mut Closes, seconds: u64| {
        for _ in 0..seconds * 2 {
            half += 1;
            let at = Mono::from_millis(half * 500);
            // Sixty a minute come, and as many go.
            let connections = vec![Connections { open: Some(900.0), ..Connections::default() }];
            let ended = ServerCloses { code: 1000, revision: None, increase: Some(0.5), total: 100.0 };
            closes.scraped(&Scraped { at, connections, closes: vec![ended], ..Scraped::default() });
            closes.ticked(Now { mono: at, wall: Wall::default() });
        }
        (closes.wave(), closes.row(1000, Mono::from_millis(half * 500)).usual)
    };
    let (wave, usual) = go(&mut closes, 900);
    assert!(wave.is_none() && usual.is_some(), "{wave:?} {usual:?}");
    closes.set_drains(true);
    assert_eq!(go(&mut closes, 120), (None, None));
    closes.set_drains(false);
    let (wave, usual) = go(&mut closes, 300);
    assert!(wave.is_none() && usual.is_some_and(|usual| (usual - 60.0).abs() < 2.0), "{wave:?} {usual:?}");
}

#[test]
fn while_another_process_may_have_answered_no_rate_is_told() {
    let (mut closes, live) = (closes(), Live { events: true, metrics: true });
    closes.scraped(&scrape(5, None, "canary"));
    closes.scraped(&scrape(10, Some(0.0), "canary"));
    let at = |closes: &Closes, second: u64| {
        let rows = closes.known_rows(Mono::from_secs(second), live);
        let row = rows.into_iter().find(|row| row.code == 4401).expect("shown");
        (row.per_minute, value(closes, second, "closes.4401.per_minute", live).map(|(_, fresh)| fresh))
    };
    assert_eq!(at(&closes, 10), (Some(0.0), Some(true)));
    closes.scraped(&Scraped { in_doubt: true, ..scrape(15, None, "canary") });
    assert_eq!(at(&closes, 15), (None, Some(false)), "nought would be a word too much");
    closes.scraped(&scrape(20, Some(2.0), "canary"));
    assert_eq!(at(&closes, 20), (Some(2.0), Some(true)));
}

/// What closed while it was not known who counts is a hole in the minute, and no quiet time.
#[test]
fn seconds_in_doubt_are_no_part_of_the_minute_of_a_rate() {
    let mut closes = closes();
    for second in (5..=105).step_by(5) {
        closes.scraped(&scrape(second, Some(5.0), "canary"));
        closes.heard(None, Some(Duration::from_mins(1)));
    }
    let counting = |closes: &Closes, second: u64| closes.row(4401, Mono::from_secs(second)).counting;
    assert_eq!(counting(&closes, 105), None);
    for second in (110..=130).step_by(5) {
        closes.scraped(&Scraped { in_doubt: true, ..scrape(second, None, "canary") });
    }
    closes.scraped(&scrape(135, Some(5.0), "canary"));
    let row = closes.row(4401, Mono::from_secs(135));
    assert_eq!(row.counting.map(|it| it.had), Some(Duration::from_secs(35)), "25 of 60 are not known");
    // The first second of the minute is counted whole.
    assert_eq!(row.rate_text(), "36 in 35s", "and is told as what was counted");
    for second in (140..=190).step_by(5) {
        closes.scraped(&scrape(second, Some(5.0), "canary"));
    }
    assert_eq!(counting(&closes, 190), None);
}
