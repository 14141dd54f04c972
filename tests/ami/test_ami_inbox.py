"""When the inbox wants no more, and when it does again."""

from telemarketing.ami.inbox import BATCH_AT_MOST, Inbox
from tests.ami.server import newchannel


async def test_a_full_inbox_is_full_until_half_is_consumed() -> None:
    """Reading begins again once at the low-water mark, not at every batch."""
    inbox = Inbox(3 * BATCH_AT_MOST)
    inbox.put(1, [newchannel(counter) for counter in range(3 * BATCH_AT_MOST - 1)])
    assert not inbox.full
    inbox.put(1, [newchannel(0)])
    assert inbox.full

    await inbox.take()
    assert inbox.full
    await inbox.take()
    assert not inbox.full
