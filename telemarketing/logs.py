"""The log: one form for our own messages and those of the libraries.

In: messages of structlog and of Python's logging. Out: lines on stderr, as JSON for the journal or
readable on a terminal. Secrets, and phone numbers above DEBUG, are hidden here and nowhere else, so
that no caller can forget it.
"""

import logging
import re
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from telemarketing import clock
from telemarketing.phones import mask

Level = Literal["debug", "info", "warning", "error"]
Form = Literal["auto", "json", "console"]

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_NEVER_A_PHONE = frozenset({"level", "linkedid", "logger", "pbx", "time", "uniqueid"})
"""Long digits in these identify a call (1795310698.8) or an instant."""
_FIRST = ("time", "level", "logger", "event")
_ALWAYS_A_PHONE = frozenset({"number", "phone"})
"""Whatever is written in these is somebody's number, be it `044-123-45` or in words."""
_BEFORE_THE_LAST_TWO = re.compile(r"\w(?=.{2})", re.DOTALL)
_SECRET_KEYS = frozenset({"password", "secret", "token"})
_SECRET_IN_TEXT = re.compile(
    r"""((?:secret|password)["']?\s*[:=]\s*["']?)[^\s"'\\,@]+|(://[^:/@\s]+:)[^\s"'\\,@]+(?=@)""",
    re.IGNORECASE,
)
"""`Secret: x` of a login that a library shows when it fails; `://user:x@` of a database."""
_TALKATIVE = {
    "aiosqlite": logging.INFO,
    "alembic": logging.WARNING,
    "apscheduler": logging.WARNING,
    "asyncio": logging.INFO,
}
"""Libraries that tell every step they take, and the least that is wanted of them."""

_REMEMBERED_ERRORS = 50


@dataclass(frozen=True, slots=True)
class LoggedError:
    """An error that this process has logged, for the administrator to see in the panel."""

    at: int
    """Epoch milliseconds."""
    event: str
    """What happened."""
    details: tuple[tuple[str, str], ...]
    """Keys and values, numbers and secrets hidden; the last one may be a traceback."""


_errors: deque[LoggedError] = deque(maxlen=_REMEMBERED_ERRORS)


def recent_errors() -> list[LoggedError]:
    """Give the last errors of this process, the latest first, 50 at most."""
    return list(reversed(_errors))


def configure(level: Level, form: Form, stream: TextIO | None = None) -> None:
    """Send all messages of the process to one stream.

    Args:
        level: the least serious messages to write.
        form: `auto` is `console` on a terminal and `json` elsewhere, as under systemd.
        stream: where to write; None = stderr.
    """
    stream = stream or sys.stderr
    readable = form == "console" or (form == "auto" and stream.isatty())
    _route_standard_logging(_LEVELS[level], stream, _console(stream) if readable else _json())
    structlog.configure(
        processors=[*_common(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace secrets, by key and within texts, whatever the level."""
    return {
        key: "***" if key in _SECRET_KEYS else _in_texts(value, _without_secrets)
        for key, value in event.items()
    }


def hide_numbers(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Mask phone numbers in every text of a message above DEBUG."""
    if event.get("level", method) == "debug":
        return event
    return {key: _without_numbers(key, value) for key, value in event.items()}


def _without_numbers(key: str, value: object) -> object:
    if key in _NEVER_A_PHONE:
        return value
    if key in _ALWAYS_A_PHONE and isinstance(value, str):
        return _BEFORE_THE_LAST_TWO.sub("*", value)
    return _in_texts(value, mask)


def _without_secrets(text: str) -> str:
    return _SECRET_IN_TEXT.sub(r"\1\2***", text)


def _in_texts(value: object, change: Callable[[str], str]) -> object:
    """Apply a change to every text in a value; what is no plain value becomes text."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _in_texts(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_in_texts(inner, change) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return change(repr(value))


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]


def _route_standard_logging(level: int, stream: TextIO, renderer: Processor) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_common(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                hide_secrets,
                hide_numbers,
                _in_order,
                _remember_errors,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in _TALKATIVE.items():
        logging.getLogger(name).setLevel(max(level, least))


def _in_order(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put what every message has before what only this one has: people read the journal too."""
    return {key: event[key] for key in _FIRST if key in event} | dict(event)


def _remember_errors(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if event.get("level") in {"error", "critical"}:
        details = tuple((key, str(event[key])) for key in event if key not in _FIRST)
        _errors.append(LoggedError(clock.now_ms(), str(event.get("event")), details))
    return event


def _json() -> Processor:
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _console(stream: TextIO) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(),
        timestamp_key="time",
        # The traceback is text by now: numbers in it are masked.
        exception_formatter=structlog.dev.plain_traceback,
    )
