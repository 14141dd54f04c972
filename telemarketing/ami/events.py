"""The events of AMI that call tracking follows, typed and frozen; `parsing.py` makes them.

Names are Asterisk's own; each class names its page in the Asterisk documentation by being spelled
like it.
"""

from dataclasses import dataclass


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
