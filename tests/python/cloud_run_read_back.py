"""What Google's own client reads of a service, as JSON. Arguments: endpoint, token, the service's short name."""
import json
import sys

from google.cloud import run_v2
from google.cloud.run_v2.services.services.transports.rest import ServicesRestTransport
from google.oauth2.credentials import Credentials

HOST, TOKEN, NAME = sys.argv[1].removeprefix("http://"), sys.argv[2], sys.argv[3]
transport = ServicesRestTransport(host=HOST, credentials=Credentials(TOKEN), url_scheme="http")
service = run_v2.ServicesClient(transport=transport).get_service(name=f"projects/demo/locations/here/services/{NAME}")
split = lambda targets: [[t.type_.name.rsplit("_", 1)[1], t.revision, t.percent, t.tag] for t in targets]
print(json.dumps({
    "wanted": split(service.traffic),
    "serves": split(service.traffic_statuses),
    "settled": not service.reconciling and service.observed_generation == service.generation,
    "template": json.loads(run_v2.RevisionTemplate.to_json(service.template, including_default_value_fields=False)),
}))
