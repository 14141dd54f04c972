"""The simulated PBX: its live channels, and an event for whatever happens to one of them.

In: one small happening at a time. Out: each as the bytes of an AMI event, stamped as with
`timestampevents = yes`, given to `say`. It knows no calls and waits for nothing; what makes a
telephone call of the happenings is `live_call.py`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from uuid import UUID

from telemarketing import clock
from telemarketing.pbxsim.channels import UNKNOWN, Channel
from telemarketing.pbxsim.office import Office
from telemarketing.pbxsim.recorder import Recorder

_CAUSES = {
    0: "Unknown",
    1: "Unallocated (unassigned) number",
    16: "Normal Clearing",
    17: "User busy",
    19: "User alerting, no answer",
    21: "Call Rejected",
    26: "Answered elsewhere",
    34: "Circuit/channel congestion",
    127: "Interworking, unspecified",
}

CALL = "call,all"
DIALPLAN = "dialplan,all"


class Pbx:
    """One Asterisk.

    Args:
        office: its telephones and numbers.
        say: takes the bytes of each event, at once and in order.
        recorder: writes recordings; None = nothing is recorded.
        rng: makes the identifiers of bridges.
        now_ms: the PBX's clock, epoch milliseconds.
    """

    def __init__(
        self,
        office: Office,
        *,
        say: Callable[[bytes], None],
        recorder: Recorder | None,
        rng: Random,
        now_ms: Callable[[], int] = clock.now_ms,
    ) -> None:
        """See the class."""
        self.office = office
        self.recorder = recorder
        self.channels: dict[str, Channel] = {}
        """Those that live now, by uniqueid, in order of creation."""
        self.event_count = 0
        """Events told since the beginning."""
        self.call_count = 0
        """Calls that have ended since the beginning."""
        self._say = say
        self._rng = rng
        self._now_ms = now_ms
        self._earlier_ms = 0
        self._channels_made = 0
        self._cdrs_written = 0
        self.booted_at = now_ms()

    def now_ms(self) -> int:
        """Return the present instant of the PBX."""
        return self._now_ms() - self._earlier_ms

    @contextmanager
    def earlier(self, by_s: float) -> Iterator[None]:
        """Let things have happened so long ago; for calls that are in progress at the beginning."""
        self._earlier_ms = round(by_s * 1000)
        try:
            yield
        finally:
            self._earlier_ms = 0

    def tell(self, event: str, headers: str, privilege: str = CALL) -> None:
        """Send one event; `headers` ends with a line break."""
        seconds, ms = divmod(self.now_ms(), 1000)
        self.event_count += 1
        self._say(
            f"Event: {event}\r\nPrivilege: {privilege}\r\nTimestamp: {seconds}.{ms:03}000\r\n"
            f"{headers}\r\n".encode()
        )

    def appear(
        self,
        endpoint: str,
        *,
        state: str,
        context: str,
        exten: str,
        linkedid: str | None = None,
        caller_number: str = UNKNOWN,
        caller_name: str = UNKNOWN,
    ) -> Channel:
        """A channel to an endpoint is made; the first of its call, unless a linkedid is given."""
        at = self.now_ms()
        uniqueid = f"{at // 1000}.{self._channels_made}"
        channel = Channel(
            name=f"PJSIP/{endpoint}-{self._channels_made:08x}",
            uniqueid=uniqueid,
            linkedid=linkedid or uniqueid,
            created_at=at,
            state=state,
            caller_number=caller_number,
            caller_name=caller_name,
            context=context,
            exten=exten,
        )
        self._channels_made += 1
        self.channels[uniqueid] = channel
        self.tell("Newchannel", channel.headers())
        return channel

    def set_state(self, channel: Channel, state: str) -> None:
        """A channel rings, is answered, or is told that the line is busy."""
        channel.state = state
        self.tell("Newstate", channel.headers())

    def set_variable(self, channel: Channel, variable: str, value: str) -> None:
        """The dialplan, or an application of it, notes something on a channel."""
        channel.variables[variable] = value
        written = f"{channel.headers()}Variable: {variable}\r\nValue: {value}\r\n"
        self.tell("VarSet", written, DIALPLAN)

    def set_caller(self, channel: Channel, number: str) -> None:
        """The number that a channel shows to others changes."""
        channel.caller_number = number
        presentation = "CID-CallingPres: 0 (Presentation Allowed, Not Screened)\r\n"
        self.tell("NewCallerid", channel.headers() + presentation)

    def show_partner(self, channel: Channel, partner: Channel) -> None:
        """A channel learns who is at the other end."""
        channel.connect(partner.caller_number, partner.caller_name)
        self.tell("NewConnectedLine", channel.headers())

    def tell_attempt(self, event: str, caller: Channel, called: Channel, told: str) -> None:
        """Send DialBegin, DialState or DialEnd; `told` is the header in which they differ."""
        self.tell(event, f"{caller.headers()}{called.headers('Dest')}{told}\r\n")

    def make_bridge(self) -> str:
        """Return the identifier of a new bridge, in which nobody is yet."""
        bridge_id = str(UUID(int=self._rng.getrandbits(128), version=4))
        self.tell("BridgeCreate", _bridge(bridge_id, 0))
        return bridge_id

    def enter_bridge(self, channel: Channel, bridge_id: str, now_in_it: int) -> None:
        """A channel joins a bridge, which then holds so many."""
        channel.bridge_id = bridge_id
        self.tell("BridgeEnter", _bridge(bridge_id, now_in_it) + channel.headers())

    def leave_bridge(self, channel: Channel, now_in_it: int) -> None:
        """A channel leaves its bridge, which goes with the last one."""
        bridge_id, channel.bridge_id = channel.bridge_id, ""
        self.tell("BridgeLeave", _bridge(bridge_id, now_in_it) + channel.headers())
        if now_in_it == 0:
            self.tell("BridgeDestroy", _bridge(bridge_id, 0))

    def far_end_hangs_up(self, channel: Channel, cause: int) -> None:
        """BYE, CANCEL or a refusal comes in on a channel."""
        self.tell("HangupRequest", f"{channel.headers()}Cause: {cause}\r\n")

    def wants_it_gone(self, channel: Channel) -> None:
        """The dialplan is through with a channel; Asterisk writes a stray empty line behind it."""
        self.tell("SoftHangupRequest", f"{channel.headers()}Cause: 16\r\n\r\n")

    def vanish(self, channel: Channel, cause: int) -> None:
        """A channel is gone."""
        del self.channels[channel.uniqueid]
        text = f"Cause: {cause}\r\nCause-txt: {_CAUSES[cause]}\r\n"
        self.tell("Hangup", channel.headers() + text)

    def next_cdr_sequence(self) -> int:
        """Number the CDRs."""
        self._cdrs_written += 1
        return self._cdrs_written - 1


def _bridge(bridge_id: str, channel_count: int) -> str:
    return (
        f"BridgeUniqueid: {bridge_id}\r\n"
        "BridgeType: basic\r\n"
        "BridgeTechnology: simple_bridge\r\n"
        f"BridgeCreator: {UNKNOWN}\r\n"
        f"BridgeName: {UNKNOWN}\r\n"
        f"BridgeNumChannels: {channel_count}\r\n"
        "BridgeVideoSourceMode: none\r\n"
    )
