//! How long a metrics endpoint of 10 MB takes to be read, ours against the prometheus-parse crate in one run, and what
//! 10,000 series cost that are scraped each second.
//!
//! `cargo bench --profile quick --bench exposition`
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use warroom::promql::{History, exposition};

const BYTES: usize = 10_000_000;
const SERIES: usize = 10_000;
const ROUNDS: usize = 9;

fn main() -> io::Result<()> {
    let text = exposition_of(usize::MAX, BYTES, 0);
    let lines = text.lines().filter(|line| !line.starts_with('#')).count();
    let mut out = io::stdout().lock();
    writeln!(out, "{:.1} MB, {lines} series", text.len() as f64 / 1e6)?;
    let (mut ours, mut mapped, mut theirs) = (Duration::MAX, Duration::MAX, Duration::MAX);
    let mut history = History::new(300_000, lines, None);
    for round in 0..ROUNDS {
        let mut samples = 0_usize;
        let count = |_line: exposition::Line<'_>| {
            samples += 1;
            Ok(())
        };
        ours = ours.min(took(|| exposition::read(text.as_bytes(), count)));
        assert_eq!(samples, lines, "every line is read");
        // The first time every series is new; what counts is every later one.
        let scraped =
            took(|| history.scraped(text.as_bytes(), i64::try_from(round).unwrap_or_default() * 1_000));
        mapped = if round == 0 { mapped } else { mapped.min(scraped) };
        if round < 3 {
            let lines = || text.lines().map(|line| Ok(line.to_owned()));
            theirs = theirs.min(took(|| prometheus_parse::Scrape::parse(lines())));
        }
    }
    let ms = |took: Duration| took.as_secs_f64() * 1e3;
    writeln!(out, "read              {:>8.1} ms   (limit 25)", ms(ours))?;
    writeln!(out, "read into series  {:>8.1} ms", ms(mapped))?;
    writeln!(
        out,
        "prometheus-parse  {:>8.1} ms   {:.0} × ours (at least 10)",
        ms(theirs),
        ms(theirs) / ms(ours)
    )?;

    // One scrape a second for two minutes, each with other values.
    let mut history = History::new(300_000, SERIES, None);
    let texts: Vec<String> = (0..8).map(|n| exposition_of(SERIES, usize::MAX, n)).collect();
    let mut spent = Vec::new();
    for (second, text) in (0..120_i64).zip(texts.iter().cycle()) {
        spent.push(took(|| history.scraped(text.as_bytes(), second * 1_000)));
    }
    assert_eq!((history.len(), history.left_out()), (SERIES, 0));
    spent.sort_unstable();
    let (median, worst) = (ms(spent[spent.len() / 2]), ms(spent[spent.len() - 1]));
    writeln!(out, "{SERIES} series a second: {median:.1} ms of each, {worst:.1} ms at most")
}

fn took<T>(work: impl FnOnce() -> T) -> Duration {
    let begin = Instant::now();
    std::hint::black_box(work());
    begin.elapsed()
}

/// So many series, or bytes; `seed` makes other values.
fn exposition_of(series: usize, bytes: usize, seed: usize) -> String {
    let mut text = String::new();
    let mut n = 0;
    while n < series && text.len() < bytes {
        if n % 1_000 == 0 {
            let family = n / 1_000;
            writeln!(
                text,
                "# HELP http_requests_{family}_total Requests.\n# TYPE http_requests_{family}_total counter"
            )
            .unwrap_or_default();
        }
        let (family, code, pod) = (n / 1_000, 200 + n % 7, n % 1_000);
        writeln!(
            text,
            "http_requests_{family}_total{{code=\"{code}\",method=\"GET\",handler=\"/api/v1/items\",pod=\"web-{pod}\"}} {}",
            n * 37 + seed
        )
        .unwrap_or_default();
        n += 1;
    }
    text
}
