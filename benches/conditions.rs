//! How long 1,000 conditions on 500 metrics take each second: judged alone, with all that a tick of the room does besides,
//! and drawn.
//!
//! `cargo bench --profile quick --bench conditions`
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use warroom::config::{self, Overrides};
use warroom::domain::metric::{MetricValue, Scraped};
use warroom::domain::{Mono, Now, ServiceIx, Wall};
use warroom::keymap::Keymap;
use warroom::model::Model;
use warroom::model::conditions::By;
use warroom::model::msg::Msg;
use warroom::theme::{Depth, Theme};
use warroom::view::{self, Ctx};

const SERVICES: u16 = 10;
const METRICS: usize = 50;
const SECONDS: u64 = 120;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let loaded = config::parse(&text(), Path::new("config.toml"), &Overrides::default(), "mara")?;
    let count = loaded.room.conditions.len();
    let mut model = Model::new(Arc::new(loaded.room), "bench".into(), Now::default(), (200, 60));
    let (mut judged, mut ticked) = (Vec::new(), Vec::new());
    for second in 1..=SECONDS {
        let now = Now { mono: Mono::from_secs(second), wall: Wall::default() + Duration::from_secs(second) };
        for service in 0..SERVICES {
            model.update(Msg::Scraped(Box::new(scraped(ServiceIx(service), now.mono))));
        }
        let (room, signals) = (model.room.clone(), model.signals.clone());
        let mut conditions = model.conditions.clone();
        let by = By { now, accepted: &|_| false, serves: &|_, _| true };
        judged.push(took(|| conditions.evaluate(&room, &signals, &by)));
        ticked.push(took(|| model.update(Msg::Ticked(now))));
    }
    let (theme, keymap) = (Theme::named("dark", Depth::True), Keymap::default());
    let ctx = Ctx::new(&theme, &keymap, model.now);
    let area = Rect::new(0, 0, 200, 60);
    let drawn =
        (0..SECONDS).map(|_| took(|| view::draw(&model, &ctx, area, &mut Buffer::empty(area)))).collect();
    let mut out = io::stdout().lock();
    writeln!(out, "{count} conditions")?;
    for (what, mut all) in [("judged", judged), ("the whole tick", ticked), ("a frame 200x60", drawn)] {
        all.sort_unstable();
        let ms = |at: usize| all.get(at).map_or(0.0, |took| took.as_secs_f64() * 1e3);
        writeln!(
            out,
            "{what:15} {:>7.3} ms, {:.3} ms at most   (limit 2)",
            ms(all.len() / 2),
            ms(all.len() - 1)
        )?;
    }
    Ok(())
}

fn took<T>(work: impl FnOnce() -> T) -> Duration {
    let begin = Instant::now();
    std::hint::black_box(work());
    begin.elapsed()
}

/// Two conditions on each metric: its critical limit, and one of the config.
fn text() -> String {
    let mut text = String::new();
    for service in 0..SERVICES {
        let _fits = writeln!(
            text,
            "[[service]]\nname = \"s{service}\"\n[service.metrics]\nurl = \"http://127.0.0.1:1/{service}\""
        );
        for metric in 0..METRICS {
            let _fits = writeln!(
                text,
                "[[service.metrics.panel]]\nname = \"m{service}-{metric}\"\nquery = 'x'\nwarning = \"> 40\"\ncritical = \"> 50\""
            );
        }
    }
    for service in 0..SERVICES {
        for metric in 0..METRICS {
            let _fits = writeln!(
                text,
                "[[condition]]\nname = \"c{service}-{metric}\"\nservice = \"s{service}\"\nsignal = \"metric.m{service}-{metric}\"\n\
                 fail = \"> 60\"\nfor = \"30s\"\nout_of = \"3 of 5\""
            );
        }
    }
    text
}

fn scraped(service: ServiceIx, at: Mono) -> Scraped {
    let value = |metric: usize| MetricValue {
        name: format!("m{}-{metric}", service.0),
        // Now and then one is over its limit.
        value: Some(((at.0 / 1_000_000 + metric as u64 * 7) % 64) as f64),
        ..MetricValue::default()
    };
    Scraped {
        service,
        at,
        values: (0..METRICS).map(value).collect(),
        series: METRICS as u64,
        ..Scraped::default()
    }
}
