"""A page with one of everything that scripts act on, on a server that a test can move.

The templates and scripts are the panel's own; what stands behind them is as small as can be.
"""

import asyncio
import time
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web

from telemarketing.model.operator import Role
from telemarketing.model.viewer import Viewer
from telemarketing.web.assets import Assets
from telemarketing.web.keys import Office
from telemarketing.web.policy import CONTENT_SECURITY_POLICY
from telemarketing.web.render import FRAME, RENDERER, TEMPLATES, Frame, Renderer, add_toast, page
from telemarketing.web.routes import Handler

OFFICE = Office(
    zone=ZoneInfo("Europe/Kyiv"),
    day_begins="09:00",
    day_ends="18:00",
    working_days=(1, 2, 3, 4, 5),
    short_talk_ms=420_000,
    remind_before_ms=900_000,
    normalise=lambda raw: raw,
)

PAGE = """{% extends "_base.html" %}
{% from "_macros.html" import timer with context %}
{% from "_fields.html" import autosave, player with context %}
{% block title %}Stage{% endblock %}
{% block content %}
<h1>Stage</h1>
{% include "calls.html" %}
{% include "form.html" %}
{{ timer(now_ms - 418000, office.short_talk_ms) }}
{{ autosave("/lead", stage.version, "company", "Company", stage.company) }}
{{ autosave("/lead", stage.version, "source", "Source", "1", options=[(1, "call"), (2, "site")]) }}
<table class="table"><tbody data-rows>
{% for row in range(3) %}
<tr><td><a class="row-link" id="row-{{ row }}" href="#row-{{ row }}">{{ row }}</a></td></tr>
{% endfor %}</tbody></table>
{{ player("a", "/sound?a", 20000) }}{{ player("b", "/sound?b", 20000) }}{{ player("c", "/gone") }}
<button id="do" hx-post="/do" hx-swap="none" data-key="KeyD">Do</button>
<button id="bad" hx-get="/bad" hx-target="#calls">Bad</button>
<button id="open" data-dialog="box" data-key="KeyO">Open</button>
<dialog class="dialog" id="box"><button id="inside" data-close>Close</button></dialog>
<form data-draft="plan" hx-post="/plan" hx-swap="none"><input id="when" name="when"></form>
{% endblock %}"""
IMPORT = '{% from "_macros.html" import live with context %}'
CALLS = IMPORT + '<p id="calls" {{ live("/calls", "calls") }}>{{ stage.shown }}</p>'
FORM = (
    IMPORT
    + """<div id="form" {{ live("/form", "form") }}>
<input id="typed" name="typed"><b>{{ stage.shown }}</b></div>"""
)
NOTICES = """{% for id in stage.notices %}
<article id="notice-{{ id }}" data-notice="{{ id }}" data-notice-title="Call">{{ id }}</article>
{% endfor %}"""


@dataclass(slots=True)
class Stage:
    """What the server shows, and what was asked of it."""

    shown: int = 0
    version: int = 1
    company: str = "Old"
    signed_in: bool = True
    silent: bool = False
    """The stream stays open and says nothing."""
    notices: list[int] = field(default_factory=list)
    streams: set[web.StreamResponse] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    planned: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    ahead_ms: int = 0
    """How far the server's clock is ahead of the browser's."""
    _site: web.TCPSite | None = None
    _runner: web.AppRunner | None = None
    base: str = ""

    async def tell(self, topics: str) -> None:
        """Send topics to whoever has the stream."""
        for stream in tuple(self.streams):
            # Of a tab that has just been closed.
            with suppress(ConnectionError):
                await stream.write(f"data: {topics}\n\n".encode())

    async def start(self, app: web.Application) -> None:
        """Listen."""
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await self.connect()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def connect(self) -> None:
        """Take connections, at the same address as before."""
        assert self._runner
        port = int(self.base.rpartition(":")[2] or 0)
        self._site = web.TCPSite(self._runner, "127.0.0.1", port)
        await self._site.start()

    async def disconnect(self) -> None:
        """Refuse new connections, and cut those that there are."""
        assert self._site
        assert self._runner
        assert self._runner.server
        await self._site.stop()
        for connection in self._runner.server.connections:
            connection.force_close()
            if connection.transport:
                connection.transport.abort()
        self.streams.clear()

    async def stop(self) -> None:
        assert self._runner
        await self._runner.cleanup()


