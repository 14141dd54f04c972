"""The life of the simulated call centre: calls begin by chance, and many go on at once.

In: a PBX and a casting. Out: scenes being played until somebody ends it. With the opening, the
first half minute is the same every time: what the product is for, to be seen at once.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from telemarketing.pbxsim import inbound, outbound
from telemarketing.pbxsim.casting import Casting
from telemarketing.pbxsim.live_call import LiveCall, call_from_extension
from telemarketing.pbxsim.pace import Pace
from telemarketing.pbxsim.pbx import Pbx
from telemarketing.pbxsim.recording_names import Kind
from telemarketing.pbxsim.script import Scene, Script

_OPENING_WAITS = (0.25, 1.0, 2.0)
"""Before each scene of the opening; like the next two, in middling ringings of the pace."""
_OPENING_RING = 0.75
_OPENING_TALK = 5.0


@dataclass(frozen=True, slots=True)
class InProgress:
    """An outgoing call whose people talk, and will for the `talk_s` of its script."""

    call: LiveCall
    script: Script
    answered_at: int
    """Epoch milliseconds."""


class CallCentre:
    """Plays calls on a PBX.

    Args:
        pbx: on which.
        casting: what is played.
        pace: how often.
        rng: the chance in the pauses; another one than the casting's, so that what is played does
            not depend on when.
    """

    def __init__(self, pbx: Pbx, casting: Casting, pace: Pace, rng: Random) -> None:
        """See the class."""
        self._pbx = pbx
        self._casting = casting
        self._pace = pace
        self._rng = rng
        self._busy: set[str] = set()
        self.in_progress: list[InProgress] = []
        """Those that were going on before it began to live, and still are."""

    def begin_in_mid_call(self, talked_s: Sequence[float]) -> None:
        """Have an operator each talk with a client for so long already; before anybody follows.

        Each goes on for the length of a middling talk.
        """
        for extension, ago_s in zip(self._pbx.office.extensions, talked_s, strict=False):
            script = self._casting.talk_with_stranger(extension)
            self.in_progress.append(_begun(self._pbx, script, ago_s))
            self._busy.add(extension)

    async def run(self, *, with_opening: bool) -> None:
        """Live until cancelled.

        Args:
            with_opening: begin with the half minute in which a client who was called in vain calls
                back; chance comes after it.

        Raises:
            ExceptionGroup: of OSError, when a recording could not be written.
        """
        async with asyncio.TaskGroup() as calls:
            for talk in self.in_progress:
                calls.create_task(self._finish(talk))
            if with_opening:
                await self._open(calls)
            due_s = asyncio.get_running_loop().time()
            while True:
                due_s += self._pace.pause_s(self._rng)
                await asyncio.sleep(due_s - asyncio.get_running_loop().time())
                scene, script = self._casting.next_call(self._is_free)
                calls.create_task(self._play(scene, script))

    def _is_free(self, extension: str) -> bool:
        return extension not in self._busy

    async def _play(self, scene: Scene, script: Script) -> None:
        if scene is inbound.busy:
            await scene(self._pbx, script)
        else:
            self._busy.update(script.extensions)
            await scene(self._pbx, script)
            self._busy.difference_update(script.extensions)
        self._casting.has_ended(scene, script)

    async def _finish(self, talk: InProgress) -> None:
        await asyncio.sleep(talk.script.talk_s)
        self.in_progress.remove(talk)
        await talk.call.hang_up(by=talk.call.caller)
        self._busy.difference_update(talk.script.extensions)

    async def _open(self, calls: asyncio.TaskGroup) -> None:
        """Let a client be called in vain and call back; another talks to a colleague meanwhile."""
        extensions = self._pbx.office.extensions
        one, other = extensions[-1], extensions[-2 % len(extensions)]
        sought = self._casting.stranger()
        scenes = (
            (outbound.no_answer, one, sought),
            (inbound.answered, other, self._casting.stranger()),
            (inbound.client_hangs_up, one, sought),
        )
        unit_s = self._pace.ring_s
        for wait, (scene, extension, number) in zip(_OPENING_WAITS, scenes, strict=True):
            await asyncio.sleep(wait * unit_s)
            script = Script((extension,), number, _OPENING_RING * unit_s, _OPENING_TALK * unit_s)
            calls.create_task(self._play(scene, script))


def _begun(pbx: Pbx, script: Script, talked_s: float) -> InProgress:
    """Place an outgoing call so that its talk began so many seconds ago."""
    with pbx.earlier(talked_s + script.ring_s):
        call = call_from_extension(pbx, script.extensions[0], script.number, Kind.OUTBOUND)
        client = call.dial_client(script.number)
        call.ring(client)
    with pbx.earlier(talked_s):
        call.answer(client)
        return InProgress(call, script, pbx.now_ms())
