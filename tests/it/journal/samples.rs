//! Samples of what is looked back on for days: how much room they take.

use std::time::Duration;

use chrono::TimeDelta;
use warroom::domain::Wall;
use warroom::journal::Store;

/// Series of one service, an hour of them, one sample in a minute.
const SERIES: usize = 20;
const SPAN: Duration = Duration::from_hours(1);

fn minute(minute: i64) -> Wall {
    Wall::default() + TimeDelta::minutes(minute)
}

/// Keeps so many minutes; answers with how large the file is then.
async fn keep(path: &std::path::Path, minutes: std::ops::Range<i64>) -> u64 {
    let mut store = Store::open(path).await.unwrap();
    for n in minutes {
        assert!(store.lease("k", Duration::from_secs(90), minute(n)).await.unwrap().mine);
        let samples: Vec<(String, f64)> =
            (0..SERIES).map(|series| (format!("errors_total{{path=\"/{series}\"}}"), n as f64)).collect();
        assert!(store.keep_samples("k", "shop", minute(n), SPAN, &samples).await.unwrap());
    }
    store.close().await;
    std::fs::metadata(path).unwrap().len()
}

#[tokio::test]
async fn what_is_kept_for_days_takes_so_much_room_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("room.db");
    let once = keep(&path, 0..75).await;
    let often = keep(&path, 75..300).await;
    // What is removed makes room for what comes.
    assert!(often <= once + 16 * 1024, "{once} bytes, then {often}");
    let mut store = Store::read(&path).await.unwrap();
    let kept = store.samples("shop", minute(0)).await.unwrap();
    assert_eq!(kept.len(), SERIES * 61, "one in each minute of the span");
    assert_eq!((kept[0].at_ms, kept[0].value), (minute(239).timestamp_millis(), 239.0));
    // Of a series that is gone nothing is left.
    store.close().await;
    let mut store = Store::open(&path).await.unwrap();
    assert!(store.lease("k", Duration::from_secs(90), minute(400)).await.unwrap().mine);
    let one = [("errors_total{path=\"/0\"}".to_owned(), 1.0)];
    assert!(store.keep_samples("k", "shop", minute(400), SPAN, &one).await.unwrap());
    assert_eq!(store.samples("shop", minute(0)).await.unwrap().len(), 1);
}
