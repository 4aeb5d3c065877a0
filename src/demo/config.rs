//! The console's configuration for the demo: what a team would write for its own service, with shorter times.

use std::path::Path;

use super::{PROJECT, REGION, SERVICE, Urls};

/// The text of `config.toml`; `speed` shortens every time in it.
pub(super) fn text(urls: &Urls, speed: f64, checklist: &Path, token: &Path) -> String {
    let values = [
        ("{checklist}", quoted(checklist)),
        ("{token}", quoted(token)),
        ("{service}", SERVICE.to_owned()),
        ("{project}", PROJECT.to_owned()),
        ("{region}", REGION.to_owned()),
        ("{url}", urls.service.clone()),
        ("{events}", urls.events.clone()),
        ("{cloud_run}", urls.cloud_run.clone()),
        ("{cache}", urls.cache.clone()),
    ];
    let text = values.iter().fold(TEXT.to_owned(), |text, (name, value)| text.replace(name, value));
    shortened(&text, speed)
}

/// Replaces `{30s}` and its like by that many seconds of the story; `{60s>10s}` stays at least 10 s, `{30s}` 500 ms.
fn shortened(text: &str, speed: f64) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let found = after.split_once("s}").and_then(|(inside, tail)| Some((duration(inside, speed)?, tail)));
        if let Some((written, tail)) = found {
            out.push_str(&written);
            rest = tail;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// `30` or `60s>10` in whole seconds if it comes to such, else in milliseconds.
fn duration(inside: &str, speed: f64) -> Option<String> {
    let (seconds, least) = match inside.split_once("s>") {
        Some((seconds, least)) => (seconds, least.parse::<f64>().ok()?),
        None => (inside, 0.5),
    };
    let seconds = seconds.parse::<f64>().ok()? / speed;
    let millis = (seconds.max(least) * 1000.0).round() as u64;
    Some(if millis.is_multiple_of(1000) { format!("{}s", millis / 1000) } else { format!("{millis}ms") })
}

/// A path as a TOML string.
fn quoted(path: &Path) -> String {
    toml::Value::String(path.to_string_lossy().into_owned()).to_string()
}

const TEXT: &str = r##"# The demo's room. Everything in it points at simulated servers on this machine.
[room]
name = "demo-chat"
environment = "production"
link = "https://meet.example.com/demo-chat-room"
checklists = [{checklist}]

[conditions]
health_failing = "{35s}"
events_not_flowing = "{20s}"
events_missing = "{120s}"
closes_spike = "{10s}"
runs_incomplete = "5"

[[service]]
name = "{service}"

[service.startup]
probe = "canary"
phase_budget = "{10s}"
total_budget = "{30s}"
stall_after = "{20s}"

[[service.health]]
name = "api"
url = "{url}/health"
interval = "{1s}"
timeout = "1500ms"
flags = { SESSION_RESUME = "/flags/SESSION_RESUME" }

[[service.health]]
name = "canary"
url = "{url}/health"
tag = "canary"
interval = "{1s}"
timeout = "1500ms"

[[service.health]]
name = "cache"
kind = "redis"
url = "redis://{cache}"
interval = "{2s}"

[service.events]
url = "{events}"
token = { file = {token} }
run_timeout = "{30s}"
ping = "2s"

[service.events.fields]
count_by = { agent = "/agent" }

[service.closes]
names = { "4401" = "unauthorized (app)" }
show = [1000, 1001, 1006, 1011, 1012, 1013, 4401]

[service.closes.spike]
baseline = "{60s>10s}"

[service.metrics]
url = "{url}/metrics"
interval = "{1s}"
timeout = "1500ms"
connections_open = "ws_connections_open"

[[service.metrics.panel]]
name = "error_rate"
query = '100 * sum(rate(http_requests_total{code=~"5.."}[{30s>3s}])) / sum(rate(http_requests_total[{30s>3s}]))'
unit = "%"
target = "< 1"
warning = "> 2"
critical = "> 5"

[[service.metrics.panel]]
name = "request_p95"
query = 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[{30s>3s}])))'
unit = "s"
target = "< 1"
warning = "> 1.5"
critical = "> 3"

[[service.metrics.panel]]
name = "agent_exec_p95"
query = 'histogram_quantile(0.95, sum by (le) (rate(agent_re_execution_duration_seconds_bucket[{30s>3s}])))'
unit = "s"
target = "< 3"
warning = "> 4"
critical = "> 5"

[service.cloud_run]
project = "{project}"
region = "{region}"
service = "{service}"
endpoint = "{cloud_run}"
token = { file = {token} }
interval = "{1s}"
verify_for = "{20s}"

[logs]
endpoint = "{cloud_run}"
interval = "{5s>1s}"

[[log_rule]]
name = "client went away"
patterns = ["client went away while streaming"]
most_per_minute = 120

[[cohort]]
name = "reply-cache"
service = "{service}"
label = "cohort"
a = "control"
b = "treatment"

[[flag]]
name = "SESSION_RESUME"
service = "{service}"

[[flag]]
name = "STREAM_COMPRESSION"
service = "{service}"

[[flag]]
name = "TOOL_DISPATCH_V2"
service = "{service}"

[[condition]]
name = "errors > 5 %"
purpose = "trigger"
service = "{service}"
signal = "metric.error_rate"
fail = "> 5"
warn = "> 2"
for = "{30s}"
clears_after = "{15s}"
unit = "%"

[[contact]]
name = "Ines"
role = "on-call"
reach = "+49 30 5550 0142"

[[contact]]
name = "Sam"
role = "deployer"
reach = "sam@chat.example"

[[contact]]
name = "Mara"
role = "commander"
reach = "#room-demo-chat"
"##;
