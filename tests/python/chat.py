"""A chat server as a team would write it, good or bad by its path. Says its port, and ends with its standard input.

Arguments: none. A message {"run_id": ID, "user": U} begins a run, whose events go to whoever sent it; on /leaks another
user's event comes between, on /late half a second after the run, then the run's last event again.
"""
import asyncio
import json
import sys

import websockets

STEPS = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]


async def serve(socket):
    mode = socket.request.path.strip("/")
    async for text in socket:
        message = json.loads(text)
        run, user = message.get("run_id", "chosen-here"), message["user"]
        steps = list(STEPS)
        if mode == "silent":
            continue
        if mode == "incomplete":
            steps.remove("tool_completed")
        if mode == "order":
            steps[1], steps[2] = steps[2], steps[1]
        for step in steps:
            await socket.send(json.dumps({"type": step, "run_id": run, "user_id": user, "call_id": "c"}))
            if mode == "leaks" and step == "agent_thinking":
                await socket.send(json.dumps({"type": "agent_completed", "run_id": "b", "user_id": "ines"}))
            if mode == "slow":
                await asyncio.sleep(0.25)
            if mode == "late" and step == "agent_completed":
                await asyncio.sleep(0.5)
                await socket.send(json.dumps({"type": "agent_started", "run_id": "b", "user_id": "ines"}))
                await socket.send(json.dumps({"type": step, "run_id": run, "user_id": user, "call_id": "c"}))
            if mode == "closes":
                await socket.close(4401, "session expired")
                return


async def main():
    async with websockets.serve(serve, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
