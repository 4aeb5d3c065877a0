"""The Cloud Run Admin API v2, held to Google's discovery document, and breaking in the ways it is told to.

Every request is checked against `run.v2.json` as `google-api-python-client` ships it: path, method, query parameters,
field mask and body, name by name and type by type. What the document does not know is answered 400 as Google answers
it, and kept in `wrong`, as are output-only fields that were sent. So are this server's own answers that the document
does not allow.

Arguments: the token, and the names of the services. Prints its URL. `GET /control` tells what came, `POST /control`
orders faults (`{"faults": [{"on": "patch", "kind": "after", "status": 503}]}`) and changes.
"""
import importlib.util
import json
import pathlib
import re
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

TOKEN, NAMES = sys.argv[1], sys.argv[2:]
PARENT = "projects/demo/locations/here"
SETTLES_IN = 0.3
PAGES = [1, 0, 2, 1, 100]  # A page may be short or empty and still have a next one.
KIND = "TRAFFIC_TARGET_ALLOCATION_TYPE_"
# Sent by Google's own clients, and in no discovery document.
SYSTEM = {"$alt"}


class Refused(Exception):
    def __init__(self, code, status, message, details=()):
        super().__init__(message)
        self.code, self.body = code, {"code": code, "status": status, "message": message, "details": list(details)}


def invalid(message, field=None):
    violation = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": field or "", "description": message}]}
    return Refused(400, "INVALID_ARGUMENT", message, [violation])


class Book:
    """Google's discovery document."""

    def __init__(self, name="run.v2"):
        folder = pathlib.Path(importlib.util.find_spec("googleapiclient").origin).parent
        document = json.loads((folder / f"discovery_cache/documents/{name}.json").read_text())
        self.schemas, self.common = document["schemas"], document["parameters"]
        self.methods = list(self.walk(document["resources"]))

    def walk(self, resources):
        for resource in resources.values():
            for method in resource.get("methods", {}).values():
                path = re.sub(r"\\{\w+\\}", "[^/:]+", re.escape("/" + method["flatPath"]))
                yield re.compile(path), method
            yield from self.walk(resource.get("resources", {}))

    def find(self, verb, path):
        found = [method for pattern, method in self.methods if pattern.fullmatch(path)]
        if not found:
            return None
        method = next((method for method in found if method["httpMethod"] == verb), None)
        if method is None:
            raise Refused(405, "UNIMPLEMENTED", f"{verb} is not a method of {path}")
        return method

    def query(self, method, pairs):
        known = {**self.common, **{n: p for n, p in method.get("parameters", {}).items() if p["location"] == "query"}}
        for name, value in pairs:
            if name in SYSTEM:
                continue
            if name not in known:
                raise invalid(f"Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter.")
            parameter = known[name]
            if parameter["type"] == "boolean" and value not in ("true", "false"):
                raise invalid(f"Invalid value at '{name}' (TYPE_BOOL), \"{value}\"", name)
            if parameter["type"] == "integer" and not re.fullmatch(r"-?\d+", value):
                raise invalid(f"Invalid value at '{name}' (TYPE_INT32), \"{value}\"", name)
            if parameter.get("format") == "google-fieldmask":
                for path in value.split(","):
                    self.mask(method["request"], path, value)
        if len({name for name, _ in pairs}) != len(pairs):
            raise invalid("a query parameter stands there twice")

    def mask(self, schema, path, whole):
        for part in path.split("."):
            properties = self.schemas[schema["$ref"]]["properties"] if "$ref" in schema else {}
            if part not in properties:
                raise invalid(f"Invalid update_mask \"{whole}\": no field {path}", "update_mask")
            schema = properties[part]
            if schema.get("readOnly"):
                raise invalid(f"Invalid update_mask \"{whole}\": {path} is output only", "update_mask")

    def body(self, value, schema, at, output_only):
        """Checks `value`; paths of output-only fields are appended to `output_only`."""
        if "$ref" in schema:
            schema = self.schemas[schema["$ref"]]
        wrong = lambda: invalid(f"Invalid value at '{at}' ({schema.get('type')} {schema.get('format', '')}), {json.dumps(value)[:80]}", at)
        kind = schema.get("type")
        if kind == "object":
            if not isinstance(value, dict):
                raise wrong()
            properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
            for name, inner in value.items():
                below = f"{at}.{name}" if at else name
                if name not in properties and rest is None:
                    raise invalid(f"Invalid JSON payload received. Unknown name \"{name}\" at '{at}': Cannot find field.", at)
                if properties.get(name, {}).get("readOnly"):
                    output_only.append(below)
                self.body(inner, properties.get(name, rest), below, output_only)
        elif kind == "array":
            if not isinstance(value, list):
                raise wrong()
            for n, inner in enumerate(value):
                self.body(inner, schema["items"], f"{at}[{n}]", output_only)
        elif kind == "boolean":
            if not isinstance(value, bool):
                raise wrong()
        elif kind == "integer":
            if isinstance(value, bool) or not isinstance(value, int) or not -(2**31) <= value < 2**31:
                raise wrong()
        elif kind == "number":
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise wrong()
        elif kind == "string":
            if not isinstance(value, str) or ("enum" in schema and value not in schema["enum"]):
                raise wrong()
            shape = {"int64": r"-?\d+", "google-duration": r"-?\d+(\.\d+)?s", "google-datetime": r"\d{4}-\d\d-\d\dT.*Z"}
            if not re.fullmatch(shape.get(schema.get("format"), r"(?s:.*)"), value):
                raise wrong()


