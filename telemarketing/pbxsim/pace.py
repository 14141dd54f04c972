"""How fast the simulated call centre lives: lengths of ringing and talk, and how often it rings.

In: a source of chance. Out: seconds. The proportions are those of cold calls: most talks are short,
some go past seven minutes; `talk_s` and `ring_s` move all of them together.
"""

from dataclasses import dataclass
from random import Random

_RINGS = (0.3, 1.7)
_SHARES = (0.55, 0.30, 0.15)
_TALKS = ((0.1, 0.6), (0.6, 2.2), (3.6, 5.0))
"""Short, ordinary and long talks; with 120 s the last are 7:12 to 10:00."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What the lengths and pauses are drawn from."""

    calls_per_s: float = 1 / 30
    """New calls; they come by chance, not in step."""
    ring_s: float = 8.0
    """A middling ringing."""
    talk_s: float = 120.0
    """A middling talk."""

    def pause_s(self, rng: Random) -> float:
        """Draw the time until the next call begins."""
        return rng.expovariate(self.calls_per_s)

    def ringing_s(self, rng: Random) -> float:
        """Draw how long a telephone rings."""
        return self.ring_s * rng.uniform(*_RINGS)

    def talking_s(self, rng: Random) -> float:
        """Draw how long two people talk."""
        (talks,) = rng.choices(_TALKS, _SHARES)
        return self.talk_s * rng.uniform(*talks)
