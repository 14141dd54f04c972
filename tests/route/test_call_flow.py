"""One flow: messages in, calls stored; our own faults, two clocks, a second connection."""

import asyncio

from structlog.testing import capture_logs

from telemarketing.ami.events import LinkLost
from telemarketing.ami.wire import Message
from telemarketing.callflow import CallFlow
from telemarketing.calls.directory import Directory
from telemarketing.calls.tracker import Tracker
from telemarketing.crm.call_log import CallLog
from telemarketing.crm.journal import Journal
from telemarketing.model.call import Call
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database
from tests.calls.stream import directory
from tests.make import make_call


class Told:
    """A source of what a PBX said, once."""

    def __init__(self, *callers: str) -> None:
        self._messages: list[Message | LinkLost] = [
            Message(
                place,
                {
                    "Event": "Newchannel",
                    "Uniqueid": f"1795310698.{place}",
                    "Channel": f"PJSIP/provider-{place}",
                    "CallerIDNum": caller,
                },
            )
            for place, caller in enumerate(callers, start=1)
        ]

    async def receive(self) -> list[Message | LinkLost]:
        """Give everything at once, then the end."""
        messages, self._messages = self._messages, []
        return messages


def not_the_evil(written: str) -> str:
    """A reading of numbers that has a fault."""
    if written == "+666":
        raise ZeroDivisionError("evil")
    return written


async def test_a_message_on_which_our_code_fails_stops_nobody(database: Database) -> None:
    """It is told in the log, with the way to the fault; the next one is followed as ever."""
    evil = Directory(
        extension_pattern="[0-9]{2,5}", trunks=(), trunk_contexts=(), normalise=not_the_evil
    )
    journal = Journal(CallLog(database), lambda _fact: None)
    source = Told("+666", "+380441234567")

    with capture_logs() as lines:
        await CallFlow("main", source, Tracker("main", evil), journal).run()

    assert journal.waiting_count == 1
    (line,) = lines
    assert line["log_level"] == "error"
    assert line["pbx"] == "main"
    assert line["exc_info"]


class Kept:
    """A source of messages made by hand."""

    def __init__(self, *messages: Message | LinkLost) -> None:
        self._batches: list[list[Message | LinkLost]] = [list(messages), []]

    async def receive(self) -> list[Message | LinkLost]:
        """Give everything at once, then the end."""
        return self._batches.pop(0)


def stamped(name: str, at: int, arrived_at: int, **headers: str) -> Message:
    """An event with the PBX's own time, that of another clock than ours."""
    return Message(arrived_at, {"Event": name, "Timestamp": f"{at / 1000:.3f}", **headers})


async def stored(database: Database, journal: Journal) -> list[Call]:
    """Let everything that waits be stored, and give all calls."""
    storing = asyncio.create_task(journal.run())
    async with asyncio.timeout(10):
        await journal.drained()
    storing.cancel()
    async with database.reading() as tx:
        return [row.call for row in await list_calls(tx, CallFilter(), 10)]


async def test_what_the_pbx_does_not_stamp_has_the_time_of_its_clock_all_the_same(
    database: Database,
) -> None:
    """The PBX is an hour ahead; a link lost five seconds into a talk ends it after five."""
    began, hour = 1_795_310_698_000, 3_600_000
    people = {
        "1795310698.1": {"Channel": "PJSIP/101-1", "Exten": "0441234567"},
        "1795310698.2": {"Channel": "PJSIP/provider-2", "CallerIDNum": "0441234567"},
    }
    events = [
        stamped(
            name,
            began + hour,
            began,
            Uniqueid=uniqueid,
            Linkedid="1795310698.1",
            BridgeUniqueid="b1",
            **headers,
        )
        for name in ("Newchannel", "BridgeEnter")
        for uniqueid, headers in people.items()
    ]
    lists = [
        Message(began + after, {"Event": "CoreShowChannelsComplete"}) for after in (60_000, 61_000)
    ]
    tracker = Tracker("main", directory())
    journal = Journal(CallLog(database), lambda _fact: None)
    source = Kept(*events, LinkLost(began + 5000), *lists)
    await CallFlow("main", source, tracker, journal).run()

    (call,) = await stored(database, journal)
    assert call.started_at == began + hour
    assert call.ended_at == began + hour + 5000
    assert call.talk_ms == 5000


async def test_stored_calls_are_compared_with_the_first_list_of_each_connection(
    database: Database,
) -> None:
    """Another daemon may have stored calls while we were away; a list every minute is no reason."""
    call = make_call()
    complete = Message(call.started_at + 60_000, {"Event": "CoreShowChannelsComplete"})
    journal = Journal(CallLog(database), lambda _fact: None)
    flow = CallFlow("main", Kept(), Tracker("main", directory()), journal)
    flow.take(complete)
    await stored(database, journal)
    await CallLog(database).record([call])

    flow.take(complete)
    (after_a_further_list,) = await stored(database, journal)
    flow.take(LinkLost(call.started_at + 61_000))
    flow.take(complete)
    (after_a_reconnect,) = await stored(database, journal)

    assert after_a_further_list.ended_at is None
    assert after_a_reconnect.end_estimated