def when(seconds=None):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() if seconds is None else seconds))


def pinned(revision, percent=0, tag=None):
    entry = {"type": KIND + "REVISION", "revision": revision}
    if percent:
        entry["percent"] = percent
    return {**entry, "tag": tag} if tag else entry


class Service:
    """One service: what is wanted, what serves, its revisions and operations."""

    def __init__(self, short):
        self.short, self.name = short, f"{PARENT}/services/{short}"
        self.generation, self.observed, self.edits = 7, 7, 7
        self.modifier, self.pending, self.message = "ci@example.com", None, None
        self.operations = {}
        self.revisions = {}
        for n, word in enumerate(["kex", "bim", "lot", "qad"], 1):
            self.revisions[f"{short}-{n:05}-{word}"] = {"at": time.time() - 86400 * (9 - n), "image": f"example.com/{short}@sha256:{n:064x}", "on": "false"}
        old, new = f"{short}-00003-lot", f"{short}-00004-qad"
        self.traffic = [pinned(old, 90), pinned(new, 10, "canary")]
        self.statuses = list(self.traffic)
        self.latest = self.created = new
        self.template = {
            "revision": new, "serviceAccount": "runner@demo.iam.gserviceaccount.com", "timeout": "3600s",
            "maxInstanceRequestConcurrency": 80, "scaling": {"minInstanceCount": 1, "maxInstanceCount": 20},
            "labels": {"team": "chat"}, "annotations": {"run.example.com/why": "x=/\""},
            "volumes": [{"name": "certs", "secret": {"secret": "certs", "items": [{"path": "tls.pem", "version": "3"}]}}],
            "containers": [
                {"name": "proxy", "image": "example.com/proxy:1", "env": [{"name": "RESUME", "value": "not mine"}]},
                {"name": "main", "image": f"example.com/{short}:4", "ports": [{"name": "http1", "containerPort": 8080}],
                 "resources": {"limits": {"cpu": "1000m", "memory": "512Mi"}, "startupCpuBoost": True},
                 "startupProbe": {"timeoutSeconds": 5, "periodSeconds": 10, "failureThreshold": 3, "tcpSocket": {"port": 8080}},
                 "volumeMounts": [{"name": "certs", "mountPath": "/certs"}], "dependsOn": ["proxy"],
                 "env": [{"name": "RESUME", "value": "false"}, {"name": "EMPTY"},
                         {"name": "KEY", "valueSource": {"secretKeyRef": {"secret": "key", "version": "latest"}}}]},
            ],
        }

    def etag(self):
        return f"\"CL{self.edits:04}=/{self.generation}\""

    def json(self):
        full = lambda revision: f"{self.name}/revisions/{revision}"
        state = {"type": "Ready", "state": "CONDITION_SUCCEEDED", "lastTransitionTime": when()}
        if self.pending:
            state["state"] = "CONDITION_RECONCILING"
        elif self.message:
            state.update(state="CONDITION_FAILED", message=self.message)
        uri = lambda target: {"uri": f"https://{target['tag']}---{self.short}-abc.a.run.app"} if target.get("tag") else {}
        service = {
            "name": self.name, "uid": f"uid-{self.short}", "generation": str(self.generation), "etag": self.etag(),
            "observedGeneration": str(self.observed), "createTime": when(1_700_000_000), "updateTime": when(),
            "creator": "sam@example.com", "lastModifier": self.modifier, "ingress": "INGRESS_TRAFFIC_ALL",
            "launchStage": "GA", "template": self.template, "traffic": self.traffic, "terminalCondition": state,
            "trafficStatuses": [{**target, **uri(target)} for target in self.statuses],
            "latestReadyRevision": full(self.latest), "latestCreatedRevision": full(self.created),
            "uri": f"https://{self.short}-abc.a.run.app", "scaling": {"minInstanceCount": 2},
        }
        return {**service, "reconciling": True} if self.pending else service

    def revision(self, short):
        of = self.revisions[short]
        idle = not any(t.get("percent") and t.get("revision") == short for t in self.statuses)
        active = {"type": "Active", "state": "CONDITION_FAILED" if idle else "CONDITION_SUCCEEDED"}
        if idle:
            active.update(revisionReason="RETIRED", severity="INFO")
        containers = json.loads(json.dumps(self.template["containers"]))
        containers[1].update(image=of["image"])
        containers[1]["env"][0]["value"] = of["on"]
        template = {key: self.template[key] for key in ("serviceAccount", "timeout", "maxInstanceRequestConcurrency", "volumes")}
        return {
            **template, "name": f"{self.name}/revisions/{short}", "uid": f"uid-{short}", "generation": "1", "etag": "\"r=\"",
            "createTime": when(of["at"]), "updateTime": when(of["at"]), "service": self.name, "creator": "ci@example.com",
            "containers": containers, "observedGeneration": "1",
            "conditions": [{"type": "Ready", "state": "CONDITION_SUCCEEDED"}, active],
        }

    def check(self, mask, body):
        """What must be refused at once; answers with the error that carrying it out ends with, if any."""
        if body.get("name") not in (None, self.name):
            raise invalid("service.name is another one than the path's", "service.name")
        if body.get("etag") not in (None, "", self.etag()):
            raise Refused(409, "ABORTED", f"Conflict for resource '{self.short}': the etag is not the current one.")
        if "template" in mask and body.get("template", {}).get("revision") in self.revisions:
            raise Refused(409, "ALREADY_EXISTS", "Revision with different configuration already exists")
        if "traffic" not in mask:
            return None
        targets = body.get("traffic") or [{"type": KIND + "LATEST", "percent": 100}]
        tags = [target["tag"] for target in targets if target.get("tag")]
        if sum(target.get("percent", 0) for target in targets) != 100 or any(not 0 <= t.get("percent", 0) <= 100 for t in targets):
            raise invalid("Traffic percentages must sum to 100", "service.traffic")
        if len(set(tags)) != len(tags) or not all(re.fullmatch("[a-z][a-z0-9-]*", tag) for tag in tags):
            raise invalid("tags are not unique, or not well formed", "service.traffic")
        for target in targets:
            if (target.get("type") == KIND + "REVISION") != bool(target.get("revision")) or "/" in target.get("revision", ""):
                raise invalid("a revision's short name, and its type, or neither", "service.traffic")
            if target.get("revision", self.latest) not in self.revisions:
                return 13, f"Revision '{target['revision']}' does not exist or is deleted. Update all traffic to existing revisions."
        return None

    def apply(self, mask, body, failure, who):
        self.generation, self.edits, self.modifier, self.message = self.generation + 1, self.edits + 1, who, None
        if "traffic" in mask:
            self.traffic = body.get("traffic") or [{"type": KIND + "LATEST", "percent": 100}]
        if "template" in mask:
            self.created = f"{self.short}-{len(self.revisions) + 1:05}-new"
            self.template = body["template"]
            main = next(c for c in self.template["containers"] if c.get("ports"))
            on = next((e.get("value", "") for e in main.get("env", []) if e["name"] == "RESUME"), "")
            self.revisions[self.created] = {"at": time.time(), "image": main["image"], "on": on}
        name = f"{PARENT}/operations/op-{self.short}-{self.edits}"
        self.operations[name] = {"done": False}
        self.pending = {"due": time.time() + SETTLES_IN, "operation": name, "failure": failure}
        return name

    def step(self):
        if not self.pending or self.pending.get("never") or time.time() < self.pending["due"]:
            return
        pending, self.pending = self.pending, None
        if pending["failure"]:
            code, self.message = pending["failure"]
            self.operations[pending["operation"]] = {"done": True, "error": {"code": code, "message": self.message}}
            return
        self.statuses, self.observed, self.latest = self.traffic, self.generation, self.created
        self.operations[pending["operation"]] = {"done": True}

    def operation(self, name):
        answer = {"name": name, "metadata": {"@type": "type.googleapis.com/google.cloud.run.v2.Service", **self.json()}}
        state = self.operations[name]
        if state["done"]:
            answer["done"] = True
            answer.update({"error": state["error"]} if "error" in state else {"response": answer["metadata"]})
        return answer


