"""What followers are told."""

import asyncio

from telemarketing.live import Live
from telemarketing.model.changes import LeadChanged


async def test_every_follower_gets_every_change_in_order() -> None:
    """Two who follow read the same, one who came later only what came later."""
    live = Live()
    with live.follow() as first, live.follow() as second:
        live.publish(LeadChanged(1))
        with live.follow() as late:
            live.publish(LeadChanged(2))
            assert await first.read() == ([LeadChanged(1), LeadChanged(2)], False)
            assert await second.read() == ([LeadChanged(1), LeadChanged(2)], False)
            assert await late.read() == ([LeadChanged(2)], False)


async def test_who_does_not_read_is_told_that_something_was_missed() -> None:
    """Memory stays bounded, and the reader knows that anything may have changed."""
    live = Live()
    with live.follow() as follower:
        for lead_id in range(25_000):
            live.publish(LeadChanged(lead_id))
        changes, missed = await follower.read()
        assert missed
        assert len(changes) <= 10_000
        assert changes[-1] == LeadChanged(24_999)
        live.publish(LeadChanged(7))
        assert await follower.read() == ([LeadChanged(7)], False)


async def test_who_has_left_is_told_nothing() -> None:
    """A follower that is gone wakes nobody."""
    live = Live()
    with live.follow() as follower:
        waiting = asyncio.ensure_future(follower.read())
        await asyncio.sleep(0)
    live.publish(LeadChanged(1))
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