@asynccontextmanager
async def running_stage(folder: Path) -> AsyncIterator[Stage]:
    """A stage that listens; `folder` is empty, for its templates."""
    stage = Stage()
    app = await asyncio.to_thread(_make_app, stage, folder)
    await stage.start(app)
    try:
        yield stage
    finally:
        await stage.stop()


def _make_app(stage: Stage, folder: Path) -> web.Application:
    for source in TEMPLATES.glob("_*.html"):
        (folder / source.name).write_text(source.read_text())
    for name, text in {
        "page": PAGE,
        "calls": CALLS,
        "form": FORM,
        "notices": NOTICES,
    }.items():
        (folder / f"{name}.html").write_text(text)
    sound = folder / "sound.wav"
    with wave.open(str(sound), "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", "not compressed"))
        file.writeframes(bytes([128]) * 8000 * 20)
    app = web.Application(middlewares=[_guard])
    app[RENDERER] = Renderer(Assets(), folder)
    app[FRAME] = _frame
    app[STAGE] = stage
    app[SOUND] = sound
    app.router.add_get("/static/{version}/{name:.+}", app[RENDERER].assets.serve)
    app.router.add_get("/live", _live)
    for path, show in _SHOWN.items():
        app.router.add_get(path, show)
    app.router.add_patch("/lead", _save)
    for path in ("/do", "/undo", "/plan"):
        app.router.add_post(path, _do)
    return app


STAGE = web.AppKey("stage", Stage)
SOUND = web.AppKey("sound", Path)


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    stage = request.app[STAGE]
    stage.asked.append(request.path)
    if request.method != "GET":
        stage.tokens.add(request.headers.get("X-CSRF-Token", ""))
    if not stage.signed_in and not request.path.startswith(("/sign-in", "/static")):
        return web.Response(status=401)
    response = await handler(request)
    if not response.prepared:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


def _frame(request: web.Request) -> Frame:
    return {
        "viewer": Viewer(1, "Olha", Role.ADMINISTRATOR, None),
        "csrf_token": "the token",
        "language": "en",
        "theme": "light",
        "now_ms": time.time_ns() // 1_000_000 + request.app[STAGE].ahead_ms,
        "path": request.path,
        "office": OFFICE,
    }


async def _live(request: web.Request) -> web.StreamResponse:
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await stream.prepare(request)
    await stream.write(b"retry: 200\n\ndata: hello\n\n")
    stage = request.app[STAGE]
    stage.streams.add(stream)
    try:
        while True:
            await asyncio.sleep(0.5)
            if not stage.silent:
                await stream.write(b"data: beat\n\n")
    except ConnectionError:
        return stream
    finally:
        stage.streams.discard(stream)


def _shows(template: str) -> Handler:
    async def show(request: web.Request) -> web.StreamResponse:
        return page(request, template, {"stage": request.app[STAGE]})

    return show


def _text(text: str, status: int = 200) -> Handler:
    async def show(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=status, content_type="text/html")

    return show


async def _sound(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(request.app[SOUND], headers={"Content-Type": "audio/wav"})


async def _save(request: web.Request) -> web.StreamResponse:
    """Compare and set, as docs/panel.md says."""
    stage, form = request.app[STAGE], await request.post()
    value = str(form["value"])
    if value == "?":
        return web.json_response({"problem": "Too short."}, status=422)
    if form["field"] == "company":
        if form["was"] != stage.company:
            return web.json_response({"version": stage.version, "value": stage.company}, status=409)
        value = stage.company = value.strip()
    stage.version += 1
    return web.json_response({"version": stage.version, "value": value})


async def _do(request: web.Request) -> web.StreamResponse:
    stage = request.app[STAGE]
    response = web.Response(status=204)
    if request.path == "/plan":
        stage.planned.append(str((await request.post())["when"]))
    elif request.path == "/do":
        stage.shown += 1
        add_toast(response, "Done", undo="/undo")
    else:
        stage.shown -= 1
        add_toast(response, "Taken back")
    return response


_SHOWN: dict[str, Handler] = {
    "/": _shows("page.html"),
    "/calls": _shows("calls.html"),
    "/form": _shows("form.html"),
    "/bar": _text(""),
    "/notices": _shows("notices.html"),
    "/sound": _sound,
    "/gone": _text("", 404),
    "/bad": _text("<script>document.title = 'broken in'</script>"),
    "/sign-in": _text("Sign in"),
}
