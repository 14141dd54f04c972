"""What a scene needs to know before it is played: who takes part, and for how long.

In: nothing. Out: a plain value. A scene is a coroutine that plays one call from its first to its
last event, in real time.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telemarketing.pbxsim.pbx import Pbx


@dataclass(frozen=True, slots=True)
class Script:
    """One call to come."""

    extensions: tuple[str, ...]
    """Ours that take part: who dials, or who is rung; the last one of a group answers."""
    number: str
    """The outside party in national form, or `office.WITHHELD`; empty = nobody from outside."""
    ring_s: float
    talk_s: float


Scene = Callable[[Pbx, Script], Awaitable[None]]
