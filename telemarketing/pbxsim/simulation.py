"""The whole simulated PBX, put together: clock, channels, manager interface, call centre.

In: where to listen, where to record, how to live. Out: a port that speaks AMI. Tests play scenes on
`pbx` themselves; the demo and load let it `live()`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Self

from telemarketing import clock
from telemarketing.model.call import Call
from telemarketing.pbxsim import outbound
from telemarketing.pbxsim.actions import Headers, answer
from telemarketing.pbxsim.call_centre import CallCentre
from telemarketing.pbxsim.casting import Casting
from telemarketing.pbxsim.history import call_in_progress
from telemarketing.pbxsim.office import FIRST_OF_HISTORY, Office
from telemarketing.pbxsim.pace import Pace
from telemarketing.pbxsim.pbx import Pbx
from telemarketing.pbxsim.recorder import Recorder
from telemarketing.pbxsim.server import ManagerServer

DEFAULT_OFFICE = Office()
DEFAULT_PACE = Pace()


class Simulation:
    """A PBX on loopback; listens from `async with` on.

    Args:
        port: 0 = any free one; see `port` afterwards.
        username: of its AMI account.
        secret: of that account.
        recordings: folder for sound files; None = nothing is recorded.
        office: its telephones and numbers.
        pace: how fast it lives.
        seed: the same seed gives the same scenes of the same lengths in the same order; who of
            ours is free for them depends on the machine.
        talked_s: for so long some operators are on the telephone already when it begins.
        now_ms: the PBX's clock, epoch milliseconds.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        username: str = "telemarketing",
        secret: str,
        recordings: Path | None = None,
        office: Office = DEFAULT_OFFICE,
        pace: Pace = DEFAULT_PACE,
        seed: int = 1,
        talked_s: Sequence[float] = (),
        now_ms: Callable[[], int] = clock.now_ms,
    ) -> None:
        """See the class."""
        self._recorder = Recorder(recordings, seed) if recordings else None
        self._talked_s = talked_s
        self.server = ManagerServer(
            self._answer,
            port=port,
            username=username,
            secret=secret,
            rng=_rng(seed, "challenges"),
        )
        self.pbx = Pbx(
            office,
            say=self.server.say,
            recorder=self._recorder,
            rng=_rng(seed, "bridges"),
            now_ms=now_ms,
        )
        first_client = _rng(seed, "clients").randrange(FIRST_OF_HISTORY)
        casting = Casting(office, pace, _rng(seed, "casting"), first_client)
        self._centre = CallCentre(self.pbx, casting, pace, _rng(seed, "pauses"))

    async def __aenter__(self) -> Self:
        """Begin the calls that are in progress, then listen; OSError when the port is taken."""
        self._centre.begin_in_mid_call(self._talked_s)
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection without a word, as a restart of Asterisk does."""
        await self.server.__aexit__()
        if self._recorder is not None:
            self._recorder.close()

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return self.server.port

    def calls_in_progress(self, pbx: str = "main") -> list[Call]:
        """Tell the calls of `talked_s` as a daemon would have stored them by now.

        A list of channels does not tell since when two people talk. Whoever stores these before
        the daemon connects has a daemon that was restarted in mid-call, and knows.
        """
        return [
            call_in_progress(
                self.pbx.office,
                outbound.answered,
                talk.script,
                pbx=pbx,
                linkedid=talk.call.caller.linkedid,
                at=talk.call.caller.created_at,
                answered_at=talk.answered_at,
                recordings=self._recorder.root if self._recorder else None,
            )
            for talk in self._centre.in_progress
        ]

    async def live(self, *, with_opening: bool = False) -> None:
        """Play calls until cancelled; see `CallCentre.run`."""
        await self._centre.run(with_opening=with_opening)

    def _answer(self, action: Headers) -> bytes:
        return answer(self.pbx, action)


def _rng(seed: int, purpose: str) -> Random:
    """One source of chance for each purpose, so that none disturbs the others."""
    return Random(f"{seed} {purpose}")  # noqa: S311 - not a secret of any kind
