"""People and files that take more than their part: everybody else goes on."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiohttp import ClientError

from telemarketing.crm.call_notes import write_summary
from telemarketing.crm.lead_edits import edit_lead
from telemarketing.model.recording import RecordingState
from telemarketing.web.pages.calls import _harmless
from telemarketing.web.stream import STREAMS
from tests.make import MONDAY
from tests.web.belongings import Belongings
from tests.web.panel import PanelUnderTest
from tests.web.test_web_recordings import add, ready

_MOST = 10
"""Streams of one session."""


async def test_one_session_holds_ten_streams(panel: PanelUnderTest) -> None:
    """Of more the oldest end, and the others hear as before; another session is not disturbed."""
    greedy = await panel.signed_in(panel.people.operator)
    modest = await panel.signed_in(panel.people.operator)
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(modest.session.get("/live"))
        opened = [
            await stack.enter_async_context(greedy.session.get("/live")) for _ in range(_MOST + 5)
        ]
        async with asyncio.timeout(10):
            for stream in opened[:5]:
                await stream.read()
            for stream in (other, *opened[5:]):
                while await stream.content.readline() != b"data: beat\n":
                    assert not stream.content.at_eof()
        assert panel.app[STREAMS].count == _MOST + 1
    async with asyncio.timeout(10):
        while panel.app[STREAMS].count:  # noqa: ASYNC110 - of the server
            await asyncio.sleep(0.01)


async def test_a_recording_that_shrinks_leaves_nobody_waiting(panel: PanelUnderTest) -> None:
    """Whoever was promised more hears at once that there is none."""
    file = ready(panel, content=bytes(50_000_000))
    recorded = await add(panel, a=(RecordingState.READY, str(file)))
    visitor = await panel.signed_in(panel.people.operator)
    async with visitor.session.get(recorded.audio()) as answer:
        await answer.content.read(1000)
        await asyncio.to_thread(file.write_bytes, b"")
        async with asyncio.timeout(5):
            with pytest.raises(ClientError):
                await answer.read()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("x;=HYPERLINK(1)", "x;'=HYPERLINK(1)"),
        ("a\n@b", "a\n'@b"),
        ("x;-1;+2", "x;'-1;'+2"),
        ("+380441234567", "+380441234567"),
        ("+380441234567;=1", "'+380441234567;'=1"),
        ("2 + 2 = 4; да", "2 + 2 = 4; да"),
    ],
)
def test_nothing_in_a_file_becomes_a_formula(written: str, expected: str) -> None:
    """Also where the semicolon, and not the comma, parts the cells."""
    assert _harmless(written) == expected


async def test_a_file_of_calls_has_no_formulas(panel: PanelUnderTest) -> None:
    """Whatever people wrote as a title or a summary."""
    own = Belongings(panel, "+380442000001")
    await own.store()
    viewer = panel.people.operator.viewer
    await edit_lead(panel.database, viewer, own.lead_id, "title", "x;=A1", "+380442000001", MONDAY)
    await write_summary(panel.database, viewer, own.call_id, "ok\n=cmd|'/c calc'!A1", "", MONDAY)
    visitor = await panel.signed_in(panel.people.operator)
    answer = await visitor.get("/calls.csv")

    assert "x;'=A1" in answer.text
    assert "\n'=cmd" in answer.text
