"""Chooses what happens next in the simulated call centre.

In: chance, who of ours is free, and how earlier calls ended. Out: the next scene and its script. It
remembers whom we called in vain, for some of them call back, and who called in vain, for operators
call those back. It plays nothing and knows no clock: the same seed gives the same calls.
"""

from collections import deque
from collections.abc import Callable, Mapping
from random import Random

from telemarketing.pbxsim import group, inbound, internal, outbound
from telemarketing.pbxsim.office import WITHHELD, Office, client_number
from telemarketing.pbxsim.pace import Pace
from telemarketing.pbxsim.script import Scene, Script

_GROUP_AT_MOST = 3
_REMEMBERED = 50
_CALLBACK_SHARE = 0.35
"""So many of the incoming calls are from somebody whom we called in vain, if there is anybody."""
_RECALL_SHARE = 0.5
"""So many of the outgoing calls go to somebody who called in vain, if there is anybody."""
_WITHHELD_SHARE = 0.05

MIX: Mapping[Scene, float] = {
    outbound.answered: 20,
    outbound.client_hangs_up: 12,
    outbound.no_answer: 10,
    outbound.provider_gives_up: 3,
    outbound.busy: 5,
    outbound.rejected: 4,
    outbound.cancelled: 4,
    outbound.failed: 2,
    inbound.answered: 8,
    inbound.client_hangs_up: 8,
    inbound.missed: 5,
    inbound.no_answer: 3,
    group.answered: 7,
    group.missed: 3,
    group.no_answer: 2,
    internal.answered: 3,
    internal.no_answer: 1,
}
"""How often each scene comes, as weights."""

_SCENES = tuple(MIX)
_WEIGHTS = tuple(MIX.values())
OUTBOUND = frozenset(scene for scene in MIX if scene.__module__ == outbound.__name__)
INTERNAL = frozenset(scene for scene in MIX if scene.__module__ == internal.__name__)
GROUP = frozenset(scene for scene in MIX if scene.__module__ == group.__name__)
_IN_VAIN = frozenset(
    {
        outbound.no_answer,
        outbound.provider_gives_up,
        outbound.busy,
        outbound.cancelled,
        inbound.missed,
        inbound.no_answer,
        inbound.busy,
        group.missed,
        group.no_answer,
    }
)


class Casting:
    """Draws one call after the other.

    Args:
        office: whose telephones ring.
        pace: how long they ring, and people talk.
        rng: the only source of chance.
        first_client: strangers appear in the order of their numbers, from this one on.
    """

    def __init__(self, office: Office, pace: Pace, rng: Random, first_client: int) -> None:
        """See the class."""
        self._office = office
        self._pace = pace
        self._rng = rng
        self._next_client = first_client
        self._called_in_vain: deque[str] = deque(maxlen=_REMEMBERED)
        self._to_be_called_back: deque[str] = deque(maxlen=_REMEMBERED)

    def next_call(self, is_free: Callable[[str], bool]) -> tuple[Scene, Script]:
        """Draw a scene and whom it needs; with too few people free, a client finds us busy."""
        rng = self._chance()
        free = [extension for extension in self._office.extensions if is_free(extension)]
        (scene,) = rng.choices(_SCENES, _WEIGHTS)
        needed = 2 if scene in INTERNAL else 1
        if len(free) < needed:
            taken = [extension for extension in self._office.extensions if not is_free(extension)]
            scene, free, needed = inbound.busy, taken or free, 1
        elif scene in GROUP:
            needed = min(_GROUP_AT_MOST, len(free))
        ring_s, talk_s = self._pace.ringing_s(rng), self._pace.talking_s(rng)
        number = "" if scene in INTERNAL else self._number(scene, rng)
        return scene, Script(tuple(rng.sample(free, needed)), number, ring_s, talk_s)

    def talk_with_stranger(self, extension: str) -> Script:
        """Write the script of a middling call to somebody who has not appeared before."""
        return Script((extension,), self.stranger(), self._pace.ring_s, self._pace.talk_s)

    def has_ended(self, scene: Scene, script: Script) -> None:
        """Remember a call that is over, if somebody will want to call back."""
        if scene in _IN_VAIN and script.number != WITHHELD:
            ours = scene in OUTBOUND
            (self._called_in_vain if ours else self._to_be_called_back).append(script.number)

    def stranger(self) -> str:
        """Give the number of somebody who has not appeared before."""
        self._next_client += 1
        return client_number(self._next_client - 1)

    def _chance(self) -> Random:
        """Give each call a chance of its own.

        So who happens to be free, which is a matter of milliseconds, changes no later call.
        """
        return Random(self._rng.getrandbits(64))  # noqa: S311 - chance, no secret

    def _number(self, scene: Scene, rng: Random) -> str:
        if scene in OUTBOUND:
            known, share = self._to_be_called_back, _RECALL_SHARE
        else:
            known, share = self._called_in_vain, _CALLBACK_SHARE
            if rng.random() < _WITHHELD_SHARE:
                return WITHHELD
        return known.popleft() if known and rng.random() < share else self.stranger()
