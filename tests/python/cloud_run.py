"""The Cloud Run Admin API as seen by Google's own client over REST. Arguments: endpoint, token."""
import sys

from google.api_core import exceptions
from google.cloud import run_v2
from google.cloud.run_v2.services.revisions.transports.rest import RevisionsRestTransport
from google.cloud.run_v2.services.services.transports.rest import ServicesRestTransport
from google.longrunning import operations_pb2
from google.oauth2.credentials import Credentials
from google.protobuf import field_mask_pb2

HOST, TOKEN = sys.argv[1].removeprefix("http://"), sys.argv[2]
PARENT = "projects/demo-chat/locations/europe-west1"
NAME = f"{PARENT}/services/chat-backend"
STABLE, CANARY = "chat-backend-00417-hux", "chat-backend-00418-ral"
REVISION = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION
LATEST = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST
READY = run_v2.Condition.State.CONDITION_SUCCEEDED


class Stuck(Credentials):
    """Google's library answers a 401 with a refresh: this one brings the same token again, or none."""

    def refresh(self, request):
        pass

    def apply(self, headers, token=None):
        if self.token != "none":
            super().apply(headers, token)


def services(credentials=None):
    transport = ServicesRestTransport(host=HOST, credentials=credentials or Credentials(TOKEN), url_scheme="http")
    return run_v2.ServicesClient(transport=transport)


def raises(kind, status, call, *words):
    """Over REST the exception follows the HTTP status; Google's own status stands in the body."""
    try:
        call()
    except kind as error:
        assert type(error) is kind, type(error)
        assert status is None or error.response.json()["error"]["status"] == status, error.response.text
        for word in words:
            assert word in str(error), (word, str(error))
        return error
    raise AssertionError(f"no {kind.__name__}")


def traffic(*entries):
    return [run_v2.TrafficTarget(type_=REVISION, revision=r, percent=p, tag=t) for r, p, t in entries]


def update(service, mask, **options):
    request = run_v2.UpdateServiceRequest(service=service, update_mask=field_mask_pb2.FieldMask(paths=mask), **options)
    return client.update_service(request=request, retry=None, timeout=120)


def settle(operation):
    """Follows an operation by its own means to the end, and answers with the service."""
    waited = client.wait_operation(operations_pb2.WaitOperationRequest(name=operation.operation.name, timeout={"seconds": 120}))
    assert waited.done and waited.WhichOneof("result") == "response", waited
    assert operation.result(timeout=120).name == NAME
    service = client.get_service(name=NAME)
    assert not service.reconciling and service.observed_generation == service.generation, service
    assert service.terminal_condition.state == READY, service.terminal_condition
    return service


def split(service):
    return {(t.revision, t.tag): t.percent for t in service.traffic_statuses if t.percent or t.tag}


client = services()
assert [service.name for service in client.list_services(parent=PARENT)] == [NAME]
service = client.get_service(name=NAME)
assert service.latest_created_revision.endswith(CANARY) and service.uri.startswith("http://127.0.0.1:")
assert service.generation > 0 and service.etag and service.create_time < service.update_time
assert all(status.uri.startswith("http://127.0.0.1:") for status in service.traffic_statuses), service.traffic_statuses

revisions = run_v2.RevisionsClient(
    transport=RevisionsRestTransport(host=HOST, credentials=Credentials(TOKEN), url_scheme="http")
)
pager = revisions.list_revisions(request={"parent": NAME, "page_size": 3})
pages = [list(page.revisions) for page in pager.pages]
assert len(pages) >= 3 and all(0 < len(page) <= 3 for page in pages), [len(page) for page in pages]
names = [revision.name.rsplit("/", 1)[1] for page in pages for revision in page]
assert names[:2] == [CANARY, STABLE] and len(names) == len(set(names)) == 10, names
stable = revisions.get_revision(name=f"{NAME}/revisions/{STABLE}")
assert {c.type_: c.state for c in stable.conditions}["Ready"] == READY
assert stable.containers[0].env[0].name == "SESSION_RESUME" and stable.containers[0].env[0].value == "false"
assert stable.containers[0].env[-1].value_source.secret_key_ref.secret == "chat-database-url"
# The template names a tag, its revision the digest.
image = service.template.containers[0].image
canary = revisions.get_revision(name=f"{NAME}/revisions/{CANARY}").containers[0].image
assert ":2." in image and canary.startswith(image.rsplit(":", 1)[0] + "@sha256:"), (image, canary)
assert canary != stable.containers[0].image

