"""The demo's logs as Google's own client reads them over HTTP. Arguments: endpoint, token."""
import datetime
import sys

import requests
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import logging_v2

ENDPOINT, TOKEN = sys.argv[1], sys.argv[2]
SERVICE = 'resource.type="cloud_run_revision" AND resource.labels.service_name="chat-backend"'
ACTIVITY = 'logName="projects/demo-chat/logs/cloudaudit.googleapis.com%2Factivity"'
MONTHS = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=90)).strftime("%Y-%m-%dT%H:%M:%SZ")


def client(token=TOKEN):
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    return logging_v2.Client(
        project="demo-chat", credentials=AnonymousCredentials(), _use_grpc=False, _http=session,
        client_options={"api_endpoint": ENDPOINT},
    )


def read(filter_, order=logging_v2.ASCENDING, **options):
    return list(client().list_entries(filter_=filter_, order_by=order, **options))


def raises(kind, words, call):
    try:
        call()
    except kind as error:
        assert words in str(error), (words, str(error))
        return
    raise AssertionError(f"no {kind.__name__}")


# The story makes them; by then there are some of each.
deadline = datetime.datetime.now() + datetime.timedelta(seconds=120)
entries = []
while datetime.datetime.now() < deadline:
    entries = read(SERVICE)
    if len(entries) > 700 and read(f"{SERVICE} AND severity>=ERROR AND NOT \"client went away\"", max_results=1):
        break
assert len(entries) > 700, f"{len(entries)}: more than a page has"
times = [entry.timestamp for entry in entries]
assert times == sorted(times) and len({(e.timestamp, e.insert_id) for e in entries}) == len(entries)
assert {type(entry).__name__ for entry in entries} >= {"TextEntry", "StructEntry", "LogEntry"}, {type(e).__name__ for e in entries}
assert all(entry.resource.labels["location"] == "europe-west1" for entry in entries)
request = next(entry for entry in entries if entry.http_request)
assert request.http_request["requestMethod"] == "GET" and request.log_name.endswith("%2Frequests"), request

newest = read(SERVICE, logging_v2.DESCENDING, max_results=5)
assert [entry.timestamp for entry in newest] == sorted((entry.timestamp for entry in newest), reverse=True)
assert newest[0].timestamp >= times[-1]
errors = read(f"{SERVICE} AND severity>=ERROR", page_size=7)
assert errors and {entry.severity for entry in errors} == {"ERROR"}
revision = errors[0].resource.labels["revision_name"]
some = read(f'{SERVICE} AND resource.labels.revision_name="{revision}" AND severity>=ERROR')
assert some and {entry.resource.labels["revision_name"] for entry in some} == {revision}
assert all("went away" in str(e.payload) for e in read(f"{SERVICE} jsonPayload.message:\"went away\""))
assert read(f'{SERVICE} AND timestamp>="{datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"') == []

# Every change of the service is there, those of earlier weeks too.
changes = read(f'{ACTIVITY} AND timestamp>="{MONTHS}"')
methods = [entry.payload_json["methodName"] for entry in changes]
assert methods[0] == "google.cloud.run.v1.Services.ReplaceService", methods
assert methods[-1] == "google.cloud.run.v2.Services.UpdateService", methods
last = changes[-1].payload_json
assert last["authenticationInfo"]["principalEmail"].startswith("ci-deployer@"), last["authenticationInfo"]
assert [t.get("percent") for t in last["request"]["service"]["traffic"]] == [90, 10], last["request"]

raises(exceptions.Forbidden, "logging.logEntries.list", lambda: list(client().list_entries(resource_names=["projects/other"])))
raises(exceptions.BadRequest, "unparseable filter", lambda: read("severity>="))
raises(exceptions.BadRequest, "order_by", lambda: read(SERVICE, "severity asc"))
asked = {"resourceNames": ["projects/demo-chat"]}
post = lambda **more: client()._connection.api_request(method="POST", path="/entries:list", data={**asked, **more})
raises(exceptions.BadRequest, "page_token", lambda: post(pageToken="x"))
raises(exceptions.BadRequest, "page_size", lambda: post(pageSize=-1))
raises(exceptions.BadRequest, "Unknown name", lambda: post(size=1))
raises(exceptions.Unauthorized, "authentication", lambda: list(client("wrong").list_entries(filter_=SERVICE)))