class World:
    def __init__(self):
        self.lock, self.book = threading.Lock(), Book()
        self.services = {name: Service(name) for name in NAMES}
        self.faults, self.requests, self.wrong = [], [], []

    def fault(self, kind, service):
        """The next fault ordered for such a request."""
        for fault in self.faults:
            if fault["on"] == kind and fault.get("service", service) == service:
                fault["times"] = fault.get("times", 1) - 1
                if fault["times"] == 0:
                    self.faults.remove(fault)
                return fault
        return {}

    def control(self, order):
        self.faults += order.get("faults", [])
        if order.get("calm"):
            self.faults.clear()
        for name, change in order.get("services", {}).items():
            service = self.services[name]
            if "delete" in change:
                del service.revisions[change["delete"]]
            if "env" in change:
                service.template["containers"][1]["env"] += change["env"]
            if "traffic" in change:
                self.meddle(service, change["traffic"])

    def meddle(self, service, traffic=None):
        """Somebody else moves the traffic."""
        shares = traffic or [(f"{service.short}-00003-lot", 80), (f"{service.short}-00004-qad", 20)]
        service.apply({"traffic"}, {"traffic": [pinned(name, percent) for name, percent in shares]}, None, "ines@example.com")
        service.pending["due"] = 0
        service.step()

    def told(self):
        return {"requests": self.requests, "wrong": self.wrong, "services": {n: s.json() for n, s in self.services.items()}}

    def answer(self, verb, path, pairs, headers, text):
        """The answer, and how it is to be broken."""
        entry = {"at": time.time(), "method": verb, "path": path, "query": dict(pairs)}
        self.requests.append(entry)
        method = self.book.find(verb, path)
        if method is None:
            self.wrong.append(f"{verb} {path}: no such path")
            return 404, "<!DOCTYPE html><title>Error 404 (Not Found)</title>", {}
        entry["id"] = method["id"].removeprefix("run.projects.locations.")
        parts = path.split("/")
        service = self.services.get(parts[7]) if len(parts) > 7 and parts[6] == "services" else None
        if parts[6] == "operations":
            service = next((s for s in self.services.values() if "/".join(parts[2:]) in s.operations), None)
        kind = {"services.patch": "patch", "services.get": "service", "services.revisions.list": "revisions", "operations.get": "operation"}.get(entry["id"], "other")
        if kind == "patch" and ("validateOnly", "true") in pairs:
            kind = "dry"
        fault = self.fault(kind, service.short if service else None)
        entry["fault"], entry["kind"] = fault.get("kind"), kind
        if service:
            entry["service"] = service.short
        try:
            if headers.get("authorization") != f"Bearer {TOKEN}":
                raise unauthenticated("CREDENTIALS_MISSING")
            self.refuse(fault, service)
            body = json.loads(text) if text else None
            entry["body"] = body
            code, answer = 200, self.carry_out(method, kind, service, path, pairs, headers, body, fault)
            try:
                self.book.body(answer, method["response"], "", [])
            except Refused as error:
                self.wrong.append(f"this server's own answer to {method['id']}: {error}")
        except Refused as error:
            code, answer = error.code, {"error": error.body}
            if error.body["status"] in ("INVALID_ARGUMENT", "UNIMPLEMENTED") and not fault:
                self.wrong.append(f"{verb} {path} {dict(pairs)}: {error}")
        return code, json.dumps(answer), fault

    def refuse(self, fault, service):
        kind, status = fault.get("kind"), fault.get("status")
        if kind == "conflict":
            self.meddle(service)
            raise Refused(409, "ABORTED", f"Conflict for resource '{service.short}': version was changed meanwhile.")
        if kind == "rate":
            retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": fault["delay"]}
            raise Refused(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Write requests'", [retry])
        if kind == "expired":
            raise unauthenticated("ACCESS_TOKEN_EXPIRED")
        if kind == "denied":
            info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "IAM_PERMISSION_DENIED", "domain": "iam.googleapis.com", "metadata": {"permission": "run.services.update", "resource": service.name}}
            raise Refused(403, "PERMISSION_DENIED", "The caller does not have permission", [info])
        if kind == "before":
            raise Refused(status, "UNAVAILABLE", "The service is currently unavailable.")
        if kind == "gone":
            raise Refused(404, "NOT_FOUND", f"Resource '{service.short if service else ''}' was not found")

    def carry_out(self, method, kind, service, path, pairs, headers, body, fault):
        self.book.query(method, pairs)
        if "request" in method:
            if "application/json" not in headers.get("content-type", ""):
                raise invalid("the body is not announced as JSON")
            output_only = []
            self.book.body(body, method["request"], "service", output_only)
            expected = {"service.name", "service.etag"}
            self.wrong += [f"output only, and sent: {name}" for name in output_only if name not in expected]
        elif body is not None:
            raise invalid("a body where none is expected")
        for each in self.services.values():
            each.step()
        query = dict(pairs)
        if kind in ("patch", "dry"):
            return self.patch(service, query, body, fault, kind)
        if service is None and not method["id"].endswith("services.list"):
            raise Refused(404, "NOT_FOUND", f"Resource '{path}' was not found")
        if kind == "service":
            return service.json()
        if kind == "operation":
            return service.operation("/".join(path.split("/")[2:]))
        if method["id"].endswith("services.revisions.list"):
            return self.page(service, query)
        if method["id"].endswith("services.revisions.get"):
            short = path.rsplit("/", 1)[1]
            if short not in service.revisions:
                raise Refused(404, "NOT_FOUND", f"Revision '{short}' was not found")
            return service.revision(short)
        if method["id"].endswith("services.list"):
            return {"services": [each.json() for each in self.services.values()]}
        raise Refused(501, "UNIMPLEMENTED", method["id"])

    def patch(self, service, query, body, fault, kind):
        if service is None:
            raise Refused(404, "NOT_FOUND", "no such service")
        mask = set(query.get("updateMask", "").split(",")) - {""}
        if not mask <= {"traffic", "template"} or not mask:
            self.wrong.append(f"the mask is {mask or 'empty: that replaces everything'}")
        if set(body) - {"name", "etag"} != mask:
            self.wrong.append(f"the mask is {mask}, the body has {set(body)}")
        failure = service.check(mask, body)
        if kind == "dry":
            if failure:
                raise Refused(400, "FAILED_PRECONDITION", failure[1])
            done = {"@type": "type.googleapis.com/google.cloud.run.v2.Service", **service.json()}
            return {"name": f"{PARENT}/operations/validate-only", "done": True, "metadata": done, "response": done}
        if fault.get("kind") == "fails":
            failure = 9, fault["message"]
        name = service.apply(mask, body, failure, "warroom@example.com")
        if fault.get("kind") == "never":
            service.pending["never"] = True
        return service.operation(name)

    def page(self, service, query):
        at = int(query.get("pageToken", "p0=/")[1:-2])
        names = sorted(service.revisions, reverse=True)
        begin, size = sum(PAGES[:at]), PAGES[at]
        page = {"revisions": [service.revision(name) for name in names[begin : begin + size]]} if size else {}
        return {**page, "nextPageToken": f"p{at + 1}=/"} if at + 1 < len(PAGES) and begin + size <= len(names) else page


