"""How long to wait before the next try: longer each time, and not in step with others.

Pure but for the dice, which may be passed in.
"""

import random
from collections.abc import Callable


class Backoff:
    """Doubling waits with jitter.

    Args:
        first_s: the first wait.
        most_s: no wait is longer.
        dice: gives 0 <= x < 1; each wait is shortened by up to half of it, so that several daemons
            cut off by one restart of a PBX or database do not all come back in one instant.
    """

    def __init__(
        self,
        first_s: float,
        most_s: float,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._dice = dice
        self._next_s = first_s

    def next_s(self) -> float:
        """Return the next wait in seconds."""
        wait_s = min(self._next_s, self._most_s)
        self._next_s = min(wait_s * 2, self._most_s)
        return wait_s * (1 - self._dice() / 2)

    def begin_again(self) -> None:
        """Make the next wait the first one: what was tried has succeeded."""
        self._next_s = self._first_s

    def worked_for(self, lasted_s: float) -> None:
        """Begin again when what was tried held longer than the next wait.

        A connection that is lost as soon as it is made must not be tried at full speed for ever.
        """
        if lasted_s > self._next_s:
            self.begin_again()
