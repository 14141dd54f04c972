"""GET /live: who is told of what, and when a stream ends."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.operators import disable_operator
from telemarketing.model.call import CallOperator, Direction
from telemarketing.model.changes import (
    CallEnded,
    CallStarted,
    LeadChanged,
    LeadCreated,
    LinkChanged,
    NoticesChanged,
    PlannedCallsChanged,
)
from telemarketing.model.operator import Role
from telemarketing.model.viewer import Viewer
from telemarketing.web.stream import STREAMS, Browser, Message
from tests.make import answered, ended, make_call, make_incoming
from tests.people import Person
from tests.planning import RULES
from tests.web.panel import PanelUnderTest

_PATIENCE_S = 10


class Listener:
    """What a browser hears."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def hear(self) -> str:
        """Wait for the next message that is no beat."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                line = (await self.response.content.readline()).decode()
                assert line, "the stream has ended"
                if line.startswith("data:") and line != "data: beat\n":
                    return line.removeprefix("data: ").strip()

    async def ends(self) -> None:
        """Wait until the stream is over."""
        async with asyncio.timeout(_PATIENCE_S):
            while await self.response.content.readline():
                pass


@asynccontextmanager
async def listening(panel: PanelUnderTest, person: Person) -> AsyncIterator[Listener]:
    """A browser of somebody, that has been greeted."""
    visitor = await panel.signed_in(person)
    async with visitor.session.get("/live") as response:
        assert response.status == 200
        listener = Listener(response)
        assert await listener.hear() == "hello"
        yield listener


async def test_a_call_is_told_to_those_who_may_see_it(panel: PanelUnderTest) -> None:
    """Who talks and the supervisor hear of call and lead, a stranger of neither."""
    people = panel.people
    call = ended(answered(make_incoming("101")))
    async with (
        listening(panel, people.operator) as operator,
        listening(panel, people.supervisor) as supervisor,
        listening(panel, people.stranger) as stranger,
    ):
        (created, *_) = changes = await CallLog(panel.database).record([call])
        assert isinstance(created, LeadCreated)
        for change in (CallEnded(call), *changes):
            panel.live.publish(change)
        told = f"calls lead-{created.lead_id} leads"
        assert await operator.hear() == told
        assert await supervisor.hear() == told
        panel.live.publish(LinkChanged("main"))
        assert await stranger.hear() == "system"


async def test_the_end_of_a_call_is_told_to_the_card_of_its_lead(panel: PanelUnderTest) -> None:
    """The lead itself has not changed, but the history on its card has."""
    people = panel.people
    call = answered(make_call())
    (created, *_) = await CallLog(panel.database).record([call])
    assert isinstance(created, LeadCreated)
    async with (
        listening(panel, people.operator) as operator,
        listening(panel, people.administrator) as administrator,
        listening(panel, people.stranger) as stranger,
    ):
        assert await CallLog(panel.database).record([ended(call)]) == []
        panel.live.publish(CallEnded(ended(call)))
        assert await operator.hear() == f"calls lead-{created.lead_id}"
        assert await administrator.hear() == f"calls lead-{created.lead_id}"
        panel.live.publish(LinkChanged("main"))
        assert await stranger.hear() == "system"


async def test_a_missed_call_of_nobodys_lead_is_told_to_all_who_may_call_back(
    panel: PanelUnderTest,
) -> None:
    """What is to be called back is nobody's work yet, and stands in everybody's list."""
    people = panel.people
    call = ended(make_incoming("101"))
    async with (
        listening(panel, people.operator) as rung,
        listening(panel, people.stranger) as stranger,
    ):
        (created, planned) = await CallLog(panel.database, RULES).record([call])
        assert isinstance(created, LeadCreated)
        assert planned == PlannedCallsChanged(created.lead_id)
        panel.live.publish(planned)
        assert await rung.hear() == f"callbacks lead-{created.lead_id}"
        assert await stranger.hear() == f"callbacks lead-{created.lead_id}"


async def test_a_call_between_colleagues_has_no_lead(panel: PanelUnderTest) -> None:
    """An internal call is told to those who took part, and to their supervisor."""
    people = panel.people
    call = make_call(
        direction=Direction.INTERNAL,
        number=None,
        raw_number=None,
        operators=(CallOperator("101", 0, 0), CallOperator("102", 0, 0)),
    )
    async with (
        listening(panel, people.stranger) as rung,
        listening(panel, people.colleague) as colleague,
    ):
        await CallLog(panel.database).record([call])
        panel.live.publish(CallStarted(call))
        assert await rung.hear() == "calls"
        panel.live.publish(LinkChanged("main"))
        assert await colleague.hear() == "system"


async def test_a_notice_is_told_to_its_person_alone(panel: PanelUnderTest) -> None:
    """Not even the administrator hears of somebody else's reminder."""
    people = panel.people
    async with (
        listening(panel, people.operator) as operator,
        listening(panel, people.administrator) as administrator,
    ):
        panel.live.publish(NoticesChanged(people.operator.id))
        assert await operator.hear() == "notices"
        panel.live.publish(LinkChanged("main"))
        assert await administrator.hear() == "system"


