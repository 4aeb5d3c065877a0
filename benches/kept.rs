//! What it costs to keep scraped samples over a restart, for the most that a service has kept (200 series, one sample in a
//! minute, 1,440 of each): against the same numbers in a bare file that is synchronised each minute, in one run.
//!
//! `cargo bench --profile quick --bench kept`
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::fs::{File, read};
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use warroom::clock;
use warroom::journal::Store;

const SERIES: usize = 200;
const MINUTES: i64 = 1_440;
const DAY: Duration = Duration::from_hours(24);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir_in(".")?;
    let (path, bare) = (folder.path().join("room.db"), folder.path().join("bare"));
    let mut store = Store::open(&path).await?;
    let begin = clock::wall();
    store.lease("bench", DAY * 2, begin).await?;
    let empty = std::fs::metadata(&path)?.len();
    let mut file = File::create(&bare)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for minute in 0..MINUTES {
        let at = begin + TimeDelta::minutes(minute);
        let samples: Vec<(String, f64)> = (0..SERIES).map(|n| (name(n), value(n, minute))).collect();
        let began = Instant::now();
        assert!(store.keep_samples("bench", "api", at, DAY, &samples).await?, "it is the keeper");
        ours.push(began.elapsed());
        let began = Instant::now();
        let rows = samples.iter().zip(0_u16..).flat_map(|((_, value), id)| {
            [&id.to_le_bytes()[..], &at.timestamp_millis().to_le_bytes(), &value.to_le_bytes()].concat()
        });
        file.write_all(&rows.collect::<Vec<u8>>())?;
        file.sync_data()?;
        theirs.push(began.elapsed());
    }
    store.close().await;
    let size = std::fs::metadata(&path)?.len() - empty;
    let floor = std::fs::metadata(&bare)?.len();

    let began = Instant::now();
    let mut store = Store::read(&path).await?;
    let kept = store.samples("api", begin).await?;
    let read_ours = began.elapsed();
    store.close().await;
    assert_eq!(kept.len(), SERIES * MINUTES as usize, "every sample is there");
    let wanted = (0..MINUTES).flat_map(|minute| (0..SERIES).map(move |n| value(n, minute))).sum::<f64>();
    assert_eq!(
        kept.iter().map(|stored| stored.value).sum::<f64>().to_bits(),
        wanted.to_bits(),
        "as it was kept"
    );
    let began = Instant::now();
    let bytes = read(&bare)?;
    let found: Vec<(u16, i64, f64)> = bytes.chunks_exact(18).filter_map(row).collect();
    let read_theirs = began.elapsed();
    assert_eq!(found.len(), kept.len());

    let mut out = io::stdout().lock();
    writeln!(out, "{SERIES} series, {MINUTES} minutes: {} samples", kept.len())?;
    let each = |size: u64| size as f64 / kept.len() as f64;
    told(&mut out, "bytes of a sample", each(size), each(floor))?;
    told(&mut out, "ms to keep a minute", median_ms(ours), median_ms(theirs))?;
    let ms = |took: Duration| took.as_secs_f64() * 1e3;
    told(&mut out, "ms to read the day", ms(read_ours), ms(read_theirs))?;
    // After so long a console that starts goes on without them.
    writeln!(out, "limit of one look: 5,000 ms")?;
    Ok(())
}

fn told(out: &mut impl io::Write, what: &str, ours: f64, bare: f64) -> io::Result<()> {
    writeln!(out, "{what:23} {ours:>8.1}, bare {bare:>6.1}   {:.1} ×", ours / bare.max(f64::MIN_POSITIVE))
}

fn median_ms(mut all: Vec<Duration>) -> f64 {
    all.sort_unstable();
    all.get(all.len() / 2).map_or(0.0, |took| took.as_secs_f64() * 1e3)
}

fn name(n: usize) -> String {
    format!("http_requests_total{{code=\"{}\",handler=\"/api/v1/items\",pod=\"web-{n}\"}}", 200 + n % 7)
}

fn value(n: usize, minute: i64) -> f64 {
    (n as f64).mul_add(37.0, minute as f64 * 11.0)
}

fn row(bytes: &[u8]) -> Option<(u16, i64, f64)> {
    let (id, rest) = bytes.split_first_chunk()?;
    let (at, value) = rest.split_first_chunk()?;
    Some((u16::from_le_bytes(*id), i64::from_le_bytes(*at), f64::from_le_bytes(value.try_into().ok()?)))
}