def unauthenticated(reason):
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
    return Refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", [info])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_one(self):
        length = int(self.headers.get("content-length") or 0)
        text = self.rfile.read(length).decode()
        parts = urlsplit(self.path)
        if parts.path == "/control":
            with world.lock:
                if text:
                    world.control(json.loads(text))
                for service in world.services.values():
                    service.step()
                return self.reply(200, json.dumps(world.told()))
        headers = {name.lower(): value for name, value in self.headers.items()}
        with world.lock:
            pairs = parse_qsl(parts.query, keep_blank_values=True)
            code, answer, fault = world.answer(self.command, unquote(parts.path), pairs, headers, text)
        self.broken(code, answer, fault)

    do_GET = do_PATCH = do_POST = do_DELETE = do_PUT = handle_one

    def broken(self, code, answer, fault):
        kind = fault.get("kind")
        if kind in ("reset", "hang"):
            if kind == "hang":
                self.connection.settimeout(30)
                try:
                    self.connection.recv(1)  # Until the client gives up.
                except OSError:
                    pass
            else:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return self.connection.close()
        if kind == "after":
            return self.reply(fault["status"], "<html><b>Bad gateway</b></html>")
        if kind == "html":
            return self.reply(200, "<!DOCTYPE html><title>Sign in</title>")
        if kind == "cut":
            return self.reply(code, answer[: len(answer) // 2], len(answer.encode()))
        self.reply(code, answer)

    def reply(self, code, text, length=None):
        data = text.encode()
        self.send_response(code)
        self.send_header("content-type", "text/html" if text.startswith("<") else "application/json; charset=UTF-8")
        self.send_header("content-length", str(length or len(data)))
        self.end_headers()
        self.wfile.write(data)
        if length:
            self.close_connection = True


if __name__ == "__main__":
    world = World()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
