"""What the chat applications of the tests have in common: what they count, and what they are told to do.

An order is JSON by POST to /drive: {"requests": {"200": 3}, "sessions": [1.5, 60], "closes": {"1011": 7},
"healthy": false, "frames": [{…}], "close": 4401}. Frames go to every open connection, in order; "close" then closes them all, and
"fail" raises in their handlers. The answer tells how many connections were open.
"""
import asyncio

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
REQUESTS = Counter("http_requests_total", "Requests.", ["status"], registry=REGISTRY)
CLOSES = Counter("ws_closes_total", "Closed connections.", ["code"], registry=REGISTRY)
FRAMES = Counter("ws_frames_sent_total", "Frames sent.", ["event"], registry=REGISTRY)
SESSIONS = Histogram(
    "ws_connection_duration_seconds", "Connections.", registry=REGISTRY, buckets=[1, 10, 60, 600, 3600, 7200]
)
TEXT = "text/plain; version=0.0.4"


class Story:
    """The state of one application."""

    def __init__(self):
        self.healthy = True
        self.open = set()

    def health(self):
        """Status and body of /health."""
        return (200, {"status": "healthy"}) if self.healthy else (503, {"status": "unhealthy"})

    def metrics(self):
        return generate_latest(REGISTRY)

    async def drive(self, order):
        self.healthy = order.get("healthy", self.healthy)
        for status, count in order.get("requests", {}).items():
            REQUESTS.labels(status).inc(count)
        for code, count in order.get("closes", {}).items():
            CLOSES.labels(code).inc(count)
        for seconds in order.get("sessions", []):
            SESSIONS.observe(seconds)
        told = list(self.open)
        for queue in told:
            for frame in order.get("frames", []):
                FRAMES.labels(frame["type"]).inc()
                queue.put_nowait(("send", frame))
            if "close" in order:
                CLOSES.labels(str(order["close"])).inc()
                queue.put_nowait(("close", order["close"]))
            if "fail" in order:
                queue.put_nowait(("fail", None))
        return {"open": len(told)}

    async def serve(self, send, close):
        """Carries out the orders on one connection until it is closed."""
        queue = asyncio.Queue()
        self.open.add(queue)
        try:
            while True:
                what, value = await queue.get()
                if what == "send":
                    await send(value)
                elif what == "close":
                    return await close(value)
                else:
                    raise RuntimeError("as ordered")
        finally:
            self.open.discard(queue)
