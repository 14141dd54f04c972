"""AMI messages -> typed events.

In: the headers of one message and the moment it arrived. Out: one frozen event, or None when call
tracking has no use for it. No input or output, no state. Names are Asterisk's own; each class names
its page in the Asterisk documentation by being spelled like it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from telemarketing.ami.stamps import parse_stamp

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Channel:
    """What nearly every event tells about its channel, so that one event is enough to know it."""

    name: str
    """`PJSIP/101-0000002a`; repeats after a restart of the PBX, so never a key."""
    uniqueid: str
    linkedid: str
    state: str
    """ChannelStateDesc: Down, Ring, Ringing, Up, ..."""
    caller_number: str | None
    """CallerIDNum; None = the PBX knows none."""
    context: str
    exten: str
    """What was dialled on this channel at its creation; empty or `s` on most dialled channels."""


@dataclass(frozen=True, slots=True)
class Newchannel:
    """A channel was created."""

    at: int
    channel: Channel


@dataclass(frozen=True, slots=True)
class Newstate:
    """A channel changed its state (Down -> Ringing -> Up)."""

    at: int
    channel: Channel


@dataclass(frozen=True, slots=True)
class NewCallerid:
    """The caller's number of a channel changed; some systems know it only now."""

    at: int
    channel: Channel


@dataclass(frozen=True, slots=True)
class VarSet:
    """A channel variable was set; needs the read class `dialplan`."""

    at: int
    channel: Channel
    variable: str
    value: str


@dataclass(frozen=True, slots=True)
class DialBegin:
    """One channel begins to call another; no caller when the PBX itself calls (Originate)."""

    at: int
    caller: Channel | None
    dest: Channel
    dial_string: str


@dataclass(frozen=True, slots=True)
class DialState:
    """The called side reports RINGING, PROGRESS (early media) or PROCEEDING."""

    at: int
    caller: Channel | None
    dest: Channel
    dial_status: str


@dataclass(frozen=True, slots=True)
class DialEnd:
    """An attempt to call one channel is over."""

    at: int
    caller: Channel | None
    dest: Channel
    dial_status: str
    """ANSWER, BUSY, NOANSWER, CANCEL, CONGESTION, CHANUNAVAIL, ..."""


@dataclass(frozen=True, slots=True)
class BridgeEnter:
    """A channel joins a bridge; two in one bridge hear each other, unless it holds."""

    at: int
    channel: Channel
    bridge_id: str
    technology: str
    """simple_bridge, native_rtp, softmix, holding_bridge, ..."""


@dataclass(frozen=True, slots=True)
class BridgeLeave:
    """A channel leaves a bridge."""

    at: int
    channel: Channel
    bridge_id: str


@dataclass(frozen=True, slots=True)
class HangupRequest:
    """The far end of a channel hung up (SIP: CANCEL or BYE came in).

    Trap: Busy() and Congestion() in the dialplan make one as well, without or with another cause.
    """

    at: int
    channel: Channel
    cause: int | None
    """Q.850; 127 = CANCEL (PJSIP). Missing on Asterisk 16 and 22 by turns."""


@dataclass(frozen=True, slots=True)
class Hangup:
    """A channel is gone."""

    at: int
    channel: Channel
    cause: int | None
    """Q.850; None = not a number."""


@dataclass(frozen=True, slots=True)
class Cdr:
    """A record of the PBX's own log was written; needs cdr_manager, and the read class `cdr`.

    Trap: it comes up to 36 ms after the Hangup of its channel, on Asterisk 16 also before it. What
    it says of people and times is no human truth; of use here is the recording alone.
    """

    at: int
    uniqueid: str
    """Of the channel whose record it is."""
    linkedid: str
    """By a mapping of cdr_manager.conf; without it the uniqueid again."""
    recording: str
    """RecordingFile, by a mapping too: FreePBX gives the bare name. Empty = the PBX names none."""


@dataclass(frozen=True, slots=True)
class CoreShowChannel:
    """One line of the answer to CoreShowChannels: a channel that lives now."""

    at: int
    channel: Channel
    bridge_id: str | None
    duration_ms: int
    """Age of the channel; the PBX tells whole seconds."""


@dataclass(frozen=True, slots=True)
class CoreShowChannelsComplete:
    """The list is complete: a channel we know and it did not name is gone."""

    at: int


@dataclass(frozen=True, slots=True)
class LinkLost:
    """Not Asterisk's: the connection ended; until the next list, nothing is known of its calls."""

    at: int


Event = (
    Newchannel
    | Newstate
    | NewCallerid
    | VarSet
    | DialBegin
    | DialState
    | DialEnd
    | BridgeEnter
    | BridgeLeave
    | HangupRequest
    | Hangup
    | Cdr
    | CoreShowChannel
    | CoreShowChannelsComplete
    | LinkLost
)

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
