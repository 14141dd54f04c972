"""Real Asterisks for the tests of this folder: each test runs on 22 and on 16."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.asterisk.build import SUITES
from tests.asterisk.office import Office, open_office
from tests.asterisk.pbx import Pbx


@pytest.fixture(scope="session", params=SUITES, ids="asterisk-{}".format)
def pbx(request: pytest.FixtureRequest) -> Iterator[Pbx]:
    """A running Asterisk, the same for all tests."""
    with Pbx(request.param) as running:
        yield running


@pytest.fixture
async def office(pbx: Pbx) -> AsyncIterator[Office]:
    """Its phones and its provider, new for each test."""
    async with open_office(pbx) as opened:
        yield opened
