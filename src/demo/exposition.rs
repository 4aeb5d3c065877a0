//! `/metrics`: what all revisions count, in the Prometheus text format 0.0.4.

use std::fmt::Write as _;

use super::counters::Histogram;
use super::instance::Instance;
use super::world::World;

/// The media type of the text.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The whole exposition.
pub(super) fn text(world: &World) -> String {
    let mut out = String::with_capacity(16 * 1024);
    let all = &world.instances;
    // One process tells for all revisions.
    let help = "When this process began, in seconds of Unix time.";
    head(&mut out, "process_start_time_seconds", "gauge", help);
    let began = world.began().timestamp_millis() as f64 / 1e3;
    let _ = writeln!(out, "process_start_time_seconds {began:.2}");
    head(&mut out, "ws_closes_total", "counter", "WebSocket connections closed, by close code.");
    each(all, |it, name| {
        for (code, count) in &it.counters.closes {
            let labels = format!("code=\"{code}\",revision=\"{name}\"");
            cohorts(&mut out, "ws_closes_total", &labels, (*count, if *code == 4401 { 4 } else { 2 }));
        }
    });
    head(&mut out, "ws_connections_open", "gauge", "WebSocket connections open.");
    each(all, |it, name| {
        line(&mut out, "ws_connections_open", &format!("revision=\"{name}\""), &it.open.ceil().to_string());
    });
    head(&mut out, "ws_frames_sent_total", "counter", "Event frames sent, by event type.");
    each(all, |it, name| {
        for (event, count) in &it.counters.frames {
            line(
                &mut out,
                "ws_frames_sent_total",
                &format!("event=\"{event}\",revision=\"{name}\""),
                &count.to_string(),
            );
        }
    });
    head(&mut out, "http_requests_total", "counter", "HTTP requests answered.");
    each(all, |it, name| {
        for ((code, method), count) in &it.counters.requests {
            let labels = format!("code=\"{code}\",method=\"{method}\",revision=\"{name}\"");
            cohorts(&mut out, "http_requests_total", &labels, (*count, if *code >= 500 { 3 } else { 2 }));
        }
    });
    let help = "How long a WebSocket connection had lived when it closed.";
    histogram(&mut out, all, "ws_connection_duration_seconds", help, |it| &it.counters.connection);
    let help = "How long an agent took to run again after a reconnect.";
    histogram(&mut out, all, "agent_re_execution_duration_seconds", help, |it| &it.counters.agent);
    let help = "How long HTTP requests took.";
    cohort_histogram(&mut out, all, "http_request_duration_seconds", help, |it| &it.counters.request);
    out
}

fn each(all: &[Instance], mut write: impl FnMut(&Instance, &str)) {
    for instance in all {
        write(instance, &instance.name);
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(out: &mut String, name: &str, labels: &str, value: &str) {
    let _ = writeln!(out, "{name}{{{labels}}} {value}");
}

/// A counter of both cohorts of a flag: of so many fifths it is on, who has it is worse off.
fn cohorts(out: &mut String, name: &str, labels: &str, (count, fifths): (u64, u64)) {
    let on = count * fifths / 5;
    for (cohort, count) in [("control", count - on), ("treatment", on)] {
        line(out, name, &format!("cohort=\"{cohort}\",{labels}"), &count.to_string());
    }
}

fn histogram(
    out: &mut String,
    all: &[Instance],
    name: &str,
    help: &str,
    of: impl Fn(&Instance) -> &Histogram,
) {
    head(out, name, "histogram", help);
    for (it, histogram) in all.iter().map(|it| (it, of(it))).filter(|(_, histogram)| histogram.count() > 0) {
        let labels = format!("revision=\"{}\"", it.name);
        buckets(out, (name, &labels), histogram, (histogram.sum, |count| count));
    }
}

/// A histogram of both cohorts of a flag, who has it two of five.
fn cohort_histogram(
    out: &mut String,
    all: &[Instance],
    name: &str,
    help: &str,
    of: impl Fn(&Instance) -> &Histogram,
) {
    head(out, name, "histogram", help);
    for (it, histogram) in all.iter().map(|it| (it, of(it))).filter(|(_, histogram)| histogram.count() > 4) {
        let labels = |cohort: &str| format!("cohort=\"{cohort}\",revision=\"{}\"", it.name);
        let (control, treatment) = (labels("control"), labels("treatment"));
        buckets(out, (name, &control), histogram, (histogram.sum * 0.6, |count| count - count * 2 / 5));
        buckets(out, (name, &treatment), histogram, (histogram.sum * 0.4, |count| count * 2 / 5));
    }
}

fn buckets(
    out: &mut String,
    (name, labels): (&str, &str),
    histogram: &Histogram,
    (sum, part): (f64, fn(u64) -> u64),
) {
    let bounds = histogram.bounds.iter().map(|bound| format!("{bound:?}")).chain(["+Inf".to_owned()]);
    for (bound, count) in bounds.zip(&histogram.cumulative) {
        let labels = format!("{labels},le=\"{bound}\"");
        line(out, &format!("{name}_bucket"), &labels, &part(*count).to_string());
    }
    line(out, &format!("{name}_sum"), labels, &sum.to_string());
    line(out, &format!("{name}_count"), labels, &part(histogram.count()).to_string());
}
