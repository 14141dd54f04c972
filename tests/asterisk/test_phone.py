"""Phone to phone through a real Asterisk: what both ends see is the same call."""

import asyncio

import pytest

from tests.asterisk.office import Office, open_office
from tests.asterisk.pbx import Pbx
from tests.asterisk.phone import Answer, EarlyMedia, ReceivedCall, Refuse, Unexpected

pytestmark = pytest.mark.asterisk

_TOLERANCE_MS = 100


async def test_both_ends_see_the_same_answered_call(office: Office) -> None:
    """Ringing, answer and end reach the other phone at once, and each knows who hung up."""
    department = office.departments[0]
    client = department.client(Answer(ring_s=0.3))

    placed = department.operator(1).call(client.national)
    await placed.answered()
    placed.hang_up()
    await department.settled()

    (received,) = client.calls
    assert (placed.times.ended_by, received.times.ended_by) == ("this", "other")
    for moment in ("ringing_at", "answered_at", "ended_at"):
        here, there = getattr(placed.times, moment), getattr(received.times, moment)
        assert abs(here - there) < _TOLERANCE_MS, moment
    assert placed.times.answered_at is not None
    assert placed.times.ringing_at is not None
    assert 250 < placed.times.answered_at - placed.times.ringing_at < 400


async def test_the_called_phone_hangs_up(office: Office) -> None:
    """A BYE of the called side ends the call at the caller."""
    department = office.departments[0]
    client = department.client(Answer(ring_s=0.1, talk_s=0.2))

    placed = department.operator(1).call(client.national)
    await placed.ended()

    assert (placed.times.ended_by, placed.times.code) == ("other", 200)


async def test_a_caller_who_gives_up_stops_the_ringing(office: Office) -> None:
    """CANCEL before the answer ends the call at the called phone, unanswered."""
    department = office.departments[0]
    client = department.client()

    placed = department.operator(1).call(client.national)
    await placed.rings()
    placed.hang_up()
    await department.settled()

    (received,) = client.calls
    assert received.times.ended_by == "other"
    assert (placed.times.answered_at, received.times.answered_at) == (None, None)


@pytest.mark.parametrize("code", [404, 480, 486, 503, 603])
async def test_a_refusal_reaches_the_caller(office: Office, code: int) -> None:
    """Whatever the provider refuses with, the caller is refused and nobody has talked."""
    department = office.departments[0]
    client = department.client(Refuse(code))

    placed = department.operator(1).call(client.national)

    with pytest.raises(Unexpected, match="did not be answered"):
        await placed.answered()
    assert client.calls[0].times.code == code
    assert placed.times.ended_by == "other"
    assert placed.times.code is not None
    assert placed.times.code >= 400


async def test_early_media_reaches_the_caller(office: Office) -> None:
    """A 183 of the provider is told to the caller as 183, not as ringing."""
    department = office.departments[0]
    client = department.client(EarlyMedia(ring_s=0.2))

    placed = department.operator(1).call(client.national)
    await placed.answered()
    placed.hang_up()

    assert placed.times.progress_at is not None
    assert placed.times.ringing_at is None


async def test_a_client_reaches_an_operator_by_did(office: Office) -> None:
    """The operator's phone rings with the client's number on its display."""
    department = office.departments[0]
    operator = department.operator(2)
    operator.script = Answer(ring_s=0.1)
    client = department.client()

    placed = client.call(department.direct_did(2))
    received = await operator.incoming()
    await placed.answered()
    placed.hang_up()

    assert "+" + received.caller == client.number


async def test_a_hundred_calls_at_once(office: Office, pbx: Pbx) -> None:
    """A hundred calls that talk at the same moment are all answered and all end."""
    talking = 0
    everybody_talks = asyncio.Event()

    async def answer_and_wait_for_all(call: ReceivedCall) -> None:
        nonlocal talking
        call.ring()
        call.answer()
        talking += 1
        if talking == 100:
            everybody_talks.set()

    clients = [office.new_client(answer_and_wait_for_all) for _ in range(100)]
    phones = [department.operator(1) for department in office.departments]
    placed = [
        phones[place % len(phones)].call(client.national) for place, client in enumerate(clients)
    ]
    async with asyncio.timeout(10):
        await everybody_talks.wait()
        await asyncio.gather(*(call.answered() for call in placed))
    shown = await asyncio.to_thread(pbx.cli, "core show channels count")
    for call in placed:
        call.hang_up()
    await asyncio.gather(*(client.calls[0].ended() for client in clients))

    assert "200 active channels" in shown


async def test_a_call_is_recorded_where_the_host_finds_it(office: Office, pbx: Pbx) -> None:
    """MixMonitor's file of an answered call lies below the recordings folder, by year and month."""
    department = office.departments[0]
    client = department.client(Answer(ring_s=0.1, talk_s=0.1))

    await department.operator(1).call(client.national).ended()

    names = [file.name for file in pbx.recordings.glob("20??/??/??/*.wav")]
    assert any(name.startswith(f"out-{client.national}-101-") for name in names), names


async def test_a_script_that_fails_fails_the_test(pbx: Pbx) -> None:
    """An error inside a phone's script is raised when the phone is closed."""

    async def stumble(_call: ReceivedCall) -> None:
        raise LookupError("stumbled")

    async def call_one_who_stumbles() -> None:
        async with open_office(pbx) as office:
            department = office.departments[0]
            call = department.operator(1).call(department.client(stumble).national)
            await office.provider.incoming()
            call.hang_up()
            await call.ended()

    with pytest.raises(ExceptionGroup, match="scripts of provider failed") as caught:
        await call_one_who_stumbles()

    assert caught.group_contains(LookupError, match="stumbled")
