"""A hand-written stream of AMI events for tests of call tracking, in the order real ones come."""

from collections.abc import Iterable

from telemarketing.ami import events as ami
from telemarketing.calls.directory import Directory, Telephones
from telemarketing.calls.tracker import Tracker
from telemarketing.model.call import Call
from telemarketing.model.changes import CallEnded, CallFact
from telemarketing.phones import Numbering

START = 1_795_310_698_000
"""An instant in November 2026."""


def directory(
    *,
    extensions: Iterable[str] = (),
    mobiles: dict[str, str] | None = None,
    trunks: tuple[str, ...] = (),
) -> Directory:
    """A directory as the default settings make it."""
    made = Directory(
        extension_pattern="[0-9]{2,5}",
        trunks=trunks,
        trunk_contexts=("from-trunk",),
        normalise=Numbering("UA", ["9"], "44").normalise,
    )
    made.replace_telephones(Telephones(frozenset(extensions), mobiles or {}))
    return made


class Stream:
    """Plays events into a tracker and keeps the facts that come out."""

    def __init__(self, known: Directory | None = None) -> None:
        self.tracker = Tracker("main", known or directory())
        self.facts: list[CallFact] = []
        self.played: list[ami.Event] = []
        self.now = START
        self._made = 0
        self._channels: dict[str, ami.Channel] = {}

    def wait(self, seconds: float) -> None:
        """Let time pass on the PBX."""
        self.now += int(seconds * 1000)

    def play(self, event: ami.Event) -> list[CallFact]:
        """Give one event to the tracker."""
        self.played.append(event)
        facts = self.tracker.apply(event)
        self.facts += facts
        return facts

    def channel(
        self,
        endpoint: str,
        *,
        caller: str | None = None,
        exten: str = "",
        context: str = "from-internal",
        within: str | None = None,
        state: str = "Down",
    ) -> str:
        """Make a channel without an event; `within` is the uniqueid of the call's first channel."""
        self._made += 1
        uniqueid = f"{START // 1000}.{self._made}"
        self._channels[uniqueid] = ami.Channel(
            f"{endpoint}-{self._made:08x}" if ";" not in endpoint else endpoint,
            uniqueid,
            within or uniqueid,
            state,
            caller,
            context,
            exten,
        )
        return uniqueid

    def at(self, uniqueid: str, state: str | None = None) -> ami.Channel:
        """The channel as an event would describe it now."""
        known = self._channels[uniqueid]
        if state is not None:
            known = ami.Channel(
                known.name,
                known.uniqueid,
                known.linkedid,
                state,
                known.caller_number,
                known.context,
                known.exten,
            )
            self._channels[uniqueid] = known
        return known

    def new(
        self,
        endpoint: str,
        *,
        caller: str | None = None,
        exten: str = "",
        context: str = "from-internal",
        within: str | None = None,
    ) -> str:
        """A channel appears."""
        uniqueid = self.channel(
            endpoint, caller=caller, exten=exten, context=context, within=within
        )
        self.play(ami.Newchannel(self.now, self.at(uniqueid)))
        return uniqueid

    def dial(self, caller: str, endpoint: str, dial_string: str = "") -> str:
        """One channel calls an endpoint."""
        dest = self.new(endpoint, within=self.at(caller).linkedid)
        self.play(ami.DialBegin(self.now, self.at(caller), self.at(dest), dial_string))
        return dest

    def ring(self, uniqueid: str) -> None:
        """A called phone rings."""
        self.play(ami.Newstate(self.now, self.at(uniqueid, "Ringing")))

    def dial_end(self, caller: str, dest: str, status: str) -> None:
        """An attempt is over."""
        self.play(ami.DialEnd(self.now, self.at(caller), self.at(dest), status))

    def up(self, uniqueid: str) -> None:
        """A channel is answered."""
        self.play(ami.Newstate(self.now, self.at(uniqueid, "Up")))

    def enter(self, bridge: str, *uniqueids: str, technology: str = "simple_bridge") -> None:
        """Channels join a bridge."""
        for uniqueid in uniqueids:
            self.play(ami.BridgeEnter(self.now, self.at(uniqueid), bridge, technology))

    def leave(self, bridge: str, *uniqueids: str) -> None:
        """Channels leave a bridge."""
        for uniqueid in uniqueids:
            self.play(ami.BridgeLeave(self.now, self.at(uniqueid), bridge))

    def far_end_hangs_up(self, uniqueid: str) -> None:
        """BYE or CANCEL comes in on a channel."""
        self.play(ami.HangupRequest(self.now, self.at(uniqueid), None))

    def hang_up(self, *uniqueids: str, cause: int | None = 16) -> None:
        """Channels are gone."""
        for uniqueid in uniqueids:
            self.play(ami.Hangup(self.now, self.at(uniqueid), cause))

    def list_channels(self, *uniqueids: str, bridge: str | None = None, age_s: int = 0) -> None:
        """The answer to CoreShowChannels names these and is complete."""
        for uniqueid in uniqueids:
            self.play(ami.CoreShowChannel(self.now, self.at(uniqueid), bridge, age_s * 1000))
        self.play(ami.CoreShowChannelsComplete(self.now))

    def ended(self) -> list[Call]:
        """All calls that are over, as they were last told."""
        return [fact.call for fact in self.facts if isinstance(fact, CallEnded)]

    def only_call(self) -> Call:
        """The one call there was; nothing of it is left in memory."""
        (call,) = self.ended()
        assert self.tracker.live_count == 0
        assert self.tracker.channel_count == 0
        return call
