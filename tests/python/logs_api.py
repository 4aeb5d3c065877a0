"""Cloud Logging's `entries:list`, held to Google's discovery document, and breaking in the ways it is told to.

As `cloud_run_api.py`, whose checks it uses. Arguments: the token. Prints its URL. `POST /control` gives entries and orders
faults, and tells what came: `{"entries": [...], "faults": ["rate"], "pages": [2, 0, 1]}`.
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from cloud_run_api import Book, Refused, TOKEN, invalid, unauthenticated

STATE = {"entries": [], "faults": [], "pages": [1000]}
CAME, WRONG = [], []


def denied():
    return Refused(403, "PERMISSION_DENIED", "The caller does not have permission")


def rate():
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.5s"}
    message = "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute'"
    return Refused(429, "RESOURCE_EXHAUSTED", message, [retry])


def disabled():
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com"}
    return Refused(403, "PERMISSION_DENIED", "Cloud Logging API has not been used in this project before.", [info])


REFUSALS = {"denied": denied, "rate": rate, "disabled": disabled, "expired": lambda: unauthenticated("ACCESS_TOKEN_EXPIRED")}


def answer(path, pairs, headers, text, fault):
    method = BOOK.find("POST", path)
    if method is None:
        raise Refused(404, "NOT_FOUND", path)
    BOOK.query(method, pairs)
    if headers.get("authorization") != f"Bearer {TOKEN}":
        raise unauthenticated("CREDENTIALS_MISSING")
    body = json.loads(text)
    BOOK.body(body, method["request"], "", [])
    CAME.append(body)
    if not body.get("resourceNames") or "projectIds" in body:
        raise invalid("resource_names is required, project_ids is deprecated", "resource_names")
    if body.get("orderBy", "timestamp asc") not in ("timestamp asc", "timestamp desc"):
        raise invalid("order_by", "order_by")
    if fault in REFUSALS:
        raise REFUSALS[fault]()
    entries = sorted(STATE["entries"], key=lambda entry: entry["timestamp"], reverse=body["orderBy"].endswith("desc"))
    at = int(body["pageToken"].removeprefix("p/=")) if body.get("pageToken") else 0
    sizes = STATE["pages"]
    begin, end = sum(sizes[:at]), sum(sizes[: at + 1])
    page = {"entries": entries[begin:end]} if entries[begin:end] else {}
    if at + 1 < len(sizes) and end < len(entries):
        page["nextPageToken"] = f"p/={at + 1}"
    BOOK.body(page, method["response"], "", [])
    return page


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        parts = urlsplit(self.path)
        if parts.path == "/control":
            STATE.update(json.loads(text))
            return self.reply(200, json.dumps({"came": CAME, "wrong": WRONG}))
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = STATE["faults"].pop(0) if STATE["faults"] else None
        try:
            code, sent = 200, json.dumps(answer(parts.path, parse_qsl(parts.query), headers, text, fault))
        except Refused as error:
            code, sent = error.code, json.dumps({"error": error.body})
            if error.body["status"] == "INVALID_ARGUMENT":
                WRONG.append(str(error))
        if fault == "html":
            return self.reply(502, "<html><b>Bad gateway</b></html>")
        if fault == "cut":
            return self.reply(200, sent[: len(sent) // 2], len(sent))
        self.reply(code, sent)

    def reply(self, code, text, length=None):
        data = text.encode()
        self.send_response(code)
        self.send_header("content-type", "application/json; charset=UTF-8")
        self.send_header("content-length", str(length or len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = bool(length)


BOOK = Book("logging.v2")
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
