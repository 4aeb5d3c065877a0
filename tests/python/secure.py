"""A service behind TLS: /health by HTTPS, events by `wss:`, made of `cryptography` and the `websockets` package.

Arguments: a directory, in which `ca.pem` is left, and what is wrong with the certificate: nothing, expired, name.
Prints the port. Ends when its standard input does.
"""
import asyncio
import http
import json
import sys
from pathlib import Path

import websockets

from certificates import context

DIRECTORY, WRONG = Path(sys.argv[1]), sys.argv[2]


def health(connection, request):
    if request.path == "/health":
        return connection.respond(http.HTTPStatus.OK, "fine\n")


async def events(socket):
    number = 0
    while True:
        number += 1
        await socket.send(json.dumps({"type": "agent_started", "run_id": f"r{number}", "seq": 1}))
        await asyncio.sleep(0.05)


async def main():
    async with websockets.serve(events, "localhost", 0, ssl=context(DIRECTORY, WRONG), process_request=health) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
