"""One flow: what happens to a message on which our own code fails."""

from structlog.testing import capture_logs

from telemarketing.ami.events import LinkLost
from telemarketing.ami.wire import Message
from telemarketing.callflow import CallFlow
from telemarketing.calls.directory import Directory
from telemarketing.calls.tracker import Tracker
from telemarketing.crm.call_log import CallLog
from telemarketing.crm.journal import Journal
from telemarketing.storage.engine import Database


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
    directory = Directory(
        extension_pattern="[0-9]{2,5}", trunks=(), trunk_contexts=(), normalise=not_the_evil
    )
    journal = Journal(CallLog(database), lambda _fact: None)
    source = Told("+666", "+380441234567")

    with capture_logs() as lines:
        await CallFlow("main", source, Tracker("main", directory), journal).run()

    assert journal.waiting_count == 1
    (line,) = lines
    assert line["log_level"] == "error"
    assert line["pbx"] == "main"
    assert line["exc_info"]
