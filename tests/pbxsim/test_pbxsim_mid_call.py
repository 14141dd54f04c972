"""Calls that are in progress when the link comes up, or through whose middle it goes down."""

import asyncio
import wave
from dataclasses import replace
from pathlib import Path

from telemarketing.ami.link import LinkState
from telemarketing.clock import now_ms
from telemarketing.crm.call_merge import merge
from telemarketing.model.call import Call, Direction, Disposition
from telemarketing.pbxsim import group, outbound
from telemarketing.pbxsim.history import call_in_progress
from telemarketing.pbxsim.office import as_the_trunk_says
from telemarketing.pbxsim.pace import Pace
from telemarketing.pbxsim.script import Script
from telemarketing.pbxsim.simulation import Simulation
from tests.pbxsim.ear import SECRET, Ear, listening

SCRIPT = Script(("101",), "0501000007", 0.1, 0.6)


def seconds_of(folder: Path, linkedid: str) -> float:
    """Length of the only recording of a call."""
    (path,) = folder.rglob(f"*-{linkedid}.wav")
    with wave.open(str(path)) as file:
        return float(file.getnframes() / file.getframerate())


async def test_calls_in_progress_at_the_connect_are_known_with_their_age() -> None:
    """One of them has run for more than seven minutes; the PBX tells whole seconds."""
    simulation = Simulation(secret=SECRET, talked_s=[380.0, 500.0])
    async with simulation, listening(simulation) as ear:
        await ear.until(lambda: len(ear.tracker.live_calls()) == 2)
        younger, older = sorted(
            ear.tracker.live_calls(), key=lambda call: call.started_at, reverse=True
        )
        operator, line = list(simulation.pbx.channels.values())[:2]

    assert [one.answered_by for one in (younger, older)] == ["101", "102"]
    for call, talked_s in ((younger, 380), (older, 500)):
        assert call.direction is Direction.OUTBOUND
        assert call.placed_by == call.answered_by
        assert not call.seen_from_start
        age_s = (now_ms() - call.started_at) / 1000
        assert talked_s + Pace().ring_s - 1 < age_s < talked_s + Pace().ring_s + 5
    assert younger.number == f"+{as_the_trunk_says(operator.exten)}"
    assert line.caller_number == operator.exten


async def test_calls_in_progress_can_be_stored_with_the_beginning_of_their_talk(
    tmp_path: Path,
) -> None:
    """As the product's rules unite what was stored and what the list of channels tells."""
    simulation = Simulation(secret=SECRET, recordings=tmp_path, talked_s=[500.0])
    async with simulation, listening(simulation) as ear:
        (stored,) = simulation.calls_in_progress()
        await ear.until(lambda: len(ear.tracker.live_calls()) == 1)
        call = merge(stored, ear.tracker.live_calls()[0])

    assert replace(call, operators=(), talk_ms=0) == replace(stored, operators=(), talk_ms=0)
    assert call.answered_at is not None
    assert 500 <= (now_ms() - call.answered_at) / 1000 < 505
    assert call.answered_at - call.started_at >= call.ring_ms > 0


async def test_a_call_is_told_in_progress_as_it_is_heard(tmp_path: Path) -> None:
    """What a daemon that had seen it begin would have stored."""
    simulation = Simulation(secret=SECRET, recordings=tmp_path)
    async with simulation, listening(simulation) as ear:
        playing = asyncio.create_task(outbound.answered(simulation.pbx, SCRIPT))
        await ear.until(lambda: any(call.recordings and _talks(ear) for call in _live(ear)))
        (heard,) = _live(ear)
        told = call_in_progress(
            simulation.pbx.office,
            outbound.answered,
            SCRIPT,
            pbx="main",
            linkedid=heard.linkedid,
            at=heard.started_at,
            answered_at=heard.answered_at or 0,
            recordings=tmp_path,
        )
        await playing

    assert replace(told, ring_ms=0) == replace(heard, ring_ms=0)


async def test_a_call_in_progress_is_heard_to_its_end(tmp_path: Path) -> None:
    """Its recording, named by the Cdr alone, is as long as the talk that nobody heard begin."""
    hardly_any = Pace(calls_per_s=1e-6, ring_s=0.1, talk_s=0.3)
    simulation = Simulation(secret=SECRET, recordings=tmp_path, pace=hardly_any, talked_s=[3.0])
    async with simulation, listening(simulation) as ear:
        living = asyncio.create_task(simulation.live())
        call = await ear.only_call()
        await ear.until(lambda: bool(ear.facts[-1].call.recordings))
        (named,) = ear.facts[-1].call.recordings
        living.cancel()

    assert named.endswith(f"-{call.linkedid}.wav")
    assert 3.3 <= seconds_of(tmp_path, call.linkedid) < 3.3 + 0.5
    assert call.disposition is Disposition.ANSWERED


async def test_a_link_lost_in_mid_call_gives_the_call_once_with_its_true_times(
    tmp_path: Path,
) -> None:
    """The list of the new session names the channels that are known already."""
    simulation = Simulation(secret=SECRET, recordings=tmp_path)
    async with simulation, listening(simulation) as ear:
        playing = asyncio.create_task(outbound.answered(simulation.pbx, SCRIPT))
        await ear.until(lambda: bool(ear.tracker.live_calls()) and _talks(ear))
        simulation.server.drop_connections()
        await ear.until(lambda: ear.losses == 1)
        async with asyncio.timeout(10):
            await ear.link.reached(LinkState.FOLLOWING)
        assert not playing.done(), "the link was up again only after the call"
        await playing
        call = await ear.only_call()

    assert call.disposition is Disposition.ANSWERED
    assert abs(call.ring_ms / 1000 - SCRIPT.ring_s) < 0.1
    assert abs(call.talk_ms / 1000 - SCRIPT.talk_s) < 0.1
    assert len(call.recordings) == 1
    assert not call.end_estimated


async def test_a_link_that_comes_up_in_mid_call_understands_the_rest() -> None:
    """A group is ringing: its call is one, inbound, and answered by who answers."""
    script = Script(("101", "102", "103"), "0501000007", 0.4, 0.3)
    async with Simulation(secret=SECRET) as simulation:
        playing = asyncio.create_task(group.answered(simulation.pbx, script))
        async with listening(simulation) as ear:
            assert not playing.done()
            await playing
            call = await ear.only_call()

    assert call.direction is Direction.INBOUND
    assert call.number == "+380501000007"
    assert call.did == "380443002100"
    assert call.answered_by == "103"
    assert not call.seen_from_start
    assert abs(call.talk_ms / 1000 - script.talk_s) < 0.1


def _live(ear: Ear) -> list[Call]:
    return ear.tracker.live_calls()


def _talks(ear: Ear) -> bool:
    return all(call.answered_at is not None for call in ear.tracker.live_calls())
