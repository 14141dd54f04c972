"""AMI messages -> typed events.

In: the headers of one message and the moment it arrived. Out: one frozen event, or None when call
tracking has no use for it. No input or output, no state.
"""

import re
from collections.abc import Callable, Mapping

from telemarketing.ami.events import (
    BridgeEnter,
    BridgeLeave,
    Cdr,
    Channel,
    CoreShowChannel,
    CoreShowChannelsComplete,
    DialBegin,
    DialEnd,
    DialState,
    Event,
    Hangup,
    HangupRequest,
    NewCallerid,
    Newchannel,
    Newstate,
    VarSet,
)
from telemarketing.ami.stamps import parse_stamp

Headers = Mapping[str, str]

Parser = Callable[[int, Headers], Event | None]

TRACKED_VARIABLES = frozenset({"MIXMONITOR_FILENAME"})
"""The variables of VarSet that matter; half of all events are VarSet."""

_ABSENT = frozenset({"", "<unknown>", "<none>", "(null)"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NUMBER_AT_MOST = 256
"""Characters of a caller's number, which the caller writes: 10 kB of it fit into no index."""


def parse_event(headers: Headers, received_at: int) -> Event | None:
    """Make the typed event of one message.

    Args:
        headers: the message's headers, of which the first of each name counts.
        received_at: epoch milliseconds of arrival, used when the PBX sent no Timestamp.

    Returns:
        The event, or None for an event that is not tracked or lacks what identifies it.
    """
    parser = _PARSERS.get(headers.get("Event", ""))
    if parser is None:
        return None
    stamped_at = parse_stamp(headers.get("Timestamp"))
    return parser(received_at if stamped_at is None else stamped_at, headers)


def _known(value: str | None) -> str | None:
    if value is None or value in _ABSENT:
        return None
    if not value.isprintable():
        value = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", value)
    return value[:_NUMBER_AT_MOST]


def _channel(headers: Headers) -> Channel | None:
    get = headers.get
    uniqueid = get("Uniqueid")
    if not uniqueid:
        return None
    return Channel(
        get("Channel", ""),
        uniqueid,
        get("Linkedid") or uniqueid,
        get("ChannelStateDesc", ""),
        _known(get("CallerIDNum")),
        get("Context", ""),
        get("Exten", ""),
    )


def _dest(headers: Headers) -> Channel | None:
    get = headers.get
    uniqueid = get("DestUniqueid")
    if not uniqueid:
        return None
    return Channel(
        get("DestChannel", ""),
        uniqueid,
        get("DestLinkedid") or uniqueid,
        get("DestChannelStateDesc", ""),
        _known(get("DestCallerIDNum")),
        get("DestContext", ""),
        get("DestExten", ""),
    )


def _cause(text: str | None) -> int | None:
    return int(text) if text is not None and _is_number(text, 3) else None


def _is_number(text: str, digits_at_most: int) -> bool:
    return len(text) <= digits_at_most and text.isascii() and text.isdigit()


def _duration_ms(text: str) -> int:
    """`01:02:03` -> milliseconds; 0 when it is not of that form."""
    seconds = 0
    for part in text.split(":"):
        if not _is_number(part, 5):
            return 0
        seconds = seconds * 60 + int(part)
    return seconds * 1000


def _of_channel(make: Callable[[int, Channel], Event]) -> Parser:
    """For the events that tell nothing beyond their channel."""

    def parse(at: int, headers: Headers) -> Event | None:
        channel = _channel(headers)
        return None if channel is None else make(at, channel)

    return parse


def _of_attempt(make: Callable[[int, Channel | None, Channel, str], Event], told: str) -> Parser:
    """For the events about one channel calling another; `told` names their fourth header."""

    def parse(at: int, headers: Headers) -> Event | None:
        dest = _dest(headers)
        return None if dest is None else make(at, _channel(headers), dest, headers.get(told, ""))

    return parse


def _var_set(at: int, headers: Headers) -> Event | None:
    variable = headers.get("Variable", "")
    if variable not in TRACKED_VARIABLES:
        return None
    channel = _channel(headers)
    return None if channel is None else VarSet(at, channel, variable, headers.get("Value", ""))


def _bridge_enter(at: int, headers: Headers) -> Event | None:
    channel = _channel(headers)
    bridge_id = headers.get("BridgeUniqueid")
    if channel is None or not bridge_id:
        return None
    return BridgeEnter(at, channel, bridge_id, headers.get("BridgeTechnology", ""))


def _bridge_leave(at: int, headers: Headers) -> Event | None:
    channel = _channel(headers)
    bridge_id = headers.get("BridgeUniqueid")
    return None if channel is None or not bridge_id else BridgeLeave(at, channel, bridge_id)


def _hangup_request(at: int, headers: Headers) -> Event | None:
    channel = _channel(headers)
    return None if channel is None else HangupRequest(at, channel, _cause(headers.get("Cause")))


def _hangup(at: int, headers: Headers) -> Event | None:
    channel = _channel(headers)
    return None if channel is None else Hangup(at, channel, _cause(headers.get("Cause")))


def _cdr(at: int, headers: Headers) -> Event | None:
    uniqueid = headers.get("UniqueID")  # spelled unlike in all other events
    if not uniqueid:
        return None
    linkedid = headers.get("LinkedID") or uniqueid
    return Cdr(at, uniqueid, linkedid, headers.get("RecordingFile", ""))


def _core_show_channel(at: int, headers: Headers) -> Event | None:
    channel = _channel(headers)
    if channel is None:
        return None
    bridge_id = headers.get("BridgeId") or None
    return CoreShowChannel(at, channel, bridge_id, _duration_ms(headers.get("Duration", "")))


_PARSERS: dict[str, Parser] = {
    "BridgeEnter": _bridge_enter,
    "BridgeLeave": _bridge_leave,
    "Cdr": _cdr,
    "CoreShowChannel": _core_show_channel,
    "CoreShowChannelsComplete": lambda at, _headers: CoreShowChannelsComplete(at),
    "DialBegin": _of_attempt(DialBegin, "DialString"),
    "DialEnd": _of_attempt(DialEnd, "DialStatus"),
    "DialState": _of_attempt(DialState, "DialStatus"),
    "Hangup": _hangup,
    "HangupRequest": _hangup_request,
    "NewCallerid": _of_channel(NewCallerid),
    "Newchannel": _of_channel(Newchannel),
    "Newstate": _of_channel(Newstate),
    "VarSet": _var_set,
}

TRACKED_EVENTS = frozenset(_PARSERS)
"""Names of the events that `parse_event` understands; all others may be skipped unread."""
