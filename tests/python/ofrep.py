"""An OpenFeature backend: evaluates the definitions of a flagd file, which it reads at each request, as flagd's own
evaluator does. Prints its port. Usage: ofrep.py FLAGS.json"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from openfeature.contrib.tools.flagd.core.flagd_core import FlagdCore
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import FlagNotFoundError

PREFIX = "/ofrep/v1/evaluate/flags/"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        context = json.loads(self.rfile.read(length) or b"{}").get("context", {})
        if not self.path.startswith(PREFIX):
            return self.answer(404, {"errorCode": "GENERAL"})
        key = self.path[len(PREFIX) :]
        core = FlagdCore()
        with open(sys.argv[1], encoding="utf-8") as file:
            core.set_flags(file.read())
        asked = EvaluationContext(context.get("targetingKey"), context)
        try:
            found = core.resolve_boolean_value(key, False, asked)
        except FlagNotFoundError as error:
            return self.answer(404, {"key": key, "errorCode": "FLAG_NOT_FOUND", "errorDetails": str(error)})
        body = {"key": key, "reason": str(found.reason), "metadata": {}}
        if str(found.reason) != "DISABLED":
            body |= {"value": found.value, "variant": found.variant}
        return self.answer(200, body)

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
