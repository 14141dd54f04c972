"""The living call centre: what it plays, and that all of it is heard."""

import asyncio
import itertools
from collections import Counter
from dataclasses import replace
from random import Random

from telemarketing.model.call import Call, Direction, Disposition
from telemarketing.pbxsim import group, inbound, internal, outbound
from telemarketing.pbxsim.casting import MIX, OUTBOUND, Casting
from telemarketing.pbxsim.office import CLIENT_COUNT, WITHHELD, Office, client_number
from telemarketing.pbxsim.pace import Pace
from telemarketing.pbxsim.script import Scene, Script
from telemarketing.pbxsim.simulation import Simulation
from telemarketing.phones import Numbering
from tests.pbxsim.ear import SECRET, listening


def casting(seed: int = 1) -> Casting:
    """A casting of an ordinary office."""
    return Casting(Office(), Pace(), Random(seed), 0)  # noqa: S311


def free(_extension: str) -> bool:
    """Everybody has time."""
    return True


def nobody_is_free(_extension: str) -> bool:
    """Everybody is on the telephone."""
    return False


def day(seed: int, count: int = 400) -> list[tuple[Scene, Script]]:
    """So many calls, each remembered as over before the next one."""
    cast = casting(seed)
    calls = []
    for _ in range(count):
        scene, script = cast.next_call(free)
        cast.has_ended(scene, script)
        calls.append((scene, script))
    return calls


def test_the_same_seed_gives_the_same_calls() -> None:
    """And another one others."""
    assert day(1) == day(1)
    assert day(1) != day(2)


def test_who_is_free_changes_no_later_call() -> None:
    """The scenes and their lengths stay what they were, and so do the callers."""
    one, other = casting(), casting()
    chosen = [one.next_call(free) for _ in range(50)]
    again = [other.next_call(lambda extension: extension != "102") for _ in range(50)]

    for (scene, script), (same_scene, same_script) in zip(chosen, again, strict=True):
        assert same_scene is scene
        assert replace(same_script, extensions=script.extensions) == script


def test_a_day_has_every_scene() -> None:
    """Also withheld numbers, and talks on both sides of seven minutes."""
    calls = day(1)

    assert {scene for scene, _ in calls} == set(MIX)
    assert any(script.number == WITHHELD for _, script in calls)
    lengths = [script.talk_s for _, script in calls]
    assert min(lengths) < 60
    assert 300 < len([length for length in lengths if length < 420]) < 380


def test_those_who_were_called_in_vain_call_back_and_are_called_back() -> None:
    """In both directions, and only after the call in vain."""
    tried: set[str] = set()
    missed: set[str] = set()
    callbacks = Counter[str]()
    for scene, script in day(1):
        ours = scene.__module__ == outbound.__name__
        if ours and script.number in missed:
            callbacks["we call back"] += 1
        talks = scene in (inbound.answered, inbound.client_hangs_up, group.answered)
        if talks and script.number in tried:
            callbacks["they call back"] += 1
        if scene is outbound.no_answer:
            tried.add(script.number)
        if scene in (inbound.missed, group.missed):
            missed.add(script.number)

    assert callbacks["we call back"] > 5
    assert callbacks["they call back"] > 5


def test_when_nobody_is_free_a_client_finds_us_busy() -> None:
    """Whatever else would have come."""
    scene, script = casting().next_call(nobody_is_free)

    assert scene is inbound.busy
    assert len(script.extensions) == 1


def test_a_client_finds_busy_only_who_is_busy() -> None:
    """Never the one who is free, though two were needed."""
    cast = casting()
    calls = [cast.next_call(lambda extension: extension == "104") for _ in range(300)]

    found_busy = {script.extensions for scene, script in calls if scene is inbound.busy}
    assert found_busy == {("101",), ("102",), ("103",)}
    assert all(script.extensions == ("104",) for scene, script in calls if scene in OUTBOUND)


def test_a_scene_gets_as_many_people_as_it_needs() -> None:
    """Two colleagues, a group of up to three, else one; never one of them twice."""
    for scene, script in day(3):
        counts = {internal: 2, group: 3}
        needed = next(
            (count for module, count in counts.items() if module.__name__ == scene.__module__), 1
        )
        assert len(set(script.extensions)) == len(script.extensions) == needed


def test_every_number_outside_is_a_number_of_its_own() -> None:
    """The product reads them as Ukrainian mobiles."""
    normalise = Numbering("UA").normalise
    numbers = [client_number(index) for index in range(0, CLIENT_COUNT, 997)]

    assert len({normalise(number) for number in numbers} - {None}) == len(numbers)


def talks_of(extension: str, calls: list[Call]) -> list[tuple[int, int]]:
    """From when until when somebody talked, in order."""
    return sorted(
        (call.answered_at, call.ended_at)
        for call in calls
        if call.answered_at is not None and call.ended_at is not None
        for one in call.operators
        if one.extension == extension and one.talk_ms
    )


async def live_until(simulation: Simulation, count: int) -> list[Call]:
    """Let it live until so many calls have been heard to end."""
    async with listening(simulation) as ear:
        living = asyncio.create_task(simulation.live())
        calls = await ear.ended(count)
        living.cancel()
        assert ear.link.rights.missing == []
    return calls


async def test_a_living_call_centre_is_heard_whole() -> None:
    """Many calls at once, of all directions, none without an end, none of nobody."""
    pace = Pace(calls_per_s=200, ring_s=0.05, talk_s=0.05)
    office = Office(tuple(str(101 + place) for place in range(60)))
    async with Simulation(secret=SECRET, pace=pace, office=office) as simulation:
        calls = await live_until(simulation, 150)

    assert {call.direction for call in calls} == set(Direction)
    dispositions = Counter(call.disposition for call in calls)
    assert set(dispositions) == set(Disposition) - {Disposition.UNKNOWN}
    assert dispositions[Disposition.ANSWERED] > 50
    assert len({call.key for call in calls}) == len(calls)
    assert all(call.operators for call in calls)


async def test_in_the_opening_a_client_who_was_called_in_vain_calls_back() -> None:
    """Somebody else is answered meanwhile; chance has no part in it."""
    pace = Pace(calls_per_s=1e-6, ring_s=0.08)
    simulation = Simulation(secret=SECRET, pace=pace)
    async with simulation, listening(simulation) as ear:
        living = asyncio.create_task(simulation.live(with_opening=True))
        in_vain, stranger, callback = await ear.ended(3)
        living.cancel()

    assert in_vain.direction is Direction.OUTBOUND
    assert in_vain.disposition is Disposition.NO_ANSWER
    assert stranger.direction is callback.direction is Direction.INBOUND
    assert callback.disposition is Disposition.ANSWERED
    assert callback.number == in_vain.number != stranger.number


async def test_nobody_is_on_two_calls_at_once() -> None:
    """A small office at a high rate: whoever rings then finds it busy."""
    pace = Pace(calls_per_s=40, ring_s=0.02, talk_s=0.05)
    async with Simulation(secret=SECRET, pace=pace, office=Office(("101", "102"))) as simulation:
        calls = await live_until(simulation, 40)

    assert any(call.disposition is Disposition.BUSY for call in calls)
    talks = {extension: talks_of(extension, calls) for extension in ("101", "102")}
    assert sum(map(len, talks.values())) > 5
    for of_one in talks.values():
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(of_one))
