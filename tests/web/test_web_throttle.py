"""How long wrong passwords make one wait."""

import asyncio
from contextlib import AsyncExitStack

from telemarketing.web.throttle import Throttle

HERE, THERE = "203.0.113.5", "198.51.100.7"


async def wrong(throttle: Throttle, login: str, address: str, count: int = 1) -> int:
    """Try wrong passwords, and give the wait before the last of them."""
    wait_s = 0
    for _ in range(count):
        async with throttle.attempt(login, address) as one:
            one.wrong = True
            wait_s = one.wait_s
    return wait_s


async def right(throttle: Throttle, login: str, address: str) -> int:
    """Try the right password, and give the wait before it."""
    async with throttle.attempt(login, address) as one:
        return one.wait_s


async def test_the_wait_grows_with_the_tries() -> None:
    """Half a minute at first, then minutes."""
    throttle = Throttle(together="2 per 30 seconds;4 per 5 minutes")
    assert await wrong(throttle, "ivan", HERE, 2) == 0
    assert 0 < await wrong(throttle, "ivan", HERE) <= 30

    longer = Throttle(together="20 per second;4 per 5 minutes")
    assert await wrong(longer, "ivan", HERE, 4) == 0
    assert 30 < await wrong(longer, "ivan", HERE) <= 300


async def test_the_right_password_forgives_what_was_wrong() -> None:
    """A person who mistypes now and then never has to wait."""
    throttle = Throttle(together="2 per hour")
    for _ in range(5):
        assert await wrong(throttle, "ivan", HERE) == 0
        assert await right(throttle, "ivan", HERE) == 0


async def test_an_address_that_tries_many_logins_waits() -> None:
    """One password for everybody is a way of guessing too; a neighbour's address is its own."""
    throttle = Throttle(address="3 per hour")
    for n in range(3):
        assert await wrong(throttle, f"login{n}", HERE) == 0

    assert await wrong(throttle, "login9", HERE) > 0
    assert await wrong(throttle, "login9", THERE) == 0


async def test_all_addresses_of_one_household_are_one() -> None:
    """Whoever has an IPv6 connection has 2^64 addresses."""
    throttle = Throttle(together="2 per hour")
    for n in range(2):
        assert await wrong(throttle, "ivan", f"2001:db8::{n}") == 0

    assert await wrong(throttle, "ivan", "2001:db8::ffff") > 0
    assert await wrong(throttle, "ivan", "2001:db8:0:1::1") == 0


async def test_guessing_elsewhere_does_not_keep_a_person_out() -> None:
    """Where one has signed in before, one gets in, however many others try this login."""
    throttle = Throttle(login="3 per hour")
    assert await right(throttle, "ivan", HERE) == 0
    for n in range(3):
        assert await wrong(throttle, "ivan", f"198.51.100.{n}") == 0

    assert await wrong(throttle, "ivan", "198.51.100.9") > 0
    assert await right(throttle, "ivan", HERE) == 0


async def test_tries_at_once_are_counted_before_they_are_answered() -> None:
    """A thousand passwords in one moment are not looked at before the first of them is wrong."""
    throttle = Throttle()
    async with AsyncExitStack() as stack:
        tries = await asyncio.gather(
            *(stack.enter_async_context(throttle.attempt("ivan", HERE)) for _ in range(100))
        )

    assert sum(one.wait_s == 0 for one in tries) <= 20
