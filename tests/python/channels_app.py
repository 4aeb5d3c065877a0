"""A chat backend as many are: Django Channels under Daphne, with prometheus_client. See story.py."""
import asyncio
import json

import django
from django.conf import settings

settings.configure(SECRET_KEY="only of this test", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, DEBUG=False)
django.setup()

from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

import story  # noqa: E402

told = story.Story()


def health(_):
    status, body = told.health()
    return JsonResponse(body, status=status)


def metrics(_):
    return HttpResponse(told.metrics(), content_type=story.TEXT)


async def drive(request):
    return JsonResponse(await told.drive(json.loads(request.body)))


class Events(AsyncJsonWebsocketConsumer):
    async def connect(self):
        if dict(self.scope["headers"]).get(b"authorization") != b"Bearer s3cret":
            return await self.close(4401)
        await self.accept()
        self.work = asyncio.create_task(told.serve(self.send_json, self.close))
        self.work.add_done_callback(self.failed)

    async def __call__(self, scope, receive, send):
        # What fails outside the consumer's own handlers would only be logged.
        self.broken = asyncio.get_running_loop().create_future()
        served = asyncio.ensure_future(super().__call__(scope, receive, send))
        done, left = await asyncio.wait([served, self.broken], return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        for task in done:
            task.result()

    def failed(self, work):
        if not work.cancelled() and work.exception():
            self.broken.set_exception(work.exception())

    async def disconnect(self, code):
        if hasattr(self, "work"):
            self.work.cancel()


urlpatterns = [path("health", health), path("metrics", metrics), path("drive", drive)]
application = ProtocolTypeRouter(
    {"http": get_asgi_application(), "websocket": URLRouter([path("ws/events", Events.as_asgi())])}
)
