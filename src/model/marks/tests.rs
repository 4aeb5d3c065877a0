//! Marks out of records.

use std::sync::Arc;

use chrono::TimeDelta;

use super::*;
use crate::domain::{Clean, Now, Room};
use crate::model::msg::Msg;

fn at(minute: i64) -> Wall {
    Wall::default() + TimeDelta::minutes(minute)
}

fn split(minute: i64, percent: u8) -> (i64, Entry) {
    let target = |revision: &str, percent| TrafficTarget {
        revision: Some(revision.to_owned()),
        percent,
        tag: None,
        uri: None,
    };
    let split = vec![target("api-2", percent), target("api-1", 100 - percent)];
    (
        minute,
        Entry::Split {
            service: "api".into(),
            split,
            healthy: None,
            by: Clean::default(),
            follows_latest: false,
            again: false,
        },
    )
}

fn room_with(entries: Vec<(i64, Entry)>) -> Model {
    let now = Now { wall: at(100), ..Now::default() };
    let mut model = Model::new(Arc::new(Room::default()), "t".into(), now, (80, 24));
    let records = (1..).zip(entries).map(|(seq, (minute, entry))| Record {
        seq,
        at: at(minute),
        by: "sam".into(),
        role: Clean::default(),
        entry,
        hash: String::new(),
        late: false,
    });
    model.update(Msg::Recorded { records: records.collect() });
    model
}

#[test]
fn what_changed_is_marked_once_and_what_was_seen_again_is_not() {
    let flag = Entry::FlagMoved {
        flag: "RESUME".into(),
        place: Clean::default(),
        from: "off".into(),
        to: "on".into(),
        by: "ines".into(),
        before: None,
        after: None,
    };
    let deployed =
        Entry::Deployed { service: "api".into(), revision: "api-2".into(), image: Clean::default() };
    let model = room_with(vec![
        split(10, 0),
        (20, deployed),
        split(30, 10),
        split(31, 10),
        (40, flag),
        (45, Entry::Noted { text: "nothing".into() }),
        split(50, 100),
    ]);
    let kinds = |from: i64| {
        let marks = model.time_marks(None, at(from));
        marks.iter().map(|mark| (mark.kind, (mark.at - at(0)).num_minutes())).collect::<Vec<_>>()
    };
    let all =
        [(MarkKind::Deploy, 20), (MarkKind::Traffic, 30), (MarkKind::Flag, 40), (MarkKind::Traffic, 50)];
    assert_eq!(kinds(0), all);
    assert_eq!(kinds(35), all[2..], "what was before the window is not shown, and still compared with");
}
