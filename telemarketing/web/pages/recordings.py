"""The recordings of a call: what became of each, a player, and the sound itself.

In: a call, and a viewer who may hear it; to anybody else it does not exist. Out: the fragment with
the players, which other pages load; the bytes of a file, from an open file that surely lies in one
of the configured folders, never by a name.
"""

import asyncio
import os
import re
from contextlib import suppress
from pathlib import PurePosixPath

import structlog
from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter

from telemarketing.crm.recordings import search_again
from telemarketing.errors import NotFound
from telemarketing.media.audio import is_playable, media_type
from telemarketing.media.finder import Finder
from telemarketing.media.roots import OpenFile
from telemarketing.model.recording import RecordingState
from telemarketing.storage.recordings import find_recorded_call, find_recording
from telemarketing.web.keys import DATABASE, LIVE, OFFICE, ROOTS, viewer_of
from telemarketing.web.render import page
from telemarketing.web.routes import Route
from telemarketing.web.security import add_headers

log = structlog.get_logger(__name__)

_DIGITS_AT_MOST = {"call_id": 18, "position": 9}
"""What the database's integers hold."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_AT_MOST = 120


async def show(request: web.Request) -> web.Response:
    """Show the recordings of a call, as they are now."""
    call_id = _number(request, "call_id")
    async with request.app[DATABASE].reading() as tx:
        call = await find_recorded_call(tx, viewer_of(request), call_id)
    if call is None:
        raise NotFound(f"there is no call {call_id}")
    return page(request, "recordings/_list.html", {"call": call})


async def search(request: web.Request) -> web.Response:
    """Let the files be looked for anew that were given up."""
    call_id = _number(request, "call_id")
    changes = await search_again(request.app[DATABASE], viewer_of(request), call_id)
    for change in changes:
        request.app[LIVE].publish(change)
    return await show(request)


async def play(request: web.Request) -> web.StreamResponse:
    """Send a recording, or the part of it that is asked for."""
    call_id, position = _number(request, "call_id"), _number(request, "position")
    async with request.app[DATABASE].reading() as tx:
        found = await find_recording(tx, viewer_of(request), call_id, position)
    if found is None or found.recording.state is not RecordingState.READY:
        raise NotFound(f"there is no recording {position} of call {call_id}")
    finder = Finder(request.app[ROOTS], request.app[OFFICE].zone)
    opened = await asyncio.to_thread(
        finder.open, found.recording.file, found.recording.path, found.started_at
    )
    if opened is None:
        log.warning("a recording that was there is gone", call_id=call_id, position=position)
        raise NotFound(f"the file of recording {position} of call {call_id} is gone")
    with opened:
        response = _Sound(opened)
        add_headers(request, response)
        # Whoever seeks or closes the page hangs up in the middle: that is no fault of anybody.
        with suppress(ConnectionError):
            await response.prepare(request)
        if request.transport is not None and os.fstat(opened.fd).st_size < opened.size_bytes:
            # It was cut off meanwhile: the listener waits in vain for what was promised.
            log.warning("a recording became shorter while it was sent", call_id=call_id)
            request.transport.abort()
    return response


class _Sound(web.FileResponse):
    """An open file as a response: ranges and conditions are aiohttp's, the file is given."""

    def __init__(self, file: OpenFile) -> None:
        name = PurePosixPath(file.path).name
        shown = _UNSAFE.sub("_", name)[-_NAME_AT_MOST:].lstrip(".")
        way = "inline" if is_playable(name) else "attachment"
        headers = {
            hdrs.CONTENT_TYPE: media_type(name),
            hdrs.CONTENT_DISPOSITION: f'{way}; filename="{shown}"',
            # What may be heard today may be somebody else's tomorrow: ask each time.
            hdrs.CACHE_CONTROL: "private, no-cache",
        }
        super().__init__(f"/proc/self/fd/{file.fd}", headers=headers)

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send it, once: aiohttp prepares anew what comes prepared, when the file is closed."""
        if self.prepared:
            return await web.StreamResponse.prepare(self, request)
        return await super().prepare(request)


def _number(request: web.Request, name: str) -> int:
    text = request.match_info[name]
    if not re.fullmatch(rf"[0-9]{{1,{_DIGITS_AT_MOST[name]}}}", text):
        raise NotFound(f"{name} is no number: {text}")
    return int(text)


ROUTES = (
    Route("GET", "/calls/{call_id}/recordings", show),
    Route("POST", "/calls/{call_id}/recordings/search", search),
    Route("GET", "/calls/{call_id}/recordings/{position}/audio", play),
)