async def test_changes_at_once_are_one_message(panel: PanelUnderTest) -> None:
    """A burst does not make a page ask for itself a hundred times."""
    async with listening(panel, panel.people.administrator) as administrator:
        panel.live.publish(LinkChanged("main"))
        panel.live.publish(LinkChanged("kyiv"))
        panel.live.publish(NoticesChanged(panel.people.administrator.id))
        assert await administrator.hear() == "notices system"


async def test_after_changes_were_missed_everything_is_asked_for(panel: PanelUnderTest) -> None:
    """More changes than are kept: each browser is greeted anew, which reloads all that is live."""
    async with listening(panel, panel.people.operator) as operator:
        for lead_id in range(20_000):
            panel.live.publish(LeadChanged(lead_id))
        assert await operator.hear() == "hello"


async def test_the_stream_of_a_disabled_person_ends(panel: PanelUnderTest) -> None:
    """Out at once: at the latest with the next beat."""
    person = panel.people.operator
    async with listening(panel, person) as listener:
        await disable_operator(panel.database, person.id, panel.now_ms - 1)
        await listener.ends()


async def test_a_stop_ends_all_streams(panel: PanelUnderTest) -> None:
    """A stop need not wait for browsers, which would listen for ever."""
    async with listening(panel, panel.people.operator) as listener:
        async with asyncio.timeout(4):
            await panel.stop_listening()
        await listener.ends()


async def test_a_stream_is_not_kept_and_not_packed(panel: PanelUnderTest) -> None:
    """Proxies and caches would hold messages back."""
    visitor = await panel.signed_in(panel.people.operator)
    headers = {"Accept-Encoding": "gzip"}
    async with visitor.session.get("/live", headers=headers) as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["X-Accel-Buffering"] == "no"
        assert "no-cache" in response.headers["Cache-Control"]
        assert "Content-Encoding" not in response.headers
        assert "Content-Security-Policy" in response.headers


async def test_a_browser_that_does_not_read_is_cut_off() -> None:
    """What waits for one browser is bounded; when it comes again, it repairs itself."""
    accepted: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
    server = await asyncio.start_server(
        lambda _reader, writer: accepted.put_nowait(writer), "127.0.0.1", 0
    )
    with socket.create_connection(server.sockets[0].getsockname()):
        writer = await accepted.get()
        transport = writer.transport
        assert isinstance(transport, asyncio.Transport)
        viewer = Viewer(1, "Иваненко", Role.OPERATOR, None)
        browser = Browser(viewer, "0" * 64, transport, chunked=True)
        # More than any kernel keeps for a peer that reads nothing.
        for _ in range(500):
            browser.tell(Message("x" * 50_000))
        async with asyncio.timeout(_PATIENCE_S):
            await browser.over()
        assert transport.is_closing()
        assert transport.get_write_buffer_size() < 200_000
    server.close()
    await server.wait_closed()


async def test_a_proxy_of_the_old_kind_gets_the_stream_as_it_is(panel: PanelUnderTest) -> None:
    """Over HTTP/1.0, as nginx speaks it by default, messages come without chunks."""
    visitor = await panel.signed_in(panel.people.operator)
    port = int(panel.url.rstrip("/").rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET /live HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n"
        f"Cookie: telemarketing-{port}={visitor.token}\r\n\r\n".encode()
    )
    async with asyncio.timeout(_PATIENCE_S):
        await reader.readuntil(b"\r\n\r\n")
        assert (await reader.readline()).startswith(b"retry: ")
        assert await reader.readline() == b"\n"
        assert await reader.readline() == b"data: hello\n"
    writer.transport.abort()


async def test_a_browser_that_has_left_is_forgotten(panel: PanelUnderTest) -> None:
    """The next that somebody is told does not go to it, and it counts no more."""
    async with listening(panel, panel.people.operator) as listener:
        assert panel.app[STREAMS].count == 1
        listener.response.close()
        async with listening(panel, panel.people.colleague) as other:
            for n in range(3):
                panel.live.publish(LinkChanged(str(n)))
                assert await other.hear() == "system"
            assert panel.app[STREAMS].count == 1
