"""The workspace's HTTP and websocket server, in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import socket
import threading

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from bot.workspace.api import Api, auth_headers
from bot.workspace.faults import Faults
from bot.workspace.methods.method import Context
from bot.workspace.nouns import Call, Json, SlackError
from bot.workspace.replies import use_response_url

SIGN_IN = "<!DOCTYPE html><title>Sign in | Slack</title><p>You need to sign in to see this file."
"""What Slack sends, with 200, to those who fetch a private file without a token."""


async def arguments(request: Request) -> Json:
    """The arguments of a call: query, form or JSON body."""
    args: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        raw = await request.body()
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        return {**args, **body}
    async with request.form() as form:
        return {**args, **{key: value for key, value in form.items() if isinstance(value, str)}}


class Endpoints:
    """The addresses an app uses: methods, response URLs, uploads, files, the websocket."""

    def __init__(self, context: Context, api: Api, faults: Faults) -> None:
        self._context = context
        self._api = api
        self._faults = faults

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        return [
            Route("/api/{method}", self.method, methods=["GET", "POST"]),
            Route("/response/{key:path}", self.response, methods=["POST"]),
            Route("/upload/v1/{file}", self.upload, methods=["POST", "PUT"]),
            Route("/files/{file}", self.file, methods=["GET"]),
            WebSocketRoute("/link/", self._context.sockets.serve),
        ]

    async def method(self, request: Request) -> Response:
        """One Web API call."""
        name = request.path_params["method"]
        try:
            args = await arguments(request)
        except SlackError as error:
            with self._context.world.lock:
                self._context.world.complain(name, error, {})
            return JSONResponse(error.body())
        token = auth_headers(dict(request.headers), args)
        fault = self._api.fault(name)
        if fault is not None and fault.seconds:
            await asyncio.sleep(fault.seconds)
        answer = self._api.call(name, token, args, fault)
        return JSONResponse(answer.body, answer.status, answer.headers)

    async def response(self, request: Request) -> Response:
        """One POST to a response URL."""
        world = self._context.world
        fault = self._faults.take("response_url")
        if fault is not None and fault.seconds:
            await asyncio.sleep(fault.seconds)
        injected = fault is not None and (fault.status != 200 or fault.error is not None)
        status, answer, args = 200, Json(ok=True), Json()
        try:
            args = await arguments(request)
            if fault is not None and injected:
                status = fault.status if fault.status != 200 else 404
                answer = {"ok": False, "error": fault.error or "internal_error"}
            else:
                with world.lock:
                    use_response_url(self._context, request.path_params["key"], args)
        except SlackError as error:
            gone = ("expired_url", "used_url", "message_not_found")
            status, answer = 404 if error.error in gone else 400, error.body()
        world.record(Call("response_url", args, status, answer, world.clock.now(), injected))
        headers = {"Retry-After": str(fault.retry_after)} if fault and status == 429 else None
        return PlainTextResponse("ok" if status == 200 else answer["error"], status, headers)

    async def upload(self, request: Request) -> Response:
        """The bytes of an announced file, raw or as a form."""
        world = self._context.world
        kind = request.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            async with request.form() as form:
                parts = [value for value in form.values() if not isinstance(value, str)]
                content = await parts[0].read() if parts else b""
        else:
            content = await request.body()
        with world.lock:
            file = world.files.get(request.path_params["file"])
            if file is None or file.received:
                return PlainTextResponse("file_not_found", 404)
            if len(content) != file.length:
                return PlainTextResponse("length does not match", 400)
            file.content, file.received = content, True
        return PlainTextResponse(f"OK - {len(content)}")

    async def file(self, request: Request) -> Response:
        """A file's bytes, for the bot's token with `files:read`."""
        world = self._context.world
        token = auth_headers(dict(request.headers), dict(request.query_params))
        with world.lock:
            file = world.files.get(request.path_params["file"])
            allowed = token == world.bot_token and "files:read" in world.scopes
        if file is None or not file.received:
            return PlainTextResponse("not found", 404)
        if not allowed:
            return Response(SIGN_IN, media_type="text/html")
        return Response(file.content, media_type=file.body["mimetype"])


class Loop(uvicorn.Server):
    """uvicorn's server, which ends when told to instead of looking ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.over: asyncio.Event | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        """Wait until `end` is called."""
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        if not self.should_exit:
            await self.over.wait()

    def end(self) -> None:
        """Stop serving; from any thread."""
        self.should_exit = True
        if self.loop is not None and self.over is not None:
            self.loop.call_soon_threadsafe(self.over.set)


class Server:
    """Runs the ASGI app on 127.0.0.1 until stopped."""

    def __init__(self, routes: list[BaseRoute], port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port = int(self._socket.getsockname()[1])
        app = Starlette(routes=routes)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            ws_ping_interval=None,
        )
        self._server = Loop(config)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="workspace", daemon=True)

    def start(self) -> None:
        """Listen; returns when connections are accepted."""
        self._socket.listen(128)
        self._thread.start()
        self._ready.wait(10)

    def stop(self) -> None:
        """Close everything and wait for the thread to end."""
        self._server.end()
        self._thread.join(timeout=10)
        self._socket.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        self._ready.set()
        await serving
