"""A token that is looked at after the accept: 4401, not 403. Arguments: events URL."""
import asyncio
import sys

import websockets
from websockets.exceptions import ConnectionClosed


async def main():
    async with websockets.connect(f"{sys.argv[1]}?token=wrong", open_timeout=120) as socket:
        try:
            await asyncio.wait_for(socket.recv(), 120)
            raise AssertionError("an event for a wrong token")
        except ConnectionClosed as closed:
            assert closed.rcvd is not None and closed.rcvd.code == 4401, closed


asyncio.run(main())
