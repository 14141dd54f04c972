"""The log: its two forms, and what must not stand in it."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from telemarketing import logs

log = structlog.get_logger("telemarketing.tests")


class Terminal(io.StringIO):
    """A stream that a person reads."""

    def isatty(self) -> bool:
        """Say that it is a terminal."""
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Leave logging as it was found: other tests have their own."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    """Give the messages of a JSON log."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_the_port_of_an_address_is_no_secret() -> None:
    """Where the panel listens can be read, whatever stands before a database's @ cannot."""
    stream = io.StringIO()
    logs.configure("info", "json", stream)

    log.info("panel listens", url="http://127.0.0.1:8420/", database="postgresql://tm:hush@db/tm")

    (message,) = written(stream)
    assert message["url"] == "http://127.0.0.1:8420/"
    assert message["database"] == "postgresql://tm:***@db/tm"


def test_a_message_is_one_json_object_with_its_module_and_time() -> None:
    """The journal can be searched by key."""
    stream = io.StringIO()
    logs.configure("info", "auto", stream)

    log.info("call ended", pbx="main", talk_s=2.5)

    (message,) = written(stream)
    assert list(message)[:4] == ["time", "level", "logger", "event"]
    assert message.pop("time").endswith("Z")
    assert message == {
        "event": "call ended",
        "level": "info",
        "logger": "telemarketing.tests",
        "pbx": "main",
        "talk_s": 2.5,
    }


def test_a_terminal_gets_lines_for_people() -> None:
    """The form follows the stream unless it is set."""
    terminal, forced = Terminal(), Terminal()

    logs.configure("info", "auto", terminal)
    log.info("call ended", pbx="main")
    logs.configure("info", "json", forced)
    log.info("call ended", pbx="main")

    assert "call ended" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    assert forced.getvalue().startswith("{")


def test_messages_of_libraries_take_the_same_way() -> None:
    """Nothing is written around the log."""
    stream = io.StringIO()
    logs.configure("info", "json", stream)

    logging.getLogger("panoramisk.manager").warning("lost %s", "+380441234567")

    (message,) = written(stream)
    assert message["event"] == "lost +**********67"
    assert message["logger"] == "panoramisk.manager"
    assert message["level"] == "warning"


def test_what_is_bound_stands_in_every_message() -> None:
    """All messages about one call can be found by its linkedid."""
    stream = io.StringIO()
    logs.configure("info", "json", stream)

    with structlog.contextvars.bound_contextvars(pbx="main", linkedid="1795310698.8"):
        log.info("call started")
        logging.getLogger("aiohttp").error("broken")

    assert [message["linkedid"] for message in written(stream)] == ["1795310698.8"] * 2


def test_numbers_are_masked_wherever_they_stand() -> None:
    """In the sentence, in values, inside lists and objects."""
    stream = io.StringIO()
    logs.configure("info", "json", stream)

    log.info(
        "0441234567 rang",
        number="+380501112233",
        tried=["0501112233", {"raw": "80501112233"}],
        cause=OSError("no route to 0501112233"),
    )

    text = stream.getvalue()
    assert "1112233" not in text
    assert "1234567" not in text
    (message,) = written(stream)
    assert message["tried"] == ["********33", {"raw": "*********33"}]


@pytest.mark.parametrize(
    ("written_so", "shown"),
    [("+38 (044) 123-45-67", "+** (***) ***-**-67"), ("044-123-45", "***-***-45"), ("44", "44")],
)
def test_a_number_that_nobody_understood_is_masked_in_any_spelling(
    written_so: str, shown: str
) -> None:
    """What a PBX says of a caller is masked between its signs as well."""
    stream = io.StringIO()
    logs.configure("info", "json", stream)

    log.info("call stored", number=written_so)

    (message,) = written(stream)
    assert message["number"] == shown


def test_what_identifies_a_call_is_not_masked() -> None:
    """A uniqueid has ten digits and is no phone number."""
    stream = io.StringIO()
    logs.configure("info", "json", stream)

    log.info("seen", linkedid="1795310698.8", uniqueid="1795310698.9", started_at=1795310698000)

    (message,) = written(stream)
    assert message["linkedid"] == "1795310698.8"
    assert message["uniqueid"] == "1795310698.9"
    assert message["started_at"] == 1795310698000


def test_debug_shows_numbers() -> None:
    """Who searches a fault in numbers turns debug on, and sees them in debug messages only."""
    stream = io.StringIO()
    logs.configure("debug", "json", stream)

    log.debug("read", number="0441234567")
    log.info("read", number="0441234567")

    assert [message["number"] for message in written(stream)] == ["0441234567", "********67"]


def test_messages_below_the_level_are_not_written() -> None:
    """Ours and the libraries' alike."""
    stream = io.StringIO()
    logs.configure("warning", "json", stream)

    log.info("quiet")
    logging.getLogger("aiohttp").info("quiet")
    log.warning("loud")

    assert [message["event"] for message in written(stream)] == ["loud"]


@pytest.mark.parametrize(
    "event",
    [
        {"secret": "hush"},
        {"action": "Action: Login\r\nSecret: hush\r\n"},
        {"action": repr(b"Username: a\r\nSecret: hush\r\n")},
        {"headers": {"Username": "a", "line": "secret='hush'"}},
        {"database": "postgresql://telemarketing:hush@db/telemarketing"},
    ],
)
def test_secrets_are_not_written_even_by_debug(event: dict[str, Any]) -> None:
    """Neither under their key nor inside what a library shows."""
    stream = io.StringIO()
    logs.configure("debug", "json", stream)

    log.debug("login", **event)

    assert "hush" not in stream.getvalue()
    assert "***" in stream.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_is_written_with_its_numbers_masked(form: logs.Form) -> None:
    """The text of an exception holds what it was about."""
    stream = io.StringIO()
    logs.configure("info", form, stream)

    try:
        raise LookupError("no lead 0441234567")
    except LookupError:
        log.exception("lost")

    assert "LookupError: no lead ********67" in stream.getvalue()
    assert "Traceback" in stream.getvalue()
