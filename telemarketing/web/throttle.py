"""How often somebody may try a password: a wait that grows with every wrong one.

In: login and address of a try. Out: how many seconds to wait, 0 = go on. Wrong tries are counted
for login and address together, and for each of them alone; whoever has signed in from an address
before is not kept out from there by what others try elsewhere. In memory: a restart forgets.
"""

import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import ceil

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

_AT_ONCE = 20
"""Tries from one address whose answer is not known yet."""
_KNOWN_LIMIT = 10_000


@dataclass(slots=True)
class Try:
    """One password on its way."""

    wait_s: int
    """0 = it may be looked at."""
    wrong: bool = field(default=False)
    """Set when it was not the right one."""


class Throttle:
    """Counts wrong tries.

    Args:
        together: limits for a login from one address, `5 per 30 seconds;10 per 5 minutes`.
        address: limits for an address, whatever the login.
        login: limits for a login, from whatever address.
    """

    def __init__(
        self,
        together: str = "5 per 30 seconds;10 per 5 minutes;30 per hour",
        address: str = "30 per minute;200 per hour",
        login: str = "30 per 5 minutes",
    ) -> None:
        """See the class."""
        self._together = parse_many(together)
        self._address = parse_many(address)
        self._login = parse_many(login)
        self._windows = MovingWindowRateLimiter(MemoryStorage())
        self._under_way: Counter[str] = Counter()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    @asynccontextmanager
    async def attempt(self, login: str, address: str) -> AsyncIterator[Try]:
        """Give a try; in the end it is counted, if it was a wrong one.

        Args:
            login: folded.
            address: of the client, behind all proxies.
        """
        place = _neighbourhood(address)
        one = Try(await self._wait_s(login, place))
        if one.wait_s:
            yield one
            return
        self._under_way[place] += 1
        try:
            yield one
        finally:
            self._under_way[place] -= 1
            if not self._under_way[place]:
                del self._under_way[place]
        if one.wrong:
            for item, *names in self._counters(login, place):
                await self._windows.hit(item, *names)
        else:
            await self._forgive(login, place)

    async def _wait_s(self, login: str, place: str) -> int:
        if self._under_way[place] >= _AT_ONCE:
            return 1
        known = (login, place) in self._known
        ends = [0.0]
        for item, kind, *names in self._counters(login, place):
            window = await self._windows.get_window_stats(item, kind, *names)
            if not window.remaining and not (known and kind == "login"):
                ends.append(window.reset_time)
        return max(0, ceil(max(ends) - time.time()))

    async def _forgive(self, login: str, place: str) -> None:
        for item in self._together:
            await self._windows.clear(item, "together", login, place)
        self._known[login, place] = None
        self._known.move_to_end((login, place))
        if len(self._known) > _KNOWN_LIMIT:
            self._known.popitem(last=False)

    def _counters(
        self, login: str, place: str
    ) -> list[tuple[RateLimitItem, str, *tuple[str, ...]]]:
        return [
            *((item, "together", login, place) for item in self._together),
            *((item, "address", place) for item in self._address),
            *((item, "login", login) for item in self._login),
        ]


def _neighbourhood(address: str) -> str:
    """Give what one household has: an IPv4 address, or the first half of an IPv6 one."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False))
