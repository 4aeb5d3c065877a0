"""The event stream as seen by the `websockets` package. Arguments: events URL, tag's events URL, token."""
import asyncio
import functools
import json
import sys
from datetime import datetime, timezone

import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatus

URL, TAG, TOKEN = sys.argv[1:4]
# Seconds that anything may take on a busy machine.
PATIENCE = 120
TYPES = {"agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}

# With its short default queue this client stops reading when nobody takes events, and then misses the close as well.
connect = functools.partial(websockets.connect, max_queue=None, open_timeout=PATIENCE, ping_timeout=PATIENCE)


async def read(socket, count):
    return [json.loads(await asyncio.wait_for(socket.recv(), PATIENCE)) for _ in range(count)]


async def refused(**options):
    url = options.pop("url", URL)
    try:
        async with connect(url, **options):
            raise AssertionError(f"accepted {url} {options}")
    except InvalidStatus as error:
        assert error.response.status_code == 403, error.response.status_code


async def main():
    async with connect(URL, additional_headers=BEARER) as socket:
        events = await read(socket, 200)
        await asyncio.wait_for(await socket.ping(b"are you there"), PATIENCE)
    assert {event["type"] for event in events} == TYPES
    for event in events:
        late = datetime.now(timezone.utc) - datetime.fromisoformat(event["timestamp"])
        assert -5 < late.total_seconds() < PATIENCE, event
        assert event["run_id"] and event["seq"] >= 1 and event["agent"] and event["revision"], event
        assert ("call_id" in event) == event["type"].startswith("tool_"), event
        assert isinstance(event["payload"], dict), event
    runs = {}
    for event in events:
        runs.setdefault(event["run_id"], []).append(event)
    whole = [run for run in runs.values() if run[0]["type"] == "agent_started" and run[-1]["type"] == "agent_completed"]
    assert whole, "no run was seen from its start to its end"
    for run in whole:
        assert [event["seq"] for event in run] == list(range(1, len(run) + 1)), run
        calls = [event["call_id"] for event in run if event["type"] == "tool_executing"]
        assert calls == [event["call_id"] for event in run if event["type"] == "tool_completed"], run

    async with connect(f"{URL}?token={TOKEN}") as socket:
        await read(socket, 1)
    async with connect(URL, subprotocols=[f"bearer.{TOKEN}"]) as socket:
        await read(socket, 1)
    async with connect(URL, subprotocols=["events.v1", f"bearer.{TOKEN}"]) as socket:
        assert socket.subprotocol == "events.v1", socket.subprotocol
        await read(socket, 1)
    await refused()
    await refused(additional_headers={"Authorization": "Bearer wrong"})
    await refused(url=f"{URL}?token=wrong")
    await refused(subprotocols=["bearer.wrong"])

    for code in (1000, 1001, 1006, 1011, 1012, 1013, 4401):
        async with connect(f"{URL}?close={code}", additional_headers=BEARER) as socket:
            await read(socket, 3)
            try:
                await asyncio.wait_for(socket.recv(), PATIENCE)
                raise AssertionError(f"still open after {code}")
            except ConnectionClosed as closed:
                if code == 1006:
                    assert closed.rcvd is None, closed
                else:
                    assert closed.rcvd is not None and closed.rcvd.code == code, (code, closed)

    # Events go on while the observer says goodbye.
    for nth in range(20):
        async with connect(URL, additional_headers=BEARER) as socket:
            await read(socket, 1)
            await socket.close(1000, "bye")
            assert socket.close_code == 1000, f"goodbye {nth} was not answered: {socket.close_code}"

    async with connect(TAG, additional_headers=BEARER) as socket:
        revisions = {event["revision"] for event in await read(socket, 20)}
    assert revisions == {"chat-backend-00417-hux"}, revisions


asyncio.run(main())
