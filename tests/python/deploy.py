"""A deploy as a pipeline makes it with Google's client: a new revision, and 10 % of the traffic for it.

Arguments: endpoint, token, and VARIABLE=VALUE (the image stays) or the new image.
"""
import sys

from google.cloud import run_v2
from google.cloud.run_v2.services.services.transports.rest import ServicesRestTransport
from google.oauth2.credentials import Credentials
from google.protobuf import field_mask_pb2

HOST, TOKEN, CHANGE = sys.argv[1].removeprefix("http://"), sys.argv[2], sys.argv[3]
NAME = "projects/demo-chat/locations/europe-west1/services/chat-backend"
REVISION = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION

client = run_v2.ServicesClient(
    transport=ServicesRestTransport(host=HOST, credentials=Credentials(TOKEN), url_scheme="http")
)


def update(service, mask):
    request = run_v2.UpdateServiceRequest(service=service, update_mask=field_mask_pb2.FieldMask(paths=mask))
    return client.update_service(request=request, retry=None, timeout=120).result(timeout=120)


service = client.get_service(name=NAME)
container = service.template.containers[0]
variable, _, value = CHANGE.partition("=")
if value:
    next(of for of in container.env if of.name == variable).value = value
else:
    container.image = CHANGE
new = update(service, ["template"]).latest_ready_revision.rsplit("/", 1)[1]
service = client.get_service(name=NAME)
stable = next(of.revision for of in service.traffic if of.tag == "stable")
service.traffic = [
    run_v2.TrafficTarget(type_=REVISION, revision=stable, percent=90, tag="stable"),
    run_v2.TrafficTarget(type_=REVISION, revision=new, percent=10, tag="canary"),
]
update(service, ["traffic"])
print(new)
