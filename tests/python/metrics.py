"""/metrics as read by prometheus_client's parser, twice. Argument: URL."""
import math
import sys
import time
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

URL = sys.argv[1]
EXPECTED = {
    "ws_closes": "counter",
    "ws_connections_open": "gauge",
    "ws_frames_sent": "counter",
    "http_requests": "counter",
    "ws_connection_duration_seconds": "histogram",
    "agent_re_execution_duration_seconds": "histogram",
    "http_request_duration_seconds": "histogram",
}


def scrape():
    with urllib.request.urlopen(URL, timeout=120) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"), answer.headers
        text = answer.read().decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    for name, kind in EXPECTED.items():
        assert families[name].type == kind and families[name].documentation, name
    return families


def series(families, name):
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for s in families[name].samples}


def histogram(family):
    by_labels = {}
    for sample in family.samples:
        labels = tuple(sorted((k, v) for k, v in sample.labels.items() if k != "le"))
        entry = by_labels.setdefault(labels, {"buckets": []})
        if sample.name.endswith("_bucket"):
            entry["buckets"].append((float(sample.labels["le"]), sample.value))
        else:
            entry[sample.name.rsplit("_", 1)[1]] = sample.value
    assert by_labels, family.name
    for labels, entry in by_labels.items():
        bounds = [bound for bound, _ in entry["buckets"]]
        counts = [count for _, count in entry["buckets"]]
        assert bounds == sorted(bounds) and math.isinf(bounds[-1]), (labels, bounds)
        assert counts == sorted(counts) and counts[-1] == entry["count"], (labels, counts)
        assert entry["count"] > 0 and entry["sum"] > 0, (labels, entry)
    return bounds


first = scrape()
assert histogram(first["ws_connection_duration_seconds"])[-2] >= 2 * 3600, "a p95 of hours could not be seen"
histogram(first["agent_re_execution_duration_seconds"])
histogram(first["http_request_duration_seconds"])
assert {s.labels["code"] for s in first["ws_closes"].samples} >= {"1000", "1001", "4401"}
before = series(first, "http_requests")
deadline = time.monotonic() + 20
while True:
    second = scrape()
    for name in (n for n, kind in EXPECTED.items() if kind != "gauge"):
        old, new = series(first, name), series(second, name)
        assert all(new[key] >= value for key, value in old.items()), name
    if sum(series(second, "http_requests").values()) > sum(before.values()):
        break
    assert time.monotonic() < deadline, "nothing was counted"
    time.sleep(0.2)