# A dry run changes nothing.
etag, generation = service.etag, service.generation
wanted = run_v2.Service(name=NAME, etag=etag, traffic=traffic((STABLE, 70, "stable"), (CANARY, 30, "canary")))
dry = update(wanted, ["traffic"], validate_only=True)
assert dry.operation.done and dry.result(timeout=120).traffic[1].percent == 30
assert client.get_service(name=NAME).etag == etag

# A real one moves the etag at once and the traffic a little later; the old etag is refused from then on.
operation = update(wanted, ["traffic"])
assert not operation.operation.done and operation.metadata.reconciling
between = client.get_service(name=NAME)
assert between.generation == generation + 1 and between.etag != etag
raises(exceptions.Conflict, "ABORTED", lambda: update(wanted, ["traffic"]), "etag")
assert split(settle(operation)) == {(STABLE, "stable"): 70, (CANARY, "canary"): 30}
listed = client.list_operations(operations_pb2.ListOperationsRequest(name=PARENT))
assert operation.operation.name in [one.name for one in listed.operations]
assert client.get_operation(operations_pb2.GetOperationRequest(name=operation.operation.name)).done

# Back to the stable revision; a tag may stay without traffic.
service = client.get_service(name=NAME)
service.traffic = traffic((STABLE, 100, "stable"), (CANARY, 0, "canary"))
assert split(settle(update(service, ["traffic"]))) == {(STABLE, "stable"): 100, (CANARY, "canary"): 0}

# Flipping a variable makes a revision, which gets no traffic while the split is pinned.
service = client.get_service(name=NAME)
service.template.containers[0].env[0].value = "false"
service = settle(update(service, ["template"]))
created = service.latest_created_revision.rsplit("/", 1)[1]
assert created.startswith("chat-backend-00419-") and service.latest_ready_revision == service.latest_created_revision
assert created not in {name for name, _ in split(service)}
new = revisions.get_revision(name=service.latest_created_revision)
assert new.containers[0].image == canary, "the same image"
assert new.containers[0].env[0].value == "false" and new.containers[0].env[-1].value_source.secret_key_ref.version == "latest"
service.traffic = [run_v2.TrafficTarget(type_=LATEST, percent=100)]
assert {t.type_: t.percent for t in settle(update(service, ["traffic"])).traffic_statuses} == {LATEST: 100}

# What is wrong is told as Google tells it.
service = client.get_service(name=NAME)
bad = lambda **fields: run_v2.Service(name=NAME, **fields)
invalid = raises(
    exceptions.BadRequest, "INVALID_ARGUMENT",
    lambda: update(bad(traffic=traffic((STABLE, 90, ""), (CANARY, 20, ""))), ["traffic"]), "sum to 100",
)
assert invalid.details[0]["fieldViolations"][0]["field"] == "service.traffic", invalid.details
raises(exceptions.BadRequest, "INVALID_ARGUMENT", lambda: update(bad(), ["uid"]), "update_mask")
raises(exceptions.BadRequest, "INVALID_ARGUMENT", lambda: update(bad(), ["template.nonsense"]), "update_mask")
named = client.get_service(name=NAME)
named.template.revision = STABLE
named.template.timeout = {"seconds": 60}
raises(exceptions.Conflict, "ALREADY_EXISTS", lambda: update(named, ["template"]), "different configuration")
raises(exceptions.NotFound, "NOT_FOUND", lambda: client.get_service(name=f"{PARENT}/services/nobody"))
raises(exceptions.NotFound, "NOT_FOUND", lambda: revisions.get_revision(name=f"{NAME}/revisions/nothing"))
raises(exceptions.Forbidden, "PERMISSION_DENIED", lambda: list(client.list_services(parent=PARENT.replace("demo-chat", "other"))))
raises(exceptions.Unauthorized, "UNAUTHENTICATED", lambda: services(Stuck("wrong")).get_service(name=NAME))
raises(exceptions.Unauthorized, "UNAUTHENTICATED", lambda: services(Stuck("none")).get_service(name=NAME))
raises(
    exceptions.BadRequest, "INVALID_ARGUMENT", lambda: list(client.list_services(request={"parent": PARENT, "page_token": "made up"}))
)

# A revision that is not there fails in the operation; what serves stays.
before = split(client.get_service(name=NAME))
failing = update(bad(traffic=traffic(("chat-backend-00001-nil", 100, ""))), ["traffic"])
raises(exceptions.InternalServerError, None, lambda: failing.result(timeout=120), "does not exist")
service = client.get_service(name=NAME)
assert split(service) == before and service.observed_generation < service.generation
assert service.terminal_condition.state == run_v2.Condition.State.CONDITION_FAILED
