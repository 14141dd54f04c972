"""The channels of the simulated PBX, and how nearly every event writes them down.

In: what the PBX does with them. Out: the headers that real events carry, in Asterisk's order and
spelling. Nothing is sent here.
"""

from dataclasses import dataclass, field

UNKNOWN = "<unknown>"

_STATE_NUMBERS = {"Down": 0, "Ring": 4, "Ringing": 5, "Up": 6, "Busy": 7}


@dataclass(slots=True, eq=False)
class Channel:
    """A connection to a telephone or to the trunk, while it lives."""

    name: str
    uniqueid: str
    linkedid: str
    created_at: int
    state: str
    """ChannelStateDesc: Down, Ring, Ringing, Up, Busy."""
    caller_number: str
    caller_name: str
    context: str
    exten: str
    connected_number: str = UNKNOWN
    connected_name: str = UNKNOWN
    bridge_id: str = ""
    application: str = ""
    application_arguments: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        """`101` of `PJSIP/101-0000002a`."""
        return self.name.removeprefix("PJSIP/").rpartition("-")[0]

    def connect(self, number: str, name: str) -> None:
        """Show the other party on it."""
        self.connected_number = number
        self.connected_name = name

    def headers(self, prefix: str = "") -> str:
        """Give the headers of the channel; with the prefix `Dest` those of a called one."""
        return (
            f"{prefix}Channel: {self.name}\r\n"
            f"{prefix}ChannelState: {_STATE_NUMBERS[self.state]}\r\n"
            f"{prefix}ChannelStateDesc: {self.state}\r\n"
            f"{prefix}CallerIDNum: {self.caller_number}\r\n"
            f"{prefix}CallerIDName: {self.caller_name}\r\n"
            f"{prefix}ConnectedLineNum: {self.connected_number}\r\n"
            f"{prefix}ConnectedLineName: {self.connected_name}\r\n"
            f"{prefix}Language: en\r\n"
            f"{prefix}AccountCode: \r\n"
            f"{prefix}Context: {self.context}\r\n"
            f"{prefix}Exten: {self.exten}\r\n"
            f"{prefix}Priority: 1\r\n"
            f"{prefix}Uniqueid: {self.uniqueid}\r\n"
            f"{prefix}Linkedid: {self.linkedid}\r\n"
        )
