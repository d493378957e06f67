"""The page: its files, what it shows, what it lets a person do, and its live updates."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.workspace import shown
from bot.workspace.act import Act
from bot.workspace.acting import Acting
from bot.workspace.forms import Forms
from bot.workspace.methods.method import Context
from bot.workspace.nouns import Json, Message, View

FILES = Path(__file__).parent / "page"
POLICY = (
    "default-src 'self'; img-src 'self' http: https: data:; style-src 'self'; "
    "script-src 'self'; connect-src 'self'; frame-ancestors 'none'"
)
LOCAL = ("127.0.0.1", "localhost")
MARK = "x-workspace"
"""A header that other sites cannot send, so that they cannot act here."""


class PageApi:
    """Serves the page. Everything is done in the name of the person in `as`."""

    def __init__(self, context: Context, acting: Acting, forms: Forms) -> None:
        self._context = context
        self._acting = acting
        self._forms = forms
        self._readers: set[tuple[asyncio.AbstractEventLoop, asyncio.Queue[Json | None]]] = set()

    def routes(self) -> list[BaseRoute]:
        """All addresses of the page."""
        return [
            Route("/", self.index),
            Route("/archives/{channel}/{spot}", self.index),
            Route("/page/api/state", self.state),
            Route("/page/api/live", self.live),
            Route("/page/api/act", self.act, methods=["POST"]),
            Route("/page/api/upload", self.upload, methods=["POST"]),
            Route("/page/api/file/{file}", self.file),
            Mount("/page", StaticFiles(directory=FILES)),
        ]

    def stop(self) -> None:
        """End all live updates."""
        for loop, queue in list(self._readers):
            loop.call_soon_threadsafe(queue.put_nowait, None)

    async def index(self, request: Request) -> Response:
        """The page itself."""
        return FileResponse(
            FILES / "index.html",
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"},
        )

    async def state(self, request: Request) -> Response:
        """All the page needs to begin."""
        user = self._user(request.query_params.get("as", ""))
        if user is None or not local(request):
            return answer({"error": "nobody of that name"}, 404)
        with self._context.world.lock:
            return answer(shown.everything(self._context.world, user))

    async def live(self, request: Request) -> Response:
        """Server-sent events: every change that this person may see."""
        user = self._user(request.query_params.get("as", ""))
        if user is None or not local(request):
            return answer({"error": "nobody of that name"}, 404)
        return StreamingResponse(
            self._changes(user),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _changes(self, user: str) -> AsyncIterator[str]:
        world = self._context.world
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Json | None] = asyncio.Queue()

        def listener(change: Json) -> None:
            mine = shown.change(world, user, change)
            if mine is not None:
                # Encoded here, under the lock, as what it shows may change before it is sent.
                frame = {"data": json.dumps(mine)}
                loop.call_soon_threadsafe(queue.put_nowait, frame)

        reader = (loop, queue)
        self._readers.add(reader)
        world.listen(listener)
        try:
            yield "retry: 500\nevent: ready\ndata: {}\n\n"
            while (change := await queue.get()) is not None:
                yield f"data: {change['data']}\n\n"
        finally:
            world.unlisten(listener)
            self._readers.discard(reader)

    async def act(self, request: Request) -> Response:
        """Do one thing."""
        if not local(request) or MARK not in request.headers:
            return answer({"error": "not from here"}, 403)
        body = await request.json()
        user = self._user(str(body.get("as", "")))
        if user is None:
            return answer({"error": "nobody of that name"}, 404)
        try:
            act = self._do(user, str(body.get("do")), body)
        except LookupError as error:
            return answer({"error": str(error).strip("'\"")}, 409)
        if body["do"] == "options":
            return await self._options(user, act, body)
        if isinstance(act.refusal, dict):
            return answer({"errors": act.refusal})
        return answer({"refusal": act.refusal, "ts": act.message.ts if act.message else None})

    def _do(self, user: str, what: str, body: Json) -> Act:
        world, acting, forms = self._context.world, self._acting, self._forms
        if what == "slash":
            place = world.channels[body["channel"]]
            return acting.slash(user, place, body["text"], body.get("thread_ts"))
        if what == "say":
            place = world.channels[body["channel"]]
            return acting.write(user, place, body["text"], body.get("thread_ts"))
        if what == "home":
            return acting.open_home(user, body.get("tab", "home"))
        if what == "shortcut":
            message = self._where(user, body) if body.get("ts") else None
            assert not isinstance(message, View)
            return acting.shortcut(user, body["callback_id"], message)
        where = self._where(user, body)
        if what == "press":
            if isinstance(where, View):
                forms.fill(user, where, body.get("values") or {})
            return acting.press(
                user, where, body["action_id"], body.get("value"), body.get("block_id")
            )
        if what == "options":
            return forms.suggest(
                user, where, body["action_id"], body.get("query", ""), body.get("block_id")
            )
        assert isinstance(where, View)
        if what == "submit":
            return forms.submit(user, where, body.get("values") or {})
        if what == "close":
            return forms.close(user, where, bool(body.get("clear", False)))
        raise LookupError(f"the page cannot {what}")

    def _where(self, user: str, body: Json) -> Message | View:
        world = self._context.world
        with world.lock:
            if body.get("view"):
                view = world.views.get(body["view"])
                if view is not None and view.user == user:
                    return view
                raise LookupError("this form is closed")
            message = world.ephemeral(body["ts"]) or world.message(body["channel"], body["ts"])
            if message is None or message.only_for not in (None, user):
                raise LookupError("this message is gone")
            return message

    async def _options(self, user: str, act: Act, body: Json) -> Response:
        await run_in_threadpool(act.wait)
        if act.refusal is not None:
            return answer({"refusal": act.refusal, "options": []})
        if act.error is not None:
            return answer({"refusal": "No result: the app did not answer.", "options": []})
        given: Any = act.answer or {}
        keys = ("options", "option_groups")
        return answer({key: given[key] for key in keys if key in given})

    async def upload(self, request: Request) -> Response:
        """A file from the message box."""
        if not local(request) or MARK not in request.headers:
            return answer({"error": "not from here"}, 403)
        async with request.form() as form:
            user = self._user(str(form.get("as", "")))
            place = self._context.world.channels.get(str(form.get("channel", "")))
            file = form.get("file")
            if user is None or place is None or file is None or isinstance(file, str):
                return answer({"error": "a person, a channel and a file"}, 400)
            content = await file.read()
            thread_ts = str(form.get("thread_ts") or "") or None
            text = str(form.get("text") or "")
            name = file.filename or "file"
        act = self._acting.write(user, place, text, thread_ts, [(name, content)])
        return answer({"refusal": act.refusal})

    async def file(self, request: Request) -> Response:
        """A file's bytes, for those who can see it; never run as part of the page."""
        world = self._context.world
        user = self._user(request.query_params.get("as", ""))
        with world.lock:
            file = world.files.get(request.path_params["file"])
            if file is None or user is None or not file.received or not local(request):
                return answer({"error": "no such file"}, 404)
            places = [world.channels[one] for one in file.channels]
            if places and not any(world.sees(user, one) for one in places):
                return answer({"error": "no such file"}, 404)
        how = "attachment" if request.query_params.get("download") else "inline"
        name = str(file.body["name"]).encode("ascii", "replace").decode().replace('"', "'")
        return Response(
            file.content,
            media_type=file.body["mimetype"],
            headers={
                "Content-Disposition": f'{how}; filename="{name}"',
                "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _user(self, name: str) -> str | None:
        try:
            person = self._context.world.person(name)
        except LookupError:
            return None
        return None if person.is_bot else person.id


def local(request: Request) -> bool:
    """Whether the browser asked for this host by a local name; a rebound name is refused."""
    return (request.url.hostname or "") in LOCAL


def answer(body: Json, status: int = 200) -> Response:
    """A JSON answer that the browser does not keep."""
    return JSONResponse(body, status, {"Cache-Control": "no-store"})
