"""A chat backend as many are: FastAPI under uvicorn, with prometheus_client. See story.py."""
import asyncio

from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse

import story

app = FastAPI()
told = story.Story()


@app.get("/health")
def health():
    status, body = told.health()
    return JSONResponse(body, status)


@app.get("/metrics")
def metrics():
    return Response(told.metrics(), media_type=story.TEXT)


@app.post("/drive")
async def drive(request: Request):
    return await told.drive(await request.json())


@app.websocket("/ws/events")
async def events(socket: WebSocket):
    if socket.headers.get("authorization") != "Bearer s3cret":
        return await socket.close(4401)
    await socket.accept()
    work = asyncio.create_task(told.serve(socket.send_json, socket.close))
    gone = asyncio.create_task(until_gone(socket))
    done, left = await asyncio.wait([work, gone], return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    for task in done:
        task.result()


async def until_gone(socket):
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        return
