"""A small PBX for every test that asks, and a link that follows it."""

from collections.abc import AsyncIterator

import pytest

from tests.ami.server import AmiServer, Follower, follow, names


@pytest.fixture
async def pbx() -> AsyncIterator[AmiServer]:
    """A PBX to which nobody has connected yet."""
    async with AmiServer() as server:
        yield server


@pytest.fixture
async def follower(pbx: AmiServer) -> AsyncIterator[Follower]:
    """A link with ordinary settings, in step with `pbx`; its consumer has seen the empty list."""
    async with follow(pbx.port) as following:
        assert names(await following.next(1)) == ["CoreShowChannelsComplete"]
        yield following
